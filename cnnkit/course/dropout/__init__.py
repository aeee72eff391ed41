"""Notebook 03, dropout: the mathematics of leaving units out."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "drawings": "draw_all_masks draw_missing_units draw_now_and_later",
        "experiments": "example_order feature_maps few_digits rivals unsure",
        "experiments.forms": "Dropout losses_in_both_forms max_pool_probabilities repeated repeats",
        "explorers": "ElementOrChannel Mask Overfitting SubNetworks",
    },
)
