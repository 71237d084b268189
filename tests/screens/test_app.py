"""The app itself: a safe way down, no telling titles, themes without colour where none is wanted."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest

from escaltui.app import DEFECT, EscaltuiApp, defect_sentence
from escaltui.domain.query import QueryError
from escaltui.opening import drop_textual_variables
from escaltui.screens.help import HelpScreen
from escaltui.widgets.queue_list import QueueList
from escaltui.workbench import Workbench

from .conftest import settled, text_of

Make = Callable[..., EscaltuiApp]


async def test_a_defect_ends_with_70_and_shows_no_case_text(make_app: Make, capsys: pytest.CaptureFixture[str]) -> None:
    app = make_app()

    def broken(secret: str = "Removal order, 12 posts") -> None:
        raise ZeroDivisionError(f"about {secret}")

    with pytest.raises(ZeroDivisionError):  # noqa: PT012
        async with app.run_test(size=(80, 24)):
            await settled(app)
            app.call_later(broken)
            while app.return_code is None:  # noqa: ASYNC110
                await asyncio.sleep(0.005)
    assert app.return_code == DEFECT
    said = capsys.readouterr()
    assert "ZeroDivisionError" in said.err
    assert "Removal order" not in said.err + said.out
    assert "escaltui doctor" in said.err.replace("\n", " ")


def test_a_defect_names_our_place() -> None:
    try:
        drop_textual_variables(3)  # type: ignore[arg-type]
    except TypeError as error:
        sentence = defect_sentence(error)
    assert "TypeError at opening.py:" in sentence


async def test_an_exception_of_ours_is_a_sentence(
    make_app: Make, desk: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)):
        await settled(app)

        def refused(limit: int | None = None) -> None:
            raise QueryError("The store is locked by another program. Close it.", 1)

        monkeypatch.setattr(desk, "tick", refused)
        app._tick()
        await settled(app)
        assert "locked by another program" in app.messages.kept[-1].text.value


async def test_the_title_tells_nothing(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("j")
        assert (app.title, app.sub_title) == ("escaltui", "")
        assert app.ENABLE_COMMAND_PALETTE is False
        assert list(app.get_system_commands(app.screen)) == []


async def test_mono_sends_no_colour(make_app: Make) -> None:
    app = make_app(theme="mono")
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("x", "e")
        await settled(app)
        strips = app.screen._compositor.render_strips(app.size)
        for strip in strips:
            for segment in strip:
                for colour in (segment.style.color, segment.style.bgcolor) if segment.style else ():
                    assert colour is None or colour.is_default, segment


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("theme", ["dark", "light", "mono"])
async def test_each_theme_and_language_opens(make_app: Make, theme: str, language: str) -> None:
    app = make_app(theme=theme, language=language)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        assert ("File" if language == "fr" else "Queue") in text_of(app)[0]
        await pilot.press("?")
        await settled(app)
        assert text_of(app)[0].startswith("┌")


def test_textual_variables_are_dropped() -> None:
    environ = {"TEXTUAL": "devtools", "TEXTUAL_SCREENSHOT": "1", "HOME": "/h"}
    drop_textual_variables(environ)
    assert environ == {"HOME": "/h"}


def test_the_first_paint_imports_only_what_it_needs() -> None:
    code = (
        "import sys, escaltui.app, escaltui.screens.queue\n"
        "heavy = {'sqlmodel', 'sqlalchemy', 'pydantic', 'httpx', 'holidays', 'snowballstemmer'}\n"
        "late = {'escaltui.screens.case', 'escaltui.screens.policy', 'escaltui.screens.help',"
        " 'escaltui.screens.command', 'escaltui.screens.first_run', 'escaltui.screens.messages',"
        " 'escaltui.domain.operations.known'}\n"
        "print(sorted((heavy | late) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("asked_by", ["queue", "sheet"])
async def test_what_waits_for_a_refresh_is_not_lost_with_a_sheet_that_closes(make_app: Make, asked_by: str) -> None:
    """Textual gives it to the screen in front, whoever asked. What the sheet itself asked for ends with it."""
    app, ran = make_app(), list[str]()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        asking = {"queue": app.frame.query_one(QueueList)}
        await pilot.press("question_mark")
        await settled(app)
        asking["sheet"] = sheet = app.screen
        assert isinstance(sheet, HelpScreen)
        sheet.refresh(layout=True)
        sheet._invoke_later(partial(ran.append, asked_by), asking[asked_by])
        while not sheet._message_queue.empty():  # noqa: ASYNC110
            await asyncio.sleep(0)
        app.pop_screen()
        await settled(app)
    assert ran == ["queue"] * (asked_by == "queue")
