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
    """Return the code of `function` for reading, without its docstring and types (`help(function)` has both)."""
    if not inspect.isfunction(function):
        raise ValueError(f"function must be a Python function, got {function!r}")
    return Source(function)


def _plain(code: str) -> str:
    """The function without its decorators, the types of its arguments and its docstring."""
    function, lines = ast.parse(code).body[0], code.splitlines()
    if not isinstance(function, ast.FunctionDef):
        return code.rstrip()
    signature = f"def {function.name}({', '.join(_arguments(function.args, code))}):"
    first = function.body[0]
    if first.lineno == function.lineno:  # all in one line
        return f"{signature} {lines[first.lineno - 1][first.col_offset :]}"
    start = first.end_lineno if ast.get_docstring(function) is not None else _end_of_signature(function, lines)
    return "\n".join([signature, *lines[start:]]).rstrip()


def _arguments(arguments: ast.arguments, code: str) -> list[str]:
    """Every argument as it is written, but for its type."""

    def written(argument: ast.arg, default: ast.expr | None) -> str:
        return argument.arg if default is None else f"{argument.arg}={ast.get_source_segment(code, default)}"

    positional = [*arguments.posonlyargs, *arguments.args]
    required = [None] * (len(positional) - len(arguments.defaults))
    shown = [written(*pair) for pair in zip(positional, [*required, *arguments.defaults], strict=True)]
    if arguments.posonlyargs:
        shown.insert(len(arguments.posonlyargs), "/")
    if arguments.vararg:
        shown.append(f"*{arguments.vararg.arg}")
    elif arguments.kwonlyargs:
        shown.append("*")
    shown += [written(*pair) for pair in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    return [*shown, f"**{arguments.kwarg.arg}"] if arguments.kwarg else shown


def _end_of_signature(function: ast.FunctionDef, lines: list[str]) -> int:
    """The number of lines up to the colon after the arguments."""
    parts = [*ast.walk(function.args), *([function.returns] if function.returns else [])]
    end = max([function.lineno, *(getattr(part, "end_lineno", 0) for part in parts)])
    while not lines[end - 1].split("#")[0].rstrip().endswith(":"):
        end += 1
    return end
