"""PyTorch's OpInfo and ModuleInfo: sample inputs, forward and backward, and inputs that must be refused."""

from __future__ import annotations

import re
import sys
import types
import unittest
import warnings
from collections.abc import Callable, Iterator
from functools import cache, partial
from importlib.util import find_spec
from typing import Any
from unittest.mock import patch

import numpy as np
import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

from tests.peers.calls import ACCEPTED, OPERATORS, as_arrays, bound, call, forward, met
from tests.peers.tally import NotExpressible, Tally

DTYPES = (torch.float64, torch.float32)

# Where torch's own slope says nothing: operators, what their x must not hold, why.
NO_SLOPE: list[tuple[tuple[str, ...], Callable[[torch.Tensor], torch.Tensor], str]] = [
    (
        ("celu", "elu", "hardswish", "hardtanh", "relu6", "selu"),
        torch.isnan,
        "at NaN torch's own slope is another in long arrays than in short ones",
    ),
    (("softsign",), torch.isinf, "at inf torch's slope is NaN, where 0 is right"),
]

# Operators whose slope torch has in float32 also where x is float64, and to how much it is true then.
ROUGH = {"hardsigmoid": 1e-7}

# Modules that make no call of their own to an operator (Lazy ones become another, which is tried).
OTHER_MODULES = ("Fractional", "GRU", "LSTM", "Lazy", "MultiheadAttention", "RNN", "Transformer")


