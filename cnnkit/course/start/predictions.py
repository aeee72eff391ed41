"""The trial prediction of the start page: how a commitment works."""

from __future__ import annotations

from cnnkit.course.kit.prediction import NumberPrediction, Option
from cnnkit.sizes import conv_output_size

PREDICTIONS = (
    NumberPrediction(
        key="00.a",
        question="A window covers 3 neighbouring pixels. In how many places can it stand in a row of 7?",
        options=(
            Option("2", 2, "So many fit side by side. But windows may overlap: the next one starts one pixel further."),
            Option("4", 4, "The window can move 7 − 3 = 4 times. The place where it starts counts, too."),
            Option("7", 7, "That is one window for each pixel. A window that starts at pixel 6 would stick out."),
        ),
        truth=lambda: conv_output_size(7, 3),
        reveal=(
            "A row of n pixels has n − k + 1 places for a window of k. In the explorer: set n = 7 and k = 3, and count "
            "the bars. Each pixel that the window grows takes one place away."
        ),
        unit="places",
        within=0,
        far="Draw seven boxes, lay a strip of three over them, and count the places where it can start.",
        spoilers=(r"n − k \+ 1",),
    ),
)
