"""From a call in somebody's code to a layer of the course: PyTorch's names and Keras's."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from cnnkit.layers import (
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Layer,
    Linear,
    MaxPool2d,
)
from cnnkit.layers.layer import Shape
from cnnkit.pasted.code import Call, Unreadable, Word

WINDOW = ("kernel_size", "stride", "padding")
NORM = ("num_features", "eps", "momentum", "affine", "track_running_stats", "device", "dtype", "bias")
TORCH = {  # each class of torch.nn, and its arguments in their order
    "Conv2d": ("in_channels", "out_channels", *WINDOW, "dilation", "groups", "bias", "padding_mode"),
    "MaxPool2d": (*WINDOW, "dilation", "return_indices", "ceil_mode"),
    "AvgPool2d": (*WINDOW, "ceil_mode", "count_include_pad", "divisor_override"),
    "AdaptiveAvgPool2d": ("output_size",),
    "AdaptiveMaxPool2d": ("output_size", "return_indices"),
    "BatchNorm2d": NORM,
    "BatchNorm1d": NORM,
    "Linear": ("in_features", "out_features", "bias"),
    "Flatten": ("start_dim", "end_dim"),
    "PReLU": ("num_parameters", "init"),
}
KERAS = {
    "Conv2D": ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "groups", "activation",
               "use_bias"),
    "DepthwiseConv2D": ("kernel_size", "strides", "padding", "depth_multiplier", "data_format", "dilation_rate",
                        "activation", "use_bias"),
    "MaxPooling2D": ("pool_size", "strides", "padding"),
    "AveragePooling2D": ("pool_size", "strides", "padding"),
    "GlobalAveragePooling2D": ("data_format", "keepdims"),
    "GlobalMaxPooling2D": ("data_format", "keepdims"),
    "BatchNormalization": ("axis", "momentum", "epsilon"),
    "Dense": ("units", "activation", "use_bias"),
}  # fmt: skip
SHORT = {"MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D", "Convolution2D": "Conv2D",
         "GlobalAvgPool2D": "GlobalAveragePooling2D", "GlobalMaxPool2D": "GlobalMaxPooling2D"}  # fmt: skip
PIXELWISE = (  # whatever their arguments: shapes stay, and nothing is learnt
    "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softmax", "LogSoftmax", "ReLU6", "Hardtanh",
    "Hardswish", "Hardsigmoid", "Mish", "SELU", "Softplus", "Softsign", "Identity", "Activation", "Rescaling",
    "Dropout", "Dropout2d", "SpatialDropout2D", "Normalization",
)  # fmt: skip
PIXELS = ("Input", "InputLayer")  # they say how large the input is
KNOWN = (*TORCH, *KERAS, *PIXELWISE)
READABLE = "2-D convolutions, poolings, batch norm, Linear and Dense, Flatten, dropout and activations"
EVERYWHERE = ("device", "dtype", "inplace")
CLASSES = 10  # where the code has a name for their number, and no number


def first_shape(calls: Sequence[Call], sides: tuple[int, int] | None, size: int) -> tuple[Shape, bool]:
    """The shape of the input, from what is given, what the code says, or so many pixels; and whether it was said."""
    said = next((_said(call) for call in calls if _said(call)), None)
    first = next((call for call in calls if call.name not in PIXELS), calls[0])
    options = _bound(first) if first.name in TORCH else {}
    if first.name == "Linear":
        return (_whole(first, "in_features", options.get("in_features")),), True
    channels = said[-1] if said and len(said) > 2 else _channels(calls)
    if said and len(said) == 1:
        return said, True
    height, width = sides or (said[:2] if said else (size, size))
    return (channels, height, width), bool(sides or said)


def layer_of(call: Call, shape: Shape) -> list[Layer]:
    """The course's layer, or layers, for a call that meets an input of this shape."""
    name = SHORT.get(call.name, call.name)
    if name in PIXELWISE:
        return [Dropout() if name == "Dropout" else Activation("identity")]
    if name == "PReLU":
        slopes = _bound(call).get("num_parameters", 1)
        return [Activation("prelu", weight=[0.25] * min(_whole(call, "num_parameters", slopes), 10**6))]
    if name not in KNOWN:
        raise Unreadable(f"line {call.line}: {call.name} cannot be read; {READABLE} can")
    options = _bound(call)
    try:
        return MAKERS[name](call, options, shape)
    except (KeyError, TypeError):
        raise Unreadable(f"line {call.line}: {call.text} lacks an argument, or one of them is no number") from None
    except ValueError as error:
        raise Unreadable(f"line {call.line}: {error}") from None


