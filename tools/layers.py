"""The page docs/layers.md, made of the functions' own docstrings and of the notebooks that call them: `make layers`."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat

import cnnkit
from cnnkit.course import TOPICS
from tools.notebooks import FILES

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "layers.md"
HEAD = """\
# Layers

Every public function, with its formula, its shapes, an example that is run as a test, its source in the literature, and
where the course uses it. `make layers` makes this page from the docstrings and the notebooks.
"""


def page() -> str:
    """The whole page: a list of links for each module, then the entries in the order of the source."""
    modules = {module.__name__: module for module in map(module_of, functions().values())}
    groups = {name: of_module(modules[name]) for name in sorted(modules)}
    contents = [f"- {last(name)}: {', '.join(f'[`{f}`](#{f})' for f in found)}" for name, found in groups.items()]
    blocks = [HEAD, "\n".join(contents)]
    for name, found in groups.items():
        blocks += [f"## {last(name)}", markdown(described(modules[name]).split("\n")[0])]
        blocks += [entry(name, function) for name, function in found.items()]
    return "\n\n".join(block.strip() for block in blocks) + "\n"


def functions() -> dict[str, Callable[..., Any]]:
    """The public functions by name."""
    public = {name: getattr(cnnkit, name) for name in cnnkit.__all__}
    return {name: value for name, value in public.items() if inspect.isfunction(inspect.unwrap(value))}


def module_of(function: Callable[..., Any]) -> ModuleType:
    return sys.modules[function.__module__]


def last(module: str) -> str:
    """'cnnkit.layers.count' -> 'layers.count'."""
    return module.removeprefix("cnnkit.")


def of_module(module: ModuleType) -> dict[str, Callable[..., Any]]:
    """The public functions of one module, in the order of its source."""
    found = {name: function for name, function in functions().items() if module_of(function) is module}
    return dict(sorted(found.items(), key=lambda item: inspect.unwrap(item[1]).__code__.co_firstlineno))


def entry(name: str, function: Callable[..., Any]) -> str:
    """The heading, the call, the docstring and the places of use of one function."""
    return f"### `{name}`\n\n```python\n{call(function)}\n```\n\n{markdown(described(function))}\n\n{use(name)}"


def call(function: Callable[..., Any]) -> str:
    """How a function is called, with the defaults as they stand in the source: 1 / 3 rather than 0.333…"""
    definition = ast.parse(inspect.getsource(inspect.unwrap(function))).body[0]
    assert isinstance(definition, ast.FunctionDef)
    for argument in ast.walk(definition.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    return f"{function.__name__}({ast.unparse(definition.args)})"


def described(thing: Any) -> str:
    """Its docstring without the indentation."""
    return inspect.getdoc(thing) or ""


def markdown(docstring: str) -> str:
    """A docstring as Markdown: formulas and examples in fences, the words that open a paragraph in bold."""
    return "\n\n".join(block for part in docstring.split("\n\n") for block in _blocks(part) if block)


def _blocks(part: str) -> Iterator[str]:
    text, rest = part, ""
    if found := re.search(r"(?m)^(\.\. math::|>>> )", part):
        text, rest = part[: found.start()], part[found.start() :]
    text = "".join(_escaped(piece) for piece in re.split(r"(`[^`]*`)", text.strip("\n")))
    yield re.sub(r"\b(Shapes?|Errors|References?):", r"**\1:**", text)
    if rest.startswith(".. math::"):
        first, *lines = rest.removeprefix(".. math::").split("\n")
        size = next((i for i, line in enumerate(lines) if line[:1].strip()), len(lines))
        formula = inspect.cleandoc("\n".join([first.strip(), *lines[:size]]))
        yield f"```math\n{formula}\n```"
        yield from _blocks("\n".join(lines[size:]))
    elif rest:
        yield f"```python\n{rest.replace('<BLANKLINE>', '')}\n```"


def _escaped(piece: str) -> str:
    return piece if piece.startswith("`") else re.sub(r"([*<$|])", r"\\\1", piece)


def use(name: str) -> str:
    """Where the course takes a function by its name: the notebooks with such a cell, the topics with such a module."""
    calls = [f"[{path.stem}](../{path.relative_to(ROOT).as_posix()})" for path in FILES if name in called(path)]
    behind = [
        f"[{lesson}](../notebooks/{lesson}.ipynb)"
        for topic, lesson in TOPICS.items()
        if any(name in called(path) for path in (ROOT / "cnnkit" / "course" / topic).rglob("*.py"))
    ]
    where = [f"called in {', '.join(calls)}"] * bool(calls) + [f"behind the pages of {', '.join(behind)}"] * bool(
        behind
    )
    return f"**In the course:** {'; '.join(where) or 'no lesson, no lab and no picture calls it by name'}."


@cache
def called(path: Path) -> set[str]:
    """What a notebook's cells, or a module, take from cnnkit and use; torch's functions of the same name are others."""
    nodes = [node for code in codes(path) for node in ast.walk(ast.parse(code))]
    taken: dict[str, str] = {}
    packages: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnnkit"):
            taken |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            packages |= {alias.asname or alias.name for alias in node.names if alias.name == "cnnkit"}
    loaded = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}
    attributes = {
        node.attr
        for node in nodes
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in packages
    }
    return {name for short, name in taken.items() if short in loaded} | attributes


def codes(path: Path) -> list[str]:
    """The code cells of a notebook, its magic lines passed over; or the one text of a module."""
    if path.suffix == ".py":
        return [path.read_text(encoding="utf-8")]
    cells = nbformat.read(path, as_version=4).cells
    return [re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", cell.source) for cell in cells if cell.cell_type == "code"]


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
