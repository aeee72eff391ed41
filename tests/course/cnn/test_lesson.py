"""The numbers that lesson 07 tells outside its cells are measured ones."""

import re
from pathlib import Path

import nbformat
import numpy as np

from cnnkit.course import TOPICS
from cnnkit.course.cnn.experiments.nets import images_task
from cnnkit.course.cnn.experiments.tables import baselines
from cnnkit.course.cnn.usual_net import costs, usual_rows
from cnnkit.course.kit.recorded import results
from cnnkit.data import digits
from cnnkit.network import Activation, Conv2d, Flatten, Linear, MaxPool2d, Network

NOTEBOOK = nbformat.read(Path(__file__).parents[3] / "notebooks" / f"{TOPICS['cnn']}.ipynb", as_version=4)
TEXT = " ".join(" ".join(cell.source for cell in NOTEBOOK.cells if cell.cell_type == "markdown").split())
STORED = results("cnn")


def test_where_comparing_pixels_fails():
    train, test, moved = digits("train"), digits("test"), images_task("shifted")
    still, _ = baselines(train.normalized(), train.labels, test.normalized(), test.labels)
    random, _ = baselines(moved.x, moved.labels, moved.x_test, moved.labels_test)
    read = 1 - np.mean(STORED["moved"]["test"])
    assert f"the nearest picture reads {100 * still:.1f} % of them" in TEXT
    assert f"pixel by pixel falls to {100 * random:.1f} %" in TEXT
    assert f"reads {100 * read:.1f} %, a mean of {len(STORED['moved']['test'])}".replace("10", "ten") in TEXT


def test_the_numbers_beside_the_claims():
    orders, whole = STORED["orders"], results("cnn", "mnist")["accuracy"]
    gap = np.mean(orders["relu, drop 0.5, norm"]["test"]) - np.mean(orders["norm, relu, drop 0.5"]["test"])
    told = {
        "F1": f"{100 * max(cost.parameters for cost in costs()):.0f} %",
        "F4": f"{100 * gap:.0f} points",
        "F6": f"{100 * np.mean(STORED['preparation']['0 to 255, without']['test']):.0f} %",
        "F7": f"{100 * np.mean(whole['accuracy']):.1f} %",
        "F8": f"{100 * np.mean(STORED['features']['plain']['explained 3']):.0f} %",
    }
    for claim, number in told.items():
        sentence = re.search(rf"\*\*{claim}\*\* ([^*]*)", TEXT)
        assert sentence is not None
        assert number in sentence[1], claim
    runs = STORED["norm"]
    for place in ("middle", "shifted"):  # "about half the epochs"
        with_it, without = (np.median(runs[f"{place}, {kind}"]["epochs"]) for kind in ("with batch norm", "without"))
        assert 0.4 < with_it / without < 0.6


def test_what_global_average_pooling_saves():
    dense = [row for row in usual_rows() if isinstance(row.layer, Linear)]
    assert f"{sum(row.parameters for row in dense):,} parameters of the two linear layers" in TEXT
    assert f"become {64 * 10 + 10}" in TEXT


def test_two_upright_bars_get_8_and_0():
    net = Network([Conv2d(1, 2, 2), Activation("relu"), MaxPool2d(2), Flatten(), Linear(8, 2)],
                  rng=np.random.default_rng(0))  # fmt: skip
    net.layers[0].parameters["weight"] = np.array([[[[-1.0, 1], [-1, 1]]], [[[-1, -1], [1, 1]]]])
    net.layers[4].parameters["weight"] = np.repeat(np.eye(2), 4, axis=1)
    bars = np.zeros((1, 1, 5, 5))
    bars[..., 1] = bars[..., 3] = 1
    assert net.forward(bars).tolist() == [[8, 0]]
    assert "the scores 8 and 0" in TEXT
