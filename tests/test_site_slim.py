"""Python and its wheels for the browser are made smaller; what a learner may use stays."""

from __future__ import annotations

import ast
import hashlib
import inspect
import io
import json
import textwrap
import zipfile
from pathlib import Path

import pytest

from tools.site.live import bare, distribution, runtime, slim

MOST = 12_000_000  # bytes on the way until the first answer

KEPT = (
    "matplotlib/axes/_axes.py", "matplotlib/backends/backend_agg.py", "matplotlib/mpl-data/matplotlibrc",
    "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf", "matplotlib/mpl-data/fonts/ttf/STIXGeneral.ttf",
    "numpy/linalg/_linalg.py", "mpl_toolkits/mplot3d/axes3d.py", "matplotlib/LICENSE", "PIL/JpegImagePlugin.py",
    "PIL/WebPImagePlugin.py", "numpy-2.4.3.dist-info/METADATA",
)  # fmt: skip
LEFT = (
    "matplotlib/mpl-data/fonts/ttf/DejaVuSerif.ttf", "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
    "matplotlib/backends/backend_pdf.py", "numpy/f2py/f2py2e.py", "numpy/lib/tests/test_io.py", "numpy/__init__.pyi",
    "PIL/PsdImagePlugin.py", "PIL/Jpeg2KImagePlugin.py", "matplotlib/_tri.cpython-314-wasm32-emscripten.so",
    "numpy-2.4.3.dist-info/RECORD", "matplotlib/",
)  # fmt: skip
LEARNERS = (  # modules of Python that somebody who learns may import in a cell
    "abc", "argparse", "array", "ast", "asyncio", "base64", "bisect", "calendar", "cmath", "collections",
    "concurrent.futures", "contextlib", "copy", "csv", "cProfile", "dataclasses", "datetime", "decimal", "difflib",
    "dis", "enum", "fractions", "functools", "gc", "getpass", "glob", "gzip", "hashlib", "heapq", "html", "inspect",
    "io", "itertools", "json", "keyword", "linecache", "locale", "logging", "math", "numbers", "operator", "os",
    "pathlib", "pickle", "platform", "pprint", "pstats", "pydoc", "queue", "random", "re", "reprlib", "secrets",
    "shelve", "shutil", "statistics", "string", "struct", "subprocess", "sys", "tarfile", "tempfile", "textwrap",
    "threading", "time", "timeit", "tokenize", "traceback", "types", "typing", "unittest", "unittest.mock",
    "urllib.parse", "urllib.request", "uuid", "warnings", "weakref", "xml.etree.ElementTree", "zipfile", "zlib",
    "zoneinfo",
)  # fmt: skip
CODE = '''"""A module
of two lines."""

from __future__ import annotations


class Thing:
    """An é: its bytes are two."""

    size = 1


def one(): "a line"


async def two():
    r"""
    Many lines.
    """  # a comment
    text = """no docstring"""
    return text, __doc__
'''


def wheel(names=(*KEPT, *LEFT), content: str = "") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in names:
            packed.writestr(name, content)
    return buffer.getvalue()


def opened(packed: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(packed)) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def cut(font: bytes, letters: set[int]) -> bytes:
    return font[:3] + bytes(letters)


def test_what_no_page_needs_is_left_out_and_the_fonts_are_cut():
    content = "x = 1"
    found = opened(slim.slim("some.whl", wheel(content=content), {65}, cut))
    assert set(found) == set(KEPT)
    changed = {name for name, inside in found.items() if inside != content.encode()}
    assert changed == {name for name in KEPT if name.endswith("ttf")}
    assert found["matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf"] == b"x =A"


def test_what_draws_loses_its_docstrings_and_numpy_keeps_its_own():
    names = ["matplotlib/lines.py", "PIL/Image.py", "numpy/ma/core.py", "numpy/lib/_function_base_impl.py"]
    found = opened(slim.slim("some.whl", wheel(names, '"""Help."""\nx = 1\n'), set(), cut))
    assert [b"Help" in found[name] for name in names] == [False, False, False, True]


