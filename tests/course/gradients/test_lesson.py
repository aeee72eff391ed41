"""What lesson 02 says in its own words holds: the numbers of its claims are the ledger's, its advice works."""

import json
import re

import numpy as np
import pytest

from cnnkit import cross_entropy_backward
from cnnkit.course.claims import CLAIMS
from cnnkit.course.gradients.experiments import deep_net, learning_curves
from cnnkit.course.kit.recorded import results
from cnnkit.course.kit.training import digits_task
from tests.course.claim_numbers import FOLDER

TEXT = (FOLDER / "02_vanishing_gradients.ipynb").read_text(encoding="utf-8")


@pytest.mark.parametrize("claim", ["V1", "V2", "V3", "V4", "V5"])
def test_the_number_that_the_lesson_tells_of_a_claim_is_the_ledgers(claim):
    told = re.search(rf"\*\*{claim}\*\* (.*?)\\n", TEXT)[1]
    numbers = re.findall(r"\d+(?:\.\d+)?", told)
    assert numbers
    assert set(numbers) <= set(re.findall(r"\d+(?:\.\d+)?", CLAIMS[claim].because))


def test_the_residual_connections_effect_is_the_recorded_one():
    runs = results("gradients")["runs"]
    plain, residual = (100 * runs[f"depth 20, sigmoid{end}"]["mean"][-1] for end in ("", ", skip"))
    assert f"from {plain:.0f} % errors to {residual:.2f} %" in TEXT


@pytest.mark.parametrize(
    ("depth", "activation", "gain", "lr", "learns"),
    [
        (5, "sigmoid", 1, 1.0, False), (5, "sigmoid", 1, 10.0, False), (2, "sigmoid", 1, 1.0, True),
        (5, "tanh", 1, 0.1, True), (5, "sigmoid", 4, 0.3, True),
    ],
)  # fmt: skip
def test_the_changes_that_the_lesson_proposes_do_what_it_says(depth, activation, gain, lr, learns):
    def make(rng: np.random.Generator):
        return deep_net(depth, activation, init="xavier", gain=gain, rng=rng)

    error = learning_curves(make, digits_task(), lr=lr, count=10, seeds=[0])[0, -1]
    assert error < 0.3 if learns else error > 0.8


def test_steps_of_one_length_let_five_layers_of_sigmoids_learn():
    """The lesson's training loop, with its one change: the lowest layer moves as far as the others."""
    code = "\n".join("".join(cell["source"]) for cell in json.loads(TEXT)["cells"] if cell["cell_type"] == "code")
    loop = re.search(r"def train\(.*?\n    return [^\n]*", code, re.DOTALL)[0]
    changed = loop.replace("rate * gradient", "rate * gradient / np.linalg.norm(gradient)")
    assert changed != loop
    names = {"np": np, "task": digits_task(), "cross_entropy_backward": cross_entropy_backward}
    errors = {}
    for name, text, rate in (("as it is", loop, 1.0), ("changed", changed, 0.3)):
        exec(text, names)
        nets = [deep_net(5, "sigmoid", init="xavier", rng=np.random.default_rng(seed)) for seed in range(3)]
        errors[name] = [names["train"](net, rate) for net in nets]
    assert min(errors["as it is"]) > 0.85
    assert 0.4 < min(errors["changed"]) < max(errors["changed"]) < 0.6
