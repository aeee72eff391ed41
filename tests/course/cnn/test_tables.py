"""The tables of lab 07 say what was recorded, and the two methods without layers are what their names say."""

import numpy as np
import torch

from cnnkit.course.cnn.experiments.tables import Rows, baselines, norm_table, orders_table
from cnnkit.course.kit.recorded import results
from cnnkit.data import digits

STORED = results("cnn")


def test_a_table_shows_itself_as_text_and_as_markdown():
    rows = Rows(("a", "b"), [("1", "two")])
    assert repr(rows) == "a  b\n1  two"
    assert rows._repr_markdown_() == "| a | b |\n| :-- | :-- |\n| 1 | two |"


def test_the_table_of_batch_norm_has_every_run():
    told = {row[0]: row[1:] for row in norm_table().rows}
    assert len(told) == len(STORED["norm"]) // 2 + len(STORED["gains"]) // 2 + len(STORED["turned"]) // 2
    assert told["digits in the middle"][0].startswith("1.5 epochs (1.25 to 2.25)")
    assert told["first layer times 10"][1] == "not in time at any rate"
    angle = np.degrees(np.arccos(np.mean(STORED["turned"]["without, rate 0.03"], axis=0)[-1]))
    assert told["last layer's gradient turned, rate 0.03"][1] == f"{angle:.0f}°"


def test_the_table_of_orders_has_every_order():
    told = {row[0]: row[1:] for row in orders_table().rows}
    assert set(told) == set(STORED["orders"])
    worst = STORED["orders"]["relu, drop 0.5, norm"]
    assert told["relu, drop 0.5, norm"][0].startswith(f"{100 * np.mean(worst['test']):.1f} %")
    assert told["relu, drop 0.5, norm"][2] == f"{100 * np.mean(worst['repaired']):.1f} %"


def test_the_baselines_are_torchs():
    train, test = digits("train"), digits("test")
    nearest, kernel = baselines(train.normalized(), train.labels, test.normalized(), test.labels)
    x, new = (torch.tensor(each.normalized()).flatten(1).double() for each in (train, test))
    found = train.labels[torch.cdist(new, x).argmin(dim=1).numpy()]
    assert nearest == (found == test.labels).mean()
    assert nearest < kernel < 1
