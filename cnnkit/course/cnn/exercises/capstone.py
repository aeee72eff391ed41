"""The capstone of notebook 07: a network of one's own, put together and trained."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import numpy as np

from cnnkit import cross_entropy_backward, softmax
from cnnkit.course.cnn.exercises.faults import FAULTS, Data, early_fault, late_fault
from cnnkit.course.cnn.exercises.lookout import Lookout, Stopped, find_images
from cnnkit.course.kit.exercise import Exercise, Mistake
from cnnkit.course.kit.exercise_trial import TooLong, at_most
from cnnkit.course.kit.exercise_words import array, called
from cnnkit.data import digits
from cnnkit.network import Activation, BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, Network, accuracy, sgd

IMPORTS = """import numpy as np

from cnnkit import cross_entropy_backward
from cnnkit.network import Activation, BatchNorm2d, Conv2d, Flatten, Linear, MaxPool2d, Network, accuracy, sgd"""


def train(images, labels, new, new_labels):
    rng = np.random.default_rng(0)
    net = Network([
        Conv2d(1, 8, 3, padding=1), BatchNorm2d(8), Activation("relu"), MaxPool2d(2),
        Flatten(), Linear(8 * 4 * 4, 10),
    ], rng=rng)  # fmt: skip
    x = images / 255
    for _ in range(6):
        for some in np.array_split(rng.permutation(len(x)), len(x) // 32):
            logits = net.forward(x[some], training=True)
            net.backward(cross_entropy_backward(1.0, logits, labels[some]))
            sgd(net, lr=0.1, momentum=0.9)
    return accuracy(net, new / 255, new_labels)


@cache
def data() -> Data:
    """1,000 digits to learn from and 442 new ones, pixels from 0 to 255."""
    train = digits("train")
    order = np.random.default_rng(0).permutation(len(train))  # the file's neighbours look alike
    learn, new = order[:1000], order[1000:]
    pixels = _pixels(train.images)
    return Data(pixels[learn], train.labels[learn], pixels[new], train.labels[new])


def _pixels(images: np.ndarray) -> np.ndarray:
    return np.rint(255 * images.astype(float))


@dataclass(frozen=True, kw_only=True)
class Capstone(Exercise):
    """Looks on while `train` runs, and names the first thing that is wrong with it."""

    seconds: float = 120

    def todo(self) -> str:
        return f"Nothing is trained so far. Put your layers and your loop into `{self.name}`, and return the share."

    def source(self) -> str:
        return f"{IMPORTS}\n\n\n{inspect.getsource(self.solution).replace('  # fmt: skip', '').rstrip()}"

    def judged(self, answer: Any) -> tuple[bool | None, str]:
        wanted = f"`{self.name}(images, labels, new, new_labels)`"
        if not callable(answer):
            given = f"`check({self.key!r}, {self.name})`; this is {called(answer)}."
            return False, f"The function itself is asked for, {given}"
        try:
            inspect.signature(answer).bind(*range(4))
        except TypeError:
            return False, f"The arguments do not fit: {wanted} is asked for."
        except Exception:  # some built-in functions have no signature
            pass
        return self._try(answer)

    def _try(self, answer: Any) -> tuple[bool | None, str]:
        given = data()
        seen = Lookout(partial(early_fault, data=given))
        try:
            with at_most(self.seconds), seen.looking():
                got = answer(*(each.copy() for each in given))
        except TooLong:
            return False, FAULTS["time"]
        except Stopped as stopped:
            return False, _stopped(stopped.args[0], seen)
        except KeyboardInterrupt:  # meant for whoever waits
            raise
        except BaseException as error:
            return False, _failed(error)
        if got is ... and not seen.count:
            return None, self.todo()
        fault = early_fault(seen, given)
        said = FAULTS[fault] if fault else late_fault(seen, given, got)
        return (False, said) if said else (True, f"{_well_done(seen, _number(got))} {self.praise}")


def _number(got: Any) -> float:
    found = array(got)
    assert found is not None  # late_fault has refused what is no number
    return float(found.reshape(()))


def _stopped(why: str, seen: Lookout) -> str:
    if why == "fault":
        return FAULTS[early_fault(seen, data())]
    unscaled = why == "overflow" and seen.last is not None and float(np.std(seen.last.x)) > 10
    return FAULTS["unscaled" if unscaled else why]


def _failed(error: BaseException) -> str:
    try:
        text = str(error)
    except Exception:  # an error whose text fails in turn
        text = ""
    line = f"{type(error).__name__}: {text}".splitlines()[0].replace("`", "'")[:160].strip()
    return f"Your function stops with `{line}`."


def _well_done(seen: Lookout, share: float) -> str:
    """What it reads, and what it reads of the digits at the end of the file, scaled as `train` scaled its own."""
    last, given, said = seen.last, data(), f"It reads {share:.1%} of the new digits after {seen.count} steps."
    assert last is not None
    place = find_images(last.x, given.images)
    if (place < 0).any():
        return said
    slope, start = np.polyfit(given.images[place].ravel(), last.x.astype(float).ravel(), 1)
    test = digits("test")
    x = (slope * _pixels(test.images) + start).reshape(len(test.labels), *last.x.shape[1:])
    rest = accuracy(last.net, x, test.labels)
    return f"{said} Of the {len(x)} test digits, with which nobody has chosen anything, it reads {rest:.1%}."


# Wrong answers, each with the fault that gives it its name.


def _wrong(fault, *, epochs=1):
    """A training like the solution's, but for one fault."""

    def answer(images, labels, new, new_labels):
        rng = np.random.default_rng(0)
        bare = fault in ("unscaled", "overflow")
        norm = [] if bare else [BatchNorm2d(4)]
        head = [Flatten(), Linear(64, 10)] if fault == "dense" else [
            Conv2d(1, 4, 3, padding=1), *norm, Activation("relu"), MaxPool2d(2), Flatten(), Linear(64, 10)
        ]  # fmt: skip
        net = Network(head, rng=rng)
        scale = 1 if fault == "unscaled" else 255
        x, x_new, total = images / scale, new / scale, {}
        for _ in range(epochs):
            order = rng.permutation(len(x))
            for some in np.array_split(np.sort(order) if fault == "order" else order, len(x) // 32):
                taught = labels[rng.permutation(len(x))[: len(some)]] if fault == "apart" else labels[some]
                seen = x_new[: len(some)] if fault == "leak" else x[some]
                taught = new_labels[: len(some)] if fault == "leak" else taught
                logits = net.forward(seen, training=fault != "eval while learning")
                if fault == "none":
                    continue
                scores = softmax(logits, 1) if fault == "twice" else logits
                net.backward(cross_entropy_backward(-1.0 if fault == "uphill" else 1.0, scores, taught))
                if fault == "sum":
                    _add_up(net, total)
                elif fault != "still":
                    sgd(net, lr=1e3 if fault == "overflow" else 1e-4 if fault == "short" else 0.1)
        if fault == "own digits":
            return accuracy(net, x, labels)
        x_new = new if fault == "two scales" else x_new
        read = net.forward(x_new, training=fault == "train while measuring").argmax(axis=1)
        return float((read == new_labels).mean())

    return answer


def _add_up(net, total):
    """A step with the sum of all gradients so far."""
    for i, layer in enumerate(net.layers):
        for name in layer.parameters:
            total[i, name] = total.get((i, name), 0) + layer.gradients[name]
            layer.parameters[name] = layer.parameters[name] - 0.01 * total[i, name]


CAPSTONE = Capstone(
    key="07.4",
    title="Your own network",
    name="train",
    question=(
        "Now you. Write `train(images, labels, new, new_labels)`: build a `Network` with at least one convolution, "
        "train it on `images` (1,000 digits of shape (1, 8, 8), pixels from 0 to 255) and return the share of the 442 "
        "`new` digits that it reads rightly, as a number from 0 to 1. Start from the loop of "
        "this section, without `fit`, which would do it all. The share should be at least 0.95. `check` looks on while "
        "it trains, and stops as soon as it sees what is wrong."
    ),
    stub=(
        "def train(images, labels, new, new_labels):\n"
        "    # net = Network([Conv2d(1, 8, 3, padding=1), …], rng=np.random.default_rng(0))\n"
        "    # for each epoch, for each batch of a new order: forward, backward, a step\n"
        "    return ...  # the share of `new` that the network reads rightly"
    ),
    hints=(
        "What goes in: pixels from 0 to 1, so divide `images` and `new` by the same number. How many numbers does "
        "`Flatten` hand over? `trace(net, (1, 1, 8, 8))` tells.",
        "One step is three lines: `logits = net.forward(x[some], training=True)`, "
        "`net.backward(cross_entropy_backward(1.0, logits, labels[some]))` and `sgd(net, lr=0.1)`.",
        "`accuracy(net, x_new, new_labels)` goes forward without `training=True` and compares the largest logit.",
    ),
    solution=train,
    praise="Which of your choices mattered? Change one at a time, with three seeds each, before you believe it.",
    mistakes=tuple(
        Mistake(_wrong(fault), FAULTS[fault])
        for fault in (
            "train while measuring", "twice", "sum", "own digits", "apart", "unscaled", "uphill", "eval while learning",
            "still", "none", "leak", "two scales", "overflow", "short",
        )
    ),
)  # fmt: skip
