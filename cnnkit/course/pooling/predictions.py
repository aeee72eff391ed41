"""What lesson 04 and its lab ask before they show it."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.course.pooling.downsample_numbers import BAND, pattern, shrink
from cnnkit.course.pooling.drawings_numbers import EXAMPLE, UPSTREAM
from cnnkit.course.pooling.field_numbers import build_stack
from cnnkit.course.pooling.follow_numbers import seeds
from cnnkit.course.pooling.shift_numbers import respond
from cnnkit.pooling import max_pool2d_backward
from cnnkit.sizes import receptive_field


def windows_won() -> int:
    """How many of the 2 × 2 windows with stride 1 a single bright pixel wins."""
    picture = np.zeros((1, 6, 6))
    picture[0, 2, 2] = 1
    return int(max_pool2d_backward(np.ones((1, 5, 5)), picture, 2, stride=1)[0, 2, 2])


def two_sevens() -> tuple[int, int]:
    """What the two sevens of the example's last window get of its gradient."""
    dx = max_pool2d_backward(UPSTREAM[None], EXAMPLE[None], 2)[0]
    first, second = np.argwhere(EXAMPLE[2:, 2:] == EXAMPLE[2:, 2:].max()) + 2
    return int(dx[tuple(first)]), int(dx[tuple(second)])


def mere_shifts() -> tuple[bool, bool]:
    """Whether a shift by one pixel, and by two, comes out of a 2 × 2 max pooling as a shift."""
    left = respond("shift", "max 2 × 2", blur=False, digit=5).left
    return bool(left[1] < 1e-5), bool(left[2] < 1e-5)


def who_follows() -> str:
    """Which network keeps more answers at three pixels: pooled and centred, or unpooled and shifted in training."""
    pooled, shown = (
        seeds(*network)[:, 3].mean() for network in (("centred", "max", "flat"), ("shifted", "none", "flat"))
    )
    if min(pooled, shown) > 0.9:
        return "both"
    if max(pooled, shown) < 0.5:
        return "neither"
    return "alike" if abs(pooled - shown) < 0.1 else "pooled" if pooled > shown else "shown"


def field_with_poolings() -> int:
    """How wide three convolutions see with two poolings between them."""
    return int(receptive_field(build_stack(3, 3, "max pooling"))[-1].size)


def finest_stripes() -> tuple[float, float]:
    """What 2 × 2 max pooling and average pooling make of stripes one pixel wide: their grey, from 0 to 1."""
    stripes = pattern("stripes")[: BAND - BAND % 2]
    return tuple(float(shrink(stripes, way, 2, 2).small.mean()) for way in ("max pooling", "average pooling"))  # type: ignore[return-value]


