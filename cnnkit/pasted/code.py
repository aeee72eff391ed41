"""Which layers a piece of code builds, in the order in which an input meets them. The code is parsed, never run."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

MOST = 10**9  # a number beyond it is a slip
LONGEST = 100_000  # characters
SUMS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
}  # fmt: skip
FUNCTIONS = {  # of torch, torch.nn.functional and tensors: the layer that each is, and its arguments after x
    "relu": "ReLU", "gelu": "GELU", "elu": "ELU", "silu": "SiLU", "leaky_relu": "LeakyReLU", "sigmoid": "Sigmoid",
    "tanh": "Tanh", "softmax": "Softmax", "log_softmax": "LogSoftmax", "max_pool2d": "MaxPool2d",
    "avg_pool2d": "AvgPool2d", "adaptive_avg_pool2d": "AdaptiveAvgPool2d", "dropout": "Dropout",
    "flatten": "Flatten", "view": "Flatten", "reshape": "Flatten",
}  # fmt: skip
LAY_OUT = ("flatten", "view", "reshape")  # whatever their arguments: an image becomes a row
CONTAINERS = ("Sequential", "OrderedDict", "ModuleList")
NOTHING = ("super", "compile", "summary", "build", "print", "Model", "fit", "to", "cuda", "eval", "train")
PRINTED = re.compile(r"^(\s*)\((\w+)\):\s*", re.MULTILINE)


class Unreadable(ValueError):
    """Code that is no chain of layers which the course knows; the sentence names the line."""


class Call(NamedTuple):
    """A layer as it is built.

    name   of its class, without the package; args and options as they are written
    text   the code itself
    line   where it stands
    loose  whether the order is that of the text only, because nothing says how an input goes through
    """

    name: str
    args: tuple[Any, ...]
    options: dict[str, Any]
    text: str
    line: int
    loose: bool = False


class Word(str):
    """A name in the code that is not a number, such as the activation in `activation=relu`."""

    __slots__ = ()


def calls(code: str) -> tuple[list[Call], list[str]]:
    """Return the layers of the chain and what was taken for granted about it.

    >>> [call.name for call in calls("nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())")[0]]
    ['Conv2d', 'ReLU']

    Errors: ValueError that names the line.
    """
    if len(code) > LONGEST:
        raise Unreadable(f"the code must have at most {LONGEST:,} characters, got {len(code):,}")
    tree, printed = _parsed(code)
    reader = _Reader(code)
    try:
        chain = reader.read(tree.body)
    except RecursionError:
        raise Unreadable("the code is nested too deeply to be read") from None
    if not chain:
        raise Unreadable("no layer was found: paste code such as nn.Conv2d(3, 64, 7, stride=2, padding=3)")
    if printed:
        reader.notes.append(
            "The layers are taken as they are printed: what `forward` does besides, such as F.relu, is not printed."
        )
    loose = printed or reader.loose
    return [call._replace(loose=loose) for call in chain], reader.notes


def _parsed(code: str) -> tuple[ast.Module, bool]:
    """The code as Python has it; a printed model is turned into code first."""
    if PRINTED.search(code):
        lines = PRINTED.sub(r"\1", code).strip().splitlines()
        code = "\n".join(line if line.rstrip().endswith(("(", ",")) else line + "," for line in lines).rstrip(",")
        try:
            return ast.parse(code), True
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unreadable("this looks like a printed model, but a part of it is missing") from None
    try:
        return ast.parse(code), False
    except SyntaxError as error:
        raise Unreadable(f"line {error.lineno} is no Python: {error.msg}") from None
    except (ValueError, RecursionError, MemoryError):  # null bytes, thousands of brackets
        raise Unreadable("this is no Python") from None


class _Reader:
    """Goes through the statements and remembers what names stand for: numbers, or the layers of a chain."""

    def __init__(self, code: str) -> None:
        self.code = code
        self.known: dict[str, Any] = {}
        self.unused: dict[str, list[Call]] = {}  # layers that have a name and no place in a chain yet
        self.notes: list[str] = []
        self.loose = False
        self.steps = 0  # how far the chain has come, and after which step each variable was made
        self.made: dict[str, int] = {}
        self.classes: set[str] = set()

    def read(self, body: list[ast.stmt]) -> list[Call]:
        chain: list[Call] = []
        for statement in body:
            chain += self.statement(statement)
        named = [call for layers in self.unused.values() for call in layers]
        if named and not chain:
            self.loose = len(self.unused) > 1
            if self.loose:
                self.notes.append("The layers are taken in the order in which they are written.")
        return chain or named

    def statement(self, node: ast.stmt) -> list[Call]:
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass)):
            return []
        if isinstance(node, ast.ClassDef):
            return self.model(node)
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            return self.assign(node)
        if isinstance(node, (ast.Expr, ast.Return)) and node.value is not None:
            return self.expression(node.value)
        raise self.error(node, "only layers one after the other can be read, no loops, conditions or functions")

    def assign(self, node: ast.Assign | ast.AnnAssign) -> list[Call]:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if node.value is None:
            return []
        name = ast.unparse(target)
        if _is_call(node.value):
            applied = self.is_applied(node.value)
            layers = self.chain(node.value)
            if applied or _name_of(node.value) == "Input":  # x = layer(x): a step of the chain
                self.steps += 1
                self.known[name], self.made[name] = [], self.steps
                return layers
            self.known[name] = layers
            if layers:
                self.unused[name] = layers
        elif not isinstance(target, ast.Tuple):
            self.known[name] = self.value(node.value)
        return []

    def expression(self, node: ast.expr) -> list[Call]:
        if isinstance(node, ast.Constant):
            return []  # a docstring
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".add") and node.args:
            return self.chain(node.args[0])
        return self.chain(node)

    def model(self, node: ast.ClassDef) -> list[Call]:
        """A class: its layers from `__init__`, their order from `forward` (or Keras's `call`)."""
        self.classes.add(node.name)
        functions = {f.name: f for f in node.body if isinstance(f, ast.FunctionDef)}
        start, forward = functions.get("__init__"), functions.get("forward") or functions.get("call")
        if start:
            for statement in start.body:
                self.statement(statement)
        if forward is None:
            return []
        for argument in forward.args.args:
            self.known[argument.arg], self.made[argument.arg] = [], self.steps  # x is an input: no layer
        chain = []
        for statement in forward.body:
            chain += self.statement(statement)
        self.unused.clear()
        return chain

    def is_applied(self, node: ast.expr) -> bool:
        """Whether the call is a step of a chain, layer(x), and not a layer that is built."""
        if not isinstance(node, ast.Call):
            return False
        last = _last(node.func)
        if isinstance(node.func, ast.Call):
            return True
        return ast.unparse(node.func) in self.known or last in FUNCTIONS

    def chain(self, node: ast.expr) -> list[Call]:
        """The layers that an expression is, first to last."""
        if isinstance(node, (ast.List, ast.Tuple)):
            return [call for element in node.elts for call in self.chain(element)]
        if isinstance(node, ast.Starred):
            return self.chain(node.value)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self.named(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return []  # the name of a layer in an OrderedDict
        if not isinstance(node, ast.Call):
            raise self.error(node, "only layers one after the other can be read, no sums or branches")
        if isinstance(node.func, ast.Call):  # Conv2D(8, 3)(x)
            return [*self.inputs(node), *self.chain(node.func)]
        name, last = ast.unparse(node.func), _last(node.func)
        if name in self.known:  # self.conv1(x)
            return [*self.inputs(node), *self.named(node.func)]
        if last in FUNCTIONS:
            return self.function(node, last)
        if last in CONTAINERS:
            return [call for argument in node.args for call in self.chain(argument)]
        if last in NOTHING or last == "__init__" or name in self.classes:
            return []
        if node.args and all(_is_call(argument) for argument in node.args):  # a printed block: its children in order
            return [call for argument in node.args for call in self.chain(argument)]
        return [self.layer(node, last)]

    def inputs(self, node: ast.Call) -> list[Call]:
        return [call for argument in node.args[:1] for call in self.chain(argument)]

    def named(self, node: ast.expr) -> list[Call]:
        name = ast.unparse(node)
        if not isinstance(self.known.get(name), list):
            raise self.error(node, f"{name} is not known: it must be a layer that stands above")
        if self.made.get(name, self.steps) != self.steps:
            raise self.error(node, f"{name} is used again: only layers one after the other can be read, no branches")
        self.unused.pop(name, None)
        return list(self.known[name])

    def function(self, node: ast.Call, last: str) -> list[Call]:
        """F.relu(x), torch.flatten(x, 1), x.view(-1, 400)."""
        method = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) not in ("F", "torch", "nn")
        method = method and not ast.unparse(node.func).startswith(("torch.", "nn."))
        source: list[ast.expr] = [node.func.value] if method else node.args[:1]  # type: ignore[attr-defined]
        before = [call for argument in source for call in self.chain(argument)]
        rest = [] if last in LAY_OUT else (node.args if method else node.args[1:])
        options = {} if last in (*LAY_OUT, "dropout") else self.options(node)
        args = tuple(self.value(argument) for argument in rest)
        return [*before, Call(FUNCTIONS[last], args, options, _written(node, FUNCTIONS[last], rest), node.lineno)]

    def layer(self, node: ast.Call, name: str) -> Call:
        args = tuple(self.value(argument) for argument in node.args)
        return Call(name, args, self.options(node), ast.unparse(node), node.lineno)

    def options(self, node: ast.Call) -> dict[str, Any]:
        return {word.arg: self.value(word.value) for word in node.keywords if word.arg}

    def value(self, node: ast.expr) -> Any:
        """A number, a text, a tuple, or a name."""
        if isinstance(node, ast.Constant):
            return self.small(node, node.value)
        if isinstance(node, (ast.Tuple, ast.List)):
            return tuple(self.value(element) for element in node.elts)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self.number(node.operand)
        if isinstance(node, ast.BinOp) and type(node.op) in SUMS:
            left, right = self.number(node.left), self.number(node.right)
            if isinstance(node.op, ast.FloorDiv) and not right:
                raise self.error(node, "a number is divided by 0")
            return self.small(node, SUMS[type(node.op)](left, right))
        if isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
            known = self.known.get(ast.unparse(node))
            return Word(ast.unparse(node)) if known is None or isinstance(known, list) else known
        raise self.error(node, f"{ast.unparse(node)} is neither a number nor a name")

    def number(self, node: ast.expr) -> Any:
        value = self.value(node)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.error(node, f"{ast.unparse(node)} is no number that stands above")
        return value

    def small(self, node: ast.expr, value: Any) -> Any:
        if isinstance(value, (int, float)) and not abs(value) <= MOST:
            raise self.error(node, f"a number must be at most {MOST:,}")
        return value

    def error(self, node: ast.AST, why: str) -> Unreadable:
        return Unreadable(f"line {getattr(node, 'lineno', '?')}: {why}")


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) or (isinstance(node, (ast.List, ast.Tuple)) and any(map(_is_call, _parts(node))))


def _parts(node: ast.List | ast.Tuple) -> Iterator[ast.expr]:
    yield from node.elts


def _last(node: ast.expr) -> str:
    """The last name of a dotted one: Conv2d of torch.nn.Conv2d."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _name_of(node: ast.expr) -> str:
    return _last(node.func) if isinstance(node, ast.Call) else ""


def _written(node: ast.Call, name: str, rest: list[ast.expr]) -> str:
    """A function's call as the layer that it is."""
    words = [ast.unparse(word) for word in node.keywords if word.arg] if name not in ("Flatten", "Dropout") else []
    return f"{name}({', '.join([*map(ast.unparse, rest), *words])})"