def _said(call: Call) -> Any:
    """What a Keras layer says about the input's shape, as (height, width, channels)."""
    given = call.options.get("input_shape") or call.options.get("batch_shape", ())[1:]
    if call.name in PIXELS:
        given = given or call.options.get("shape") or (call.args[0] if call.args else ())
    return given if isinstance(given, tuple) and all(isinstance(side, int) for side in given) else None


def _channels(calls: Sequence[Call]) -> int:
    for call in calls:
        if call.name in ("Conv2d", "BatchNorm2d"):
            name = "in_channels" if call.name == "Conv2d" else "num_features"
            return _whole(call, name, _bound(call).get(name))
    return 3


def _bound(call: Call) -> dict[str, Any]:
    """All arguments by name."""
    name = SHORT.get(call.name, call.name)
    names = TORCH.get(name) or KERAS.get(name, ())
    if len(call.args) > len(names):
        raise Unreadable(f"line {call.line}: {call.text} has more arguments than {name} takes")
    if name in TORCH:
        for option in call.options:
            if option not in (*names, *EVERYWHERE):
                raise Unreadable(f"line {call.line}: {name} has no argument {option}; it has {', '.join(names)}")
    return dict(zip(names, call.args, strict=False)) | call.options


def rewritten(call: Call, name: str, value: int) -> str:
    """The code of a layer with another value of one argument."""
    node = ast.parse(call.text, mode="eval").body
    assert isinstance(node, ast.Call)
    names = TORCH.get(call.name, ())
    if name in names[: len(node.args)]:
        node.args[names.index(name)] = ast.Constant(value)
    for word in node.keywords:
        if word.arg == name:
            word.value = ast.Constant(value)
    return ast.unparse(node)


