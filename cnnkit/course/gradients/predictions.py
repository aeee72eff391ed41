"""What lesson 02 and its lab ask before they show it."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.activations import relu, relu_backward
from cnnkit.course.gradients.depth_numbers import measure_flow
from cnnkit.course.gradients.flow_math import default_gradient
from cnnkit.course.kit.activations import slope
from cnnkit.course.kit.prediction import Option, Prediction
from cnnkit.course.kit.recorded import results
from cnnkit.linear import linear, linear_backward


def _gradient_with_minus_three() -> float:
    """dw₁ of section 1's chain, once w₁ is −3."""
    x, w1, w2 = np.array([[2.0]]), np.array([[-3.0]]), np.array([[2.0]])
    z = linear(x, w1)
    dy = 2 * (linear(relu(z), w2) - 10)
    return float(linear_backward(relu_backward(dy @ w2, z), x, w1)[1].item())


def _larger_weight() -> str:
    """What becomes of one sigmoid's factor at x = 1 when w goes from 1 to 8."""
    w = np.linspace(1, 8, 71)
    factor = w * slope("sigmoid", w)
    if np.ptp(factor) < 0.01:
        return "same"
    top = int(factor.argmax())
    return "up" if top == len(w) - 1 else "peak" if top > 0 else "down"


def _tanh_ten() -> str:
    """What ten tanh layers with Xavier's weights pass, roughly."""
    left = measure_flow(10, "tanh", rng=np.random.default_rng(0), init="xavier", examples=32).gradient[0]
    return "all" if left > 0.9 else "tenths" if left > 0.1 else "thousandth" if left > 1e-4 else "nothing"


def _default_power() -> int:
    """The power of ten of what fifty ReLU layers of PyTorch's default pass."""
    return round(float(np.mean([np.log10(default_gradient(seed=seed)) for seed in range(5)])))


def _patience() -> str:
    """What a hundred epochs do for five layers of sigmoids."""
    runs: dict[str, Any] = results("gradients")["runs"]
    run = runs["depth 5, sigmoid, 100 epochs"]
    if run["mean"][-1] > 0.8:
        return "nothing"
    waited = run["lowest"][20] > 0.8
    return ("all wait" if run["highest"][-1] < 0.8 else "some") if waited else "slowly"


def _best_rate() -> str:
    """The rate at which five layers of sigmoids learn in 20 epochs, if there is one."""
    run = results("gradients")["runs"]["depth 5, sigmoid"]
    return f"{run['rate']:g}" if run["mean"][-1] < 0.5 else "none"


