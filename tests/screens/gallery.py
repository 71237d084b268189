"""The demo desk at a fixed moment, walked by keys: what snapshot and layout tests look at."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me, Ui
from escaltui.workbench import Workbench
from escaltui.workbench.seeding import demo_person, seed

from .conftest import settled

NOON = int(datetime(2026, 11, 20, 13, 8, tzinfo=UTC).timestamp() * 1000)
NAMED = {" ": "space", ":": "colon", ".": "full_stop", "?": "question_mark", "/": "slash", "*": "asterisk", ";": "semicolon"}
Stop = tuple[str, tuple[str, ...]]
"""A name, and the keys that lead there from the stop before."""


def seeded(folder: Path) -> Path:
    """Make the demo desk of that moment."""
    config = Config(folder / "config", exists=True)
    bench = Workbench.open(folder / "store", config=config, clock=lambda: NOON)
    seed(bench)
    bench.close()
    return folder / "store"


def opened(store: Path, folder: Path, *, theme: str = "dark", language: str = "en") -> tuple[Workbench, EscaltuiApp]:
    """An app of one's own on a copy of a store."""
    mine = Path(shutil.copytree(store, folder / "store"))
    config = Config(folder / "config", me=Me(demo_person()), ui=Ui(theme=theme, language=language), exists=True)
    bench = Workbench.open(mine, config=config, acting_as=demo_person(), clock=lambda: NOON)
    return bench, EscaltuiApp(bench, config)


async def walk(app: EscaltuiApp, stops: Sequence[Stop], size: tuple[int, int] = (80, 24)) -> AsyncIterator[str]:
    """Press the keys of each stop and give its name when the screen rests."""
    async with app.run_test(size=size) as pilot:
        await settled(app)
        for name, keys in stops:
            for key in keys:
                await pilot.press(NAMED.get(key, key))
                await settled(app)
            yield name
