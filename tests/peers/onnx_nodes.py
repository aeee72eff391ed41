"""ONNX's own tests: an operator, its inputs, and the outputs that its standard demands.

Each operator is said in torch's words first, and those in cnnkit's. Where ONNX means something else by the same word,
the case cannot be expressed: it never counts as passed because the numbers happen to agree.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from tests.peers.calls import forward
from tests.peers.tally import NotExpressible, Tally

Outputs = list[np.ndarray | None]  # None: cnnkit does not return it


@dataclass
class Node:
    """One operator with its inputs and attributes; `outputs` are how many it is asked for."""

    operator: str
    inputs: list[Any]
    attributes: dict[str, Any]
    outputs: int
    opset: int

    def input(self, i: int) -> Any:
        return self.inputs[i] if i < len(self.inputs) else None

    def get(self, name: str, default: Any = None) -> Any:
        value = self.attributes.get(name, default)
        return value.decode() if isinstance(value, bytes) else value

    def only(self, **expected: Any) -> None:
        """An attribute that torch's function does not have must be absent or say what torch does."""
        for name, value in expected.items():
            if self.get(name, value) != value:
                raise NotExpressible(f"{name} other than {value!r}")


def nodes() -> Tally:
    """The node tests of the operators below."""
    from onnx.backend.test.case.node import collect_testcases

    tally = Tally("ONNX: its node tests")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        cases = collect_testcases(None)
    for case in cases:
        for inputs, outputs in case.data_sets:
            attempt(tally, case.name, case.model, inputs, outputs, case.rtol, case.atol)
    return tally


def converted() -> Tally:
    """Layers that ONNX's authors exported from PyTorch, stored with their inputs and outputs."""
    import onnx
    from onnx import numpy_helper

    def tensors(files: list[Path]) -> list[np.ndarray]:
        return [numpy_helper.to_array(onnx.TensorProto.FromString(file.read_bytes())) for file in files]

    tally = Tally("ONNX: layers exported from PyTorch")
    data = Path(onnx.__file__).parent / "backend" / "test" / "data"
    for path in sorted(data.glob("pytorch-*/*/model.onnx")):
        model = onnx.load(str(path))
        for folder in sorted(path.parent.glob("test_data_set_*")):
            inputs, outputs = (tensors(sorted(folder.glob(f"{kind}_*.pb"))) for kind in ("input", "output"))
            attempt(tally, path.parent.name, model, inputs, outputs, 1e-3, 1e-7)
    return tally


def attempt(tally: Tally, name: str, model: Any, inputs: Any, outputs: Any, rtol: float, atol: float) -> None:
    """Try a model of one operator, if it is one of those below."""
    from onnx import helper, numpy_helper

    if len(model.graph.node) != 1 or model.graph.node[0].op_type not in OPERATORS:
        return
    (found,) = model.graph.node
    constants = {c.name: numpy_helper.to_array(c) for c in model.graph.initializer}
    given = [i.name for i in model.graph.input if i.name not in constants]
    values = {**constants, **dict(zip(given, inputs, strict=True))}
    attributes = {a.name: helper.get_attribute_value(a) for a in found.attribute}
    opset = next(o.version for o in model.opset_import if o.domain == "")
    node = Node(found.op_type, [values.get(i) for i in found.input], attributes, len(found.output), opset)

    def case() -> None:
        ours = OPERATORS[node.operator](node)
        for output, expected in zip(ours, outputs, strict=False):
            if output is not None:
                assert np.shape(output) == expected.shape, f"shape {np.shape(output)}, expected {expected.shape}"
                np.testing.assert_allclose(output, expected, rtol=rtol, atol=atol)

    tally.attempt(node.operator, name, case)


def y(name: str, input: Any, **arguments: Any) -> np.ndarray:
    return forward(name, {"input": input, **arguments}).y


def plain(name: str, **torch_names: str) -> Callable[[Node], Outputs]:
    """An operator of one input whose attributes only have other names: torch's = ONNX's."""

    def translated(node: Node) -> Outputs:
        known = {ours: node.get(theirs) for ours, theirs in torch_names.items() if theirs in node.attributes}
        return [y(name, node.input(0), **known)]

    return translated


def spatial(name: str, x: np.ndarray) -> str:
    """conv2d for images, conv1d for sequences, conv3d for volumes."""
    return f"{name}{x.ndim - 2}d"


