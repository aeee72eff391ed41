"""`import cnnkit` costs numpy and nothing more, and the floors of the package only import downwards."""

import ast
import importlib
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import cnnkit
from cnnkit.course import TOPICS

PACKAGE = Path(cnnkit.__file__).parent
HEAVY = {"torch", "torchvision", "matplotlib", "PIL", "ipywidgets", "IPython", "scipy", "sklearn"}

COURSE = "cnnkit.course."

# Which roles a module of each role may import. Core: all of cnnkit beside the course, its data and its training.
# Training loads torch, so experiments import it inside functions.
ALLOWED = {
    "core": {"core"},
    "data": {"core", "data"},
    "tracing": {"core", "tracing"},
    "training": {"core", "data", "training"},
    "numbers": {"core", "data", "numbers", "experiment"},
    "experiment": {"core", "data", "training", "numbers", "experiment"},
    "exercise": {"core", "data", "exercise"},
    "claims": {"core", "data", "claims"},
    "prediction": {"core", "data", "claims", "numbers", "experiment", "exercise", "prediction"},
    "picture": {"core", "data", "numbers", "experiment", "picture"},
    "explorer": {"core", "data", "numbers", "experiment", "picture", "claims", "prediction", "explorer", "view"},
    "view": {"core", "numbers", "picture", "claims", "prediction", "view"},
    "recorder": {"core", "data", "training", "numbers", "experiment", "recorder"},
}

# The roles of what all topics share: `kit.<name>`. In a topic's folder the file's name says the role.
KIT = {
    "view": {"closing", "commit", "live", "touch", "view"},
    "explorer": {"explorer"},
    "exercise": {"exercise", "exercise_stable", "exercise_trial", "exercise_words"},
    "picture": {
        "bands",
        "curves",
        "live_picture",
        "maps",
        "message",
        "palette",
        "picture",
        "seeds",
        "sheet",
        "ticks",
        "told",
    },
    "prediction": {"prediction"},
    "numbers": {
        "activations",
        "axis",
        "borrowed",
        "controls",
        "environment",
        "kernels",
        "photo",
        "recorded",
        "recorder",
        "source",
        "statements",
        "stepwise",
        "timing",
        "training",
        "tune",
        "words",
    },
}


def role(module: str) -> str:
    """What a module is for, by its place and its name: 'cnnkit.course.dropout.mask_numbers' -> 'numbers'."""
    _, part, *rest = [*module.split("."), ""]
    if part != "course":
        return part if part in ALLOWED else "core"
    topic, name, *_ = [*rest, "", ""]
    if topic in ("claims", "exercises", "glossary"):  # those of all topics
        name = topic
    if topic == "predictions":  # and their widgets
        name = "explorers"
    if topic == "kit":
        return next((r for r, names in KIT.items() if name in names), "core")
    for pattern, found in (
        (r"explorers|.*_explorer", "explorer"),
        (r"exercises", "exercise"),
        (r"experiments", "experiment"),
        (r"record(_.*)?|train_.*", "recorder"),
        (r"claims|terms|glossary", "claims"),
        (r"predictions", "prediction"),
        (r".*_(numbers|math|net|training|words)|kinds", "numbers"),
        (r"", "core"),  # the package itself, and what stands beside the topics
    ):
        if re.fullmatch(pattern, name):
            return found
    return "picture"


def topic(module: str) -> str:
    """'cnnkit.course.dropout.mask' -> 'dropout'; "" for what belongs to no topic."""
    name = module.removeprefix(COURSE).split(".")[0] if module.startswith(COURSE) else ""
    return name if name in TOPICS else ""


@cache
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


@cache
def ours(module: str) -> set[str]:
    """The modules of this package that a module imports."""
    path = modules()[module]
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    names = imported(ast.parse(path.read_text(encoding="utf-8")), package)
    return {name for name in names if name in modules() and name != "cnnkit"}


