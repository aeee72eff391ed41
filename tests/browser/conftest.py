"""A browser, a JupyterLab, and what was measured, printed at the end."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.lab import ROOT, Lab, running_lab

NOTEBOOKS = Path(os.environ.get("CNNKIT_NOTEBOOKS", ROOT / "notebooks"))
# Where screenshots go, for a person to look at: shots/ in the repository, which git ignores. In CI nobody looks, and
# they take minutes, so there they are taken only where CNNKIT_SHOTS names a folder.
SHOTS = Path(os.environ.get("CNNKIT_SHOTS", ROOT / "shots"))
TAKEN = "CNNKIT_SHOTS" in os.environ or not os.environ.get("CI")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run",
)  # fmt: skip
expect.set_options(timeout=30_000)  # what is waited for is no claim: two workers share two cores
MEASURED = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium: CNNKIT_CHROMIUM, the system's, or the one that `playwright install chromium` brings."""
    with sync_playwright() as playwright:
        names = ("chromium", "chromium-browser", "google-chrome")
        found = os.environ.get("CNNKIT_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
        if not found and not Path(playwright.chromium.executable_path).exists():
            say = pytest.fail if os.environ.get("CI") else pytest.skip
            say("no Chromium here: install it, or run `python -m playwright install chromium`")
        chromium = playwright.chromium.launch(executable_path=found, args=list(QUIET))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with running_lab(tmp_path_factory.mktemp("lab"), NOTEBOOKS) as lab:
        yield lab


@pytest.fixture(scope="session")
def shots() -> Callable[[str], Path | None]:
    """A function from a screenshot's name to its file; None where none are taken."""
    if not TAKEN:
        return lambda name: None
    SHOTS.mkdir(parents=True, exist_ok=True)
    return lambda name: SHOTS / f"{name}.png"


@pytest.fixture(scope="session")
def measured(pytestconfig: pytest.Config) -> list[str]:
    """Lines to print when all is done."""
    return pytestconfig.stash.setdefault(MEASURED, [])


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker of xdist hands over what it measured."""
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput["measured"] = session.config.stash.get(MEASURED, [])


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash.setdefault(MEASURED, []).extend(getattr(node, "workeroutput", {}).get("measured", []))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    lines = sorted(config.stash.get(MEASURED, []))
    if lines:
        terminalreporter.section("in the browser")
        for line in [*lines, f"screenshots: {SHOTS if TAKEN else 'none'}"]:
            terminalreporter.write_line(line)
