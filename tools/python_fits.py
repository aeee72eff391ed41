"""Says in one sentence why this Python cannot carry the course; silent when it can. Runs on any Python 3."""

import importlib.util
import sys

NEWEST = (3, 14)  # the last one that the locked torch has wheels for


def reason(found):
    """The sentence for Python `found`, or None."""
    version = "{}.{}".format(*found)  # an f-string would be a syntax error on the oldest
    if found < (3, 11):
        return "Python 3.11 or later is needed, this is " + version + ". Try: make lab PYTHON=python3.12"
    if found > NEWEST:
        return "The locked torch has no build for Python " + version + ". Try: make lab PYTHON=python3.12"
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        return "This Python has no venv module. On Debian and Ubuntu: apt install python3-venv"
    return None


if __name__ == "__main__":
    sys.exit(reason(sys.version_info[:2]))
