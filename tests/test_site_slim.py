"""Wheels for the browser are made smaller, and the lock file knows them."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile

from tools.site.live import slim

KEPT = (
    "matplotlib/axes/_axes.py", "matplotlib/backends/backend_agg.py", "matplotlib/mpl-data/matplotlibrc",
    "matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf", "matplotlib/mpl-data/fonts/ttf/STIXGeneral.ttf",
    "numpy/linalg/_linalg.py", "mpl_toolkits/mplot3d/axes3d.py", "matplotlib/LICENSE",
)  # fmt: skip
LEFT = (
    "matplotlib/mpl-data/fonts/ttf/DejaVuSerif.ttf", "matplotlib/mpl-data/sample_data/grace_hopper.jpg",
    "matplotlib/backends/backend_pdf.py", "numpy/f2py/f2py2e.py", "numpy/lib/tests/test_io.py", "numpy/__init__.pyi",
)  # fmt: skip


def wheel(names=(*KEPT, *LEFT)) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        for name in names:
            packed.writestr(name, name)
    return buffer.getvalue()


def test_what_no_page_needs_is_left_out_and_the_fonts_are_cut():
    thin = slim.slim(wheel(), {65}, lambda font, letters: font[:3] + bytes(letters))
    with zipfile.ZipFile(io.BytesIO(thin)) as opened:
        found = {name: opened.read(name) for name in opened.namelist()}
    assert set(found) == set(KEPT)
    changed = {name for name, content in found.items() if content != name.encode()}
    assert changed == {name for name in KEPT if name.endswith("ttf")}
    assert found["matplotlib/mpl-data/fonts/ttf/DejaVuSans.ttf"] == b"matA"


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
