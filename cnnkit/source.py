"""Showing a function's code in a notebook, so that what you read is what runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


class Source:
    """The code of a function without its docstring; it shows itself as highlighted Python."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.code = _without_docstring(textwrap.dedent(inspect.getsource(function)))

    def __repr__(self) -> str:
        return self.code

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.code}\n```"


def source(function: Callable[..., Any]) -> Source:
    """Return the code of `function` for reading, without its docstring (`help(function)` has that)."""
    if not inspect.isfunction(function):
        raise ValueError(f"function must be a Python function, got {function!r}")
    return Source(function)


def _without_docstring(code: str) -> str:
    body = ast.parse(code).body[0]
    if not isinstance(body, ast.FunctionDef) or ast.get_docstring(body) is None:
        return code.rstrip()
    first, lines = body.body[0], code.splitlines()
    return "\n".join(lines[: first.lineno - 1] + lines[first.end_lineno :]).rstrip()
