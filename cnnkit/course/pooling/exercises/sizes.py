"""The exercises of notebook 04 that count along one axis: windows, and what each of them divides by."""

from __future__ import annotations

from cnnkit.course.kit.exercise import FunctionExercise, Mistake

# The solutions are printed in the notebook, so they look like the stubs: no type hints.


def pooled(n, k, s, p, ceil):
    s = k if s is None else s
    room = n + 2 * p - k
    o = room // s + 1
    if ceil and room % s > 0 and o * s < n + p:
        o = o + 1
    return o


def divisor(n, k, s, p, i, include):
    start = i * s - p
    stop = min(start + k, n + p)
    if not include:
        start, stop = max(start, 0), min(stop, n)
    return stop - start


def pooled_cases():
    """Every setting with a padding of at most half the kernel for which a window fits."""
    return [
        (n, k, s, p, ceil)
        for n in range(1, 13) for k in (1, 2, 3, 4) for s in (None, 1, 2, 3, 4, 5) for p in range(k // 2 + 1)
        for ceil in (False, True) if n + 2 * p >= k
    ]  # fmt: skip


def divisor_cases():
    """Every window of every setting, those that run past the padding too."""
    return [
        (n, k, s, p, i, include)
        for n in range(2, 9) for k in (2, 3, 4) for s in (1, 2, 3) for p in range(k // 2 + 1) if n + 2 * p >= k
        for i in range(pooled(n, k, s, p, True)) for include in (True, False)
    ]  # fmt: skip


def _ceil(room: int, s: int) -> int:
    return -(-room // s) + 1


def _last_window(inside):
    """A wrong answer: rounded up, and the last window kept where `inside(start, n, p)`, its start in the padded row."""

    def wrong(n, k, s, p, ceil):
        s = k if s is None else s
        o = (n + 2 * p - k) // s + 1
        return o + 1 if ceil and (n + 2 * p - k) % s and inside(o * s, n, p) else o

    return wrong


SIZE = FunctionExercise(
    key="04.1",
    title="How many windows a pooling has",
    name="pooled",
    question=(
        "Write `pooled(n, k, s, p, ceil)`: how many outputs a pooling has along one axis, for input size n, window "
        "size k, stride s (`None` if it was not given), padding p and `ceil`, which is PyTorch's `ceil_mode`. At least "
        "one window always fits."
    ),
    stub="def pooled(n, k, s, p, ceil):\n    ...",
    hints=(
        "What stride does a pooling have when none is given? And without `ceil` it is ⌊(n + 2p − k)/s⌋ + 1.",
        "With `ceil` a remainder leads to one more window, which runs past the end. Where does that window start?",
        "In the padded row, window number o (counted from 0) starts at o·s, and the input ends before n + p. A window "
        "that starts there or later is left out.",
    ),
    solution=pooled,
    praise="It is PyTorch's rule. With n = 10, k = 1, s = 2: why is the answer 5 with `ceil` too?",
    cases=pooled_cases,
    neutral={"p": 0, "ceil": False},
    stops=(
        (
            r"`s=None`",
            "`s` is `None` where no stride is given. Then the stride is the kernel size: begin with "
            "`s = k if s is None else s`.",
        ),
    ),
    mistakes=(
        Mistake(
            lambda n, k, s, p, ceil: _ceil(n + 2 * p - k, s or k) if ceil else (n + 2 * p - k) // (s or k) + 1,
            "With `ceil` you round up and stop there. A last window that would start behind the input, in the padding "
            "on the right or beyond, has nothing to see: PyTorch leaves it out.",
        ),
        Mistake(
            lambda n, k, s, p, ceil: pooled(n, k, 1 if s is None else s, p, ceil),
            "You take 1 for a stride that is not given. That is a convolution's; a pooling's windows lie side by side, "
            "with stride k.",
        ),
        Mistake(
            lambda n, k, s, p, ceil: pooled(n, k, s, p, False),
            "With `ceil` you get what you get without it: the result is rounded down every time.",
        ),
        Mistake(
            lambda n, k, s, p, ceil: pooled(n, k, s, p, True),
            "Without `ceil` you get what you get with it: rounded up every time. A last window that does not fit "
            "counts with `ceil` only.",
        ),
        Mistake(
            lambda n, k, s, p, ceil: pooled(n, k, s, p, ceil) - 1,
            "Always one too few: you count the steps of the window, but where it starts is an output too.",
        ),
        Mistake(
            lambda n, k, s, p, ceil: max((n + p - k) // (s or k) + 1, 1) if not ceil else pooled(n, k, s, p, ceil),
            "You count the padding once where you round down. It is added on both sides: 2p.",
        ),
        Mistake(
            lambda n, k, s, p, ceil: pooled(n, k, s, p, False) + bool(ceil),
            "With `ceil` you add a window even where the division has no remainder. Then nothing is left to read.",
        ),
        Mistake(
            _last_window(lambda start, n, p: start < n),
            "Your last window must start before n. But o·s counts from the left end of the padding: the input ends at "
            "n + p there.",
        ),
        Mistake(
            _last_window(lambda start, n, p: start <= n + p),
            "A window that starts at n + p starts in the padding, or just beyond: it sees no pixel. It must start "
            "before n + p.",
        ),
    ),
)

DIVISOR = FunctionExercise(
    key="04.6",
    title="What an average divides by",
    name="divisor",
    question=(
        "Average pooling along one axis, with `ceil_mode=True`: the last window may run past the padding. Write "
        "`divisor(n, k, s, p, i, include)`: by how many numbers window i (counted from 0) divides. `include` is "
        "PyTorch's `count_include_pad`: whether the zeros of the padding count. What lies beyond the padding never "
        "counts."
    ),
    stub="def divisor(n, k, s, p, i, include):\n    ...",
    hints=(
        "Call the first pixel of the input 0. Then the padding begins at −p. Where does window i start?",
        "It goes from i·s − p to i·s − p + k. The padding on the right ends before n + p: cut the window off there.",
        "Without the padding, only pixels from 0 to n − 1 count: cut it off at both ends.",
    ),
    solution=divisor,
    praise="In two dimensions it is rows times columns. Why does PyTorch's default make the border darker?",
    cases=divisor_cases,
    neutral={"p": 0, "include": True},
    mistakes=(
        Mistake(
            lambda n, k, s, p, i, include: k,
            "You always divide by k. Near the border some of the k cells may not count.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: k * k,
            "You divide by k². Along one axis a window has k cells; rows times columns comes later.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: divisor(n, k, s, p, i, False) + (max(p - i * s, 0) if include else 0),
            "With `include` you cut the window off at n. The zeros of the padding on the right count, too: it ends "
            "before n + p.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: k if include else divisor(n, k, s, p, i, False),
            "Right where the padding does not count. Where it does, the cells beyond it still do not: the last window "
            "may be cut off at n + p.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: divisor(n, k, s, p, i, not include),
            "You have `include` the wrong way round: True means that the zeros of the padding count.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: divisor(n, k, s, p, i, False),
            "You never count the padding. With `include` its zeros count, though they add nothing to the sum.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: divisor(n, k, s, p, i, True),
            "You always count the padding. Without `include` only pixels of the input count.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: min(i * s - p + k, n + p if include else n) - (i * s - p),
            "Without `include` you cut the window off on the right only. The first window may start in the padding.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: min(i * s - p + k, n + p) - (i * s - p if include else max(i * s - p, 0)),
            "Without `include` you cut the window off on the left only. The last one may end in the padding.",
        ),
        Mistake(
            lambda n, k, s, p, i, include: max(min(i * s + k, n + p) - i * s, 1) if include else
            max(min(i * s + k, n) - i * s, 1),
            "Your window i starts at i·s. With the first pixel of the input called 0, it starts p earlier: i·s − p.",
        ),
    ),
)  # fmt: skip
