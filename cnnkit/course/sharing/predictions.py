"""What notebook 06 asks before it shows what happens."""

from __future__ import annotations

import numpy as np

from cnnkit.convolution import conv2d, conv2d_backward, locally_connected2d_backward
from cnnkit.course.kit.kernels import make_kernel
from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.course.kit.recorded import results
from cnnkit.course.sharing.experiments.settings import costs, random_setting, untied
from cnnkit.course.sharing.experiments.training import SHIFTS, on_canvas
from cnnkit.matrices import conv_matrix, shift

NETWORKS = "fully connected", "locally connected", "CNN", "CNN, pooled"


def saved_by_sharing() -> tuple[int, int]:
    """By what factors sharing divides the weights and the products of the layer in question."""
    _, local, conv = costs(32).values()
    return local.weights // conv.weights, local.macs // conv.macs


def rows_and_weights() -> tuple[int, int]:
    """How many rows the matrix of a convolution with stride 2 has, and how many different weights."""
    matrix = conv_matrix(np.arange(1, 5).reshape(1, 1, 2, 2), 4, stride=2)
    return len(matrix), len(np.unique(matrix[matrix != 0]))


def gradient_of_a_shared_weight() -> str:
    """What the gradient of a shared weight is, of those that the places would get."""
    x, weight, options = random_setting(16)
    dy = np.random.default_rng(0).normal(size=conv2d(x, weight, **options).shape)
    own = locally_connected2d_backward(dy, x, untied(weight, dy.shape[1:]), **options)[1]
    places = own.reshape(len(own), -1, *weight.shape[1:])
    might_be = {"sum": places.sum(axis=1), "mean": places.mean(axis=1), "last": places[:, -1]}
    might_be["largest"] = np.take_along_axis(places, np.abs(places).argmax(axis=1)[:, None], axis=1)[:, 0]
    found = conv2d_backward(dy, x, weight, **options)[1]
    return next(name for name, each in might_be.items() if np.allclose(found, each))


def where_a_convolution_differs() -> str:
    """Where filtering and moving differ in their order, for a digit that is moved partly out of the picture."""
    x = on_canvas("test").images[on_canvas("test").labels == 3][:1]
    weight = make_kernel("vertical edges (Sobel)", 3).weights[None, None]
    after, before = shift(conv2d(x, weight, padding=1), 0, 6), conv2d(shift(x, 0, 6), weight, padding=1)
    rows, columns = np.nonzero(np.abs(before - after)[0] > 1e-9)
    if not len(rows):
        return "nowhere"
    last = x.shape[-1] - 1
    at_border = np.isin(rows, (0, last)) | np.isin(columns, (0, last))
    if at_border.all():
        return "border"
    return "everywhere" if len(rows) == x[0].size else "digit"


def read_elsewhere() -> str:
    """Which of four networks still read more than half of the digits that have moved by three pixels."""
    runs, aside = results("sharing")["runs"], SHIFTS.index(3)
    shares = {name: np.array(runs[f"{name}, middle"]["right"])[:, aside].mean() for name in NETWORKS}
    return "; ".join(name for name, share in shares.items() if share > 0.5)


