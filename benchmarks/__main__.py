"""`python -m benchmarks`: measure, print the table, and write it where the README shows it."""

import os

for pool in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):  # read when numpy and torch are imported
    os.environ[pool] = "1"

from benchmarks.bench import main  # noqa: E402 (after the lines above, or they come too late)

main()
