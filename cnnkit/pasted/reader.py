"""Goes through the syntax tree of somebody's code and follows what an input meets. Nothing of it is run."""

from __future__ import annotations

import ast
import operator
from collections import Counter
from collections.abc import Callable
from typing import Any

from cnnkit.pasted.code import Call, Source, Unreadable, Word

MOST = 10**9  # a number beyond it is a slip
MOST_STEPS = 5000  # statements, those of loops each time
SUMS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv,
    ast.Div: operator.truediv,
}  # fmt: skip
COMPARED: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.eq, ast.IsNot: operator.ne,
}  # fmt: skip
FUNCTIONS = {  # of torch, torch.nn.functional and tensors: the layer that each is
    "relu": "ReLU", "relu_": "ReLU", "relu6": "ReLU6", "gelu": "GELU", "elu": "ELU", "selu": "SELU", "silu": "SiLU",
    "leaky_relu": "LeakyReLU", "sigmoid": "Sigmoid", "tanh": "Tanh", "softmax": "Softmax", "softplus": "Softplus",
    "log_softmax": "LogSoftmax", "logsigmoid": "LogSigmoid", "hardtanh": "Hardtanh", "hardswish": "Hardswish",
    "mish": "Mish", "dropout": "Dropout", "dropout2d": "Dropout2d",
    "max_pool2d": "MaxPool2d", "avg_pool2d": "AvgPool2d", "adaptive_avg_pool2d": "AdaptiveAvgPool2d",
    "adaptive_max_pool2d": "AdaptiveMaxPool2d", "interpolate": "Upsample", "flatten": "Flatten", "view": "View",
    "reshape": "View", "squeeze": "Squeeze", "mean": "Mean",
}  # fmt: skip
SHAPERS = ("Flatten", "View", "Squeeze", "Mean")  # no layers of their own: they are shown as they are written
CONTAINERS = ("Sequential", "OrderedDict", "ModuleList")
NOTHING = ("super", "compile", "summary", "build", "print", "Model", "fit", "evaluate", "set_title", "show")
SAME = ("to", "cuda", "cpu", "eval", "train", "float", "double", "half", "contiguous", "clone", "requires_grad_")
JOINS = ("cat", "concat", "concatenate", "stack", "add", "Add", "Concatenate", "Multiply", "Average", "Maximum")
TENSORS = ("randn", "rand", "zeros", "ones")
ASKED = ("shape", "size", "dim", "ndim", "device", "dtype", "numel")  # what a tensor is asked, while it stays as it is
FOREIGN = ("torch", "optim", "datasets", "transforms", "np", "numpy", "plt", "pd", "torchvision", "tf", "keras",
           "random", "os", "time", "data", "utils", "models")  # fmt: skip
HINT = "paste the layers one after the other, or what print(model) shows"
BRANCHES = "only layers one after the other can be read, no sums or branches"


def calls(source: Source) -> tuple[list[Call], list[str]]:
    """Return the layers of the chain and what was taken for granted about it.

    >>> [call.name for call in calls(Source("nn.Sequential(nn.Conv2d(1, 8, 3), nn.ReLU())"))[0]]
    ['Conv2d', 'ReLU']

    Errors: ValueError that names the line.
    """
    reader = _Reader(source.printed)
    try:
        chain = reader.read(source.parsed().body)
    except RecursionError:
        raise Unreadable("the code is nested too deeply to be read") from None
    if not chain:
        raise Unreadable("no layer was found: paste code such as nn.Conv2d(3, 64, 7, stride=2, padding=3)")
    if source.printed:
        reader.notes.append(
            "The layers are taken as they are printed: what `forward` does besides, such as F.relu, is not printed."
        )
    return [_placed(call, chain[:i], reader) for i, call in enumerate(chain)], reader.notes


def _placed(call: Call, before: list[Call], reader: _Reader) -> Call:
    again = any(other.number == call.number for other in before)
    single = not reader.printed and reader.built[id(call.node)] == 1
    return call._replace(again=again, loose=reader.printed or reader.loose, node=call.node if single else None)


