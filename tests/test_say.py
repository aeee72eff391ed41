"""What the package prints of its own accord ends nothing, whatever standard output can write."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CODE_PAGES = ("ascii", "cp1252", "cp932", "utf-8")


@pytest.mark.parametrize("encoding", CODE_PAGES)
def test_what_cannot_be_written_is_a_question_mark(encoding):
    code = "from cnnkit._say import say; say('3 × 3, ✓', end='!'); say('\\udce9')"
    said = python(["-c", code], encoding)
    assert said == "3 × 3, ✓".encode(encoding, "replace") + b"!?"


def python(words, encoding):
    here = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding}
    done = subprocess.run([sys.executable, *words], cwd=ROOT, env=here, capture_output=True, timeout=100)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


def test_a_notebook_is_printed_as_text_on_any_code_page():
    words = ["-m", "tools.notebooks", "--text", "notebooks/01_activations.ipynb"]
    texts = {encoding: python(words, encoding) for encoding in ("ascii", "utf-8")}
    assert texts["ascii"].decode() == texts["utf-8"].decode().encode("ascii", "replace").decode()


def test_a_measurement_is_told_on_any_code_page(tmp_path):
    file = tmp_path / "recorded.json"
    code = f"""
from pathlib import Path
from cnnkit.course.kit.recorder import record
record(Path({str(file)!r}), {{"3 × 3": lambda: 0.5}})
"""
    assert python(["-c", code], "ascii") == b"3 ? 3: mean 0.5"
    assert json.loads(file.read_text(encoding="utf-8")) == {"3 × 3": 0.5}
