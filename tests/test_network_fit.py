"""The NumPy network reads the digits; batches, moves and steps are what they say they are."""

import numpy as np
import pytest

from cnnkit.data import digits
from cnnkit.losses import cross_entropy, cross_entropy_backward
from cnnkit.network import (
    Activation,
    Epoch,
    Flatten,
    Linear,
    Network,
    accuracy,
    digits_cnn,
    fit,
    sgd,
    shifted,
    triangular,
)

TRAIN = digits("train")
X, LABELS = TRAIN.normalized(), TRAIN.labels
FIRST = 290  # of the training split, not trained on here: the test split is no test's business


def test_numpy_alone_reads_handwriting():
    """One seed; cnnkit/course/cnn/record_digits.py measures more, and the time."""
    rng = np.random.default_rng(0)
    net = digits_cnn(rng)
    assert sum(p.size for layer in net.layers for p in layer.parameters.values()) == 9978
    epochs = list(fit(net, X[FIRST:], LABELS[FIRST:], epochs=4, rng=rng))
    assert [(e.number, e.of) for e in epochs] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert epochs[-1].loss < 0.65 < 0.9 < epochs[0].loss
    assert accuracy(net, X[:FIRST], LABELS[:FIRST]) > 0.93
    assert net.layers[0].parameters["weight"].dtype == np.float32


def test_fit_is_nothing_but_steps_with_a_triangular_rate():
    x, labels = X[:70].astype(np.float64), LABELS[:70]
    net, same = (digits_cnn(np.random.default_rng(3), dtype=np.float64) for _ in range(2))
    losses = [epoch.loss for epoch in fit(net, x, labels, epochs=2, rng=np.random.default_rng(5), peak=0.1, batch=32)]
    rng, step, expected = np.random.default_rng(5), 0, []
    for _ in range(2):
        for some in np.array_split(rng.permutation(70), 3):
            logits = same.forward(x[some], training=True)
            expected.append(cross_entropy(logits, labels[some], label_smoothing=0.1))
            same.backward(cross_entropy_backward(1.0, logits, labels[some], label_smoothing=0.1))
            sgd(same, triangular(step, 6, 0.1), momentum=0.9, weight_decay=5e-4, nesterov=True)
            step += 1
    np.testing.assert_allclose(losses, [np.mean(expected[:3]), np.mean(expected[3:])])
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, same.state_dict()[name])


def test_the_same_seed_gives_the_same_network_and_the_images_stay_as_they_are():
    x, before = X[:64], X[:64].copy()
    nets = [digits_cnn(np.random.default_rng(0)) for _ in range(2)]
    for net in nets:
        list(fit(net, x, LABELS[:64], epochs=1, rng=np.random.default_rng(1), shift=1))
    assert np.array_equal(x, before)
    assert np.array_equal(nets[0].forward(x), nets[1].forward(x))


def test_a_training_that_is_stopped_leaves_a_network():
    rng = np.random.default_rng(0)
    net = digits_cnn(rng)
    for epoch in fit(net, X[FIRST:], LABELS[FIRST:], epochs=50, rng=rng):
        if epoch.number == 2:
            break
    assert accuracy(net, X[:FIRST], LABELS[:FIRST]) > 0.8


def test_every_image_is_moved_by_itself_and_no_further_than_asked():
    image = np.arange(25.0).reshape(1, 5, 5)
    moved = shifted(np.stack([image] * 200), 1, np.random.default_rng(0))
    padded = np.pad(image[0], 1, mode="edge")
    places = {(i, j): padded[i : i + 5, j : j + 5] for i in range(3) for j in range(3)}
    found = [next(place for place, window in places.items() if np.array_equal(window, m[0])) for m in moved]
    counts = np.unique(found, axis=0, return_counts=True)[1]
    assert len(counts) == 9
    assert counts.min() > 10
    assert shifted(moved, 0, np.random.default_rng(0)) is moved


def test_accuracy_counts_the_largest_logit():
    net = Network([Flatten(), Linear(2, 2), Activation("identity")], rng=np.random.default_rng(0))
    net.load_state_dict({"1.weight": np.eye(2), "1.bias": np.zeros(2)})
    assert accuracy(net, np.array([[3.0, 1.0], [0.0, 1.0], [2.0, 1.0], [5.0, 1.0]]), [0, 1, 1, 0]) == 0.75


def call(**changed):
    rng = np.random.default_rng(0)
    given = {"net": digits_cnn(rng), "x": np.ones((4, 1, 8, 8)), "labels": [0, 1, 2, 3], "epochs": 1, "rng": rng}
    given |= changed
    return lambda: list(fit(given.pop("net"), given.pop("x"), given.pop("labels"), **given))


IMAGES = np.ones((2, 1, 8, 8))


def cnn():
    return digits_cnn(np.random.default_rng(0))


def test_labels_that_are_no_class_are_refused_before_the_first_step():
    net, labels = cnn(), np.array([0] * 63 + [10])
    before = net.state_dict()
    with pytest.raises(ValueError, match="target must lie between 0 and 9"):
        next(fit(net, np.ones((64, 1, 8, 8)), labels, epochs=1, rng=np.random.default_rng(1), batch=2))
    assert all(array is before[name] for name, array in net.state_dict().items())


WRONG = [
    (call(epochs=0), "epochs must be at least 1, got 0"),
    (call(batch=0), "batch must be at least 1, got 0"),
    (call(shift=-1), "shift must be at least 0, got -1"),
    (call(labels=[0, 1]), r"labels must have shape \(4,\) \(one per image\), got \(2,\)"),
    (call(labels=[0, 1, 2, 10]), "target must lie between 0 and 9"),
    (call(x=np.ones((4, 64))), r"x must have 4 dimensions \(N, C, H, W\)"),
    (call(rng=7), "rng must be a numpy.random.Generator"),
    (call(net="net"), "net must be a Network, got 'net'"),
    (call(step="adamw"), "step must be a function such as sgd or adamw, got 'adamw'"),
    (call(peak=-1), "peak must be 0 or more and finite"),
    (call(x=np.ones((0, 1, 8, 8)), labels=[]), "x must hold at least one image, got none"),
    (lambda: accuracy(cnn(), IMAGES, [[0], [1]]), r"labels must have shape \(2,\) \(one per image\), got \(2, 1\)"),
    (lambda: accuracy("net", [], []), "net must be a Network, got 'net'"),
]


@pytest.mark.parametrize(("wrong", "sentence"), WRONG, ids=[w[1][:40] for w in WRONG])
def test_what_cannot_be_is_refused_with_a_sentence(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        wrong()


def test_an_epoch_is_a_plain_tuple():
    assert Epoch(1, 8, 0.5) == (1, 8, 0.5)