def _whole(call: Call, name: str, value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Unreadable(f"line {call.line}: {name} of {call.text} must be a whole number of at least 1, got {value}")
    return value


def _conv(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    names = ("in_channels", "out_channels", *WINDOW, "dilation", "groups", "bias")
    return [Conv2d(**_numbers({name: options[name] for name in names if name in options}))]


def _max_pool(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    names = (*WINDOW, "dilation", "ceil_mode")
    return [MaxPool2d(**_numbers({name: options[name] for name in names if name in options}))]


def _avg_pool(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    names = (*WINDOW, "ceil_mode")
    return [AvgPool2d(**_numbers({name: options[name] for name in names if name in options}))]


def _adaptive(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    """An average over equal windows; where they are not equal there is no layer for it here."""
    wanted = options["output_size"]
    both = wanted if isinstance(wanted, tuple) else (wanted, wanted)
    sizes = [side if out is None else out for side, out in zip(shape[1:], both, strict=True)]
    if any(side % out for side, out in zip(shape[1:], sizes, strict=True)):
        raise ValueError(
            f"{call.text} makes {sizes[0]} × {sizes[1]} out of {shape[1]} × {shape[2]}: windows of unequal size"
        )
    kernel = tuple(side // out for side, out in zip(shape[1:], sizes, strict=True))
    return [(AvgPool2d if "Avg" in call.name else MaxPool2d)(kernel)]


def _norm(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    kind = BatchNorm2d if len(shape) == 3 else BatchNorm1d
    return [kind(options.get("num_features", shape[0]))]


def _linear(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    return [Linear(options["in_features"], _classes(options["out_features"]), bias=options.get("bias", True))]


def _keras_conv(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    depthwise = call.name == "DepthwiseConv2D"
    kernel, stride = options["kernel_size"], options.get("strides", 1)
    dilation = options.get("dilation_rate", 1)
    filters = shape[0] * options.get("depth_multiplier", 1) if depthwise else options["filters"]
    groups = shape[0] if depthwise else options.get("groups", 1)
    padding = _keras_padding(options.get("padding", "valid"), shape, kernel, stride, dilation)
    return [Conv2d(shape[0], filters, kernel, stride, padding, dilation, groups, options.get("use_bias", True))]


def _keras_pool(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    kernel = options.get("pool_size", 2)
    stride = options.get("strides") or kernel
    padding = _keras_padding(options.get("padding", "valid"), shape, kernel, stride, 1)
    before = tuple(side[0] if isinstance(side, tuple) else side for side in _both(padding))
    kind = MaxPool2d if call.name.startswith("Max") else AvgPool2d
    pool = kind(kernel, stride, before, ceil_mode=before != _both(padding))  # a pixel more at the end: one window more
    wanted = tuple(-(-n // s) for n, s in zip(shape[1:], _both(stride), strict=True))
    if options.get("padding") == "same" and pool.output_shape(shape)[1:] != wanted:
        raise ValueError(f"{call.text} pads more at the end than the poolings here can")
    return [pool]


def _keras_global(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    pool: Layer = (AvgPool2d if "Average" in call.name or "Avg" in call.name else MaxPool2d)(shape[1:])
    return [pool] if options.get("keepdims") else [pool, Flatten()]


def _dense(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    return [Linear(shape[-1], _classes(options["units"]), bias=options.get("use_bias", True))]


def _classes(value: Any) -> Any:
    """The number of classes has a name in most code; its number is seldom beside it."""
    return CLASSES if isinstance(value, Word) and "class" in value.lower() else value


def _keras_padding(padding: Any, shape: Shape, kernel: Any, stride: Any, dilation: Any) -> Any:
    """TensorFlow's "same": ⌈n / s⌉ windows, and of an odd number of padded pixels one more at the end."""
    if padding == "valid":
        return 0
    if padding != "same":
        raise ValueError(f"padding must be 'valid' or 'same', got {padding!r}")
    pads = []
    for n, k, s, d in zip(shape[1:], *map(_both, (kernel, stride, dilation)), strict=True):
        total = max((-(-n // s) - 1) * s + d * (k - 1) + 1 - n, 0)
        pads.append((total // 2, total - total // 2))
    return tuple(before for before, _ in pads) if all(a == b for a, b in pads) else tuple(pads)


def _both(value: Any) -> tuple[int, int]:
    return value if isinstance(value, tuple) else (value, value)


def _numbers(options: dict[str, Any]) -> dict[str, Any]:
    for name, value in options.items():
        if isinstance(value, Word) and value not in ("same", "valid", "True", "False"):
            raise ValueError(f"{name} must be a number, got {value}: write the number, or a line above that gives it")
    return options


MAKERS: dict[str, Callable[[Call, dict[str, Any], Shape], list[Layer]]] = {
    "Conv2d": _conv, "MaxPool2d": _max_pool, "AvgPool2d": _avg_pool, "AdaptiveAvgPool2d": _adaptive,
    "AdaptiveMaxPool2d": _adaptive, "BatchNorm2d": _norm, "BatchNorm1d": _norm, "Linear": _linear,
    "Flatten": lambda call, options, shape: [Flatten()], "Conv2D": _keras_conv, "DepthwiseConv2D": _keras_conv,
    "MaxPooling2D": _keras_pool, "AveragePooling2D": _keras_pool, "GlobalAveragePooling2D": _keras_global,
    "GlobalMaxPooling2D": _keras_global, "BatchNormalization": _norm, "Dense": _dense,
}  # fmt: skip
