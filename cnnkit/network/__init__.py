"""A network: layers chained forward, the same layers walked back, and a step downhill.

    rng = np.random.default_rng(0)
    net = Network([
        Conv2d(1, 8, 3, padding=1), BatchNorm2d(8), Activation("relu"), MaxPool2d(2),
        Flatten(), Dropout(0.25), Linear(128, 10),
    ], rng=rng)
    logits = net.forward(x, training=True)                         # x: (N, 1, 8, 8)
    net.backward(cross_entropy_backward(1.0, logits, labels))      # fills layer.gradients
    sgd(net, lr=0.1, momentum=0.9)                                 # changes layer.parameters

The layers are those of `cnnkit.layers`; a `Network` draws their weights.
"""

from cnnkit.layers import (
    ACTIVATIONS,
    INITS,
    Activation,
    AvgPool2d,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Dropout2d,
    Flatten,
    Layer,
    Linear,
    LocallyConnected2d,
    MaxPool2d,
    weight_std,
)
from cnnkit.network.fit import Epoch, accuracy, digits_cnn, fit, learn, shifted
from cnnkit.network.network import Network, mlp
from cnnkit.network.optim import adam, adamw, rmsprop, sgd, triangular
from cnnkit.network.saving import load_weights, save_weights

__all__ = [
    "ACTIVATIONS",
    "INITS",
    "Activation",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv2d",
    "Dropout",
    "Dropout2d",
    "Epoch",
    "Flatten",
    "Layer",
    "Linear",
    "LocallyConnected2d",
    "MaxPool2d",
    "Network",
    "accuracy",
    "adam",
    "adamw",
    "digits_cnn",
    "fit",
    "learn",
    "load_weights",
    "mlp",
    "rmsprop",
    "save_weights",
    "sgd",
    "shifted",
    "triangular",
    "weight_std",
]
