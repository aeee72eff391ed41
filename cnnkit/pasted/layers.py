"""From a call in somebody's code to a layer of the course: PyTorch's names and Keras's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import prod
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
from cnnkit.pasted.more import Counted, Seen, transposed

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
    "ConvTranspose2d": ("in_channels", "out_channels", *WINDOW, "output_padding", "groups", "bias", "dilation",
                        "padding_mode"),
    "LayerNorm": ("normalized_shape", "eps", "elementwise_affine", "bias"),
    "GroupNorm": ("num_groups", "num_channels", "eps", "affine"),
    "InstanceNorm2d": ("num_features", "eps", "momentum", "affine", "track_running_stats"),
    "Upsample": ("size", "scale_factor", "mode", "align_corners", "recompute_scale_factor", "antialias"),
    "ZeroPad2d": ("padding",), "ReflectionPad2d": ("padding",), "ReplicationPad2d": ("padding",),
    "Unflatten": ("dim", "unflattened_size"),
    "PixelShuffle": ("upscale_factor",),
    "Mean": ("dim", "keepdim"),
    "Squeeze": ("dim",),
}  # fmt: skip
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
    "Conv2DTranspose": ("filters", "kernel_size", "strides", "padding", "output_padding", "data_format",
                        "dilation_rate", "activation", "use_bias"),
    "SeparableConv2D": ("filters", "kernel_size", "strides", "padding", "data_format", "dilation_rate",
                        "depth_multiplier", "activation", "use_bias"),
    "ZeroPadding2D": ("padding", "data_format"),
    "UpSampling2D": ("size", "data_format", "interpolation"),
    "Reshape": ("target_shape",),
}  # fmt: skip
SHORT = {"MaxPool2D": "MaxPooling2D", "AvgPool2D": "AveragePooling2D", "Convolution2D": "Conv2D",
         "GlobalAvgPool2D": "GlobalAveragePooling2D", "GlobalMaxPool2D": "GlobalMaxPooling2D"}  # fmt: skip
PIXELWISE = (  # whatever their arguments: shapes stay, and nothing is learnt
    "ReLU", "LeakyReLU", "ELU", "GELU", "SiLU", "Sigmoid", "Tanh", "Softmax", "LogSoftmax", "ReLU6", "Hardtanh",
    "Hardswish", "Hardsigmoid", "Mish", "SELU", "Softplus", "Softsign", "Identity", "Activation", "Rescaling",
    "Dropout", "Dropout2d", "SpatialDropout2D", "Normalization", "CELU", "LogSigmoid", "Hardshrink", "Softshrink",
    "Tanhshrink", "Threshold", "RReLU", "Softmax2d", "AlphaDropout", "GaussianNoise", "GaussianDropout", "RandomFlip",
    "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness",
)  # fmt: skip
PIXELS = ("Input", "InputLayer", "Tensor")  # they say how large the input is
TAKES = {  # the argument that must be the number of channels, or of features, that comes in
    "Conv2d": "in_channels", "ConvTranspose2d": "in_channels", "BatchNorm2d": "num_features",
    "BatchNorm1d": "num_features", "InstanceNorm2d": "num_features", "GroupNorm": "num_channels",
    "Linear": "in_features", "PReLU": "num_parameters",
}  # fmt: skip
MAPS = (  # they take channels × height × width
    "Conv2d", "ConvTranspose2d", "MaxPool2d", "AvgPool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d", "BatchNorm2d",
    "InstanceNorm2d", "Upsample", "ZeroPad2d", "ReflectionPad2d", "ReplicationPad2d", "PixelShuffle", "Mean", "Conv2D",
    "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "MaxPooling2D", "AveragePooling2D", "ZeroPadding2D",
    "UpSampling2D", "GlobalAveragePooling2D", "GlobalMaxPooling2D",
)  # fmt: skip
KNOWN = (*TORCH, *KERAS, *PIXELWISE, "View")
READABLE = "2-D convolutions, poolings, norms, Linear and Dense, Flatten, Upsample, dropout and activations"
EVERYWHERE = ("device", "dtype", "inplace")
OTHER_CHANNELS = ("Flatten", "View", "Linear", "Unflatten", "PixelShuffle", "Mean", "Squeeze", "Dense", "Conv2D",
                  "Conv2DTranspose", "SeparableConv2D", "DepthwiseConv2D", "Reshape")  # fmt: skip
OTHERS = {"Flatten": ("data_format", "input_shape", "name"), "Mean": ("axis", "keepdims"), "PReLU": ("shared_axes",),
          "Squeeze": ("axis",)}  # fmt: skip
MANY = 10**5
CLASSES = 10  # where the code has a name for their number, and no number


def first_shape(calls: Sequence[Call], sides: tuple[int, int] | None, size: int) -> tuple[Shape, bool, bool]:
    """The shape of the input, from what is given, what the code says, or so many pixels.

    Also whether its height and width were said, and whether its channels were.
    """
    said = next((_said(call) for call in calls if _said(call)), None)
    if any(call.options.get("data_format") == "channels_first" for call in calls):
        raise Unreadable("data_format='channels_first' is not read: leave it out, channels last is Keras's usual order")
    first = next((call for call in calls if call.name not in PIXELS), calls[0])
    options = bound(first) if first.name in TORCH else {}
    if first.name == "Linear" and not (said and len(said) > 2):
        return (_whole(first, "in_features", options.get("in_features")),), True, True
    if said and len(said) == 1:
        return said, True, True
    whole = said if said and all(isinstance(side, int) for side in said) else None
    channels = said[-1] if said and len(said) > 2 and isinstance(said[-1], int) else _channels(calls)
    height, width = sides or (whole[:2] if whole else (size, size))
    return (channels or 3, height, width), bool(sides or whole), channels is not None


def layer_of(call: Call, shape: Shape) -> list[Layer]:
    """The course's layer, or layers, for a call that meets an input of this shape."""
    call = plain(call, shape)
    name = SHORT.get(call.name, call.name)
    if name in PIXELWISE:
        return [Dropout() if name == "Dropout" else Activation("identity")]
    if name not in KNOWN:
        raise Unreadable(f"line {call.line}: {call.name} cannot be read; {READABLE} can")
    options = bound(call)
    try:
        return MAKERS[name](call, options, shape)
    except Unreadable:
        raise
    except (KeyError, TypeError):
        raise Unreadable(f"line {call.line}: {call.text} lacks an argument, or one of them is no number") from None
    except ValueError as error:
        raise Unreadable(f"line {call.line}: {error}") from None


