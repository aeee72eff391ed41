"""`python -m cnnkit.course.pooling.record`: the trainings of notebook 04 that take minutes, written to recorded.json.

Names of parts behind it measure only these again: `python -m cnnkit.course.pooling.record centred shifted`.

Each network gets the rate of Adam that is best for it on two seeds, half as many epochs and the validation digits. It
is then trained with that rate on ten other seeds, and shown the test digits once. The batch is 50 throughout. The
curves are those of the networks that have `learnt`.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.kit.recorder import command_line, record, rounded, stored
from cnnkit.course.kit.tune import tune
from cnnkit.course.pooling.experiments.networks import following, learnt, movements, trained
from cnnkit.course.pooling.experiments.pictures import digit_parts, drawn
from cnnkit.course.pooling.experiments.positions import located
from cnnkit.training import error

FILE = Path(__file__).with_name("recorded.json")
RATES, TUNING, EPOCHS = (0.01, 0.03), (100, 101), 15
SEEDS = {"centred": 10, "places": 10, "shifted": 10, "anywhere": 10, "zeros": 10}  # from 0 on
FLAT, GLOBAL = ("none", "stride", "max", "average", "blurred max"), ("none", "stride", "max", "blurred max")
MOVEMENTS = ("shift", "angle", "scale")
NETWORKS = {
    "centred": [*((down, "flat") for down in (*FLAT, "late")), *((down, "global") for down in GLOBAL)],
    "anywhere": [(down, "flat") for down in ("none", "max", "late", "average", "stride")],
    "shifted": [(down, head) for head in ("flat", "global") for down in ("none", "max", "blurred max")],
}
LOCATING = [*((down, "flat") for down in ("none", "max", "stride", "average")), ("max", "global")]


def trainings(kind: str) -> Iterator[tuple[str, Any]]:
    """All networks that are trained on digits drawn as `kind`."""
    parts = digit_parts()
    moved = {what: movements(what, parts["test"].images) for what in MOVEMENTS}
    for down, head in NETWORKS[kind]:
        yield f"{down}, {head}", one_network(down, head, kind, parts, moved)


def places() -> Iterator[tuple[str, Any]]:
    """Networks that say where a dot is: how far off each seed is, at the rate that is best on other seeds."""
    for down, head in LOCATING:
        make = partial(located, down, head)
        rate = tune(lambda lr, seed, make=make: make(seed, lr=lr, count=EPOCHS // 2), RATES, TUNING).lr
        errors = rounded(make(seed, lr=rate, count=EPOCHS) for seed in range(SEEDS["places"]))
        yield f"{down}, {head}", {"rate": rate, "errors": errors}


def zeros() -> Iterator[tuple[str, Any]]:
    """Networks without pooling and with a global mean whose convolutions pad with zeros, at the ring's rate."""
    parts = digit_parts()
    moved = movements("shift", parts["test"].images)
    for kind in ("centred", "shifted"):
        rate = stored(FILE)[kind]["none, global"]["rate"]
        nets = [
            trained("none", "global", kind, seed, lr=rate, count=EPOCHS, pictures=parts["training"], padding="zeros")
            for seed in range(SEEDS["zeros"])
        ]
        agree = rounded(following(net, parts["test"], moved).agree for net, _ in nets)
        yield kind, {"rate": rate, "training": rounded(wrong for _, wrong in nets), "agree": agree}


def one_network(down: str, head: str, kind: str, parts: dict[str, Any], moved: dict[str, Any]) -> dict[str, Any]:
    """Give the rate, each seed's errors, and for each movement mean, lowest and highest over all that `learnt`."""
    make = partial(trained, down, head, kind, pictures=parts["training"])
    held = {name: drawn(parts[name].images, kind, np.random.default_rng(7)) for name in ("validation", "test")}

    def score(lr: float, seed: int) -> float:
        net, _ = make(seed, lr=lr, count=EPOCHS // 2)
        return error(net, held["validation"], parts["validation"].labels)

    tuned = tune(score, RATES, TUNING)
    nets = [make(seed, lr=tuned.lr, count=EPOCHS) for seed in range(SEEDS[kind])]
    found = {
        "rate": tuned.lr,
        "tried": tuned.rounded(),
        "parameters": sum(p.numel() for p in nets[0][0].parameters()),
        "training": rounded(wrong for _, wrong in nets),
        "test": rounded(error(net, held["test"], parts["test"].labels) for net, _ in nets),
    }
    if kind == "anywhere":
        return found
    curves = {what: [following(net, parts["test"], x) for net, _ in nets] for what, x in moved.items()}
    agree = rounded(run.agree for run in curves["shift"])  # seed × shift
    kept = np.flatnonzero(learnt(found["training"]))
    follows = {what: bands([runs[seed] for seed in kept]) for what, runs in curves.items()}
    return found | {"agree": agree, "follows": follows}


def bands(runs: list[Any]) -> dict[str, Any]:
    """Of curves of several seeds, the mean, the lowest and the highest at each point."""
    found = {}
    for name in runs[0]._fields:
        values = np.array([getattr(run, name) for run in runs])
        ends = {"mean": values.mean(axis=0), "lowest": values.min(axis=0), "highest": values.max(axis=0)}
        found[name] = {end: rounded(curve) for end, curve in ends.items()}
    return found


PARTS = {kind: partial(trainings, kind) for kind in NETWORKS} | {"places": places, "zeros": zeros}


def main(names: Sequence[str] = ()) -> None:
    """Measure the parts named, or all."""
    head: dict[str, Any] = {"command": "python -m cnnkit.course.pooling.record", "seeds": SEEDS, "epochs": EPOCHS}
    record(FILE, PARTS, names, **head)


if __name__ == "__main__":
    command_line(main)
