"""The real app, driven by keys in a process of its own, for `media_sessions`. Prints one JSON object.

`python media_child.py STORE modules|stall [control]`: which modules a session with pictures, films and documents loads;
or the longest time in which the app did not come to do anything while files made to hurt a reader were opened.
Imports nothing that decodes.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from casebench import press, settle
from textual.pilot import Pilot

from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me
from escaltui.safety.decode import NotShown, Reader
from escaltui.screens.viewer import ViewerScreen
from escaltui.screens.viewing import Viewing
from escaltui.workbench import Workbench

SIZE = (174, 44)
DEAF = 0.35
"""Keys reveal nothing right after an item appears."""
DECODERS = ("PIL", "av", "pypdfium2", "pypdfium2_raw", "pdqhash", "numpy")
REST = 1.5
"""Seconds that are looked at where nothing happens."""


async def keys(pilot: Pilot[str], *pressed: str) -> ViewerScreen:
    """Keys one by one, each until all of it is on the screen."""
    for key in pressed:
        await asyncio.sleep(DEAF)
        await press(pilot, key)
        await settle(pilot)
    viewer = pilot.app.screen
    assert isinstance(viewer, ViewerScreen)
    return viewer


# --- which modules are loaded


async def modules(pilot: Pilot[str]) -> dict[str, Any]:
    """A picture revealed in colour and zoomed, its facts, a film's sheet and still, a document and its pages."""
    did: dict[str, Any] = {}
    viewer = await keys(pilot, "v", "enter", "o", "+")
    did["clear"] = viewer.canvas.shown is not None and viewer.canvas.shown.level == "clear"
    await press(pilot, "i")
    await settle(pilot)
    viewer = await keys(pilot, "escape", "2", "#")
    did["film tiles"] = len(viewer.sheet_view.tiles)
    viewer = await keys(pilot, "enter", "enter")
    did["still clear"] = viewer.canvas.shown is not None and viewer.canvas.shown.level == "clear"
    viewer = await keys(pilot, "3", "]", "enter")
    did["page clear"] = viewer.canvas.shown is not None and viewer.canvas.shown.level == "clear"
    viewer = await keys(pilot, "#")
    did["pages"] = len(viewer.sheet_view.tiles)
    return did | {"modules": [name for name in DECODERS if name in sys.modules]}


def reads_here() -> None:
    """The control: the picture's size is read in this process."""
    opened = Reader.open

    def open_(reader: Reader, path: Path, sha256: str, declared: str) -> Any:
        import PIL.Image  # noqa: F401

        return opened(reader, path, sha256, declared)

    Reader.open = open_  # type: ignore[method-assign]


# --- how long it stands still


class Heart:
    """The longest time between two beats."""

    def __init__(self) -> None:
        self.longest, self._last = 0.0, time.perf_counter()
        self._task = asyncio.ensure_future(self._beat())

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(0.002)
            now = time.perf_counter()
            self.longest, self._last = max(self.longest, now - self._last), now

    def taken(self) -> float:
        """The longest since this was asked last, in ms."""
        longest, self.longest = self.longest, 0.0
        return round(longest * 1000, 1)


async def stall(pilot: Pilot[str]) -> dict[str, Any]:
    """The first file is plain; then bombs; at the last one the worker hangs."""
    viewer = await keys(pilot, "v")
    heart, found, notes, each = Heart(), {}, [], []
    await asyncio.sleep(REST)
    found["nothing happens"] = heart.taken()
    await opened(pilot, "down")
    found["a picture"] = heart.taken()
    for _bomb in range(len(viewer.faces) - 3):
        await opened(pilot, "right")
        notes.append(viewer.note)
        each.append(heart.taken())
    found["bombs"] = max(each)
    before = pilot.app.reader.pid  # type: ignore[attr-defined]
    os.kill(before, signal.SIGSTOP)
    begun = time.monotonic()
    await opened(pilot, "right")
    notes.append(viewer.note)
    took = time.monotonic() - begun
    found["a worker that hangs"] = heart.taken()
    await opened(pilot, "1")
    back = viewer.canvas.shown is not None and pilot.app.reader.pid not in (None, before)  # type: ignore[attr-defined]
    return {"gaps": found, "notes": notes, "hung for": round(took, 1), "back": back, "each": each}


async def opened(pilot: Pilot[str], key: str) -> None:
    """Another file appears, and its reader has answered; nothing is waited for in a way that would hold the app."""
    pilot.app.simulate_key(key)
    viewer = pilot.app.screen
    assert isinstance(viewer, ViewerScreen)
    await asyncio.sleep(0.1)
    for _time in range(1000):
        if viewer.note or viewer.canvas.shown is not None:
            break
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.2)


def waits_here() -> None:
    """The control: the reader is asked where the screen is drawn."""

    def ask(viewer: Viewing, call: Any, then: Any, group: str) -> None:
        try:
            then(call(viewer.app.reader))
        except NotShown as refused:
            then(refused)

    Viewing.ask = ask  # type: ignore[method-assign]


DOES = {"modules": (modules, reads_here), "stall": (stall, waits_here)}


async def main(store: Path, what: str, control: bool) -> None:
    """Open the app on a store, do it, and print what was found."""
    do, seed = DOES[what]
    if control:
        seed()
    gc.disable()  # as the program does until its first paint; the app enables it then
    config = Config(store.parent / "child-settings", me=Me("kosei"), exists=True)
    with Workbench.open(store, config=config) as bench:
        async with EscaltuiApp(bench, config).run_test(size=SIZE) as pilot:
            await settle(pilot)
            found = await do(pilot)
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], "control" in sys.argv))
