"""Exercise 08.3: a network that is measured as if it were still training."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from cnnkit.course.clinic.exercises.mend import UNTOUCHED, Repair
from cnnkit.course.kit.exercise import Mistake
from cnnkit.course.kit.exercise_words import array
from cnnkit.network import Activation, BatchNorm1d, Dropout, Linear, Network

# The solution is printed in the notebook, so it looks like the stub: no type hints.


def accuracy(net, x, labels):
    logits = net.forward(x, training=False)
    return (logits.argmax(axis=1) == labels).mean()


def patient(seed: int = 0) -> tuple[Network, np.ndarray, np.ndarray]:
    """A small network with batch norm and dropout, inputs, and labels that it gets mostly right in evaluation."""
    masks = np.random.default_rng(seed)
    net = Network([BatchNorm1d(6), Linear(6, 40), Activation("relu"), Dropout(0.5, rng=masks), Linear(40, 5)],
                  rng=np.random.default_rng(83))  # fmt: skip
    rng = np.random.default_rng(84)
    net.forward(rng.normal(1, 2, (200, 6)), training=True)
    x = rng.normal(1, 2, (90, 6))
    labels = net.forward(x).argmax(axis=1)
    labels[:13] = (labels[:13] + 1) % 5
    return net, x, labels


def trial(answer: Callable) -> Any:
    """The answer, three times, each on a patient of its own; what evaluation mode gives; what training mode gives."""
    got = []
    for seed in range(3):
        net, x, labels = patient(seed)
        kept = {name: value.copy() for name, value in net.state_dict().items()}
        got.append((answer(net, x, labels), any(not np.array_equal(kept[k], v) for k, v in net.state_dict().items())))
    return got


def judge(tried: Any) -> str:
    """What is wrong with these three numbers."""
    net, x, labels = patient()
    right = accuracy(net, x, labels)
    if any(each is None for each, _ in tried):
        return "Your function returns nothing: the share of right answers is asked for. Is there a `return`?"
    values = [array(each) for each, _ in tried]
    if any(value is not None and value.size == len(labels) > 1 for value in values):
        return "That is one answer for each digit. The share is their mean, `.mean()`."
    if any(value is None or value.size != 1 or value.dtype.kind == "c" for value in values):
        return "One number is asked for, the share of the digits that are read right."
    numbers = [float(value.reshape(())) for value in values]  # type: ignore[union-attr]
    touched = any(changed for _, changed in tried)
    if len(set(numbers)) > 1:
        first = [float(accuracy_as_it_came(*patient(seed))) for seed in range(3)]
        return UNTOUCHED if np.allclose(numbers, first) else NOISY
    if np.allclose(numbers, right):
        return TOUCHED if touched else ""
    return _wrong_number(numbers[0], right, len(labels))


def _wrong_number(number: float, right: float, count: int) -> str:
    if np.isclose(number, right * count):
        return "That is how many digits are read right. The share is that number divided by how many there are."
    if np.isclose(number, 100 * right):
        return "That is in per cent. A share from 0 to 1 is asked for."
    if np.isclose(number, 1 - right):
        return "That is the share of the errors. The share that is right is 1 minus that."
    if number > 1 or number < 0 or not np.isfinite(number):
        return "A share lies between 0 and 1."
    return (
        f"In evaluation mode this network reads {100 * right:.1f} % right, and yours says {100 * number:.1f} %. "
        "Which axis holds the classes, and is `training` False?"
    )


NOISY = "The number changes from call to call, so dropout is still dropping. Nothing random is left in evaluation mode."
TOUCHED = "Measuring changes the network: a forward in training mode has moved batch norm's running statistics."


def accuracy_as_it_came(net: Network, x: np.ndarray, labels: np.ndarray) -> Any:
    """The case as it came in."""
    return (net.forward(x, training=True).argmax(axis=1) == labels).mean()


def _many(net, x, labels):
    return np.mean([accuracy_as_it_came(net, x, labels) for _ in range(20)])


def _both(net, x, labels):
    net.forward(x, training=True)
    return accuracy(net, x, labels) * 0 + accuracy(*patient())


ACCURACY = Repair(
    key="08.3",
    title="Case H: three numbers for one network",
    name="accuracy",
    question=(
        "`accuracy(net, x, labels)` should say which share of the digits a trained network reads right, and leave the "
        "network as it was. As it came in, it says something else at each call. Mend one line."
    ),
    stub=(
        "def accuracy(net, x, labels):\n    logits = net.forward(x, training=True)\n"
        "    return (logits.argmax(axis=1) == labels).mean()"
    ),
    hints=(
        "Besides the weights, what decides the logits of this network in the first line?",
        "Dropout and batch norm look at `training`. It should be False whenever you measure.",
    ),
    solution=accuracy,
    praise="Now every call gives the same number. In PyTorch the same mend is `model.eval()` before you measure.",
    trial=trial,
    judge=judge,
    mistakes=(
        Mistake(_many, NOISY),
        Mistake(_both, TOUCHED),
        Mistake(lambda net, x, labels: accuracy(net, x, labels) * len(x), "That is how many digits are read right."),
        Mistake(lambda net, x, labels: 100 * accuracy(net, x, labels), "That is in per cent."),
        Mistake(lambda net, x, labels: 1 - accuracy(net, x, labels), "That is the share of the errors."),
        Mistake(lambda net, x, labels: net.forward(x).argmax(axis=1) == labels, "That is one answer for each digit."),
        Mistake(
            lambda net, x, labels: (net.forward(x).argmin(axis=1) == labels).mean(), "Which axis holds the classes"
        ),
    ),
)