def plain(call: Call, shape: Shape) -> Call:
    """A lazy layer takes what comes in."""
    name = call.name.removeprefix("Lazy")
    if name == call.name or name not in ("Conv2d", "ConvTranspose2d", "Linear", "BatchNorm2d", "BatchNorm1d"):
        return call
    return call._replace(name=name, args=(shape[-1 if name == "Linear" else 0], *call.args))


def _said(call: Call) -> Any:
    """What a Keras layer, or a tensor, says about the input's shape, as (height, width, channels)."""
    if call.name == "Tensor":
        sides = call.args[0] if len(call.args) == 1 and isinstance(call.args[0], tuple) else call.args
        whole = all(isinstance(side, int) and side > 0 for side in sides)
        return {4: (*sides[2:], *sides[1:2]), 2: sides[1:]}.get(len(sides)) if whole else None
    shape = call.options.get("batch_shape") or call.options.get("batch_input_shape")
    given = call.options.get("input_shape") or (shape[1:] if isinstance(shape, tuple) else None)
    if call.name in PIXELS:
        given = given or call.options.get("shape") or (call.args[0] if call.args else ())
    sides = given if isinstance(given, tuple) else ()
    if any(isinstance(side, (bool, float)) or (isinstance(side, int) and side < 1) for side in sides):
        raise Unreadable(f"line {call.line}: the shape {sides} must have whole numbers of at least 1")
    if len(sides) == 3 and isinstance(sides[-1], int):  # (None, None, 3): its channels are said
        return sides
    return sides if sides and all(isinstance(side, int) and side > 0 for side in sides) else None


def _channels(calls: Sequence[Call]) -> int | None:
    for call in calls:
        name = TAKES.get(call.name, "")
        if name.endswith(("channels", "features")) and call.name not in ("Linear", "BatchNorm1d"):
            return _whole(call, name, bound(call).get(name))
        if call.name in OTHER_CHANNELS or call.name.startswith("Lazy"):
            return None
    return None


def bound(call: Call) -> dict[str, Any]:
    """All arguments by name."""
    name = SHORT.get(call.name, call.name)
    if name == "View":
        return call.options
    names = TORCH.get(name) or KERAS.get(name, ())
    if len(call.args) > len(names):
        raise Unreadable(f"line {call.line}: {call.text} has more arguments than {name} takes")
    if name in TORCH:
        for option in call.options:
            if option not in (*names, *EVERYWHERE, *OTHERS.get(name, ())):
                raise Unreadable(f"line {call.line}: {name} has no argument {option}; it has {', '.join(names)}")
    return dict(zip(names, call.args, strict=False)) | call.options


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
    if isinstance(options["kernel_size"], Word) and options["kernel_size"].endswith(("size()[2:]", "shape[2:]")):
        options["kernel_size"] = shape[1:]  # F.avg_pool2d(x, x.size()[2:])
    return [AvgPool2d(**_numbers({name: options[name] for name in names if name in options}))]


