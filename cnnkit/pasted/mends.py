"""What does not fit in a chain of layers, and the code that does."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from cnnkit.layers.layer import Shape
from cnnkit.pasted.code import Call, Edit, Source, Unreadable
from cnnkit.pasted.layers import MAPS, TAKES, TORCH, Torn, bound, plain


class Mend(NamedTuple):
    """Code that fits: what to write, and the whole code with that in its place, "" where its place is not sure."""

    lines: tuple[str, ...]
    code: str = ""

    def __str__(self) -> str:
        return ", ".join(self.lines)


class Misfit(ValueError):
    """What reaches a layer is not what it takes; `mend` is the code that fits, if there is one."""

    def __init__(self, why: str, mend: Mend | None = None) -> None:
        super().__init__(f"{why} Write {mend}." if mend else why)
        self.why, self.mend = why, mend


def check_axes(call: Call, shape: Shape, source: Source) -> None:
    """Refuse a layer for maps behind a row, and a batch norm for rows behind maps."""
    if call.name in MAPS and len(shape) != 3:
        what = f"a row of {shape[0]} numbers" if len(shape) == 1 else _sides(shape)
        why = f"{call.text} takes maps, channels × height × width, and gets {what}."
        raise Misfit(why, renamed(call, source, "BatchNorm1d", shape[0]) if call.name == "BatchNorm2d" else None)
    if call.name == "BatchNorm1d" and len(shape) == 3:
        why = f"{call.text} takes rows of features, and gets maps, {_sides(shape)}."
        raise Misfit(why, renamed(call, source, "BatchNorm2d", shape[0]))


def check_number(call: Call, shapes: Sequence[Shape], source: Source, notes: list[str]) -> None:
    """Refuse a layer that takes another number of features or channels than it gets."""
    call, now = plain(call, shapes[-1]), shapes[-1]
    name = TAKES.get(call.name, "")
    takes = bound(call).get(name) if name else None
    if takes is None or (call.name == "PReLU" and takes == 1):
        return None
    if call.name == "Linear":
        return _check_linear(call, int(takes), shapes, source, notes)
    if takes == now[0] or (call.name == "InstanceNorm2d" and bound(call).get("affine") is not True):
        return None
    groups = bound(call).get("groups", 1)
    why = f"{call.text} takes {takes} {'channels' if len(now) == 3 else 'features'} and gets {now[0]}."
    if isinstance(groups, int) and now[0] % groups:
        raise Misfit(f"{why} Its groups, {groups}, do not divide {now[0]}.")
    raise Misfit(why, rewritten(call, source, name, now[0]))


def _check_linear(call: Call, takes: int, shapes: Sequence[Shape], source: Source, notes: list[str]) -> None:
    now = shapes[-1]
    if len(now) == 3:
        flat = with_flatten(call, source, prod(now), takes)
        product = f"{prod(now)} = {_product(now)}"
        if takes == now[-1]:
            notes.append(
                f"`{call.text}` acts on the last axis here, on each of {now[0]} · {now[1]} rows of {takes}. If "
                f"it should see all of the {_sides(now)} maps, Flatten is missing before it: `{flat}`."
            )
            return
        raise Misfit(
            f"{call.text} takes {takes} numbers and gets maps, {_sides(now)}: Flatten is missing before it, which "
            f"makes one row of {product} numbers of them.", flat,
        )  # fmt: skip
    if takes != now[-1]:
        image = next((sides for sides in reversed(shapes) if len(sides) == 3), ())
        product = f" = {_product(image)}" if len(now) == 1 and image and prod(image) == now[0] else ""
        why = f"{call.text} takes {takes} numbers and gets {now[-1]}{product}."
        raise Misfit(why, rewritten(call, source, "in_features", now[-1]))


def torn(call: Call, error: Torn, shape: Shape, source: Source) -> Misfit:
    """A view with a number that is not the image's: flatten counts for you."""
    why = str(error)
    if len(call.args) > 2 or call.node is None or not isinstance(call.node.func, ast.Attribute):
        return Misfit(why)
    if call.text.startswith("torch."):
        return Misfit(why)
    whole = source.span(call.node)
    start, end = source.span(call.node.func.value)
    inside = source.pasted[start:end]
    text = f"torch.flatten({inside}, 1)"
    return Misfit(why, Mend((text,), source.edited([Edit(*whole, text)])))


