"""The built site, served with the Python that is in it: Pyodide where it was built with it, else a stand-in."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.site.pages import SITE
from tools.site.live.standin import serving

RUNTIME = SITE / "_static" / "live" / "runtime.json"
TOLD = json.loads(RUNTIME.read_text(encoding="utf-8")) if RUNTIME.exists() else {}
PYTHON = "Pyodide" if TOLD.get("python") == "pyodide" else "the stand-in"
WAIT_MS = 120_000  # no claim: a start takes seconds, and longer where other things run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not TOLD:
        for item in items:
            if item.path.parent == Path(__file__).parent:
                item.add_marker(pytest.mark.skip(reason="no site here: `make site` builds it"))


class Quiet(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[str] = []  # the files that were asked for

    def do_GET(self) -> None:
        self.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def plain_server(folder: Path) -> Iterator[str]:
    """A server as any static host is one."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, measured: list[str]) -> Iterator[str]:
    """The site's address; it lies in a sub-folder, as on many hosts."""
    measured.append(f"the pages' Python was {PYTHON}")
    root = tmp_path_factory.mktemp("host")
    (root / "course").symlink_to(SITE.resolve(), target_is_directory=True)
    with plain_server(root) if PYTHON == "Pyodide" else serving(root) as address:
        yield f"{address}course/"


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Page]]:
    """A function that opens a page as somebody who was never here, and sees that nothing goes wrong or elsewhere."""
    contexts, wrong = [], []

    def open_page(name: str, *, width: int = 1280, fails: str = "", **options: object) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        home = site.removesuffix("course/")
        context.on(
            "request",
            lambda r: r.url.startswith(("http:", "https:")) and not r.url.startswith(home) and wrong.append(r.url),
        )
        page = context.new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: m.type == "error" and not (fails and fails in m.text) and wrong.append(m.text))
        page.goto(f"{site}{name.replace('#', '.html#') if '#' in name else f'{name}.html'}")
        page.wait_for_function("document.documentElement.dataset.live")
        return page

    yield open_page
    happened = [*wrong]  # what a page that closes leaves open is no fault
    for context in contexts:
        context.close()
    assert not happened


@pytest.fixture(scope="module")
def turned(browser: Browser, site: str) -> Iterator[Callable[[str], Page]]:
    """A function that turns to a page; it stays open until another is asked for."""
    there: dict[str, Page] = {}

    def turn(name: str) -> Page:
        if name not in there:
            for other in there.values():
                other.context.close()
            there.clear()
            page = there[name] = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
            page.set_default_timeout(WAIT_MS)
            page.goto(f"{site}{name}.html")
            page.wait_for_function("document.documentElement.dataset.live")
        return there[name]

    yield turn
    for page in there.values():
        page.context.close()


def settled(page: Page) -> None:
    """Python has answered everything, and it is on the screen."""
    page.wait_for_function(
        "live.explorers.every(e => !e.moving && !e.asking) && !document.querySelector('.cnnkit-screen[data-drawing]')"
    )
