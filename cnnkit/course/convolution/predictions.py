"""The predictions of notebook 05."""

from __future__ import annotations

import numpy as np

from cnnkit.convolution import conv2d
from cnnkit.course.kit.axis import lay_windows
from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.layers import Conv2d, count_parameters
from cnnkit.sizes import conv_output_size, receptive_field


def corner() -> float:
    """The corner of a picture of ones after a 3 × 3 mean with zero padding."""
    return float(conv2d(np.ones((1, 1, 8, 8)), np.full((1, 1, 3, 3), 1 / 9), padding=1)[0, 0, 0, 0])


def hangs_over() -> int:
    """How many pixels AlexNet's last window hangs over the edge, in its author's setting."""
    return lay_windows(224, 11, 4, 0, 1, "ceil").over


def field_of_six(first_stride: int) -> int:
    """The receptive field of six 3 × 3 layers, the first of them with a stride."""
    return receptive_field([Conv2d(1, 1, 3, stride=first_stride), *[Conv2d(1, 1, 3)] * 5])[-1].size


PREDICTIONS = (
    Prediction(
        key="05.a",
        question="A row of 32 pixels, a kernel of 5, stride 2, no padding. How many windows fit?",
        options=(
            Option("13", 13, "13 is the number of steps, (32 − 5)/2 rounded down. The first window counts, too."),
            Option("13.5", 13.5, "Half a step is no window: the kernel either fits or it does not."),
            Option("14", 14, "13 steps and the window that they start from."),
            Option("15", 15, "You rounded up. The 15th window would need a pixel that is not there."),
            Option("16", 16, "Half of 32 counts every second pixel, but near the end the kernel no longer fits."),
        ),
        truth=lambda: conv_output_size(32, 5, stride=2),
        reveal=(
            "⌊(32 − 5)/2⌋ + 1 = ⌊13.5⌋ + 1 = 14 windows. The half is thrown away, and with it the last pixel.\n\n"
            "In the explorer, set n = 32, k = 5 and s = 2. The last row and the last column are hatched, because no "
            "window reads them. With padding 1, one more window fits, and every pixel is read. Click a cell of the "
            "output, or move with the arrow keys."
        ),
        spoilers=(r"= 14\b", r"\b14 (windows|× 14|outputs)"),
    ),
    Prediction(
        key="05.b",
        question=(
            "Every pixel of a picture is 1. A 3 × 3 mean goes over it, with zero padding. "
            "What comes out in the corner of the picture?"
        ),
        options=(
            Option("1", 1.0, "Zeros add nothing to the sum, but a mean still divides by nine."),
            Option("8/9", 8 / 9, "More than one pixel of that window lies on the padding."),
            Option("6/9", 6 / 9, "That is what comes out along an edge, where one row of the window lies outside."),
            Option("4/9", 4 / 9, "Four pixels of that window lie on the picture, five on the padding."),
        ),
        truth=corner,
        reveal=(
            "The window in the corner reads four ones and five zeros, so the mean is 4/9 or 0.44. Along a side it "
            "reads six ones, and the mean is 6/9. So a picture without any edge gets a dark frame.\n\n"
            "In the explorer, choose the padding `zeros`, and the border of the photograph darkens. A larger k makes "
            "this frame wider. Choose `reflect`, which continues the picture as in a mirror, and the frame is gone. "
            "Click a pixel to see its window. At k = 3, type numbers of your own into *your kernel*."
        ),
        spoilers=(r"0\.44", r"four ones and five zeros"),
    ),
    Prediction(
        key="05.c",
        question=(
            "AlexNet's author rounds up: ⌈(224 − 11)/4⌉ + 1 = 55 windows of 11 pixels, 4 apart, without padding. "
            "How many pixels does the last window hang over the edge of the picture?"
        ),
        options=(
            Option("0", 0, "Then the division would come out even, and 213/4 leaves a remainder of 1."),
            Option("1", 1, "1 is what is left over. The last window reads it, and needs more pixels beyond it."),
            Option("3", 3, "The stride is 4 and 1 pixel was left, so 3 are missing."),
            Option("7", 7, "With 7 outside, the last window would have 4 on the picture; it has more."),
            Option("10", 10, "With one pixel on the picture it would start at 223, which is no multiple of 4."),
        ),
        truth=hangs_over,
        reveal=(
            "The last window starts at 54 · 4 = 216 and needs 216 + 11 = **227** pixels, so it hangs over by 3. A "
            "picture of 227 pixels gives the same 55 windows without a remainder. This is the 227 of many texts."
            "\n\n"
            "In the explorer, choose the rounding `ceil` and click the last cell of the output. Three columns lie "
            "beyond the edge. Then go back to `floor`. A row of n = 19 gives three windows, too. Which padding gives "
            "three for n = 16? Exercise 05.3 asks this for AlexNet."
        ),
        spoilers=(r"\b227\b", r"(hangs? over by|over by) (3|three)\b"),
    ),
    Prediction(
        key="05.d",
        question=(
            "A layer turns 256 maps into 64, with a kernel of 1 × 1. How many weights does it have, biases not counted?"
        ),
        options=(
            Option("64", 64, "Each of the 64 filters is as deep as the input: it has 256 weights, not one."),
            Option("256", 256, "256 weights make one filter. The layer has 64 of them."),
            Option("320", 320, "You added. Each of the 64 filters has 256 weights: multiply."),
            Option("16,384", 16_384, "64 filters, each with one weight for each of 256 maps."),
            Option("147,456", 147_456, "That is a kernel of 3 × 3. One of 1 × 1 has a ninth of it."),
        ),
        truth=lambda: count_parameters(Conv2d(256, 64, 1, bias=False), (256, 14, 14)),
        reveal=(
            "Each of the 64 filters has 1 · 1 · 256 weights: 16,384 in all. At every pixel the layer mixes the 256 "
            "values there into 64 new ones."
        ),
        spoilers=(r"(:|=|is) 16,384",),
    ),
    Prediction(
        key="05.e",
        question=(
            "Six 3 × 3 layers with stride 1 see 13 pixels. Now the *first* layer gets stride 2. "
            "How many pixels does a unit of the last layer see?"
        ),
        options=(
            Option("13", 13, "The first layer still sees 3, but every layer behind it takes larger steps."),
            Option("14", 14, "A stride of 2 adds more than one pixel: it doubles all steps behind it."),
            Option("15", 15, "You doubled what one layer adds. The stride doubles it for all five layers behind."),
            Option("23", 23, "3 from the first layer, and 4 from each of the five behind it."),
            Option("26", 26, "Twice 13 doubles the first layer's part as well, and that stays 3."),
        ),
        truth=lambda: field_of_six(2),
        reveal=(
            "3 + 5 · 4 = 23 pixels. Behind a stride of 2, neighbours stand two pixels apart, so each 3 × 3 layer "
            "adds 4 pixels.\n\n"
            "In the explorer, set *stride s₁* to 2. Set it back, click the last row of the table, and give that layer "
            "the stride. The last unit still sees 13 pixels, because no layer comes behind it. Then start from "
            "*dilation 1, 2, 4*. Its three layers see 15 pixels, as many as three layers with stride 2, but the maps "
            "keep their size."
        ),
        spoilers=(r"= 23\b", r"\b23 pixels"),
    ),
)