class _Reader:
    """Goes through the statements and remembers what names stand for: numbers, or the layers of a chain."""

    def __init__(self, printed: bool) -> None:
        self.printed = printed
        self.known: dict[str, Any] = {}
        self.unused: dict[str, list[Call]] = {}  # layers that have a name and no place in a chain yet
        self.notes: list[str] = []
        self.loose = False
        self.steps = 0  # how far the chain has come, and after which step each variable was made
        self.made: dict[str, int] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.functions: dict[str, ast.FunctionDef] = {}
        self.slots: dict[int, str] = {}
        self.built: Counter[int] = Counter()
        self.number = self.work = 0
        self.inside = False  # a class or a function: everything there matters
        self.returned = False

    def read(self, body: list[ast.stmt]) -> list[Call]:
        classes: list[str] = []
        chain: list[Call] = []
        for statement in body:
            if isinstance(statement, ast.ClassDef):
                classes.append(statement.name)
            chain += self.statement(statement)
        if not chain and not self.unused and classes:  # the last one is the model, if nothing says so
            chain = self.instance(self.classes[classes[-1]], None)
        named = [call for layers in self.unused.values() for call in layers]
        if named and not chain:
            self.loose = self.loose or len(self.unused) > 1
            if len(self.unused) > 1:
                self.notes.append("The layers are taken in the order in which they are written.")
        return chain or named

    def statement(self, node: ast.stmt) -> list[Call]:
        self.work += 1
        if self.work > MOST_STEPS:
            raise self.error(node, f"the code has more than {MOST_STEPS:,} steps")
        if isinstance(node, (ast.Import, ast.ImportFrom, ast.Pass, ast.Assert, ast.Global)):
            return []
        if isinstance(node, ast.ClassDef):
            self.classes[node.name] = node
            return []
        if isinstance(node, ast.FunctionDef):
            self.functions[node.name] = node
            return []
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            return self.assign(node)
        if isinstance(node, ast.AugAssign):
            return self.more(node)
        if isinstance(node, ast.Return):
            self.returned = True
        if isinstance(node, (ast.Expr, ast.Return)):
            return self.expression(node.value) if node.value is not None else []
        if not self.inside and not self.builds(node):
            return []  # training, plots: whatever it does, it makes no layers
        if isinstance(node, ast.For):
            return self.loop(node)
        if isinstance(node, ast.If):
            return [call for each in (node.body if self.true(node.test) else node.orelse)
                    for call in self.statement(each)]  # fmt: skip
        raise self.error(node, f"only layers one after the other can be read, no {type(node).__name__.lower()}: {HINT}")

    def loop(self, node: ast.For) -> list[Call]:
        chain = []
        for item in self.items(node.iter):
            self.bind(node.target, item)
            for each in node.body:
                chain += self.statement(each)
        return chain

    def items(self, node: ast.expr) -> list[Any]:
        """What a loop goes over: numbers, names, or tuples of them."""
        name = _name_of(node)
        if isinstance(node, ast.Call) and name == "range":
            numbers = [self.number_of(argument) for argument in node.args]
            whole = all(isinstance(n, int) for n in numbers) and 0 < len(numbers) < 4 and numbers[2:] != [0]
            if whole and len(range(*numbers)) <= MOST_STEPS:
                return list(range(*numbers))
            raise self.error(node, f"{ast.unparse(node)} cannot be gone over")
        if isinstance(node, ast.Call) and name in ("zip", "enumerate"):
            lists = [self.items(argument) for argument in node.args]
            return list(zip(*lists, strict=False)) if name == "zip" else list(enumerate(lists[0] if lists else []))
        value = self.value(node) if not isinstance(node, ast.Call) else None
        if not isinstance(value, tuple):
            raise self.error(node, f"only numbers can be gone over in a loop, not {ast.unparse(node)}: {HINT}")
        return list(value)

    def bind(self, target: ast.expr, value: Any) -> None:
        if isinstance(target, (ast.Tuple, ast.List)):
            if not isinstance(value, tuple) or len(value) != len(target.elts):
                raise self.error(target, f"{ast.unparse(target)} does not take {value}")
            for each, part in zip(target.elts, value, strict=True):
                self.bind(each, part)
        else:
            self.known[ast.unparse(target)] = value

    def true(self, node: ast.expr) -> bool:
        value = self.value(node)
        if isinstance(value, Word):
            raise self.error(node, f"nothing says whether {value} holds: only layers one after the other can be read")
        return bool(value)

    def assign(self, node: ast.Assign | ast.AnnAssign) -> list[Call]:
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        value = node.value
        if value is None:
            return []
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and _is_call(value):
            pairs = zip(target.elts, value.elts, strict=False)  # self.a, self.b = nn.Conv2d(…), nn.ReLU()
            parts = [ast.copy_location(ast.Assign([each], part), node) for each, part in pairs]
            return [call for part in parts for call in self.assign(part)]
        if isinstance(value, ast.IfExp) and self.builds(value):
            value = value.body if self.true(value.test) else value.orelse
        name = ast.unparse(target)
        if self.asks(value):  # batch_size = x.size(0)
            for each in target.elts if isinstance(target, ast.Tuple) else [target]:
                self.known[ast.unparse(each)] = Word(ast.unparse(each))
            return []
        if isinstance(value, (ast.Name, ast.Attribute)) and ast.unparse(value) in self.made:  # identity = x
            self.known[name], self.made[name] = [], self.made[ast.unparse(value)]
            return []
        if _is_call(value) or isinstance(value, ast.ListComp) or _is_empty(value):
            return self.assign_layers(name, value)
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            self.bind(target, self.value(value))
            return []
        try:
            self.known[name] = self.value(value)
        except Unreadable:
            if self.flows(value) or self.builds(value):
                raise
            self.known[name] = Word(name)
        return []

    def assign_layers(self, name: str, value: ast.expr) -> list[Call]:
        before = self.steps
        layers = self.chain(value)
        if self.steps > before:  # x = layer(x): a step of the chain
            self.known[name], self.made[name] = [], self.steps
            return layers
        self.made.pop(name, None)
        if not layers and not _is_empty(value) and not isinstance(value, (ast.List, ast.ListComp)):
            empty = _name_of(value) in CONTAINERS
            self.known[name] = [] if empty else Word(name)
            return []
        self.known[name] = layers
        if layers:
            self.unused[name] = layers
        return []

    def more(self, node: ast.AugAssign) -> list[Call]:
        """layers += [nn.Conv2d(…)], or n *= 2."""
        name = ast.unparse(node.target)
        if name in self.made:
            raise self.error(node, BRANCHES)
        if isinstance(self.known.get(name), list) and isinstance(node.op, ast.Add):
            self.extend(name, self.short(node, self.chain(node.value)))
            return []
        self.known[name] = self.value(ast.copy_location(ast.BinOp(node.target, node.op, node.value), node))
        return []

    def extend(self, name: str, layers: list[Call]) -> None:
        self.known[name] = self.unused[name] = [*self.known[name], *layers]

    def expression(self, node: ast.expr) -> list[Call]:
        if isinstance(node, ast.Constant) or self.asks(node):
            return []  # a docstring
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner, last = ast.unparse(node.func.value), node.func.attr
            layers = isinstance(self.known.get(owner), list) and owner not in self.made
            if last in SAME:
                return []  # model.eval()
            if last in ("append", "add", "extend", "add_module", "register_module") and node.args:
                added = self.chain(node.args[-1])
                if layers:
                    self.extend(owner, added)
                    return []
                return added
        if _is_call(node):
            self.slots[id(node)] = "line"
        return self.chain(node)

    def instance(self, node: ast.ClassDef, call: ast.Call | None) -> list[Call]:
        """A class: its layers from `__init__`, their order from `forward` (or Keras's `call`)."""
        functions = {f.name: f for f in node.body if isinstance(f, ast.FunctionDef)}
        start, forward = functions.get("__init__"), functions.get("forward") or functions.get("call")
        steps = self.steps
        outer = self.enter({k: v for k, v in self.known.items() if not k.startswith("self.")})
        self.known["self.training"] = False
        self.functions |= {f"self.{name}": f for name, f in functions.items()}
        chain: list[Call] = []
        if start:
            self.parameters(start, call, 1, outer)
            for statement in start.body:
                chain += self.statement(statement)
        if forward is None:
            self.loose = self.loose or (not chain and len(self.unused) > 1)
            chain = chain or [each for layers in self.unused.values() for each in layers]
        else:
            chain = self.applied(forward)
        self.leave(outer)
        self.steps = steps  # nothing has gone through it yet
        return chain

    def applied(self, forward: ast.FunctionDef) -> list[Call]:
        for argument in forward.args.args:
            self.known[argument.arg], self.made[argument.arg] = [], self.steps  # x is an input: no layer
        chain = []
        self.returned = False
        for statement in forward.body:
            if not self.returned:
                chain += self.statement(statement)
        rest = [name for name, layers in self.unused.items() if name.startswith("self.") and layers]
        if rest and chain:
            verb = "is" if len(rest) == 1 else "are"
            self.notes.append(
                f"{', '.join(rest)} {verb} not used in `{forward.name}`: what it learns is not counted here."
            )
        return chain

    def called(self, function: ast.FunctionDef, node: ast.Call) -> list[Call]:
        """A function that makes layers, or that an input goes through."""
        method = ast.unparse(node.func).startswith("self.")
        steps = self.steps
        before = [call for argument in node.args if self.flows(argument) for call in self.chain(argument)]
        outer = self.enter(dict(self.known))
        self.parameters(function, node, int(method), outer)
        chain = before
        self.returned = False
        for statement in function.body:
            if not self.returned:
                chain += self.statement(statement)
        self.leave(outer)
        if not self.flows(node):
            self.steps = steps
        return chain

    def enter(self, known: dict[str, Any]) -> tuple[Any, ...]:
        outer = (self.known, self.unused, self.made, self.inside, self.returned, self.functions)
        self.known, self.unused, self.made, self.inside = known, {}, {}, True
        self.functions = dict(self.functions)
        self.work += 1
        return outer

    def leave(self, outer: tuple[Any, ...]) -> None:
        self.known, self.unused, self.made, self.inside, self.returned, self.functions = outer

    def parameters(self, function: ast.FunctionDef, call: ast.Call | None, skip: int, outer: tuple[Any, ...]) -> None:
        """What the arguments stand for: what is given, or their usual values."""
        names = [argument.arg for argument in function.args.args][skip:]
        only = [argument.arg for argument in function.args.kwonlyargs]
        usual = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
        usual |= {n: d for n, d in zip(only, function.args.kw_defaults, strict=True) if d is not None}
        for name in [*names, *only]:
            self.known[name] = self.value(usual[name]) if name in usual else Word(name)
        if call is None:
            return
        given = dict(zip(names, call.args, strict=False)) | {w.arg: w.value for w in call.keywords if w.arg}
        inner = self.known, self.made
        self.known, self.made = outer[0], outer[2]
        flowing = {name for name, node in given.items() if self.flows(node)}
        values = {name: [] if name in flowing else self.argument(node) for name, node in given.items()}
        self.known, self.made = inner
        self.known |= values
        self.made |= dict.fromkeys(flowing, self.steps)

    def argument(self, node: ast.expr) -> Any:
        try:
            return self.value(node)
        except Unreadable:
            return Word(ast.unparse(node))

    def chain(self, node: ast.expr) -> list[Call]:
        """The layers that an expression is, first to last."""
        if isinstance(node, (ast.List, ast.Tuple)):
            named = any(isinstance(element, ast.Constant) for element in node.elts)  # ("conv1", nn.Conv2d(…))
            return self.short(node, [call for element in node.elts for call in self.item(element, named)])
        if isinstance(node, ast.Dict):
            return [call for value in node.values for call in self.chain(value)]
        if isinstance(node, ast.Starred):
            return self.chain(node.value)
        if isinstance(node, (ast.ListComp, ast.GeneratorExp)):
            return self.comprehension(node)
        if isinstance(node, (ast.Name, ast.Attribute)):
            return self.named(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return []  # the name of a layer in an OrderedDict
        if not isinstance(node, ast.Call):
            raise self.error(node, BRANCHES)
        return self.of_call(node)

    def of_call(self, node: ast.Call) -> list[Call]:
        if isinstance(node.func, ast.Call):  # Conv2D(8, 3)(x)
            return self.through(node, lambda: self.chain(node.func))
        name, last = ast.unparse(node.func), _last(node.func)
        if isinstance(self.known.get(name), list) and name not in self.made:  # self.conv1(x)
            return self.through(node, lambda: self.named(node.func))
        if name in self.classes:
            return self.instance(self.classes[name], node)
        if name in self.functions:
            return self.called(self.functions[name], node)
        if last in SAME and isinstance(node.func, ast.Attribute):  # nn.Sequential(…).to(device)
            return self.chain(node.func.value)
        if last in CONTAINERS:
            return [call for argument in node.args for call in self.item(argument)]
        if last in ("Input", "InputLayer"):
            self.steps += last == "Input"
            return [self.layer(node, last)]
        if last in TENSORS and name.startswith("torch."):
            self.steps += 1
            return [self.layer(node, "Tensor")]
        if last in NOTHING or last == "__init__":
            return [call for argument in node.args for call in self.item(argument)] if last == "__init__" else []
        if last in FUNCTIONS:
            return self.function(node, last)
        if last in JOINS:
            raise self.error(node, f"{last} joins branches: only layers one after the other can be read")
        if self.printed and node.args and all(_is_call(argument) for argument in node.args):  # a block: its children
            return [call for argument in node.args for call in self.chain(argument)]
        if not self.flows(node) and self.foreign(name, last):
            return []
        if not last or name == f"self.{last}":
            raise self.error(node, f"{name} is not known: it must be a layer that stands above")
        return [self.layer(node, last)]

    def item(self, node: ast.expr, named: bool = False) -> list[Call]:
        if isinstance(node, ast.Call) and not named:
            self.slots[id(node)] = "item"
        return self.chain(node)

    def comprehension(self, node: ast.ListComp | ast.GeneratorExp) -> list[Call]:
        only = node.generators[0]
        if len(node.generators) > 1 or only.ifs:
            raise self.error(node, f"{ast.unparse(node)} is too long to be read: {HINT}")
        chain = []
        for item in self.items(only.iter):
            self.work += 1
            self.bind(only.target, item)
            chain += self.chain(node.elt)
        return chain

    def through(self, node: ast.Call, layers: Callable[[], list[Call]]) -> list[Call]:
        """An input goes through layers."""
        before = [call for argument in node.args[:1] for call in self.chain(argument)]
        self.steps += 1
        met = layers()
        if met and node.args:
            met = [met[0]._replace(applied=node.args[0]), *met[1:]]
        return [*before, *met]

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
        name = FUNCTIONS[last]
        method = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) not in ("F", "torch", "nn")
        method = method and not ast.unparse(node.func).startswith(("torch.", "nn.", "tf."))
        source: list[ast.expr] = [node.func.value] if method else node.args[:1]  # type: ignore[attr-defined]
        before = [call for argument in source for call in self.chain(argument)]
        self.steps += 1
        rest = node.args if method else node.args[1:]
        options = {} if name.startswith("Dropout") else self.options(node)
        if name == "Flatten" and not rest and not options:
            self.notes.append(  # a function's flatten begins at axis 0, a layer's at 1; one image is followed here
                f"`{ast.unparse(node)}` makes one row of the whole batch; `torch.flatten(x, 1)` keeps its images apart."
            )
        args = tuple(self.argument(argument) for argument in rest)
        if name == "View" and len(args) == 1 and isinstance(args[0], tuple):
            args = args[0]
        text = _written(node, name, rest) if name not in SHAPERS or name == "Flatten" else ast.unparse(node)
        self.built[id(node)] += 1
        return [*before, Call(name, args, options, text, node.lineno, node, number=self.new())]

    def layer(self, node: ast.Call, name: str) -> Call:
        if any(isinstance(argument, ast.Starred) for argument in node.args) or any(not w.arg for w in node.keywords):
            raise self.error(node, f"{ast.unparse(node)} cannot be read: write its arguments one by one")
        args = tuple(self.value(argument) for argument in node.args)
        self.built[id(node)] += 1
        text, slot = ast.unparse(node), self.slots.get(id(node), "")
        return Call(name, args, self.options(node), text, node.lineno, node, slot, None, self.new())

    def new(self) -> int:
        self.number += 1
        return self.number

    def options(self, node: ast.Call) -> dict[str, Any]:
        return {word.arg: self.argument(word.value) for word in node.keywords if word.arg}

    def value(self, node: ast.expr) -> Any:
        """A number, a text, a tuple, or a name."""
        if isinstance(node, ast.Constant):
            return self.small(node, node.value)
        if isinstance(node, (ast.Tuple, ast.List)):
            return self.bounded(node, tuple(self.value(element) for element in node.elts))
        if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
            values = [self.value(value) for value in node.values]
            return {key.value: value for key, value in zip(node.keys, values, strict=True)}  # type: ignore[union-attr]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            return -self.number_of(node.operand)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not self.true(node.operand)
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in COMPARED:
            return self.compared(node)
        if isinstance(node, ast.IfExp):
            return self.value(node.body if self.true(node.test) else node.orelse)
        if isinstance(node, ast.BinOp) and type(node.op) in SUMS:
            left, right = self.number_of(node.left), self.number_of(node.right)
            if isinstance(node.op, (ast.FloorDiv, ast.Div)) and not right:
                raise self.error(node, "a number is divided by 0")
            return self.small(node, SUMS[type(node.op)](left, right))
        if isinstance(node, ast.Call) and _name_of(node) in ("int", "float") and len(node.args) == 1:
            return (int if _name_of(node) == "int" else float)(self.number_of(node.args[0]))
        if isinstance(node, ast.Subscript):
            return self.part(node)
        if isinstance(node, (ast.Name, ast.Attribute, ast.Call)):
            known = self.known.get(ast.unparse(node))
            return Word(ast.unparse(node)) if known is None or isinstance(known, list) else known
        raise self.error(node, f"{ast.unparse(node)} is neither a number nor a name")

    def part(self, node: ast.Subscript) -> Any:
        whole, at = self.value(node.value), self.value(node.slice) if not isinstance(node.slice, ast.Slice) else None
        if isinstance(whole, dict) and isinstance(at, (int, str)) and at in whole:
            return whole[at]
        if isinstance(whole, tuple) and isinstance(at, int) and -len(whole) <= at < len(whole):
            return whole[at]
        raise self.error(node, f"{ast.unparse(node)} is neither a number nor a name")

    def compared(self, node: ast.Compare) -> Any:
        left, right = self.value(node.left), self.value(node.comparators[0])
        if isinstance(left, Word) or isinstance(right, Word):
            return Word(ast.unparse(node))
        try:
            return COMPARED[type(node.ops[0])](left, right)
        except TypeError:
            raise self.error(node, f"{ast.unparse(node)} compares what cannot be compared") from None

    def number_of(self, node: ast.expr) -> Any:
        value = self.value(node)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self.error(node, f"{ast.unparse(node)} is no number that stands above")
        return value

    def small(self, node: ast.expr, value: Any) -> Any:
        if isinstance(value, (int, float)) and not abs(value) <= MOST:
            raise self.error(node, f"a number must be at most {MOST:,}")
        return value

    def bounded(self, node: ast.expr, value: tuple[Any, ...]) -> tuple[Any, ...]:
        """Tuples of tuples of tuples grow without end."""
        if _leaves(value) > MOST_STEPS:
            raise self.error(node, "a list is too long to be read")
        return value

    def short(self, node: ast.AST, layers: list[Call]) -> list[Call]:
        if len(layers) > 2 * MOST_STEPS:
            raise self.error(node, "a list of layers is too long to be read")
        return layers

    def flows(self, node: ast.AST) -> bool:
        """Whether an input, or what was made of it, is in there."""
        return any(isinstance(part, ast.Name) and part.id in self.made for part in ast.walk(node))

    def asks(self, node: ast.expr) -> bool:
        """x.shape[0], x.size(0), len(x)."""
        if isinstance(node, ast.Subscript):
            return self.asks(node.value)
        if isinstance(node, ast.Call):
            return self.asks(node.func) or (_name_of(node) in ("len", "print") and isinstance(node.func, ast.Name))
        return isinstance(node, ast.Attribute) and node.attr in ASKED and self.flows(node.value)

    def builds(self, node: ast.AST) -> bool:
        """Whether layers are made in there, as far as names tell."""
        made = [part for part in ast.walk(node) if isinstance(part, ast.Call)]
        names = [(ast.unparse(call.func), _last(call.func)) for call in made]
        return any((last[:1].isupper() and not self.foreign(name, last) and name not in self.classes)
                   or last in ("add_module",) for name, last in names)  # fmt: skip

    def foreign(self, name: str, last: str) -> bool:
        """Optimisers, data, losses: nothing that an input goes through."""
        if last.endswith(("Loss", "DataLoader", "Dataset")):
            return True
        parts = name.split(".")
        layers = {"nn", "layers", "functional", "F"} & set(parts[:-1])
        return parts[0] in FOREIGN and not layers and last not in CONTAINERS

    def error(self, node: ast.AST, why: str) -> Unreadable:
        return Unreadable(f"line {getattr(node, 'lineno', '?')}: {why}")


def _is_call(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) or (isinstance(node, (ast.List, ast.Tuple)) and any(map(_is_call, node.elts)))


def _leaves(value: Any) -> int:
    return sum(map(_leaves, value)) if isinstance(value, tuple) else 1


def _is_empty(node: ast.AST) -> bool:
    return isinstance(node, ast.List) and not node.elts


def _last(node: ast.expr) -> str:
    """The last name of a dotted one: Conv2d of torch.nn.Conv2d."""
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _name_of(node: ast.expr) -> str:
    return _last(node.func) if isinstance(node, ast.Call) else ""


def _written(node: ast.Call, name: str, rest: list[ast.expr]) -> str:
    """A function's call as the layer that it is."""
    words = [ast.unparse(word) for word in node.keywords if word.arg] if not name.startswith("Dropout") else []
    return f"{name}({', '.join([*map(ast.unparse, rest if name != 'Dropout' else []), *words])})"
