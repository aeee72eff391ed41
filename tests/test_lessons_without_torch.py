"""Every lesson runs where there is no torch: its code cells, one after the other, and what they show."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.notebook_rules import LESSONS, code_cells
from tools.notebooks import FOLDER

ROOT = Path(__file__).parents[1]
HERE = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}  # as a notebook's kernel writes
RUN = """
import sys
sys.modules["torch"] = sys.modules["torchvision"] = None  # as if they were not installed
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
for source in {sources!r}:
    result = shell.run_cell(source)
    if not result.success:
        sys.exit(f"this cell needs torch, or fails: {{source}}")
"""


@pytest.mark.parametrize("lesson", ["00_start_here", *LESSONS])
def test_runs_without_torch(lesson: str):
    sources = [cell.source for cell in code_cells(nbformat.read(FOLDER / f"{lesson}.ipynb", as_version=4))]
    assert all(ast.parse(source.replace("%pip", "pip = 1 #")) for source in sources)
    done = subprocess.run(
        [sys.executable, "-c", RUN.format(sources=sources)],
        cwd=FOLDER, env=HERE, capture_output=True, encoding="utf-8", timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:] + done.stdout[-2000:]


def test_what_needs_torch_says_so():
    code = "import sys; sys.modules['torch'] = None; import cnnkit.training"
    done = subprocess.run([sys.executable, "-c", code], env=HERE, capture_output=True, encoding="utf-8")
    assert done.stderr.splitlines()[-1].startswith(
        "ModuleNotFoundError: cnnkit.training needs PyTorch, and Python says:"
    )
