"""From a key press to the new picture on the screen, beside `interact` + `plt.show()` of a similar one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from statistics import median, quantiles

import pytest
from playwright.sync_api import Browser

from tests.browser.every import classes, write_notebook
from tests.browser.lab import running_lab
from tests.browser.opened import OnPage, Opened

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
NAMES = [kind.__name__ for kind in classes()]
PRESSES = int(os.environ.get("CNNKIT_PRESSES", 12))
AT_LEAST = 2  # times as fast, while another worker uses the other core; alone it is 5 (curves) and 7 (grids)
pytestmark = pytest.mark.xdist_group("speed")


@pytest.fixture(scope="module")
def opened(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    folder = tmp_path_factory.mktemp("speed")
    write_notebook(folder / "notebooks" / "every.ipynb", GRID, CURVES)
    with running_lab(folder / "home", folder / "notebooks") as lab:
        opened = Opened(browser, lab, "every.ipynb")
        opened.run()
        yield opened
        opened.close()


def times(opened: Opened, cell: int, slider: int = 0) -> list[float]:
    """Milliseconds of some key presses on a slider of a cell."""
    opened.scroll_to(cell)
    opened.page.wait_for_timeout(300)
    output = opened.page.locator(f'.jp-Notebook-cell[data-windowed-list-index="{cell}"] .jp-OutputArea').first
    handle = output.locator(".noUi-handle").nth(slider)
    handle.press("ArrowRight")
    opened.page.wait_for_timeout(600)
    output.evaluate("output => course.stopwatch(output)")
    for press in range(PRESSES):
        handle.press("ArrowLeft" if press % 2 else "ArrowRight")
        count = press + 1
        opened.page.wait_for_function("count => course.times.length >= count", arg=count, timeout=10_000)
        opened.page.wait_for_timeout(60)
    return opened.page.evaluate("course.times")


def test_a_picture_is_there_much_sooner_than_with_interact(opened: Opened, measured: list[str]) -> None:
    slow = {}
    for kind, cell in (("grid", len(NAMES)), ("curves", len(NAMES) + 1)):
        slow[kind] = median(times(opened, cell))
        measured.append(f"speed interact, {kind}: median {slow[kind]:.0f} ms")
    late = {}
    for cell, name in enumerate(NAMES):
        kind = "grid" if name in PIXELS else "curves"
        controls = OnPage(opened.page, cell, name).controls()
        number = [control.disabled for control in controls if control.kind == "slider"].index(False)
        each = times(opened, cell, number)
        ratio = slow[kind] / median(each)
        p95 = quantiles(each, n=20)[-1]
        measured.append(f"speed {name}, {kind}: median {median(each):.0f} ms, p95 {p95:.0f} ms, {ratio:.1f} times")
        if ratio < AT_LEAST:
            late[name] = ratio
    assert not late
