"""The core can be read: a function checks its arguments in one line, and what follows is its formula."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest

import cnnkit
from cnnkit import network

LINES = 15
NAMES = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "avg_pool1d",
    "avg_pool2d",
    "batch_norm",
    "batch_norm2d",
    "binary_cross_entropy_with_logits",
    "conv1d",
    "conv2d",
    "conv_transpose2d",
    "cross_entropy",
    "dropout",
    "fold",
    "group_norm",
    "interpolate",
    "layer_norm",
    "linear",
    "max_pool1d",
    "max_pool2d",
    "max_unpool2d",
    "mse_loss",
    "pad",
    "unfold",
]
FUNCTIONS = [getattr(cnnkit, name) for n in NAMES for name in (n, f"{n}_backward")] + [
    network.adam,
    network.adamw,
    network.rmsprop,
    network.sgd,
]
every = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.__name__)


def body(function: Callable[..., Any]) -> list[ast.stmt]:
    """The statements of a function after its docstring."""
    definition = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    assert ast.get_docstring(definition)
    return definition.body[1:]


def lines(statements: list[ast.stmt]) -> int:
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1


def called(node: ast.AST) -> list[str]:
    return [n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)]


@every
def test_a_body_fits_on_a_slide(function):
    assert lines(body(function)) <= LINES


@every
def test_checks_are_one_call_before_the_formula(function):
    first, *rest = body(function)
    assert [name for name in called(first) if name.startswith("_check")] == called(first)[:1]
    assert [name for statement in rest for name in called(statement) if name.startswith("_check")] == []
    assert not any(isinstance(node, ast.Raise) for statement in (first, *rest) for node in ast.walk(statement))


def test_the_definition_of_a_convolution_is_six_lines():
    assert lines(body(cnnkit.conv2d_loops)) == 6
