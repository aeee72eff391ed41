"""`python -m cnnkit.course.activations.record`: what lab 01 shows with more seeds than it can run; twenty minutes.

Writes recorded.json, which lesson and lab read. Learning rates are chosen on seeds of their own and on digits that are
not the test's; the seeds measured are others.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.activations.experiments import activity, convergence
from cnnkit.course.kit.recorder import by_seed, command_line, record, rounded
from cnnkit.course.kit.timing import in_turns
from cnnkit.course.kit.training import digits_task
from cnnkit.course.kit.tune import CHECKS, tune
from cnnkit.network import Activation, Linear

FILE = Path(__file__).with_name("recorded.json")
TUNING, SEEDS = range(100, 103), range(10)
CNN_SEEDS = range(30)  # ten were too few: their ReLU networks were worse than those of the next twenty
TARGET = 0.01  # the training error at which the fully connected networks are compared; AlexNet's 25 % is noted, too
NETWORKS = ("relu", "tanh", "sigmoid", *convergence.MOVED)
RIVALS = ("leaky_relu", "prelu", "rrelu", "elu", "gelu", "silu", "softplus", "hardtanh")  # of those, in the race
CNNS = ("relu", "softplus", "leaky_relu", "elu", "gelu", "silu", "tanh")
CNN_RATES = (0.05, 0.1, 0.2, 0.4, 0.8)
DEATH_RATES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
LEAKY = ("relu", "leaky_relu", "prelu", "rrelu")
SILENCED: dict[str, tuple[str, dict[str, Any]]] = {
    "relu": ("relu", {}),
    "leaky_relu, slope 0.01": ("leaky_relu", {}),
    "leaky_relu, slope 0.1": ("leaky_relu", {"negative_slope": 0.1}),
    "leaky_relu, slope 0.25": ("leaky_relu", {"negative_slope": 0.25}),
    "prelu": ("prelu", {}),
    "rrelu": ("rrelu", {}),
}


def convergence_of_networks() -> Iterator[tuple[str, Any]]:
    """Three hidden layers of 64: each activation at its fastest rate, and all at one rate."""
    task = digits_task()
    for name in NETWORKS:
        tuned = convergence.fastest_rate(name, TARGET, TUNING, task=task)
        runs = [convergence.training_errors(name, tuned.lr, seed, count=30, task=task) for seed in SEEDS]
        same = [convergence.training_errors(name, 0.1, seed, count=80, until=TARGET, task=task) for seed in SEEDS]
        found = {
            "lr": tuned.lr,
            "tried": tuned.rounded(2),
            "errors": rounded(run[::CHECKS] for run in runs),  # once an epoch
            "epochs_to_25": [convergence.epochs_to(run, 0.25) for run in runs],
            "epochs_to_1": [convergence.epochs_to(run, TARGET) for run in runs],
            "epochs_to_1_at_0.1": [min(80, convergence.epochs_to(run, TARGET)) for run in same],  # 80: not reached
        }
        yield name, found


def race() -> Iterator[tuple[str, Any]]:
    """The activations that `convergence` leaves out, in the same network and chosen in the same way."""
    task = digits_task()
    for name in RIVALS:
        tuned = convergence.fastest_rate(name, TARGET, TUNING, task=task)
        runs = [convergence.training_errors(name, tuned.lr, seed, count=40, until=TARGET, task=task) for seed in SEEDS]
        epochs_to_1 = [convergence.epochs_to(run, TARGET) for run in runs]
        yield name, {"lr": tuned.lr, "tried": tuned.rounded(2), "epochs_to_1": epochs_to_1}


def convolutional_networks() -> Iterator[tuple[str, Any]]:
    """The same small CNN with one-sided and signed activations, each at the rate that is best on validation digits."""
    task = digits_task()
    for name in CNNS:
        tuned = tune(
            lambda lr, seed, name=name: convergence.train_cnn(name, lr, seed, task=task).validation, CNN_RATES, TUNING
        )
        runs = [convergence.train_cnn(name, tuned.lr, seed, task=task) for seed in CNN_SEEDS]
        errors = by_seed(runs, "validation", "test", "training")
        yield name, {"lr": tuned.lr, "tried": tuned.rounded(), **errors}


def deaths() -> Iterator[tuple[str, Any]]:
    """Silent units against the learning rate."""
    task = digits_task()
    for name in LEAKY:
        sweep = [[activity.deaths(name, lr, seed, task=task) for seed in SEEDS] for lr in DEATH_RATES]
        found = {
            "rates": DEATH_RATES,
            "silent": rounded([run.end for run in runs] for runs in sweep),  # rate × seed × hidden layer
            "woken": rounded([run.woken for run in runs] for runs in sweep),
            "error": rounded([run.error for run in runs] for runs in sweep),
            "diverged": [sum(run.diverged for run in runs) for runs in sweep],
        }
        yield name, found


def silenced() -> Iterator[tuple[str, Any]]:
    """Networks that start with biases of −5, so that nearly all units are silent: who comes back in 60 epochs?"""
    task = digits_task()
    for name, (activation, options) in SILENCED.items():
        runs = [
            activity.deaths(activation, 0.03, seed, bias=-5.0, count=30, later_lr=0.03, task=task, **options)
            for seed in SEEDS
        ]
        yield name, by_seed(runs, "start", "error", "later")


def costs(size: int = 1_000_000, rounds: int = 41) -> dict[str, Any]:
    """Processor time of each activation forward, in copies of the same array (float32), NumPy's and torch's.

    And of a Linear layer of 512 inputs with and without its ReLU, in the time of the narrowest, against its width.
    """
    import torch

    torch.set_num_threads(1)
    x = np.random.default_rng(0).standard_normal(size, dtype=np.float32)
    tensor = torch.from_numpy(x)
    ours = {name: partial(Activation(name).forward, x) for name in activity.EVERY if name != "gelu"}
    theirs = {name: partial(getattr(torch.nn.functional, name), tensor) for name in activity.EVERY}
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


def sparsities() -> Iterator[tuple[str, Any]]:
    """One hidden layer, with and without a price on its activity: relu at 0.1, sigmoid at 1, which both learn well."""
    task = digits_task()
    for name, lr in (("relu", 0.1), ("sigmoid", 1.0)):
        for penalty in (0.0, 0.01, 0.1):
            runs = [activity.trained_sparsity(name, penalty, seed, lr=lr, task=task) for seed in SEEDS]
            yield f"{name}, penalty {penalty:g}", by_seed(runs)


PARTS: dict[str, Callable[[], Any]] = {
    "convergence": convergence_of_networks, "race": race, "cnn": convolutional_networks, "deaths": deaths,
    "silenced": silenced, "costs": costs, "sparsity": sparsities,
}  # fmt: skip


def main(names: Sequence[str] = ()) -> None:
    """Measure the parts named, or all."""
    record(FILE, PARTS, names)


if __name__ == "__main__":
    command_line(main)
