"""Bad input gets a ValueError whose sentence names the argument, what was given and what is allowed."""

import pytest

from tests import bad_calls_convolution, bad_calls_layers

BAD_CALLS = [*bad_calls_convolution.BAD_CALLS, *bad_calls_layers.BAD_CALLS]


def test_the_table_is_long_enough():
    assert len(BAD_CALLS) >= 60


@pytest.mark.parametrize(("call", "sentence"), BAD_CALLS, ids=lambda v: v if isinstance(v, str) else "")
def test_bad_input(call, sentence):
    with pytest.raises(ValueError, match=sentence) as error:
        call()
    assert "\n" not in str(error.value)
