"""Running what is written into a page, in a namespace a page."""

from __future__ import annotations

import ast
import linecache
import sys
import traceback
from base64 import b64encode
from contextlib import redirect_stdout
from importlib.util import find_spec
from io import BytesIO, StringIO
from typing import Any

from .needs import LOADABLE, Needs
from .outputs import displaying, output

Answer = tuple[dict[str, Any], bytes]
MOST_TEXT = 100_000  # characters of printed output that a page gets
SMALLER = (
    "The Python of these pages is smaller than one that is installed: "
    "it has no debuggers, servers, mail, processes or windows."
)

PAGES: dict[str, dict[str, Any]] = {}
WHOLE: set[str] = set()  # pages whose first cell has run with nothing left out


async def run(page: str, code: str, number: str, setup: str = "") -> Answer:
    """Run a cell in the page's namespace: {"outputs": […]}, in their order."""
    _bring(code)
    names = names_of(page, setup, whole=True)
    shown: list[dict[str, Any]] = []
    with displaying(shown):
        printed, failed, value = execute(code, names, f"<cell {number}>", last=True)
    outputs = [{"text": printed}] if printed else []
    outputs += shown
    if value is not None:
        outputs.append(output(value, f"{page}/{number}"))
    outputs += _figures()
    if failed:
        outputs.append({"error": failed})
    return {"outputs": outputs}, b""


def _figures() -> list[dict[str, Any]]:
    """What the cell drew with pyplot and left open; each is shown once, as a notebook does."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    shown: list[dict[str, Any]] = []
    for number in pyplot.get_fignums() if pyplot else ():
        drawn = BytesIO()
        try:
            pyplot.figure(number).savefig(drawn, format="png", bbox_inches="tight")
            shown.append({"png": b64encode(drawn.getvalue()).decode(), "alt": "A figure that this cell drew."})
        except Exception as error:  # a label that cannot be typeset is found only now
            shown.append({"error": f"{type(error).__name__}: {error}"})
        finally:
            pyplot.close(number)  # or every later cell would fail, too
    return shown


async def reset(page: str) -> Answer:
    """Forget all that the page's cells have made."""
    PAGES.pop(page, None)
    WHOLE.discard(page)
    return {}, b""


def names_of(page: str, setup: str, *, whole: bool = False) -> dict[str, Any]:
    """The names of a page. Its first cell runs by itself; for an exercise what is too large is left out."""
    if page not in PAGES or (whole and page not in WHOLE):
        names = PAGES.setdefault(page, {"__name__": "__main__"})
        for statement in ast.parse(setup).body:
            _prepare(statement, names, whole=whole)
        if whole:
            WHOLE.add(page)
    return PAGES[page]


def _prepare(statement: ast.stmt, names: dict[str, Any], *, whole: bool) -> None:
    """Run a statement of a first cell, the names that it imports one by one; what cannot be here is left out."""
    parts: list[ast.stmt] = [statement]
    if isinstance(statement, ast.ImportFrom):
        parts = [ast.ImportFrom(statement.module, [alias], statement.level) for alias in statement.names]
    for part in parts:
        try:
            exec(compile(ast.fix_missing_locations(ast.Module([part], [])), "<first cell>", "exec"), names)
        except (ImportError, NameError) as error:
            missing = (getattr(error, "name", None) or "").partition(".")[0]
            if whole and missing in LOADABLE:
                raise Needs(missing) from error


def _bring(code: str) -> None:
    """See to the packages that a cell imports by name."""
    try:
        nodes = [*ast.walk(ast.parse(code))]
    except SyntaxError:  # it is told when the cell runs
        return
    modules = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    modules += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    missing = {name.partition(".")[0] for name in modules} & {name for name in LOADABLE if find_spec(name) is None}
    if missing:
        raise Needs(*missing)


def execute(code: str, names: dict[str, Any], called: str, *, last: bool) -> tuple[str, str, Any]:
    """What code prints, its error or "", and the value of its last expression."""
    printed, failed, value = StringIO(), "", None
    linecache.cache[called] = (len(code), None, code.splitlines(keepends=True), called)  # for errors and `source`
    with redirect_stdout(printed):
        try:
            tree = ast.parse(code, called)
            final = tree.body.pop() if last and tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, called, "exec"), names)
            if isinstance(final, ast.Expr) and not code.rstrip().endswith(";"):
                value = eval(compile(ast.Expression(final.value), called, "eval"), names)
            elif isinstance(final, ast.Expr):
                exec(compile(ast.Module([final], []), called, "exec"), names)
        except BaseException as error:  # exit() and endless recursion, too: nothing that is typed ends the page
            failed = _traced(error, called)
    return printed.getvalue()[:MOST_TEXT], failed, value


def _traced(error: BaseException, called: str) -> str:
    """An error in a few lines: where it happened in what the learner wrote, and what it says."""
    if hasattr(error, "_render_traceback_"):
        return "\n".join(error._render_traceback_())
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == called]
    where = [f"{called.strip('<>')}, line {frame.lineno}\n    {frame.line}" for frame in frames[-3:]]
    return "\n".join([*where, *map(str.rstrip, traceback.format_exception_only(error)), *_left_out(error)])


def _left_out(error: BaseException) -> list[str]:
    """A line for a module of Python's own that is missing."""
    name = (error.name or "") if isinstance(error, ModuleNotFoundError) else ""
    return [SMALLER] if name.partition(".")[0] in sys.stdlib_module_names else []
