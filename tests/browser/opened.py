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
WAIT_MS = 30_000


class State(NamedTuple):
    """What an explorer shows: a digest of its picture's bytes, the sentence, widths in pixels of file and screen."""

    picture: str
    sentence: str
    wide: int
    shown: float


class Control(NamedTuple):
    """A slider, a dropdown or a checkbox: what it says of itself."""

    kind: str
    label: str
    value: str
    options: list[str]
    disabled: bool

    @property
    def key(self) -> str:
        """The label without the number of the layer that it is about at the moment."""
        return re.sub(r"[\d₀-₉\s]+$", "", self.label)

    def moves(self) -> list[str]:
        """Both ends of a slider; the last option; on or off."""
        return {"slider": ["End", "Home"], "dropdown": self.options[-1:]}.get(self.kind, ["click"])


class OnPage:
    """One explorer in the page, its controls moved by mouse and keyboard."""

    def __init__(self, page: Page, cell: int, source: str) -> None:
        self.page = page
        self.cell = cell
        within = f'.jp-Notebook-cell[data-windowed-list-index="{cell}"]'
        self.box = page.locator(f"{within} .cnnkit-explorer")
        self.roots = self.box.locator(".widget-slider, .widget-dropdown, .widget-checkbox")
        self.canvas = self.box.locator(".cnnkit-screen canvas.cnnkit-all").last
        self.touch = self.box.locator(".cnnkit-touch").last
        self.name = f"cell{cell:03d}_{re.match(r'[A-Za-z_]*', source.splitlines()[-1])[0]}"

    def controls(self) -> list[Control]:
        return [Control(**control) for control in self.box.evaluate("box => course.controls(box)")]

    def control(self, number: int) -> Control:
        return self.controls()[number]

    def find(self, key: str) -> int | None:
        """Where the control `key` is now; other controls can hide it."""
        return next((number for number, control in enumerate(self.controls()) if control.key == key), None)

    def state(self) -> State:
        """What it shows, once the kernel has answered."""
        return State(**self.box.evaluate("box => course.state(box)"))

    def move(self, number: int, how: str) -> State:
        """Press a key on a slider's handle, click its middle, choose an option, click a box; then wait and look."""
        root = self.roots.nth(number)
        kind = self.control(number).kind
        if kind == "dropdown":
            root.locator("select").select_option(label=how)
        elif kind == "checkbox":
            root.locator("input").click()
        elif how == "middle":
            root.locator(".noUi-target").click()
        else:
            root.locator(".noUi-handle").press(how)
        return self.state()

    def told(self) -> dict[str, Any]:
        """What the kernel told the page beside the picture."""
        return self.box.evaluate("box => course.screen(box).screen.told")

    def areas(self) -> list[dict[str, Any]]:
        """What can be touched in the picture."""
        return self.told()["areas"]

    def alt(self) -> str:
        """The picture's words."""
        return self.told()["alt"]

    def click(self, area: int, across: float, down: float) -> State:
        """Click into an area, `across` and `down` from 0 to 1."""
        told = self.told()
        left, top, width, height = told["areas"][area]["box"]
        zoom = self.touch.bounding_box()["width"] / told["width"]
        self.touch.click(position={"x": (left + across * width) * zoom, "y": (top + down * height) * zoom})
        return self.state()

    def press(self, key: str) -> State:
        """Press a key on the picture."""
        self.touch.press(key)
        return self.state()

    def button(self, label: str) -> Locator:
        """The button that says so, if there is one."""
        return self.box.get_by_role("button", name=label, exact=True)

    def put(self, number: int, value: str) -> None:
        """Set a control as a learner who types: into the number beside the slider."""
        if self.control(number).kind == "slider":
            readout = self.roots.nth(number).locator(".widget-readout")
            readout.fill(value)
            readout.press("Enter")
            self.state()
        else:
            self.move(number, value)

    def restore(self, start: list[Control]) -> None:
        """Every control back to its value, one after the other: one may limit, free or show another."""
        values = {control.key: control.value for control in start}
        for _ in range(3 * len(start)):
            away = (
                (number, values[control.key])
                for number, control in enumerate(self.controls())
                if not control.disabled and control.value != values.get(control.key, control.value)
            )
            first = next(away, None)
            if first is None:
                return
            self.put(*first)

    def first_slider(self) -> int:
        """The number of the first slider that can move."""
        return next(i for i, it in enumerate(self.controls()) if it.kind == "slider" and not it.disabled)

    def shoot(self, file: Path | None) -> None:
        if file:
            self.page.mouse.move(0, 0)  # no hover colours
            self.box.screenshot(path=file)


