"""From a call in torch's words to the same call of cnnkit's: by name, argument by argument.

A function that cnnkit does not have yet is not expressible today, and tried as soon as it is there.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F

import cnnkit
from tests.peers.tally import NotExpressible

Arguments = dict[str, Any]  # by torch's names; what was not given is not in it

# The functions of torch.nn.functional that cnnkit has or may come to have.
OPERATORS = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "adaptive_max_pool1d", "adaptive_max_pool2d", "avg_pool1d",
    "avg_pool2d", "batch_norm", "binary_cross_entropy", "binary_cross_entropy_with_logits", "celu", "conv1d",
    "conv2d", "conv_transpose1d", "conv_transpose2d", "cross_entropy", "dropout", "dropout2d", "elu", "fold",
    "gelu", "glu", "group_norm", "hardsigmoid", "hardswish", "hardtanh", "instance_norm", "interpolate", "l1_loss",
    "layer_norm", "leaky_relu", "linear", "log_softmax", "logsigmoid", "max_pool1d", "max_pool2d", "max_unpool1d",
    "max_unpool2d", "mish", "mse_loss", "nll_loss", "pad", "prelu", "relu", "relu6", "rms_norm", "rrelu", "selu",
    "sigmoid", "silu", "smooth_l1_loss", "softmax", "softmin", "softplus", "softsign", "tanh", "unfold",
]  # fmt: skip

# What changes no value: where the result is written, and how deep a warning lies.
WITHOUT_EFFECT = {"inplace", "_stacklevel"}


# Calls that torch takes and cnnkit refuses on purpose: function, what cnnkit says, why.
REFUSED = [
    ("softmax", "must have at least 1 dimension", "a single number has no dimension to go along"),
    ("log_softmax", "must have at least 1 dimension", "a single number has no dimension to go along"),
    ("avg_pool2d", r"an int or a pair .*, got \(\d?,?\)", "a tuple of one number, or none, for an int or a pair"),
    ("dropout2d", "must have 4 dimensions .*, got 3", "without N torch itself warns that the meaning will change"),
    ("group_norm", "eps must be at least 0", "below 0 it makes roots of negative numbers"),
    ("layer_norm", "eps must be at least 0", "below 0 it makes roots of negative numbers"),
    ("interpolate", "mode must be one of", "not written: other modes"),
    ("batch_norm", r"got 1: shape \(0,\)", "nothing, in no channels"),
]

# Calls that torch refuses and cnnkit takes on purpose: function, what torch says, why.
ACCEPTED = [
    ("conv1d", "should be the same", "arrays of different types may meet: the result has the widest"),
    ("conv2d", "should be the same", "arrays of different types may meet: the result has the widest"),
]

met: set[tuple[str, str, str]] = set()  # the entries above that were needed


@dataclass
class Result:
    """What cnnkit's function returned, and what its backward needs."""

    name: str
    options: Arguments
    returned: Any

    @property
    def y(self) -> Any:
        return self.returned[0] if isinstance(self.returned, tuple) else self.returned

    def backward(self, dy: np.ndarray) -> tuple[Any, ...]:
        """The gradients, as many as cnnkit's backward returns, in its order."""
        function = written(f"{self.name}_backward") or written(f"{self.name.removesuffix('2d')}_backward")
        if function is None:
            raise NotExpressible("no backward is written")
        known = {**self.options, "dy": dy, "y": self.y}
        if isinstance(self.returned, tuple):  # the mask of dropout, the slopes of rrelu
            known |= {"mask": self.returned[1], "slopes": self.returned[1]}
        gradients = function(**{name: known[name] for name in inspect.signature(function).parameters if name in known})
        return gradients if isinstance(gradients, tuple) else (gradients,)


def call(name: str, arguments: Arguments) -> Result:
    """Call cnnkit's counterpart of torch's function `name`."""
    defaults = {key: p.default for key, p in torch_signature(name).parameters.items()}
    ours, arguments = TRANSLATIONS[name](arguments) if name in TRANSLATIONS else (name, arguments)
    function = written(ours)
    if function is None:
        raise NotExpressible("not written")
    first, *others = inspect.signature(function).parameters
    options = {}
    for key, value in arguments.items():
        if key == "input" or key in others:
            options[first if key == "input" else key] = value
        elif key not in WITHOUT_EFFECT and not is_default(value, defaults.get(key)):
            raise NotExpressible(f"no argument {key}")
    return Result(ours, options, function(**options))


def forward(name: str, arguments: Arguments) -> Result:
    """Call cnnkit; what it refuses on purpose cannot be expressed."""
    try:
        return call(name, arguments)
    except ValueError as error:
        for function, said, why in REFUSED:
            if function == name and re.search(said, str(error)):
                met.add((function, said, why))
                raise NotExpressible(why) from None
        raise


