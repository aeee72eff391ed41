"""Every claim with a verdict has a cell, a test of its name, and the record that it says it has."""

import ast
import json
import re
from collections import deque
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from cnnkit.course import claims
from cnnkit.course.claims import CLAIMS, NOTEBOOKS
from cnnkit.course.kit.claim import OPEN, VERDICTS, Claim

ROOT = Path(__file__).parents[2]

MEASURED = [claim.id for claim in CLAIMS.values() if claim.verdict != OPEN]


def test_every_verdict_has_a_test_of_its_name_and_no_open_claim_has_one():
    files = sorted(Path(__file__).parent.rglob("test_claims.py"))  # one for each topic
    tests = [name for path in files for name in re.findall(r"(?m)^def test_([A-Z]\d+)\(", path.read_text("utf-8"))]
    assert len(tests) == len(set(tests))
    assert set(tests) == set(MEASURED)


def test_every_claim_is_well_formed():
    assert len(CLAIMS) == 68
    assert all(key == claim.id for key, claim in CLAIMS.items())
    for claim in CLAIMS.values():
        assert claim.verdict in VERDICTS
        assert claim.notebook in NOTEBOOKS
        assert claim.said.endswith((".", "?"))
        assert "|" not in claim.said + claim.because
        assert bool(claim.because) == (claim.verdict != OPEN)
        assert not claim.because or (claim.because.endswith(".") and not claim.because[0].isupper())
    assert len({claim.said for claim in CLAIMS.values()}) == len(CLAIMS)


def test_the_numbers_of_a_claim_stand_without_gaps():
    for letter in {key[0] for key in CLAIMS}:
        numbers = [int(key[1:]) for key in CLAIMS if key[0] == letter]
        assert numbers == list(range(1, len(numbers) + 1))


def test_the_table_links_every_verdict_to_its_cell_and_counts():
    shown = claims.table("05")
    text = shown._repr_markdown_()
    assert all(f"[C{i}](05_convolution_output_sizes_lab.ipynb#Claim-C{i})" in text for i in range(1, 11))
    assert text.endswith("10 claims: 3 “holds” · 4 “holds, if” · 1 “false as said” · 1 “naming” · 1 “shown here”")
    assert repr(shown).splitlines()[-1] == shown.counts
    assert repr(shown).count("\n") == 3 * 10
    assert all(claim.path in repr(shown) for claim in shown.claims)
    everything = claims.table()
    assert len(everything.claims) == len(CLAIMS)
    assert everything.counts.startswith("68 claims: ")
    assert set(MEASURED) == set(CLAIMS), "a claim is not measured yet"
    assert all(f"[{key}](" in everything._repr_markdown_() for key in CLAIMS)


def test_what_is_not_measured_yet_stands_in_one_line():
    verdicts = ("holds", OPEN, OPEN, OPEN, "holds", OPEN)
    some = [Claim(f"A{i}", "Said.", verdict, "so.", topic="activations") for i, verdict in enumerate(verdicts, 1)]
    other = Claim("V1", "Said.", topic="gradients")
    assert claims.Table([*some, other]).waiting == "Not measured yet: A2, A3, A4, A6 (notebook 01), V1 (notebook 02)."
    assert claims.Table(some[1:4]).waiting == "Not measured yet: A2–A4 (notebook 01)."
    assert claims.Table(some[:1]).waiting == ""
    assert "Not measured" not in claims.Table(some[:1])._repr_markdown_()
    assert "\n\nNot measured yet: V1 (notebook 02).\n\n1 claims" in claims.Table([other])._repr_markdown_()


def test_an_unknown_notebook_is_refused():
    with pytest.raises(ValueError, match="there is no notebook '08' with claims; there are 01, 02"):
        claims.table("08")


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_every_step_of_a_claims_path_is_there(claim: Claim):
    notebook, heading = claim.cell.split("#")
    cells = json.loads((ROOT / "notebooks" / notebook).read_text(encoding="utf-8"))["cells"]
    headings = [line.strip() for cell in cells for line in cell["source"] if line.startswith("#")]
    # #Claim-C1 is what JupyterLab makes of a heading `Claim C1`
    assert sum(re.fullmatch("#+ " + heading.replace("-", " "), line) is not None for line in headings) == 1
    for file, parts in claim.records.items():
        assert set(parts) <= set(json.loads((ROOT / file).read_text(encoding="utf-8")))
    file, name = claim.test.split("::")
    assert name in defined(ROOT / file)
    assert claim.path.split(" → ")[-1] == claim.test


