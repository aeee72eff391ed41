"""A torch model, run once, with every call of its innermost modules written down."""

from __future__ import annotations

from dataclasses import fields
from functools import partial
from typing import Any

from cnnkit import layers
from cnnkit.tracing.table import Step, refused

ACTIVATIONS = (  # and what else changes one number at a time
    "Identity", "ReLU", "PReLU", "ReLU6", "LeakyReLU", "RReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish",
    "Sigmoid", "Tanh", "Softplus", "Softsign", "Softshrink", "Hardshrink", "Tanhshrink", "LogSigmoid", "Threshold",
    "Hardtanh", "Hardsigmoid", "Hardswish", "AlphaDropout", "FeatureAlphaDropout",
)  # fmt: skip
WITHOUT = ("eps", "momentum", "rng")  # options that no shape and no count depends on


def through_module(model: Any, shape: tuple[int, ...]) -> list[Step]:
    """Send zeros through a torch model in evaluation mode; a step for each call of a module that holds no others."""
    import torch

    like = next((p for p in model.parameters() if p.is_floating_point()), torch.zeros(()))
    with torch.inference_mode(False):  # whose tensors do not know whether they were changed
        x = torch.zeros(shape, device=like.device, dtype=like.dtype)
    notes, modes = Notes(x), {module: module.training for module in model.modules()}
    leaves = [(place, module) for place, module in model.named_modules() if not any(module.children())]
    hooks: list[Any] = []
    try:
        for place, module in leaves:
            hooks.append(module.register_forward_pre_hook(partial(notes.enter, place), with_kwargs=True))
            hooks.append(module.register_forward_hook(partial(notes.leave, place)))
        model.eval()
        with torch.inference_mode(False), torch.no_grad():
            model(x)
    except Exception as problem:  # whatever the model's own code may raise
        raise refused(notes.place, notes.kind, notes.before, problem) from problem
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    return notes.steps


class Notes:
    """What is written down when a module is entered and left."""

    def __init__(self, x: Any) -> None:
        self.steps: list[Step] = []
        self.counted: set[int] = set()  # parameters; one that is used twice is learnt once
        self.last, self.version = x, x._version  # what the layer before put out, and how often it had been changed
        self.place, self.kind, self.before, self.chained = "", "", tuple(x.shape), True

    def enter(self, place: str, module: Any, args: Any, named: Any) -> None:
        x = _first_tensor((args, named))
        self.place, self.kind, self.before = place, _kind(module), _shape(x)
        self.chained = x is not None and x is self.last and x._version == self.version
        if "2d" in self.kind and len(self.before) != 4:
            raise ValueError("it takes images as (N, C, H, W), batch first")

    def leave(self, place: str, module: Any, args: Any, output: Any) -> None:
        parameters = dict(module.named_parameters(recurse=False))
        weights = {name: parameter.numel() for name, parameter in parameters.items()}
        new = sum(weights[name] for name, parameter in parameters.items() if id(parameter) not in self.counted)
        self.counted |= {id(parameter) for parameter in parameters.values()}
        self.last = _first_tensor(output)
        self.version = None if self.last is None else self.last._version
        after = _shape(self.last)
        self.steps.append(Step(place, self.kind, _layer(module), self.before, after, weights, new, self.chained))
        self.place, self.kind, self.before = f"after {place}", self.kind, after


def _first_tensor(values: Any) -> Any:
    """The first of what a layer is given or gives, which may be several, one in another: (y, (h, c)) of an LSTM."""
    if isinstance(values, dict):
        values = tuple(values.values())
    if isinstance(values, (tuple, list)):
        return next((found for found in map(_first_tensor, values) if found is not None), None)
    return values if hasattr(values, "_version") else None


def _shape(x: Any) -> tuple[int, ...]:
    return () if x is None else tuple(x.shape)


def _kind(module: Any) -> str:
    """As `cnnkit.layers` writes it where it knows the layer, else the name of the class."""
    name, layer = type(module).__name__, _layer(module)
    if isinstance(layer, layers.Activation) and name in ("ReLU", "PReLU"):
        slopes = getattr(module, "num_parameters", 1)
        return f"{name}({slopes if slopes > 1 else ''})"
    return repr(layer) if type(layer).__name__ == name else name


def _layer(module: Any) -> layers.Layer | None:
    """The layer of `cnnkit.layers` with the same shapes and MACs, or None."""
    name, origin = type(module).__name__, type(module).__module__
    if not origin.startswith("torch.nn.") or _padded_unevenly(module):
        return None
    if name in ACTIVATIONS:
        return layers.Activation("identity")
    kind = getattr(layers, name, None)
    if kind not in layers.KINDS or (name == "Flatten" and (module.start_dim, module.end_dim) != (1, -1)):
        return None
    try:
        return kind(**{field.name: _option(module, field.name) for field in fields(kind) if field.name not in WITHOUT})
    except ValueError:  # torch takes some options that cannot compute, such as 0 features
        return None


def _option(module: Any, field: str) -> Any:
    """One number of a module, as it would be written by hand: 3 for (3, 3), and no stride where it is the kernel's."""
    value = getattr(module, field)
    if field == "bias":
        return value is not None
    if field == "stride" and hasattr(module, "ceil_mode") and value == module.kernel_size:
        return None
    if field == "padding" and isinstance(value, str):
        value = tuple(lost // 2 * (value == "same") for lost in _lost(module))
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _padded_unevenly(module: Any) -> bool:
    """Whether padding="same" puts one more pixel on one side than on the other."""
    return getattr(module, "padding", 0) == "same" and any(lost % 2 for lost in _lost(module))


def _lost(module: Any) -> list[int]:
    """How many pixels smaller the output of a convolution is without padding, along each axis."""
    return [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
