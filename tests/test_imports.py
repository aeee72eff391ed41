"""`import cnnkit` costs numpy and nothing more, and the floors of the package only import downwards."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import cnnkit

PACKAGE = Path(cnnkit.__file__).parent
HEAVY = {"torch", "torchvision", "matplotlib", "PIL", "ipywidgets", "IPython", "scipy", "sklearn"}

# The floors of the package. A module may import from its own floor and from those named here, nothing else of cnnkit.
ALLOWED = {
    "numbers": {"numbers"},
    "data": {"numbers", "data"},
    "figures": {"numbers", "data", "experiments", "figures"},
    "exercises": {"numbers", "exercises"},
    "explorers": {"numbers", "data", "experiments", "figures", "explorers"},
    "claims": {"numbers", "data", "claims"},
    "training": {"numbers", "data", "training"},
    "tracing": {"numbers", "tracing"},
    "environment": {"numbers", "data", "environment"},
    "experiments": {"numbers", "data", "experiments"},
}


def floor(module: str) -> str:
    """'cnnkit.figures.pooling' -> 'figures'; everything that has no floor of its own is numbers."""
    part = [*module.split("."), ""][1]
    return part if part in ALLOWED else "numbers"


def modules() -> dict[str, Path]:
    """Every module of the package and its file; `cnnkit/__init__.py`, which only re-exports, counts as numbers."""
    paths = {p.relative_to(PACKAGE.parent).with_suffix(""): p for p in PACKAGE.rglob("*.py")}
    return {".".join(p.parts).removesuffix(".__init__"): path for p, path in paths.items()}


def imported(tree: ast.AST, package: str) -> set[str]:
    """The full names of all modules that the code under `tree` imports, relative imports resolved."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            names |= {base} | {f"{base}.{alias.name}" for alias in node.names}
    return names


def at_module_level(tree: ast.Module) -> ast.Module:
    """The module without the bodies of its functions: what runs when it is imported."""

    class WithoutFunctions(ast.NodeTransformer):
        def visit_FunctionDef(self, node):
            return None

        visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    return WithoutFunctions().visit(ast.parse(ast.unparse(tree)))


@pytest.mark.parametrize("module", sorted(modules()))
def test_imports_only_go_down(module: str):
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    ours = {name for name in imported(ast.parse(path.read_text("utf-8")), package) if name.startswith("cnnkit.")}
    floors = {floor(name) for name in ours if name.split(".")[1:]}
    assert floors <= ALLOWED[floor(module)], f"{module} imports {sorted(ours)}"


@pytest.mark.parametrize("module", [m for m in sorted(modules()) if floor(m) != "training"])
def test_torch_is_imported_inside_functions_only(module: str):
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    top = {name.split(".")[0] for name in imported(at_module_level(tree), module)}
    anywhere = {name.split(".")[0] for name in imported(tree, module)}
    assert not top & {"torch", "torchvision"}
    if floor(module) == "numbers":
        assert not anywhere & HEAVY
    if floor(module) == "figures":
        assert "torch" not in anywhere
        assert "ipywidgets" not in anywhere


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_import_loads_numpy_and_nothing_heavier():
    extra = loaded_by("import cnnkit") - loaded_by("import numpy")
    assert not {name.split(".")[0] for name in extra} & HEAVY
    assert {name for name in extra if not name.startswith("cnnkit")} <= {"__future__"}


@pytest.mark.parametrize("name", ["claims", "data", "exercises", "explorers", "figures", "check", "trace"])
def test_the_rest_is_imported_when_first_used(name: str):
    assert not [m for m in loaded_by("import cnnkit") if m.startswith((f"cnnkit.{name}", "cnnkit.tracing"))]
    assert "torch" not in loaded_by(f"import cnnkit; cnnkit.{name}")


def test_every_public_name_exists_and_unknown_ones_do_not():
    assert all(hasattr(cnnkit, name) for name in cnnkit.__all__)
    assert len(set(cnnkit.__all__)) == len(cnnkit.__all__)
    assert {"check", "data", "figures"} <= set(dir(cnnkit))
    with pytest.raises(AttributeError, match="no attribute 'dropuot'"):
        _ = cnnkit.dropuot
