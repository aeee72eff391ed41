"""The activations as notebook 01 shows them: value, slope, the numbers put into the formula, scales."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from cnnkit import activations as act
from cnnkit.course.kit.activations import STEEPEST
from cnnkit.course.kit.words import bracketed, short

LOWER = 0.125  # rrelu's default; `upper` is a slider


def number(value: float) -> str:
    """A number as notebook 01 writes it: three digits, and powers of ten only for what is tiny or huge."""
    return short(value + 0.0, least=1e-4, most=1e6, mantissa=2, thousands=True)  # + 0.0: no −0


def in_percent(value: float) -> str:
    """A number of per cent, with one digit behind the point, more where it is tiny."""
    return f"{value:.1f} %" if 0.1 <= abs(value) < 99.95 else f"{number(value)} %"


def factor(value: float) -> str:
    """A number behind a dot or an operator."""
    return bracketed(value, number)


class Kind(NamedTuple):
    """One activation; v is the value of its option, where it has one.

    option       the option's name in torch, "" for none
    value        f(x, v)
    slope        f′(x, v), torch's choice at a kink
    said         (x, v) -> f(x) and f′(x) as formulas with the numbers put in
    steepest     v -> the largest slope and where it is
    kinks        v -> each place where the slope jumps, with the slopes on its left and right
    bounded      how far f is drawn up and down if it stays in a narrow band, else 0
    """

    option: str
    value: Callable[[Any, float], np.ndarray]
    slope: Callable[[Any, float], np.ndarray]
    said: Callable[[float, float], tuple[str, str]]
    steepest: Callable[[float], tuple[float, str]]
    kinks: Callable[[float], list[tuple[float, float, float]]]
    bounded: float = 0


def _slope_of(backward: Callable, option: str = "") -> Callable[[Any, float], np.ndarray]:
    """f′ is what the backward makes of dy = 1."""

    def slope(x: Any, v: float) -> np.ndarray:
        x = np.asarray(x, float)
        return backward(np.ones_like(x), x, **({option: v} if option else {}))

    return slope


def _plain(forward: Callable, option: str = "") -> Callable[[Any, float], np.ndarray]:
    return lambda x, v: forward(x, **({option: v} if option else {}))


def _no_kink(v: float) -> list[tuple[float, float, float]]:
    return []


def _relu_said(x: float, v: float) -> tuple[str, str]:
    return f"max(0, {number(x)})", ""


def _leaky_said(x: float, v: float) -> tuple[str, str]:
    return ("x", "") if x > 0 else (f"{number(v)}·{factor(x)}", "")


def _elu_said(x: float, v: float) -> tuple[str, str]:
    return ("x", "") if x > 0 else (f"{number(v)}·(e^{factor(x)} − 1)", f"{number(v)}·e^{factor(x)}")


def _gelu_said(x: float, v: float) -> tuple[str, str]:
    below = float(act.gelu(x) / x) if x else 0.5
    density = float(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))
    return (
        f"x·Φ(x) = {number(x)}·{number(below)}",
        f"Φ(x) + x·φ(x) = {number(below)} + {factor(x)}·{number(density)}",
    )


def _silu_said(x: float, v: float) -> tuple[str, str]:
    s = float(act.sigmoid(x))
    return (
        f"x·σ(x) = {number(x)}·{number(s)}",
        f"σ + x·σ·(1 − σ) = {number(s)} + {factor(x)}·{number(s * (1 - s))}",
    )


def _sigmoid_said(x: float, v: float) -> tuple[str, str]:
    y = number(float(act.sigmoid(x)))
    return f"1/(1 + e^{factor(-x)})", f"f·(1 − f) = {y}·(1 − {y})"


def _tanh_said(x: float, v: float) -> tuple[str, str]:
    return f"tanh({number(x)})", f"1 − f² = 1 − {factor(float(np.tanh(x)))}²"


def _softplus_said(x: float, v: float) -> tuple[str, str]:
    return f"log(1 + e^{factor(v * x)})/{number(v)}", f"σ({number(v * x)})"


def _hardtanh_said(x: float, v: float) -> tuple[str, str]:
    return f"min(max({number(x)}, −{number(v)}), {number(v)})", ""


def _leaky(option: str) -> Kind:
    return Kind(
        option,
        lambda x, v: act.leaky_relu(x, negative_slope=v),
        _slope_of(act.leaky_relu_backward, "negative_slope"),
        _leaky_said,
        lambda v: (1.0, "right of 0"),
        lambda v: [(0.0, v, 1.0)] if v != 1 else [],
    )


def _rrelu() -> Kind:
    """When evaluating: the middle of the slopes that training draws from."""
    return Kind(
        "upper",
        lambda x, v: act.rrelu(x, lower=LOWER, upper=v)[0],
        lambda x, v: act.rrelu(x, lower=LOWER, upper=v)[1],
        lambda x, v: _leaky_said(x, (LOWER + v) / 2),
        lambda v: (1.0, "right of 0"),
        lambda v: [(0.0, (LOWER + v) / 2, 1.0)],
    )


def _smooth(name: str, said: Callable, steepest: tuple[float, str], *, option: str = "", bounded: float = 0) -> Kind:
    return Kind(
        option, _plain(getattr(act, name), option), _slope_of(getattr(act, f"{name}_backward"), option),
        said, lambda v: steepest, _no_kink, bounded,
    )  # fmt: skip


KINDS = {
    "ReLU": Kind(
        "", _plain(act.relu), _slope_of(act.relu_backward), _relu_said, lambda v: (1.0, "right of 0"),
        lambda v: [(0.0, 0.0, 1.0)],
    ),
    "leaky ReLU": _leaky("negative_slope"),
    "PReLU": _leaky("weight"),
    "RReLU": _rrelu(),
    "ELU": Kind(
        "alpha", _plain(act.elu, "alpha"), _slope_of(act.elu_backward, "alpha"), _elu_said,
        lambda v: (v, "just left of 0") if v > 1 else (1.0, "right of 0"),
        lambda v: [(0.0, v, 1.0)] if v != 1 else [],
    ),
    "GELU": _smooth("gelu", _gelu_said, (STEEPEST["gelu"], "at x = √2")),
    "SiLU": _smooth("silu", _silu_said, (STEEPEST["silu"], "at x = 2.4")),
    "sigmoid": _smooth("sigmoid", _sigmoid_said, (STEEPEST["sigmoid"], "at x = 0"), bounded=1.3),
    "tanh": _smooth("tanh", _tanh_said, (1.0, "at x = 0"), bounded=1.3),
    "softplus": _smooth("softplus", _softplus_said, (1.0, "for large x"), option="beta"),
    "hardtanh": Kind(
        "max_val",
        lambda x, v: act.hardtanh(x, min_val=-v, max_val=v),
        lambda x, v: act.hardtanh_backward(np.ones_like(np.asarray(x, float)), x, min_val=-v, max_val=v),
        _hardtanh_said, lambda v: (1.0, "between the bounds"), lambda v: [(-v, 0.0, 1.0), (v, 1.0, 0.0)], 2.2,
    ),
}  # fmt: skip
DEFAULTS = {"negative_slope": 0.01, "weight": 0.25, "upper": 0.33, "alpha": 1.0, "beta": 1.0, "max_val": 1.0}
