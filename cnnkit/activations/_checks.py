"""What all activations ask of dy and x."""

from __future__ import annotations

from typing import Any

import numpy as np

from cnnkit._arguments import floats, same_shape


def check_dy_and_x(dy: Any, x: Any) -> tuple[np.ndarray, np.ndarray]:
    dy, x = floats("dy", dy), floats("x", x)
    same_shape("dy", dy, x.shape, "that of x")
    return dy, x
