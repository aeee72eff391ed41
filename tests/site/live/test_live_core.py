"""The real Python in WebAssembly, where its wheels cannot be had: its core starts, and finds the course."""

from __future__ import annotations

import json
import shutil
import subprocess
import time

import pytest

from tests.site.live.conftest import PYTHON, WAIT_MS, plain_server
from tests.site.pages import SITE
from tools.site.live import distribution


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    """The site with the core and none of its packages; what npm gives is compared with the pinned sum."""
    place = distribution.CACHE
    try:
        if not all((place / name).is_file() for name in distribution.CORE):
            place.mkdir(parents=True, exist_ok=True)
            distribution.fetch_core(place)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("the core is fetched by npm, which is not here or has no network")
    root = tmp_path_factory.mktemp("core")
    shutil.copytree(SITE, root / "course", ignore=shutil.ignore_patterns("_images", "pyodide"))
    live = root / "course" / "_static" / "live"
    (live / "pyodide").mkdir()
    for name in distribution.CORE:
        shutil.copy(place / name, live / "pyodide")
    told = {"python": "pyodide", "packages": [], "megabytes": 7, "bytes": 10_000_000}
    (live / "runtime.json").write_text(json.dumps(told), encoding="utf-8")
    return root


@pytest.mark.skipif(PYTHON == "Pyodide", reason="the pages have the whole of it")
def test_the_core_starts_in_the_pages_worker_and_gets_as_far_as_numpy(core, browser, measured):
    with plain_server(core) as address:
        page = browser.new_page()
        page.set_default_timeout(WAIT_MS)
        page.goto(f"{address}course/04_pooling.html")
        page.wait_for_function("document.documentElement.dataset.live")
        began = time.perf_counter()
        said = page.evaluate("live.start().then(() => 'it started', (error) => error.message)")
        seconds = time.perf_counter() - began
        assert "No module named 'numpy'" in said  # raised by the course's own code, unpacked in the browser:
        assert "/course/cnnkit/" in said
        assert page.locator(".live-bar").get_by_text("Python could not start").is_visible()
        measured.append(f"the real core {distribution.VERSION} started, as far as numpy, in {seconds:.1f} s")
        page.close()
