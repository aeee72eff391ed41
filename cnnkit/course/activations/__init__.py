"""Notebook 01, activations: what a unit does with its sum, and why some units die."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "DeadUnits Shape Sparsity",
        "experiments": "activity convergence",
        "experiments.linear_regions": "collapse count_pieces folding random_pieces",
        "gallery": "draw_gallery",
    },
)
