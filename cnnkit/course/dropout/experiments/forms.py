"""What dropout does to numbers: as a layer in both forms, masks that repeat, dropout before max-pooling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cnnkit._arguments import choice, generator, integer, probability
from cnnkit.course.kit.training import Task, backpropagate, digits_task
from cnnkit.dropout import dropout, dropout_backward
from cnnkit.losses import cross_entropy
from cnnkit.network import Activation, Layer, Linear, Network, sgd

FORMS = ("now", "later")


class Dropout(Layer):
    """Dropout with probability p to drop, in one of two forms.

    now      the kept are divided by 1 − p while training, and nothing happens afterwards (PyTorch's)
    later    the kept stay as they are, and everything is multiplied by 1 − p afterwards (the paper's of 2014)

    >>> x = np.ones((1, 4))
    >>> layer = Dropout(0.5, rng=np.random.default_rng(3), form="later")
    >>> layer.forward(x, training=True), layer.forward(x)
    (array([[0., 0., 1., 1.]]), array([[0.5, 0.5, 0.5, 0.5]]))

    Reference: Srivastava et al. (2014), Dropout, sections 4 and 10.
    """

    def __init__(self, p: float, *, rng: np.random.Generator, form: str = "now") -> None:
        super().__init__()
        self.p, self.rng, self.form = probability("p", p), generator("rng", rng), choice("form", form, FORMS)

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        y, mask = dropout(x, self.p, rng=self.rng, training=training)
        if self.form == "now":
            self.cache = mask
            return y
        self.cache = (mask > 0).astype(x.dtype) if training else np.full_like(x, 1 - self.p)
        return self.cache * x

    def backward(self, dy: np.ndarray) -> np.ndarray:
        return dropout_backward(dy, self.cached())

    def __repr__(self) -> str:
        return f"Dropout({self.p:g})" if self.form == "now" else f"Dropout({self.p:g}, form={self.form!r})"


def reader(
    hidden: Sequence[int], *, rng: np.random.Generator, masks: np.random.Generator,
    p_input: float = 0.0, p_hidden: float = 0.0, form: str = "now",
) -> Network:  # fmt: skip
    """A network of ReLUs that reads digits, with dropout on the 64 pixels and behind each hidden layer.

    The weights come from `rng` and the masks from `masks`: two networks with another p start with the same weights.

    >>> reader([8], rng=np.random.default_rng(0), masks=np.random.default_rng(1), p_hidden=0.5)
    Network([Dropout(0), Linear(64, 8), Activation('relu'), Dropout(0.5), Linear(8, 10)])
    """
    layers: list[Layer] = [Dropout(p_input, rng=masks, form=form)]
    for fan_in, fan_out in zip((64, *hidden), hidden, strict=False):
        layers += [Linear(fan_in, fan_out), Activation("relu"), Dropout(p_hidden, rng=masks, form=form)]
    return Network([*layers, Linear((64, *hidden)[-1], 10)], rng=rng)


def same_in_the_other_form(net: Network, p: float, *, masks: np.random.Generator) -> Network:
    """A `reader` with dropout of p behind its hidden layers, as a network of the form "later" that computes the same.

    The weights behind a dropout layer are divided by 1 − p, because nothing is divided before them any more.
    Steps downhill stay the same, too, if the learning rate of these weights is divided by (1 − p)².
    """
    hidden = [layer.parameters["bias"].size for layer in net.layers if isinstance(layer, Linear)][:-1]
    other = reader(hidden, rng=np.random.default_rng(0), masks=masks, p_hidden=p, form="later")
    for i, (ours, theirs) in enumerate(zip(_linear(net), _linear(other), strict=True)):
        scale = 1.0 if i == 0 else 1 / (1 - p)
        theirs.parameters = {"weight": scale * ours.parameters["weight"], "bias": ours.parameters["bias"].copy()}
    return other


def _linear(net: Network) -> list[Layer]:
    return [layer for layer in net.layers if isinstance(layer, Linear)]


def repeats(units: int, p: float, draws: int) -> float:
    r"""How likely it is, about, that among `draws` masks of `units` two are the same: the birthday problem.

    .. math:: 1 - e^{-\binom{draws}{2} q}, \qquad q = (p^2 + (1 - p)^2)^{units}

    q is the probability that two masks agree: in every unit both drop it or both keep it. The exponential takes the
    pairs as independent, and is good where q is small. For p other than 0.5 a few masks are frequent: then it says too
    much.

    >>> round(repeats(10, 0.5, 38), 2)
    0.5
    """
    same = (p**2 + (1 - p) ** 2) ** integer("units", units, at_least=1)
    return float(-np.expm1(-draws * (draws - 1) / 2 * same))


def repeated(units: int, p: float, draws: int, rng: np.random.Generator) -> bool:
    """Draw that many masks; was one of them drawn before?"""
    packed = np.packbits(rng.random((draws, units)) >= p, axis=1)
    return len({row.tobytes() for row in packed}) < draws


def max_pool_probabilities(n: int, p: float) -> np.ndarray:
    r"""How likely dropout before max-pooling gives out the largest of n positive values, the second …, and 0 at last.

    .. math:: P(\text{rank } r) = (1 - p) \, p^{r - 1}, \qquad P(0) = p^n

    The value of rank r comes out if it is kept and the r − 1 larger ones are dropped.

    >>> max_pool_probabilities(4, 0.5)
    array([0.5   , 0.25  , 0.125 , 0.0625, 0.0625])

    Reference: Wu and Gu (2015), Towards dropout training for convolutional neural networks, section 3.
    """
    n, p = integer("n", n, at_least=1), probability("p", p)
    return np.append((1 - p) * p ** np.arange(n), p**n)


class Losses(NamedTuple):
    """The training loss before each step: scaled now, later with converted rates, later with the same rates."""

    now: np.ndarray
    converted: np.ndarray
    unconverted: np.ndarray


def losses_in_both_forms(p: float, *, lr: float, steps: int, seed: int, task: Task | None = None) -> Losses:
    """Train one `reader` in the form "now" and two of the form "later" that start as the same network.

    All see the same batches through the same masks. The second takes the rate lr / (1 − p)² for the weights behind
    the dropout layer, the third takes lr for all.
    """
    task, rng = task or digits_task(), np.random.default_rng(seed)
    net = reader([64], rng=rng, masks=np.random.default_rng([seed, 1]), p_hidden=p)
    nets = [net] + [same_in_the_other_form(net, p, masks=np.random.default_rng([seed, 1])) for _ in range(2)]
    found = np.empty((3, steps))
    for i in range(steps):
        chosen = rng.permutation(len(task.x))[:50]
        for which, (each, factor) in enumerate(zip(nets, (1.0, (1 - p) ** -2, 1.0), strict=True)):
            logits = backpropagate(each, task.x[chosen], task.labels[chosen])
            found[which, i] = cross_entropy(logits, task.labels[chosen])
            each.layers[-1].gradients["weight"] *= factor
            sgd(each, lr)
    return Losses(*found)