@pytest.mark.parametrize("module", sorted(modules()))
def test_every_role_imports_only_what_it_may(module: str):
    wrong = {name: role(name) for name in ours(module) if role(name) not in ALLOWED[role(module)]}
    assert not wrong, f"{module} is {role(module)}"


@pytest.mark.parametrize("module", sorted(m for m in modules() if m.startswith(COURSE)))
def test_no_topic_imports_another(module: str):
    assert {topic(name) for name in ours(module)} <= {"", topic(module)}


@pytest.mark.parametrize("module", sorted(m for m in modules() if role(m) == "picture" and topic(m)))
def test_a_file_that_is_named_like_a_picture_draws(module: str):
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    defined = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert any(name.startswith(("draw", "put", "lay", "let")) or name == "colours" for name in defined), sorted(defined)


def test_the_core_does_not_know_the_course():
    core = [m for m in modules() if not m.startswith("cnnkit.course")]
    assert not [m for m in core if any(name.startswith(COURSE) for name in ours(m))]


@pytest.mark.parametrize("module", [m for m in sorted(modules()) if role(m) not in ("training", "recorder")])
def test_torch_is_imported_inside_functions_only(module: str):
    tree = ast.parse(modules()[module].read_text(encoding="utf-8"))
    top = {name.split(".")[0] for name in imported(at_module_level(tree), module)}
    anywhere = {name.split(".")[0] for name in imported(tree, module)}
    assert not top & {"torch", "torchvision"}
    if role(module) in ("core", "exercise", "claims"):
        assert not anywhere & HEAVY
    if role(module) in ("numbers", "experiment", "tracing", "data"):
        assert not top & HEAVY - {"PIL"}  # `photo` reads pictures
    if role(module) != "view":
        assert not anywhere & {"ipywidgets", "IPython", "anywidget"}
    assert not [name for name in imported(at_module_level(tree), module) if f"{name}.".startswith("cnnkit.training.")]
    if role(module) == "picture":
        assert "torch" not in anywhere


@pytest.mark.parametrize("name", TOPICS)
def test_a_topic_offers_what_its_notebook_imports_and_nothing_of_that_is_a_file(name: str):
    package = importlib.import_module(f"cnnkit.course.{name}")
    files = {path.stem for path in (PACKAGE / "course" / name).iterdir()}
    assert not files & set(package.__all__), "a name that is also a file would mean one or the other"
    assert all(getattr(package, each) is not None for each in package.__all__)
    assert dir(package) == package.__all__ == sorted(set(package.__all__))
    with pytest.raises(AttributeError, match="has no attribute 'Mosk'"):
        _ = package.Mosk


def test_an_exercise_is_tried_without_pictures_and_widgets():
    loaded = {name.split(".")[0] for name in loaded_by("import cnnkit; cnnkit.check('05.1')")}
    assert not loaded & HEAVY


def loaded_by(statement: str) -> set[str]:
    code = f"import sys; {statement}; print(*sys.modules)"
    return set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())


def test_import_loads_numpy_and_nothing_heavier():
    extra = loaded_by("import cnnkit") - loaded_by("import numpy")
    assert not {name.split(".")[0] for name in extra} & HEAVY
    assert {name for name in extra if not name.startswith("cnnkit")} <= {"__future__"}


@pytest.mark.parametrize("name", ["course", "data", "network", "check", "trace"])
def test_the_rest_is_imported_when_first_used(name: str):
    assert not [m for m in loaded_by("import cnnkit") if m.startswith((f"cnnkit.{name}", "cnnkit.tracing"))]
    assert "torch" not in loaded_by(f"import cnnkit; cnnkit.{name}")


def test_every_public_name_exists_and_unknown_ones_do_not():
    assert all(hasattr(cnnkit, name) for name in cnnkit.__all__)
    assert len(set(cnnkit.__all__)) == len(cnnkit.__all__)
    assert {"check", "course", "data"} <= set(dir(cnnkit))
    with pytest.raises(AttributeError, match="no attribute 'dropuot'"):
        _ = cnnkit.dropuot
