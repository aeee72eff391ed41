"""Text is read and written as UTF-8 by name, so that × and π survive where the system's encoding is another."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("cnnkit", "tests", "tools", "benchmarks", "data")


def left_to_the_system(code: str) -> Iterator[str]:
    """Every call in `code` that opens a text without saying its encoding."""
    for call in ast.walk(ast.parse(code)):
        if not isinstance(call, ast.Call) or any(keyword.arg == "encoding" for keyword in call.keywords):
            continue
        method = call.func.attr if isinstance(call.func, ast.Attribute) else None
        if method == "read_text" or method == "write_text":
            named = len(call.args) > (method == "write_text")  # after the text, the encoding comes first
        elif method == "open":
            named = not opens_text(call, call.args[:1])
        elif isinstance(call.func, ast.Name) and call.func.id == "open":
            named = not opens_text(call, call.args[1:2])
        else:
            continue
        if not named:
            yield f"line {call.lineno}: {ast.unparse(call)}"


def opens_text(call: ast.Call, first: list[ast.expr]) -> bool:
    """Whether the mode, which is `first` or a keyword, is one for text; what is no mode is another kind of `open`."""
    given = [*first, *(keyword.value for keyword in call.keywords if keyword.arg == "mode")]
    words = [node.value for mode in given for node in ast.walk(mode) if isinstance(node, ast.Constant)]
    modes = [word for word in words if isinstance(word, str) and re.fullmatch(r"[rwaxbt+]+", word)]
    return not given or any("b" not in mode for mode in modes)


@pytest.mark.parametrize(
    "code",
    ["p.read_text()", "p.write_text(x)", "p.open()", "p.open('w')", "open(p)", "open(p, 'a')", "open(p, mode='x')",
     "with p.open('rb' if raw else 'r') as file:\n    pass", "Path(p).read_text(errors='replace')"],
)  # fmt: skip
def test_a_text_without_encoding_is_found(code):
    assert len(list(left_to_the_system(code))) == 1


@pytest.mark.parametrize(
    "code",
    ["p.read_text(encoding='utf-8')", "p.read_text('utf-8')", "p.write_text(x, 'utf-8')", "p.open('rb')",
     "open(p, 'wb')", "p.open('w', encoding='utf-8')", "Image.open(buffer)", "tarfile.open(p, mode='r:gz')",
     "p.read_bytes()", "p.open('ab' if more else 'wb')"],
)  # fmt: skip
def test_bytes_and_texts_with_encoding_are_not(code):
    assert list(left_to_the_system(code)) == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_text_is_opened_with_its_encoding(folder):
    files = sorted((ROOT / folder).rglob("*.py"))
    found = {path.name: list(left_to_the_system(path.read_text(encoding="utf-8"))) for path in files}
    assert files
    assert {name: calls for name, calls in found.items() if calls} == {}
