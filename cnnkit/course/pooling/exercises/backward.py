"""The exercise of notebook 04 on the way back through a maximum (04.3)."""

from __future__ import annotations

import numpy as np

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solution is printed in the notebook, so it looks like the stub: no type hints.


def max_pool_backward(dy, x, k, s):
    dx = np.zeros(x.shape)
    for i in range(dy.shape[0]):
        for j in range(dy.shape[1]):
            window = x[i * s : i * s + k, j * s : j * s + k]
            u, v = np.unravel_index(window.argmax(), window.shape)
            dx[i * s + u, j * s + v] += dy[i, j]
    return dx


def backward_cases():
    """Numbers with many ties; windows side by side, overlapping, and with gaps; two cases with halves and signs."""
    rng = np.random.default_rng(44)
    cases = [(np.array([[1, 2]]), np.array([[1, 5, 2, 9], [3, 4, 9, 6]]), 2, 2)]
    for height in range(3, 8):
        for k, s in ((1, 1), (2, 2), (2, 1), (3, 1), (3, 2), (2, 3)):
            x = rng.integers(0, 5, size=(height, height + int(rng.integers(1, 4))))
            o = [(size - k) // s + 1 for size in x.shape]
            cases.append((rng.integers(1, 10, size=o), x, k, s))
    halves = [
        (rng.integers(-9, 10, o) / 2, rng.integers(-9, 0, n) / 2) for o, n in (((2, 3), (4, 6)), ((3, 4), (5, 6)))
    ]
    return [*cases, (*halves[0], 2, 2), (*halves[1], 3, 1)]


def send_back(share, *, add=True, corner=True):
    """A wrong backward: `share(window, dy)` says what each pixel of a window gets."""

    def wrong(dy, x, k, s):
        dx = np.zeros(x.shape)
        for i, j in np.ndindex(dy.shape):
            here = np.s_[i * s : i * s + k, j * s : j * s + k]
            given = share(x[here], dy[i, j])
            there = here if corner else np.s_[:k, :k]
            dx[there] = dx[there] + given if add else np.where(given != 0, given, dx[there])
        return dx

    return wrong


def without_stride(dy, x, k, s):
    """A wrong answer: the winner's place is counted from (i, j) on, as if the windows lay one pixel apart."""
    dx = np.zeros(x.shape)
    for i, j in np.ndindex(dy.shape):
        window = x[i * s : i * s + k, j * s : j * s + k]
        u, v = np.unravel_index(window.argmax(), window.shape)
        dx[i + u, j + v] += dy[i, j]
    return dx


def without_stride_at_all(dy, x, k, s):
    """A wrong answer: the windows lie one pixel apart on both ways."""
    return max_pool_backward(dy, x, k, 1)


def to_first(window, dy, order="C"):
    """All to the first of the largest, row by row or (order F) column by column."""
    given = np.zeros(window.size)
    given[window.ravel(order=order).argmax()] = dy
    return given.reshape(window.shape, order=order)


def to_last(window, dy):
    """All to the last of the largest."""
    return to_first(window[::-1, ::-1], dy)[::-1, ::-1]


BACKWARD = FunctionExercise(
    key="04.3",
    title="The way back through a maximum",
    name="max_pool_backward",
    question=(
        "Write `max_pool_backward(dy, x, k, s)`: dx for a max pooling of x, an array of shape (H, W), with k × k "
        "windows, stride s and no padding. dy has the shape of the output. Among equals the first wins, row by row, as "
        "in PyTorch. Loops are fine; cnnkit and torch are not."
    ),
    stub="def max_pool_backward(dy, x, k, s):\n    ...",
    hints=(
        "Start with `dx = np.zeros(x.shape)`, and go through the windows as on the way forward.",
        "`window.argmax()` is the place of the first largest number, counted row by row. "
        "`np.unravel_index(place, window.shape)` makes a row and a column of it.",
        "The winner (u, v) of window (i, j) is pixel (i·s + u, j·s + v). A pixel may win more than one window.",
    ),
    solution=max_pool_backward,
    praise="Add up dy and dx: nothing is lost, and nothing is made. Which pixels will learn nothing from this example?",
    cases=backward_cases,
    neutral={"k": 1, "s": 1},
    mistakes=(
        Mistake(
            send_back(lambda window, dy: dy * (window == window.max())),
            "You give the whole gradient to every pixel that holds the largest number. The output came from one of "
            "them: the first.",
        ),
        Mistake(
            send_back(lambda window, dy: dy * (window == window.max()) / (window == window.max()).sum()),
            "You share the gradient among the equals. It is a possible choice, but PyTorch gives all to the first.",
        ),
        Mistake(
            send_back(to_last),
            "Among equals you take the last one (is there a `>=`?). The first wins.",
        ),
        Mistake(
            send_back(lambda window, dy: to_first(window, dy, order="F")),
            "Among equals you take the first column by column. PyTorch goes row by row.",
        ),
        Mistake(
            send_back(to_first, add=False),
            "Where windows overlap, one pixel can win several of them. Your later gradient overwrites the earlier one: "
            "add them up: `+=` for one pixel after the other, `np.add.at` for many places at once.",
        ),
        Mistake(
            send_back(lambda window, dy: np.full(window.shape, dy / window.size)),
            "That is an average's way back: every pixel gets the same share. A maximum sends all of it to the winner.",
        ),
        Mistake(
            send_back(lambda window, dy: to_first(window, 1)),
            "You send back a 1 for each window that a pixel wins. It is dy of that window that comes back.",
        ),
        Mistake(
            send_back(lambda window, dy: to_first(window, window.max())),
            "You send back the output, y. What comes back is its gradient, dy.",
        ),
        Mistake(
            lambda dy, x, k, s: max_pool_backward(dy, x, k, s).astype(int),
            "Your dx holds whole numbers and cuts the decimals of dy off: is there a `dtype=int`?",
        ),
        Mistake(
            send_back(to_first, corner=False),
            "All your gradients land in the first window: (u, v) is a place in the window, which starts at (i·s, j·s).",
        ),
        Mistake(
            without_stride,
            "You put the gradient at (i + u, j + v), without the stride. Window (i, j) starts at row i·s and column "
            "j·s, so the winner is pixel (i·s + u, j·s + v).",
        ),
        Mistake(
            without_stride_at_all,
            "Your windows lie one pixel apart, on the way there and back. Window (i, j) starts at row i·s and column "
            "j·s.",
        ),
    ),
)
