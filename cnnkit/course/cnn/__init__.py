"""Notebook 07, the full CNN: the layers put together."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "Mistakes Occlusion WalkThrough",
        "build_explorer": "BuildYourOwn",
        "drawings": "draw_costs draw_filters draw_network draw_norm draw_residual",
        "experiments.tables": "baselines norm_table orders_table",
        "experiments.again": "again",
        "experiments.measures": "variance_shift",
        "experiments.nets": "build_net images_task",
        "experiments.twin": "train_both",
    },
)
