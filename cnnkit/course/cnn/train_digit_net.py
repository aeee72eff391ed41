"""Train the small CNN that notebook 07's explorers look into, and write its weights.

    python -m cnnkit.course.cnn.train_digit_net

All 1,442 training digits, 40 epochs of `cnnkit.network.fit` with a peak of 0.3, seed 4: chosen among peaks of 0.1, 0.2
and 0.3 and five seeds on 290 validation digits out of them. Takes a few seconds. The weights are then rounded to two
decimals, so that what an explorer says can be computed by hand.
"""

from __future__ import annotations

import numpy as np

from cnnkit.course.cnn.digit_net import FILE, build_digit_net
from cnnkit.data import digits
from cnnkit.network import Network, accuracy, fit, save_weights

SEED, EPOCHS, PEAK = 4, 40, 0.3


def train(epochs: int = EPOCHS) -> Network:
    """The network after so many epochs, its weights rounded."""
    data, rng = digits("train"), np.random.default_rng(SEED)
    net = build_digit_net(rng)
    for epoch in fit(net, data.images.astype(np.float64), data.labels, epochs=epochs, rng=rng, peak=PEAK):
        print(f"epoch {epoch.number} of {epoch.of}: loss {epoch.loss:.3f}")
    net.load_state_dict({name: np.round(array, 2) for name, array in net.state_dict().items()})
    return net


if __name__ == "__main__":
    trained, data = train(), digits("train")
    save_weights(trained, FILE)
    print(f"{100 * accuracy(trained, data.images.astype(np.float64), data.labels):.1f} % of the training digits")
