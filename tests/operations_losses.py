"""The rows for losses with weights, classes to ignore, probabilities as targets, yes or no, and for distances."""

import numpy as np
import torch
import torch.nn.functional as F
from hypothesis import strategies as st

import cnnkit
from tests.operations import Operation, rngs
from tests.operations_layers import shapes

REDUCTIONS = st.sampled_from(["mean", "sum", "none"])
LOG3 = np.log(3)


def as_tensor(value, like):
    return torch.tensor(value, dtype=like.dtype) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


# --- cross entropy -------------------------------------------------------------------------------------------------


@st.composite
def score_shapes(draw):
    """(C,), (N, C), (N, C, d1) or (N, C, d1, d2): the shape, and that of the losses."""
    classes, ndim = draw(st.integers(1, 5)), draw(st.integers(0, 3))
    n, *pixels = (draw(st.integers(1, 3)) for _ in range(max(1, ndim)))
    return ((n, classes, *pixels), (n, *pixels)) if ndim else ((classes,), ())


@st.composite
def class_cases(draw):
    """At least one class counts: the mean of nothing has a test of its own."""
    rng, (shape, each) = draw(rngs), draw(score_shapes())
    classes = shape[min(1, len(shape) - 1)]
    options = {
        "weight": rng.uniform(0.1, 3, size=classes) if draw(st.booleans()) else None,
        "ignore_index": draw(st.sampled_from([-100, -1, 255])),
        "label_smoothing": draw(st.just(0.0) | st.floats(0, 1)),
        "reduction": draw(REDUCTIONS),
    }
    target = np.where(rng.random(each) < 0.3, options["ignore_index"], rng.integers(0, classes, size=each))
    target.flat[0] = rng.integers(0, classes)
    return {"logits": rng.normal(scale=3, size=shape)}, options | {"target": target}


@st.composite
def probability_cases(draw):
    rng, (shape, _) = draw(rngs), draw(score_shapes())
    axis = min(1, len(shape) - 1)
    options = {
        "target": rng.uniform(0.01, 1, size=shape),
        "weight": rng.uniform(0.1, 3, size=shape[axis]) if draw(st.booleans()) else None,
        "label_smoothing": draw(st.just(0.0) | st.floats(0, 1)),
        "reduction": draw(REDUCTIONS),
    }
    return {"logits": rng.normal(scale=3, size=shape)}, options


def torch_cross_entropy(logits, *, target, **options):
    options = {name: as_tensor(value, logits) for name, value in options.items()}
    target = torch.tensor(target, dtype=logits.dtype if np.asarray(target).dtype.kind == "f" else torch.int64)
    return F.cross_entropy(logits, target, **options)


def cross_entropy_loops(logits, *, target, weight=None, ignore_index=-100, label_smoothing=0.0, reduction="mean"):
    """One loss after the other, each class by class."""
    of_classes, axis = np.ndim(target) < logits.ndim, min(1, logits.ndim - 1)
    scores = np.moveaxis(logits, axis, -1)
    wanted = np.asarray(target) if of_classes else np.moveaxis(target, axis, -1)
    classes, losses, total = logits.shape[axis], np.zeros(scores.shape[:-1]), 0.0
    weight = np.ones(classes) if weight is None else weight
    for place in np.ndindex(losses.shape):
        if of_classes and wanted[place] == ignore_index:
            continue
        z = scores[place] - scores[place].max()
        for c in range(classes):
            right = float(wanted[place] == c) if of_classes else wanted[place][c]
            q = (1 - label_smoothing) * right + label_smoothing / classes
            losses[place] -= weight[c] * q * (z[c] - np.log(np.exp(z).sum()))
        total += weight[wanted[place]] if of_classes else 1
    return losses if reduction == "none" else losses.sum() / (total if reduction == "mean" else 1)


def cross_entropy_backward(dy, logits, **options):
    return {"logits": cnnkit.cross_entropy_backward(dy, logits, **options)}


def without(name):
    """A backward that leaves one of its options out."""

    def backward(dy, logits, **options):
        del options[name]
        return cross_entropy_backward(dy, logits, **options)

    backward.__name__ = f"forgets_{name}"
    return backward


