"""The exercises of lesson 08: find the fault, mend one line."""

from __future__ import annotations

from cnnkit.course.kit.exercise import Exercise

EXERCISES: tuple[Exercise, ...] = ()
