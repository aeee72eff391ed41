"""A torch model, run once, with every call of its modules written down, and every operation that they make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any

from cnnkit import layers
from cnnkit.tracing import reach
from cnnkit.tracing.operations import MADE, products
from cnnkit.tracing.reach import Seen
from cnnkit.tracing.rules import RULES, Call, placed, seen_by
from cnnkit.tracing.table import Step, refused

ACTIVATIONS = (  # and what else changes one number at a time
    "Identity", "ReLU", "PReLU", "ReLU6", "LeakyReLU", "RReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish",
    "Sigmoid", "Tanh", "Softplus", "Softsign", "Softshrink", "Hardshrink", "Tanhshrink", "LogSigmoid", "Threshold",
    "Hardtanh", "Hardsigmoid", "Hardswish", "AlphaDropout", "FeatureAlphaDropout",
)  # fmt: skip
WITHOUT = ("eps", "momentum", "rng")  # options that no shape and no count depends on


def through_module(model: Any, shapes: Sequence[tuple[int, ...]], dtypes: Sequence[Any] | None = None) -> Notes:
    """Send zeros through a torch model in evaluation mode, and return what was noted.

    Without `dtypes` they have the type of the model's parameters; where it does not take that, whole numbers are tried.
    """
    import torch

    like = next((p for p in model.parameters() if p.is_floating_point()), torch.zeros(()))
    if dtypes is not None:
        return _run(model, [torch.zeros(s, device=like.device, dtype=d) for s, d in zip(shapes, dtypes, strict=True)])
    with torch.inference_mode(False):  # whose tensors do not know whether they were changed
        numbers = [torch.zeros(shape, device=like.device, dtype=like.dtype) for shape in shapes]
    try:
        return _run(model, numbers)
    except ValueError:
        if not any(isinstance(module, (torch.nn.Embedding, torch.nn.EmbeddingBag)) for module in model.modules()):
            raise
        return _run(model, [x.long() for x in numbers])


def _run(model: Any, inputs: list[Any]) -> Notes:
    import torch

    notes, modes = Notes(inputs, _spatial(model, inputs)), {module: module.training for module in model.modules()}
    hooks: list[Any] = []
    try:
        for place, module in model.named_modules():
            hooks.append(module.register_forward_pre_hook(partial(notes.enter, place), with_kwargs=True, prepend=True))
            hooks.append(module.register_forward_hook(partial(notes.leave, place)))
        model.eval()
        with torch.inference_mode(False), torch.no_grad(), _watching(notes):
            notes.done(model(*inputs))
    except Exception as problem:  # whatever the model's own code may raise
        raise refused(notes.place, notes.kind, notes.before, problem) from problem
    finally:
        for hook in hooks:
            hook.remove()
        for module, mode in modes.items():
            module.training = mode
    return notes


def _spatial(model: Any, inputs: list[Any]) -> list[range]:
    """The axes of pixels: all behind the batch and the channels, or behind the channels of one image."""
    import torch

    flat = (torch.nn.Conv2d, torch.nn.MaxPool2d, torch.nn.AvgPool2d, torch.nn.ConvTranspose2d)
    images = any(isinstance(module, flat) for module in model.modules())
    return [range(min(2 - (x.dim() == 3 and images), x.dim() - 1), x.dim()) for x in inputs]


@contextmanager
def _watching(notes: Notes) -> Iterator[None]:
    """Tell the notes of each operation of torch, whoever calls it; attention is one product after the other."""
    from torch import Tag
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.overrides import TorchFunctionMode
    from torch.utils._python_dispatch import TorchDispatchMode

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = func(*args, **(kwargs or {}))
            name = func._schema.name.removeprefix("aten::")
            notes.operation(
                name, Tag.pointwise in func.tags, func._schema.is_mutable, (*args, *(kwargs or {}).values()), out
            )
            return out

    class Circles(TorchFunctionMode):
        """Circular padding, which to torch is many copies, is one operation here."""

        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            out = func(*args, **(kwargs or {}))
            if getattr(func, "__name__", "") == "pad" and "circular" in (*args, *(kwargs or {}).values()):
                x, pad = (*args, *(kwargs or {}).values())[:2]
                notes.operation("circular_pad", False, False, (x, pad), out)
            return out

    with sdpa_kernel(SDPBackend.MATH), Circles(), Watch():
        yield


@dataclass
class Frame:
    """One call of a module: what it computed itself, without its children."""

    first: int  # how many rows there were before
    before: tuple[int, ...]
    leaf: bool = False  # whether it has no children
    plain: bool = False  # a layer of torch's own, whose weights are what it holds
    anew: bool = False  # one whose weights are made anew in each call
    kind: str = ""
    macs: int = 0
    unknown: set[str] = field(default_factory=set)  # operations that there is no rule for


class Notes:
    """What is written down when a module is entered and left, and in between."""

    def __init__(self, inputs: list[Any], spatial: list[range]) -> None:
        from torch.utils.weak import WeakTensorKeyDictionary

        self.steps: list[Step] = []
        self.counted: set[int] = set()  # parameters; one that is used twice is learnt once
        self.seen: Any = WeakTensorKeyDictionary()  # what a tensor sees, None if unknown; a constant is not in it
        self.changes: dict[int, int] = {}  # how often memory was changed that several tensors look at
        self.cuts: Any = WeakTensorKeyDictionary()  # what was cut out of a tensor that sees nothing yet, and how
        self.noted: Any = WeakTensorKeyDictionary()  # and how often when a tensor's state was noted
        self.several = len(inputs) > 1
        batched = spatial[0].start > 1 or inputs[0].dim() == 2
        for x, dims in zip(inputs, spatial, strict=True):
            self.seen[x] = reach.pixels(x.shape, dims, x.shape[0] if batched else 1)
        if len({tuple(x.shape[dim] for dim in dims) for x, dims in zip(inputs, spatial, strict=True)}) > 1:
            self.seen = WeakTensorKeyDictionary((x, None) for x in inputs)  # pixels of which input?
        self.frames = [Frame(0, tuple(inputs[0].shape))]
        self.place, self.kind, self.before = "", "", tuple(inputs[0].shape)

    def enter(self, place: str, module: Any, args: Any, named: Any) -> None:
        x, leaf = _first_tensor((args, named)), not any(module.children())
        frame = Frame(len(self.steps), _shape(x), leaf, leaf and _unchanged(module), _plain(module) is not type(module))
        self.frames.append(frame)
        if frame.leaf or frame.anew:
            frame.kind = _kind(module)
            self.place, self.kind, self.before = place, frame.kind, frame.before

    def leave(self, place: str, module: Any, args: Any, output: Any) -> None:
        frame = self.frames.pop()
        if frame.anew:  # its children made its weights, which depend on no input
            del self.steps[frame.first :]
        alone = len(self.steps) == frame.first and (frame.macs or frame.unknown)
        if frame.leaf or frame.anew or alone:
            step = self._step(place, module, frame, _first_tensor(output))
            self.steps.append(step)
            self.place, self.kind, self.before = f"after {place}", step.kind, step.after
        else:
            self.frames[0].macs += frame.macs
            self.frames[0].unknown |= {f"{name} in {type(module).__name__}" for name in frame.unknown}

    def _step(self, place: str, module: Any, frame: Frame, output: Any) -> Step:
        parameters = dict(module.named_parameters(recurse=not frame.leaf))
        weights = {name: parameter.numel() for name, parameter in parameters.items()}
        new = sum(weights[name] for name, parameter in parameters.items() if id(parameter) not in self.counted)
        self.counted |= {id(parameter) for parameter in parameters.values()}
        kind, macs = frame.kind or _kind(module), None if frame.unknown and not frame.macs else frame.macs
        seen, unknown = self._field(module, frame, output), sorted(frame.unknown)
        return Step(
            place, kind, frame.before, _shape(output), weights if frame.plain else None, new, macs, seen, unknown
        )

    def _field(self, module: Any, frame: Frame, output: Any) -> Any:
        """What is said of a layer's output, if anything."""
        seen = reach.field(self._what(output))
        # a class of its own that does what there is no rule for
        own = not RULES.keys() >= frame.unknown and not _derived(module)
        several = seen == layers.ALL and self.several  # all of one input need not be all of the others
        return None if own or several else seen

    def done(self, output: Any) -> None:
        """What comes out though no operation led there was computed elsewhere, as in NumPy."""
        last = _first_tensor(output)
        if last is not None and not self._depends(last):
            self.frames[0].unknown.add("what is computed outside torch")

    def operation(self, name: str, pointwise: bool, changes: bool, args: Any, out: Any) -> None:
        """One operation: its products go to the module that is at work, and what it sees to its output."""
        tensors = [x for x in _tensors(args) if self._depends(x)]
        if changes and name.endswith("_") and not name.startswith("__"):
            name = name.removesuffix("_")
        results = list(_tensors(out))
        if not tensors or name in MADE:
            if self.frames[-1].plain and results:  # a layer at work on what depends on no input, such as a table
                self.frames[-1].macs += products(name, pointwise, args, results[0]) or 0
            for result in results if not changes else ():
                self.changes.pop(_memory(result), None)
                if name in ("slice", "select"):
                    self.cuts[result] = (name, args)
            return
        counted = products(name, pointwise, args, results[0] if results else None)
        if counted is None:
            self.frames[-1].unknown.add(name)
        else:
            self.frames[-1].macs += counted
        for result, state in zip(results, self._seen_by(name, pointwise, args, tensors, results), strict=True):
            self._note(result, state, changes)

    def _seen_by(self, name: str, pointwise: bool, args: Any, tensors: list[Any], results: list[Any]) -> list[Any]:
        states = [self._what(x) for x in tensors]
        if any(state is None for state in states) or not results:
            return [None] * len(results)
        return seen_by(name, pointwise, Call(args, results, tensors, states))  # type: ignore[arg-type]

    def _note(self, result: Any, state: Seen | None, changes: bool) -> None:
        memory = _memory(result)
        # after a change whoever looks at the same memory sees something else, too
        if changes and state is not self.seen.get(result) and self._shared(result):
            self.changes[memory] = self.changes.get(memory, 0) + 1
        self._set(result, state)
        while changes and result in self.cuts:  # a part is filled, and with it the whole
            name, args = self.cuts[result]
            if args[0] in self.seen:
                break
            state = state and placed(name, args, result, state)
            result = args[0]
            self._set(result, state)

    def _set(self, result: Any, state: Seen | None) -> None:
        self.seen[result] = state
        memory = _memory(result)
        if memory in self.changes:
            self.noted[result] = self.changes[memory]

    def _shared(self, x: Any) -> bool:
        memory = x.untyped_storage()
        if x.numel() * x.element_size() != memory.nbytes():  # a part of it
            return True
        return any(y is not x and _memory(y) == memory.data_ptr() for y in self.seen)

    def _depends(self, x: Any) -> bool:
        return x in self.seen or _memory(x) in self.changes

    def _what(self, x: Any) -> Seen | None:
        if x is None or (_memory(x) in self.changes and self.noted.get(x) != self.changes[_memory(x)]):
            return None
        return self.seen.get(x)