def divides_by_all(dy, logits, *, target, reduction, **options):
    """The ignored are counted in the mean, and weights are not."""
    n = np.size(target) if reduction == "mean" else 1
    dy, reduction = dy / n, "sum" if reduction == "mean" else reduction
    return cross_entropy_backward(dy, logits, target=target, reduction=reduction, **options)


def ignored_as_class_0(dy, logits, *, target, ignore_index, **options):
    target = np.where(target == ignore_index, 0, target)
    return cross_entropy_backward(dy, logits, target=target, **options)


def takes_the_sum_for_1(dy, logits, *, target, weight, label_smoothing, reduction):
    """p - q, where q neither adds up to 1 nor has weight 1."""
    axis = min(1, logits.ndim - 1)
    classes = logits.shape[axis]
    q = (1 - label_smoothing) * target + label_smoothing / classes
    dy = np.expand_dims(dy, axis) if reduction == "none" else dy
    n = logits.size / classes if reduction == "mean" else 1
    return {"logits": dy * (cnnkit.softmax(logits, axis) - q) / n}


def a_class_is_a_probability_of_1(data):
    arrays, options = data.draw(class_cases())
    logits, target, axis = arrays["logits"], options["target"], min(1, arrays["logits"].ndim - 1)
    options |= {"ignore_index": -100, "reduction": data.draw(st.sampled_from(["sum", "none"]))}
    target = options["target"] = np.clip(target, 0, logits.shape[axis] - 1)
    classes = np.arange(logits.shape[axis]).reshape((-1,) + (1,) * (logits.ndim - 1 - axis))
    one_hot = options | {"target": (classes == np.expand_dims(target, axis)).astype(float)}
    y = cnnkit.cross_entropy(logits, **options)
    np.testing.assert_allclose(y, cnnkit.cross_entropy(logits, **one_hot), rtol=1e-9, atol=1e-12)
    dx = cnnkit.cross_entropy_backward(np.ones_like(y), logits, **options)
    np.testing.assert_allclose(
        dx, cnnkit.cross_entropy_backward(np.ones_like(y), logits, **one_hot), rtol=1e-9, atol=1e-12
    )


# --- yes or no, and distances --------------------------------------------------------------------------------------


@st.composite
def binary_cases(draw):
    rng, shape = draw(rngs), draw(shapes())
    options = {"target": rng.choice([0.0, 1.0, rng.random()], size=shape), "reduction": draw(REDUCTIONS)}
    for name in ("weight", "pos_weight"):
        start = draw(st.integers(0, len(shape)))
        options[name] = rng.uniform(0.1, 3, size=shape[start:]) if draw(st.booleans()) else None
    return {"logits": rng.normal(scale=3, size=shape)}, options


@st.composite
def distance_cases(draw):
    rng, shape = draw(rngs), draw(shapes())
    options = {"target": rng.normal(scale=3, size=shape), "reduction": draw(REDUCTIONS)}
    return {"x": rng.normal(scale=3, size=shape)}, options


def torch_binary(logits, *, target, **options):
    options = {name: as_tensor(value, logits) for name, value in options.items()}
    return F.binary_cross_entropy_with_logits(logits, as_tensor(np.asarray(target, float), logits), **options)


def binary_backward(dy, logits, **options):
    return {"logits": cnnkit.binary_cross_entropy_with_logits_backward(dy, logits, **options)}


def forgets_pos_weight(dy, logits, *, pos_weight, **options):
    return binary_backward(dy, logits, **options)


def forgets_the_weight(dy, logits, *, weight, **options):
    return binary_backward(dy, logits, **options)


def stops_at_the_probability(dy, logits, **options):
    """The slope of the loss with respect to p, as if the sigmoid were not there."""
    p = cnnkit.sigmoid(logits)
    return {"logits": binary_backward(dy, logits, **options)["logits"] / (p * (1 - p))}


def no_is_yes_turned_round(data):
    arrays, options = data.draw(binary_cases())
    options["pos_weight"] = None
    turned = {**options, "target": 1 - options["target"]}
    ours = cnnkit.binary_cross_entropy_with_logits(arrays["logits"], **options)
    theirs = cnnkit.binary_cross_entropy_with_logits(-arrays["logits"], **turned)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def mse_backward(dy, x, **options):
    return {"x": cnnkit.mse_loss_backward(dy, x, **options)}


