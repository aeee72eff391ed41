"""Looking on while somebody's function trains a `Network`: what went in, what came back, how the weights moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np

from cnnkit.network import Network


class Step(NamedTuple):
    """A forward and the backward that followed it; `weights` are those before the step, all in one row."""

    net: Network
    x: np.ndarray
    logits: np.ndarray
    training: bool
    dy: np.ndarray
    weights: np.ndarray
    gradient: np.ndarray


class Measured(NamedTuple):
    """A forward that no backward followed."""

    net: Network
    x: np.ndarray
    logits: np.ndarray
    training: bool


class Stopped(BaseException):
    """Ends the training early; not an Exception, so that the code looked at does not catch it."""


class Lookout:
    """Remembers the first `kept` steps, the last one, and what was only measured; speaks to `early` after each step."""

    def __init__(self, early: Callable[[Lookout], str], *, kept: int = 16) -> None:
        self.steps: list[Step] = []
        self.last: Step | None = None
        self.measured: list[Measured] = []
        self.count = 0
        self.nets: list[Network] = []  # those that took a step, in their order
        self._early, self._kept = early, kept
        self._waiting: Measured | None = None

    @contextmanager
    def looking(self) -> Iterator[None]:
        """While this is open, every Network is looked at."""
        forward, backward = Network.forward, Network.backward

        def seen_forward(net: Network, x: Any, *, training: bool = False) -> np.ndarray:
            logits = forward(net, x, training=training)
            self._went_forward(net, np.asarray(x), logits, bool(training))
            return logits

        def seen_backward(net: Network, dy: Any) -> np.ndarray:
            dx = backward(net, dy)
            self._came_back(net, np.asarray(dy))
            return dx

        with patch.object(Network, "forward", seen_forward), patch.object(Network, "backward", seen_backward):
            yield
            self._went_forward(None)

    def _went_forward(self, net: Network | None, *found: Any) -> None:
        if self._waiting is not None:
            self.measured.append(self._waiting)
        self._waiting = None if net is None else Measured(net, *found)
        if net is not None and not np.isfinite(self._waiting.logits).all():  # type: ignore[union-attr]
            raise Stopped("overflow")

    def _came_back(self, net: Network, dy: np.ndarray) -> None:
        if self._waiting is None or self._waiting.net is not net:
            return
        self.last = Step(*self._waiting, dy, all_in_one(net, "parameters"), all_in_one(net, "gradients"))
        self._waiting = None
        self.count += 1
        if not any(net is each for each in self.nets):
            self.nets.append(net)
        if len(self.steps) < self._kept:
            self.steps.append(self.last)
            if len(self.steps) == self._kept and self._early(self):
                raise Stopped("fault")


def all_in_one(net: Network, what: str) -> np.ndarray:
    """All parameters of a network, or all gradients, in one row."""
    found = [getattr(layer, what)[name].ravel() for layer in net.layers for name in layer.parameters]
    return np.concatenate(found).astype(float) if found else np.zeros(0)


def find_images(x: np.ndarray, among: np.ndarray) -> np.ndarray:
    """Which of `among` each picture of x is, however it was scaled and shifted in value; −1 for none of them."""
    if not len(x) or x[0].size != among[0].size:
        return np.full(len(x), -1)
    likeness = _normal(x) @ _normal(among).T
    return np.where(likeness.max(axis=1) > 0.9999, likeness.argmax(axis=1), -1)


def _normal(x: np.ndarray) -> np.ndarray:
    """Rows with mean 0 and length 1: what scaling a picture leaves as it is."""
    rows = x.reshape(len(x), -1).astype(float)
    rows = rows - rows.mean(axis=1, keepdims=True)
    return rows / np.maximum(np.sqrt((rows**2).sum(axis=1, keepdims=True)), 1e-12)
