"""Readers of a mailbox that are killed while they take in, and started anew until one comes to its end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from imap_server import MailRoom

READER = Path(__file__).with_name("reader.py")
ROUNDS = 200


def started(folder: Path, room: MailRoom, *more: str) -> subprocess.Popen[str]:
    """A reader of its own process."""
    argv = [sys.executable, str(READER), str(folder), str(room.port), room.password, *more]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, env={**os.environ, "ESCALTUI_NO_FRENCH": "1"})


def killed(reader: subprocess.Popen[str], when: Callable[[str], bool]) -> bool:
    """Kill a reader after a line that it says; False where it came to its end before."""
    assert reader.stdout is not None
    for row in reader.stdout:
        if row.strip() == "done":
            break
        if when(row.strip()):
            reader.send_signal(signal.SIGKILL)
            break
    reader.stdout.read()
    return reader.wait() == -signal.SIGKILL


def taken_in_with_kills(folder: Path, room: MailRoom, kills: int, chance: random.Random, most: int) -> int:
    """Take a mailbox in with so many kills, each after 1 to `most` steps, then to its end; gives how many came off."""
    came_off = 0
    for _round in range(kills):
        left = iter(range(chance.randint(1, most), -1, -1))
        came_off += killed(started(folder, room), lambda _row, left=left: next(left, 0) == 0)  # type: ignore[misc]
    assert not killed(started(folder, room), lambda _row: False)
    return came_off