def _memory(x: Any) -> int:
    return int(x.untyped_storage().data_ptr())


def _tensors(values: Any) -> Iterator[Any]:
    """All tensors among the arguments or results of an operation, or the one that it is."""
    if isinstance(values, (tuple, list)):
        for value in values:
            yield from _tensors(value)
    elif hasattr(values, "untyped_storage"):
        yield values


def _first_tensor(values: Any) -> Any:
    """The first of what a layer is given or gives, which may be several, one in another: (y, (h, c)) of an LSTM."""
    if isinstance(values, dict):
        values = tuple(values.values())
    if isinstance(values, (tuple, list)):
        return next((found for found in map(_first_tensor, values) if found is not None), None)
    return values if hasattr(values, "_version") else None


def _shape(x: Any) -> tuple[int, ...]:
    return () if x is None else tuple(x.shape)


def _torchs(kind: type) -> bool:
    """Whether a class is one of torch's own layers."""
    from torch import nn

    return kind is getattr(nn, kind.__name__, None)


def _unchanged(module: Any) -> bool:
    """Whether a module is one of torch's own layers, and its weights are not made anew in each call."""
    return _torchs(type(module)) and not hasattr(module, "weight_orig") and not hasattr(module, "weight_g")


def _derived(module: Any) -> bool:
    """Whether a module is one of torch's own layers, or of a class derived from one."""
    from torch import nn

    return any(_torchs(kind) for kind in type(module).__mro__ if kind not in (nn.Module, object))


