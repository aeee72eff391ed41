"""Notebook 03, dropout: the mathematics of leaving units out."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "ElementOrChannel Mask Overfitting SubNetworks",
        "experiments": "example_order feature_maps few_digits",
        "experiments.forms": "losses_in_both_forms max_pool_probabilities repeated repeats",
    },
)
