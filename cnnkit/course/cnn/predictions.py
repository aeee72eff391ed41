"""What is asked in notebook 07 before an explorer shows it."""

from __future__ import annotations

import numpy as np

from cnnkit.course.cnn.build_numbers import Setting, lay_out
from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.data import digits
from cnnkit.network import BatchNorm2d

CHANGES = {
    "16 filters": Setting(filters=16),
    "5 × 5": Setting(kernel_size=5),
    "no pooling": Setting(pooling="none"),
    "batch norm": Setting(batch_norm=True),
}


def parameters(setting: Setting) -> int:
    """How many the network has that BuildYourOwn builds from this setting."""
    return sum(row.parameters for row in lay_out(setting))


def grows_most() -> str:
    """Which of CHANGES makes most parameters."""
    return max(CHANGES, key=lambda name: parameters(CHANGES[name]))


def after_one_batch() -> float:
    """What batch norm makes of the number 1 in evaluation, right after it has seen the batch 1, 1, 7, 7."""
    norm = BatchNorm2d(1)
    norm.parameters = {"weight": np.array([2.0]), "bias": np.array([5.0])}
    x = np.array([1.0, 1, 7, 7]).reshape(4, 1, 1, 1)
    norm.forward(x, training=True)
    return round(float(norm.forward(x).ravel()[0]), 1)


def products_of_one() -> int:
    """How many products a value of convolution 2 sums up."""
    from cnnkit.course.cnn.digit_net import STAGES, digit_net

    layer = digit_net().layers[STAGES.index("convolution 2")]
    return layer.parameters["weight"][0].size


def right_when_moved() -> int:
    """How many per cent of the test digits are read one pixel to the right."""
    from cnnkit.course.cnn.digit_net import probabilities, scans
    from cnnkit.matrices import shift

    images, labels = scans()
    return round(100 * float((probabilities(shift(images, 0, 1)).argmax(axis=1) == labels).mean()))


def worst_cover() -> str:
    """What lies under the grey square where it costs the 5 most: "stroke", "paper", or "nothing" if it costs little."""
    from cnnkit.course.cnn.digit_net import probabilities, scans

    digit, label = (each[8] for each in scans())
    covered = np.repeat(digit[None], 49, axis=0)
    for place, one in enumerate(covered):
        i, j = divmod(place, 7)
        one[0, i : i + 2, j : j + 2] = 0.5
    left = probabilities(covered)[:, label]
    i, j = divmod(int(left.argmin()), 7)
    if left.min() > probabilities(digit[None])[0, label] - 0.1:
        return "nothing"
    return "stroke" if digits("test").images[8, 0, i : i + 2, j : j + 2].mean() > 0.4 else "paper"


