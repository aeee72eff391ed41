"""Which cells of a notebook need PyTorch, which no browser has: decided from the names that a cell uses."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cnnkit.course import SHARED

ROOT = Path(__file__).resolve().parents[2]
TORCH = ("torch", "torchvision", "cnnkit.training")
EITHER = "cnnkit.tracing"  # takes torch's modules, and the course's own networks without torch
Import = ast.Import | ast.ImportFrom
OWN_NAMES = (
    ast.FunctionDef, ast.Lambda, ast.ClassDef, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


def torch_cells(notebook: dict[str, Any]) -> set[int]:
    """The numbers of the cells that use torch, or a name that was made with it in a cell before."""
    made_with_torch: set[str] = set()
    modules: dict[str, str] = {}
    found = set()
    for number, cell in enumerate(notebook["cells"]):
        if cell["cell_type"] != "code":
            continue
        tree = parsed("".join(cell["source"]))
        for name, origin in imported(tree).items():
            home = home_of(*origin)
            if tree_of(home) and home.endswith(f".{origin[1]}") and origin[1] not in inside(home)[1]:
                modules[name] = home  # which of its functions needs torch is seen where they are called
            elif needs_torch(*origin):
                made_with_torch.add(name)
        called = [(modules[name], part) for name, part in parts_read(tree) if name in modules]
        if (read(tree) - bound(tree)) & made_with_torch or any(needs_torch(*origin) for origin in called):
            found.add(number)
            made_with_torch |= bound(tree, own=False)
        else:
            made_with_torch -= bound(tree, own=False)
    return found


def parsed(source: str) -> ast.Module:
    """The syntax tree of a cell, without IPython's own lines."""
    return ast.parse(re.sub(r"(?m)^(\s*)[%!].*", r"\1pass", source))


def imported(tree: ast.AST) -> dict[str, tuple[str, str]]:
    """The names that imports bind, each with its module and its name there ("" for the module itself)."""
    names = {}
    for node in ast.walk(tree):
        for alias in node.names if isinstance(node, Import) else ():
            origin = (node.module or "", alias.name) if isinstance(node, ast.ImportFrom) else (alias.name, "")
            names[alias.asname or alias.name.split(".")[0]] = origin
    return names


def read(tree: ast.AST) -> set[str]:
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def parts_read(tree: ast.AST) -> set[tuple[str, str]]:
    """`module.part`, as pairs."""
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {(node.value.id, node.attr) for node in attributes if isinstance(node.value, ast.Name)}


def bound(tree: ast.Module, *, own: bool = True) -> set[str]:
    """The names that a cell assigns or defines; own: also those that its functions and comprehensions keep."""
    nodes = ast.walk(tree) if own else at_top(tree)
    names = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return names | {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}


def at_top(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes but those inside functions, classes and comprehensions, which have names of their own."""
    for node in ast.iter_child_nodes(tree):
        yield node
        if not isinstance(node, OWN_NAMES):
            yield from at_top(node)


def of_torch(module: str) -> bool:
    return any(f"{module}.".startswith(f"{name}.") for name in TORCH)


@cache
def tree_of(module: str) -> ast.Module | None:
    """The syntax tree of a module of this package."""
    path = ROOT.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(file.read_text(encoding="utf-8")) if module.startswith("cnnkit") and file.exists() else None


@cache
def inside(module: str) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[set[str], set[tuple[str, str]], bool]]]:
    """What a module imports at its top; of each definition, names and parts read, and whether it imports torch."""
    tree = tree_of(module) or ast.Module([], [])
    above = imported(ast.Module([node for node in tree.body if isinstance(node, Import)], []))
    definitions = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    direct = {node.name: any(of_torch(origin) for origin, _ in imported(node).values()) for node in definitions}
    return above, {node.name: (read(node), parts_read(node), direct[node.name]) for node in definitions}


def needs_torch(module: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> bool:
    """Whether a name of a module needs torch: its definition imports it, or uses a name that does."""
    if of_torch(module) or of_torch(f"{module}.{name}"):
        return True
    module = home_of(module, name)
    if (module, name) in seen or module.startswith(EITHER):
        return False
    above, definitions = inside(module)
    if any(of_torch(origin) for origin, _ in above.values()):
        return True
    seen |= {(module, name)}
    chosen = [definitions[name]] if name in definitions else list(definitions.values()) if not name else []
    return any(
        direct
        or any(needs_torch(module, other, seen) for other in (names & definitions.keys()) - {name})
        or any(needs_torch(*above[other], seen) for other in names & above.keys())
        or any(needs_torch(home_of(*above[other]), part, seen) for other, part in parts if other in above)
        for names, parts, direct in chosen
    )


@cache
def home_of(package: str, name: str) -> str:
    """The module that a topic's name comes from: its `namespace` lists them, and so do the shared ones."""
    if tree_of(f"{package}.{name}"):
        return f"{package}.{name}"
    tree = tree_of(package)
    if tree is None or not re.fullmatch(r"cnnkit\.course\.[a-z]+", package):
        return package
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    parts = [
        part
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "namespace"
        for part in ast.literal_eval(call.args[1]).items()
    ]
    homes = SHARED | {f"{package}.{part}": names for part, names in parts}
    home = next((home for home, names in homes.items() if name in names.split()), package)
    return f"{home}.{name}" if tree_of(f"{home}.{name}") else home
