"""What the messages of PyTorch and Keras about shapes say, in the words of the course, and what to change.

explain("mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)")
"""

from __future__ import annotations

import re
from collections.abc import Callable
from math import prod
from typing import Any

Match = re.Match[str]
LARGEST = 10_000  # characters of a message


def explain(message: str) -> str:
    """Say what a shape error means and what to change, in Markdown.

    Errors: ValueError for what is none of the messages that are known here.

    >>> said = explain("RuntimeError: mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)")
    >>> print(said.partition(", if the layers before it are right")[0])
    A `Linear` layer made for **120** numbers was given **400**, in each of 32 rows.
    <BLANKLINE>
    Change that layer to `nn.Linear(400, 84)`
    """
    if not isinstance(message, str):
        raise ValueError(f"message must be the text of an error, got a {type(message).__name__}")
    text = plain(message[-LARGEST:])
    for pattern, answer in KNOWN:
        if found := re.search(pattern, text, re.IGNORECASE):
            return answer(found)
    raise ValueError(
        "this message is not known here; known are those about shapes, such as "
        "'mat1 and mat2 shapes cannot be multiplied (32x400 and 120x84)'"
    )


def plain(message: str) -> str:
    """A message on one line, without the colours of a terminal and the frames of a traceback."""
    return " ".join(re.sub(r"\x1b\[[\d;]*m|[│┃]", "", message).split())


def _two(first: str, second: str) -> str:
    return f"{first}\n\n{second}"


def _mat(found: Match) -> str:
    rows, given, taken, out = map(int, found.groups())
    each = f"in each of {rows} rows" if rows > 1 else "in one row"
    said = f"A `Linear` layer made for **{taken}** numbers was given **{given}**, {each}."
    if rows > 1 and rows * given == taken:
        return _two(
            f"{said} {rows} · {given} = {taken}: it seems that the maps of one image were never laid out as one row; "
            "or there is no batch, and the channels were taken for one.",
            "Put `nn.Flatten()`, or `x = torch.flatten(x, 1)`, before it. If that stands there, give the image a "
            "batch: `x[None]` is a batch of one.",
        )
    if given < taken and taken % given == 0 and rows * given % taken == 0:
        return _two(
            f"{said} All rows together have {rows * given // taken} times {taken} numbers: it seems that the maps were "
            "never laid out as one row.",
            f"Put `nn.Flatten()`, or `x = torch.flatten(x, 1)`, before it. If that stands there, its number is wrong: "
            f"`nn.Linear({given}, {out})`.",
        )
    return _two(
        said,
        f"Change that layer to `nn.Linear({given}, {out})`, if the layers before it are right. "
        f"{given} is what they put out. If they put out maps, `nn.Flatten()` is missing before it.",
    )


def _channels(found: Match) -> str:
    transposed, weight, given, wanted, got = found.group("kind", "weight", "input", "wanted", "got")
    sides, shape = _numbers(weight or ""), _numbers(given)
    layer = f"{'Transpose' if transposed else ''}{len(sides) - 2 if sides else len(shape) - 2}d"
    said = f"A convolution made for **{wanted}** channels was given **{got}**: its input has the shape {_sides(shape)}."
    if shape[-1] == int(wanted) and len(shape) > 2:
        order = "x.permute(0, 3, 1, 2)" if len(shape) == 4 else "x.permute(2, 0, 1)"
        return _two(
            f"{said} The channels stand last; PyTorch wants (N, C, H, W).", f"Turn them to the front: `{order}`."
        )
    if wanted == "1" and len(shape) == 4 and shape[0] == 1:
        return _two(
            f"{said} PyTorch shows a 1 in front where the batch is missing: these may be {got} images without an axis "
            "for their channel.",
            f"Then `x.unsqueeze(1)` adds it. If the image has {got} channels, change that layer's `in_channels` to "
            f"{got}; its other arguments stay.",
        )
    if len(shape) == 3 and len(sides) != 3:
        return _two(said, "Is the batch missing? `x[None]` is a batch of one.")
    if not sides:
        return _two(said, f"Change that layer's `in_channels` to {got}, or give it {wanted} channels.")
    conv = _conv(layer, sides, got, found.group("groups"))
    return _two(
        said,
        f"Change that layer's `in_channels` to {got}: `{conv}`. Keep its other arguments, such as stride and padding. "
        f"Or give it {wanted} channels.",
    )


