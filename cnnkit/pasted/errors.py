"""What the messages of PyTorch and Keras about shapes say, in the words of the course, and what to change.

explain("mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)")
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Match = re.Match[str]
LARGEST = 10_000  # characters of a message


def explain(message: str) -> str:
    """Say what a shape error means and what to change, in Markdown.

    Errors: ValueError for what is none of the messages that are known here.

    >>> print(explain("RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)"))
    A `Linear` layer made for **120** numbers was given **400**, in each of 32 rows.
    <BLANKLINE>
    Change that layer to `nn.Linear(400, 84)`, if the layers before it are right. 400 is what they put out.
    """
    if not isinstance(message, str):
        raise ValueError(f"message must be the text of an error, got a {type(message).__name__}")
    text = " ".join(message[:LARGEST].split())
    for pattern, answer in KNOWN:
        if found := re.search(pattern, text, re.IGNORECASE):
            return answer(found)
    raise ValueError(
        "this message is not known here; known are those about shapes, such as "
        "'mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)'"
    )


def _two(first: str, second: str) -> str:
    return f"{first}\n\n{second}"


def _mat(found: Match) -> str:
    rows, given, taken, out = map(int, found.groups())
    said = f"A `Linear` layer made for **{taken}** numbers was given **{given}**, in each of {rows} rows."
    if rows * given == taken:
        return _two(
            f"{said} {rows} · {given} = {taken}: it seems that there is no batch, and the channels were taken for one.",
            "Give it a batch, `x[None]` is a batch of one, and keep axis 0: `torch.flatten(x, 1)`.",
        )
    if rows * given % taken == 0:
        return _two(
            f"{said} All rows together have {rows * given // taken} times {taken} numbers: it seems that the maps were "
            "never laid out as one row.",
            "Put `nn.Flatten()`, or `x = torch.flatten(x, 1)`, before it.",
        )
    return _two(
        said,
        f"Change that layer to `nn.Linear({given}, {out})`, if the layers before it are right. "
        f"{given} is what they put out.",
    )


def _channels(found: Match) -> str:
    groups, weight, given, wanted, got = found.groups()
    sides = [int(side) for side in re.findall(r"\d+", weight)]
    shape = [int(side) for side in re.findall(r"\d+", given)]
    said = f"A convolution made for **{wanted}** channels was given **{got}**: its input has the shape {_sides(shape)}."
    if shape[-1] == int(wanted) and len(shape) > 2:
        order = "x.permute(0, 3, 1, 2)" if len(shape) == 4 else "x.permute(2, 0, 1)"
        return _two(
            f"{said} The channels stand last; PyTorch wants (N, C, H, W).", f"Turn them to the front: `{order}`."
        )
    if len(shape) == 3 and shape[0] != int(got):
        return _two(said, "Is the batch missing? `x[None]` is a batch of one.")
    kernel = sides[2:]
    size = kernel[0] if len(set(kernel)) == 1 else tuple(kernel)
    rest = f", groups={groups}" if groups != "1" else ""
    return _two(
        said, f"Change that layer to `nn.Conv2d({got}, {sides[0]}, {size}{rest})`, or give it {wanted} channels."
    )


def _too_small(found: Match) -> str:
    height, width, kh, kw = map(int, found.groups())
    return _two(
        f"A kernel of **{kh} × {kw}** does not fit into **{height} × {width}** pixels, the padding included.",
        "The layers before it shrink the image too much: begin with a larger one, pool or stride less, or pad.",
    )


def _pooled_away(found: Match) -> str:
    c, h, w = found.group(1), found.group(2), found.group(3)
    return _two(
        f"A pooling was given maps of **{h} × {w}** pixels, {c} of them, and no window fits into that.",
        "Begin with a larger image, or leave a pooling out.",
    )


def _negative(found: Match) -> str:
    k, n = found.groups()
    return _two(
        f"A kernel of **{k}** pixels does not fit into **{n}**.",
        'Begin with a larger image, pool less often, or use `padding="same"`.',
    )


def _dimensions(found: Match) -> str:
    shape = [int(side) for side in re.findall(r"\d+", found.group(1))]
    mend = "`x[None, None]` adds the batch and the channel."
    if len(shape) > 4:
        mend = f"Axes must become one, for example with `x.flatten(0, {len(shape) - 4})`."
    return _two(f"A layer for images was given **{len(shape)} axes**, {_sides(shape)}; it takes (N, C, H, W).", mend)


def _axes(found: Match) -> str:
    wanted, given = found.groups()
    kind = "`nn.BatchNorm2d` takes maps, (N, C, H, W), and `nn.BatchNorm1d` rows of features, (N, C)."
    return _two(f"A layer was given **{given} axes**; it takes **{wanted}**.", f"Of the batch norms, {kind}")


def _batches(found: Match) -> str:
    given, wanted = found.groups()
    return _two(
        f"The loss was given **{given}** outputs and **{wanted}** targets.",
        "Often a `view` or a `flatten` between them has moved numbers from one example to another: print the shapes.",
    )


def _cat(found: Match) -> str:
    axis, a, b = found.groups()
    return _two(
        f"Branches that are put one behind the other along axis {axis} differ along another: **{a}** against **{b}**.",
        "All branches must have the same height and width: give each the same stride, and pad by (k − 1)/2.",
    )


def _target_size(found: Match) -> str:
    target, given = found.groups()
    return _two(
        f"The target has the shape [{target}], the output [{given}].",
        "Give both the same: `output.squeeze(1)` takes an axis of length 1 away, `target.unsqueeze(1)` adds one.",
    )


def _running(found: Match) -> str:
    held, given = found.groups()
    return _two(
        f"A batch norm made for **{given}** channels was given **{held}**.", f"Change it to `nn.BatchNorm2d({held})`."
    )


def _broadcast(found: Match) -> str:
    a, b, axis = found.groups()
    names = {"0": "the batch", "1": "the channels", "2": "the height", "3": "the width"}
    what = f", {names[axis]}," if axis in names else ""
    return _two(
        f"Two tensors that are added, or compared, differ along axis {axis}{what} **{a}** against **{b}**.",
        "Where two branches meet, both must have one shape: pad, stride, or use a 1 × 1 convolution in the other one. "
        "In a loss, the output and the target must have the shapes that its documentation asks for.",
    )


def _one_value(found: Match) -> str:
    shape = [int(side) for side in re.findall(r"\d+", found.group(1))]
    return _two(
        f"Batch norm needs more than one number for each channel in training, and was given {_sides(shape)}.",
        "Use a batch of at least two (`drop_last=True` in the DataLoader), or call `model.eval()` to predict.",
    )


def _target(found: Match) -> str:
    number = int(found.group(1))
    return _two(
        f"The class **{number}** is asked for, and the network has no output with that number: they count from 0.",
        f"The last layer needs at least {number + 1} outputs, or the labels must start at 0."
        if number >= 0
        else "Labels must not be negative.",
    )


def _types(found: Match) -> str:
    return _two(
        "The input and the weights have different types of numbers, or lie on different devices.",
        "Convert the input: `x = x.float()`, and `x = x.to(device)` if the model is on a GPU.",
    )


def _view(found: Match) -> str:
    wanted, size = found.group(1), int(found.group(2))
    fixed = 1
    for side in re.findall(r"-?\d+", wanted):
        fixed *= int(side) if int(side) > 0 else 1
    return _two(
        f"**{size:,}** numbers cannot be laid out as [{wanted}]: {size:,} is no multiple of {fixed:,}.",
        "Use `torch.flatten(x, 1)`, which counts for you; its output's length is the next layer's `in_features`.",
    )


def _dense(found: Match) -> str:
    wanted, shape = found.groups()
    sides = re.findall(r"\d+", shape)
    return _two(
        f"A `Dense` layer built for **{wanted}** numbers was given **{sides[-1]}**.",
        "The image has another size than when the model was built: resize it, or build the model for it.",
    )


def _sides(shape: list[int]) -> str:
    return f"[{', '.join(map(str, shape))}]"


KNOWN: tuple[tuple[str, Callable[[Match], Any]], ...] = (
    (r"mat1 and mat2 shapes cannot be multiplied \((\d+)x(\d+) and (\d+)x(\d+)\)", _mat),
    (r"groups=(\d+), weight of size \[([\d, ]+)\], expected input\[([\d, ]+)\] to have (\d+) channels, but got (\d+)",
     _channels),
    (r"padded input size per channel: \((\d+) x (\d+)\)\. Kernel size: \((\d+) x (\d+)\)", _too_small),
    (r"Given input size: \((\d+)x(\d+)x(\d+)\)\. Calculated output size: .* too small", _pooled_away),
    (r"Negative dimension size caused by subtracting (\d+) from (\d+)", _negative),
    (r"Expected 3D \(unbatched\) or 4D \(batched\) input to \w+, but got input of size: \[([\d, ]+)\]", _dimensions),
    (r"running_mean should contain (\d+) elements not (\d+)", _running),
    (r"size of tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)",
     _broadcast),
    (r"Expected more than 1 value per channel when training, got input size (?:torch\.Size\()?\[([\d, ]+)\]",
     _one_value),
    (r"expected (\d)D(?: or \d?D)? input \(got (\d)D input\)", _axes),
    (r"Expected input batch_size \((\d+)\) to match target batch_size \((\d+)\)", _batches),
    (r"Sizes of tensors must match except in dimension (\d+)\. Expected size (\d+) but got size (\d+)", _cat),
    (r"target size \(torch\.Size\(\[([\d, ]+)\]\)\) .* input size \(torch\.Size\(\[([\d, ]+)\]\)\)", _target_size),
    (r"Target (-?\d+) is out of bounds", _target),
    (r"Input type \(.*\) and (?:weight|bias) type \(.*\) should be the same|expected scalar type \w+ but found \w+"
     r"|mat1 and mat2 must have the same dtype|Expected all tensors to be on the same device", _types),
    (r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", _view),
    (r"expected axis -1 of input shape to have value (\d+),? but received input with shape \(([\w, ]+)\)", _dense),
)  # fmt: skip
