"""Help, commands, messages, and the first run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from escaltui import config, keys
from escaltui.app import EscaltuiApp
from escaltui.screens.command import CommandBar, matching, name_of
from escaltui.screens.first_run import FirstRunApp, FirstRunScreen
from escaltui.screens.help import HelpScreen, Lines, rows, text_of
from escaltui.widgets.field import SafeInput
from escaltui.widgets.lines import MessageLine

from .conftest import settled
from .conftest import text_of as screen_text

Make = Callable[..., EscaltuiApp]


def test_help_lists_every_key_of_the_place_once() -> None:
    lines = text_of(rows(("queue", "anywhere", "field"), frozenset(), {}, 76))
    lines = lines[: lines.index("Menu g")]
    for action in keys.chain(("queue", "anywhere", "field")):
        assert sum(line[14:] == action.help for line in lines) <= 1
        shown = keys.shown(action.keys[0]) if action.keys else f":{action.id}"
        assert any(shown in line[:14] for line in lines), action.id


def test_help_shows_own_keys() -> None:
    assert any(line.startswith("  F ") for line in text_of(rows(("queue",), frozenset(), {"mark": "F"}, 76)))


async def test_help_scrolls_and_closes(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("?")
        await settled(app)
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("end")
        await settled(app)
        assert app.screen.query_one(Lines).scroll_offset.y > 0
        await pilot.press("?")
        await settled(app)
        assert not isinstance(app.screen, HelpScreen)


async def test_commands_work_while_typing(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("/", "ctrl+p")
        await settled(app)
        assert isinstance(app.screen, CommandBar)


def test_every_action_has_a_name_that_finds_it() -> None:
    place = [a for a in keys.chain(("queue", "anywhere", "field")) if a.bar >= 0 and not a.id.startswith("field.")]
    for action in place:
        assert matching(place, name_of(action))[0].verb == action.verb


@pytest.mark.parametrize(
    ("typed", "first"), [("asign", "assign"), ("ski", "skip"), ("undoo", "undo"), ("wait 2h", "wait")]
)
def test_what_is_typed_wrong_still_finds_it(typed: str, first: str) -> None:
    assert matching(keys.ACTIONS, typed)[0].verb == first


async def test_messages_are_kept_newest_first(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("e", "g", "z", "enter", "x", "g", "n")
        await settled(app)
        lines = "\n".join(screen_text(app))
        assert lines.index("1 marked") < lines.index("Tagged z.")


async def test_the_first_run_asks_and_writes(tmp_path: Path) -> None:
    app = FirstRunApp(config.Config(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        assert "Type a name first." in app.screen.query_one(MessageLine).left[0][0].value  # type: ignore[index, union-attr]
        await pilot.press(*"R. Marin", "enter", *"en, FR", "enter", "1")
        await pilot.pause()
    assert app.return_value is not None
    assert app.return_value.samples
    assert config.load(tmp_path).me == config.Me("R. Marin", ("en", "fr"))


async def test_the_first_run_can_start_empty_or_be_left(tmp_path: Path) -> None:
    app = FirstRunApp(config.Config(tmp_path))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"R2", "enter", "enter", "2")
        await pilot.pause()
    assert app.return_value is not None
    assert not app.return_value.samples
    assert app.return_value.config.me.languages == ()
    left = FirstRunApp(config.Config(tmp_path / "other"))
    async with left.run_test(size=(20, 5)) as pilot:
        await pilot.press("ctrl+q")
    assert left.return_value is None
    assert not (tmp_path / "other").exists()


async def test_a_name_that_cannot_be_kept_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    app = FirstRunApp(config.Config(tmp_path / "file"))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"R", "enter", "enter", "1")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, FirstRunScreen)
        said = screen.query_one(MessageLine).left[0]
        assert "could not be kept" in said[0].value  # type: ignore[index, union-attr]
        assert screen.query_one("#name", SafeInput).value == "R"
