"""Showing a function's code in a notebook, so that what you read is what runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


class Source:
    """The code of a function without decorators and docstring; it shows itself as highlighted Python."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.code = _plain(textwrap.dedent(inspect.getsource(function)))

    def __repr__(self) -> str:
        return self.code

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.code}\n```"


def source(function: Callable[..., Any]) -> Source:
    """Return the code of `function` for reading, without its docstring (`help(function)` has that)."""
    if not inspect.isfunction(function):
        raise ValueError(f"function must be a Python function, got {function!r}")
    return Source(function)


def _plain(code: str) -> str:
    """The function without its decorators and its docstring."""
    function, lines = ast.parse(code).body[0], code.splitlines()
    if not isinstance(function, ast.FunctionDef):
        return code.rstrip()
    start, first = function.lineno - 1, function.body[0]
    if ast.get_docstring(function) is not None:
        del lines[first.lineno - 1 : first.end_lineno]
    return "\n".join(lines[start:]).rstrip()
