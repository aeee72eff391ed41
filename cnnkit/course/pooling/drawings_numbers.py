"""The small arrays of lesson 04's drawings."""

import numpy as np

EXAMPLE = np.array([[1, 3, 2, 0], [5, 7, 1, 1], [2, 2, 7, 5], [0, 4, 1, 7]])  # the last window holds two sevens
UPSTREAM = np.array([[4, 8], [12, 16]])  # gradients of its four outputs: a quarter of each is whole
STRIPES = np.array([0, 0, 1, 1, 0, 0, 1, 1])
