"""Notebook 04, pooling: what shrinking a picture keeps, and what it loses."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "Downsample PoolWindow ReceptiveField ShiftIt",
        "experiments": "feature_maps networks pictures positions",
    },
)
