"""Which layers a piece of code builds, in the order in which an input meets them. The code is parsed, never run."""

from __future__ import annotations

import ast
import re
import textwrap
from typing import Any, NamedTuple

LONGEST = 100_000  # characters
PRINTED = re.compile(r"^(\s*)\((\w+)\):\s*", re.MULTILINE)
REPEATED = re.compile(r"^\s*\(\d+-\d+\): \d+ x ", re.MULTILINE)
BRANCH = re.compile(r"^\s*\((?:downsample|shortcut|skip|residual|identity)\w*\):", re.MULTILINE)
SUMMARY = re.compile(r"Layer \(type|Output Shape +Param|Param #")
PROMPT = re.compile(r"(?:>>>|\.\.\.)(?: |$)")
MAGIC = re.compile(r"\s*[!%]\w")  # of a notebook: !pip install …


class Unreadable(ValueError):
    """Code that is no chain of layers which the course knows; the sentence names the line."""


class Call(NamedTuple):
    """A layer as it is built.

    name     of its class, without the package; args and options as they are written
    text     the code itself
    line     where it stands
    node     of the syntax tree; None where it cannot be replaced: it is printed, or a loop builds it several times
    slot     "item" of a list, or a "line" of its own: another layer can be written before it
    applied  what it is applied to in `forward`: another call can be written around it
    number   which layer it is: the same one may be met several times
    again    whether it has been met before, so that it learns nothing more
    loose    whether the order is that of the text only, because nothing says how an input goes through
    """

    name: str
    args: tuple[Any, ...]
    options: dict[str, Any]
    text: str
    line: int
    node: ast.Call | None = None
    slot: str = ""
    applied: ast.expr | None = None
    number: int = 0
    again: bool = False
    loose: bool = False


class Word(str):
    """A name in the code that is not a number, such as the activation in `activation=relu`."""

    __slots__ = ()


class Edit(NamedTuple):
    """Other text in the place of a part of the code: from one character to another."""

    start: int
    end: int
    text: str


class Source:
    """The code as it was pasted, and as it is parsed: without margin, prompts and a notebook's own commands."""

    def __init__(self, pasted: str) -> None:
        self.pasted = pasted.replace("\r\n", "\n").replace("\t", "    ")
        self.printed = bool(PRINTED.search(self.pasted))
        self.clean = "\n".join(_clean(self.pasted.split("\n")))

    def parsed(self) -> ast.Module:
        """The syntax tree; a printed model is turned into code first."""
        if len(self.pasted) > LONGEST:
            raise Unreadable(f"the code must have at most {LONGEST:,} characters, got {len(self.pasted):,}")
        if self.printed:
            return self._of_print()
        try:
            return self._tree()
        except SyntaxError as error:
            if SUMMARY.search(self.pasted):
                raise Unreadable(
                    "this is a summary: it does not say kernels and strides, so it cannot be read; paste the code, or "
                    "what print(model) shows"
                ) from None
            raise Unreadable(f"line {error.lineno} is no Python: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError):  # null bytes, thousands of brackets
            raise Unreadable("this is no Python") from None

    def _tree(self) -> ast.Module:
        try:
            return ast.parse(self.clean)
        except IndentationError:  # copied from the middle of the first line: only the others have their margin
            first, _, rest = self.clean.partition("\n")
            self.clean = f"{first.lstrip()}\n{textwrap.dedent(rest)}"
            return ast.parse(self.clean)

    def _of_print(self) -> ast.Module:
        if REPEATED.search(self.pasted):
            raise Unreadable("a ModuleList prints its layers, not their order, so it cannot be read: paste the code")
        if BRANCH.search(self.pasted):
            raise Unreadable("this model has branches: only layers one after the other can be read")
        lines = PRINTED.sub(r"\1", self.clean).strip().splitlines()
        code = "\n".join(line if line.rstrip().endswith(("(", ",")) else line + "," for line in lines).rstrip(",")
        try:
            return ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise Unreadable("this looks like a printed model, but a part of it is missing") from None

    def span(self, node: ast.expr) -> tuple[int, int]:
        """Where a part of the syntax tree stands in `pasted`: the first character, and the one behind the last."""
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return self._at(node.lineno, node.col_offset), self._at(node.end_lineno, node.end_col_offset)

    def _at(self, line: int, column: int) -> int:
        """Python counts columns in bytes, of the clean text."""
        whole, clean = self.pasted.split("\n"), self.clean.split("\n")[line - 1]
        margin = len(whole[line - 1]) - len(clean)
        return sum(len(each) + 1 for each in whole[: line - 1]) + margin + len(clean.encode()[:column].decode())

    def edited(self, edits: list[Edit], within: tuple[int, int] | None = None) -> str:
        """The pasted code, or a part of it, with some of it replaced."""
        start, end = within or (0, len(self.pasted))
        text = self.pasted[start:end]
        for edit in sorted(edits, reverse=True):
            text = text[: edit.start - start] + edit.text + text[edit.end - start :]
        return text


def _clean(lines: list[str]) -> list[str]:
    """The same number of lines, without what is not code, and without the margin that all have."""
    if any(PROMPT.match(line) for line in lines):
        lines = [line[4:] if PROMPT.match(line) else "" for line in lines]
    return textwrap.dedent("\n".join("" if MAGIC.match(line) else line for line in lines)).split("\n")
