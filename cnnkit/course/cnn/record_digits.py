"""`python -m cnnkit.course.cnn.record_digits`: NumPy and PyTorch read the embedded digits, five seeds each.

Takes a minute or two. Writes recorded_digits.json, which notebook 07 reads. The recipe was chosen inside the training
split, by leaving out one stretch of it after the other; the test pictures only say how good it is. Two tests are made
of the same 1,797 scans:

    "end"           the package's own: the last fifth of each digit's scans. Neighbours in the file look alike, as if
                    one person had written them, so this handwriting was not trained on.
    "every fifth"   every fifth scan of each digit: for each one, its neighbours were trained on.
"""

import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from cnnkit import network, training
from cnnkit.course.kit.recorder import command_line, record, rounded
from cnnkit.data import digits
from cnnkit.training import RECIPES

FILE = Path(__file__).with_name("recorded_digits.json")
THREADS, SEEDS = 1, range(5)  # one thread: the processor's seconds are those of the clock on a machine that is free


class Split(NamedTuple):
    """Pictures to learn from, and others to try the network on."""

    x: np.ndarray
    labels: np.ndarray
    x_test: np.ndarray
    labels_test: np.ndarray


def splits() -> dict[str, Split]:
    """Both ways to set a fifth of the scans aside."""
    data = digits("all")
    x, labels = data.normalized(), data.labels
    of_digit = [np.flatnonzero(labels == digit) for digit in range(10)]  # of each digit in the file's order
    last = np.concatenate([places[-(len(places) // 5) :] for places in of_digit])
    fifth = np.concatenate([places[4::5] for places in of_digit])
    rest = {name: np.setdiff1d(np.arange(len(x)), test) for name, test in (("end", last), ("every fifth", fifth))}
    return {
        name: Split(x[rest[name]], labels[rest[name]], x[test], labels[test])
        for name, test in (("end", last), ("every fifth", fifth))
    }


def with_numpy(split: Split, seed: int) -> tuple[float, float]:
    """Processor seconds of training, and the share of the test pictures that is right."""
    rng, start = np.random.default_rng(seed), time.process_time()
    net = network.digits_cnn(rng)
    for _ in network.fit(net, split.x, split.labels, epochs=RECIPES["digits"].epochs, rng=rng):
        pass
    return time.process_time() - start, network.accuracy(net, split.x_test, split.labels_test)


def with_torch(split: Split, seed: int) -> tuple[float, float]:
    """Processor seconds of training, and the share of the test pictures that is right."""
    x, labels, x_test, labels_test = map(torch.from_numpy, split)
    torch.manual_seed(seed)
    model, start = training.digits_net(), time.process_time()
    for _ in training.fit(model, x, labels, RECIPES["digits"], seed=seed):
        pass
    return time.process_time() - start, training.accuracy(model, x_test, labels_test)


def nearest(split: Split) -> float:
    """The share that is right when each picture gets the label of the most similar one."""
    x, x_test = split.x.reshape(len(split.x), -1), split.x_test.reshape(len(split.x_test), -1)
    distance = (x**2).sum(axis=1) - 2 * x_test @ x.T  # squared, without what is the same for all of a row
    return float((split.labels[distance.argmin(axis=1)] == split.labels_test).mean())


def measure(split: Split) -> dict[str, Any]:
    """Train on a split with both, and compare with its nearest neighbours."""
    with_torch(split._replace(x=split.x[:64], labels=split.labels[:64]), 0)  # the first time takes longer
    found: dict[str, Any] = {"nearest neighbour": rounded(nearest(split)), "pictures": len(split.labels_test)}
    for kind, train in (("numpy", with_numpy), ("torch", with_torch)):
        seconds, right = zip(*(train(split, seed) for seed in SEEDS), strict=True)
        found[kind] = {"seconds": rounded(seconds, 2), "accuracy": rounded(right)}
    return found


def main(names: Sequence[str] = ()) -> None:
    """Measure on the splits named, or on both."""
    torch.set_num_threads(THREADS)
    where = {"threads": THREADS, "cores": os.cpu_count(), "torch": torch.__version__, "numpy": np.__version__}
    parts = {name: partial(measure, split) for name, split in splits().items()}
    record(FILE, parts, names, epochs=RECIPES["digits"].epochs, where=where)


if __name__ == "__main__":
    command_line(main, THREADS)
