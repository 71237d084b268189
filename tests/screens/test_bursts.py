"""Keys that arrive in one packet do the same as keys typed slowly: the same operations in the same order.

12 bursts in `make test`, 1,000 with ESCALTUI_THOROUGH=1. Many bursts share one desk and one app, as in a shift: each
begins where the ones before left the cases, and after each one what was done and where one stands are compared.
"""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import pytest
from textual.events import Key
from textual.widgets import Input

from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me
from escaltui.screens.queue import QueueScreen
from escaltui.workbench import Workbench

from .conftest import CASES, Clock, open_case, settled, text_of

Make = Callable[..., EscaltuiApp]
BURSTS = 1000 if os.environ.get("ESCALTUI_THOROUGH") else 12
A_SHIFT = 25
"""How many bursts one app gets."""
SHORT, LONG = 3, 40
"""Keys in a burst: short ones are the more frequent, as at a desk."""
GAPS = (0.0, 0.004, 0.015)
"""Seconds between the keys of a burst: one packet, and what a slow line makes of it."""
POLICIES = Path(str(files("escaltui"))) / "policy" / "data" / "documents" / "safety"
WORDS = (
    "j", "k", "x", "u", "escape", "2", "0", "n", "s", "R", "D", "full_stop", "end", "home", "pagedown", "J", "K",
    "a a", "g g", "g q", "g c", "g n escape", "e escape", "question_mark escape", "y r", "U", "enter", "tab",
    "e g a b enter", "e x 1", "e i 2", "e t ctrl+s", "e l h i g h enter", "e b escape", "w 2 h enter", "w escape",
    "c h i ctrl+s", "c n o escape", "slash p o enter", "slash escape", "slash t y p e escape", "i escape",
    "colon t a g space z enter", "colon b r i e f enter escape", "ctrl+p c l e a r escape", "equals_sign escape",
    "asterisk i s colon o p e n enter", "x j x semicolon e g q enter y", "x semicolon c o k ctrl+s y",
    "d", "d 2 v i o l enter d w h y ctrl+s", "d 2 v i o l enter d w h y escape", "d a o k ctrl+s",
    "d 0 n o ctrl+s escape", "d 2 N escape escape", "d enter 3 escape", "C l ctrl+s", "C l escape", "C ctrl+s escape",
    "S ctrl+s escape", "A escape", "r 5 ctrl+s escape", "r escape", "t c a l l enter", "P escape",
    "m p t h e y enter y", "m escape", "e n 1 o k enter", "e v 3", "e c 1 escape", "e y escape", "e w n o enter",
    "g o 2", "g o A escape g q", "g o 3 enter", "u u", "a a d",
    "p escape", "p t h r e a t enter escape", "p v i o l enter L", "p h a r m enter c ctrl+s escape",
)  # fmt: skip
"""What a person types, in pieces that belong together."""
PRINTED = {"full_stop": ".", "slash": "/", "colon": ":", "space": " ", "semicolon": ";", "question_mark": "?",
           "equals_sign": "=", "asterisk": "*"}  # fmt: skip


class Found(NamedTuple):
    """What a burst has come to; `shown`: the screen, for whoever reads a failure."""

    stands: tuple[object, ...]
    done: list[tuple[str, ...]]
    shown: list[str]


class Burst(NamedTuple):
    """Keys, and the seconds between them."""

    keys: tuple[str, ...]
    gap: float


def key(name: str) -> Key:
    return Key(name, PRINTED.get(name) or (name if len(name) == 1 else None))


def drawn(seed: int, count: int) -> list[Burst]:
    """Bursts of 3 to 40 keys: pieces, and one key of any in between, so that pieces break off anywhere."""
    draw, made = random.Random(seed), []
    singles = sorted({name for word in WORDS for name in word.split()})
    for _n in range(count):
        wanted = SHORT + min(int(draw.expovariate(1 / 7)), LONG - SHORT)
        names: list[str] = []
        while len(names) < wanted:
            names += [draw.choice(singles)] if draw.random() < 0.1 else draw.choice(WORDS).split()
        made.append(Burst(tuple(names[:LONG]), draw.choice(GAPS)))
    return made


