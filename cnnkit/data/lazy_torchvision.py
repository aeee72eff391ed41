"""Import torchvision where it is needed, and also where its compiled part does not fit the installed torch."""

from __future__ import annotations

from typing import Any

from cnnkit.data.dataset import DataError

_DEFINED: list[Any] = []  # torch forgets a definition when the object that made it is gone


def import_torchvision() -> Any:
    """Return the module torchvision.

    PyPI's torchvision beside a torch without CUDA cannot load its compiled operators, and then fails at import with
    "operator torchvision::nms does not exist". Its data sets and transforms use none of them, so the signatures of the
    two operators that the import asks for are declared and the import is repeated. Boxes (`torchvision.ops`) still do
    not work then. A torchvision that imports is left alone.
    Errors: DataError when torchvision or torch is not installed.
    """
    try:
        import torchvision  # type: ignore[import-untyped]
    except ModuleNotFoundError as problem:
        if problem.name not in ("torchvision", "torch"):
            raise
        raise DataError(
            f"{problem.name} is not installed, and MNIST, Fashion-MNIST and CIFAR-10 are read through torchvision: "
            "pip install torch torchvision. The embedded data need neither: load('digits') or load('shapes')"
        ) from None
    except RuntimeError as problem:
        if "operator torchvision::nms does not exist" not in str(problem):
            raise
        _declare_operators()
        import torchvision
    return torchvision


def _declare_operators() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        if not hasattr(torch.ops.torchvision, name):
            library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    _DEFINED.append(library)
