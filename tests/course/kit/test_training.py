"""The digits that all topics share, and the loop that trains NumPy networks on them."""

import numpy as np
import pytest

from cnnkit.course.kit.training import backpropagate, digit_parts, digits_task, epochs, error, right, rows, step
from cnnkit.data import digits
from cnnkit.losses import cross_entropy, cross_entropy_backward
from cnnkit.network import Activation, Network, mlp


def test_the_parts_hold_every_digit_once_and_the_test_split_as_it_is():
    parts = digit_parts(900)
    assert [len(part.images) for part in parts.values()] == [len(part.labels) for part in parts.values()]
    assert [len(part.labels) for part in parts.values()] == [900, 542, 355]
    train, test = digits("train"), digits("test")
    kept = {(image.tobytes(), label) for image, label in zip(train.images, train.labels, strict=True)}
    found = [(i.tobytes(), n) for name in ("training", "validation") for i, n in zip(*parts[name], strict=True)]
    assert set(found) == kept
    assert len(found) == len(train)
    np.testing.assert_array_equal(parts["test"].images, test.images)
    np.testing.assert_array_equal(digit_parts(normalized=True)["test"].images, test.normalized())
    with pytest.raises(ValueError, match="n must be below 1,442"):
        digit_parts(1442)


def test_the_task_is_made_of_the_normalised_parts():
    task, parts = digits_task(300), digit_parts(300, normalized=True)
    np.testing.assert_array_equal(task.x.reshape(-1, 1, 8, 8).astype(np.float32), parts["training"].images)
    np.testing.assert_array_equal(task.x_validation, rows(parts["validation"].images))
    np.testing.assert_array_equal(task.labels_validation, parts["validation"].labels)
    assert task.x.dtype == np.float64


def test_backpropagating_leaves_the_gradients_of_the_loss():
    task = digits_task(20)
    net, same = (mlp([64, 8, 10], rng=np.random.default_rng(0)) for _ in range(2))
    logits = backpropagate(net, task.x, task.labels, label_smoothing=0.1)
    expected = same.forward(task.x)
    same.backward(cross_entropy_backward(1.0, expected, task.labels, label_smoothing=0.1))
    np.testing.assert_array_equal(logits, expected)
    for ours, theirs in zip(net.layers[::2], same.layers[::2], strict=True):
        np.testing.assert_array_equal(ours.gradients["weight"], theirs.gradients["weight"])
    before = cross_entropy(net.forward(task.x), task.labels)
    step(net, task.x, task.labels, 0.1)
    assert cross_entropy(net.forward(task.x), task.labels) < before


def test_an_epoch_takes_the_steps_that_it_is_given():
    task, batches = digits_task(20), []

    def still(net: Network, x: np.ndarray, labels: np.ndarray, lr: float) -> None:
        batches.append((x, labels, lr))

    net = mlp([64, 10], rng=np.random.default_rng(0))
    said = list(
        epochs(net, task.x, task.labels, lr=0.3, count=2, rng=np.random.default_rng(1), batch=8, parts=3, step=still)
    )
    assert said == pytest.approx([0, 1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2])
    assert [len(labels) for _, labels, _ in batches] == [7, 7, 6] * 2
    assert {lr for *_, lr in batches} == {0.3}
    for epoch in (batches[:3], batches[3:]):
        assert sorted(x.tobytes() for some, *_ in epoch for x in some) == sorted(x.tobytes() for x in task.x)


def test_a_class_is_right_where_its_logit_is_largest_and_all_are_numbers():
    net = Network([Activation("identity")])
    logits = np.array([[3.0, 1.0], [0.0, 1.0], [2.0, 1.0], [1.0, np.nan], [np.inf, 0.0]])
    labels = np.array([0, 1, 1, 0, 0])
    assert right(net, logits, labels).tolist() == [True, True, False, False, False]
    assert error(net, logits, labels) == pytest.approx(0.6)
    other = mlp([64, 10], rng=np.random.default_rng(0))
    other.layers[0].parameters["weight"] *= 1e308  # overflows without a warning
    task = digits_task(20)
    assert error(other, task.x, task.labels) > 0.5
    backpropagate(other, task.x, task.labels)
