"""What the web site's pages get of the package: enough, without what no browser has."""

import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import matplotlib
import pytest
from PIL import ImageFont

from tools.site.live import archive, distribution, runtime

ALONE = """
import asyncio, json, sys

MISSING = "torch", "ipywidgets", "anywidget", "traitlets", "IPython", "matplotlib"

class Nowhere:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in MISSING:
            raise ModuleNotFoundError(f"no {name} here", name=name)

sys.meta_path.insert(0, Nowhere())
sys.path.insert(0, sys.argv[1])
import glue
glue.begin()

def ask(command, **question):
    return json.loads(asyncio.run(glue.ask(command, json.dumps(question)))[0])

for topic, name in json.loads(sys.argv[2]):
    said = ask("open", key=name, module=f"cnnkit.course.{topic}.explorers", name=name, ratio=1)
    assert "sentence" in said, (name, said)
assert ask("open", key="y", module="cnnkit.course.activations.explorers", name="Shape") == {"needs": ["matplotlib"]}
setup = "import torch\\nimport numpy as np\\nfrom cnnkit.course.pooling import draw_following, check, predict"
assert ask("check", page="p", setup=setup, key="04.1", code="pooled = np")["passed"] is False
assert ask("run", page="p", setup=setup, code="1", number="1") == {"needs": ["matplotlib"]}
pasted = ask("code", code="nn.Conv2d(3, 64, 7, stride=2, padding=3)", size="224")
assert "112 × 112" in pasted["table"] and pasted["stack"]
print(sys.modules["cnnkit"].__file__)
"""
PIXELS = [
    ("start", "Row"), ("pooling", "PoolWindow"), ("pooling", "ShiftIt"), ("convolution", "Window"),
    ("convolution", "FilterPicture"), ("convolution", "Stack"), ("cnn", "WalkThrough"), ("cnn", "Mistakes"),
]  # fmt: skip


@pytest.fixture(scope="module")
def packed() -> bytes:
    return archive.archive()


def test_pictures_of_pixels_need_numpy_and_pillow_only(packed, tmp_path):
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path)
    command = [sys.executable, "-c", ALONE, str(tmp_path), json.dumps(PIXELS)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, env={"PYTHONPATH": ""}, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(tmp_path))


def test_the_zip_is_small_and_the_same_each_time(packed):
    assert len(packed) < 1_050_000  # beside 8 to 11 MB of Python itself
    assert packed == archive.archive()
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert not [name for name in names if "training/" in name or name.endswith(("kit/view.py", "kit/commit.py"))]


@pytest.mark.parametrize("name", archive.FONTS)
def test_the_font_with_fewer_letters_looks_the_same(packed, name):
    file = Path(matplotlib.get_data_path()) / "fonts/ttf" / name
    ours = zipfile.ZipFile(io.BytesIO(packed)).read(f"cnnkit/_data/{name}")
    for size in (10, 15, 26.5):
        for engine in ImageFont.Layout:
            fonts = [ImageFont.truetype(f, size, layout_engine=engine) for f in (io.BytesIO(ours), file)]
            for words in ("⌊(n + 2·p − k)/s⌋ + 1", "AVATo Wel, 0123456789", "σ ≤ 10⁻³ → μ × ½"):
                assert bytes(fonts[0].getmask(words)) == bytes(fonts[1].getmask(words))
                assert fonts[0].getlength(words) == fonts[1].getlength(words)


def lock(**packages: list[str]) -> str:
    """A lock file with these packages and what they depend on."""
    told = {
        name: {"file_name": f"{name}.whl", "depends": needs, "sha256": hashlib.sha256(name.encode()).hexdigest()}
        for name, needs in packages.items()
    }
    return json.dumps({"packages": told})


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a core and its wheels, each of a few bytes."""
    for name in distribution.CORE:
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / "pyodide-lock.json").write_text(
        lock(numpy=[], pillow=[], matplotlib=["numpy", "six"], six=[], scipy=[]), encoding="utf-8"
    )
    for name in ("numpy", "pillow", "matplotlib", "six"):
        (tmp_path / f"{name}.whl").write_text(name, encoding="utf-8")
    monkeypatch.setenv("PYODIDE_DIR", str(tmp_path))
    return tmp_path


def test_a_folder_counts_only_with_all_its_wheels(here):
    assert distribution.folder() == here
    assert distribution.wheels(here, ["matplotlib"]) == ["matplotlib.whl", "numpy.whl", "six.whl"]
    (here / "six.whl").unlink()
    assert distribution.folder() is None


def test_a_site_gets_what_its_python_needs_and_says_what_it_weighs(here, tmp_path):
    site = tmp_path / "site"
    runtime.add_runtime(site)
    live = site / "_static" / "live"
    told = json.loads((live / "runtime.json").read_text(encoding="utf-8"))
    assert told["python"] == "pyodide"
    assert {file.name for file in (live / "pyodide").glob("*.whl")} == {
        f"{n}.whl" for n in ("numpy", "pillow", "matplotlib", "six")
    }
    assert {"live.js", "worker.js", "touch.js", "live.css", "course.zip"} <= {file.name for file in live.iterdir()}
    first = (site / "service-worker.js").read_text(encoding="utf-8")
    assert "BUILD" not in first
    (here / "numpy.whl").write_text("another", encoding="utf-8")
    runtime.add_runtime(site)
    assert (site / "service-worker.js").read_text(encoding="utf-8") != first


def test_without_wheels_the_pages_are_told_that_there_is_no_python(tmp_path, monkeypatch):
    monkeypatch.setenv("PYODIDE_DIR", str(tmp_path / "nowhere"))
    runtime.add_runtime(tmp_path)
    told = json.loads((tmp_path / "_static/live/runtime.json").read_text(encoding="utf-8"))
    assert told["python"] == "none"


def test_the_page_and_what_it_loads_later_name_the_same_build(tmp_path):
    runtime.add_runtime(tmp_path)
    live = tmp_path / "_static" / "live"
    name = json.loads((live / "runtime.json").read_text(encoding="utf-8"))["build"]
    assert f'const BUILD = "{name}";' in (live / "python.js").read_text(encoding="utf-8")
    assert f'const CACHE = "cnnkit-{name}";' in (tmp_path / "service-worker.js").read_text(encoding="utf-8")


def test_a_wheel_that_is_not_the_locked_one_is_refused(tmp_path):
    wheel = tmp_path / "there.whl"
    wheel.write_bytes(b"numpy")
    wanted = hashlib.sha256(b"numpy").hexdigest()
    distribution.fetch_wheel(tmp_path / "here.whl", wheel.as_uri(), wanted)
    assert (tmp_path / "here.whl").read_bytes() == b"numpy"
    with pytest.raises(distribution.FetchError, match="not the file that the lock names"):
        distribution.fetch_wheel(tmp_path / "other.whl", wheel.as_uri(), "0" * 64)
    with pytest.raises(distribution.FetchError, match="PYODIDE_DIR"):
        distribution.fetch_wheel(tmp_path / "other.whl", (tmp_path / "gone").as_uri(), wanted)
    assert not (tmp_path / "other.whl").exists()
