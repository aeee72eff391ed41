"""What recorders share: measurements that take minutes are made on one thread, and written beside their topic."""

from __future__ import annotations

import os
import sys

POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


def one_thread() -> None:
    """Start this program again with one thread unless it has one: NumPy and torch ask when they are imported."""
    if any(os.environ.get(pool) != "1" for pool in POOLS):
        os.environ.update(dict.fromkeys(POOLS, "1"))
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
