"""The story of one order in the real program, from the mail that comes in to the appeal that overturns a line."""

from __future__ import annotations

from pathlib import Path

import order_story
import pytest
from desks import Desk


def test_an_order_from_its_mail_to_the_appeal(desk: Desk, tmp_path: Path) -> None:
    for line in order_story.walk(desk, tmp_path / "papers", hurry=True):
        print(line)


def test_the_check_finds_what_the_timeline_leaves_out_or_tells_too_early() -> None:
    told = [{"at": f"{n:03}", "what": what} for n, what in enumerate(order_story.IN_ORDER)]
    order_story.check_told(told)
    with pytest.raises(AssertionError, match="approved"):
        order_story.check_told([each for each in told if each["what"] != "approved"])
    with pytest.raises(AssertionError):
        order_story.check_told([*told[1:], told[0] | {"at": "999"}])
