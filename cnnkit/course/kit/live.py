"""Watch a training: one picture, drawn anew after each epoch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from IPython.display import display

from cnnkit.course.kit.live_picture import draw_progress

E = TypeVar("E")  # anything with `of` and `loss`, such as cnnkit.network.Epoch


class Stopped(KeyboardInterrupt):
    """A training was interrupted: a notebook says so in one line, and stops as after any error."""

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def watch(epochs: Iterable[E], right: Callable[[], float] | None = None, *, of: int) -> Iterator[E]:
    """Show a progress bar and the curves so far, in one picture that changes after each epoch; pass the epochs on.

        for epoch in watch(fit(net, x, labels, epochs=8, rng=rng), lambda: accuracy(net, x_test, labels_test), of=8):
            pass

    right   measures the share that is read right, after each epoch
    of      how many epochs there will be

    Interrupting the kernel stops the training; the picture stays as it was then.

    Errors: Stopped, a KeyboardInterrupt, when the kernel is interrupted.
    """
    losses: list[float] = []
    shares: list[float] = []
    shown = display(draw_progress(losses, shares, of), display_id=True)
    try:
        for epoch in epochs:
            losses.append(epoch.loss)  # type: ignore[attr-defined]
            if right is not None:
                shares.append(right())
            if shown is not None:
                shown.update(draw_progress(losses, shares, of))
            yield epoch
    except KeyboardInterrupt:
        raise Stopped(_stopped(len(losses), of)) from None


def _stopped(done: int, of: int) -> str:
    when = f"after epoch {done} of {of}" if done else f"in the first of {of} epochs"
    return f"Stopped {when}; the network keeps what it has learnt."
