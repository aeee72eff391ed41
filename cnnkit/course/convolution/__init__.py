"""Notebook 05, convolution: what size comes out, and what a unit sees."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "drawings": "draw_channels draw_leftover draw_row draw_stamping",
        "explorers": "FilterPicture Stack Window",
    },
)
