"""Notebook 01, activations: what a unit does with its sum, and why some units die."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "dots": "draw_dots",
        "drawings": "draw_death draw_unit",
        "explorers": "DeadUnits Shape Sparsity ZigZag",
        "experiments": "activity convergence",
        "experiments.linear_regions": "folding",
        "folds": "draw_folds draw_pieces",
        "gallery": "draw_gallery",
        "rivals": "race",
    },
)