def _adaptive(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    """A pooling with equal windows; where they are not equal, only what comes out is known."""
    wanted = options["output_size"]
    both = wanted if isinstance(wanted, tuple) else (wanted, wanted)
    both = both * 2 if len(both) == 1 else both
    sizes = tuple(side if out is None else out for side, out in zip(shape[1:], both, strict=True))
    if not all(isinstance(out, int) and out >= 1 for out in sizes):
        raise ValueError(f"output_size of {call.text} must be whole numbers of at least 1")
    if any(side % out for side, out in zip(shape[1:], sizes, strict=True)):
        return [Counted(call.name, (shape[0], *sizes))]
    kernel = tuple(side // out for side, out in zip(shape[1:], sizes, strict=True))
    return [(AvgPool2d if "Avg" in call.name else MaxPool2d)(kernel)]


def _norm(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    features = options.get("num_features", shape[0])
    if call.name in TORCH:
        _whole(call, "num_features", features)
    if options.get("affine") is False or options.get("scale") is False or options.get("center") is False:
        learnt = 0 if "affine" in options else sum(options.get(name, True) for name in ("scale", "center")) * shape[0]
        return [Seen(call.name, shape, learnt, prod(shape))]
    if features > MANY:  # the layer itself would hold so many numbers
        return [Seen(call.name, shape, 2 * features, prod(shape))]
    kind = BatchNorm2d if len(shape) == 3 else BatchNorm1d
    if call.name not in TORCH and len(shape) == 2:
        return [Seen(call.name, shape, 2 * shape[-1], prod(shape))]
    return [kind(features)]


def _layer_norm(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    wanted = options["normalized_shape"]
    wanted = wanted if isinstance(wanted, tuple) else (wanted,)
    if wanted != shape[-len(wanted) :]:
        raise ValueError(f"{call.text} takes {_sides(wanted)} as the last axes, and gets {_sides(shape)}")
    each = 1 + (options.get("bias", True) is True)
    learnt = 0 if options.get("elementwise_affine") is False else each * prod(wanted)
    return [Counted("LayerNorm", shape, learnt, prod(shape))]


def _group_norm(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    channels = _whole(call, "num_channels", options["num_channels"])
    if channels % _whole(call, "num_groups", options["num_groups"]):
        raise ValueError(f"num_groups={options['num_groups']} must divide num_channels={channels}")
    return [Counted("GroupNorm", shape, 0 if options.get("affine") is False else 2 * channels, prod(shape))]


def _instance_norm(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    return [Counted("InstanceNorm2d", shape, 2 * shape[0] if options.get("affine") is True else 0, prod(shape))]


def _linear(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    _numbers({"bias": options.get("bias", True)})
    return [Linear(options["in_features"], _classes(options["out_features"]), bias=options.get("bias", True))]


def _flatten(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    """From one axis to another: axis 0 is the batch's."""
    start, end = options.get("start_dim", 1), options.get("end_dim", -1)
    if not all(isinstance(axis, int) and -len(shape) - 1 <= axis <= len(shape) for axis in (start, end)):
        raise ValueError(f"{call.text} names axes that {_sides(shape)} with its batch does not have")
    start, end = start % (len(shape) + 1), end % (len(shape) + 1)
    if start == 0:
        raise ValueError(f"{call.text} makes one row of the whole batch: write nn.Flatten(), which keeps images apart")
    if start > end:
        raise ValueError(f"{call.text} begins behind its end")
    if start == 1 and end == len(shape):
        return [Flatten()]
    return [Counted("Flatten", (*shape[: start - 1], prod(shape[start - 1 : end]), *shape[end:]))]


def _view(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    """x.view(-1, 400): the batch, and what each of its images becomes."""
    rest = call.args[1:]
    if not rest:
        raise ValueError(f"{call.text} makes one row of the whole batch: write torch.flatten(x, 1)")
    if len(rest) == 1 and (isinstance(rest[0], Word) or rest[0] == -1):
        return [Flatten()]
    if not all(isinstance(side, int) and (side > 0 or side == -1) for side in rest) or rest.count(-1) > 1:
        raise ValueError(f"{call.text} cannot be read: write its numbers")
    fixed = prod(side for side in rest if side > 0)
    if (-1 not in rest and fixed != prod(shape)) or prod(shape) % fixed:
        count = f"{prod(shape)} = {' · '.join(map(str, shape))}" if len(shape) > 1 else str(prod(shape))
        raise Torn(f"{call.text} lays out {fixed} numbers for each image, and one image has {count}.")
    after = tuple(side if side > 0 else prod(shape) // fixed for side in rest)
    return [Flatten() if len(after) == 1 else Counted("View", after)]


class Torn(Unreadable):
    """Numbers that are laid out in rows of another length than an image has."""


def _squeeze(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    axis = options.get("dim", options.get("axis"))
    if axis is None and prod(shape) == shape[0]:
        return [Flatten()]
    if not isinstance(axis, int) or not axis % (len(shape) + 1) >= 1 or shape[axis % (len(shape) + 1) - 1] != 1:
        raise ValueError(f"{call.text} takes no axis of length 1 away here")
    at = axis % (len(shape) + 1) - 1
    return [Counted("Squeeze", (*shape[:at], *shape[at + 1 :]))]


def _mean(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    axes = options.get("dim", options.get("axis"))
    if not isinstance(axes, tuple) or {axis % 4 for axis in axes if isinstance(axis, int)} != {2, 3} or len(axes) != 2:
        raise ValueError(f"{call.text} cannot be read: a mean over height and width can, x.mean(dim=(2, 3))")
    pool = AvgPool2d(shape[1:])
    return [pool] if options.get("keepdim") or options.get("keepdims") else [pool, Flatten()]


def _upsample(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    size, factor = options.get("size"), options.get("scale_factor")
    factors, sizes = _both(factor), _both(size)
    if size is None and not all(isinstance(f, (int, float)) and f > 0 for f in factors):
        raise ValueError(f"{call.text} must have a size, or a scale_factor above 0")
    if size is None:
        sizes = (int(shape[1] * factors[0]), int(shape[2] * factors[1]))
    if not all(isinstance(n, int) and n >= 1 for n in sizes):
        raise ValueError(f"size of {call.text} must be whole numbers of at least 1")
    nearest = options.get("mode", options.get("interpolation", "nearest")) == "nearest"
    return [Counted(call.name, (shape[0], *sizes), 0, 0 if nearest else None)]


def _keras_upsample(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    return _upsample(call, {"scale_factor": options.get("size", 2), "mode": options.get("interpolation")}, shape)


def _pad(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    given = options.get("padding", 1) if call.name == "ZeroPadding2D" else options["padding"]
    if call.name == "ZeroPadding2D":
        rows, columns = (_both(side) for side in _both(given))
    else:  # torch counts left, right, top, bottom
        left, right, top, bottom = given if isinstance(given, tuple) else (given,) * 4
        rows, columns = (top, bottom), (left, right)
    if not all(isinstance(side, int) and side >= 0 for side in (*rows, *columns)):
        raise ValueError(f"padding of {call.text} must be whole numbers of at least 0")
    return [Seen(call.name, (shape[0], shape[1] + sum(rows), shape[2] + sum(columns)), 0, 0, (rows, columns))]


def _unflatten(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    if options["dim"] not in (1, -1) or len(shape) != 1 or not isinstance(options["unflattened_size"], tuple):
        raise ValueError(f"{call.text} cannot be read: nn.Unflatten(1, (channels, height, width)) can")
    return _view(call._replace(args=(-1, *options["unflattened_size"])), {}, shape)


def _keras_reshape(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    wanted = options["target_shape"]
    if not isinstance(wanted, tuple) or len(wanted) not in (1, 3) or (len(shape) > 1 and len(wanted) > 1):
        raise ValueError(f"{call.text} cannot be read: a row made into height × width × channels can")
    return _view(call._replace(args=(-1, *wanted[-1:], *wanted[:-1])), {}, shape)


def _shuffle(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    r = _whole(call, "upscale_factor", options["upscale_factor"])
    if shape[0] % (r * r):
        raise ValueError(f"{call.text} needs a multiple of {r * r} channels, and gets {shape[0]}")
    return [Counted("PixelShuffle", (shape[0] // r**2, shape[1] * r, shape[2] * r))]


def _prelu(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    if "shared_axes" in options or call.text.startswith(("layers.", "keras.", "tf.")):
        raise ValueError("Keras's PReLU cannot be read: it has a slope for each pixel")
    slopes = _whole(call, "num_parameters", options.get("num_parameters", 1))
    return [Activation("prelu", weight=[0.25] * min(slopes, 10**6))]


def _transposed(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    channels = _whole(call, "in_channels", options["in_channels"])
    return [transposed(channels, _numbers(options), shape)]


def _keras_transposed(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    """Keras's "same" makes n · s of n; "valid" adds what a kernel reaches beyond the stride."""
    kernel, stride = _both(options["kernel_size"]), _both(options.get("strides", 1))
    if options.get("output_padding") is not None or options.get("dilation_rate", 1) not in (1, (1, 1)):
        raise ValueError(f"{call.text} with output_padding or dilation_rate cannot be read")
    if options.get("padding", "valid") not in ("valid", "same"):
        raise ValueError(f"padding must be 'valid' or 'same', got {options['padding']!r}")
    valid = options.get("padding", "valid") == "valid"
    more = [max(k - s, 0) if valid else 0 for k, s in zip(kernel, stride, strict=True)]
    sides = [n * s + m for n, s, m in zip(shape[1:], stride, more, strict=True)]
    kind = {"in_channels": shape[0], "out_channels": options["filters"], "kernel_size": kernel,
            "bias": options.get("use_bias", True)}  # fmt: skip
    return [replace(transposed(shape[0], kind, shape), after=(options["filters"], *sides))]


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
    if str(options.get("padding")).lower() == "same" and pool.output_shape(shape)[1:] != wanted:
        raise ValueError(f"{call.text} pads more at the end than the poolings here can")
    return [pool]


def _keras_global(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    pool: Layer = (AvgPool2d if "Average" in call.name or "Avg" in call.name else MaxPool2d)(shape[1:])
    return [pool] if options.get("keepdims") else [pool, Flatten()]


def _keras_separable(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    """A depthwise convolution without bias, then one of 1 × 1."""
    names = ("kernel_size", "strides", "padding", "dilation_rate", "depth_multiplier")
    deep = {name: options[name] for name in names if name in options} | {"use_bias": False}
    first = _keras_conv(call._replace(name="DepthwiseConv2D"), deep, shape)[0]
    wide = shape[0] * options.get("depth_multiplier", 1)
    return [first, Conv2d(wide, options["filters"], 1, bias=options.get("use_bias", True))]


def _dense(call: Call, options: dict[str, Any], shape: Shape) -> list[Layer]:
    """On maps it takes the channels, which stand last in Keras: a convolution of 1 × 1."""
    units, bias = _classes(options["units"]), options.get("use_bias", True)
    return [Conv2d(shape[0], units, 1, bias=bias) if len(shape) == 3 else Linear(shape[-1], units, bias=bias)]


def _classes(value: Any) -> Any:
    """The number of classes has a name in most code; its number is seldom beside it."""
    return CLASSES if nameless(value) else value


def nameless(value: Any) -> bool:
    """Whether it is a number of classes that has a name only."""
    return isinstance(value, Word) and any(word in value.lower() for word in ("class", "categor", "label"))


def _sides(shape: Sequence[Any]) -> str:
    return " × ".join(map(str, shape))


def _keras_padding(padding: Any, shape: Shape, kernel: Any, stride: Any, dilation: Any) -> Any:
    """TensorFlow's "same": ⌈n / s⌉ windows, and of an odd number of padded pixels one more at the end."""
    padding = padding.lower() if isinstance(padding, str) else padding
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
    "Flatten": _flatten, "View": _view, "Squeeze": _squeeze, "Mean": _mean, "PReLU": _prelu,
    "ConvTranspose2d": _transposed, "LayerNorm": _layer_norm, "GroupNorm": _group_norm,
    "InstanceNorm2d": _instance_norm, "Upsample": _upsample, "ZeroPad2d": _pad, "ReflectionPad2d": _pad,
    "ReplicationPad2d": _pad, "Unflatten": _unflatten, "PixelShuffle": _shuffle, "Conv2DTranspose": _keras_transposed,
    "SeparableConv2D": _keras_separable, "ZeroPadding2D": _pad, "UpSampling2D": _keras_upsample,
    "Reshape": _keras_reshape, "Conv2D": _keras_conv, "DepthwiseConv2D": _keras_conv,
    "MaxPooling2D": _keras_pool, "AveragePooling2D": _keras_pool, "GlobalAveragePooling2D": _keras_global,
    "GlobalMaxPooling2D": _keras_global, "BatchNormalization": _norm, "Dense": _dense,
}  # fmt: skip
