"""Run notebooks from a clean kernel and write them back in one normal form: `make notebooks`.

The same source gives the same bytes on a second run: no times, no random ids, nothing of the machine. The texts of the
exercises come from the package, the repository's address from pyproject.toml. Two ways run nothing (see CONTRIBUTING):
`python -m tools.notebooks --text NOTEBOOK` is a filter for git, and `--check` names what is not in this form.
"""

import argparse
import os
import re
import sys
from hashlib import sha256
from pathlib import Path
from time import perf_counter

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

from cnnkit._say import say
from tools import address
from tools.minutes import with_promise

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "notebooks"
FILES = [*sorted(FOLDER.glob("0*.ipynb")), *sorted((FOLDER / "labs").glob("0*.ipynb"))]
KERNEL = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
KEPT_CELL_METADATA = {"tags", "jupyter"}  # what a cell is for, and whether its source is folded
HIDDEN = "Hidden until this cell is run.\n"  # what JupyterLab shows in the place of a hidden output: its first line
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"  # a live view has a random id; the picture beside it stays


def name_of(path: Path) -> str:
    """The name of a notebook's file in the folder of the notebooks: 'labs/03_dropout_lab.ipynb'."""
    return f"labs/{path.name}" if path.resolve().parent.name == "labs" else path.name


def run(notebook: NotebookNode, folder: Path = FOLDER) -> None:
    """Run every cell in a kernel of its own; a cell that raises stops it with the traceback."""
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    client = NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        store_widget_state=False,
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()


def normalise(notebook: NotebookNode, name: str = "") -> NotebookNode:
    """Bring a notebook into the stored form: ids kept or made, counts 1 … n, nothing of the machine."""
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    notebook.metadata = nbformat.from_dict(KERNEL)
    notebook.cells = with_reveals(with_exercises(notebook.cells))
    seen: set[str] = set()
    count, home = 0, address.repository()
    for i, cell in enumerate(notebook.cells):
        if cell.cell_type == "markdown":
            cell.source = with_claim(cell.source)
        cell.source = address.in_cell(cell.source, home, name, first=i == 0).rstrip()
        cell.id = fresh_id(cell, seen)
        cell.metadata = {key: cell.metadata[key] for key in sorted(KEPT_CELL_METADATA & set(cell.metadata))}
        if tagged(cell, "evidence"):  # hidden until the cell is run, so that the vote above it comes first
            cell.metadata["jupyter"] = {"outputs_hidden": True} | ({"source_hidden": True} if "labs/" in name else {})
        if cell.cell_type == "code":
            count += bool(cell.source)
            cell.execution_count = count if cell.source else None
            cell.outputs = [normal_output(output, count) for output in cell.outputs]
            if tagged(cell, "evidence") and cell.outputs:
                hide(cell.outputs[0])
    if notebook.cells:
        notebook.cells[0].source = with_promise(notebook.cells[0].source, notebook)
    return notebook


