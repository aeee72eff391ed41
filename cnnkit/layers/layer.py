"""What all layers have in common."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields, is_dataclass
from typing import Any, Self

import numpy as np

from cnnkit._arguments import integer
from cnnkit.layers.init import draw_weight, float_type

Shape = tuple[int, ...]


class Layer:
    """What a network is made of. The layers here are dataclasses: the arguments of one are its fields.

    parameters   what is learnt, by name; weights are there once `draw` has run
    gradients    of those, by the same names: there after `backward`
    buffers      what is kept but not learnt, such as the running mean of batch norm

    Two layers are equal if they are of one kind and have equal arguments, whatever their weights.
    """

    def __init__(self) -> None:
        self.parameters: dict[str, np.ndarray] = {}
        self.gradients: dict[str, np.ndarray] = {}
        self.buffers: dict[str, np.ndarray] = {}
        self.optimizer_state: dict[str, Any] = {}  # what `sgd` and `adam` keep of each parameter
        self.cache: Any = None  # what `forward` leaves for `backward`

    def __post_init__(self) -> None:
        """A dataclass calls this when its fields are there; those that can be wrong are checked here, too."""
        Layer.__init__(self)

    def output_shape(self, shape: Shape) -> Shape:
        """The shape of y for an x of this shape, both without the batch: a layer without a rule for it tries it out."""
        cache = self.cache
        try:
            return self.forward(np.zeros((1, *shape))).shape[1:]
        finally:
            self.cache = cache

    def parameter_shapes(self, shape: Shape | None = None) -> dict[str, Shape]:
        """The shape of each parameter, if x has this shape: known before the weights are drawn."""
        return {name: parameter.shape for name, parameter in self.parameters.items()}

    def count_macs(self, shape: Shape) -> int | None:
        """How many products the layer adds up for one x of this shape; None if there is no rule for it."""
        return None

    def draw(
        self, rng: np.random.Generator | None = None, *, init: str = "he", gain: float = 1.0, dtype: Any = None
    ) -> Self:
        """Make the layer ready to compute, and return it; `Network` does this for all of its layers.

        Weights that are not there yet are drawn from a normal distribution, see `weight_std`. `dtype` is the float
        type of all parameters; without it new weights are float64, and others stay as they are.
        """
        if dtype is not None:
            self.parameters = {name: array.astype(float_type(dtype)) for name, array in self.parameters.items()}
            self.buffers = {name: array.astype(float_type(dtype)) for name, array in self.buffers.items()}
        return self

    def forward(self, x: np.ndarray, *, training: bool = False) -> np.ndarray:
        """y of x. `training` matters to layers that behave differently then."""
        raise NotImplementedError

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """dx of dy, for the x that `forward` saw last; the parameters' gradients go to `self.gradients`."""
        raise NotImplementedError

    def cached(self) -> Any:
        """The cache that `forward` left."""
        if self.cache is None:
            raise ValueError(f"backward needs what forward saw: call forward before backward ({self!r})")
        return self.cache

    @property
    def arguments(self) -> dict[str, Any]:
        """What the layer was built with, by name, but for the source of its random numbers."""
        options: tuple[Any, ...] = fields(self) if is_dataclass(self) else ()
        return {option.name: getattr(self, option.name) for option in options if option.repr}

    def __repr__(self) -> str:
        """As short as the layer can be built: what has no usual value, then the options that differ from theirs."""
        usual = {name: option.default for name, option in getattr(self, "__dataclass_fields__", {}).items()}
        needed = [repr(value) for name, value in self.arguments.items() if usual[name] is MISSING]
        changed = [f"{name}={value!r}" for name, value in self.arguments.items() if usual[name] not in (MISSING, value)]
        return f"{type(self).__name__}({', '.join(needed + changed)})"


@dataclass(repr=False)
class WeightLayer(Layer):
    """A layer with a weight that is drawn at random and a bias that starts at 0, if it has one.

    The network draws the weights from its `rng`; a layer that is given its own draws them at once.
    """

    rng: Any = field(default=None, kw_only=True, repr=False, compare=False)

    @property
    def fans(self) -> tuple[int, int]:
        """fan_in, how many inputs an output adds up, and fan_out, how many outputs an input goes into."""
        raise NotImplementedError

    @property
    def weight(self) -> np.ndarray:
        if "weight" not in self.parameters:
            raise ValueError(f"{self!r} has no weights yet: put it in a Network, which draws them")
        return self.parameters["weight"]

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.rng is not None:
            self.draw(self.rng)

    def draw(
        self, rng: np.random.Generator | None = None, *, init: str = "he", gain: float = 1.0, dtype: Any = None
    ) -> Self:
        if not self.parameters:
            shapes, dtype = self.parameter_shapes(), np.float64 if dtype is None else dtype
            weight = draw_weight(shapes["weight"], *self.fans, rng=rng, init=init, gain=gain, dtype=dtype)
            bias = {"bias": np.zeros(shapes["bias"], weight.dtype)} if "bias" in shapes else {}
            self.parameters = {"weight": weight, **bias}
        return super().draw(dtype=dtype)


class Pixelwise(Layer):
    """A layer that looks at one pixel at a time, and multiplies nothing outside training."""

    kernel_size = 1

    def output_shape(self, shape: Shape) -> Shape:
        return shape

    def count_macs(self, shape: Shape) -> int:
        return 0


def positive(layer: Layer, *names: str) -> None:
    """Refuse arguments that are not whole numbers of at least 1, and keep them as Python's: NumPy's overflow."""
    for name in names:
        setattr(layer, name, integer(name, getattr(layer, name), at_least=1))
