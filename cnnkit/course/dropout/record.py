"""`python -m cnnkit.course.dropout.record`: what notebook 03 shows with more seeds than it can run, in 15 minutes.

Writes recorded.json. Names behind it measure only these parts: `python -m cnnkit.course.dropout.record order`.
Learning rates and bounds are chosen on validation digits, on seeds of their own; the seeds measured are others.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.dropout.experiments import example_order as dropout_order
from cnnkit.course.dropout.experiments import feature_maps as dropout_maps
from cnnkit.course.dropout.experiments.few_digits import ensemble, errors, reliance, train
from cnnkit.course.dropout.experiments.few_digits import fresh_digits as fresh
from cnnkit.course.kit.recorder import one_thread
from cnnkit.course.kit.training import digits_task
from cnnkit.course.kit.tune import tune

RESULT = Path(__file__).with_name("recorded.json")
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


def tuned(score: Callable[[float, int], float], rates: tuple[float, ...]) -> dict[str, Any]:
    """The best rate, and the mean validation error for each."""
    found = tune(score, rates, TUNING)
    return {"lr": found.lr, "tried": {f"{lr:g}": round(mean, 4) for lr, mean in found.tried.items()}}


def ensembles() -> dict[str, Any]:
    """One network, five averaged or voting, each without and with dropout of 0.5 on 128 hidden units."""
    found = {}
    for p in (0.0, 0.5):
        rate = tuned(lambda lr, seed, p=p: validation(lr, seed, p_hidden=p), RATES)
        runs = [ensemble(seed, lr=rate["lr"], p_hidden=p, task=TASK) for seed in SEEDS]
        found[f"p = {p:g}"] = rate | {
            "training": [rounded(run.training) for run in runs],
            "alone": [rounded(run.alone) for run in runs],
            "averaged": rounded([run.averaged for run in runs]),
            "voted": rounded([run.voted for run in runs]),
        }
        told(f"ensembles {p}", np.mean([run.alone for run in runs]), found[f"p = {p:g}"]["averaged"])
    return found


def reliances() -> dict[str, Any]:
    """What deleting hidden units does, and how alike they are, with each p at its best rate."""
    found = {}
    for p in RELYING:
        rate = tuned(lambda lr, seed, p=p: validation(lr, seed, p_hidden=p), RATES)
        runs = [
            reliance(
                train(seed, lr=rate["lr"], p_hidden=p, task=TASK), TASK.x_validation, TASK.labels_validation,
                rng=np.random.default_rng(seed),
            )
            for seed in SEEDS
        ]  # fmt: skip
        found[f"p = {p:g}"] = rate | {what: rounded([getattr(run, what) for run in runs]) for what in runs[0]._fields}
        told(f"reliance {p}", *(np.mean(found[f"p = {p:g}"][what]) for what in runs[0]._fields))
    return found


def bounds() -> dict[str, Any]:
    """Two hidden layers of 128, without dropout and with 0.5: each rate without a bound, and with the best of four."""
    found: dict[str, Any] = {}
    for p in (0.0, 0.5):
        for lr in BOUND_RATES:
            options = {"p_hidden": p, "hidden": DEEP}
            tried = {
                bound: float(np.mean([validation(lr, seed, bound=bound, **options) for seed in TUNING]))
                for bound in BOUNDS
            }
            best = min(tried, key=tried.__getitem__)
            nets = {
                name: [train(seed, lr=lr, bound=bound, task=TASK, **options) for seed in SEEDS]
                for name, bound in (("free", np.inf), ("bounded", best))
            }
            found[f"p = {p:g}, rate {lr:g}"] = {
                "bound": best,
                "tried": {f"{bound:g}": round(mean, 4) for bound, mean in tried.items()},
                **{name: rounded([errors(net, seed, task=TASK).test for seed, net in enumerate(each)])
                   for name, each in nets.items()},
            }  # fmt: skip
            told(f"bounds {p} {lr} {best}", *(np.mean(found[f"p = {p:g}, rate {lr:g}"][n]) for n in nets))
    return found


def maps() -> dict[str, Any]:
    """A CNN with one dropout layer, by place and kind; and how well a dropped number can be guessed."""
    found: dict[str, Any] = {}
    for name, options in MAPS.items():

        def run(lr: float, seed: int, options: Any = options) -> Any:
            return dropout_maps.cnn_errors(dropout_maps.train_cnn(seed, lr=lr, task=TASK, **options), seed, TASK)

        rate = tuned(lambda lr, seed, run=run: run(lr, seed).validation, CNN_RATES)
        found[name] = rate | {"test": rounded([run(rate["lr"], seed).test for seed in CNN_SEEDS])}
        told(f"maps {name}", rate["lr"], np.mean(found[name]["test"]))
    found["guessed"] = guesses(found["none"]["lr"])
    return found


def guesses(lr: float) -> dict[str, list[float]]:
    """R² of a dropped number, guessed from what the mask leaves, in networks trained without dropout; p = 0.5."""
    found: dict[str, list[float]] = {}
    for seed in CNN_SEEDS:
        net = dropout_maps.train_cnn(seed, lr=lr, task=TASK)
        for place in dropout_maps.PLACES:
            h = dropout_maps.activations(net, fresh(seed, task=TASK), place)
            for kind in dropout_maps.KINDS if h.ndim == 4 else ("element",):
                for own in (False, True) if h.ndim == 4 else (False,):
                    name = f"{place}, {kind}" + (", own map" if own else "")
                    found.setdefault(name, []).append(dropout_maps.guessed(h, kind, seed=seed, own=own))
    told("guessed", {name: round(float(np.mean(each)), 3) for name, each in found.items()})
    return {name: rounded(each) for name, each in found.items()}


def order() -> dict[str, Any]:
    """Circles and squares: which kind is forgotten, and which tenth of an epoch weighs most."""
    found: dict[str, Any] = {}
    for p in (0.0, 0.5):
        for name in dropout_order.ORDERS:
            runs = [dropout_order.after_one_epoch(name, p, seed) for seed in SEEDS]
            found[f"p = {p:g}, {name}"] = {
                kind: rounded([getattr(run, kind) for run in runs]) for kind in runs[0]._fields
            }
        steps = [dropout_order.ten_circles_and_a_square(p, seed) for seed in SEEDS]
        found[f"p = {p:g}, ten and one"] = {
            f"{kind} {when}": rounded([getattr(run[i], kind) for run in steps])
            for i, when in enumerate(("before", "after")) for kind in ("circles", "squares")
        }  # fmt: skip
        found[f"p = {p:g}, tenths"] = [rounded(dropout_order.weight_of_each_tenth(p, seed)) for seed in SEEDS]
        told(f"order {p}", np.mean(found[f"p = {p:g}, tenths"], axis=0).round(4))
    return found


def rounded(numbers: Any) -> list[float]:
    return [round(float(number), 4) for number in numbers]


def told(*words: Any) -> None:
    print(*words, flush=True)


PARTS = {"ensembles": ensembles, "reliance": reliances, "bounds": bounds, "maps": maps, "order": order}


def main(names: list[str]) -> None:
    """Measure the parts named, or all of them, and write them beside what is already there."""
    for name in names or PARTS:
        part = PARTS[name]()
        result = (json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}) | {name: part}
        lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(result[key])}" for key in sorted(result))
        RESULT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    one_thread()
    main(sys.argv[1:])