def _conv(layer: str, sides: list[int], got: str, groups: str | None) -> str:
    """As much of the layer as its weight's size says."""
    kernel = sides[2:]
    size = kernel[0] if len(set(kernel)) == 1 else tuple(kernel)
    out = sides[1] if layer.startswith("Transpose") else sides[0]
    rest = f", groups={groups}" if groups not in (None, "1") and not layer.startswith("Transpose") else ""
    return f"nn.Conv{layer}({got}, {out}, {size}{rest}, …)"


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
    name, shape = found.group(1).lower(), _numbers(found.group(2))
    if "1d" in name:
        return _two(
            f"A layer for sequences was given **{len(shape)} axes**, {_sides(shape)}; it takes (N, C, L).",
            "For images use its 2d sister, such as `nn.Conv2d`.",
        )
    mend = "`x[None, None]` adds the batch and the channel."
    if len(shape) > 4:
        mend = f"Axes must become one, for example with `x.flatten(0, {len(shape) - 4})`."
    if len(shape) == 2 and min(shape) > 0 and found.string.count("flatten"):
        mend += " If a Flatten stands before it, the convolutions must come first."
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
        f"A batch norm made for **{given}** channels was given **{held}**.",
        f"Change it to `nn.BatchNorm2d({held})`, or `nn.BatchNorm1d({held})` if it stands behind a Linear.",
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
    name, wanted, shape = found.groups()
    last = re.findall(r"\w+", shape)[-1]
    if name and "conv" in name.lower():
        return _two(
            f"A convolution built for **{wanted}** channels was given **{last}**: Keras has the channels last.",
            f"Give it images with {wanted} channels, or build the model with `Input((…, …, {last}))`.",
        )
    kind = "`Dense`" if not name or "dense" in name.lower() else name
    return _two(
        f"A {kind} layer built for **{wanted}** numbers was given **{last}**.",
        "The image has another size than when the model was built: resize it, or build the model for it.",
    )


def _min_ndim(found: Match) -> str:
    name, wanted, given, shape = found.groups()
    flat = " A Flatten, a Dense or a global pooling before it has taken height and width away." if given == "2" else ""
    return _two(
        f"The layer {name} takes **{wanted}** axes and was given **{given}**, ({shape}).{flat}",
        "Images need (batch, height, width, channels): `x[..., None]` adds the channel, `x[None]` a batch of one."
        if given == "3" else "Put the layers for images before those for rows.",
    )  # fmt: skip


def _keras_shape(found: Match) -> str:
    wanted, given = found.groups()
    missing = _numbers(given) == _numbers(wanted)[:-1] and _numbers(wanted)[-1:] == [1]
    mend = "`x[..., None]` adds the channel." if missing else "Resize or reshape the input, or build the model for it."
    return _two(f"The model was built for the shape **({wanted})** and was given **({given})**.", mend)


def _keras_labels(found: Match) -> str:
    return _two(
        f"The loss was given shapes that do not go together: **{found.group(1)}** and **{found.group(2)}**.",
        'Labels that are numbers of classes need the loss `"sparse_categorical_crossentropy"`, one-hot labels '
        '`"categorical_crossentropy"`; the last `Dense` needs as many units as there are classes.',
    )


def _keras_branches(found: Match) -> str:
    return _two(
        f"Branches that meet have different shapes: {found.group(1)}.",
        'Give each the same height and width: the same strides, and `padding="same"`. To add them they need the same '
        "number of channels, too: a 1 × 1 convolution changes it.",
    )


def _keras_reshape(found: Match) -> str:
    given, wanted = (_numbers(sides) for sides in found.groups())
    return _two(
        f"**{prod(given):,}** numbers cannot become {' × '.join(map(str, wanted))} = **{prod(wanted):,}**.",
        f"The layer before must put out {prod(wanted):,} numbers, or the shape must have {prod(given):,}.",
    )