def test_python_keeps_what_a_learner_may_import():
    files = [f"{name.replace('.', '/')}.py" for name in LEARNERS]
    files += [f"{name.replace('.', '/')}/__init__.py" for name in LEARNERS]
    files += [f"encodings/{name}.py" for name in ("utf_8", "utf_16_le", "ascii", "latin_1", "cp1252", "idna")]
    left = ["pdb.py", "http/server.py", "multiprocessing/pool.py", "encodings/cp850.py", "encodings/iso8859_7.py"]
    found = opened(slim.slim("python_stdlib.zip", wheel([*files, *left]), set(), cut))
    assert set(found) == set(files)


def test_code_without_docstrings_has_the_same_lines_and_does_the_same():
    thin = bare.without_docstrings(CODE.encode())
    assert thin.count(b"\n") == CODE.count("\n")
    assert [text for text in ("module", "bytes", "a line", "Many", "no docstring") if text.encode() in thin] == [
        "no docstring"
    ]
    before, after = ast.parse(CODE), ast.parse(thin)
    for old, new in zip(before.body[1:], after.body, strict=True):
        assert (type(old), old.lineno) == (type(new), new.lineno)
        assert [ast.dump(part) for part in getattr(new, "body", ["", ""])[1:] if part] == [
            ast.dump(part) for part in getattr(old, "body", ["", ""])[1:] if part
        ]
    names: dict = {}
    exec(compile(thin, "thin", "exec"), names)
    assert names.get("__doc__") is names["one"].__doc__ is names["Thing"].__doc__ is None
    assert names["Thing"].size == 1


@pytest.mark.parametrize("module", [textwrap, inspect, ast, json], ids=lambda module: module.__name__)
def test_python_s_own_modules_are_the_same_code_without_docstrings(module):
    code = Path(module.__file__).read_bytes()
    thin = bare.without_docstrings(code)
    assert len(thin) < len(code)
    assert thin.count(b"\n") == code.count(b"\n")
    undocumented = [
        node
        for node in ast.walk(ast.parse(thin))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node)
    ]
    assert not undocumented


def test_the_lock_file_names_what_is_there_with_its_own_sum(tmp_path):
    (tmp_path / "six.whl").write_bytes(wheel(["six.py", "six.pyi"]))
    packages = {
        "six": {"file_name": "six.whl", "sha256": "of before", "depends": ["fonttools", "numpy"]},
        "scipy": {"file_name": "scipy.whl", "sha256": "of before", "depends": []},
    }
    (tmp_path / "pyodide-lock.json").write_text(
        json.dumps({"info": {"python": "3"}, "packages": packages}), encoding="utf-8"
    )
    slim.slim_python(tmp_path)
    told = json.loads((tmp_path / "pyodide-lock.json").read_text(encoding="utf-8"))
    sha256 = hashlib.sha256((tmp_path / "six.whl").read_bytes()).hexdigest()
    assert told == {
        "info": {"python": "3"},
        "packages": {"six": {"file_name": "six.whl", "sha256": sha256, "depends": ["numpy"]}},
    }


def test_until_the_first_curve_less_than_12_mb_are_on_the_way(tmp_path):
    if distribution.folder() is None:
        pytest.skip("no Python for the browser: `python -m tools.site --fetch-wheels` brings it, PYODIDE_DIR names it")
    runtime.add_runtime(tmp_path)
    files = [file for file in (tmp_path / "_static" / "live").rglob("*") if file.is_file()]
    weights = {file.name: runtime.transferred(file) for file in files}
    packages = {name.partition("-")[0] for name in weights if name.endswith(".whl")}
    assert {"numpy", "pillow", "matplotlib", "pyparsing", "contourpy"} <= packages
    assert sum(weights.values()) < MOST, weights