def _plain(module: Any) -> type:
    """The class of a module, or the one that torch derived it from to compute a weight anew in each call."""
    from torch.nn.utils.parametrize import is_parametrized

    return type(module).__bases__[0] if is_parametrized(module) else type(module)


def _kind(module: Any) -> str:
    """As `cnnkit.layers` writes it where it is a class of torch that it knows, else the name of the class."""

    kind, layer = _plain(module), _layer(module)
    if layer is None:
        return kind.__name__
    if isinstance(layer, layers.Activation):
        slopes = getattr(module, "num_parameters", 1)
        return (
            f"{kind.__name__}({slopes if slopes > 1 else ''})" if kind.__name__ in ("ReLU", "PReLU") else kind.__name__
        )
    return repr(layer)


def _layer(module: Any) -> layers.Layer | None:
    """The layer of `cnnkit.layers` that is built alike, or None."""
    kind = _plain(module)
    name = kind.__name__
    if not _torchs(kind) or _padded_unevenly(module):
        return None
    if name in ACTIVATIONS:
        return layers.Activation("identity")
    ours = getattr(layers, name, None)
    if ours not in layers.KINDS or (name == "Flatten" and (module.start_dim, module.end_dim) != (1, -1)):
        return None
    try:
        return ours(
            **{option.name: _option(module, option.name) for option in fields(ours) if option.name not in WITHOUT}
        )
    except (AttributeError, ValueError):  # torch takes some options that cannot compute, such as 0 features
        return None


def _option(module: Any, name: str) -> Any:
    """One number of a module, as it would be written by hand: 3 for (3, 3), and no stride where it is the kernel's."""
    value = getattr(module, name)
    if name == "bias":
        return value is not None
    if name == "stride" and hasattr(module, "ceil_mode") and value == module.kernel_size:
        return None
    if name == "padding" and isinstance(value, str):
        value = tuple(lost // 2 * (value == "same") for lost in _lost(module))
    return value[0] if isinstance(value, tuple) and len(set(value)) == 1 else value


def _padded_unevenly(module: Any) -> bool:
    """Whether padding="same" puts one more pixel on one side than on the other."""
    return getattr(module, "padding", 0) == "same" and any(lost % 2 for lost in _lost(module))


def _lost(module: Any) -> list[int]:
    """How many pixels smaller the output of a convolution is without padding, along each axis."""
    return [d * (k - 1) for k, d in zip(module.kernel_size, module.dilation, strict=True)]
