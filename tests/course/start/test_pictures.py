"""The start page's row of windows."""

import pytest

from cnnkit.course.start.row import draw_row


def test_the_row_counts_its_windows() -> None:
    assert draw_row(7, 3).sentence == "7 − 3 + 1 = 5: 5 windows of 3 fit in a row of 7."
    assert draw_row(4, 4).sentence == "4 − 4 + 1 = 1: one window of 4 fits in a row of 4."
    with pytest.raises(ValueError, match=r"A window of 5 does not fit in a row of 4."):
        draw_row(4, 5)
