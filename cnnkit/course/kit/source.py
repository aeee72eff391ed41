"""Showing a function's code in a notebook, so that what you read is what runs."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


class Source:
    """The code of a function without decorators, type hints and docstring; it shows itself as highlighted Python."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.code = _plain(textwrap.dedent(inspect.getsource(function)))

    def __repr__(self) -> str:
        return self.code

    def _repr_markdown_(self) -> str:
        return f"```python\n{self.code}\n```"


def source(function: Callable[..., Any]) -> Source:
    """Return the code of `function` for reading, without docstring and type hints (`help(function)` has them)."""
    if not inspect.isfunction(function):
        raise ValueError(f"function must be a Python function, got {function!r}")
    return Source(function)


def _plain(code: str) -> str:
    """The function without its decorators, its type hints and its docstring."""
    function, lines = ast.parse(code).body[0], code.splitlines()
    if not isinstance(function, ast.FunctionDef):
        return code.rstrip()
    first = function.body[0]
    if ast.get_docstring(function) is not None:
        start = first.end_lineno or first.lineno
    else:
        start = first.lineno - 1
        while lines[start - 1].lstrip().startswith("#"):  # a comment above the first line belongs to it
            start -= 1
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    arguments = ast.unparse(function.args).replace("'", '"')
    signature = f"def {function.name}({arguments}):"
    return "\n".join([signature, *lines[start:]]).rstrip()
