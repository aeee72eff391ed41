"""What can be wrong with a training, told from what a `Lookout` saw."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from cnnkit.course.cnn.exercises.lookout import Lookout, Measured, Step, find_images
from cnnkit.course.kit.exercise_words import array, called, show
from cnnkit.layers import Activation, BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Dropout2d
from cnnkit.losses import softmax, softmax_backward
from cnnkit.network import Network

TARGET, UNSCALED = 0.95, 10.0  # the share to be read; the spread of pixels above which they count as unscaled
CLEAR = 0.3  # how far a gradient may be from that of a cross-entropy: label smoothing of 0.1 makes about 0.1

FAULTS = {
    "none": "No `Network` took a step. Build one, and call its `forward` and its `backward` in `train`.",
    "still": "The weights never move. After `backward` comes a step, such as `sgd(net, lr)`.",
    "twice": (
        "The softmax is taken twice. The loss brings its own, so `cross_entropy_backward` needs the logits as they "
        "come out of `forward`."
    ),
    "uphill": "The steps go uphill. The gradient points to a larger loss, so the weights move against it: w − lr·g.",
    "apart": (
        "The labels do not belong to their images: most digits are taught as another one. Draw one order and use it "
        "for both, `x[some]` and `labels[some]`."
    ),
    "sum": (
        "The gradients add up over the batches: each step still holds all old gradients in full. Start each batch "
        "from its own gradient (in PyTorch that is `zero_grad()`), or let old ones fade by a momentum below 1."
    ),
    "eval while learning": (
        "The network learns in evaluation mode: batch norm and dropout need `forward(x, training=True)` in each step."
    ),
    "leak": "The network takes steps on digits of `new`. What is measured on them afterwards proves nothing.",
    "train while measuring": (
        "The network is measured in training mode, as if `eval()` had been forgotten: batch norm then uses the batch "
        "at hand and dropout drops. Leave `training=True` out when you measure."
    ),
    "own digits": (
        "The share is measured on the digits that the network learnt from. Measure it on `new`, which it has not seen."
    ),
    "two scales": (
        "The new digits are not scaled as those that it learnt from. Whatever you divide by, do the same to both."
    ),
    "unscaled": (
        "The pixels go in as they come, from 0 to 255. The first logits are then in the hundreds and the softmax is "
        "sure before it knows anything: divide by 255."
    ),
    "new net": (
        "More than one network took steps, so each begins from nothing. Build the network once, before the loop."
    ),
    "overflow": "The steps are too large and the weights run away. Take a learning rate a tenth as large.",
    "time": "It takes more than two minutes. A smaller network or fewer epochs are enough here. Does every loop end?",
    "capped": (
        "An activation stands behind the last layer, and it cuts the logits. The loss takes them as they are: end with "
        "the `Linear` layer."
    ),
    "one batch": (
        "Every step takes the same batch, so most digits are never learnt from. Go through all of them in each epoch."
    ),
    "dense": "There is no convolution in it. Put at least one `Conv2d` in front of the linear layer.",
    "order": (
        "The batches come in the same order in every epoch, and it reads too few digits. Shuffle anew for each epoch."
    ),
    "short": (
        "It has hardly learnt its own digits yet. Let it run for more epochs, or with a learning rate three times as "
        "large."
    ),
}


class Data(NamedTuple):
    """What `train` is called with: digits to learn from and new ones, pixels from 0 to 255."""

    images: np.ndarray
    labels: np.ndarray
    new: np.ndarray
    new_labels: np.ndarray


def early_fault(seen: Lookout, data: Data) -> str:
    """What the first steps show: the name of a fault, or ""."""
    if not seen.steps:
        return "none"
    moves = [(after.weights - before.weights, before.gradient) for before, after in _together(seen.steps)]
    if moves and not any(move.any() for move, _ in moves):
        return "still"
    lessons = [_lesson(step, data) for step in seen.steps]
    if max(lesson.off for lesson in lessons) < CLEAR:  # else it is another loss than the cross-entropy
        if moves and lessons[0].sign * _downhill(moves) < 0:
            return "uphill"
        if np.mean([lesson.twice for lesson in lessons]) > 0.5:
            return "twice"
        if _apart(seen.steps, lessons, data):
            return "apart"
    if _adds_up(moves):
        return "sum"
    if _modes(seen.steps[0].net) and not any(step.training for step in seen.steps):
        return "eval while learning"
    return "leak" if _leaks(seen, data) else ""


def _leaks(seen: Lookout, data: Data) -> bool:
    """Whether some steps were taken on new digits, be they a few among others or only those of the last step."""
    steps = seen.steps + ([seen.last] if seen.last else [])
    new = [(find_images(step.x, data.new) >= 0) & (find_images(step.x, data.images) < 0) for step in steps]
    return bool(np.concatenate(new).mean() > 0.02)


def late_fault(seen: Lookout, data: Data, answer: Any) -> str:
    """What the end shows, once `train` has returned `answer`: a diagnosis, or "" if all is well."""
    number = array(answer)
    if number is None or number.size != 1 or number.dtype.kind not in "iuf":
        return f"`train` should return a share, such as 0.97; it returns {called(answer)}."
    share, last = float(number.reshape(())), seen.last
    assert last is not None
    read, how = read_of_new(seen, data)
    if not how:
        own = any(_mostly(each.x, data.images, data.new) for each in seen.measured)
        if own:
            return FAULTS["own digits"]
        return f"Of the {len(read)} digits in `new`, {(read >= 0).sum()} went through the network. Measure it on all."
    if _modes(last.net) and how[0].training:
        return FAULTS["train while measuring"]
    ratio = np.std(how[0].x) / max(float(np.std(last.x)), 1e-12)
    if not 1 / 3 < ratio < 3:
        return FAULTS["two scales"]
    honest = float((read == data.new_labels).mean())
    if abs(share - honest) > 0.004:
        return _another_number(share, honest, seen, data)
    if not any(isinstance(layer, Conv2d) for layer in last.net.layers):
        return FAULTS["dense"]
    return "" if honest >= TARGET else f"{_too_few(seen, data)} It reads {honest:.1%} of the new digits."


def read_of_new(seen: Lookout, data: Data) -> tuple[np.ndarray, list[Measured]]:
    """What the network read in each new digit when it was measured, −1 for never, and the forwards that show it."""
    read = np.full(len(data.new), -1)
    how: list[Measured] = []
    for each in seen.measured:
        place = find_images(each.x, data.new)
        if len(each.x) == len(data.new) and (place < 0).mean() > 0.5:  # changed too much to be found: in their order
            place = np.arange(len(data.new))
        if each.logits.ndim == 2 and (place >= 0).mean() > 0.5:
            read[place[place >= 0]] = each.logits.argmax(axis=1)[place >= 0]
            how.insert(0, each)
    return read, how if (read >= 0).mean() > 0.9 else []


def _another_number(share: float, honest: float, seen: Lookout, data: Data) -> str:
    if abs(1 - share - honest) < 0.004:
        return f"That is the share of misread digits, {share:.3f}. Asked is what it reads rightly, {honest:.3f}."
    if abs(share / 100 - honest) < 0.004:
        return f"That is per cent. As a share it is {honest:.3f}."
    if any(_mostly(each.x, data.images, data.new) for each in seen.measured):
        return FAULTS["own digits"]
    return f"You return {show(share)}, but of the new digits it reads {honest:.3f}."


def _too_few(seen: Lookout, data: Data) -> str:
    """Why the target is missed."""
    last = seen.last
    assert last is not None
    if np.std(last.x) > UNSCALED:
        return FAULTS["unscaled"]
    if len(seen.nets) > 1:
        return FAULTS["new net"]
    if np.linalg.norm(last.weights) > 5 * np.linalg.norm(seen.steps[0].weights):
        return FAULTS["overflow"]
    if isinstance(last.net.layers[-1], Activation):
        return FAULTS["capped"]
    if _one_batch(seen):
        return FAULTS["one batch"]
    known = find_images(last.x, data.images)
    right = last.logits.argmax(axis=1) == data.labels[known]
    if (known >= 0).mean() > 0.5 and right[known >= 0].mean() < TARGET:
        return FAULTS["short"]
    if _in_order(seen, data):
        return FAULTS["order"]
    return "More epochs, more filters, batch norm or a rate that falls towards the end can help."


def _one_batch(seen: Lookout) -> bool:
    """Whether all first steps took the same pictures, and not simply all that there are."""
    first = seen.steps[0].x
    return len(first) < 500 and all(each.x.shape == first.shape and (each.x == first).all() for each in seen.steps)


def _in_order(seen: Lookout, data: Data) -> bool:
    first = find_images(seen.steps[0].x, data.images)
    return bool(len(first) > 1 and (np.diff(first) == 1).all())


def _together(steps: list[Step]) -> list[tuple[Step, Step]]:
    """Each step of a network with the next one of the same."""
    return [(a, b) for a, b in pairwise(steps) if a.net is b.net]


def _modes(net: Network) -> bool:
    return any(isinstance(layer, (BatchNorm1d, BatchNorm2d, Dropout, Dropout2d)) for layer in net.layers)


class Lesson(NamedTuple):
    """What the gradient of a batch's loss teaches: each picture's class, with its sign (1) or the other (−1)."""

    off: float
    sign: int
    labels: np.ndarray
    twice: bool  # whether it fits a loss behind two softmaxes, and not one behind one


def _lesson(step: Step, data: Data) -> Lesson:
    """The labels, the sign and the number of softmaxes that the gradient fits best."""
    place = find_images(step.x, data.images)
    own = [data.labels[place]] if (place >= 0).all() else []
    guesses = [(sign, labels) for labels in own for sign in (1, -1)]
    guesses += [(1, step.dy.argmin(axis=1)), (-1, step.dy.argmax(axis=1))]
    return min((_fit(step, *guess) for guess in guesses), key=lambda lesson: lesson.off)


def _fit(step: Step, sign: int, labels: np.ndarray) -> Lesson:
    wanted = np.eye(step.dy.shape[1])[labels]
    p = softmax(step.logits.astype(float), 1)
    again = softmax(p, 1) - wanted
    once, *others = (_off(sign * step.dy, g) for g in (p - wanted, again, softmax_backward(again, step.logits, 1)))
    return Lesson(min(once, *others), sign, labels, min(others) < 1e-4 and once > 1e-3)


def _downhill(moves: list[tuple[np.ndarray, np.ndarray]]) -> int:
    move, gradient = moves[0]
    return -1 if move @ gradient > 0 else 1


def _off(dy: np.ndarray, g: np.ndarray) -> float:
    """How far apart two gradients point, whatever their lengths: from 0, the same way, to √2, opposite ways."""
    a, b = dy.ravel().astype(float), g.ravel()
    return max(0.0, float(1 - a @ b / max(np.sqrt((a @ a) * (b @ b)), 1e-300))) ** 0.5


def _apart(steps: list[Step], lessons: list[Lesson], data: Data) -> bool:
    wrong = []
    for step, lesson in zip(steps, lessons, strict=True):
        place = find_images(step.x, data.images)
        wrong += (data.labels[place] != lesson.labels)[place >= 0].tolist()
    return len(wrong) > 20 and bool(np.mean(wrong) > 0.5)


def _adds_up(moves: list[tuple[np.ndarray, np.ndarray]]) -> bool:
    """Whether move = a·(the move before) − b·gradient, with an `a` of 1: nothing fades."""
    if len(moves) < 6:
        return False
    old, now = (np.concatenate([move for move, _ in some]) for some in (moves[:-1], moves[1:]))
    both = np.stack([old, np.concatenate([gradient for _, gradient in moves[1:]])], axis=1)
    shares = np.linalg.lstsq(both, now, rcond=None)[0]
    rest = now - both @ shares
    return bool(shares[0] > 0.995 and rest @ rest < 1e-6 * (now @ now))


def _mostly(x: np.ndarray, these: np.ndarray, those: np.ndarray) -> bool:
    """Whether most of the pictures x are among `these`, and not among `those`."""
    return len(x) > 0 and bool(((find_images(x, these) >= 0) & (find_images(x, those) < 0)).mean() > 0.5)
