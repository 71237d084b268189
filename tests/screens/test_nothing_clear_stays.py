"""Nothing clear stays in the program: 300 ms after the shield came back, no clear or light picture is left in memory.

Everything that the collector knows and all that it leads to is walked: what the reader gave (`Picture`), what was asked
of it (`Want`), drawn lines (`Strip`), and the samples themselves, as bytes. (The design's safety page, section 10, row
5; memory that was freed is not looked at.)
"""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from casebench import app_on, settle, workbench
from textual import events
from textual.pilot import Pilot
from textual.strip import Strip

from escaltui.safety.decode import Picture, Reader, Want
from escaltui.screens.viewer import ViewerScreen
from escaltui.widgets.contact_sheet import ContactSheet
from escaltui.widgets.picture import Canvas
from escaltui.workbench import Workbench

from .mediawork import Beat, bare, case_with, colours, file, keys, look, loop, picture, samples

SOON = 0.3
"""Seconds after which nothing may be left."""
LONG = 200
"""Samples that are looked for are at least so many bytes."""
BORROWED = ("light", "clear")


class Given:
    """What the reader gave below rest, as bytes of its own: the walk must find no others like them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.samples: set[int] = set()
        view, sheet = Reader.view, Reader.sheet

        def viewed(reader: Reader, *arguments: Any) -> Picture:
            return self._noted(view(reader, *arguments))

        def sheeted(reader: Reader, *arguments: Any) -> Any:
            tiles = sheet(reader, *arguments)
            for tile in tiles:
                self._noted(tile.picture)
            return tiles

        monkeypatch.setattr(Reader, "view", viewed)
        monkeypatch.setattr(Reader, "sheet", sheeted)

    def _noted(self, got: Picture) -> Picture:
        if got.level in BORROWED and len(got.data) >= LONG:
            self.samples.add(hash(got.data))
        return got


def reached() -> Iterator[object]:
    """All objects that are alive and known to the collector, and all that they hold."""
    gc.collect()
    tracked = gc.get_objects()
    known = {id(each) for each in tracked}
    for each in tracked:
        yield each
        for held in gc.get_referents(each):
            if id(held) not in known:
                known.add(id(held))
                yield held


def left(given: Given, besides: set[int]) -> list[str]:
    """What of clear or light pictures is alive, in words."""
    found = []
    for each in reached():
        kind = type(each)
        if kind in (Picture, Want) and each.level in BORROWED:  # type: ignore[attr-defined]
            found.append(f"{kind.__name__} at {each.level}")  # type: ignore[attr-defined]
        elif kind is Strip and id(each) not in besides and bare(colours(each)):  # type: ignore[arg-type]
            found.append("Strip")
        elif kind in (bytes, bytearray) and len(each) >= LONG and hash(bytes(each)) in given.samples:  # type: ignore[arg-type, call-overload]
            found.append("samples")
    return sorted(found)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        yield bench


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    return Given(monkeypatch)


Shown = tuple[Pilot[str], ViewerScreen, Beat, set[int]]


@asynccontextmanager
async def lent(bench: Workbench, given: Given, *pressed: str) -> AsyncIterator[Shown]:
    """A picture and a moving one behind it, and keys after which the first is on the screen below its rest."""
    case_id = case_with(
        bench, file(bench, "one.png", "image/png", picture()), file(bench, "loop.gif", "image/gif", loop())
    )  # fmt: skip
    strips = [each for each in gc.get_objects() if type(each) is Strip]  # held, so that no new one has their identity
    async with app_on(bench, (100, 30)) as pilot:
        viewer, beat = await look(pilot, case_id, 1 if "#" in pressed else 0)
        for key in pressed:
            await keys(pilot, key)
            beat.now += 0.4
        assert left(given, {id(each) for each in strips}), "it is there while it is shown"
        yield pilot, viewer, beat, {id(each) for each in strips}


async def soon(pilot: Pilot[str], done: Callable[[], object]) -> None:
    """Something that brings the shield back, and 300 ms."""
    begun = time.monotonic()
    done()
    await settle(pilot)
    await asyncio.sleep(max(0.0, SOON - (time.monotonic() - begun)))


async def _pressed(pilot: Pilot[str], viewer: ViewerScreen, beat: Beat, key: str) -> None:
    await pilot.press(key)
    await soon(pilot, lambda: None)


async def _blur(pilot: Pilot[str], viewer: ViewerScreen, beat: Beat) -> None:
    await soon(pilot, lambda: pilot.app.post_message(events.AppBlur()))


async def _ended(pilot: Pilot[str], viewer: ViewerScreen, beat: Beat) -> None:
    beat.now += 200
    await soon(pilot, viewer.lease_tick)


async def _left(pilot: Pilot[str], viewer: ViewerScreen, beat: Beat) -> None:
    await pilot.press("escape")
    await _pressed(pilot, viewer, beat, "escape")


Away = Callable[[Pilot[str], ViewerScreen, Beat], Awaitable[None]]
AWAY: dict[str, Away] = {
    "b": lambda pilot, viewer, beat: _pressed(pilot, viewer, beat, "b"),
    "esc": lambda pilot, viewer, beat: _pressed(pilot, viewer, beat, "escape"),
    "another file": lambda pilot, viewer, beat: _pressed(pilot, viewer, beat, "2"),
    "focus lost": _blur, "lease over": _ended, "left": _left,
}  # fmt: skip
LENT = {
    "light": ("]",), "clear": ("enter",), "colour, panned": ("enter", "o", "+", "+", "left", "up"),
    "contact sheet": ("#", "space"),
}  # fmt: skip


@pytest.mark.parametrize("away", AWAY)
async def test_nothing_clear_stays_after(bench: Workbench, given: Given, away: str) -> None:
    async with lent(bench, given, *LENT["colour, panned"]) as (pilot, viewer, beat, besides):
        await AWAY[away](pilot, viewer, beat)
        assert left(given, besides) == []


@pytest.mark.parametrize("what", LENT)
async def test_nothing_stays_of(bench: Workbench, given: Given, what: str) -> None:
    async with lent(bench, given, *LENT[what]) as (pilot, viewer, beat, besides):
        await _blur(pilot, viewer, beat)
        assert left(given, besides) == []


@pytest.mark.parametrize("what", ["clear", "contact sheet"])
async def test_control_frames_that_are_kept_are_found(
    bench: Workbench, given: Given, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setattr(ContactSheet if what == "contact sheet" else Canvas, "keep", lambda self, allowed: None)
    async with lent(bench, given, *LENT[what]) as (pilot, viewer, beat, besides):
        await _blur(pilot, viewer, beat)
        found = left(given, besides)
        assert any(each.startswith("Want") for each in found)
        assert "Strip" in found


async def test_control_samples_that_are_kept_are_found(bench: Workbench, given: Given) -> None:
    async with lent(bench, given, "enter") as (pilot, viewer, beat, besides):
        want = viewer.canvas.shown
        assert want is not None
        kept = pilot.app.reader.view(want, viewer.shield, viewer.shield.permit(beat())).data  # type: ignore[attr-defined]
        await _blur(pilot, viewer, beat)
        assert left(given, besides) == ["samples"]
        assert kept
