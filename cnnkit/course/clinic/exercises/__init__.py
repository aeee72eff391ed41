"""The exercises of lesson 08: find the fault, mend one line."""

from cnnkit.course.clinic.exercises.batches import BATCHES
from cnnkit.course.clinic.exercises.evaluation import ACCURACY
from cnnkit.course.clinic.exercises.shapes import PADDING
from cnnkit.course.clinic.exercises.split import SPLIT

EXERCISES = (PADDING, BATCHES, ACCURACY, SPLIT)