PREDICTIONS = (
    Prediction(
        key="07.a",
        question=(
            "Two blocks for pictures of 8 × 8 pixels, each a 3 × 3 convolution to 12 maps, a ReLU and max-pooling; "
            "then one linear layer. Which change adds most parameters?"
        ),
        options=(
            Option(
                "16 filters in place of 12", "16 filters",
                "More filters cost twice, in their own layer and as channels of the next. That makes 3,130.",
            ),
            Option(
                "5 × 5 kernels in place of 3 × 3", "5 × 5",
                "Each filter gets almost three times the weights, and the total becomes 4,414. Something costs more.",
            ),
            Option(
                "Leaving the pooling out, which has no parameters", "no pooling",
                "Pooling has none itself. It decides how many numbers the linear layer has to weigh.",
            ),
            Option(
                "Batch normalisation after each convolution", "batch norm",
                "That adds two numbers a channel and takes the convolutions' biases away: hardly anything.",
            ),
        ),
        truth=grows_most,
        reveal=(
            "The parameters grow from 1,918 to 9,118. Without pooling 768 numbers are flattened, in place of 48. In "
            "the explorer, 16 filters make it 3,130 and 5 × 5 kernels 4,414. A number of the last map sees "
            "10 pixels a side as it is, 16 with 5 × 5 kernels, and 5 without pooling."
        ),
        spoilers=(r"9,118", r"768 numbers"),
    ),
    Prediction(
        key="07.b",
        question=(
            "The layer has seen this one batch, 1, 1, 7, 7, and gave 3, 3, 7, 7. Now it gets the same four numbers in "
            "evaluation mode. What comes out?"
        ),
        options=(
            Option(
                "3, 3, 7, 7 again", 3.0,
                "It would, if the running statistics were those of the batch. After one batch they have moved a tenth "
                "of the way.",
            ),
            Option(
                "1, 1, 7, 7, unchanged", 1.0,
                "That is what dropout does in evaluation. Batch norm never lets numbers pass unchanged.",
            ),
            Option("5.8, 5.8, 14.1, 14.1", 5.8, "It uses what it kept: (1 − 0.4)/√2.1 · 2 + 5 is 5.8."),
            Option(
                "−1, −1, 1, 1", -1.0, "γ and β are learnt and belong to both modes, so mean 0 is not what comes out."
            ),
        ),
        truth=after_one_batch,
        reveal=(
            "In evaluation it uses the mean 0.4 and the variance 2.1 that it has kept. So 1 becomes "
            "(1 − 0.4)/√2.1 · 2 + 5 = 5.828. The running statistics need some dozens of batches before they describe "
            "the data. If you forget PyTorch's `eval()`, the layer uses the batch at hand "
            "instead. What it says of a picture then depends on the pictures beside it."
        ),
        spoilers=(r"5\.828",),
    ),
    Prediction(
        key="07.c",
        question=(
            "Choose *convolution 2* and a value in the middle of one of its maps. Its kernel is 3 × 3, and the layer "
            "makes 16 maps from 8. How many products is that one value the sum of?"
        ),
        options=(
            Option("9: the kernel is 3 × 3", 9, "Nine on each map. The filter reads all maps of the layer before."),
            Option("72", 72, "Nine products on each of the 8 maps that come in."),
            Option("144", 144, "You count the maps that come out. Each of them has a filter of its own."),
            Option("1,152", 1152, "That is the layer's number of weights: 72 for each of its 16 filters."),
        ),
        truth=products_of_one,
        reveal=(
            "A filter reads all 8 maps that come in: 8 · 3 · 3 = 72 products. The explorer shows that the value sees "
            "8 × 8 pixels, although its kernel is 3 × 3. The pooling in between doubles the distance from one value to "
            "the next. In *pooling 2* you no longer recognise the digit, and yet the linear layer reads it from there."
        ),
        spoilers=(r"= 72\b", r"72 products"),
    ),
    Prediction(
        key="07.d",
        question=(
            "It reads 342 of 355 test digits, 96 %. Move all of them right by one pixel, an eighth of the picture. How "
            "many does it still read?"
        ),
        options=(
            Option("96 %: convolutions follow a shift", 96, "They do. The linear layer behind them does not."),
            Option("About 90 %: pooling forgives a pixel", 90, "It forgives some. Most values move to another window."),
            Option("About 74 %", 74, "The linear layer has a weight of its own for each place."),
            Option(
                "About 10 %: the linear layer has never seen these places", 10,
                "That is guessing. A part of the features is still where it was.",
            ),
        ),
        truth=right_when_moved,
        reveal=(
            "It reads 264 of 355. Convolutions follow a shift and pooling forgives a little of it, but the linear "
            "layer has a weight of its own for each place. Set *all moved right by* to 1 in the explorer. Back at 0, "
            "the most frequent mistake is a 4 taken for a 9, three times. No mistake is made with more than 65 %, but "
            "43 right answers are as unsure."
        ),
        spoilers=(r"\b264\b",),
    ),
    Prediction(
        key="07.e",
        question=(
            "Test image 8 shows a 5, which is read with 94 %. Cover 2 × 2 of its pixels with grey, at each place in "
            "turn. Where does that cost most?"
        ),
        options=(
            Option("On a thick stroke of the 5", "stroke", "Most strokes it can do without: the others tell enough."),
            Option("Where there is nearly no ink", "paper", "There a little grey closes the bow of the 5."),
            Option("Nowhere: one square costs less than ten points", "nothing", "At three places it is misread."),
        ),
        truth=worst_cover,
        reveal=(
            "Set the explorer to test image 8. The 5 falls from 94 % to 8 % where three of the covered pixels are "
            "white, and is read as a 9. What tells a 5 from a 9 is what a 5 does *not* have. Set *grey of the "
            "square* to 0, no ink, and another place is worst, with 54 % left. A saliency map shows what happens under "
            "*this* cover."
        ),
        spoilers=(r"94 % to 8 %",),
    ),
)  # fmt: skip
