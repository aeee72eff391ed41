"""What dropped values of a feature map can still be told from: their kept neighbours, or the other channels."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from PIL import Image

from cnnkit._arguments import choice, integer, probability
from cnnkit.activations import relu
from cnnkit.convolution import conv2d
from cnnkit.course.kit.kernels import make_kernel
from cnnkit.course.kit.photo import hopper
from cnnkit.dropout import dropout, dropout2d

SIDE, KERNEL, REACH = 60, 5, 4  # of the maps, of the filters, and how far a neighbour may be away
DRAWS = 20  # how many draws the explorer has
FILTERS = {
    "soft copy": ("blur (binomial)", 1),
    "brighter right": ("vertical edges (Sobel)", 1),
    "brighter left": ("vertical edges (Sobel)", -1),
    "brighter below": ("horizontal edges (Sobel)", 1),
    "brighter above": ("horizontal edges (Sobel)", -1),
    "dark spots": ("Laplacian", 1),
}
KINDS = ("dropout", "dropout2d")
ORDERS = ("as in the photograph", "shuffled")
SOURCES = ("kept neighbours", "other channels")


class Guessed(NamedTuple):
    """Maps (C, H, W) before, which of their values are kept, all values with the dropped ones guessed, and R².

    known   per channel the share of the variance of its dropped values that the guess accounts for; NaN if none is
            dropped
    """

    maps: np.ndarray
    kept: np.ndarray
    guess: np.ndarray
    known: np.ndarray

    @property
    def share(self) -> float:
        """R² over all dropped values, each channel in units of its own spread; NaN if none is dropped."""
        lost = (~self.kept).sum(axis=(1, 2))
        return float(lost @ np.nan_to_num(self.known) / lost.sum()) if lost.any() else float("nan")


@cache
def feature_maps(order: str = ORDERS[0]) -> np.ndarray:
    """Grace Hopper's portrait through FILTERS and a ReLU, each map with standard deviation 1: (6, SIDE, SIDE).

    "shuffled": the same values, each pixel moved to another place, with all its channels.
    """
    if choice("order", order, ORDERS) == "shuffled":
        maps = feature_maps()
        places = np.random.default_rng(0).permutation(SIDE * SIDE)
        return maps.reshape(len(maps), -1)[:, places].reshape(maps.shape)
    size = (SIDE + KERNEL - 1,) * 2
    small = Image.fromarray(np.rint(255 * hopper()).astype(np.uint8)).resize(size, Image.Resampling.LANCZOS)
    weight = np.array([sign * make_kernel(name, KERNEL).weights for name, sign in FILTERS.values()])
    maps = relu(conv2d(np.asarray(small, float)[None, None] / 255, weight[:, None])[0])
    maps /= maps.std(axis=(1, 2), keepdims=True)
    maps.setflags(write=False)
    return maps


def neighbour_correlation(maps: np.ndarray) -> float:
    """How alike a value and its right-hand neighbour are, as the mean of the channels' correlations."""
    return float(np.mean([np.corrcoef(m[:, :-1].ravel(), m[:, 1:].ravel())[0, 1] for m in maps]))


def drop_and_guess(p: float, kind: str, *, draw: int = 1, order: str = ORDERS[0], source: str = SOURCES[0]) -> Guessed:
    """Drop some of the maps' values and guess them again, by the best straight line from what is kept to what is lost.

    kind     "dropout": single values; "dropout2d": whole channels
    source   "kept neighbours": the mean of those in the same channel, the nearest counting most;
             "other channels": what these have at the same pixel, where it is kept
    """
    maps, kept = feature_maps(order), which_kept(p, kind, draw)
    near = choice("source", source, SOURCES) == SOURCES[0]
    clues = _neighbours(maps, kept) if near else None
    guess, known = maps.copy(), np.full(len(maps), np.nan)
    for c in np.flatnonzero(~kept.all(axis=(1, 2))).tolist():
        lost = ~kept[c]
        columns = clues[c][lost][:, None] if clues is not None else _others(maps, kept, c)[:, lost].T
        guess[c][lost], known[c] = best_line(columns, maps[c][lost])
    return Guessed(maps, kept, guess, known)


@lru_cache(maxsize=2 * DRAWS)
def which_kept(p: float, kind: str, draw: int) -> np.ndarray:
    """Which values of the maps a draw keeps: (6, SIDE, SIDE)."""
    rng = np.random.default_rng(integer("draw", draw, at_least=0))
    drop = dropout if choice("kind", kind, KINDS) == "dropout" else dropout2d
    kept = drop(feature_maps()[None], probability("p", p), rng=rng)[1][0] > 0
    kept.setflags(write=False)
    return kept


def best_line(columns: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, float]:
    """The least-squares guess of `values` from the columns of clues and a constant, and its R².

    >>> guess, known = best_line(np.array([[0.0], [1.0], [2.0]]), np.array([1.0, 3.0, 5.0]))
    >>> guess.round(6), round(known, 6)
    (array([1., 3., 5.]), 1.0)
    """
    clues = columns - columns.mean(axis=0)
    off = values - values.mean()
    slopes = np.linalg.lstsq(clues.T @ clues, clues.T @ off, rcond=1e-9)[0]
    total = off @ off
    explained = clues @ slopes
    known = 1 - ((off - explained) ** 2).sum() / total if total > 0 else 0.0
    return values.mean() + explained, float(max(known, 0.0))  # below 0 by rounding only


def _neighbours(maps: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """The mean of the kept values around each place, with weights that fall like a bell; the channel's own if none."""
    known, weight = _blurred(np.where(kept, maps, 0.0)), _blurred(kept.astype(float))
    count = np.maximum(kept.sum(axis=(1, 2), keepdims=True), 1)
    overall = np.where(kept, maps, 0.0).sum(axis=(1, 2), keepdims=True) / count
    return np.where(weight > 1e-12, known / np.maximum(weight, 1e-12), overall)


def _blurred(maps: np.ndarray) -> np.ndarray:
    bell = np.exp(-(np.arange(-REACH, REACH + 1) ** 2) / (2 * 0.7**2))
    padded = np.pad(maps, ((0, 0), (REACH, REACH), (REACH, REACH)))
    down = sum(w * padded[:, i : i + maps.shape[1]] for i, w in enumerate(bell))
    return sum(w * down[:, :, i : i + maps.shape[2]] for i, w in enumerate(bell))


def _others(maps: np.ndarray, kept: np.ndarray, c: int) -> np.ndarray:
    """For each other channel its value where kept, 0 where not, and whether it is kept."""
    others = [i for i in range(len(maps)) if i != c]
    return np.concatenate([maps[others] * kept[others], kept[others].astype(float)])
