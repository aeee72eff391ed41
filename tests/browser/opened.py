"""A notebook open in JupyterLab, its explorers, and their controls, as a learner meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Route

from tests.browser.lab import Lab

HELPERS = Path(__file__).with_name("page.js")
VIEW = "application/vnd.jupyter.widget-view+json"
ELSEWHERE = re.compile(r"^https?://(?!127\.0\.0\.1[:/])")
BROKEN = (
    "Error displaying widget",
    "Failed to load model",
    "Loading widget",
    "Error creating widget",
    "model not found",
)
OPEN_MS = 60_000
RUN_MS = 120_000


class State(NamedTuple):
    """What an explorer shows: a digest of its picture's bytes, the sentence, widths in pixels of file and screen."""

    picture: str
    sentence: str
    wide: int
    shown: float


class Control:
    """A slider, a dropdown or a checkbox, moved by mouse and keyboard."""

    def __init__(self, root: Locator) -> None:
        self.root = root
        classes = root.get_attribute("class") or ""
        self.kind = next(kind for kind in ("slider", "dropdown", "checkbox") if f"widget-{kind}" in classes)
        self.label = " ".join(root.locator(".widget-label, .widget-label-basic").all_inner_texts()).strip()

    @property
    def disabled(self) -> bool:
        return self.kind == "slider" and self.root.locator("[disabled]").count() > 0

    @property
    def value(self) -> str:
        if self.kind == "slider":
            return self.root.locator(".widget-readout").inner_text()
        if self.kind == "dropdown":
            return self.root.locator("select").evaluate("it => it.options[it.selectedIndex].text")
        return str(self.root.locator("input").is_checked())

    def moves(self) -> list[str]:
        """Both ends, one step and the middle of a slider; every option; on and off."""
        if self.kind == "slider":
            return ["End", "ArrowLeft", "Home", "ArrowRight", "middle"]
        return self.root.locator("option").all_inner_texts() if self.kind == "dropdown" else ["click", "click"]

    def move(self, how: str) -> None:
        if self.kind == "dropdown":
            self.root.locator("select").select_option(label=how)
        elif self.kind == "checkbox":
            self.root.locator("input").click()
        elif how == "middle":
            self.root.locator(".noUi-target").click()
        else:
            self.root.locator(".noUi-handle").press(how)

    def put(self, value: str) -> None:
        """Set it as a learner who types: into the number beside the slider."""
        if self.kind == "slider":
            self.root.locator(".widget-readout").fill(value)
            self.root.locator(".widget-readout").press("Enter")
        elif self.value != value:
            self.move(value)


class OnPage:
    """One explorer in the page."""

    def __init__(self, page: Page, cell: int, source: str) -> None:
        self.page = page
        self.cell = cell
        self.source = source
        within = f'.jp-Notebook-cell[data-windowed-list-index="{cell}"]'
        self.box = page.locator(f"{within} .widget-vbox:has(> img.widget-image)")
        self.name = f"cell{cell:03d}_{re.match(r'[A-Za-z_]*', source.splitlines()[-1])[0]}"

    def controls(self) -> list[Control]:
        roots = self.box.locator(".widget-slider, .widget-dropdown, .widget-checkbox").all()
        return [Control(root) for root in roots]

    def state(self) -> State:
        """What it shows, once the kernel has answered."""
        self.page.evaluate("course.settled()")
        return State(**self.box.evaluate("box => course.state(box)"))

    def move(self, control: Control, how: str) -> State:
        control.move(how)
        return self.state()

    def restore(self, values: list[str]) -> None:
        """Every control back to these values; one that limits another may need a second round."""
        for _ in range(3):
            now = [(control, value) for control, value in zip(self.controls(), values, strict=True)]
            away = [(control, value) for control, value in now if control.value != value and not control.disabled]
            for control, value in away:
                control.put(value)
                self.page.evaluate("course.settled()")
            if not away:
                return

    def shoot(self, file: Path) -> None:
        self.page.mouse.move(0, 0)  # no hover colours
        self.box.screenshot(path=file)


class Opened:
    """A notebook in JupyterLab: first as it is stored, then run."""

    def __init__(self, browser: Browser, lab: Lab, name: str) -> None:
        self.name = name
        self.problems: list[str] = []  # what the console said
        self.requests: list[str] = []  # what the page asked of the network; it gets nothing
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.route(ELSEWHERE, self._refuse)
        self.page = self.context.new_page()
        self.page.add_init_script(path=HELPERS)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._listen)
        self.page.goto(lab.page(f"notebooks/{name}"))
        self.page.wait_for_function("window.jupyterapp && course.ready()", timeout=OPEN_MS)
        self.page.evaluate("course.watch()")

    def _refuse(self, route: Route, request: Request) -> None:
        self.requests.append(f"{request.resource_type} {request.url}")
        route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"{message.text} ({message.location.get('url', '')})")

    def run(self) -> None:
        """Run All Cells, and wait until the last one has run."""
        self.page.set_default_timeout(RUN_MS)
        self.page.evaluate("course.runAll()")
        self.page.evaluate("course.settled(30000)")
        self.page.set_default_timeout(15_000)

    def cells(self) -> list[dict[str, Any]]:
        """Its code cells: index, source, whether it ran, outputs."""
        return self.page.evaluate("course.cells()")

    def explorers(self) -> Iterator[OnPage]:
        for cell in self.cells():
            if any(VIEW in output.get("data", {}) for output in cell["outputs"]):
                yield OnPage(self.page, cell["index"], cell["source"])

    def broken(self) -> list[str]:
        """Words on the page that stand where a widget should be."""
        text = "\n".join(self.page.locator(".jp-OutputArea-output").all_inner_texts())
        return [words for words in BROKEN if words in text]

    def close(self) -> None:
        self.page.evaluate("course.panel().sessionContext.shutdown()")
        self.context.close()
