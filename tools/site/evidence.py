"""What stands behind a claim's verdict on its page: the explorer that shows it, and what was recorded.

Both follow the verdict, inside its fold: an explorer beside the claim would answer before anybody has voted.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from urllib.parse import urlencode

from cnnkit.course.claims import CLAIMS

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "_records"
HEADING = re.compile(r"(?m)^## Claim (\w+)$")
CONVOLUTION, POOLING, SHARING = "05_convolution_output_sizes", "04_pooling", "06_weight_sharing"
ACTIVATIONS, GRADIENTS, DROPOUT, CNN = "01_activations", "02_vanishing_gradients", "03_dropout", "07_full_cnn"
Setting = dict[str, str | float]
SEEN: dict[str, tuple[str, str, Setting]] = {  # claim: the page, the explorer in it, its setting
    "A1": (ACTIVATIONS, "shape", {"activation": "softplus"}),
    "A3": (ACTIVATIONS, "shape", {"x": 0}),
    "A5": (ACTIVATIONS, "shape", {"activation": "tanh", "x": 6}),
    "A6": (ACTIVATIONS, "shape", {"activation": "softplus", "x": 0}),
    "A12": (ACTIVATIONS, "sparsity", {"spread": 2}),
    "V1": (GRADIENTS, "depth", {"depth": 20}),
    "V3": (GRADIENTS, "depth", {"depth": 50, "activation": "relu", "init": "pytorch"}),
    "V4": (GRADIENTS, "one-unit", {"x": 5}),
    "V5": (GRADIENTS, "depth", {"depth": 50, "activation": "relu", "init": "he"}),
    "D1": (DROPOUT, "mask", {"p": 0.2}),
    "D2": (DROPOUT, "mask", {"p": 0.4, "units": 400}),
    "D3": (DROPOUT, "mask", {"p": 0.5, "training": "false"}),
    "D4": (DROPOUT, "mask", {"p": 0.5, "units": 10}),
    "D5": (DROPOUT, "sub-networks", {"units": 10}),
    "D11": (DROPOUT, "mask", {"p": 0.5, "scaled": "false"}),
    "D17": (DROPOUT, "mask", {"p": 0.5, "training": "false"}),
    "P1": (POOLING, "pool-window", {"stride": 1}),
    "P2": (CONVOLUTION, "stack", {"preset": "LeNet-5, max pooling, full C3"}),
    "P5": (POOLING, "receptive-field", {"layers": 3, "widened_by": "max pooling"}),
    "P7": (POOLING, "pool-window", {"kind": "average"}),
    "C1": (CONVOLUTION, "window", {"size": 5, "padding": 1}),
    "C2": (SHARING, "counter", {"size": 32, "filters": 2}),
    "C3": (SHARING, "counter", {"channels": 6}),
    "C4": (CNN, "walk-through", {"layer": "convolution 2"}),
    "C5": (CONVOLUTION, "window", {"size": 9, "kernel_size": 5, "padding": 2}),
    "C6": (CONVOLUTION, "window", {"size": 9, "kernel_size": 7, "padding": 3}),
    "C8": (CONVOLUTION, "filter-picture", {"padding_mode": "zeros", "kernel_size": 9}),
    "C9": (CONVOLUTION, "stack", {"preset": "three 3 × 3"}),
    "C10": (CONVOLUTION, "window", {"size": 8, "stride": 2}),
    "W1": (SHARING, "counter", {"size": 32, "padding": 2}),
    "W2": (SHARING, "matrix", {"row": 2}),
    "W3": (SHARING, "follow-shift", {"shift_x": 5}),
    "W6": (SHARING, "counter", {"size": 256}),
    "F1": (CNN, "walk-through", {"layer": "pooling 2"}),
}


def behind(claim: str, site: Path) -> str:
    """A sentence with the links of a claim, in Markdown, for a lab's page; its records are put into the site."""
    parts = []
    if claim in SEEN:
        where, explorer, setting = SEEN[claim]
        target = f"../{where}.html#{explorer}?{urlencode(setting)}"
        parts.append(f"[See it in an explorer]({target}){{.external}}")
    for file, names in CLAIMS[claim].records.items():
        kept = Path(FOLDER) / Path(file).relative_to("cnnkit/course")
        (site / kept).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, site / kept)
        told = ", ".join(f"`{name}`" for name in names)
        parts.append(f"[What was recorded](../{kept.as_posix()}){{.external}}: {told}")
    return f"{'. '.join(parts)}." if parts else "All of it is computed in the measurement above."
