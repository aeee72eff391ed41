"""cnnkit: the layers of a convolutional network, written to be read and held against PyTorch.

The functions below need numpy only. `cnnkit.data`, `.figures`, `.explorers`, `.exercises`, `.claims` and
`cnnkit.check` are imported when they are first used. A layer's function has the name of its module, so
`cnnkit.dropout` is the function; `from cnnkit.dropout import dropout2d` reaches the rest of the module.
"""

from __future__ import annotations

from typing import Any

from cnnkit.gradients import numerical_gradient

__version__ = "0.1.0"

__all__ = [
    "__version__",
    "numerical_gradient",
]

_LAZY = ("claims", "data", "exercises", "explorers", "figures")


def __getattr__(name: str) -> Any:
    """Import what is heavier than numpy only when someone asks for it."""
    from importlib import import_module

    if name in _LAZY:
        return import_module(f"cnnkit.{name}")
    if name == "check":
        return import_module("cnnkit.exercises").check
    raise AttributeError(f"module 'cnnkit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted([*__all__, *_LAZY, "check"])
