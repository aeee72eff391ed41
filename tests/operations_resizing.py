"""The rows for images of another size: padding and interpolation."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import torch.nn.functional as F
from hypothesis import strategies as st

import cnnkit
from tests.operations import Arrays, Gradients, Operation, Options, assert_close, rngs

# ------------------------------------------------------------------------------------------------------------ padding


@st.composite
def paddings(draw: st.DrawFn) -> tuple[Arrays, Options]:
    """Every mode on 1 to 3 axes, each side longer or shorter or as it was."""
    mode, axes = draw(st.sampled_from(["constant", "reflect", "replicate", "circular"])), draw(st.integers(1, 3))
    sides = [draw(st.integers(1, 4)) for _ in range(axes)]
    pad = []
    for n in reversed(sides):
        most = {"reflect": n - 1, "circular": n}.get(mode, 4)
        before, after = (draw(st.integers(1 - n, most)) for _ in range(2))
        if before + after <= -n or (mode == "circular" and min(before, after) < 0):  # torch repeats what is left
            before, after = max(0, before), max(0, after)
        pad += [before, after]
    others = draw(st.sampled_from([(2,), (1, 3), (0, 2), (2, 2)]))
    options: Options = {"pad": tuple(pad), "mode": mode}
    if mode == "constant":
        options["value"] = draw(st.sampled_from([None, 0.5, -3]))
    return {"x": draw(rngs).normal(size=(*others, *sides))}, options


def pad_backward(dy: np.ndarray, x: Any, **options: Any) -> Gradients:
    return {"x": cnnkit.pad_backward(dy, x, **options)}


def pad_loops(x: np.ndarray, *, pad: Any, mode: str, value: Any = None) -> np.ndarray:
    """One entry at a time, walking back into x from outside."""
    sides = [(0, 0)] * (x.ndim - len(pad) // 2) + [pad[i : i + 2] for i in range(len(pad) - 2, -1, -2)]
    y = np.empty([n + before + after for n, (before, after) in zip(x.shape, sides, strict=True)])
    for place in np.ndindex(y.shape):
        found: list[int] | None = []
        for i, n, (before, _) in zip(place, x.shape, sides, strict=True):
            at = i - before
            if mode == "reflect":
                while not 0 <= at < n:
                    at = -at if at < 0 else 2 * (n - 1) - at
            elif mode == "replicate":
                at = min(max(at, 0), n - 1)
            elif mode == "circular":
                at %= n
            found = None if found is None or not 0 <= at < n else [*found, at]
        y[place] = (0 if value is None else value) if found is None else x[tuple(found)]
    return y


def what_is_added_can_be_taken_away(data: st.DataObject) -> None:
    """The opposite numbers take away what was added; and <dy, pad(x)> = <dx, x> for a value of 0."""
    arrays, options = data.draw(paddings())
    x = arrays["x"]
    more = options | {"pad": tuple(max(0, n) for n in options["pad"])}
    less = tuple(-n for n in more["pad"])
    np.testing.assert_array_equal(cnnkit.pad(cnnkit.pad(x, **more), less), x)
    y = cnnkit.pad(x, **options | {"value": None})
    dy = data.draw(rngs).normal(size=y.shape)
    dx = cnnkit.pad_backward(dy, x, **options)
    assert abs((dy * y).sum() - (dx * x).sum()) <= 1e-12 * (np.abs(dy * y).sum() + np.abs(dx * x).sum())


def forgets_the_copies(dy: np.ndarray, x: Any, *, pad: Any, mode: str, value: Any = None) -> Gradients:
    """Only the entries that stayed where they were hand their gradient back."""
    return pad_backward(dy, x, pad=pad, mode="constant")


def mistakes_before_for_after(dy: np.ndarray, x: Any, *, pad: Any, **options: Any) -> Gradients:
    """Reads before and after the wrong way round."""
    swapped = tuple(n for i in range(0, len(pad), 2) for n in (pad[i + 1], pad[i]))
    return pad_backward(dy, x, pad=swapped, **options)


PAD = Operation(
    name="pad",
    forward=cnnkit.pad,
    backward=pad_backward,
    torch=lambda x, **options: F.pad(x, **options),
    cases=paddings(),
    hand=[
        (
            {"x": [[1, 2, 3]]},
            {"pad": (2, 1), "mode": "reflect"},
            [[3, 2, 1, 2, 3, 2]],
            [[1, 2, 4, 8, 16, 32]],
            {"x": [[4, 2 + 8 + 32, 1 + 16]]},
        ),
        ({"x": [[1, 2]]}, {"pad": (1, 1), "mode": "replicate"}, [[1, 1, 2, 2]], [[1, 2, 4, 8]], {"x": [[3, 12]]}),
        (
            {"x": [[1, 2]]},
            {"pad": (1, 2), "mode": "circular"},
            [[2, 1, 2, 1, 2]],
            [[1, 2, 4, 8, 16]],
            {"x": [[10, 21]]},
        ),
        (  # the last axis first: one column less on the left, one row of sevens above
            {"x": [[1, 2, 3]]},
            {"pad": (-1, 0, 1, 0), "value": 7},
            [[7, 7], [2, 3]],
            [[1, 2], [4, 8]],
            {"x": [[0, 4, 8]]},
        ),
    ],
    loops=pad_loops,
    wrong=(forgets_the_copies, mistakes_before_for_after),
    property=what_is_added_can_be_taken_away,
)


# ------------------------------------------------------------------------------------------------------ interpolation


@st.composite
def interpolations(draw: st.DrawFn) -> tuple[Arrays, Options]:
    mode = draw(st.sampled_from(["nearest", "linear", "bilinear"]))
    axes = {"linear": 1, "bilinear": 2}.get(mode) or draw(st.integers(1, 3))
    sides = [draw(st.integers(1, 5 if axes < 3 else 3)) for _ in range(axes)]
    options: Options = {"mode": mode}
    if draw(st.booleans()):
        each = st.integers(1, 9 if axes < 3 else 4)
        options["size"] = draw(each | st.tuples(*[each] * axes))
    else:
        # where such a factor leaves an axis as long as it is, torch copies images and shifts rows and volumes
        broken = [1.5, 1.25, 2.75] if mode != "nearest" or axes == 2 else []
        factor = st.sampled_from([1.0, 2.0, 3.0, *broken])
        options["scale_factor"] = draw(factor | st.tuples(*[factor] * axes))
    if mode != "nearest":
        options["align_corners"] = draw(st.sampled_from([None, False, True]))
    shape = (draw(st.integers(0, 2)), draw(st.integers(1, 3)), *sides)
    return {"x": draw(rngs).normal(size=shape)}, options


def interpolate_backward(dy: np.ndarray, x: Any, **options: Any) -> Gradients:
    return {"x": cnnkit.interpolate_backward(dy, x, **options)}


def interpolate_loops(
    x: np.ndarray, *, mode: str, size: Any = None, scale_factor: Any = None, align_corners: Any = None
) -> np.ndarray:
    """One pixel at a time, from its place in the old image and the pixels around that."""
    sides = x.shape[2:]
    factors = scale_factor if isinstance(scale_factor, tuple) else (scale_factor,) * len(sides)
    sizes = size if isinstance(size, tuple) else (size,) * len(sides)
    if size is None:
        sizes = [int(np.floor(n * f)) for n, f in zip(sides, factors, strict=True)]
    y = np.zeros((*x.shape[:2], *sizes))
    for place in np.ndindex(*sizes):
        around = []
        for i, n, out, factor in zip(place, sides, sizes, factors, strict=True):
            step = n / out if factor is None or out == n else 1 / factor
            if mode == "nearest":
                around.append([(min(int(i * step + 1e-9), n - 1), 1)])
                continue
            s = (i * (n - 1) / (out - 1) if out > 1 else 0) if align_corners else max(0, (i + 1 / 2) * step - 1 / 2)
            first = min(int(s), n - 1)
            around.append([(first, 1 - (s - first)), (min(first + 1, n - 1), s - first)])
        for corner in product(*around):
            y[(..., *place)] += np.prod([share for _, share in corner]) * x[(..., *(pixel for pixel, _ in corner))]
    return y


def a_ramp_stays_a_ramp(data: st.DataObject) -> None:
    """Straight lines stay straight, corner on corner; constants stay constant; and <dy, y> = <dx, x>."""
    arrays, options = data.draw(interpolations())
    x = arrays["x"]
    assert_close(cnnkit.interpolate(np.ones_like(x), **options), np.ones_like(cnnkit.interpolate(x, **options)))
    ramp = np.add.outer(np.linspace(0, 1, 4), np.linspace(0, 2, 5))[None, None]
    wider = np.add.outer(np.linspace(0, 1, 7), np.linspace(0, 2, 3))[None, None]
    assert_close(cnnkit.interpolate(ramp, (7, 3), mode="bilinear", align_corners=True), wider)
    y = cnnkit.interpolate(x, **options)
    dy = data.draw(rngs).normal(size=y.shape)
    dx = cnnkit.interpolate_backward(dy, x, **options)
    assert abs((dy * y).sum() - (dx * x).sum()) <= 1e-12 * (np.abs(dy * y).sum() + np.abs(dx * x).sum())


def the_nearest_takes_all(dy: np.ndarray, x: Any, *, mode: str, align_corners: Any = None, **options: Any) -> Gradients:
    return interpolate_backward(dy, x, mode="nearest", **options)


def mistakes_the_corners(dy: np.ndarray, x: Any, *, mode: str, align_corners: Any = None, **options: Any) -> Gradients:
    if mode != "nearest":
        options["align_corners"] = not align_corners
    return interpolate_backward(dy, x, mode=mode, **options)


def averages_instead_of_adding(dy: np.ndarray, x: Any, **options: Any) -> Gradients:
    """Several new pixels come from the same old one."""
    return {"x": interpolate_backward(dy, x, **options)["x"] * x[0, :1].size / max(1, dy[0, :1].size) if len(x) else x}


INTERPOLATE = Operation(
    name="interpolate",
    forward=cnnkit.interpolate,
    backward=interpolate_backward,
    torch=lambda x, **options: F.interpolate(x, **options),
    cases=interpolations(),
    hand=[
        (  # the new pixels' centres lie at -1/4, 1/4, 3/4 and 5/4: cut off at 0, and at 1 there is nothing beyond
            {"x": [[[[1, 3]]]]},
            {"size": (1, 4), "mode": "bilinear"},
            [[[[1, 1.5, 2.5, 3]]]],
            [[[[1, 2, 4, 8]]]],
            {"x": [[[[1 + 1.5 + 1, 0.5 + 3 + 8]]]]},
        ),
        (  # corner on corner: in thirds
            {"x": [[[0, 3]]]},
            {"size": 4, "mode": "linear", "align_corners": True},
            [[[0, 1, 2, 3]]],
            [[[3, 3, 3, 3]]],
            {"x": [[[6, 6]]]},
        ),
        (  # two pixels of three: ⌊0⌋ and ⌊1.5⌋
            {"x": [[[[5, 6, 7]]]]},
            {"size": (2, 2)},
            [[[[5, 6], [5, 6]]]],
            [[[[1, 2], [10, 20]]]],
            {"x": [[[[11, 22, 0]]]]},
        ),
    ],
    loops=interpolate_loops,
    wrong=(the_nearest_takes_all, mistakes_the_corners, averages_instead_of_adding),
    property=a_ramp_stays_a_ramp,
)

OPERATIONS = [PAD, INTERPOLATE]
