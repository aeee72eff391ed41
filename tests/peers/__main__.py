"""`python -m tests.peers`: run others' suites and print what came of them; `--write` puts the table into the README.

Ends with 1 if a case fails, or if a difference that is declared is none any more.
"""

import sys
from importlib.metadata import version
from pathlib import Path

from benchmarks.bench import put_into
from tests.peers import calls, onnx_nodes, opinfo
from tests.peers.tally import Tally, table

README = Path(__file__).resolve().parents[2] / "README.md"


def main(arguments: list[str]) -> int:
    tallies: list[Tally] = []
    for suite in (*onnx_nodes.SUITES, *opinfo.SUITES):
        tallies.append(suite())
        print(tallies[-1].report(), flush=True)
    text = f"{table(tallies)}\n\nonnx {version('onnx')}, torch {version('torch')}, numpy {version('numpy')}.\n"
    stale = [f"declared in tests/peers/calls.py, but no case needs it: {entry}" for entry in calls.unmet()]
    print(*stale, text, sep="\n")
    if "--write" in arguments:
        put_into(README, text, "peers")
    return 1 if stale or any(tally.failed for tally in tallies) else 0


sys.exit(main(sys.argv[1:]))
