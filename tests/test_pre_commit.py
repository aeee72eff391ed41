"""The hooks before a commit run what `make check` runs, in .venv, and download nothing."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
CONFIG = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
HOOKS = {hook["id"]: hook for repository in CONFIG["repos"] for hook in repository["hooks"]}
BAD, NOTEBOOK = "import os\nx = [1,2]\n", "notebooks/05_convolution_output_sizes.ipynb"


def run(hook: str, *files: str) -> subprocess.CompletedProcess:
    """The hook's command on these files, as pre-commit runs it, with the Python that runs this test."""
    python, *rest = HOOKS[hook]["entry"].split()
    assert python == ".venv/bin/python"
    return subprocess.run([sys.executable, *rest, *files], cwd=ROOT, capture_output=True, encoding="utf-8")


def test_every_hook_is_local_and_installed_already():
    assert [repository["repo"] for repository in CONFIG["repos"]] == ["local"]
    assert {hook["language"] for hook in HOOKS.values()} == {"system"}
    assert not any("additional_dependencies" in hook for hook in HOOKS.values())
    assert list(HOOKS) == ["ruff-check", "ruff-format", "notebooks"]


@pytest.mark.parametrize(("hook", "file"), [("ruff-check", "tools/release.py"), ("notebooks", NOTEBOOK)])
def test_what_is_in_order_passes(hook, file):
    done = run(hook, file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("hook", ["ruff-check", "ruff-format"])
def test_what_is_not_is_found_or_mended(hook, tmp_path):
    file = tmp_path / "bad.py"
    file.write_text(BAD, encoding="utf-8")
    done = run(hook, str(file))
    assert (done.returncode != 0) == (file.read_text(encoding="utf-8") == BAD)  # a hook that mends fails the commit too


def test_a_notebook_as_jupyter_saved_it_is_named(tmp_path):
    file = tmp_path / Path(NOTEBOOK).name
    file.write_text((ROOT / NOTEBOOK).read_text(encoding="utf-8").rstrip(), encoding="utf-8")
    done = run("notebooks", str(file))
    assert done.returncode == 1
    assert f"{file}: not in the stored form, run `make notebooks" in done.stderr


def test_the_hook_for_notebooks_gets_all_of_them_and_nothing_else():
    files = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("*/*") if path.is_file()]
    chosen = [file for file in files if re.search(HOOKS["notebooks"]["files"], file)]
    assert sorted(chosen) == sorted(file for file in files if file.endswith(".ipynb"))
