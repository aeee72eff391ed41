"""`python -m cnnkit.course.pooling.record`: the trainings of notebook 04 that take minutes, written to recorded.json.

Names of parts behind it measure only these again: `python -m cnnkit.course.pooling.record centred shifted`.

Each network gets the rate of Adam that is best for it on two seeds, half as many epochs and the validation digits. It
is then trained with that rate on ten other seeds, and shown the test digits once. The batch is 50 throughout. The
curves are those of the networks that have `learnt`.
"""

import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.kit.recorder import one_thread
from cnnkit.course.pooling.experiments.networks import error, following, learnt, movements, trained
from cnnkit.course.pooling.experiments.pictures import digit_parts, drawn
from cnnkit.course.pooling.experiments.positions import located

RESULT = Path(__file__).with_name("recorded.json")
RATES, TUNING, EPOCHS = (0.01, 0.03), (100, 101), 15
SEEDS = {"centred": 10, "places": 10, "shifted": 10, "anywhere": 10}  # from 0 on
FLAT, GLOBAL = ("none", "stride", "max", "average", "blurred max"), ("none", "stride", "max", "blurred max")
MOVEMENTS = ("shift", "angle", "scale")
NETWORKS = {
    "centred": [*((down, "flat") for down in (*FLAT, "late")), *((down, "global") for down in GLOBAL)],
    "anywhere": [(down, "flat") for down in ("none", "max", "late", "average", "stride")],
    "shifted": [(down, head) for head in ("flat", "global") for down in ("none", "max", "blurred max")],
}
LOCATING = [*((down, "flat") for down in ("none", "max", "stride", "average")), ("max", "global")]


def trainings(kind: str) -> dict[str, Any]:
    """All networks that are trained on digits drawn as `kind`."""
    parts, found = digit_parts(), {}
    moved = {what: movements(what, parts["test"].images) for what in MOVEMENTS}
    for down, head in NETWORKS[kind]:
        found[f"{down}, {head}"] = run = one_network(down, head, kind, parts, moved)
        print(kind, down, head, run["rate"], np.mean(run["training"]), np.mean(run["test"]), flush=True)
        print("   ", run["follows"]["shift"]["agree"]["mean"] if "follows" in run else "", flush=True)
        keep({kind: found})
    return found


def places() -> dict[str, Any]:
    """Networks that say where a dot is: how far off each seed is, at the rate that is best on other seeds."""
    found = {}
    for down, head in LOCATING:
        make = partial(located, down, head)
        tried = {lr: float(np.mean([make(s, lr=lr, count=EPOCHS // 2) for s in TUNING])) for lr in RATES}
        rate = min(tried, key=tried.__getitem__)
        errors = [make(seed, lr=rate, count=EPOCHS) for seed in range(SEEDS["places"])]
        found[f"{down}, {head}"] = {"rate": rate, "errors": rounded(errors)}
        print("places", down, head, rate, np.mean(errors), flush=True)
    return found


def one_network(down: str, head: str, kind: str, parts: dict[str, Any], moved: dict[str, Any]) -> dict[str, Any]:
    """Give the rate, each seed's errors, and for each movement mean, lowest and highest over all that `learnt`."""
    make = partial(trained, down, head, kind, pictures=parts["training"])
    held = {name: drawn(parts[name].images, kind, np.random.default_rng(7)) for name in ("validation", "test")}

    def score(lr: float) -> float:
        nets = [make(seed, lr=lr, count=EPOCHS // 2)[0] for seed in TUNING]
        return float(np.mean([error(net, held["validation"], parts["validation"].labels) for net in nets]))

    tried = {lr: score(lr) for lr in RATES}
    rate = min(tried, key=tried.__getitem__)
    nets = [make(seed, lr=rate, count=EPOCHS) for seed in range(SEEDS[kind])]
    found = {
        "rate": rate,
        "tried": {f"{lr:g}": round(value, 4) for lr, value in tried.items()},
        "parameters": sum(p.numel() for p in nets[0][0].parameters()),
        "training": rounded([wrong for _, wrong in nets]),
        "test": rounded([error(net, held["test"], parts["test"].labels) for net, _ in nets]),
    }
    if kind == "anywhere":
        return found
    curves = {what: [following(net, parts["test"], x) for net, _ in nets] for what, x in moved.items()}
    agree = [rounded(run.agree) for run in curves["shift"]]  # seed × shift
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


def rounded(numbers: Any) -> list[float]:
    return [round(float(number), 4) for number in numbers]


PARTS = {kind: partial(trainings, kind) for kind in NETWORKS} | {"places": places}


def keep(found: dict[str, Any]) -> None:
    """Write what was found beside what is already there."""
    result = (json.loads(RESULT.read_text(encoding="utf-8")) if RESULT.exists() else {}) | found
    result |= {"command": "python -m cnnkit.course.pooling.record", "seeds": SEEDS, "epochs": EPOCHS}
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(result[key])}" for key in sorted(result))
    RESULT.write_text(f"{{\n{lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    one_thread()
    for name in sys.argv[1:] or PARTS:
        keep({name: PARTS[name]()})