def unmet() -> list[str]:
    """Entries about functions that are written, and that no case needs any more."""
    declared = [entry for entry in REFUSED + ACCEPTED if written(entry[0])]
    return [f"{name}: {why}" for name, said, why in declared if (name, said, why) not in met]


def written(name: str) -> Callable[..., Any] | None:
    """The public function of cnnkit with this name, if there is one."""
    function = getattr(cnnkit, name, None)
    return function if inspect.isfunction(function) else None


def is_default(value: Any, default: Any) -> bool:
    return value is default or (not isinstance(value, np.ndarray) and type(value) is type(default) and value == default)


def bound(name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Arguments:
    """The arguments of a call of torch's by their names, tensors as arrays."""
    try:
        given = torch_signature(name).bind(*args, **kwargs).arguments
    except TypeError:
        raise NotExpressible("arguments that no function takes") from None
    return dict(given)


def as_arrays(arguments: Arguments) -> Arguments:
    """Tensors as NumPy's arrays, with their strides; lists of torch's own kinds as tuples."""
    return {key: as_array(value) for key, value in arguments.items()}


def as_array(value: Any) -> Any:
    if isinstance(value, torch.Tensor):
        if value.is_sparse or value.is_quantized or value.dtype == torch.bfloat16:
            raise NotExpressible(f"{value.layout} of {value.dtype}")
        return value.detach().numpy()
    return tuple(value) if isinstance(value, torch.Size) else value


@cache
def torch_signature(name: str) -> inspect.Signature:
    """The signature of torch.nn.functional's function; where it is written in C++, the one its documentation gives."""
    function = getattr(F, f"{name}_with_indices", None) or getattr(F, name)
    try:
        return inspect.signature(function)
    except ValueError:
        parameters = function.__doc__.strip().removeprefix(f"{name}(").split(") ->")[0]
        return inspect.signature(eval(f"lambda {parameters}: None"))


def batch_norm(arguments: Arguments) -> tuple[str, Arguments]:
    """cnnkit's batch norm of as many dimensions, or of all."""
    ndim = np.ndim(arguments["input"])
    if written("batch_norm"):
        return "batch_norm", arguments
    return {2: "batch_norm1d", 3: "batch_norm1d", 4: "batch_norm2d"}.get(ndim, "batch_norm3d"), arguments


def instance_norm(arguments: Arguments) -> tuple[str, Arguments]:
    """Where cnnkit has no function of this name, a group norm with a group for each channel."""
    if written("instance_norm"):
        return "instance_norm", arguments
    for name in ("running_mean", "running_var"):
        if arguments.get(name) is not None:
            raise NotExpressible("running statistics of single images")
    known = {name: arguments[name] for name in ("input", "weight", "bias", "eps") if name in arguments}
    return "group_norm", {**known, "num_groups": np.shape(arguments["input"])[1]}


def by_chance(name: str, drops: Callable[[Arguments], bool]) -> Callable[[Arguments], tuple[str, Arguments]]:
    """What draws random numbers agrees with torch's only where they decide nothing."""

    def translated(arguments: Arguments) -> tuple[str, Arguments]:
        if drops(arguments):
            raise NotExpressible("chance: the two draw other random numbers")
        return name, {**arguments, "rng": np.random.default_rng(0)}

    return translated


def drops(arguments: Arguments) -> bool:
    return arguments.get("training", True) and arguments.get("p", 0.5) not in (0, 1)


def relu6(arguments: Arguments) -> tuple[str, Arguments]:
    return "hardtanh", {**arguments, "min_val": 0.0, "max_val": 6.0}


def without_indices(name: str) -> Callable[[Arguments], tuple[str, Arguments]]:
    """Where cnnkit returns no indices, the values can still be compared."""

    def translated(arguments: Arguments) -> tuple[str, Arguments]:
        function = written(name)
        if function is None or "return_indices" in inspect.signature(function).parameters:
            return name, arguments
        return name, {key: value for key, value in arguments.items() if key != "return_indices"}

    return translated


# Where more than the name differs: torch's arguments -> cnnkit's function and its arguments.
TRANSLATIONS: dict[str, Callable[[Arguments], tuple[str, Arguments]]] = {
    "batch_norm": batch_norm,
    "instance_norm": instance_norm,
    "dropout": by_chance("dropout", drops),
    "dropout2d": by_chance("dropout2d", drops),
    "rrelu": by_chance("rrelu", lambda arguments: arguments.get("training", False)),
    "relu6": relu6,
    **{name: without_indices(name) for name in OPERATORS if "max_pool" in name},
}
