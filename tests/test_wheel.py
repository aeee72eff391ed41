"""The built wheel works on its own: installed elsewhere, it finds its digits."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import cnnkit

REPOSITORY = Path(__file__).parents[1]
MIB = 1 << 20


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling builds the wheel")
    folder = tmp_path_factory.mktemp("wheel")
    build = f"import hatchling.build; print(hatchling.build.build_wheel({str(folder)!r}))"
    done = subprocess.run([sys.executable, "-c", build], cwd=REPOSITORY, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / done.stdout.split()[-1]


@pytest.fixture(scope="module")
def installed(wheel) -> Path:
    """A folder that holds what the wheel puts into site-packages, far from the repository."""
    folder = wheel.parent / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


def test_the_wheel_carries_the_digits_and_what_may_be_done_with_them(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert archive.read("cnnkit/_data/digits.npz") == (REPOSITORY / "data" / "digits.npz").read_bytes()
        assert b"CC BY 4.0" in archive.read("cnnkit/_data/README.md")
    assert sorted(name for name in names if "_data/" in name) == ["cnnkit/_data/README.md", "cnnkit/_data/digits.npz"]
    top = {name.split("/")[0].split("-")[0] for name in names}
    assert top == {"cnnkit"}, "nothing but the package and its metadata"


def test_the_wheel_carries_what_is_recorded_and_the_weights_that_explorers_look_into(wheel):
    files = {path.relative_to(REPOSITORY).as_posix(): path for path in (REPOSITORY / "cnnkit" / "course").rglob("*.*")}
    carried = {name: path for name, path in files.items() if path.suffix in (".json", ".npz")}
    assert {"cnnkit/course/dropout/recorded.json", "cnnkit/course/cnn/digit_net.npz"} <= set(carried)
    with zipfile.ZipFile(wheel) as archive:
        assert all(archive.read(name) == path.read_bytes() for name, path in carried.items())


def test_the_wheel_brings_the_page_s_part_and_switches_the_server_s_part_on(wheel):
    with zipfile.ZipFile(wheel) as archive:
        for name in ("cnnkit/course/kit/touch.js", "cnnkit/course/kit/touch.css"):
            assert archive.read(name) == (REPOSITORY / name).read_bytes()
        (config,) = [name for name in archive.namelist() if name.endswith("jupyter_server_config.d/cnnkit.json")]
        assert json.loads(archive.read(config)) == {"ServerApp": {"jpserver_extensions": {"cnnkit.lab": True}}}


def test_the_wheel_holds_every_module_of_the_package(wheel):
    here = {path.relative_to(REPOSITORY).as_posix() for path in (REPOSITORY / "cnnkit").rglob("*.py")}
    with zipfile.ZipFile(wheel) as archive:
        assert here <= set(archive.namelist())


def test_the_wheel_has_the_version_of_the_package(wheel):
    assert wheel.name.split("-")[1] == cnnkit.__version__


def test_the_wheel_is_small(wheel):
    assert wheel.stat().st_size < MIB


def test_the_installed_wheel_loads_its_own_digits(installed, tmp_path):
    code = (
        f"import sys; sys.path.insert(0, {str(installed)!r})\n"
        "import cnnkit.data; from cnnkit.data import embedded\n"
        "print(cnnkit.data.__file__); print([place.is_file() for place in embedded.PLACES])\n"
        "print(cnnkit.data.load('digits', 'all')); print(cnnkit.data.load('shapes', n=3))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", "-c", code], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.stdout.splitlines() == [
        str(installed / "cnnkit" / "data" / "__init__.py"),
        "[True, False]",
        "digits (all): 1,797 pictures of 1x8x8, 10 classes",
        "shapes (train): 3 pictures of 3x32x32, 6 classes",
    ], done.stderr
