"""The explorers of notebook 03: what dropout switches off, and what that does to a network that learns."""

from __future__ import annotations

from typing import Any, ClassVar

from cnnkit.course.dropout.maps import draw_dropped_maps
from cnnkit.course.dropout.maps_numbers import DRAWS as MAP_DRAWS
from cnnkit.course.dropout.maps_numbers import FILTERS, KINDS, ORDERS, SOURCES
from cnnkit.course.dropout.mask import MOST, draw_mask
from cnnkit.course.dropout.mask_numbers import DRAWS
from cnnkit.course.dropout.overfitting_numbers import IMAGES, PLACES, RATES, WRONG, train
from cnnkit.course.dropout.subnetworks import draw_subnetworks
from cnnkit.course.dropout.subnetworks_math import FOLLOWS
from cnnkit.course.dropout.subnetworks_numbers import SEEDS
from cnnkit.course.kit.explorer import Choice, Explorer, Slider, Steps, Switch
from cnnkit.course.kit.picture import Picture

CONVENTIONS = ("probability to drop", "probability to keep")


class Mask(Explorer):
    """One layer before and after dropout: which units are dropped, how many, and what becomes of their sum."""

    controls: ClassVar = {
        "p": Slider("p", 0.0, 1.0, 0.4, 0.05),
        "units": Slider("units n", 1, MOST, 100),
        "convention": Choice("what p means", CONVENTIONS, CONVENTIONS[0]),
        "draw": Slider("draw", 1, DRAWS, 1, play=True),
        "scaled": Switch("divide by the share kept", True),
        "training": Switch("training", True),
    }

    def idle(self, values: dict[str, Any]) -> set[str]:
        """Where every coin falls on the same side, and when testing, all draws are alike."""
        return {"draw"} if values["p"] in (0, 1) or not values["training"] else set()

    def draw(self, *, p: float, units: int, convention: str, **options: Any) -> Picture:
        return draw_mask(units, p, keeps=convention == CONVENTIONS[1], **options)


class SubNetworks(Explorer):
    """All sub-networks of one small layer: the distribution of their outputs, its mean, and what stands for it."""

    controls: ClassVar = {
        "units": Slider("units n", 1, 10, 6),
        "p": Slider("p (to drop)", 0.05, 0.95, 0.5, 0.05),
        "follows": Choice("what follows", FOLLOWS, "ReLU"),
        "samples": Slider("draws", 5, 500, 50, 5),
        "seed": Slider("seed of the draws", 0, SEEDS - 1, 0, play=True),
    }

    def draw(self, *, units: int, p: float, follows: str, samples: int, seed: int) -> Picture:
        return draw_subnetworks(units, p, follows, samples=samples, seed=seed)


class ElementOrChannel(Explorer):
    """Single values or whole channels of real feature maps dropped: what the rest still gives away about them."""

    controls: ClassVar = {
        "p": Slider("p (to drop)", 0.05, 0.95, 0.5, 0.05),
        "kind": Choice("kind", KINDS, KINDS[0]),
        "source": Choice("guessed from", SOURCES, SOURCES[0]),
        "order": Choice("pixels", ORDERS, ORDERS[0]),
        "chosen": Choice("map", tuple(FILTERS), "brighter above"),
        "draw": Slider("draw", 1, MAP_DRAWS, 1, play=True),
    }

    def draw(self, *, p: float, kind: str, **options: Any) -> Picture:
        return draw_dropped_maps(p, kind, **options)


class Overfitting(Explorer):
    """A small network trained on few digits, anew for each setting once the slider is let go, beside recorded runs."""

    controls: ClassVar = {
        "p": Slider("p (to drop)", RATES[0], RATES[-1], 0.5, 0.1, late=True, play=True),
        "place": Choice("dropout of", PLACES, "hidden"),
        "images": Slider("training images", IMAGES[0], IMAGES[-1], 200, 100, late=True),
        "wrong": Choice("wrong labels", WRONG, "1 in 5"),
        "seed": Slider("seed", 0, 20, 0, late=True, play=True),
    }

    def draw(self, *, p: float, place: str, images: int, wrong: str, seed: int) -> Steps:
        from cnnkit.course.dropout.overfitting import draw_overfitting  # curves: the others need no matplotlib

        for rate in (p, RATES[0]):  # the same seed without dropout, to compare with
            yield from train.steps(rate, place, images, wrong, seed=seed)
        return draw_overfitting(p, place, images, wrong, seed=seed)