def forgets_the_two(dy, x, **options):
    return {"x": mse_backward(dy, x, **options)["x"] / 2}


def towards_x(dy, x, *, target, **options):
    return {"x": cnnkit.mse_loss_backward(dy, target, x, **options)}


def forgets_the_mean(dy, x, *, reduction, **options):
    return mse_backward(dy, x, reduction="sum" if reduction == "mean" else reduction, **options)


def the_same_from_both_sides(data):
    arrays, options = data.draw(distance_cases())
    x, target, reduction = arrays["x"], options["target"], options["reduction"]
    np.testing.assert_array_equal(
        cnnkit.mse_loss(x, target, reduction=reduction), cnnkit.mse_loss(target, x, reduction=reduction)
    )


OPERATIONS = [
    Operation(
        name="cross_entropy of classes",
        forward=cnnkit.cross_entropy,
        backward=cross_entropy_backward,
        torch=torch_cross_entropy,
        cases=class_cases(),
        loops=cross_entropy_loops,
        hand=[
            (  # -log of 1/2 and 3/4 with weights 1 and 3, divided by 4; p - q is (-1/2, 1/2) and (1/4, -1/4)
                {"logits": np.array([[0.0, 0.0], [0.0, LOG3], [7.0, 7.0]])},
                {"target": [0, 1, -100], "weight": np.array([1.0, 3.0])},
                (np.log(2) + 3 * np.log(4 / 3)) / 4,
                4.0,
                {"logits": [[-1 / 2, 1 / 2], [3 / 4, -3 / 4], [0, 0]]},
            ),
            (  # two pixels of one image, the second one ignored: p = (1/4, 3/4)
                {"logits": np.array([[[0.0, 5.0], [LOG3, 9.0]]])},
                {"target": [[0, 9]], "ignore_index": 9},
                np.log(4),
                4.0,
                {"logits": [[[-3, 0], [3, 0]]]},
            ),
            ({"logits": np.array([0.0, LOG3])}, {"target": 1}, np.log(4 / 3), 4.0, {"logits": [1, -1]}),
        ],
        wrong=[without("weight"), without("label_smoothing"), divides_by_all, ignored_as_class_0],
        property=a_class_is_a_probability_of_1,
    ),
    Operation(
        name="cross_entropy of probabilities",
        forward=cnnkit.cross_entropy,
        backward=cross_entropy_backward,
        torch=torch_cross_entropy,
        cases=probability_cases(),
        loops=cross_entropy_loops,
        hand=[
            (  # p = (1/4, 3/4)
                {"logits": np.array([[0.0, LOG3], [0.0, LOG3]])},
                {"target": np.array([[0.5, 0.5], [1.0, 0.0]])},
                (np.log(4) / 2 + np.log(4 / 3) / 2 + np.log(4)) / 2,
                8.0,
                {"logits": [[-1, 1], [-3, 3]]},
            ),
        ],
        wrong=[without("weight"), without("label_smoothing"), takes_the_sum_for_1],
    ),
    Operation(
        name="binary_cross_entropy_with_logits",
        forward=cnnkit.binary_cross_entropy_with_logits,
        backward=binary_backward,
        torch=torch_binary,
        cases=binary_cases(),
        hand=[
            (  # p = 1/2, then 3/4; a no with p = 3/4 is as surprising as a yes with 1/4
                {"logits": np.array([0.0, LOG3])},
                {"target": [1, 0], "pos_weight": np.array([3.0, 5.0]), "weight": np.array([2.0])},
                (2 * 3 * np.log(2) + 2 * np.log(4)) / 2,
                4.0,
                {"logits": [-6, 3]},
            ),
        ],
        wrong=[forgets_pos_weight, forgets_the_weight, stops_at_the_probability],
        property=no_is_yes_turned_round,
    ),
    Operation(
        name="mse_loss",
        forward=cnnkit.mse_loss,
        backward=mse_backward,
        torch=lambda x, *, target, reduction: F.mse_loss(x, as_tensor(np.asarray(target), x), reduction=reduction),
        cases=distance_cases(),
        hand=[({"x": np.array([1.0, 5.0])}, {"target": [2.0, 2.0]}, 5.0, 3.0, {"x": [-3, 9]})],
        wrong=[forgets_the_two, towards_x, forgets_the_mean],
        property=the_same_from_both_sides,
    ),
]
