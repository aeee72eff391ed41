"""Notebook 06, weight sharing: why all positions use the same weights."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "drawings": "draw_separable draw_three_layers",
        "explorers": "Counter FollowShift Matrix WhoReads",
        "experiments.nets": "NETS",
        "experiments.settings": "costs follows gradient_difference layers matrix_difference random_setting untied",
        "experiments.training": "SHIFTS accuracy on_canvas train",
    },
)
