"""How long a notebook takes, computed from what is in it: `python -m tools.minutes` prints a table of all,
and `--write` puts the minutes into the README's table and that of the start page.

Prose and what cells print are read at 200 words a minute. A line of code takes 4 seconds, a figure 45. An explorer
takes 3 minutes, a prediction or a vote 1, an exercise 4: its question, hints and solution are in these minutes, as a
prediction's answer is in its minute.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from math import ceil

import nbformat
from nbformat import NotebookNode

WORDS, LINE, FIGURE = 200, 4 / 60, 45 / 60  # words a minute; minutes a line, a figure
EXPLORER, PREDICTION, EXERCISE = 3, 1, 4  # minutes each
ROUNDED = 5  # a promise is a multiple of so many minutes


@dataclass(frozen=True)
class Count:
    """What is in a notebook."""

    words: int  # of prose, without exercises and what is folded for predictions
    lines: int  # of code, without exercises, predictions and explorers
    printed: int  # words that cells print
    listed: int  # lines of code that cells show
    figures: int
    drawings: int
    predictions: int
    explorers: int
    exercises: int

    @property
    def reading(self) -> float:
        """Minutes without the exercises."""
        read = (self.words + self.printed) / WORDS + (self.lines + self.listed) * LINE + self.figures * FIGURE
        return read + self.explorers * EXPLORER + self.predictions * PREDICTION

    @property
    def everything(self) -> float:
        """Minutes with the exercises."""
        return self.reading + self.exercises * EXERCISE

    @property
    def promise(self) -> str:
        """What the notebook's first cell says."""
        return f"**Time:** {_up(self.reading)} minutes, {_up(self.everything)} with its exercises."


def _up(minutes: float) -> int:
    return ROUNDED * ceil(minutes / ROUNDED)


def count(notebook: NotebookNode) -> Count:
    """Count what is in a notebook."""
    found = dict.fromkeys(Count.__dataclass_fields__, 0)
    for cell, below in zip(notebook.cells, [*notebook.cells[1:], None], strict=True):
        tags = _tags(cell)
        if cell.cell_type == "markdown":
            question = "exercise" in _tags(below) and cell.source.startswith("### Exercise ")
            if not (question or tags & {"solution", "reveal"}):
                found["words"] += len(_without_fences(cell.source).split())
            continue
        for tag in ("explorer", "exercise", "drawing"):
            found[f"{tag}s"] += tag in tags
        found["predictions"] += "predict" in tags or "vote" in tags
        if tags & {"explorer", "exercise", "predict", "vote"}:
            continue
        found["lines"] += len([line for line in cell.source.splitlines() if line.strip()])
        for output in cell.outputs:
            _add_output(found, output)
    return Count(**found)


def _add_output(found: dict[str, int], output: NotebookNode) -> None:
    data = output.get("data", {})
    text = data.get("text/markdown") or data.get("text/plain", "") or output.get("text", "")
    if "image/png" in data:
        found["figures"] += 1
    elif text.startswith("```python"):
        found["listed"] += len([line for line in text.splitlines()[1:-1] if line.strip()])
    else:
        found["printed"] += len(text.split())


def _tags(cell: NotebookNode | None) -> set[str]:
    return set(cell.metadata.get("tags", [])) if cell is not None else set()


def _without_fences(text: str) -> str:
    return re.sub(r"(?ms)^\s*```.*?^\s*```", "", text)


def with_promise(source: str, notebook: NotebookNode) -> str:
    """The first cell of a notebook, with the minutes that the notebook takes."""
    return re.sub(r"\*\*Time:\*\* \d+ minutes, \d+ with its exercises\.", count(notebook).promise, source)


def in_table(text: str, minutes: dict[str, str]) -> str:
    """A table of lessons with these minutes, "45 / 60", by the name of the file or, on the start page, its number."""

    def changed(line: str) -> str:
        name = next((name for name in minutes if name in line or line.startswith(f"| {name[:2]} |")), None)
        return re.sub(r"\| \d+ / \d+ \|", f"| {minutes[name]} |", line) if name else line

    return "".join(map(changed, text.splitlines(keepends=True)))


def main() -> None:
    from tools.notebooks import FILES, FOLDER, ROOT, stored

    if sys.argv[1:] == ["--write"]:
        promised = {
            path.name: " / ".join(re.findall(r"\d+", count(nbformat.read(path, as_version=4)).promise))
            for path in FILES
            if path.parent == FOLDER
        }
        readme = ROOT / "README.md"
        readme.write_text(in_table(readme.read_text(encoding="utf-8"), promised), encoding="utf-8")
        start = nbformat.read(FOLDER / "00_start_here.ipynb", as_version=4)
        for cell in start.cells:
            cell.source = in_table(cell.source, promised)
        (FOLDER / "00_start_here.ipynb").write_text(stored(start), encoding="utf-8")
        return
    print("| notebook | words | code | printed | figures | drawings | predictions | explorers | exercises | minutes |")
    print("|:--|--:|--:|--:|--:|--:|--:|--:|--:|:--|")
    for path in FILES:
        c = count(nbformat.read(path, as_version=4))
        cells = [path.stem, c.words, c.lines, c.printed, c.figures, c.drawings, c.predictions, c.explorers, c.exercises]
        print(f"| {' | '.join(map(str, cells))} | {c.reading:.0f} ({c.everything:.0f}) |")


if __name__ == "__main__":
    main()
