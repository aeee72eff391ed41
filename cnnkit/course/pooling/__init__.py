"""Lesson and lab 04, pooling: what shrinking a picture keeps, and what it loses."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "drawings": "draw_aliasing draw_pooling_by_hand draw_way_back",
        "explorers": "Downsample PoolWindow ReceptiveField ShiftIt",
        "experiments": "feature_maps networks pictures positions",
        "follow": "draw_following draw_moves",
        "follow_numbers": "Staying paired",
    },
)
