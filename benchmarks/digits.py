"""`python -m benchmarks.digits`: NumPy and PyTorch read the embedded digits, five seeds each; half a minute.

Writes benchmarks/results/digits.json, which notebook 07 reads. The recipe was chosen by leaving out one fifth of the
training split after the other (neighbours in the file look alike, so a fifth is one stretch of it); here the network
sees the whole training split, and the test pictures only say how good it is.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch

from cnnkit.data import digits
from cnnkit.network import accuracy, digits_cnn, fit
from cnnkit.training import RECIPES, train

RESULT = Path(__file__).parent / "results" / "digits.json"
THREADS, SEEDS = 1, range(5)  # so small a network gains nothing from a second thread


def with_numpy(seed: int) -> tuple[float, float]:
    """Seconds of training and test accuracy."""
    data, test, recipe = digits("train"), digits("test"), RECIPES["digits"]
    rng, start = np.random.default_rng(seed), time.perf_counter()
    net = digits_cnn(rng)
    for _ in fit(net, data.normalized(), data.labels, epochs=recipe.epochs, rng=rng):
        pass
    seconds = time.perf_counter() - start
    return seconds, accuracy(net, test.normalized(), test.labels)


def with_torch(seed: int) -> tuple[float, float]:
    """Seconds of training and test accuracy."""
    trained = train("digits", seed=seed, progress=None)
    return trained.seconds, trained.accuracy


def main() -> None:
    """Measure in turns, and write the result."""
    torch.set_num_threads(THREADS)
    train("digits", recipe=RECIPES["digits"]._replace(epochs=1), progress=None)  # the first time takes longer
    result: dict[str, Any] = {name: {"seconds": [], "accuracy": []} for name in ("numpy", "torch")}
    for seed in SEEDS:
        for name, run in (("numpy", with_numpy), ("torch", with_torch)):
            seconds, right = run(seed)
            result[name]["seconds"].append(round(seconds, 2))
            result[name]["accuracy"].append(round(right, 4))
    result["epochs"] = RECIPES["digits"].epochs
    result["where"] = {"threads": THREADS, "cores": os.cpu_count(), "torch": torch.__version__, "numpy": np.__version__}
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(result[key])}" for key in sorted(result))
    RESULT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")
    print(RESULT.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
