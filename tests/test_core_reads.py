"""The core is shown in lessons: below its docstring a function reads as its formula, and its checks stand elsewhere."""

import ast
import inspect
import textwrap

import pytest

import cnnkit
from cnnkit.network import adam, sgd

LINES = 15
FORWARD = ["conv2d", "max_pool2d", "avg_pool2d", "batch_norm2d", "dropout", "dropout2d", "linear", "cross_entropy"]
BACKWARD = [f"{name}_backward" for name in FORWARD if name != "dropout2d"]
SHOWN = [getattr(cnnkit, name) for name in [*FORWARD, *BACKWARD, "softmax", "log_softmax"]] + [sgd, adam]


def body(function) -> tuple[list[ast.stmt], list[str]]:
    """The statements of a function below its docstring, and its lines of code."""
    code = textwrap.dedent(inspect.getsource(inspect.unwrap(function)))
    definition = ast.parse(code).body[0]
    statements = definition.body[1:]
    lines = code.splitlines()[statements[0].lineno - 1 :]
    return statements, [line for line in lines if line.strip() and not line.strip().startswith("#")]


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.__name__)
def test_a_function_of_the_core_is_its_formula(function):
    statements, lines = body(function)
    assert len(lines) <= LINES
    assert not [node for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Raise)]
    assert "_check" in lines[0] or len(lines) < 5, "the checks stand in the first line"


def test_the_definition_in_loops_is_six_lines():
    assert len(body(cnnkit.conv2d_loops)[1]) <= 6
