"""Keys wait for a page that is being read, also where a newer reading takes the place of the one they wait for."""

from __future__ import annotations

import threading
from pathlib import Path

from casebench import app_on, settle, workbench

LONG = 30
"""Seconds after which a reading that nobody lets go on gives up."""


async def test_keys_wait_for_the_newer_reading_too(tmp_path: Path) -> None:
    older, newer, drawn = threading.Event(), threading.Event(), list[str]()
    with workbench(tmp_path) as bench:
        async with app_on(bench) as pilot:
            frame, gate = pilot.app.frame, pilot.app.gate  # type: ignore[attr-defined]
            frame.read(lambda _: older.wait(LONG), lambda _: drawn.append("older"), group="page", hold=True)
            frame.read(lambda _: newer.wait(LONG), lambda _: drawn.append("newer"), group="page")
            assert gate.holds == 2
            older.set()
            while frame._held["page"] > 1:
                await pilot.pause()
            assert gate.holds == 1
            newer.set()
            await settle(pilot)
            assert (gate.holds, drawn) == (0, ["newer"])
