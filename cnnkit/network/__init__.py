"""A network: layers chained forward, the same layers walked back, and a step downhill.

    rng = np.random.default_rng(0)
    net = Network([
        Conv2d(1, 8, 3, padding=1, rng=rng), BatchNorm2d(8), Activation("relu"), MaxPool2d(2),
        Flatten(), Dropout(0.25, rng=rng), Linear(128, 10, rng=rng),
    ])
    logits = net.forward(x, training=True)                         # x: (N, 1, 8, 8)
    net.backward(cross_entropy_backward(1.0, logits, labels))      # fills layer.gradients
    sgd(net, lr=0.1, momentum=0.9)                                 # changes layer.parameters

A new kind of layer derives from `Layer`: it remembers in `forward` what its `backward` needs. The layers here have the
names and arguments of `torch.nn`, and weights. `cnnkit.layers` has the same names for what can be said of a layer
without weights: shapes, counts, receptive fields. Each layer here keeps that as its `plan`.
"""

from cnnkit.network.chain import Network, mlp
from cnnkit.network.fit import Epoch, accuracy, digits_cnn, fit, learn, shifted
from cnnkit.network.images import AvgPool2d, Conv2d, Flatten, LocallyConnected2d, MaxPool2d
from cnnkit.network.layer import ACTIVATIONS, Activation, Layer, Linear
from cnnkit.network.modes import BatchNorm1d, BatchNorm2d, Dropout, Dropout2d
from cnnkit.network.saving import load_weights, save_weights
from cnnkit.network.start import INITS, weight_std
from cnnkit.network.steps import adam, sgd, triangular

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
    "digits_cnn",
    "fit",
    "learn",
    "load_weights",
    "mlp",
    "save_weights",
    "sgd",
    "shifted",
    "triangular",
    "weight_std",
]
