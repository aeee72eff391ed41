"""Bad input gets a ValueError whose sentence names the argument, what was given and what is allowed."""

from importlib import import_module
from pathlib import Path

import pytest

FILES = sorted(Path(__file__).parent.glob("bad_calls_*.py"))
BAD_CALLS = [call for file in FILES for call in import_module(f"tests.{file.stem}").BAD_CALLS]


def test_the_table_is_long_enough():
    assert len(BAD_CALLS) >= 60


@pytest.mark.parametrize(("call", "sentence"), BAD_CALLS, ids=lambda v: v if isinstance(v, str) else "")
def test_bad_input(call, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        call()
    assert "\n" not in str(error.value)
