"""Python code without its docstrings: the same lines, so that an error names the right one."""

from __future__ import annotations

import ast


def without_docstrings(code: bytes) -> bytes:
    """The code, each docstring of a function or class replaced by None, which does nothing; a module's by nothing."""
    lines = code.splitlines(keepends=True)
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if ast.get_docstring(node, clean=False) is None:
            continue
        text = node.body[0]
        first, last = text.lineno - 1, (text.end_lineno or text.lineno) - 1
        rest = lines[last][text.end_col_offset :]
        nothing = b"" if isinstance(node, ast.Module) else b"None"  # "from __future__" may follow a module's
        lines[first] = lines[first][: text.col_offset] + nothing + b"\n" * (last - first) + rest
        lines[first + 1 : last + 1] = [b""] * (last - first)
    return b"".join(lines)
