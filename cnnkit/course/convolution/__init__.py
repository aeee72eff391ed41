"""Notebook 05, convolution: what size comes out, and what a unit sees."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "FilterPicture Stack Window",
    },
)
