"""A program killed while it takes mails in: after the next start nothing is lost, nothing is there twice."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from imap_server import MailRoom
from killing import killed, started, taken_in_with_kills
from mail_desk import misplaced, opened, sent
from mail_plan import generated

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")


def test_killed_in_between(room: MailRoom, tmp_path: Path) -> None:
    with opened(tmp_path) as bench:
        ours = sent(bench, 4)
    plan = generated(ours, 40, seed=11)
    room.append(*(each.content for each in plan))
    assert taken_in_with_kills(tmp_path, room, 2, random.Random(5), 25) >= 1
    with opened(tmp_path) as bench:
        assert misplaced(bench, plan, ours) == []
        assert bench.store.verify().sound


def test_a_cursor_kept_too_early_is_noticed(room: MailRoom, tmp_path: Path) -> None:
    """The control: a reader that keeps its cursor before what it stands for loses a page when it is killed there."""
    with opened(tmp_path) as bench:
        ours = sent(bench, 4)
    plan = generated(ours, 12, seed=11)
    room.append(*(each.content for each in plan))
    assert killed(started(tmp_path, room, "early"), lambda row: row == "early")
    assert not killed(started(tmp_path, room), lambda _row: False)
    with opened(tmp_path) as bench:
        assert misplaced(bench, plan, ours) != []