def with_exercises(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells, with the three of each exercise as the package has them: its question, its stub, and what is folded.

    A code cell tagged `exercise` that says `check("05.1")` is enough: the other two are put around it.
    """
    from cnnkit.course.exercises import exercise  # here, so that the filter for git needs no package

    written, rest = [], list(cells)
    while rest:
        written.append(rest.pop(0))
        if not tagged(written[-1], "exercise"):
            continue
        stub = written.pop()
        question = written.pop() if written and written[-1].source.startswith("### Exercise ") else markdown()
        folded = rest.pop(0) if rest and tagged(rest[0], "solution") else markdown("solution")
        key = re.search(r"check\([\"']([^\"']*)", stub.source)
        texts = exercise(key[1] if key else stub.source).cells()
        for cell, text in zip((question, stub, folded), texts, strict=True):
            cell.source = text
            written.append(cell)
    return written


def with_reveals(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells, with the folded answer of each prediction below the explorer that it is about, or below itself.

    A code cell tagged `predict` that says `predict("05.a")` is enough: the folded answer is put where it belongs.
    """
    from cnnkit.course.predictions import prediction

    written: list[NotebookNode] = []
    rest = [cell for cell in cells if not tagged(cell, "reveal")]
    kept = {key_of(cell.source): cell for cell in cells if tagged(cell, "reveal")}
    while rest:
        written.append(rest.pop(0))
        asked = re.search(r"predict\([\"']([^\"']*)", written[-1].source) if tagged(written[-1], "predict") else None
        if not asked or written[-1].cell_type != "code":
            continue
        if rest and tagged(rest[0], "explorer"):
            written.append(rest.pop(0))
        folded = prediction(asked[1]).folded()
        cell = kept.get(key_of(folded), markdown("reveal"))
        cell.source = folded
        written.append(cell)
    return written


def with_claim(source: str) -> str:
    """A text below the heading of a claim, which begins with what is said, as the package has it."""
    found = re.match(r"(## Claim ([A-Z]\d+)\n)\n(?:> .*\n)*\n*", source)
    if not found:
        return source
    from cnnkit.course.claims import CLAIMS

    return f"{found[1]}\n> *{CLAIMS[found[2]].said}*\n\n{source[found.end() :]}"


def key_of(folded: str) -> str:
    """The prediction that a folded answer is about."""
    found = re.search(r"Answer to (\d\d\.[a-z])", folded)
    return found[1] if found else ""


def markdown(*tags: str) -> NotebookNode:
    """An empty text cell without an id: that is made from its text, once it has one."""
    return nbformat.from_dict({"cell_type": "markdown", "metadata": {"tags": list(tags)} if tags else {}, "source": ""})


def tagged(cell: NotebookNode, tag: str) -> bool:
    return tag in cell.metadata.get("tags", [])


def fresh_id(cell: NotebookNode, seen: set[str]) -> str:
    """The cell's own id when it is valid and not taken, else one made from its content."""
    name, tries = cell.get("id", ""), 0
    while not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name) or name in seen:
        name = sha256(f"{tries}{cell.cell_type}{cell.source}".encode()).hexdigest()[:8]
        tries += 1
    seen.add(name)
    return name


def normal_output(output: NotebookNode, count: int) -> NotebookNode:
    """An output without its live view and without ids of the run."""
    if output.output_type == "execute_result":
        output.execution_count = count
    if "data" in output:
        output.data.pop(WIDGET_VIEW, None)
        for mark in (WIDGET_VIEW, "cnnkit"):
            output.get("metadata", {}).pop(mark, None)
    output.pop("transient", None)
    return output


def hide(output: NotebookNode) -> None:
    """Put a line before the text of an output that is hidden: JupyterLab shows the first line of what it hides."""
    if "text" in output:
        output.text = HIDDEN + output.text.removeprefix(HIDDEN)
    for kind in {"text/plain", "text/markdown"} & set(output.get("data", {})):
        output.data[kind] = f"{HIDDEN}\n" + output.data[kind].removeprefix(HIDDEN).lstrip("\n")


def stored(notebook: NotebookNode) -> str:
    """The text of the file."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def is_stored(path: Path) -> bool:
    """Whether the file is what `make notebooks` would write for the same outputs."""
    notebook = nbformat.read(path, as_version=4)
    return stored(normalise(notebook, name_of(path))) == path.read_text(encoding="utf-8")


def as_text(notebook: NotebookNode) -> str:
    """Sources and text outputs only: what a person wants to compare."""
    lines = []
    for cell in notebook.cells:
        tags = " ".join(cell.metadata.get("tags", []))
        lines += [f"--- {cell.cell_type} {tags}".rstrip(), cell.source]
        for output in cell.get("outputs", []):
            text = output.get("text") or output.get("data", {}).get("text/plain", "") or output.get("evalue", "")
            lines += ["> " + line for line in text.splitlines()]
    return "\n".join([*lines, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, default=FILES)
    parser.add_argument("--text", action="store_true", help="only print sources and text outputs")
    parser.add_argument("--check", action="store_true", help="run nothing, name those that are not in the stored form")
    arguments = parser.parse_args()
    if arguments.check:
        loose = [path for path in arguments.notebooks if not is_stored(path)]
        sys.exit("\n".join(f"{path}: not in the stored form, run `make notebooks NB={path}`" for path in loose) or None)
    for path in arguments.notebooks:
        notebook = nbformat.read(path, as_version=4)
        if arguments.text:
            say(as_text(notebook), end="")
            continue
        before = path.read_text(encoding="utf-8")
        start = perf_counter()
        run(normalise(notebook, name_of(path)), path.resolve().parent)
        after = stored(normalise(notebook, name_of(path)))
        path.write_text(after, encoding="utf-8")
        print(f"{name_of(path)}: {'unchanged' if after == before else 'written'}, {perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