def explicit_pads(node: Node, x: np.ndarray, kernel_size: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """The padding before and after, along each axis, that `pads` or `auto_pad` ask for."""
    n, auto = len(kernel_size), node.get("auto_pad", "NOTSET")
    if auto in ("NOTSET", "VALID"):
        pads = np.array(node.get("pads", [0] * 2 * n) if auto == "NOTSET" else [0] * 2 * n)
        return pads[:n], pads[n:]
    size, stride = np.array(x.shape[2:]), np.array(node.get("strides", [1] * n))
    reach = np.array(node.get("dilations", [1] * n)) * (np.array(kernel_size) - 1) + 1
    total = np.maximum(0, (-(-size // stride) - 1) * stride + reach - size)
    small, large = total // 2, total - total // 2
    return (small, large) if auto == "SAME_UPPER" else (large, small)


def padded(x: np.ndarray, before: np.ndarray, after: np.ndarray, value: float) -> np.ndarray:
    """Padding that differs from side to side is laid on beforehand: torch's layers have no word for it."""
    sides = [int(p) for pair in reversed(list(zip(before, after, strict=True))) for p in pair]
    return y("pad", x, pad=tuple(sides), mode="constant", value=value)


def ints(values: Any) -> tuple[int, ...]:
    return tuple(int(v) for v in values)


def window_options(
    node: Node, x: np.ndarray, kernel: list[int], value: float | None, pools: bool = True
) -> tuple[np.ndarray, dict[str, Any]]:
    """x, padded with `value` if torch's word for padding does not do, and stride, padding and dilation."""
    before, after = explicit_pads(node, x, kernel)
    if (before != after).any() or (pools and (2 * before > kernel).any()):
        if value is None:
            raise NotExpressible("padding of more than half the kernel, or more on one side, that is not counted")
        x, before = padded(x, before, after, value), np.zeros_like(before)
    n = len(kernel)
    options = {"stride": ints(node.get("strides", [1] * n)), "padding": ints(before)}
    return x, options | ({"dilation": ints(node.get("dilations", [1] * n))} if "dilations" in node.attributes else {})


def conv(node: Node) -> Outputs:
    x, weight, bias = node.input(0), node.input(1), node.input(2)
    x, options = window_options(node, x, list(weight.shape[2:]), 0.0, pools=False)
    return [y(spatial("conv", x), x, weight=weight, bias=bias, groups=node.get("group", 1), **options)]


def conv_transpose(node: Node) -> Outputs:
    x, weight, bias = node.input(0), node.input(1), node.input(2)
    n = x.ndim - 2
    stride, dilation = np.array(node.get("strides", [1] * n)), np.array(node.get("dilations", [1] * n))
    extra, pads = np.array(node.get("output_padding", [0] * n)), np.array(node.get("pads", [0] * 2 * n))
    before, after = pads[:n], pads[n:]
    natural = (np.array(x.shape[2:]) - 1) * stride + dilation * (np.array(weight.shape[2:]) - 1) + 1 + extra
    wanted = node.get("output_shape") or (
        x.shape[2:] * stride if node.get("auto_pad", "NOTSET")[:4] == "SAME" else None
    )
    if wanted is not None:  # ONNX works the padding out: what is too much goes, the odd pixel by auto_pad
        total = natural - np.array(wanted)
        small, large = total // 2, total - total // 2
        before, after = (large, small) if node.get("auto_pad") == "SAME_UPPER" else (small, large)
    if (before != after).any() or (before < 0).any():
        raise NotExpressible("padding that differs from side to side, or is negative")
    options = {"stride": stride, "padding": before, "output_padding": extra, "dilation": dilation}
    options = {name: ints(value) for name, value in options.items()}
    return [y(spatial("conv_transpose", x), x, weight=weight, bias=bias, groups=node.get("group", 1), **options)]


def max_pool(node: Node) -> Outputs:
    node.only(storage_order=0)
    x, kernel = node.input(0), node.get("kernel_shape")
    lowest = np.iinfo(x.dtype).min if x.dtype.kind in "iu" else -np.inf
    x, options = window_options(node, x, kernel, lowest)
    options |= {"kernel_size": ints(kernel), "ceil_mode": bool(node.get("ceil_mode", 0))}
    if node.outputs == 1:
        return [y(spatial("max_pool", x), x, **options)]
    result = forward(spatial("max_pool", x), {"input": x, **options, "return_indices": True})
    if not isinstance(result.returned, tuple):
        raise NotExpressible("indices are not returned")
    values, indices = result.returned  # theirs count through all channels, torch's begin anew in each
    channels = np.arange(prod(x.shape[:2])).reshape(*x.shape[:2], *[1] * (x.ndim - 2))
    return [values, indices + channels * prod(x.shape[2:])]


def average_pool(node: Node) -> Outputs:
    x, kernel = node.input(0), node.get("kernel_shape")
    counted, ceil_mode = bool(node.get("count_include_pad", 0)), bool(node.get("ceil_mode", 0))
    if counted and ceil_mode:
        raise NotExpressible("the standard leaves open whether the last windows of ceil_mode count what lies beyond")
    x, options = window_options(node, x, kernel, 0.0 if counted else None)
    options |= {"kernel_size": ints(kernel), "ceil_mode": ceil_mode, "count_include_pad": counted}
    return [y(spatial("avg_pool", x), x, **options)]


def global_pool(name: str) -> Callable[[Node], Outputs]:
    def translated(node: Node) -> Outputs:
        x = node.input(0)
        return [y(spatial(name, x), x, kernel_size=x.shape[2:])]

    return translated


def max_unpool(node: Node) -> Outputs:
    x, indices, shape = node.input(0), node.input(1), node.input(2)
    kernel, n = ints(node.get("kernel_shape")), len(node.get("kernel_shape"))
    if any(node.get("pads", [0])):
        raise NotExpressible("padding: theirs is counted otherwise")
    options = {"kernel_size": kernel, "stride": ints(node.get("strides", [1] * n))}
    natural = [(s - 1) * t + k for s, t, k in zip(x.shape[2:], options["stride"], kernel, strict=True)]
    if shape is not None and list(shape[2:]) != natural:
        raise NotExpressible("output_shape: theirs keeps indices that count in the smaller output")
    return [y(spatial("max_unpool", x), x, indices=indices % prod(natural), **options)]


def prelu(node: Node) -> Outputs:
    """A slope for every entry: as many channels, of one entry each. (Before version 7: one for each channel.)"""
    x, slope = node.input(0), node.input(1)
    if node.opset < 7:
        return [y("prelu", x, weight=slope)]
    slopes = np.broadcast_to(slope, x.shape).reshape(-1)
    return [y("prelu", x.reshape(1, -1), weight=slopes).reshape(x.shape)]


def hard_sigmoid(node: Node) -> Outputs:
    alpha, beta = node.get("alpha", 0.2), node.get("beta", 0.5)
    if (np.float32(alpha), beta) != (np.float32(1 / 6), 0.5):
        raise NotExpressible("alpha and beta other than torch's 1/6 and 0.5")
    return [y("hardsigmoid", node.input(0))]


def selu(node: Node) -> Outputs:
    """torch's are the two numbers of the paper, which ONNX has as defaults."""
    alpha, gamma = np.float32([node.get("alpha", 1.6732632), node.get("gamma", 1.0507010)])
    if not np.allclose([alpha, gamma], [1.67326324, 1.05070098], rtol=1e-6):
        raise NotExpressible("alpha and gamma other than the paper's")
    return [y("selu", node.input(0))]


def swish(node: Node) -> Outputs:
    node.only(alpha=1.0)
    return [y("silu", node.input(0))]


def clip(node: Node) -> Outputs:
    """hardtanh, with inf where a bound is missing."""
    low = node.get("min", -np.inf) if node.input(1) is None else float(node.input(1))
    high = node.get("max", np.inf) if node.input(2) is None else float(node.input(2))
    if low > high:
        raise NotExpressible("min above max: refused")
    return [y("hardtanh", node.input(0), min_val=low, max_val=high)]


def over_axis(name: str) -> Callable[[Node], Outputs]:
    def translated(node: Node) -> Outputs:
        x = node.input(0)
        if node.opset >= 13:
            return [y(name, x, dim=node.get("axis", -1))]
        rows = x.reshape(prod(x.shape[: node.get("axis", 1)]), -1)  # all axes from this one on are one
        return [y(name, rows, dim=1).reshape(x.shape)]

    return translated


def batch_normalization(node: Node) -> Outputs:
    x, weight, bias, mean, var = node.inputs
    training, keep = bool(node.get("training_mode", 0)), node.get("momentum", 0.9)  # torch's momentum is 1 - keep
    if node.opset < 14 and node.outputs > 1:
        raise NotExpressible("training before version 14: other outputs")
    options = {"eps": node.get("epsilon", 1e-5), "training": training} | ({"momentum": 1 - keep} if training else {})
    arguments = {"input": x, "running_mean": mean, "running_var": var, "weight": weight, "bias": bias, **options}
    result = forward("batch_norm", arguments).returned
    if not training:
        return [result[0]]
    m = x.size // x.shape[1]  # their running variance divides by M, torch's by M - 1
    return [result[0], result[1], keep * var + (result[2] - keep * var) * (m - 1) / m]


def group_normalization(node: Node) -> Outputs:
    if node.opset < 21:
        raise NotExpressible("before version 21: a scale for each group")
    x, weight, bias = node.inputs
    options = {"num_groups": node.get("num_groups"), "eps": node.get("epsilon", 1e-5)}
    return [y("group_norm", x, weight=weight, bias=bias, **options)]


def instance_normalization(node: Node) -> Outputs:
    x, weight, bias = node.inputs
    return [y("instance_norm", x, weight=weight, bias=bias, eps=node.get("epsilon", 1e-5))]


def layer_normalization(node: Node) -> Outputs:
    """Of the three outputs the first: cnnkit, like torch, does not return mean and deviation."""
    node.only(stash_type=1)
    x, axis = node.input(0), node.get("axis", -1)
    shape = x.shape[axis:] if axis else x.shape
    options = {"normalized_shape": shape, "weight": node.input(1), "bias": node.input(2)}
    return [y("layer_norm", x, **options, eps=node.get("epsilon", 1e-5))]


def gemm(node: Node) -> Outputs:
    a, b, c = node.input(0), node.input(1), node.input(2)
    a, weight = (a.T if node.get("transA", 0) else a), (b if node.get("transB", 0) else b.T)
    if c is not None:
        if c.ndim == 2 and c.shape[0] > 1:
            raise NotExpressible("a bias for every row")
        c = np.float32(node.get("beta", 1.0)) * np.broadcast_to(c.reshape(-1), weight.shape[:1])
    return [y("linear", a, weight=np.float32(node.get("alpha", 1.0)) * weight, bias=c)]


def matmul(node: Node) -> Outputs:
    a, b = node.inputs
    if b.ndim != 2:
        raise NotExpressible("a product of stacks of matrices, or with a vector")
    return [y("linear", a, weight=b.T)]


def dropout(node: Node) -> Outputs:
    ratio = node.get("ratio", 0.5) if node.input(1) is None else float(node.input(1))
    training = bool(node.input(2)) if node.opset >= 12 else False
    result = forward("dropout", {"input": node.input(0), "p": ratio, "training": training}).returned
    return [result[0], result[1] != 0]


def cross_entropy(node: Node) -> Outputs:
    scores, target, weight = node.input(0), node.input(1), node.input(2)
    options = {"target": target, "reduction": node.get("reduction", "mean")} | ignored(node, weight)
    return [y("cross_entropy", scores, **options), y("log_softmax", scores, dim=1)][: node.outputs]


def nll_loss(node: Node) -> Outputs:
    options = {"target": node.input(1), "reduction": node.get("reduction", "mean")} | ignored(node, node.input(2))
    return [y("nll_loss", node.input(0), **options)]


def ignored(node: Node, weight: np.ndarray | None) -> dict[str, Any]:
    known = {"weight": weight, "ignore_index": node.get("ignore_index")}
    return {name: value for name, value in known.items() if value is not None}


def pad(node: Node) -> Outputs:
    x, mode = node.input(0), node.get("mode", "constant")
    pads = node.get("pads") or node.get("paddings") if node.input(1) is None else node.input(1)
    axes = range(x.ndim) if node.input(3) is None else node.input(3)
    value = float(node.get("value", 0.0) if node.input(2) is None else node.input(2))
    sides = np.zeros((x.ndim, 2), int)
    sides[list(axes)] = np.reshape(pads, (2, -1)).T
    while len(sides) > 1 and not sides[0].any():
        sides = sides[1:]  # torch begins at the last axis, and does not name those that it leaves alone
    known = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    options = {"pad": ints(sides[::-1].reshape(-1)), "mode": known[mode]}
    return [y("pad", x, **options, **({"value": value} if mode == "constant" else {}))]


def resize(node: Node) -> Outputs:
    """Where the sampling points lie and which neighbour is the nearest: torch has a word for five combinations."""
    node.only(keep_aspect_ratio_policy="stretch", exclude_outside=0, cubic_coeff_a=-0.75)
    x, at = node.input(0), node.get("coordinate_transformation_mode", "half_pixel")
    if node.operator == "Upsample":
        scales, sizes, at, nearest = node.input(1), None, "asymmetric", "floor"
        scales = node.get("scales") if scales is None else scales
    else:
        scales, sizes, nearest = node.input(2), node.input(3), node.get("nearest_mode", "round_prefer_floor")
    kind = node.get("mode", "nearest")
    known: dict[tuple[str, ...], dict[str, Any]] = {
        ("nearest", "asymmetric", "floor"): {"mode": "nearest"},
        ("nearest", "half_pixel", "round_prefer_ceil"): {"mode": "nearest-exact"},
        ("linear", "half_pixel"): {"mode": "linear", "align_corners": False},
        ("linear", "align_corners"): {"mode": "linear", "align_corners": True},
        ("cubic", "half_pixel"): {"mode": "bicubic", "align_corners": False},
        ("cubic", "align_corners"): {"mode": "bicubic", "align_corners": True},
    }
    key = (kind, at, nearest) if kind == "nearest" else (kind, at)
    if key not in known:
        raise NotExpressible(f"torch has no word for {', '.join(key)}")
    options = dict(known[key])
    if options["mode"] == "linear":
        options["mode"] = {3: "linear", 4: "bilinear", 5: "trilinear"}[x.ndim]
    axes = list(range(x.ndim)) if node.get("axes") is None else list(node.get("axes"))
    for name, asked, same in (("scale_factor", scales, np.ones(x.ndim)), ("size", sizes, np.array(x.shape))):
        if asked is not None and len(asked):
            all_axes = same.copy()
            all_axes[axes] = asked
            if (all_axes[:2] != same[:2]).any():
                raise NotExpressible("batch and channels are resized, too")
            whole = np.allclose(np.array(x.shape) * all_axes % 1, 0)
            if name == "scale_factor" and options.get("align_corners") and not whole:
                raise NotExpressible("align_corners: theirs reckons with a size that is no whole number")
            options[name] = tuple(all_axes[2:].tolist())
    return [y("interpolate", x, **options, **({"antialias": True} if node.get("antialias", 0) else {}))]


def col2im(node: Node) -> Outputs:
    x, size, kernel = node.inputs
    n = len(kernel)
    if n != 2:
        raise NotExpressible("not two axes")
    pads = np.reshape(node.get("pads", [0] * 2 * n), (2, n))
    if (pads[0] != pads[1]).any():
        raise NotExpressible("padding that differs from side to side")
    options = {name: ints(node.get(f"{name}s", [1] * n)) for name in ("dilation", "stride")}
    options |= {"output_size": ints(size), "kernel_size": ints(kernel), "padding": ints(pads[0])}
    return [y("fold", x, **options)]


def flatten(node: Node) -> Outputs:
    """The layer of cnnkit.network; torch's flatten with other axes joins other axes than ONNX does."""
    from cnnkit.network import Flatten

    if node.get("axis", 1) % np.ndim(node.input(0)) != 1:
        raise NotExpressible("the layer keeps the first axis and joins all others")
    return [Flatten().forward(node.input(0))]


OPERATORS: dict[str, Callable[[Node], Outputs]] = {
    "AveragePool": average_pool,
    "BatchNormalization": batch_normalization,
    "Celu": plain("celu", alpha="alpha"),
    "Clip": clip,
    "Col2Im": col2im,
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Dropout": dropout,
    "Elu": plain("elu", alpha="alpha"),
    "Flatten": flatten,
    "Gelu": plain("gelu", approximate="approximate"),
    "Gemm": gemm,
    "GlobalAveragePool": global_pool("avg_pool"),
    "GlobalMaxPool": global_pool("max_pool"),
    "GroupNormalization": group_normalization,
    "HardSigmoid": hard_sigmoid,
    "HardSwish": plain("hardswish"),
    "InstanceNormalization": instance_normalization,
    "LayerNormalization": layer_normalization,
    "LeakyRelu": plain("leaky_relu", negative_slope="alpha"),
    "LogSoftmax": over_axis("log_softmax"),
    "MatMul": matmul,
    "MaxPool": max_pool,
    "MaxUnpool": max_unpool,
    "Mish": plain("mish"),
    "NegativeLogLikelihoodLoss": nll_loss,
    "PRelu": prelu,
    "Pad": pad,
    "Relu": plain("relu"),
    "Resize": resize,
    "Selu": selu,
    "Sigmoid": plain("sigmoid"),
    "Softmax": over_axis("softmax"),
    "SoftmaxCrossEntropyLoss": cross_entropy,
    "Softplus": plain("softplus"),
    "Softsign": plain("softsign"),
    "Swish": swish,
    "Tanh": plain("tanh"),
    "Upsample": resize,
}


SUITES: list[Callable[[], Tally]] = [nodes, converted]
