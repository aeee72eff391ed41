"""The numbers at an axis: at what was measured where it is little, at round values where it is much."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import Any

import numpy as np
from matplotlib.ticker import MaxNLocator, NullFormatter, NullLocator

from cnnkit.course.kit.sheet import text_width
from cnnkit.course.kit.words import minus, raised, short

SIZE, GAP = 12, 8  # CSS pixels: of a number, and at least between two of them
MOST = 24  # measured values; more are not written one by one
STEPS = (1.0,), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0)  # in each power of ten


def number(value: float) -> str:
    """A number at an axis: 0.707, 30, 10⁻⁵, 3·10⁻⁵.

    >>> number(0.7071), number(30), number(1e-5), number(3e-5), number(-2.5)
    ('0.707', '30', '10⁻⁵', '3·10⁻⁵', '−2.5')
    """
    if value == 0 or 0.001 <= abs(value) < 100_000:
        return minus(f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}")
    power = floor(log10(abs(value)) + 1e-9)
    return f"10{raised(power)}" if np.isclose(value, 10.0**power) else minus(short(value, mantissa=0))


def share(value: float) -> str:
    """A share as per cent: 20 %, 0.5 %.

    >>> share(0.2), share(0.005), share(1e-4)
    ('20 %', '0.5 %', '0.01 %')
    """
    return f"{minus(f'{100 * value:.4g}')} %"


def label_measured(axis: Any, places: Sequence[float], *, log: bool = False) -> None:
    """Put the numbers of an x axis at the measured places, as many as have room; at round ones where there are many."""
    if log:
        axis.set_xscale("log")
        axis.xaxis.set_minor_locator(NullLocator())
    if 0 < len(places) <= MOST:
        shown = _with_room(axis, places)
        axis.set_xticks(shown, [number(value) for value in shown])
        axis.set_xticks([place for place in places if place not in shown], minor=True)
        axis.xaxis.set_minor_formatter(NullFormatter())
        axis.tick_params(axis="x", which="both", length=3, color="#6a737d")
    elif log:
        label_log_axis(axis.xaxis, *axis.get_xlim())
    else:
        axis.xaxis.set_major_locator(MaxNLocator(6, integer=not np.any(np.asarray(places) % 1)))


def _with_room(axis: Any, places: Sequence[float]) -> list[float]:
    """All places, or every second, every third … so that no numbers touch; at uneven distances the first that fit."""
    figure = axis.get_figure()
    wide = figure.get_size_inches()[0] * 100 * axis.get_position().width
    at = axis.transScale.transform([(place, 1.0) for place in places])[:, 0]
    low, high = axis.transScale.transform([(end, 1.0) for end in axis.get_xlim()])[:, 0]
    at = (at - low) / (high - low) * wide
    steps = np.diff(at)
    if len(steps) and np.allclose(steps, steps[0]):
        for step in range(1, len(places)):
            chosen = range(0, len(places), step)
            if _fit(at, places, chosen):
                return [places[i] for i in chosen]
    kept: list[int] = []
    for i in range(len(places)):
        if not kept or _fit(at, places, [kept[-1], i]):
            kept.append(i)
    return [places[i] for i in kept]


def _fit(at: np.ndarray, places: Sequence[float], chosen: Sequence[int]) -> bool:
    half = {i: text_width(number(places[i]), SIZE) / 2 for i in chosen}
    return all(at[j] - at[i] >= half[i] + half[j] + GAP for i, j in zip(chosen, list(chosen)[1:], strict=False))


def label_log_axis(axis: Any, low: float, high: float, *, percent: bool = False) -> None:
    """Put numbers at a logarithmic axis: at powers of ten, or at 1, 2 and 5 times them where there are few powers."""
    axis.set_minor_locator(NullLocator())
    ticks = log_ticks(low, high)
    axis.set_ticks(ticks, [share(tick) if percent else number(tick) for tick in ticks])


def log_ticks(low: float, high: float) -> list[float]:
    """Three to eight round values from low to high.

    >>> log_ticks(0.9, 12), log_ticks(1e-8, 1.0)
    ([1.0, 2.0, 5.0, 10.0], [1e-08, 1e-06, 0.0001, 0.01, 1.0])
    """
    first, last = floor(log10(low)), ceil(log10(high))
    powers = [p for p in range(first, last + 1) if low * (1 - 1e-9) <= 10.0**p <= high * (1 + 1e-9)]
    if len(powers) >= 4:
        step = ceil(len(powers) / 7)
        return [float(f"1e{p}") for p in powers if p % step == 0]
    for steps in STEPS[1:]:
        ticks = [float(f"{m}e{p}") for p in range(first, last + 1) for m in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if len(ticks) >= 4:
            return ticks
    return [float(tick) for tick in MaxNLocator(5).tick_values(low, high) if low <= tick <= high]