def _keras_small(found: Match) -> str:
    sides = _numbers(found.group(1).replace("None", ""))
    return _two(
        f"A kernel does not fit into **{sides[0]} × {sides[1]}** pixels."
        if len(sides) > 1 else "A kernel does not fit into the pixels that are left.",
        'Begin with a larger image, pool less often, or use `padding="same"`.',
    )  # fmt: skip


def _label(found: Match) -> str:
    return _two(
        f"The class **{found.group(1)}** is asked for, and the network has outputs 0 to {int(found.group(2)) - 1}.",
        f"The last `Dense` needs at least {int(found.group(1)) + 1} units, or the labels must start at 0.",
    )


def _multi_target(found: Match) -> str:
    return _two(
        "The loss takes one number of a class for each image, and was given a target with more axes.",
        "`target.squeeze(1)` takes an axis of length 1 away; one-hot targets become numbers by `target.argmax(1)`.",
    )


def _long(found: Match) -> str:
    return _two("The loss takes classes as whole numbers.", "Convert the target: `target.long()`.")


def _strides(found: Match) -> str:
    return _two(
        "After a `permute` or a `transpose` the numbers do not lie in order, and `view` cannot lay them out anew.",
        "Use `x.reshape(…)`, or `torch.flatten(x, 1)`.",
    )


def _layer_norm(found: Match) -> str:
    wanted, shape = found.groups()
    return _two(
        f"A `LayerNorm` made for **[{wanted}]** as the last axes was given **[{shape}]**.",
        "Change its `normalized_shape` to the last axes that come in.",
    )


def _group_norm(found: Match) -> str:
    shape, groups = _numbers(found.group(1)), found.group(2)
    return _two(
        f"A `GroupNorm` of **{groups}** groups was given **{shape[1]}** channels, which it cannot share out evenly.",
        f"Choose a number of groups that divides {shape[1]}.",
    )


def _groups(found: Match) -> str:
    return _two(
        f"The groups of a convolution must divide its {found.group(1)}.",
        "Choose another number of groups, or of channels.",
    )


def _prelu(found: Match) -> str:
    slopes, channels = found.groups()
    return _two(f"A `PReLU` with **{slopes}** slopes was given **{channels}** channels.",
                f"Change it to `nn.PReLU({channels})`, or to `nn.PReLU()`, one slope for all.")  # fmt: skip


def _pool_pad(found: Match) -> str:
    return _two(
        f"A pooling pads by **{found.group(1)}** pixels, more than half of its kernel of **{found.group(2)}**.",
        f"Its padding must be at most {int(found.group(2)) // 2}.",
    )


def _same_stride(found: Match) -> str:
    return _two(
        'PyTorch has no padding="same" for a stride above 1.',
        "Write the padding as a number: (k − 1)/2 of an odd kernel of k gives ⌈n / s⌉ pixels.",
    )


def _stacked(found: Match) -> str:
    return _two(
        f"Tensors that are stacked differ in shape: **[{found.group(1)}]** against **[{found.group(2)}]**.",
        "In a DataLoader, all images must have one size: resize or crop them in its transform.",
    )


def _numbers(text: str) -> list[int]:
    return [int(side) for side in re.findall(r"\d+", text)]


def _sides(shape: list[int]) -> str:
    return f"[{', '.join(map(str, shape))}]"


