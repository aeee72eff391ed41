"""Lesson 02, vanishing gradients: why a deep sigmoid network does not learn."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "Depth OneUnit TrainIt",
        "drawings": "draw_chain draw_products draw_skip",
        "race": "draw_race race_yours",
        "experiments": "Block deep_net factors learning_curves loss_gradients open_range slope",
        "depth_numbers": "measure_flow predict_flow",
        "flow_math": "default_gradient",
        "inits_math": "kaiming_uniform pytorch_default",
    },
)
