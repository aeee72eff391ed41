"""`python -m cnnkit.course.sharing.record`: networks with and without shared weights on digits that move.

Takes 20 minutes. Writes recorded.json, which notebook 06 reads; with names, only those runs. Each network's learning
rate is the best of three on validation digits, with seeds of its own; the test digits are read once, by the runs that
are reported.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cnnkit.course.kit.recorder import RUNS, command_line, record, rounded, stored
from cnnkit.course.sharing.experiments.nets import NETS
from cnnkit.course.sharing.experiments.training import EPOCHS, PLACES, REACH, SHIFTS, by_shift, train

FILE = Path(__file__).with_name("recorded.json")
RATES, CHOOSING, SEEDS = (0.003, 0.01, 0.03), range(100, 102), range(10)
FEWER = range(5)  # seeds where a run takes long
SKIPPED = (  # slow, and no question needs them
    ("wide CNN", "middle"),
    ("CNN, pooled, stride 1", "anywhere"),
    ("locally connected, pooled", "anywhere"),
)
PATIENT = ("fully connected", "CNN")  # these also get three times as many epochs
SETTINGS = {
    f"{name}, {place}": (name, place, EPOCHS[place], FEWER if name == "wide CNN" else SEEDS)
    for place in PLACES for name in NETS if (name, place) not in SKIPPED
} | {f"{name}, anywhere, patient": (name, "anywhere", 3 * EPOCHS["anywhere"], FEWER) for name in PATIENT}  # fmt: skip


def measure(name: str, place: str, count: int, seeds: Any, *, rate: float | None = None) -> dict[str, Any]:
    """The best rate, unless it is given, and for each seed the accuracy on test digits at every shift."""
    net, tried = NETS[name], {}
    alike = [0] if place == "middle" else SHIFTS[::2]  # digits standing where those trained on stand
    for lr in RATES if rate is None else ():
        trained = [train(net, place, lr, seed, count=count) for seed in CHOOSING]
        scores = [by_shift(net, parameters, "validation", alike).mean() for parameters in trained]
        tried[lr] = round(float(np.mean(scores)), 4)
    rate = max(tried, key=tried.__getitem__) if rate is None else rate
    trained = [train(net, place, rate, seed, count=count) for seed in seeds]
    found = np.array([by_shift(net, parameters, "test") for parameters in trained])
    shown = [by_shift(net, parameters, "train", alike) for parameters in trained]
    return {
        "net": name, "place": place, "epochs": count, "rate": rate,
        "tried": {f"{lr:g}": score for lr, score in tried.items()},
        "parameters": net.parameters, "macs": net.macs,
        "training": rounded(each.mean() for each in shown),
        "mean": rounded(each.mean() for each in found),  # over all 81 shifts, for each seed
        "right": rounded(found[:, REACH]),  # moved sideways only: seed × shift
        "diagonal": rounded(each.diagonal() for each in found),
    }  # fmt: skip


def patient(name: str, place: str, count: int, seeds: Any) -> dict[str, Any]:
    """With more epochs, at the rate that was best with fewer."""
    return measure(name, place, count, seeds, rate=stored(FILE)[RUNS][f"{name}, {place}"]["rate"])


def main(names: Sequence[str] = ()) -> None:
    """Measure the settings that are named, or all."""
    parts = {key: partial(patient if key.endswith("patient") else measure, *each) for key, each in SETTINGS.items()}
    head: dict[str, Any] = {"command": "python -m cnnkit.course.sharing.record", "shifts": SHIFTS}
    record(FILE, parts, names, runs=True, **head)


if __name__ == "__main__":
    command_line(main)
