r"""Activation functions: each is applied to every entry on its own, so y, dy and dx have the shape of x.

Every forward has its backward right below it: `dx = dy · f'(x)`. Names, options and defaults are those of
torch.nn.functional, and so are the slopes at the kinks (relu'(0) = 0). Integers are taken as float64; float16 is
computed in float32 and rounded once, at the end.

Errors: ValueError for anything that is not a real array, for a dy that does not have the shape of x, and for
options that make no sense (min_val above max_val, beta = 0 ...).
"""

from cnnkit.activations.curves import (
    hardsigmoid,
    hardsigmoid_backward,
    hardtanh,
    hardtanh_backward,
    sigmoid,
    sigmoid_backward,
    softplus,
    softplus_backward,
    softsign,
    softsign_backward,
    tanh,
    tanh_backward,
)
from cnnkit.activations.gates import (
    gelu,
    gelu_backward,
    glu,
    glu_backward,
    hardswish,
    hardswish_backward,
    mish,
    mish_backward,
    silu,
    silu_backward,
)
from cnnkit.activations.rectifiers import (
    elu,
    elu_backward,
    leaky_relu,
    leaky_relu_backward,
    prelu,
    prelu_backward,
    relu,
    relu_backward,
    rrelu,
    rrelu_backward,
    selu,
    selu_backward,
)

__all__ = [
    "elu",
    "elu_backward",
    "gelu",
    "gelu_backward",
    "glu",
    "glu_backward",
    "hardsigmoid",
    "hardsigmoid_backward",
    "hardswish",
    "hardswish_backward",
    "hardtanh",
    "hardtanh_backward",
    "leaky_relu",
    "leaky_relu_backward",
    "mish",
    "mish_backward",
    "prelu",
    "prelu_backward",
    "relu",
    "relu_backward",
    "rrelu",
    "rrelu_backward",
    "selu",
    "selu_backward",
    "sigmoid",
    "sigmoid_backward",
    "silu",
    "silu_backward",
    "softplus",
    "softplus_backward",
    "softsign",
    "softsign_backward",
    "tanh",
    "tanh_backward",
]
