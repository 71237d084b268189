"""What keeps the screens quick, counted rather than timed: what is loaded, painted, asked for and sent."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from textual._compositor import ChopsUpdate
from textual.geometry import Region

from escaltui import cli
from escaltui.app import EscaltuiApp
from escaltui.screens.queue import QueueScreen
from escaltui.when import MINUTE
from escaltui.workbench import Workbench

from .conftest import Clock, settled

Make = Callable[..., EscaltuiApp]
NOT_YET = (
    "sqlmodel", "sqlalchemy", "httpx", "holidays", "snowballstemmer", "argparse", "json.encoder",
    "escaltui.commands.parser", "escaltui.commands.verbs", "escaltui.rules_loader", "escaltui.domain.rulecheck",
    "escaltui.domain.clocks", "escaltui.workbench.seeding", "escaltui.workbench.library", "escaltui.screens.case",
    "escaltui.screens.policy", "escaltui.screens.brief", "escaltui.screens.help", "escaltui.widgets.ask",
    "escaltui.widgets.field", "textual.widgets._text_area", "keyring", "sqlcipher3", "escaltui.store.conversion",
    "escaltui.store.ring", "escaltui.store.encrypted_originals",
)  # fmt: skip
"""What the first paint of the queue does without."""
FIRST_PAINT = """
import asyncio, sys
from pathlib import Path
from escaltui import cli, config, opening
assert cli._to_open(["open", "--store", sys.argv[1]])
bench = opening.Opening(Path(sys.argv[1]), Path(sys.argv[1])).bench(config.Config(Path(sys.argv[2])), demo=False)
from escaltui.app import EscaltuiApp
def painted(app):
    print(*(name for name in sys.argv[3:] if name in sys.modules))
    app.exit()
EscaltuiApp._painted = painted
asyncio.run(EscaltuiApp(bench, bench.config).run_async(headless=True))
"""


def test_the_first_paint_loads_only_what_it_shows(tmp_path: Path) -> None:
    Workbench.open(tmp_path / "store").close()  # a new store is made by more than it takes to open one
    ran = subprocess.run(
        [sys.executable, "-c", FIRST_PAINT, str(tmp_path / "store"), str(tmp_path), *NOT_YET],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert ran.stdout.split() == [], "loaded before the first paint"


@pytest.mark.parametrize(
    ("given", "store", "person"),
    [([], "", ""), (["open"], "", ""), (["--store", "a b", "--as", "ana"], "a b", "ana"), (["open", "--as", "ana"], "",
     "ana")],
)  # fmt: skip
def test_to_open_needs_no_grammar(given: list[str], store: str, person: str) -> None:
    args = cli._to_open(given)
    assert args is not None
    assert (args.store, args.acting_as) == (store, person)
    full = vars(cli._parsed(given))
    assert {name: full[name] for name in vars(args)} == vars(args), "the grammar reads it as we do"


@pytest.mark.parametrize("given", [["ls"], ["demo"], ["--store"], ["--help"], ["--store", "-x"], ["open", "ana"]])
def test_anything_else_is_left_to_the_grammar(given: list[str]) -> None:
    assert cli._to_open(given) is None


async def test_a_cursor_move_paints_two_lines_and_asks_for_nothing(
    make_app: Make, desk: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        listing, regions, asked = screen.listing, list[Region](), list[str]()
        monkeypatch.setattr(listing, "refresh", lambda *given, **_more: regions.extend(given))
        for name in ("page", "count", "anchors", "locate", "case", "line"):
            monkeypatch.setattr(desk, name, lambda *_given, name=name: asked.append(name))
        await pilot.press("down")
        await settled(app)
        assert listing.row == 1
        assert len(regions) == 2
        assert all(region.height == 1 for region in regions)
        assert len(asked) <= 1


async def test_an_idle_desk_sends_nothing(
    make_app: Make, desk: Workbench, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        clock.now += 1_000
        screen._second()
        await pilot.pause()
        drawn: list[object] = []
        display = app._display

        def noted(screen: object, made: object) -> None:
            drawn.append(made)
            display(screen, made)  # type: ignore[arg-type]

        monkeypatch.setattr(app, "_display", noted)
        for _try in range(10):  # what is made ready once after the first paint draws once, too
            drawn.clear()
            clock.now += MINUTE - clock.now % MINUTE
            screen._second()
            await pilot.pause()
            drawn.clear()
            for _second in range(30):  # within one minute on the clock of the status line
                clock.now += 500
                screen._second()
                await pilot.pause()
            if all(made is None or isinstance(made, ChopsUpdate) for made in drawn):
                break
        spans = sum(len(made.spans) for made in drawn if isinstance(made, ChopsUpdate))
        assert spans <= 2, "a minute may turn: one clock and the time of day"
        assert all(made is None or isinstance(made, ChopsUpdate) for made in drawn)
