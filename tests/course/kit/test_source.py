"""What a notebook shows of a function is the code that runs."""

from __future__ import annotations

import pytest

from cnnkit import conv2d_loops
from cnnkit.course.kit.source import source


def double(x: int) -> int:
    """Return twice x.

    >>> double(2)
    4
    """
    return 2 * x


def test_docstring_and_type_hints_are_left_out_and_nothing_else() -> None:
    assert repr(source(double)) == "def double(x):\n    return 2 * x"
    assert source(double)._repr_markdown_().startswith("```python\ndef double")


def test_what_is_shown_computes_the_same() -> None:
    names: dict = {}
    exec(repr(source(double)), names)
    assert names["double"](21) == double(21)


def test_a_package_function_can_be_shown() -> None:
    shown = repr(source(conv2d_loops))
    assert shown.startswith("def conv2d_loops(")
    assert '"""' not in shown


def test_a_function_without_docstring_is_shown_whole() -> None:
    def bare(x: int) -> int:
        return -x

    assert repr(source(bare)) == "def bare(x):\n    return -x"


def test_defaults_and_comments_stay() -> None:
    def commented(x: int, *, how: str = "fast", times: float = 0.5) -> int:
        # why
        return int(times * x)  # what

    shown = 'def commented(x, *, how="fast", times=0.5):\n    # why\n    return int(times * x)  # what'
    assert repr(source(commented)) == shown


@pytest.mark.parametrize("not_a_function", [3, "double", print])
def test_what_has_no_python_code_is_refused(not_a_function: object) -> None:
    with pytest.raises(ValueError, match="function must be a Python function"):
        source(not_a_function)  # type: ignore[arg-type]
