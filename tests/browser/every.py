"""A notebook with one of each explorer, for what is tried on all of them."""

from __future__ import annotations

from pathlib import Path

import nbformat

from tests.course.test_explorers import found


def classes() -> list[type]:
    """Every explorer of the course, by name."""
    return found()


def write_notebook(file: Path, *more: str, kinds: list[type] | None = None) -> None:
    """Write a notebook whose cell i shows explorer i, of all or of `kinds`; the cells `more` follow."""
    each = classes() if kinds is None else kinds
    cells = [f"from {kind.__module__} import {kind.__name__}\n{kind.__name__}()" for kind in each]
    file.parent.mkdir(parents=True, exist_ok=True)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in (*cells, *more)])
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}}
    nbformat.write(notebook, file)
