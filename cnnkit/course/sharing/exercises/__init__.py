"""The exercises of notebook 06, with those on the matrix and the gradient in full."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake
from cnnkit.course.sharing.exercises.counts import DENSE, LOCAL
from cnnkit.course.sharing.exercises.separable import SEPARABLE
from cnnkit.course.sharing.exercises.shift import SHIFT
from cnnkit.course.sharing.exercises.values import GROWS, SAVED

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def matrix_row(w, n, i, j):
    row = np.zeros(n * n)
    for u in range(w.shape[0]):
        for v in range(w.shape[1]):
            row[(i + u) * n + (j + v)] = w[u, v]
    return row


def shared_gradient(dy, x):
    height = x.shape[0] - dy.shape[0] + 1
    width = x.shape[1] - dy.shape[1] + 1
    dw = np.zeros((height, width))
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            dw += dy[i, j] * x[i : i + height, j : j + width]
    return dw


def row_cases():
    """Kernels that are not symmetric, at every place of small images."""
    rng = np.random.default_rng(65)
    cases = [(np.array([[1, 2], [3, 4]]), 3, i, j) for i in range(2) for j in range(2)]
    for n, shape in ((4, (2, 2)), (5, (3, 3)), (5, (2, 3)), (6, (3, 2))):
        w = rng.integers(1, 10, shape) * rng.choice([-1, 1], shape) * 0.5
        cases += [(w, n, i, j) for i in range(n - shape[0] + 1) for j in range(n - shape[1] + 1)]
    return cases


def gradient_cases():
    """Images and maps that are not square, so that a transpose shows; in whole numbers and in floats."""
    rng = np.random.default_rng(66)
    cases = [(np.array([[1, 0], [0, 2]]), np.array([[1, 2, 3], [4, 5, 6], [7, 8, 9]]))]
    for down, across, k, width in ((2, 3, 2, 1), (3, 2, 2, 3), (4, 2, 3, 3), (2, 5, 1, 2), (3, 4, 3, 2), (1, 2, 2, 2)):
        dy, x = (down, across), (down + k - 1, across + width - 1)
        cases += [(rng.integers(1, 5, dy), rng.integers(-4, 5, x)), (rng.normal(size=dy), rng.normal(size=x))]
    return cases


def _at(w, n, i, j, place):
    """A row with w[u, v] at `place(u, v)`; what would lie beyond the row is cut off."""
    row = np.zeros(2 * n * n)
    for u, v in np.ndindex(w.shape):
        row[place(u, v)] = w[u, v]
    return row[: n * n]


def _untied(dy, x):
    height, width = x.shape[0] - dy.shape[0] + 1, x.shape[1] - dy.shape[1] + 1
    return np.array([[dy[i, j] * x[i : i + height, j : j + width] for j in range(dy.shape[1])] for i in range(len(dy))])


ROW = FunctionExercise(
    key="06.2",
    title="One row of the matrix",
    name="matrix_row",
    question=(
        "Write `matrix_row(w, n, i, j)`: the row of a convolution's matrix that makes output pixel (i, j), counted "
        "from 0. The image has n×n pixels in one channel, the kernel w is an array of shape (k_h, k_w); stride 1, no "
        "padding. Return a new array of n·n numbers, so that `matrix_row(w, n, i, j) @ x.ravel()` is that pixel."
    ),
    stub="def matrix_row(w, n, i, j):\n    ...",
    hints=(
        "`x.ravel()` lays the image out row by row. At which place of it does pixel (a, b) come to lie?",
        "Pixel (a, b) is at a·n + b. The window of output (i, j) has its top left corner at pixel (i, j).",
        "Start with `np.zeros(n * n)`. Weight w[u, v] is multiplied with pixel (i + u, j + v).",
    ),
    solution=matrix_row,
    praise="Every row holds the same numbers, moved on: that is all that sharing is. How many entries of it are 0?",
    cases=row_cases,
    mistakes=(
        Mistake(
            lambda w, n, i, j: _at(w, n, i, j, lambda u, v: i * (n - w.shape[1] + 1) + j + u * n + v),
            "The window starts at the wrong pixel: you count the rows before it as wide as the output. Pixel (i, j) of "
            "the image is at i·n + j.",
        ),
        Mistake(
            lambda w, n, i, j: _at(w, n, i, j, lambda u, v: i * n + j + u * w.shape[1] + v),
            "Your weights lie all in a row. The kernel's next row belongs to the image's next row, n entries on.",
        ),
        Mistake(
            lambda w, n, i, j: matrix_row(w[::-1, ::-1], n, i, j),
            "You flip the kernel: that is the mathematician's convolution. Here w[0, 0] meets the first pixel it sees.",
        ),
        Mistake(
            lambda w, n, i, j: _at(w, n, i, j, lambda u, v: (j + v) * n + i + u),
            "Rows and columns have changed places: pixel (a, b) is at a·n + b, not at b·n + a.",
        ),
        Mistake(
            lambda w, n, i, j: _at(w, n, i, j, lambda u, v: (i + u) * n + j + v + 1),
            "All your weights stand one entry too far on: everything is counted from 0, pixel (0, 0) is entry 0.",
        ),
        Mistake(
            lambda w, n, i, j: matrix_row(w, n, 0, 0),
            "Your row is that of output pixel (0, 0) whatever i and j are. The window moves on by one pixel for each.",
        ),
        Mistake(
            lambda w, n, i, j: np.roll(matrix_row(w, n, 0, 0), j),
            "You move the window along a row only. A step down is a whole row of the image: n entries.",
        ),
        Mistake(
            lambda w, n, i, j: matrix_row(np.ones_like(w), n, i, j),
            "You mark the pixels that are read. Each has its weight: w[u, v] for pixel (i + u, j + v).",
        ),
        Mistake(
            lambda w, n, i, j: matrix_row(w.astype(int), n, i, j),
            "Your row holds whole numbers and cuts off what stands behind the point. `np.zeros(n * n)` holds floats.",
        ),
        Mistake(
            lambda w, n, i, j: matrix_row(w[:, ::-1], n, i, j),
            "You turn the kernel from left to right. w[0, 0] meets the first pixel of the window.",
        ),
        Mistake(
            lambda w, n, i, j: matrix_row(w, n, i, j).reshape(n, n),
            "Your result is laid out as an image. A row of the matrix is flat: n·n numbers, ordered as in `x.ravel()`.",
        ),
    ),
)

GRADIENT = FunctionExercise(
    key="06.3",
    title="The gradient of a shared weight",
    name="shared_gradient",
    question=(
        "Write `shared_gradient(dy, x)`: the gradient of a convolution's kernel, for one image x of shape (H, W) in "
        "one channel, stride 1, no padding. dy holds the gradient of each output pixel. The output is smaller than the "
        "image by k − 1, so the two shapes tell you how large the kernel is; it need not be square. Loops are fine; "
        "return a new array."
    ),
    stub="def shared_gradient(dy, x):\n    ...",
    hints=(
        "Suppose that nothing is shared: the filter at (i, j) is used once, on its window. What is its gradient?",
        "It is dy[i, j] times that window. The filter is the same at all places, so its gradients come together.",
        "Start with zeros of the kernel's shape. For each (i, j) add `dy[i, j] * x[i : i + k_h, j : j + k_w]`.",
    ),
    solution=shared_gradient,
    praise="That sum is itself a convolution: dy is laid on x. With more places, how does the gradient's size change?",
    cases=gradient_cases,
    mistakes=(
        Mistake(
            lambda dy, x: shared_gradient(dy, x) / dy.size,
            "You take the mean over the places. The loss changes through all of them at once: it is the sum.",
        ),
        Mistake(
            lambda dy, x: _untied(dy, x)[-1, -1],
            "Only the last place is left: `=` overwrites those before it. Add them up with `+=`.",
        ),
        Mistake(
            lambda dy, x: _untied(dy, x)[0, 0],
            "That is the first place alone. The kernel is used at every place, and each adds its part.",
        ),
        Mistake(
            lambda dy, x: shared_gradient(np.ones_like(dy), x),
            "You add up the windows. Each counts as much as its output matters: times dy[i, j].",
        ),
        Mistake(
            lambda dy, x: shared_gradient(dy[::-1, ::-1], x),
            "Your dy is turned round: output (i, j) belongs to the window that begins at (i, j).",
        ),
        Mistake(
            lambda dy, x: shared_gradient(dy, x)[::-1, ::-1],
            "The kernel comes out turned round: dw[0, 0] belongs to the first pixel of each window.",
        ),
        Mistake(
            lambda dy, x: shared_gradient(dy, x).T,
            "Rows and columns of the kernel have changed places: dw[u, v] belongs to the pixel u down and v across.",
        ),
        Mistake(
            lambda dy, x: shared_gradient(dy, x)[:-1, :-1],
            "Your kernel is one too small each way. The output is smaller by k − 1: so k is the difference, plus 1.",
        ),
        Mistake(
            _untied,
            "That is a gradient for each place, as without sharing. One kernel is used at all of them: add them up.",
        ),
        Mistake(
            lambda dy, x: np.abs(_untied(dy, x)).sum(axis=(0, 1)),
            "You add sizes up. Parts of different sign may cancel: no absolute values.",
        ),
        Mistake(
            lambda dy, x: np.square(_untied(dy, x)).sum(axis=(0, 1)),
            "You add squares up. What one place adds is dy[i, j] times the window, as it is.",
        ),
    ),
)

EXERCISES = (GROWS, ROW, GRADIENT, SHIFT, SEPARABLE, SAVED, LOCAL, DENSE)  # the first five in the lesson
