"""Notebook 00: how the course works."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "explorers": "Row",
    },
)