PREDICTIONS = (
    Prediction(
        key="06.a",
        question=(
            "A layer turns a colour picture of 32 × 32 pixels into 10 maps of 32 × 32, through windows of 5 × 5 with "
            "padding 2. It is locally connected. Now all places of a map share one filter. What does that save?"
        ),
        options=(
            Option(
                "The weights shrink to a 1,024th, the MACs stay.", (1024, 1),
                "A map has 32·32 = 1,024 places, and each of them still does its own sum.",
            ),
            Option(
                "Weights and MACs both shrink to a 1,024th.", (1024, 1024),
                "It sounds right: fewer weights, less work. But each place of a map still multiplies its own window "
                "with the filter.",
            ),
            Option(
                "The weights shrink to a 75th, the MACs stay.", (75, 1),
                "75 is the number of weights in a window, 3·5·5, and both layers have windows. What is shared is a "
                "filter, by all places of a map.",
            ),
            Option(
                "The weights shrink to a 10th, the MACs to a 1,024th.", (10, 1024),
                "10 is the number of filters, and both layers make 10 maps. Sharing happens within a map.",
            ),
        ),
        truth=saved_by_sharing,
        reveal=(
            "Without sharing, each of 10·32·32 outputs has 75 weights of its own: 768,000. With sharing there are 10 "
            "filters of 75: 750. Each weight is used in all 1,024 places of its map, so there is as much to multiply "
            "as before. **Sharing saves weights. It does not save a single product.** In the explorer, set the size to "
            "32 and the padding to 2. Then take the padding away: with 28·28 = 784 places, sharing saves only that "
            "factor."
        ),
        spoilers=(r"1,024 places", r"not save a single product"),
    ),
    Prediction(
        key="06.b",
        question=(
            "The matrix of a convolution has 9 rows for a 4 × 4 picture and a 2 × 2 kernel with stride 1. In all these "
            "rows there are only 4 different weights. And with stride 2?"
        ),
        options=(
            Option(
                "4 rows, 4 different weights", (4, 4),
                "The window starts at every other pixel, 2·2 times, and it is the same window.",
            ),
            Option(
                "9 rows, 4 different weights", (9, 4),
                "There would be a row for each place where the window stops. With stride 2 it stops less often.",
            ),
            Option(
                "4 rows, 16 different weights", (4, 16),
                "The four windows no longer overlap, so each pixel is read once. But each window still has the same "
                "four weights.",
            ),
            Option(
                "4 rows, 2 different weights", (4, 2),
                "The stride leaves out places of the window, not weights of the kernel.",
            ),
        ),
        truth=rows_and_weights,
        reveal=(
            "A row belongs to an output, and stride 2 leaves 2·2 = 4 of them. The kernel stays as it is. In the "
            "explorer: set the stride to 2, then point at one row after the other. The window jumps by two pixels, "
            "and the same four colours come along. Now make the picture larger: the matrix grows, and there are still "
            "only four weights."
        ),
        spoilers=(r"stride 2 leaves", r"still only four weights"),
    ),
    Prediction(
        key="06.c",
        question=(
            "One weight of a filter is used at 1,000 places of a map, so 1,000 outputs depend on it. Each place sends "
            "back a gradient. Which gradient does the weight get?"
        ),
        options=(
            Option("The sum of all of them", "sum", "The loss depends on the weight through every place."),
            Option(
                "Their mean, since there is only one weight", "mean",
                "It sounds fair, but a derivative does not average: if 1,000 outputs change, the loss changes by all "
                "of their changes.",
            ),
            Option(
                "The largest of them", "largest",
                "That is how max pooling passes a gradient back: there only one input had an influence. Here all have.",
            ),
            Option(
                "The last one: each place overwrites the one before", "last",
                "That is the commonest bug in a backward pass written by hand: `=` where `+=` belongs.",
            ),
        ),
        truth=gradient_of_a_shared_weight,
        reveal=(
            "The chain rule adds over all the ways in which a weight reaches the loss. Each place is such a way. It is "
            "**the sum over the places**, not a mean, so on a larger map more of them add up."
        ),
        spoilers=(r"sum over (the|all) places",),
    ),
    Prediction(
        key="06.d",
        question=(
            "A digit moves 6 pixels to the right, so that a part of it leaves the picture of 16 × 16 pixels. A 3 × 3 "
            "convolution with padding 1 reads the picture before and after. Which outputs are **not** simply the old "
            "ones, moved along?"
        ),
        options=(
            Option(
                "None: a convolution follows every shift", "nowhere",
                "That is what many texts say, and it is true of endless pictures. This one has a border.",
            ),
            Option(
                "A few, all of them at the border", "border",
                "There the window used to see a part of the digit that has left.",
            ),
            Option(
                "All whose window sees the digit", "digit",
                "That is so without sharing, where the digit meets other filters. One filter for all places gives the "
                "same numbers again.",
            ),
            Option(
                "All 256", "everywhere",
                "Most of the picture is blank before and after, and a blank window gives 0 in both.",
            ),
        ),
        truth=where_a_convolution_differs,
        reveal=(
            "A part of the digit has left the picture, and the windows at the edge read padding in its place. Only "
            "there, the outputs of the convolution do not move along. The explorer starts with a shift of 3: **no** "
            "output pixel of the convolution differs, and 65 of the locally connected layer do. At 6 the convolution "
            "differs in 4 pixels, all at the border. Then pull *own part of filters* down to 0: all filters become "
            "one, and the lower row becomes the upper one."
        ),
        spoilers=(r"differs in 4 pixels", r"windows at the edge read padding"),
    ),
    Prediction(
        key="06.e",
        question=(
            "Four networks learn digits that all stand in the middle: a fully connected one, a locally connected one, "
            "a CNN, and a CNN that keeps only the largest value of each map. Then the digits move 3 pixels to the "
            "right. Which still read more than half of them?"
        ),
        options=(
            Option(
                "All four", "; ".join(NETWORKS),
                "None of them has seen a digit there. A fully connected network has weights for pixels, and other "
                "pixels are dark now.",
            ),
            Option(
                "The two CNNs: they share their weights", "CNN; CNN, pooled",
                "Both have maps that move along. But behind the maps of the first stand ten outputs with a weight for "
                "every place, and those are not shared.",
            ),
            Option(
                "Only the CNN that keeps the largest value of each map", "CNN, pooled",
                "Its maps move along, and the largest value does not care where it stands.",
            ),
            Option(
                "None: what was learnt in one place is of no use in another", "",
                "That is so for three of them. For the fourth the place is forgotten before anything is decided.",
            ),
        ),
        truth=read_elsewhere,
        reveal=(
            "Sharing makes the features move along. It does not make the *network* forget where they are: the last "
            "layer of the plain CNN has a weight for every place of every map. **It takes both**: sharing, and a "
            "pooling over all places behind it. In the explorer, move to 3: only the two pooled CNNs are above 50 %. "
            "The pooled network without sharing is not. Now move to 4: the pooled CNN, whose first layer has stride 2, "
            "reads nine in ten again."
        ),
        spoilers=(r"It takes both", r"last layer of the plain CNN"),
    ),
)  # fmt: skip
