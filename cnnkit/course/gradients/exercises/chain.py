"""The exercises of notebook 02 on the chain rule: two layers in whole numbers, and a layer's backward in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake, ValueExercise
from cnnkit.course.kit.exercise_words import array, called, show

# x = 2, w₁ = 3, b₁ = −1: z = 5, a = relu(5) = 5; w₂ = −2: y = −10; t = −13: loss (y − t)² = 9
DY, A, W1, W2, X = 6, 5, 3, -2, 2
RIGHT = [DY * A, DY * W2 * X]
KNOWN = {
    (15, -12): "You forgot the 2 of the square: the slope of (y − t)² is 2(y − t) = 6.",
    (-30, 24): "Both signs are turned round: the slope of (y − t)² is 2(y − t) = 6, not 2(t − y).",
    (-24, 30): "Both numbers are right but have changed places: dw₂ first, then dw₁.",
    (30, 24): "A sign is lost: w₂ = −2 turns the sign on the way to w₁.",
    (30, 12): "dw₁ lacks a factor: between y and a stands the weight w₂.",
    (30, -12): "dw₁ ends at z: that is dz. One more step, z = w₁·x + b₁: what is multiplied with w₁?",
    (30, -60): "For dw₁ you multiply with a. In z = w₁·x + b₁ the weight w₁ is multiplied with x.",
    (30, -36): "Your second number is dx, the gradient of the input: there w₁ is the factor. For w₁ it is x.",
    (30, 36): "On the way from y to a you multiply with w₁. The weight between them is w₂.",
    (-12, -24): "Your first number is da: y = w₂·a, and for w₂ the other factor is a, not w₂.",
    (30, 0): "The ReLU passes the gradient on: z = 5 is positive, so its slope is 1.",
    (90, -72): "You start with the loss, 9. The gradient starts with its slope, 2(y − t) = 6.",
}


def judge_chain(answer: Any) -> str:
    """dw₂ and dw₁ of a chain of two layers."""
    wanted = "A list of two whole numbers is asked for, such as `gradients = [1, 2]`"
    numbers = array(answer) if isinstance(answer, (list, tuple, np.ndarray)) else None
    if numbers is not None and numbers.size == 2:  # numbers that NumPy keeps in arrays of length 1 count as well
        numbers = numbers.reshape(2)
    if numbers is None or numbers.shape != (2,) or numbers.dtype.kind not in "iuf":
        return f"{wanted}; this is {called(answer)}." if numbers is None else f"{wanted}; this is {show(answer)}."
    if not np.all(np.isfinite(numbers)) or np.any(numbers != np.round(numbers)) or np.any(np.abs(numbers) > 10**6):
        return f"{wanted}; all that happens here stays whole and small, and this is {show(answer)}."
    dw2, dw1 = (int(number) for number in numbers)
    if [dw2, dw1] == RIGHT:
        return ""
    if (dw2, dw1) in KNOWN:
        return KNOWN[dw2, dw1]
    if dw2 == RIGHT[0]:
        return f"dw₂ is right, dw₁ is not {dw1}. Walk back one step at a time: dy = 6, then da, then dz, then dw₁."
    first = "dw₁ is right, but dw₂" if dw1 == RIGHT[1] else "dw₂"
    return f"{first} is not {dw2}. y = w₂·a, so w₂ gets dy·a; what are dy and a?"


# The solution is printed in the notebook, so it looks like the stub: no type hints.


def weight_gradient(dy, x, W, b):
    z = x @ W.T + b
    dz = dy * (1 - np.tanh(z) ** 2)
    return dz.T @ x


def backward_cases():
    """Batches of 1 to 5 examples; weights that are never square, so that a transpose shows; no zeros."""
    rng = np.random.default_rng(25)
    cases = []
    for n, fan_in, fan_out in ((1, 2, 1), (2, 1, 2), (2, 3, 2), (3, 2, 4), (5, 4, 3), (4, 1, 3)):
        shapes = (n, fan_out), (n, fan_in), (fan_out, fan_in), (fan_out,)
        cases.append(tuple(rng.integers(1, 16, shape) * rng.choice([-0.1, 0.1], shape) for shape in shapes))
    return cases


def _with_slope(slope):
    """A wrong answer: `slope(z, y)` in place of the right slope."""

    def answer(dy, x, W, b):
        z = x @ W.T + b
        return (dy * slope(z, np.tanh(z))).T @ x

    return answer


CHAIN = ValueExercise(
    key="02.1",
    title="Two layers, backwards by hand",
    name="gradients",
    question=(
        "Two layers with one unit each:\n\n"
        "z = w₁·x + b₁,  a = relu(z),  y = w₂·a,  loss = (y − t)²\n\n"
        "with x = 2, w₁ = 3, b₁ = −1, w₂ = −2 and t = −13. Work out the gradients of the loss with respect to w₂ and "
        "to w₁, and give them as a list `[dw₂, dw₁]`."
    ),
    stub="gradients = ...",
    hints=(
        "Forward first: z, a, y, and y − t. Then backward, beginning with dy, the slope of the loss.",
        "z = 5, a = 5, y = −10 and y − t = 3, so dy = 2·3 = 6. In a product, each factor's gradient is dy times the "
        "other factor.",
        "dw₂ = dy·a and da = dy·w₂. The ReLU is on, so dz = da. And dw₁ = dz·x.",
    ),
    solution=RIGHT,
    praise="Every step was one factor: 6, then −2, then 1, then 2. With 50 layers there are 50 times as many.",
    judge=judge_chain,
    mistakes=tuple(Mistake(list(answer), text) for answer, text in KNOWN.items()),
)

BACKWARD = FunctionExercise(
    key="02.5",
    title="A layer's backward by hand",
    name="weight_gradient",
    question=(
        "A layer computes y = tanh(z) with z = x·Wᵀ + b, for N examples at once: x has shape (N, fan_in), W "
        "(fan_out, fan_in), b (fan_out,), y (N, fan_out). Given dy, the gradient with respect to y, write "
        "`weight_gradient(dy, x, W, b)`: the gradient with respect to W, in W's shape."
    ),
    stub="def weight_gradient(dy, x, W, b):\n    ...",
    hints=(
        "Compute z again, and from it dz = dy · tanh′(z), entry by entry.",
        "tanh′(z) = 1 − tanh(z)². Mind whether you hold z or y when you put it in.",
        "W[o, i] meets x[n, i] in z[n, o], for every n: sum dz[n, o]·x[n, i] over n, which is a matrix product.",
    ),
    solution=weight_gradient,
    praise="The other two are db = dz.sum(axis=0) and dx = dz @ W. What would change for a ReLU?",
    cases=backward_cases,
    mistakes=(
        Mistake(
            _with_slope(lambda z, y: 1 - np.tanh(y) ** 2),
            "You take the slope at the output: tanh was applied twice. It is 1 − tanh(z)², or 1 − y² with y as it is.",
        ),
        Mistake(
            _with_slope(lambda z, y: 1 - z**2),
            "You put z where y belongs: the slope is 1 − y² with y = tanh(z).",
        ),
        Mistake(
            lambda dy, x, W, b: (1 - np.tanh(x @ W.T + b) ** 2).T @ x,
            "`dy` is not used: this is the slope alone. The chain rule multiplies it by the gradient from above.",
        ),
        Mistake(
            _with_slope(lambda z, y: 1.0),
            "The activation is left out: dy has to pass the tanh before it reaches W.",
        ),
        Mistake(
            _with_slope(lambda z, y: y * (1 - y)),
            "y(1 − y) is the slope of the sigmoid. That of tanh is 1 − y².",
        ),
        Mistake(
            _with_slope(lambda z, y: (1 - y) ** 2),
            "The square belongs to the tanh alone: 1 − tanh(z)², not (1 − tanh(z))².",
        ),
        Mistake(
            lambda dy, x, W, b: weight_gradient(dy, x, W, b).T,
            "Rows and columns have changed places: the gradient of W has the shape of W, (fan_out, fan_in).",
        ),
        Mistake(
            lambda dy, x, W, b: weight_gradient(dy, x, W, b) / len(x),
            "You average over the examples. The gradient is their sum; a mean, if there is one, is already in dy.",
        ),
        Mistake(
            lambda dy, x, W, b: weight_gradient(dy[-1:], x[-1:], W, b),
            "Only the last example counts: `=` overwrites those before it. All examples share W: add them up.",
        ),
        Mistake(
            lambda dy, x, W, b: weight_gradient(dy, x, W, 0 * b),
            "You leave the bias out: z = x·Wᵀ + b.",
        ),
        Mistake(
            lambda dy, x, W, b: (dy * (1 - np.tanh(x @ W.T + b) ** 2))[:, :, None] * x[:, None, :],
            "Your result keeps one gradient for each example. All of them share W: sum over the first axis.",
        ),
        Mistake(
            lambda dy, x, W, b: (dy * (1 - np.tanh(x @ W.T + b) ** 2)) @ W,
            "That is dx, the gradient of the input. For W, the other factor of x·Wᵀ is x.",
        ),
    ),
)
