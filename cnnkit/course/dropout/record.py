"""`python -m cnnkit.course.dropout.record`: what notebook 03 shows with more seeds than it can run, in 15 minutes.

Writes recorded.json. Names behind it measure only these parts: `python -m cnnkit.course.dropout.record order`.
Learning rates and bounds are chosen on validation digits, on seeds of their own; the seeds measured are others.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.dropout.experiments import example_order, feature_maps
from cnnkit.course.dropout.experiments.few_digits import ensemble, errors, fresh_digits, reliance, train
from cnnkit.course.kit.recorder import by_seed, command_line, record, rounded
from cnnkit.course.kit.training import digits_task
from cnnkit.course.kit.tune import tune

FILE = Path(__file__).with_name("recorded.json")
TUNING, SEEDS, CNN_SEEDS = range(100, 105), range(20), range(10)
RATES, CNN_RATES = (0.03, 0.1, 0.3, 1.0), (0.03, 0.1)
RELYING = (0.0, 0.2, 0.5, 0.8)
BOUND_RATES, BOUNDS, DEEP = (0.03, 0.1, 0.3, 0.5, 0.7), (0.5, 1.0, 2.0, 3.0), (128, 128)
MAPS = {
    "none": {"p": 0.0},
    **{f"{place}, {kind}, p = {p}": {"p": p, "place": place, "kind": kind} for place, kind in
       (("units", "element"), ("maps 1", "element"), ("maps 1", "channel"), ("maps 2", "element"),
        ("maps 2", "channel")) for p in (0.1, 0.3, 0.5)},
}  # fmt: skip
TASK = digits_task()


def validation(lr: float, seed: int, **options: Any) -> float:
    """The validation error of one network."""
    return errors(train(seed, lr=lr, task=TASK, **options), seed, task=TASK).validation


def tuned(score: Callable[..., float], rates: tuple[float, ...]) -> dict[str, Any]:
    """The best rate, and the mean validation error for each."""
    found = tune(score, rates, TUNING)
    return {"lr": found.lr, "tried": found.rounded()}


def ensembles() -> Iterator[tuple[str, Any]]:
    """One network, five averaged or voting, each without and with dropout of 0.5 on 128 hidden units."""
    for p in (0.0, 0.5):
        rate = tuned(lambda lr, seed, p=p: validation(lr, seed, p_hidden=p), RATES)
        runs = [ensemble(seed, lr=rate["lr"], p_hidden=p, task=TASK) for seed in SEEDS]
        yield f"p = {p:g}", rate | by_seed(runs)


def reliances() -> Iterator[tuple[str, Any]]:
    """What deleting hidden units does, and how alike they are, with each p at its best rate."""
    for p in RELYING:
        rate = tuned(lambda lr, seed, p=p: validation(lr, seed, p_hidden=p), RATES)
        runs = [
            reliance(
                train(seed, lr=rate["lr"], p_hidden=p, task=TASK), TASK.x_validation, TASK.labels_validation,
                rng=np.random.default_rng(seed),
            )
            for seed in SEEDS
        ]  # fmt: skip
        yield f"p = {p:g}", rate | by_seed(runs)


def bounds() -> Iterator[tuple[str, Any]]:
    """Two hidden layers of 128, without dropout and with 0.5: each rate without a bound, and with the best of four."""
    for p in (0.0, 0.5):
        for lr in BOUND_RATES:
            options: dict[str, Any] = {"p_hidden": p, "hidden": DEEP}
            best = tune(
                lambda bound, seed, lr=lr, options=options: validation(lr, seed, bound=bound, **options), BOUNDS, TUNING
            )
            found = {"bound": best.lr, "tried": best.rounded()}
            for name, bound in (("free", np.inf), ("bounded", best.lr)):
                nets = [train(seed, lr=lr, bound=bound, task=TASK, **options) for seed in SEEDS]
                found[name] = rounded(errors(net, seed, task=TASK).test for seed, net in enumerate(nets))
            yield f"p = {p:g}, rate {lr:g}", found


def maps() -> Iterator[tuple[str, Any]]:
    """A CNN with one dropout layer, by place and kind; and how well a dropped number can be guessed."""
    rates = {}
    for name, options in MAPS.items():

        def run(lr: float, seed: int, options: Any = options) -> Any:
            return feature_maps.cnn_errors(feature_maps.train_cnn(seed, lr=lr, task=TASK, **options), seed, TASK)

        rate = tuned(lambda lr, seed, run=run: run(lr, seed).validation, CNN_RATES)
        rates[name] = rate["lr"]
        yield name, rate | {"test": rounded(run(rate["lr"], seed).test for seed in CNN_SEEDS)}
    yield "guessed", guesses(rates["none"])


def guesses(lr: float) -> dict[str, list[float]]:
    """R² of a dropped number, guessed from what the mask leaves, in networks trained without dropout; p = 0.5."""
    found: dict[str, list[float]] = {}
    for seed in CNN_SEEDS:
        net = feature_maps.train_cnn(seed, lr=lr, task=TASK)
        for place in feature_maps.PLACES:
            h = feature_maps.activations(net, fresh_digits(seed, task=TASK), place)
            for kind in feature_maps.KINDS if h.ndim == 4 else ("element",):
                for own in (False, True) if h.ndim == 4 else (False,):
                    name = f"{place}, {kind}" + (", own map" if own else "")
                    found.setdefault(name, []).append(feature_maps.guessed(h, kind, seed=seed, own=own))
    return {name: rounded(each) for name, each in found.items()}


def order() -> Iterator[tuple[str, Any]]:
    """Circles and squares: which kind is forgotten, and which tenth of an epoch weighs most."""
    for p in (0.0, 0.5):
        for name in example_order.ORDERS:
            runs = [example_order.after_one_epoch(name, p, seed) for seed in SEEDS]
            yield f"p = {p:g}, {name}", by_seed(runs)
        steps = [example_order.ten_circles_and_a_square(p, seed) for seed in SEEDS]
        yield f"p = {p:g}, ten and one", {
            f"{kind} {when}": rounded(getattr(run[i], kind) for run in steps)
            for i, when in enumerate(("before", "after")) for kind in ("circles", "squares")
        }  # fmt: skip
        yield f"p = {p:g}, tenths", rounded(example_order.weight_of_each_tenth(p, seed) for seed in SEEDS)


PARTS = {"ensembles": ensembles, "reliance": reliances, "bounds": bounds, "maps": maps, "order": order}


def main(names: Sequence[str] = ()) -> None:
    """Measure the parts named, or all."""
    record(FILE, PARTS, names)


if __name__ == "__main__":
    command_line(main)
