"""The small CNN that was put together learns the digits: in the blink of an eye on 300 of them, or on 1,000."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from copy import deepcopy
from functools import cache
from typing import NamedTuple

import numpy as np

from cnnkit.course.cnn.build_numbers import Setting, count_products, lay_out
from cnnkit.course.kit.stepwise import stepwise
from cnnkit.course.kit.training import Digits, digit_parts
from cnnkit.network import Network, triangular
from cnnkit.network.fit import learn, shuffled

FEW, MANY = 300, 1000  # digits to learn from: live, and with Train; the other 442 of the training split validate
SHORT, LONG = 8, 20  # epochs
PARTS = 4  # in which the errors are measured, so that no part takes long
BATCH, PEAK = 25, 0.05  # chosen on the validation digits, for networks with batch norm and without
BUDGET, FEWEST = 2_000_000, 3  # live: so many MACs of one digit over all epochs, and never fewer epochs than that


class Run(NamedTuple):
    """How a training went: the share of digits read wrongly after each epoch, and the weights at its end.

    examples     digits learnt from
    epochs       planned; `training` and `validation` hold one number for each that is over
    done, of     batches
    """

    examples: int
    epochs: int
    training: tuple[float, ...]
    validation: tuple[float, ...]
    done: int
    of: int
    state: dict[str, np.ndarray]

    @property
    def epoch(self) -> int:
        """The number of the epoch that it is in."""
        return min(len(self.validation) + 1, self.epochs)

    @property
    def finished(self) -> bool:
        return len(self.validation) == self.epochs


def make_network(setting: Setting) -> Network:
    """Draw the weights of the network that `lay_out` describes, in float32; `setting.seed` fixes them.

    Errors: ValueError as `lay_out`.

    >>> make_network(Setting(blocks=1, filters=4)).forward(np.zeros((5, 1, 8, 8))).shape
    (5, 10)
    """
    layers = [deepcopy(row.layer) for row in lay_out(setting)]  # whose rows are kept for other networks
    return Network(layers, rng=np.random.default_rng(setting.seed), dtype=np.float32)


def training(net: Network, examples: int, epochs: int, seed: int) -> Iterator[Run]:
    """Train `net`; a Run after each batch, and after each part of what is measured when an epoch is over.

    Whoever stops asking stops the training: `net` is a whole network after each batch.
    SGD with Nesterov momentum, a triangular learning rate with the peak PEAK, weight decay and label smoothing.
    """
    x, labels = learnt_from(examples)
    rng, batches = np.random.default_rng(seed), -(-examples // BATCH)
    run = Run(examples, epochs, (), (), 0, epochs * batches, {})
    for _ in range(epochs):
        for some in shuffled(examples, BATCH, rng):
            with np.errstate(all="ignore"):  # a network whose numbers overflow is worth seeing, too
                learn(net, x[some], labels[some], triangular(run.done, run.of, PEAK))
            run = run._replace(done=run.done + 1)
            if run.done % batches:
                yield run
        wrong = yield from _share_wrong(net, (x, labels), run)
        wrong_too = yield from _share_wrong(net, validated_on(), run)
        run = run._replace(training=(*run.training, wrong), validation=(*run.validation, wrong_too))
        yield run


def _share_wrong(net: Network, data: tuple[np.ndarray, np.ndarray], run: Run) -> Generator[Run, None, float]:
    """Measure in PARTS, and yield `run` after each."""
    wrong: list[bool] = []
    for images, labels in zip(*(np.array_split(each, PARTS) for each in data), strict=True):
        with np.errstate(all="ignore"):
            wrong += [*(net.forward(images).argmax(axis=1) != labels)]
        yield run
    return float(np.mean(wrong))


def live_epochs(setting: Setting) -> int:
    """How many epochs of FEW digits take well under a second."""
    return int(np.clip(BUDGET // count_products(lay_out(setting)), FEWEST, SHORT))


@stepwise(maxsize=64)
def train_live(setting: Setting) -> Generator[None, None, Run]:
    """Train on FEW digits, as many epochs as fit into a part of a second."""
    net = make_network(setting)
    for run in training(net, FEW, live_epochs(setting), setting.seed):  # noqa: B007
        yield
    return run._replace(state=net.state_dict())


@cache
def _digits() -> dict[str, Digits]:
    return digit_parts(MANY, normalized=True)


def learnt_from(examples: int) -> Digits:
    """The first of the MANY digits that may be learnt from, and their labels."""
    x, labels = _digits()["training"]
    return Digits(x[:examples], labels[:examples])


def validated_on() -> Digits:
    """The digits of the training split that no training here sees. The test split is left alone."""
    return _digits()["validation"]
