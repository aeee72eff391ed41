"""cnnkit held against tests that others wrote: `python -m tests.peers` runs them, `make peers` installs what they need.

Each case ends in one of three ways: it passes, it fails, or it cannot be expressed with cnnkit, for a reason that is
counted. Nothing is skipped without one.
"""