def done(bench: Workbench) -> list[tuple[str, ...]]:
    """What the log and the cases hold, without ids and times; nor what was before somebody's eyes long enough to count
    as read, which is what typing slowly does."""
    cases = bench.page("", limit=50)
    titles = {row.id: row.title.value for row in cases}
    kept = reversed(bench.store.own_operations("rmarin", 2000))
    own = [(titles.get(each.case_id, ""), each.type) for each in kept if each.type != "ReadSections"]
    states = sorted((titles[row.id], row.status, *(tag.value for tag in row.tags)) for row in cases)
    return [*own, *states]


def standing(app: EscaltuiApp) -> tuple[object, ...]:
    """Where the keys have led: the screens, the focus, the view, the filter, the marks, and the cursor of the list.

    The cursor only where the list is in front: behind another screen no row moves, so it stands where it was.
    """
    queue = app._screen_stacks["queue"][0]
    assert isinstance(queue, QueueScreen)
    assert queue.view is not None
    line = queue.listing.current if app.screen is queue else None
    field = app.focused
    return (
        app.current_mode, [type(screen).__name__ for screen in app.screen_stack], type(field).__name__,
        field.value if isinstance(field, Input) else "", queue.view.id, queue.filter, line.title.value if line else "",
        sorted(each.title.value for mark in queue.listing.marks if (each := app.bench.line(mark))),
    )  # fmt: skip


async def type_(app: EscaltuiApp, names: Iterable[str], gap: float | None) -> None:
    """Post keys with a gap, or (None) each when the one before has acted."""
    for name in names:
        app.post_message(key(name))
        if gap is None:
            await settled(app)
        elif gap:
            await asyncio.sleep(gap)
    await settled(app)
    for _turn in range(100):  # a screen that is shown for the first time takes the focus a moment later
        if app.focused is not None:
            break
        await asyncio.sleep(0.005)


HOME = ("escape",) * 4 + ("g", "q", "escape", "escape", "0", "home")
"""Back to the top of the whole queue, with nothing open, typed or marked."""


async def shift(folder: Path, bursts: list[Burst], *, slowly: bool) -> AsyncIterator[Found]:
    """Type bursts at a fresh desk; after each, what was done until then and where one stands."""
    clock, config = Clock(), Config(folder / "config", me=Me("rmarin"), exists=True)
    bench = Workbench.open(folder / ("slow" if slowly else "fast"), config=config, clock=clock)
    for at, row in enumerate(CASES):
        open_case(bench, *row, item=f"a{at}")
    bench.import_policies(POLICIES)
    app = EscaltuiApp(bench, config)
    try:
        async with app.run_test(size=(80, 24)):
            await settled(app)
            for burst in bursts:
                await type_(app, burst.keys, None if slowly else burst.gap)
                yield Found(standing(app), done(bench), text_of(app))
                await type_(app, HOME, 0)
    finally:
        bench.close()


@pytest.mark.parametrize("at", range(0, BURSTS, A_SHIFT))
async def test_a_burst_does_what_slow_typing_does(tmp_path: Path, at: int) -> None:
    bursts = drawn(at, min(A_SHIFT, BURSTS - at))
    fast = [found async for found in shift(tmp_path, bursts, slowly=False)]
    slow = [found async for found in shift(tmp_path, bursts, slowly=True)]
    for number, (burst, left, right) in enumerate(zip(bursts, fast, slow, strict=True)):
        told = f"burst {number} of {at}: {' '.join(burst.keys)}, {burst.gap} s between keys"
        told = "\n".join([told, "typed at once:", *left.shown, "typed slowly:", *right.shown])
        assert left.stands == right.stands, told
        more, less = Counter(left.done) - Counter(right.done), Counter(right.done) - Counter(left.done)
        assert (more, less) == ({}, {}), told
        assert left.done == right.done, told


async def test_a_key_goes_on_when_a_worker_hangs(make_app: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("escaltui.widgets.gate.PATIENCE", 0.05)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        app.gate.hold()
        await pilot.press("j")
        for _turn in range(100):
            await pilot.pause(0.01)
            await pilot.press("j")
            if app.frame.query_one("QueueList").row:  # type: ignore[attr-defined]
                return
    raise AssertionError("the keyboard stayed dead")
