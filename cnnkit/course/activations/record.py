"""`python -m cnnkit.course.activations.record`: what notebook 01 shows with more seeds than it can run, in ten minutes.

Writes recorded.json, which the notebook reads. Learning rates are chosen on seeds of their own and on digits that are
not the test's; the seeds measured are others.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.activations.experiments import activity as activations
from cnnkit.course.activations.experiments import convergence
from cnnkit.course.kit.recorder import one_thread
from cnnkit.course.kit.timing import in_turns
from cnnkit.course.kit.training import digits_task
from cnnkit.course.kit.tune import CHECKS, tune
from cnnkit.network import Activation, Linear

RESULT = Path(__file__).with_name("recorded.json")
TUNING, SEEDS = range(100, 103), range(10)
TARGET = 0.01  # the training error at which the fully connected networks are compared; AlexNet's 25 % is noted, too
NETWORKS = ("relu", "tanh", "sigmoid", *convergence.MOVED)
CNNS = ("relu", "softplus", "leaky_relu", "elu", "gelu", "silu", "tanh")
CNN_RATES = (0.05, 0.1, 0.2, 0.4, 0.8)
DEATH_RATES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
LEAKY = ("relu", "leaky_relu", "prelu", "rrelu")
SILENCED: dict[str, tuple[str, dict[str, float]]] = {
    "relu": ("relu", {}),
    "leaky_relu, slope 0.01": ("leaky_relu", {}),
    "leaky_relu, slope 0.1": ("leaky_relu", {"negative_slope": 0.1}),
    "leaky_relu, slope 0.25": ("leaky_relu", {"negative_slope": 0.25}),
    "prelu": ("prelu", {}),
    "rrelu": ("rrelu", {}),
}


def convergence_of_networks() -> dict[str, Any]:
    """Three hidden layers of 64: each activation at its fastest rate, and all at one rate."""
    task, found = digits_task(), {}
    for name in NETWORKS:
        tuned = convergence.fastest_rate(name, TARGET, TUNING, task=task)
        runs = [convergence.training_errors(name, tuned.lr, seed, count=30, task=task) for seed in SEEDS]
        same = [convergence.training_errors(name, 0.1, seed, count=80, until=TARGET, task=task) for seed in SEEDS]
        found[name] = {
            "lr": tuned.lr,
            "tried": {f"{lr:g}": round(score, 2) for lr, score in tuned.tried.items()},
            "errors": [rounded(run[::CHECKS]) for run in runs],  # once an epoch
            "epochs_to_25": [convergence.epochs_to(run, 0.25) for run in runs],
            "epochs_to_1": [convergence.epochs_to(run, TARGET) for run in runs],
            "epochs_to_1_at_0.1": [min(80, convergence.epochs_to(run, TARGET)) for run in same],  # 80: not reached
        }
        print(name, found[name]["lr"], found[name]["epochs_to_1"], found[name]["epochs_to_1_at_0.1"], flush=True)
    return found


def convolutional_networks() -> dict[str, Any]:
    """The same small CNN with one-sided and signed activations, each at the rate that is best on validation digits."""
    task, found = digits_task(), {}
    for name in CNNS:
        tuned = tune(
            lambda lr, seed, name=name: convergence.train_cnn(name, lr, seed, task=task).validation, CNN_RATES, TUNING
        )
        runs = [convergence.train_cnn(name, tuned.lr, seed, task=task) for seed in SEEDS]
        found[name] = {
            "lr": tuned.lr,
            "tried": {f"{lr:g}": round(score, 4) for lr, score in tuned.tried.items()},
            "validation": rounded([run.validation for run in runs]),
            "test": rounded([run.test for run in runs]),
            "training": [rounded(run.training) for run in runs],
        }
        print(name, tuned.lr, np.mean(found[name]["validation"]), np.mean(found[name]["test"]), flush=True)
    return found


def deaths() -> dict[str, Any]:
    """Silent units against the learning rate."""
    task, found = digits_task(), {}
    for name in LEAKY:
        sweep = [[activations.deaths(name, lr, seed, task=task) for seed in SEEDS] for lr in DEATH_RATES]
        found[name] = {
            "rates": DEATH_RATES,
            "silent": [[rounded(run.end) for run in runs] for runs in sweep],  # rate × seed × hidden layer
            "woken": [[rounded(run.woken) for run in runs] for runs in sweep],
            "error": [rounded([run.error for run in runs]) for runs in sweep],
            "diverged": [sum(run.diverged for run in runs) for runs in sweep],
        }
        print(name, found[name]["diverged"], flush=True)
    return found


def silenced() -> dict[str, Any]:
    """Networks that start with biases of −5, so that nearly all units are silent: who comes back in 60 epochs?"""
    task, found = digits_task(), {}
    for name, (activation, options) in SILENCED.items():
        runs = [
            activations.deaths(activation, 0.03, seed, bias=-5.0, count=30, later_lr=0.03, task=task, **options)
            for seed in SEEDS
        ]
        found[name] = {
            "start": [rounded(run.start) for run in runs],
            "error": rounded([run.error for run in runs]),
            "later": rounded([run.later for run in runs]),
        }
        print(name, found[name]["later"], flush=True)
    return found


def costs(size: int = 1_000_000, rounds: int = 41) -> dict[str, Any]:
    """Processor time of each activation forward, in copies of the same array (float32), NumPy's and torch's.

    And of a Linear layer of 512 inputs with and without its ReLU, in the time of the narrowest, against its width.
    """
    import torch

    torch.set_num_threads(1)
    x = np.random.default_rng(0).standard_normal(size, dtype=np.float32)
    tensor = torch.from_numpy(x)
    ours = {name: partial(Activation(name).forward, x) for name in activations.EVERY if name != "gelu"}
    theirs = {name: partial(getattr(torch.nn.functional, name), tensor) for name in activations.EVERY}
    copy, clone, *times = in_turns([x.copy, tensor.clone, *ours.values(), *theirs.values()], rounds)
    return {
        "numpy": {name: round(t / copy, 1) for name, t in zip(ours, times, strict=False)},
        "torch": {name: round(t / clone, 1) for name, t in zip(theirs, times[len(ours) :], strict=True)},
        "widths": widths(rounds),
    }


def widths(rounds: int) -> dict[str, Any]:
    """Units are added to one layer (512 inputs), or to all layers (as many inputs as units)."""
    sizes, batch = (256, 512, 1024, 2048), 256
    rng = np.random.default_rng(0)

    def run(fan_in: int, fan_out: int):
        layer = Linear(fan_in, fan_out).draw(rng, dtype=np.float32)
        x = rng.standard_normal((batch, fan_in), dtype=np.float32)
        y = layer.forward(x)
        relu = Activation("relu")
        return [lambda: layer.forward(x), lambda: relu.forward(y)]

    runs = [f for n in sizes for f in (*run(512, n), *run(n, n))]
    times = np.array(in_turns(runs, rounds)).reshape(len(sizes), 4)
    return {
        "units": sizes,
        "one layer": ratios(times[:, 0]),
        "all layers": ratios(times[:, 2]),
        "relu": ratios(times[:, 1]),
        "relu's share": [round(float(relu / (linear + relu)), 3) for linear, relu in times[:, :2]],
    }


def ratios(times: np.ndarray) -> list[float]:
    return [round(float(t / times[0]), 1) for t in times]


def sparsities() -> dict[str, Any]:
    """One hidden layer, with and without a price on its activity: relu at 0.1, sigmoid at 1, which both learn well."""
    task, found = digits_task(), {}
    for name, lr in (("relu", 0.1), ("sigmoid", 1.0)):
        for penalty in (0.0, 0.01, 0.1):
            runs = [activations.trained_sparsity(name, penalty, seed, lr=lr, task=task) for seed in SEEDS]
            found[f"{name}, penalty {penalty:g}"] = {
                what: rounded([getattr(run, what) for run in runs]) for what in runs[0]._fields
            }
    return found


def rounded(numbers: Any) -> list[float]:
    return [round(float(number), 4) for number in numbers]


PARTS = {
    "convergence": convergence_of_networks, "cnn": convolutional_networks, "deaths": deaths,
    "silenced": silenced, "costs": costs, "sparsity": sparsities,
}  # fmt: skip


def main(names: list[str]) -> None:
    """Measure the parts named, or all of them, and write them beside what is already there."""
    found = {name: PARTS[name]() for name in names or PARTS}
    result = (json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}) | found
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(result[key])}" for key in sorted(result))
    RESULT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    one_thread()
    main(sys.argv[1:])