@cache
def databases() -> tuple[list[Any], list[Any]]:
    """op_db and module_db. They import `expecttest`, of which nothing here is used, and freeze torch's flags."""
    if "expecttest" not in sys.modules and find_spec("expecttest") is None:
        stand_in = sys.modules["expecttest"] = types.ModuleType("expecttest")
        stand_in.TestCase = unittest.TestCase  # type: ignore[attr-defined]
    with patch("torch.backends.disable_global_flags"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from torch.testing._internal.common_methods_invocations import op_db
        from torch.testing._internal.common_modules import module_db
    return op_db, module_db


def samples(names: list[str] = OPERATORS, at_most: int | None = None) -> Tally:
    """Each sample in float64 and float32: y and all gradients, against torch's."""
    tally = Tally("PyTorch's OpInfo: sample inputs, forward and backward")
    for name, op in operators(names):
        for dtype in DTYPES:
            for i, (sample, arguments) in enumerate(thinned(of_op(name, op, dtype), at_most)):
                tally.attempt(name, f"{dtype}, sample {i}: {sample}", partial(compare, name, arguments, dtype))
    return tally


def errors(names: list[str] = OPERATORS) -> Tally:
    """Each error input: cnnkit must raise ValueError, too."""
    tally = Tally("PyTorch's OpInfo: error inputs")
    for name, op in operators(names):
        for i, error in enumerate(op.error_inputs("cpu") if op.error_inputs_func else []):
            sample = error.sample_input
            label = f"error input {i} ({error.error_regex}): {described((sample.input, *sample.args, sample.kwargs))}"
            tally.attempt(name, label, partial(refuses, name, error))
    return tally


def modules(at_most: int | None = None) -> Tally:
    """Each call of an operator that a module makes when it is run on its samples, training and not."""
    tally = Tally("PyTorch's ModuleInfo: the calls that modules make")
    for info in databases()[1]:
        if info.name.removeprefix("nn.").startswith(OTHER_MODULES):
            continue
        for dtype in DTYPES:
            for training in (True, False):
                for i, (name, arguments) in enumerate(thinned(of_module(info, dtype, training), at_most)):
                    label = f"{info.name}, {dtype}, training={training}, call {i}"
                    tally.attempt(name, label, partial(compare, name, arguments, dtype))
    return tally


def operators(names: list[str]) -> Iterator[tuple[str, Any]]:
    for op in databases()[0]:
        name = op.name.removeprefix("nn.functional.")
        functional = name != op.name or name in (
            "log_softmax",
            "sigmoid",
            "softmax",
            "tanh",
        )  # Tensor.unfold is another
        if name in names and functional and op.variant_test_name != "complex":
            yield name, op


def of_op(name: str, op: Any, dtype: torch.dtype) -> list[tuple[str, Any]]:
    torch.manual_seed(0)
    if dtype not in op.supported_dtypes("cpu"):
        return []
    samples = op.reference_inputs("cpu", dtype)  # the samples, and more of them where torch has a reference
    return [(described((s.args, s.kwargs)), ((s.input, *s.args), s.kwargs)) for s in samples]


def of_module(info: Any, dtype: torch.dtype, training: bool) -> list[tuple[str, Any]]:
    """The calls of operators while a module runs, as (name, (args, kwargs))."""
    torch.manual_seed(0)
    record = Record()
    inputs = info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=False, training=training)
    for given in inputs:
        made = given.constructor_input
        module = info.module_cls(*made.args, **made.kwargs).to(dtype).train(training)
        with record, torch.no_grad(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module(*given.forward_input.args, **given.forward_input.kwargs)
    return record.calls


class Record(TorchFunctionMode):
    """Writes down each call of an operator; what that calls in turn is not seen."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[tuple[str, Any]] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = getattr(func, "__name__", "").removeprefix("_").removesuffix("_with_indices")
        if name in OPERATORS and getattr(func, "__module__", None) in (F.__name__, "torch._C._nn", None, "torch"):
            detached = [[a.clone() if isinstance(a, torch.Tensor) else a for a in args], dict(kwargs or {})]
            if func is not getattr(torch.Tensor, name, None):
                self.calls.append((name, tuple(detached)))
        return func(*args, **(kwargs or {}))


def thinned(cases: list[Any], at_most: int | None) -> list[Any]:
    """`at_most` of the cases, spread over all of them."""
    return cases if at_most is None else cases[:: max(1, -(-len(cases) // at_most))]


def compare(name: str, sample: tuple[Any, Any], dtype: torch.dtype) -> None:
    """y and the gradients are torch's, in value, shape and type."""
    arguments = bound(name, *sample)
    ours = forward(name, as_arrays(arguments))
    exact = {key: v.double() if is_float(v) else v for key, v in arguments.items()}  # float32 is held against float64
    floats = [key for key in differentiable(name) if is_float(exact.get(key))]
    leaves = {key: exact[key].detach().clone().requires_grad_() for key in floats}
    running = {key: exact[key].clone() for key in ("running_mean", "running_var") if exact.get(key) is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = getattr(F, name)(**{**exact, **leaves, **running} | ({"inplace": False} if "inplace" in exact else {}))
    expected = theirs if isinstance(theirs, tuple) else (theirs,)
    if isinstance(ours.returned, tuple) and isinstance(theirs, tuple):
        agree(ours.returned[1], expected[1], torch.int64, "indices")
    agree(ours.y, expected[0], dtype, "y")
    if running:
        for key, value in zip(("running_mean", "running_var"), ours.returned[1:], strict=True):
            agree(value, running[key], dtype, key)
    if not expected[0].requires_grad:
        return
    for names, unsettled, why in NO_SLOPE:
        if name in names and bool(unsettled(exact["input"]).any()):
            raise NotExpressible(why)
    dy = torch.randn(expected[0].shape, generator=torch.Generator().manual_seed(0), dtype=dtype)
    gradients = torch.autograd.grad(expected[0], list(leaves.values()), dy.double(), allow_unused=True)
    theirs_by_name = dict(zip(leaves, gradients, strict=True))
    for key, gradient in zip(differentiable(name), ours.backward(dy.numpy()), strict=False):
        if theirs_by_name.get(key) is not None:
            agree(gradient, theirs_by_name[key], dtype, f"d{key}", ROUGH.get(name, 0.0))


def refuses(name: str, error: Any) -> None:
    """cnnkit raises ValueError where torch raises whatever it raises, or is declared to take the call."""
    for function, said, why in ACCEPTED:
        if function == name and re.search(said, error.error_regex):
            met.add((function, said, why))
            raise NotExpressible(why)
    sample = error.sample_input
    arguments = as_arrays(bound(name, (sample.input, *sample.args), sample.kwargs))
    try:
        call(name, arguments)
    except ValueError as refused:
        said = str(refused)
    else:
        raise AssertionError("cnnkit takes what torch refuses")
    assert "\n" not in said, f"more than one line: {said}"


def differentiable(name: str) -> tuple[str, ...]:
    """What a backward returns gradients of, in its order."""
    return ("input", "target") if name.endswith("_loss") or "cross_entropy" in name else ("input", "weight", "bias")


def agree(ours: Any, theirs: torch.Tensor, dtype: torch.dtype, what: str, rough: float = 0.0) -> None:
    """To 9 digits in float64, in float32 as torch asks of itself; beside 1, because where terms of the samples' size
    cancel, torch's zero is none, either.
    """
    expected, actual = theirs.detach().numpy(), np.asarray(ours)
    if dtype.is_floating_point:
        assert actual.dtype == torch.empty(0, dtype=dtype).numpy().dtype, f"{what} is {actual.dtype}, expected {dtype}"
    assert actual.shape == expected.shape, f"{what}: shape {actual.shape}, expected {expected.shape}"
    rtol, beside = (1.3e-6, 1e-5) if dtype == torch.float32 else (1e-9, 1e-12)
    atol = beside * float(np.abs(expected[np.isfinite(expected)]).max(initial=1.0))
    np.testing.assert_allclose(actual, expected, rtol=max(rtol, rough), atol=atol, err_msg=what)


def is_float(value: Any) -> bool:
    return isinstance(value, torch.Tensor) and value.is_floating_point()


def described(sample: Any) -> str:
    """A sample on one line: tensors by their shapes."""
    if isinstance(sample, torch.Tensor):
        return f"T{list(sample.shape)}"
    if isinstance(sample, dict):
        return ", ".join(f"{key}={described(value)}" for key, value in sample.items())
    return f"({', '.join(map(described, sample))})" if isinstance(sample, (tuple, list)) else repr(sample)


SUITES: list[Callable[[], Tally]] = [samples, errors, modules]
