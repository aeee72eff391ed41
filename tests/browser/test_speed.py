"""From a key press to the new picture on the screen, beside `interact` + `plt.show()` of a similar one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from statistics import median, quantiles

import pytest
from playwright.sync_api import Browser, TimeoutError

from tests.browser.every import classes, write_notebook
from tests.browser.lab import running_lab
from tests.browser.opened import OnPage, Opened
from tests.course.test_explorers import TRAINS

GRID = """import matplotlib.pyplot as plt, numpy as np
from ipywidgets import interact
%matplotlib inline

def grid(size=12):
    x = np.arange(size * size).reshape(size, size) % 4
    figure, axes = plt.subplots(1, 3, figsize=(8.2, 4.2))
    for axis, numbers in zip(axes, (x, x[:3, :3], x[2:, 2:])):
        axis.imshow(numbers, cmap="Blues")
        axis.set(xticks=[], yticks=[], title="numbers")
        for (row, column), value in np.ndenumerate(numbers):
            axis.text(column, row, str(value), ha="center", va="center")
    plt.show()

interact(grid, size=(3, 32))"""
CURVES = """def curves(shift=7):
    z = np.linspace(-6, 6, 400)
    figure, axes = plt.subplots(1, 2, figsize=(8.2, 3.4))
    for axis, name in zip(axes, ("f(z)", "slope")):
        axis.plot(z, np.maximum(0, z - shift / 8), label=name)
        axis.axvline(shift / 8, linestyle="--")
        axis.set(xlabel="z", title=name)
        axis.grid()
        axis.legend()
    plt.show()

interact(curves, shift=(0, 32))"""
PIXELS = {
    "Row", "Window", "Stack", "FilterPicture", "PoolWindow", "Downsample", "ShiftIt", "ReceptiveField", "Mask",
    "ElementOrChannel", "DeadUnits", "Counter", "Matrix", "FollowShift", "WalkThrough", "Occlusion", "Mistakes",
    "BuildYourOwn", "FirstLoss", "WhoReads", "SubNetworks",
}  # fmt: skip
# A notebook holds as many explorers as a lesson. CNNKIT_PRESSES=24 on a quiet machine measures all of them.
PRESSES = int(os.environ.get("CNNKIT_PRESSES", 0))
SAMPLE = [kind for kind in classes() if kind.__name__ in ("Window", "Stack", "Shape", "Depth")]
MODULE = attrgetter("__module__")
TOPICS = [[*each] for _, each in groupby(sorted(classes(), key=MODULE), MODULE)]
AT_LEAST = 2  # times as fast, while another worker uses the other core
ROUNDS = 3  # that worker may take both cores for a while: an explorer is late if it is so each time
pytestmark = pytest.mark.xdist_group("speed")


@pytest.fixture(scope="module", params=TOPICS if PRESSES else [SAMPLE], ids=lambda kinds: kinds[0].__name__)
def kinds(request: pytest.FixtureRequest) -> list[type]:
    return request.param


@pytest.fixture(scope="module")
def opened(kinds: list[type], browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("speed")
    write_notebook(folder / "notebooks" / "every.ipynb", GRID, CURVES, kinds=kinds)
    with running_lab(folder / "home", folder / "notebooks") as lab:
        opened = Opened(browser, lab, "every.ipynb")
        opened.run()
        yield opened
        opened.close()


def times(opened: Opened, cell: int, slider: int | None = 0, may_lose: int = 0, pause: float = 60) -> list[float]:
    """Milliseconds of some key presses on a slider of a cell, or on its picture.

    may_lose   how many presses may bring no new picture
    pause      milliseconds between a picture and the next press
    """
    opened.scroll_to(cell)
    opened.page.wait_for_timeout(300)
    output = opened.page.locator(f'.jp-Notebook-cell[data-windowed-list-index="{cell}"] .jp-OutputArea').first
    handle = output.locator(".cnnkit-touch").last if slider is None else output.locator(".noUi-handle").nth(slider)
    handle.press("ArrowRight")
    opened.page.wait_for_timeout(600 + pause)
    output.evaluate("output => course.stopwatch(output)")
    seen = 0
    for press in range(PRESSES or 8):
        handle.press("ArrowRight" if press % 2 else "ArrowLeft")
        try:
            opened.page.wait_for_function("count => course.times.length > count", arg=seen, timeout=10_000)
        except TimeoutError:
            may_lose -= 1
            if may_lose < 0:
                raise
        opened.page.wait_for_timeout(pause + 4.3 * press % 16.7)  # not in step with the screen's frames
        seen = opened.page.evaluate("course.times.length")
    return opened.page.evaluate("course.times")


def late(kinds: list[type], opened: Opened, measured: list[str]) -> dict[str, float]:
    """Explorers that are not `AT_LEAST` times as fast as `interact`, each with how many times as fast it is."""
    names = [kind.__name__ for kind in kinds]
    slow, found = {}, {}
    for kind, cell in (("grid", len(names)), ("curves", len(names) + 1)):
        # `interact` drops a move now and then, and now and then shows a picture twice: the second must not be taken for
        # the next one's.
        slow[kind] = median(times(opened, cell, may_lose=3, pause=500))
        measured.append(f"speed interact, {kind}: median {slow[kind]:.0f} ms")
    for cell, name in enumerate(names):
        kind = "grid" if name in PIXELS else "curves"
        opened.scroll_to(cell)
        sliders = [control for control in OnPage(opened.page, cell, name).controls() if control.kind == "slider"]
        free = [number for number, slider in enumerate(sliders) if not slider.disabled]
        each = times(opened, cell, free[0] if free else None)
        ratio = slow[kind] / median(each)
        p95 = quantiles(each, n=20)[-1]
        measured.append(f"speed {name}, {kind}: median {median(each):.0f} ms, p95 {p95:.0f} ms, {ratio:.1f} times")
        if ratio < AT_LEAST and name not in TRAINS:
            found[name] = ratio
    return found


def test_a_picture_is_there_much_sooner_than_with_interact(
    kinds: list[type], opened: Opened, measured: list[str]
) -> None:
    for _ in range(ROUNDS):
        slower = late(kinds, opened, measured)
        if not slower:
            return
    assert not slower
