"""The built site, served from a folder below the server's root, as GitHub Pages does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import (
    browser,
    measured,
    pytest_sessionfinish,
    pytest_terminal_summary,
    pytest_testnodedown,
    shots,
)
from tests.site.pages import SITE, names

__all__ = [  # for live/, too: of its own it would have a second browser, which one thread cannot start
    "browser",
    "measured",
    "pytest_sessionfinish",
    "pytest_terminal_summary",
    "pytest_testnodedown",
    "shots",
]
FOLDER = "/some/where/"
WAIT_MS = 60_000  # what is waited for takes a moment; a machine that does other things, too, may take long


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if not (SITE / "index.html").exists():
        for item in items:
            if item.path.parent == Path(__file__).parent:  # those of live/ write their own
                item.add_marker(pytest.mark.skip(reason="no site here: `make site` builds it"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that asks for `name` runs for every page."""
    if "name" in metafunc.fixturenames:
        metafunc.parametrize("name", names())


class Handler(SimpleHTTPRequestHandler):
    """The site below FOLDER, and nothing else."""

    def translate_path(self, path: str) -> str:
        inside = path.startswith(FOLDER)
        return super().translate_path("/" + path.removeprefix(FOLDER) if inside else "/not/here")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    """Where the site is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(SITE))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{FOLDER}"
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Callable[..., Page]]:
    """A function that opens a page, and fails at the end where it asked for anything outside or raised an error."""
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    errors: list[str] = []

    def open_page(name: str, **options: Any) -> Page:
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT_MS)
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.answers = []
        page.on("response", lambda answer: page.answers.append(answer))
        page.on("response", lambda r: errors.append(f"{r.status} {r.url}") if r.status >= 400 else None)
        page.goto(f"{address}{name}", wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert errors == []
