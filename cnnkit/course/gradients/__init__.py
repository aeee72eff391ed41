"""Lesson 02, vanishing gradients: why a deep sigmoid network does not learn."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "Depth OneUnit TrainIt",
        "drawings": "draw_chain draw_products draw_skip",
        "race": "race_yours",
        "experiments": "deep_net factors loss_gradients open_range slope",
        "depth_numbers": "measure_flow predict_flow",
        "inits_math": "kaiming_uniform",
    },
)
