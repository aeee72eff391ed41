"""Says in one sentence why this Python cannot carry the course; silent when it can. Runs on any Python 3."""

import importlib.util
import sys

NEWEST = (3, 14)  # the last one that the locked torch has wheels for


def reason():
    version = "%d.%d" % sys.version_info[:2]  # noqa: UP031  an f-string would be a syntax error on old Pythons
    if sys.version_info < (3, 11):
        return "Python 3.11 or later is needed, this is " + version + ". Try: make lab PYTHON=python3.12"
    if sys.version_info[:2] > NEWEST:
        return "The locked torch has no build for Python " + version + ". Try: make lab PYTHON=python3.12"
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        return "This Python has no venv module. On Debian and Ubuntu: apt install python3-venv"
    return None


sys.exit(reason())