KNOWN: tuple[tuple[str, Callable[[Match], Any]], ...] = (
    (r"\((\d+)x(\d+) and (\d+)x(\d+)\)", _mat),
    (r"(?:(?:groups=(?P<groups>\d+)|(?P<kind>transposed)=1), )?(?:weight )?(?:of size \[(?P<weight>[\d, ]+)\], )?"
     r"(?:expected )?input\[(?P<input>[\d, ]+)\] to have (?P<wanted>\d+) channels, but got (?P<got>\d+)", _channels),
    (r"input size per channel: \((\d+) x (\d+)\)\. Kernel size: \((\d+) x (\d+)\)", _too_small),
    (r"Given input size: \((\d+)x(\d+)x(\d+)\)\. Calculated output size: .* too small", _pooled_away),
    (r"Negative dimension size caused by subtracting (\d+) from (\d+)", _negative),
    (r"(?:Expected \dD \(unbatched\) or \dD \(batched\) )?input to (\w+), but got input of size: \[([\d, ]+)\]",
     _dimensions),
    (r"should contain (\d+) elements not (\d+)", _running),
    (r"tensor a \((\d+)\) must match the size of tensor b \((\d+)\) at non-singleton dimension (\d+)", _broadcast),
    (r"Expected more than 1 value per channel when training, got input size (?:torch\.Size\()?\[([\d, ]+)\]",
     _one_value),
    (r"expected (\d)D(?: or \d?D)? input \(got (\d)D input\)", _axes),
    (r"input batch_size \((\d+)\) to match target batch_size \((\d+)\)", _batches),
    (r"must match except in dimension (\d+)\. (?:Expected size|Got) (\d+) (?:but got size|and) (\d+)", _cat),
    (r"target size \(torch\.Size\(\[([\d, ]+)\]\)\) .* input size \(torch\.Size\(\[([\d, ]+)\]\)\)", _target_size),
    (r"Target (-?\d+) is out of bounds", _target),
    (r"multi-target not supported", _multi_target),
    (r"expected (?:target dtype to be Long|scalar type Long)", _long),
    (r"Input type \(.*\) and (?:weight|bias) type \(.*\) should be the same|expected scalar type \w+ but found \w+"
     r"|mat1 and mat2 must have the same dtype|Expected all tensors to be on the same device", _types),
    (r"shape '\[([-\d, ]+)\]' is invalid for input of size (\d+)", _view),
    (r"view size is not compatible with input tensor's size and stride", _strides),
    (r"Given normalized_shape=\[([\d, ]+)\], .* got input of size ?\[([\d, ]+)\]", _layer_norm),
    (r"divisible by num_groups, but got input of shape \[([\d, ]+)\] and num_groups ?= ?(\d+)", _group_norm),
    (r"(in_channels|out_channels) must be divisible by groups", _groups),
    (r"parameter numbers = (\d+) and channel size = (\d+)", _prelu),
    (r"pad should be at most half of (?:effective )?kernel size, but got pad=(\d+), kernel_size=(\d+)", _pool_pad),
    (r"padding='same' is not supported for strided convolutions", _same_stride),
    (r"stack expects each tensor to be equal size, but got \[([\d, ]+)\] at entry \d+ and \[([\d, ]+)\]", _stacked),
    (r"(?:layer \"?(\w+)\"? .*)?expected axis -1 of input shape to have value (\d+),? but received input with shape "
     r"[(\[]([\w, ]+)[)\]]", _dense),
    (r"layer \"?(\w+)\"? .*expected min_ndim=(\d), found ndim=(\d)\. Full shape received: [(\[]([\w, ]+)[)\]]",
     _min_ndim),
    (r"expected shape=\(([\w, ]+)\), found shape=\(([\w, ]+)\)", _keras_shape),
    (r"Shapes \(([\w, ]+)\) and \(([\w, ]+)\) are incompatible", _keras_labels),
    (r"logits_size=\[([\d,]+)\] labels_size=\[([\d,]+)\]", _keras_labels),
    (r"target\.shape=\(([\w, ]+)\), output\.shape=\(([\w, ]+)\)", _keras_labels),
    (r"requires inputs with matching shapes .*(?:input_shape=|Got inputs shapes: )\[(.*)\]", _keras_branches),
    (r"Inputs have incompatible shapes\. Received shapes (\([\d, ]+\) and \([\d, ]+\))", _keras_branches),
    (r"must be unchanged.*input_shape ?= ?[(\[]([\d, ]+)[)\]], (?:output|target)_shape ?= ?[(\[]([\d, ]+)[)\]]",
     _keras_reshape),
    (r"output size would be negative\. Received `inputs\.shape=\(([\w, ]+)\)", _keras_small),
    (r"<= 0 due to downsampling.* input shape \[([\w, ]+)\]", _keras_small),
    (r"label value of (\d+) which is outside the valid range of \[0, (\d+)\)", _label),
)  # fmt: skip