@cache
def defined(path: Path) -> dict[str, ast.AST]:
    """What a module defines at its top: functions by name, and of each assigned name its value."""
    found: dict[str, ast.AST] = {}
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = node
        elif isinstance(node, ast.Assign):
            targets, values = node.targets[0], [node.value]
            if isinstance(targets, ast.Tuple) and isinstance(node.value, ast.Tuple):
                values = node.value.elts
            names = targets.elts if isinstance(targets, ast.Tuple) else [targets]
            for i, target in enumerate(names):
                found[target.id] = values[min(i, len(values) - 1)]
    return found


@cache
def imported(path: Path) -> dict[str, Path]:
    """The modules of the course that a module imports, by the name that it gives them."""
    found = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("cnnkit.course."):
            for alias in node.names:
                file = ROOT / node.module.replace(".", "/") / f"{alias.name}.py"
                if file.exists():
                    found[alias.asname or alias.name] = file
    return found


def reached(path: Path, name: str) -> Iterator[tuple[Path, ast.AST]]:
    """All that a definition uses, and what that uses: every node, with the module that it stands in."""
    waiting, seen = deque([(path, name)]), set()
    while waiting:
        where, name = waiting.popleft()
        if (where, name) in seen or name not in defined(where):
            continue
        seen.add((where, name))
        nodes = list(ast.walk(defined(where)[name]))
        local = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
        for node in nodes:
            yield where, node
            if isinstance(node, ast.Name) and node.id not in local:
                waiting.append((where, node.id))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                module = imported(where).get(node.value.id)
                waiting += [(module, node.attr)] if module else []


def recorded_parts(claim: Claim) -> dict[str, set[str]]:
    """Which files of results a claim's test calls for, and the parts of them that it, or what it uses, names."""
    file, name = claim.test.split("::")
    nodes = list(reached(ROOT / file, name))
    words = {node.value for where, node in nodes if isinstance(node, ast.Constant) and where == ROOT / file}
    words |= {node.slice.value for _, node in nodes if isinstance(node, ast.Subscript) and hasattr(node.slice, "value")}
    calls = [node for _, node in nodes if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "results"]
    found = {}
    for topic, *other in {tuple(argument.value for argument in call.args) for call in calls}:
        path = f"cnnkit/course/{topic}/{'_'.join(['recorded', *other])}.json"
        found[path] = words & set(json.loads((ROOT / path).read_text(encoding="utf-8")))
    return found


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_a_claims_test_reads_the_record_that_it_names_and_no_other(claim: Claim):
    about_the_run = {"command", "seeds"}
    read = {file: parts - about_the_run for file, parts in recorded_parts(claim).items()}
    assert read == {file: set(parts) for file, parts in claim.records.items()}


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
@pytest.mark.parametrize("compare", ["assert_numbers_in_claim", "assert_numbers_in_verdict"])
def test_a_claims_test_compares_the_numbers_of_its_sentence_and_of_its_verdict(compare: str, claim: Claim):
    file, name = claim.test.split("::")
    calls = [node for node in ast.walk(defined(ROOT / file)[name]) if isinstance(node, ast.Call)]
    (call,) = [each for each in calls if getattr(each.func, "id", "") == compare]
    assert call in [each.value for each in defined(ROOT / file)[name].body if isinstance(each, ast.Expr)]  # always run
    assert call.args[0].value == claim.id


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=list(CLAIMS))
def test_no_number_of_a_verdict_is_typed_where_it_is_compared(claim: Claim):
    """It is computed, is a setting that was computed with, or says as a `Given` why it is neither."""
    file, name = claim.test.split("::")
    calls = [node for node in ast.walk(defined(ROOT / file)[name]) if isinstance(node, ast.Call)]
    (call,) = [each for each in calls if getattr(each.func, "id", "") == "assert_numbers_in_verdict"]
    assert not [ast.unparse(each) for each in call.args[1:] if isinstance(each, ast.Constant)]
