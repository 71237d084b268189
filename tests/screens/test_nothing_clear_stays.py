"""Nothing clear stays in the program: 300 ms after the shield came back, no clear or light picture is left in memory.

Everything that the collector knows and all that it leads to is walked: what the reader gave (`Picture`), drawn lines
(`Strip`), and the samples themselves, as bytes. A `Want` may stay with a request that is done: it says which part of a
file was asked for, and holds no pixel. (The design's safety page, section 10, row 5; what was freed is not looked at.)
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from casebench import app_on, settle, workbench
from PIL import Image
from textual import events
from textual.pilot import Pilot
from textual.strip import Strip

from escaltui.safety.decode import Picture, Reader
from escaltui.screens.viewer import ViewerScreen
from escaltui.widgets.contact_sheet import ContactSheet
from escaltui.widgets.picture import HALF, Canvas, rows
from escaltui.workbench import Workbench

from .mediawork import Beat, case_with, file, keys, look, picture

SOON = 0.3
"""Seconds after which nothing may be left."""
LONG = 80
"""Samples that are looked for are at least so many bytes."""
VARIED = 8
"""Lines that are looked for have at least so many different cells."""
BORROWED = ("light", "clear")


class Given:
    """What the reader gave below rest: its samples and its lines, which the walk must not find."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.samples: set[bytes] = set()
        self.lines: set[int] = set()
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
            self.samples.add(hashlib.sha256(got.data).digest())
            samples = rows(got)
            pairs = zip(samples[::2], samples[1::2], strict=True)
            self.lines |= signed([list(zip(above, below, strict=True)) for above, below in pairs])
        return got


def signed(lines: list[list[tuple[int, int]]]) -> set[int]:
    """Lines told apart by their samples; flat ones tell nothing and are left out."""
    return {hash(tuple(line)) for line in lines if len(set(line)) >= VARIED}


def drawn_in(strip: Strip) -> list[list[tuple[int, int]]]:
    """The stretches of samples in a line as it is drawn."""
    found: list[list[tuple[int, int]]] = [[]]
    for text, style, _control in strip:
        if style is None or style.color is None or style.bgcolor is None or set(text) != {HALF}:
            found.append([])
        else:
            above, below = (each.get_truecolor() for each in (style.color, style.bgcolor))
            found[-1] += [(_number(above), _number(below))] * len(text)
    return found


def _number(colour: tuple[int, int, int]) -> int:
    return colour[0] << 16 | colour[1] << 8 | colour[2]


def left(given: Given, besides: set[int]) -> list[str]:
    """What of clear or light pictures is alive, in words: all that the collector knows, and all that it leads to."""
    gc.collect()
    tracked = gc.get_objects()
    found = ["Picture" for each in tracked if type(each) is Picture and each.level in BORROWED]
    for each in tracked:
        if type(each) is Strip and id(each) not in besides and signed(drawn_in(each)) & given.lines:
            found.append("Strip")
    held = {id(each): each for each in gc.get_referents(*tracked) if type(each) in (bytes, bytearray)}
    data = (each for each in held.values() if len(each) >= LONG)
    return found + ["samples" for each in data if hashlib.sha256(each).digest() in given.samples]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        yield bench


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Given:
    return Given(monkeypatch)


def moving() -> bytes:
    """A GIF of noise."""
    frames = [Image.open(io.BytesIO(picture(seed))).convert("P") for seed in range(6)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    return out.getvalue()


Shown = tuple[Pilot[str], ViewerScreen, Beat, set[int]]


@asynccontextmanager
async def lent(bench: Workbench, given: Given, *pressed: str) -> AsyncIterator[Shown]:
    """A picture and a moving one behind it, and keys after which the first is on the screen below its rest."""
    case_id = case_with(
        bench, file(bench, "one.png", "image/png", picture()), file(bench, "loop.gif", "image/gif", moving())
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
        assert "Strip" in left(given, besides)


async def test_control_samples_that_are_kept_are_found(bench: Workbench, given: Given) -> None:
    async with lent(bench, given, "enter") as (pilot, viewer, beat, besides):
        want = viewer.canvas.shown
        assert want is not None
        kept = pilot.app.reader.view(want, viewer.shield, viewer.shield.permit(beat())).data  # type: ignore[attr-defined]
        await _blur(pilot, viewer, beat)
        assert left(given, besides) == ["samples"]
        assert kept
