"""cnnkit: the layers of a convolutional network, written to be read and held against PyTorch.

The functions below need numpy only; `count_macs`, `count_parameters`, `output_shape`, `check`, `trace` and the packages
`course`, `data`, `layers` and `network` are imported when they are first used. A layer's function has the name of its
module, so `cnnkit.dropout` is the function; `from cnnkit.dropout import dropout2d` reaches the rest of the module.
"""

from __future__ import annotations

from typing import Any

from cnnkit.activations import (
    elu,
    elu_backward,
    gelu,
    gelu_backward,
    glu,
    glu_backward,
    hardsigmoid,
    hardsigmoid_backward,
    hardswish,
    hardswish_backward,
    hardtanh,
    hardtanh_backward,
    leaky_relu,
    leaky_relu_backward,
    mish,
    mish_backward,
    prelu,
    prelu_backward,
    relu,
    relu_backward,
    rrelu,
    rrelu_backward,
    selu,
    selu_backward,
    sigmoid,
    sigmoid_backward,
    silu,
    silu_backward,
    softplus,
    softplus_backward,
    softsign,
    softsign_backward,
    tanh,
    tanh_backward,
)
from cnnkit.adaptive_pooling import (
    adaptive_avg_pool2d,
    adaptive_avg_pool2d_backward,
    adaptive_max_pool2d,
    adaptive_max_pool2d_backward,
)
from cnnkit.convolution import (
    conv2d,
    conv2d_backward,
    conv2d_loops,
    locally_connected2d,
    locally_connected2d_backward,
)
from cnnkit.convolution1d import conv1d, conv1d_backward
from cnnkit.convolution_transposed import conv_transpose2d, conv_transpose2d_backward
from cnnkit.dropout import dropout, dropout2d, dropout_backward
from cnnkit.entrywise_losses import (
    binary_cross_entropy_with_logits,
    binary_cross_entropy_with_logits_backward,
    mse_loss,
    mse_loss_backward,
)
from cnnkit.folding import fold, fold_backward, unfold, unfold_backward
from cnnkit.group_normalization import group_norm, group_norm_backward, layer_norm, layer_norm_backward
from cnnkit.interpolation import interpolate, interpolate_backward
from cnnkit.linear import linear, linear_backward
from cnnkit.losses import (
    cross_entropy,
    cross_entropy_backward,
    log_softmax,
    log_softmax_backward,
    softmax,
    softmax_backward,
)
from cnnkit.matrices import conv_matrix, local_matrix, shift
from cnnkit.normalization import batch_norm, batch_norm2d, batch_norm2d_backward, batch_norm_backward
from cnnkit.numerical import numerical_gradient
from cnnkit.padding import pad, pad_backward
from cnnkit.pooling import avg_pool2d, avg_pool2d_backward, max_pool2d, max_pool2d_backward
from cnnkit.pooling1d import (
    adaptive_avg_pool1d,
    adaptive_avg_pool1d_backward,
    adaptive_max_pool1d,
    adaptive_max_pool1d_backward,
    avg_pool1d,
    avg_pool1d_backward,
    max_pool1d,
    max_pool1d_backward,
)
from cnnkit.sizes import conv_output_size, receptive_field, same_padding
from cnnkit.unpooling import max_unpool2d, max_unpool2d_backward

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "adaptive_avg_pool1d",
    "adaptive_avg_pool1d_backward",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool2d_backward",
    "adaptive_max_pool1d",
    "adaptive_max_pool1d_backward",
    "adaptive_max_pool2d",
    "adaptive_max_pool2d_backward",
    "avg_pool1d",
    "avg_pool1d_backward",
    "avg_pool2d",
    "avg_pool2d_backward",
    "batch_norm",
    "batch_norm2d",
    "batch_norm2d_backward",
    "batch_norm_backward",
    "binary_cross_entropy_with_logits",
    "binary_cross_entropy_with_logits_backward",
    "conv1d",
    "conv1d_backward",
    "conv2d",
    "conv2d_backward",
    "conv2d_loops",
    "conv_matrix",
    "conv_output_size",
    "conv_transpose2d",
    "conv_transpose2d_backward",
    "count_macs",
    "count_parameters",
    "cross_entropy",
    "cross_entropy_backward",
    "dropout",
    "dropout2d",
    "dropout_backward",
    "elu",
    "elu_backward",
    "fold",
    "fold_backward",
    "gelu",
    "gelu_backward",
    "glu",
    "glu_backward",
    "group_norm",
    "group_norm_backward",
    "hardsigmoid",
    "hardsigmoid_backward",
    "hardswish",
    "hardswish_backward",
    "hardtanh",
    "hardtanh_backward",
    "interpolate",
    "interpolate_backward",
    "layer_norm",
    "layer_norm_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "linear",
    "linear_backward",
    "local_matrix",
    "locally_connected2d",
    "locally_connected2d_backward",
    "log_softmax",
    "log_softmax_backward",
    "max_pool1d",
    "max_pool1d_backward",
    "max_pool2d",
    "max_pool2d_backward",
    "max_unpool2d",
    "max_unpool2d_backward",
    "mish",
    "mish_backward",
    "mse_loss",
    "mse_loss_backward",
    "numerical_gradient",
    "output_shape",
    "pad",
    "pad_backward",
    "prelu",
    "prelu_backward",
    "receptive_field",
    "relu",
    "relu_backward",
    "rrelu",
    "rrelu_backward",
    "same_padding",
    "selu",
    "selu_backward",
    "shift",
    "sigmoid",
    "sigmoid_backward",
    "silu",
    "silu_backward",
    "softmax",
    "softmax_backward",
    "softplus",
    "softplus_backward",
    "softsign",
    "softsign_backward",
    "tanh",
    "tanh_backward",
    "unfold",
    "unfold_backward",
]

_LAZY = ("course", "data", "layers", "network")
_HOMES = {
    "check": "course.exercises", "count_macs": "layers", "count_parameters": "layers", "output_shape": "layers",
    "trace": "tracing",
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is heavier than numpy only when someone asks for it."""
    from importlib import import_module

    if name in _LAZY:
        return import_module(f"cnnkit.{name}")
    if name in _HOMES:
        return getattr(import_module(f"cnnkit.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'cnnkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*__all__, *_LAZY, *_HOMES})
