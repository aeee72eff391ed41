"""Lesson 08, the bug clinic: networks that do not do what they should."""

from cnnkit.course import namespace

__all__, __getattr__, __dir__ = namespace(
    __name__,
    {
        "cases": "ink scanned",
        "drawings": "draw_checklist draw_field_guide",
        "explorers": "Clinic FirstLoss",
        "layers": "report",
    },
)