def rewritten(call: Call, source: Source, name: str, value: int) -> Mend | None:
    """The layer with another value of one argument; the rest stays as it is written."""
    edits = _argument(call, source, name, value)
    if edits is None:
        node = ast.parse(call.text, mode="eval").body
        found = _found(node, call.name, name) if isinstance(node, ast.Call) else None
        return Mend((_replaced(call.text, found, value),)) if found else None
    assert call.node is not None
    return Mend((source.edited(edits, source.span(call.node)),), source.edited(edits))


def renamed(call: Call, source: Source, name: str, value: int) -> Mend | None:
    """The layer of another class, for so many features."""
    text = call.text.replace(call.name, name, 1)
    edits = _argument(call, source, "num_features", value)
    if edits is None or call.node is None:
        return Mend((f"{text.partition('(')[0]}({value})",))
    end = source.span(call.node.func)[1]
    edits.append(Edit(end - len(call.name), end, name))
    return Mend((source.edited(edits, source.span(call.node)),), source.edited(edits))


def with_flatten(call: Call, source: Source, features: int, takes: int) -> Mend:
    """Flatten before a Linear that takes what it makes."""
    layer = rewritten(call, source, "in_features", features)
    text = layer.lines[0] if layer else call.text
    prefix = call.text.partition("Linear")[0]
    if call.applied is None or call.slot == "item":
        lines = (f"{prefix}Flatten()", text)
    else:
        lines = ("torch.flatten(x, 1)", text)
    edits = _argument(call, source, "in_features", features)
    if edits is None or call.node is None:
        return Mend(lines)
    if call.applied is not None and call.slot != "item":
        start, end = source.span(call.applied)
        edits += [Edit(start, start, "torch.flatten("), Edit(end, end, ", 1)")]
        return Mend((f"torch.flatten({source.pasted[start:end]}, 1)", text), source.edited(edits))
    if not call.slot:
        return Mend(lines)
    start = source.span(call.node)[0]
    before = source.pasted[:start].rpartition("\n")[2]
    gap = "\n" + before if not before.strip() else " " if call.slot == "item" else "\n"
    edits.append(Edit(start, start, f"{prefix}Flatten(){',' if call.slot == 'item' else ''}{gap}"))
    return Mend(lines, source.edited(edits))


def _argument(call: Call, source: Source, name: str, value: int) -> list[Edit] | None:
    """Another value in the place of an argument; None where the code has no such place."""
    found = _found(call.node, call.name, name) if call.node is not None else None
    return [Edit(*source.span(found), str(value))] if found is not None else None


def _found(node: ast.Call | None, layer: str, name: str) -> ast.expr | None:
    """The part of the syntax tree that is this argument."""
    names = TORCH.get(layer, ())
    if node is None or any(isinstance(argument, ast.Starred) for argument in node.args):
        return None
    if name in names[: len(node.args)]:
        return node.args[names.index(name)]
    return next((word.value for word in node.keywords if word.arg == name), None)


def _replaced(text: str, found: ast.expr, value: int) -> str:
    """`text` is one line, as Python writes it."""
    raw = text.encode()
    assert found.end_col_offset is not None
    return (raw[: found.col_offset] + str(value).encode() + raw[found.end_col_offset :]).decode()


def _product(shape: Shape) -> str:
    return " · ".join(map(str, shape))


def _sides(shape: Shape) -> str:
    return " × ".join(map(str, shape))


__all__ = ["Mend", "Misfit", "Unreadable", "check_axes", "check_number", "rewritten", "torn"]