PREDICTIONS = (
    Prediction(
        key="04.a",
        question="A picture of 6 × 6 pixels is max pooled with windows of 2 × 2. With stride 2 each pixel lies in one "
        "window. Now the stride becomes 1. How many windows can one bright pixel in the middle win?",
        options=(
            Option(
                "One, as before",
                1,
                "That is so with stride 2, where windows lie side by side. With stride 1 they overlap.",
            ),
            Option("Two", 2, "That is so in a single row. A picture has two directions, and they multiply."),
            Option("Four", 4, "Two positions in each direction, 2 · 2."),
            Option("All of them", 25, "A window must lie over the pixel to see it. Most windows lie elsewhere."),
        ),
        truth=windows_won,
        reveal="A window of 2 × 2 can lie over the pixel in four ways, and a bright pixel wins each of them. At "
        "stride 1 such a pixel lies in k·k windows.\n\nIn the explorer: stride 2 gives 3 × 3 outputs, stride 1 gives "
        "5 × 5. Set *kind* to average, and the sentence shows the sum and what it is divided by.",
        spoilers=(r"in four ways", r"5 × 5"),
    ),
    Prediction(
        key="04.b",
        question="The last window of the drawing holds the numbers 7, 5, 1 and 7. Its output was 7, and the gradient "
        "16 comes back to it. What do the two sevens get?",
        options=(
            Option(
                "16 each",
                (16, 16),
                "Then 32 would arrive where 16 came in. The window has one output, which used one number.",
            ),
            Option(
                "8 each",
                (8, 8),
                "A fair choice: `torch.amax` makes it. PyTorch's max pooling and this package make another.",
            ),
            Option("16 for the first, 0 for the second", (16, 0), "Among equals the first wins, row by row."),
            Option(
                "0 for the first, 16 for the second",
                (0, 16),
                "That would be the last of equals: it happens if code compares with `>=`.",
            ),
        ),
        truth=two_sevens,
        reveal="A tie has no right answer: raise either seven a little, and the output rises. PyTorch "
        "and this package have chosen: the first, row by row, counts as the winner and gets all of it.\n\nIn the "
        "explorer, set *kind* to max: each of the four windows has one winner, and every other pixel stays empty. Set "
        "the stride to 1 and go to window 5: its winner wins four windows, and adds up 2 + 1 + 2 + 3 = 8.",
        spoilers=(r"the first, row\s+by row",),
    ),
    Prediction(
        key="04.c",
        question="A digit is filtered, then max pooled with 2 × 2 windows and stride 2. First the digit moves by one "
        "pixel, then by two. Which of these shifts comes out as a mere shift of the output, with the same numbers?",
        options=(
            Option("Both", (True, True), "So it would be without a stride. Half of all positions are skipped here."),
            Option(
                "Only the shift by one pixel",
                (True, False),
                "One pixel is half of the stride: the windows then hold other pairs of pixels.",
            ),
            Option(
                "Only the shift by two pixels",
                (False, True),
                "It is a whole stride, so each window finds what its neighbour held.",
            ),
            Option(
                "Neither",
                (False, False),
                "A shift by a whole stride moves what one window holds into the next window, unchanged.",
            ),
        ),
        truth=mere_shifts,
        reveal="A shift by a whole stride moves the content of one window into the next. So the output moves by one, "
        "and nothing else changes. Every other shift mixes the windows anew.\n\nIn the explorer, with *max 2 × 2*: "
        "one pixel changes the output by 45 %, and moving the output back does not help. After two pixels, moved "
        "back, it is the same again. With the *blur* it is 39 % after one pixel. A *global average* does not change "
        "at all under a shift. Choose *angle* and 10 steps, a right angle, and it does: by 7 %, as much as another "
        "digit in its place.",
        spoilers=(r"shift by a whole stride", r"changes the output by 45 %"),
    ),
    Prediction(
        key="04.d",
        question="Two kinds of networks learn 1,000 digits, each digit 10 pixels wide. P has two max poolings and sees "
        "the digits in the middle only. N has no pooling and sees each digit somewhere else each time, up to "
        "five pixels away. Then the test digits move by three pixels. Which keeps more of its answers?",
        options=(
            Option(
                "P, the one with pooling",
                "pooled",
                "Pooling makes up for less than half a pixel. Here the digit moves by three.",
            ),
            Option("N, the one without pooling", "shown", "It has seen digits in those places."),
            Option(
                "Both keep over 90 %",
                "both",
                "Neither does: pooling helps too little, and 1,000 digits do not teach everything.",
            ),
            Option(
                "Both about the same",
                "alike",
                "The difference is large: what training shows counts for much more here.",
            ),
        ),
        truth=who_follows,
        reveal="P keeps 24 % of its answers (10 to 37 over ten networks). N keeps 82 % (75 to 87). What the training "
        "pictures show, a network learns. Two poolings only move the shift at which half of the answers are gone, "
        "from 1.5 pixels to 1.9.",
        spoilers=(r"P keeps 24 %", r"N keeps 82 %"),
    ),
    Prediction(
        key="04.e",
        question="Three convolutions of 3 × 3 see a square of 7 × 7 pixels. Now a max pooling, 2 × 2 with stride 2, is "
        "put behind the first and behind the second of them. How wide is the square that one last unit sees?",
        options=(
            Option(
                "9 pixels: each pooling adds one",
                9,
                "A pooling adds one step itself, but it also doubles all steps behind it.",
            ),
            Option(
                "14 pixels: twice as wide",
                14,
                "The steps double behind each pooling, so the later layers add more than that.",
            ),
            Option("18 pixels", 18, "1 + 2 + 1 + 4 + 2 + 8."),
            Option(
                "28 pixels: four times as wide",
                28,
                "Only what lies behind both poolings counts fourfold; the first layer's steps stay single.",
            ),
        ),
        truth=field_with_poolings,
        reveal="It starts as one pixel and grows by (k − 1) steps a layer. A step is one pixel at first, "
        "two behind the first pooling, four behind the second: 1 + 2 + 1 + 4 + 2 + 8 = 18.\n\nIn the explorer, with "
        "three convolutions and *max pooling*: one picture sends a gradient to only 236 of the 324 pixels, since the "
        "others lead to no winner. Set *pictures* to twelve, and 320 get one.",
        spoilers=(r"1 \+ 2 \+ 1 \+ 4 \+ 2 \+ 8", r"236 of the 324"),
    ),
    Prediction(
        key="04.f",
        question="A picture has stripes one pixel wide, black and white. It is made half as large. What do these "
        "stripes become under 2 × 2 max pooling, and what under average pooling?",
        options=(
            Option(
                "White, and grey",
                (1.0, 0.5),
                "A maximum takes the bright pixel of each pair, an average mixes them.",
            ),
            Option(
                "Grey, and grey", (0.5, 0.5), "The average is grey. A maximum does not mix: it takes one of the two."
            ),
            Option("White, and white", (1.0, 1.0), "The maximum is white. An average of black and white is neither."),
            Option(
                "Black, and grey", (0.0, 0.5), "Black would be a minimum: the maximum takes the brighter of the two."
            ),
        ),
        truth=finest_stripes,
        reveal="Max pooling takes the bright pixel of each pair: white, 1.00. Average pooling mixes them: grey, 0.50. "
        "Keeping every second pixel hits the dark one each time: black, 0.00. All three lose the stripes; only the "
        "grey says that there was something.\n\nIn the explorer, choose the photograph. Its mean brightness rises from "
        "0.348 to 0.392 under max pooling and stays under average pooling. Made large again, it has an error of 0.060 "
        "if every second pixel is kept, and of 0.064 with the average. Skipping leaves a quarter of the pixels exactly "
        "right, and a photograph has few patterns so fine that skipping misses them. An average blurs all pixels. On "
        "the stripes the average wins.",
        spoilers=(r"takes the bright pixel of each pair", r"second pixel hits the dark one"),
    ),
)
