"""What a notebook shows of a function is the code that runs."""

from __future__ import annotations

import inspect

import pytest

from cnnkit import batch_norm2d, conv2d, conv2d_loops, max_pool2d_backward, softplus
from cnnkit.course.kit.source import source
from cnnkit.network import sgd


def double(x: int) -> int:
    """Return twice x.

    >>> double(2)
    4
    """
    return 2 * x


def test_docstring_and_types_are_left_out_and_nothing_else() -> None:
    assert repr(source(double)) == "def double(x):\n    return 2 * x"
    assert source(double)._repr_markdown_().startswith("```python\ndef double")


def test_what_is_shown_computes_the_same() -> None:
    names: dict = {}
    exec(repr(source(double)), names)
    assert names["double"](21) == double(21)


@pytest.mark.parametrize("function", [conv2d, conv2d_loops, batch_norm2d, max_pool2d_backward, sgd, softplus])
def test_a_package_function_can_be_shown(function) -> None:
    shown = repr(source(function))
    signature, *body = shown.split("\n")
    names = list(inspect.signature(function).parameters)
    assert signature.startswith(f"def {function.__name__}({names[0]}")
    assert signature.endswith("):")
    assert ": " not in signature
    assert '"""' not in shown
    assert inspect.getsource(function).rstrip().endswith("\n".join(body))
    shape: dict = {}
    exec(f"{signature} pass", shape)
    parameters = inspect.signature(shape[function.__name__]).parameters.values()
    for ours, theirs in zip(parameters, inspect.signature(function).parameters.values(), strict=True):
        assert ours == theirs.replace(annotation=inspect.Parameter.empty)


def test_a_function_without_docstring_is_shown_whole() -> None:
    def bare(x: int) -> int:
        # the other way round
        return -x

    assert repr(source(bare)) == "def bare(x):\n    # the other way round\n    return -x"


def test_every_kind_of_argument_keeps_its_place_and_its_default() -> None:
    def many(
        a: int, /, b: dict[str, int], c: float = 1e-5, *d: int, e: str = "x: y", **f: int
    ) -> tuple[int, ...]:  # the end: here
        return d

    assert repr(source(many)) == 'def many(a, /, b, c=1e-5, *d, e="x: y", **f):\n    return d'


def test_a_function_in_one_line_stays_in_one_line() -> None:
    def short(x: int) -> int: return x + 1  # fmt: skip

    assert repr(source(short)) == "def short(x): return x + 1  # fmt: skip"


@pytest.mark.parametrize("not_a_function", [3, "double", print])
def test_what_has_no_python_code_is_refused(not_a_function: object) -> None:
    with pytest.raises(ValueError, match="function must be a Python function"):
        source(not_a_function)  # type: ignore[arg-type]
