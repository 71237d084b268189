"""Keys that arrive in one packet do the same as keys typed slowly: the same operations in the same order."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.events import Key

from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me
from escaltui.workbench import Workbench

from .conftest import CASES, Clock, open_case, settled

Make = Callable[..., EscaltuiApp]
WORDS = (
    ("j",), ("k",), ("x",), ("u",), ("escape",), ("2",), ("0",), ("e", "g", "a", "b", "enter"), ("a", "a"), ("R",),
    ("e", "x", "1"), ("full_stop",), ("slash", "p", "o", "enter"), ("slash", "escape"), ("g", "g"), ("e", "escape"),
    ("colon", "t", "a", "g", "space", "z", "enter"), ("w", "2", "h", "enter"),
    ("x", "j", "x", "semicolon", "e", "g", "q", "enter", "y"), ("question_mark", "escape"),
)  # fmt: skip
"""What a person types, in pieces that belong together."""
PRINTED = {"full_stop": ".", "slash": "/", "colon": ":", "space": " ", "semicolon": ";", "question_mark": "?"}


def key(name: str) -> Key:
    return Key(name, PRINTED.get(name) or (name if len(name) == 1 else None))


async def _typed(folder: Path, keys: list[str], *, slowly: bool) -> list[tuple[str, ...]]:
    """Type the keys on a fresh desk; gives what the log holds then, without ids and times."""
    clock, config = Clock(), Config(folder / "config", me=Me("rmarin"), exists=True)
    bench = Workbench.open(folder / ("slow" if slowly else "fast"), config=config, clock=clock)
    for at, row in enumerate(CASES):
        open_case(bench, *row, item=f"a{at}")
    app = EscaltuiApp(bench, config)
    async with app.run_test(size=(80, 24)):
        await settled(app)
        for name in keys:
            app.post_message(key(name))
            if slowly:
                await settled(app)
        await settled(app)
        await settled(app)
    titles = {row.id: row.title.value for row in bench.page("", limit=50)}
    done = [(titles.get(kept.case_id, ""), kept.type) for kept in reversed(bench.store.own_operations("rmarin", 500))]
    states = sorted((titles[row.id], row.status, *(tag.value for tag in row.tags)) for row in bench.page("", limit=50))
    bench.close()
    return [*done, *states]


@pytest.mark.parametrize("seed", range(12))
async def test_a_burst_does_what_slow_typing_does(tmp_path: Path, seed: int) -> None:
    draw = random.Random(seed)
    keys = [name for _n in range(draw.randrange(2, 9)) for name in draw.choice(WORDS)]
    assert await _typed(tmp_path, keys, slowly=False) == await _typed(tmp_path, keys, slowly=True)


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
