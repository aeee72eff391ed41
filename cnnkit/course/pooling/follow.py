"""Answers of trained networks that stay the same when the digit moves."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from cnnkit.course.kit.bands import STYLES, WIDTH, Band, draw_curves
from cnnkit.course.kit.curves import dress, points
from cnnkit.course.kit.palette import INK
from cnnkit.course.kit.picture import Picture, from_figure
from cnnkit.course.kit.steady import steady
from cnnkit.course.pooling.follow_numbers import KINDS, MOVES, NAMES, ZEROS, most_and_least, seeds, staying, there

ABOUT = {"flat": "the last layer sees every pixel", "global": "the last layer sees the mean of each map"}


@steady()
def draw_following(head: str) -> Picture:
    """Draw how many answers stay when the digit is shifted by 0 to 8 pixels, for networks that differ in the halving.

    head   "flat" or "global": what the last layer sees
    """
    panels = {
        kind: {down: staying(kind, down, head) for down in there(kind, head) if down != "average"} for kind in KINDS
    }
    named = {kind: {NAMES[down]: curve for down, curve in curves.items()} for kind, curves in panels.items()}
    if head == "global":
        for kind in KINDS:
            found = seeds(kind, "zeros", head)
            named[kind][ZEROS] = {"mean": found.mean(axis=0), "lowest": found.min(axis=0), "highest": found.max(axis=0)}
    told = ". ".join(
        f"Trained on {kind} digits, at a shift of {amount} pixels: {most_and_least(curves, amount)}"
        for kind, curves in named.items()
        for amount in (2, 8)
    )
    bands = {kind: {name: Band(*curve.values()) for name, curve in curves.items()} for kind, curves in named.items()}
    return draw_curves(
        {f"trained on {kind} digits": each for kind, each in bands.items()},
        f"Answers that stay the same when the digit is shifted by 0 to 8 pixels, with the range over the seeds; "
        f"{ABOUT[head]}. {told}.",
        xlabel="shift in pixels", ylabel="answers that stay", ylim=(0, 1.03), percent=True, height=320,
    )  # fmt: skip


@steady()
def draw_moves() -> Picture:
    """Draw how many answers stay when the digit is turned, and resized: networks trained on shifted digits."""
    named = {
        NAMES["none"]: ("none", "flat"),
        NAMES["max"]: ("max", "flat"),
        "max pooling, then the mean": ("max", "global"),
    }
    figure = Figure(figsize=(WIDTH / 100, 3.2))
    for place, what, label, ticks in (
        (0.085, "angle", "turned by (degrees)", MOVES["angle"][::2]),
        (0.57, "scale", "size, 1 as trained (log scale)", MOVES["scale"][::2]),
    ):
        axis = figure.add_axes((place, 0.17, 0.405, 0.68))
        dress(axis)
        for (name, (down, head)), (colour, dashes) in zip(named.items(), STYLES[::2], strict=False):
            curve = staying("shifted", down, head, what)
            axis.fill_between(MOVES[what], curve["lowest"], curve["highest"], color=colour, alpha=0.15, linewidth=0)
            axis.plot(
                MOVES[what], curve["mean"], color=colour, linestyle=dashes, linewidth=1.8, marker="o",
                markersize=points(6), label=name,
            )  # fmt: skip
        if what == "scale":
            axis.set_xscale("log", base=2)
        axis.xaxis.set_major_locator(FixedLocator(ticks))
        axis.xaxis.set_minor_locator(NullLocator())
        axis.xaxis.set_major_formatter(lambda x, _: f"{x:g}")
        axis.set_ylim(0, 1.03)
        axis.yaxis.set_major_formatter(lambda y, _: f"{100 * y:.0f} %")
        axis.set_xlabel(label, fontsize=points(13), color=INK)
        if what == "angle":
            axis.set_ylabel("answers that stay", fontsize=points(13), color=INK)
    figure.legend(
        *axis.get_legend_handles_labels(), loc="upper left", bbox_to_anchor=(0.06, 1), ncols=3, frameon=False,
        fontsize=points(13), labelcolor=INK,
    )  # fmt: skip
    told = []
    for what, amount, words in (
        ("angle", 45, "Turned by 45°"),
        ("scale", 0.5, "Half as large"),
        ("scale", 2.0, "Twice as large"),
    ):
        at = MOVES[what].index(amount)
        found = {name: staying("shifted", *network, what) for name, network in named.items()}
        told.append(f"{words}: {most_and_least(found, at)}")
    sentence = (
        "Answers that stay the same when the digit is turned by 0 to 180 degrees, and when it is drawn half to twice"
    )
    return from_figure(figure, f"{sentence} as large, with the range over the seeds. {'. '.join(told)}.", colours=96)