class Asked:
    """A prediction or a vote in the page, answered by mouse."""

    def __init__(self, page: Page, cell: int, source: str) -> None:
        within = f'.jp-Notebook-cell[data-windowed-list-index="{cell}"]'
        self.page, self.cell, self.source = page, cell, source
        self.box = page.locator(f"{within} .widget-vbox").first
        self.choices = self.box.locator("input[type=radio]")
        self.field = self.box.locator("input[type=text]")

    def press(self, label: str) -> str:
        """Press a button; what stands below it then."""
        self.box.get_by_role("button", name=label, exact=True).click()
        self.page.evaluate("course.settled()")
        return self.box.locator(".widget-html").last.inner_text()

    def answer(self) -> None:
        """Choose the first option, or type a number."""
        if self.choices.count():
            self.choices.first.check()
        else:
            self.field.fill("1")
            self.field.press("Tab")
        self.page.evaluate("course.settled()")


class Opened:
    """A notebook in JupyterLab: first as it is stored, then run."""

    def __init__(
        self, browser: Browser, lab: Lab, name: str, *, width: int = 1280, ratio: float = 1, address: str = ""
    ) -> None:
        self.name = name
        self.problems: list[str] = []  # what the console said
        self.requests: list[str] = []  # what the page asked of the network; it gets nothing
        self.context = browser.new_context(viewport={"width": width, "height": 900}, device_scale_factor=ratio)
        self.context.route(ELSEWHERE, self._refuse)
        self.page = self.context.new_page()
        self.page.add_init_script(path=HELPERS)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("console", self._listen)
        self.page.goto(address or lab.page(f"notebooks/{name}"))
        self.page.wait_for_function("window.jupyterapp && course.ready()", timeout=OPEN_MS)
        self.page.evaluate("course.watch()")

    def _refuse(self, route: Route, request: Request) -> None:
        self.requests.append(f"{request.resource_type} {request.url}")
        route.abort()

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.problems.append(f"{message.text} ({message.location.get('url', '')})")

    def look_before_running(self) -> None:
        """What a reader sees who opens the file and runs nothing: pictures by cell (width, alternative text), words."""
        self.stored: dict[int, list[list[Any]]] = dict(self.page.evaluate("course.stored()"))
        self.said_before = self.broken()

    def run(self) -> None:
        """Run All Cells, and wait until the last one has run."""
        self.page.set_default_timeout(RUN_MS)
        self.page.evaluate("course.runAll()")
        self.page.evaluate("course.settled(30000)")
        self.page.set_default_timeout(WAIT_MS)

    def run_cell(self, number: int) -> None:
        """Run one cell, with it in the middle of the window."""
        self.scroll_to(number)
        self.page.evaluate("jupyterapp.commands.execute('notebook:run-cell')")
        self.page.evaluate("course.settled(30000)")

    def cells(self) -> list[dict[str, Any]]:
        """Its code cells: index, source, whether it ran, outputs."""
        return self.page.evaluate("course.cells()")

    def explorers(self) -> Iterator[OnPage]:
        for cell in self.live(picture=True):
            yield OnPage(self.page, cell["index"], cell["source"])

    def asked(self) -> Iterator[Asked]:
        """Its predictions and votes."""
        for cell in self.live(picture=False):
            yield Asked(self.page, cell["index"], cell["source"])

    def live(self, *, picture: bool) -> Iterator[dict[str, Any]]:
        """The cells with a live view: those of explorers have a picture beside it."""
        for cell in self.cells():
            data = [output.get("data", {}) for output in cell["outputs"]]
            if any(VIEW in each and ("image/png" in each) == picture for each in data):
                yield cell

    def scroll_to(self, cell: int) -> None:
        """Bring a cell to the middle of the window, and choose it: the chosen cell is never taken out of the page."""
        self.page.evaluate("cell => (course.panel().content.activeCellIndex = cell)", cell)
        self.page.evaluate("cell => course.panel().content.scrollToItem(cell, 'center')", cell)
        self.page.evaluate("course.settled()")

    def broken(self) -> list[str]:
        """Words on the page that stand where a widget should be."""
        text = "\n".join(self.page.locator(".jp-OutputArea-output").all_inner_texts())
        return [words for words in BROKEN if words in text]

    def close(self) -> None:
        self.page.evaluate("course.panel().sessionContext.shutdown()")
        self.context.close()