PREDICTIONS = (
    Prediction(
        key="02.a",
        question="Change w₁ from 3 to −3. Now y = 0, and the loss grows from 4 to 100. What is dw₁?",
        options=(
            Option("dw₁ = −80: the error is five times as large", -80.0,
                   "The error y − t is five times as large, and −20 · 2 · 2 is −80. But one factor is missing here."),
            Option("dw₁ = −16: only the sign changes", -16.0,
                   "That would be so if only the sign of w₁ counted. The ReLU's slope depends on the sign of z."),
            Option("dw₁ = 16, as before", 16.0,
                   "w₁ itself is not a factor of dw₁. But it decides which slope the ReLU has."),
            Option("dw₁ = 0: nothing arrives", 0.0,
                   "z = −6, so the slope of the ReLU is 0, and a product with a 0 in it is 0."),
        ),
        truth=_gradient_with_minus_three,
        reveal=(
            "With w₁ = −3 the sum is z = −6. The ReLU gives 0 there, and its slope is 0 as well. So one of the four "
            "factors of dw₁ is 0. The loss has grown to 100, and this weight hears nothing of it.\n\nA product with "
            "one 0 in it is 0. A product of many small numbers is almost 0. That is the problem of this lesson."
        ),
        spoilers=(r"slope is 0 as well", r"hears nothing of it"),
    ),
    Prediction(
        key="02.b",
        question=(
            "One sigmoid unit has the input x = 1 and b = 0. Its factor is w·f′(w·x), which is 0.197 for w = 1. What "
            "does the factor do while w goes from 1 to 8?"
        ),
        options=(
            Option("It grows all the way: w is one of its two factors", "up",
                   "w does grow. But z = w·x grows with it, and the slope falls faster than w rises."),
            Option("It stays: the slope falls as fast as w grows", "same",
                   "That is true of the area under the curve, not of its height at one x."),
            Option("It grows a little, then falls far below 0.197", "peak",
                   "At first w wins, and then the slope: z moves out to where the sigmoid is flat."),
            Option("It falls from the start", "down",
                   "Near w = 1 the slope still changes slowly, so the larger w wins at first."),
        ),
        truth=_larger_weight,
        reveal=(
            "The factor grows a little, to 0.224 at w = 1.5. Then it falls, to 0.003 at w = 8. A larger "
            "weight makes the curve higher and narrower, and x = 1 ends up on its flank.\n\nIn the explorer: move w to "
            "8. Then move b until the curve's top lies at x = 1, which takes b = −8: now the factor is 2. Choose "
            "*relu* and click the right curve beyond x = 1: the factor is w, however large the sum. The top bar sets w."
        ),
        spoilers=(r"0\.224", r"0\.003", r"higher and narrower"),
    ),
    Prediction(
        key="02.c",
        question=(
            "Ten sigmoid layers pass less than a millionth of the gradient. Take tanh in their place, with the same "
            "weights. How much arrives now?"
        ),
        options=(
            Option("Less than a millionth, as with the sigmoid", "nothing",
                   "Both curves saturate. But tanh is four times as steep in the middle, and 4 to the power of 10 is "
                   "a million."),
            Option("About a thousandth", "thousandth",
                   "That would be a factor of 0.5 per layer. The slopes of tanh are closer to 1 for most of these "
                   "sums."),
            Option("More than a tenth", "tenths",
                   "The slope of tanh is 1 at z = 0 and a little less around it, so each layer takes away a little."),
            Option("All of it: the steepest slope of tanh is 1", "all",
                   "Only at z = 0 exactly. Sums have a spread, so most slopes are a little below 1."),
        ),
        truth=_tanh_ten,
        reveal=(
            "Ten tanh layers pass 0.28 of the gradient, 0.88 per layer. The sigmoid's factor of 0.23 is a little "
            "below its steepest slope of 0.25; tanh's is a little below 1.\n\nIn the explorer: choose *tanh*. On "
            "the logarithmic axis its line is nearly straight too, because almost the same factor comes "
            "again. Now take the sigmoid with a gain of 14: its gradient grows. The weights are part of the factor."
        ),
        spoilers=(r"\b0\.28\b", r"\b0\.88\b"),
    ),
    Prediction(
        key="02.d",
        question=(
            "Fifty new layers in PyTorch, `nn.Linear(64, 64)` and a ReLU each, with the weights that PyTorch gives "
            "them by default. How much of the gradient arrives at the bottom?"
        ),
        options=(
            Option("About all of it: the default is made for ReLUs", 0,
                   "The function that PyTorch calls has kaiming in its name, but its argument a = √5 undoes what "
                   "He's formula is for."),
            Option("About a thousandth", -3,
                   "That would be a factor of 0.87 per layer. The default's is less than half of that."),
            Option("About 10⁻⁹", -9,
                   "That would be 0.66 per layer, close to what Xavier's weights give a ReLU (0.71). The default's "
                   "are smaller still."),
            Option("About 10⁻²⁰", -20,
                   "The default's weights have a sixth of the variance that He's have: 0.41 per layer."),
        ),
        truth=_default_power,
        reveal=(
            "About 10⁻²⁰ arrives. PyTorch draws from U(−1/√n, 1/√n), whose variance is 1/(3n): a sixth of He's 2/n. So "
            "each layer multiplies the gradient by √(1/6) = 0.41.\n\nIn PyTorch's code this is "
            "`kaiming_uniform_(weight, a=√5)`: your formula of exercise 02.4 with slope √5. In the explorer: choose "
            "*pytorch*, then *he*, then *xavier*, and compare how steep the lines are."
        ),
        spoilers=(r"\b0\.41\b", r"1/\(3n\)", r"a sixth of"),
    ),
    Prediction(
        key="02.e",
        question=(
            "Five hidden layers of sigmoids still guess after 20 epochs, at the best of nine learning rates. Ten "
            "networks now get 100 epochs, again at their best rate. What happens?"
        ),
        options=(
            Option("Nothing: all ten still guess", "nothing",
                   "The gradient is small, but it is not 0. The weights below do move, a little in each step."),
            Option("The error falls slowly and evenly from the first epoch on", "slowly",
                   "One would think so of a small gradient. But the layers above cannot use what the layers below do "
                   "not send."),
            Option("Some start to learn early, the others never do", "some",
                   "All ten have the same small gradient. They differ in when they start, not in whether."),
            Option("All ten start to learn, after a wait of 20 epochs or more", "all wait",
                   "Their gradient is small, not 0, and it grows once the lower layers send something useful."),
        ),
        truth=_patience,
        reveal=(
            "For 20 epochs almost nothing happens. Then one run after the other starts to learn, the first after "
            "about 25 epochs, the last after about 70. So such a network does not slow down on its way: it has "
            "trouble starting.\n\nWith ten layers, none started in 100 epochs."
        ),
        spoilers=(r"after about 25", r"trouble starting", r"starts to learn"),
    ),
    Prediction(
        key="02.f",
        question=(
            "Five hidden layers of sigmoids, 20 epochs. Which of nine learning rates between 0.001 and 10 lets the "
            "network learn?"
        ),
        options=(
            Option("0.1", "0.1",
                   "That is a rate at which ReLU and tanh learn. Here the lowest layers hardly move with it."),
            Option("1", "1", "Two layers of sigmoids learn at a rate of 1. Five do not, in 20 epochs."),
            Option("10", "10",
                   "A large rate should make up for a small gradient. But the gradient of the top layer is not small."),
            Option("None of them", "none",
                   "What is large enough for the lowest layers is far too large for the top layer."),
        ),
        truth=_best_rate,
        reveal=(
            "No rate helps. What would be enough for the lowest layers is far too much for the top one.\n\nIn the "
            "explorer: with five layers and sigmoid the loss ends at about 2.3, which is guessing among ten digits. "
            "Take *tanh*, or *relu* with *he*, and a rate of 0.1: five layers learn. Too large a rate ruins them "
            "too."
        ),
        spoilers=(r"No rate helps",),
    ),
)  # fmt: skip
