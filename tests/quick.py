"""What lets tests wait no longer than they must: folders in memory, and keys that follow soon."""

from __future__ import annotations

import os
import shutil
from asyncio import sleep
from pathlib import Path
from time import monotonic, process_time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App
    from textual.pilot import Pilot

MEMORY = Path("/dev/shm")
ROOM = 4 << 30
"""Bytes that are free there at least; a machine with less uses its disk."""
LOOKS = 0.004
"""Seconds between two looks at whether an app rests."""


def folders_in_memory() -> None:
    """Have pytest make its folders in memory where there is room, so that no test waits for a disk: a kill loses
    nothing of it, and the tests of a power cut have a disk of their own (`tests/soak/power_disk.py`)."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


def keys_follow_soon() -> None:
    """Textual's pilot waits for two rests of 20 ms after each key: most of the time of tests of screens. A rest of 4 ms
    does between keys; what a test looks at afterwards it waits for as before (`Pilot.pause`)."""
    import textual.app

    textual.app.wait_for_idle = rested  # type: ignore[assignment]


async def rested(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """As Textual's `wait_for_idle`: until the process takes less than 5 % of a processor."""
    end = monotonic() + max_sleep
    while True:
        taken = process_time()
        await sleep(LOOKS)
        if process_time() - taken < LOOKS / 20 or monotonic() >= end:
            return


def drawn(app: App[Any]) -> bool:
    """Whether no widget in front has a message to handle or anything to draw. A process that gets no processor looks
    as if it rested, so that alone proves nothing."""
    screen = app.screen
    pumps = (app, screen, *screen.walk_children())
    if any(pump._next_callbacks or not pump._message_queue.empty() for pump in pumps):
        return False
    return not (screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks)


async def pause(pilot: Pilot[Any]) -> None:
    """As `Pilot.pause`: every widget has handled what was sent to it, the app rests, and what changed is drawn."""
    await pilot._wait_for_screen()
    await rested()
    pilot.app.screen._on_timer_update()
