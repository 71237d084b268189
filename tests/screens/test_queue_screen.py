"""The queue by keyboard: views, filter, marks, verbs, refusals, empty states, and every size of window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual.geometry import Region
from textual.pilot import Pilot

from escaltui.app import EscaltuiApp
from escaltui.safety.text import own
from escaltui.screens.queue import QueueScreen
from escaltui.widgets.ask import Ask
from escaltui.widgets.field import SafeInput
from escaltui.widgets.key_menu import KeyMenu
from escaltui.widgets.lines import MessageLine
from escaltui.widgets.queue_list import QueueList
from escaltui.workbench import Workbench

from .conftest import Clock, open_case, settled, text_of

Make = Callable[..., EscaltuiApp]
Keys = Pilot[str]


def queue(app: EscaltuiApp) -> QueueScreen:
    found = next(screen for screen in app.screen_stack if isinstance(screen, QueueScreen))
    assert isinstance(found, QueueScreen)
    return found


def message(app: EscaltuiApp) -> str:
    return app.messages.kept[-1].text.value if app.messages.kept else ""


async def test_the_first_paint_shows_the_queue_in_order(make_app: Make, desk: Workbench) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)):
        await settled(app)
        lines = text_of(app)
    assert lines[0].startswith("escaltui / Queue")
    assert "0 All open 6" in lines[1]
    assert [line.split()[0] for line in lines[2:3]] == ["SV"]
    refs = [row.ref for row in desk.page("is:open")]
    shown = [next(word for word in line.split() if word.startswith("E-")) for line in lines[3:9]]
    assert shown == refs
    assert lines[3].startswith(">")
    assert lines[-1].startswith("n next")
    assert lines[-1].rstrip().endswith("? keys")


async def test_hostile_text_is_shown_harmless_and_flagged(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)):
        await settled(app)
        shown = "\n".join(text_of(app))
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "Red" in shown


async def test_digits_pick_views_and_an_empty_one_names_the_next_key(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("4")
        await settled(app)
        assert app.listed.title == "Press"
        assert queue(app).listing.pages.total == 1
        await pilot.press("1")
        await settled(app)
        assert any("Nothing in Mine. 0 shows all 6." in line for line in text_of(app))


async def test_the_filter_is_live_and_says_where_a_query_is_wrong(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("/", *"type:press")
        await settled(app)
        assert queue(app).listing.pages.total == 1
        await pilot.press("enter")
        await settled(app)
        assert queue(app).focused is queue(app).listing
        assert queue(app).listing.pages.total == 1
        queue(app).query_one(SafeInput).value = "type:press sevv:1"
        await settled(app)
        assert "sevv" in "\n".join(text_of(app))
        assert "sevv" not in message(app), "said while it is typed, not kept"
        assert queue(app).listing.pages.total == 1, "the list stays while the query is wrong"
        await pilot.press("/", "escape")
        await settled(app)
        assert queue(app).listing.pages.total == 6


async def test_marks_survive_filters_and_a_verb_runs_on_all_of_them(make_app: Make, desk: Workbench) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("x", "x")
        await settled(app)
        assert message(app) == "2 marked. ; then a verb, esc clears."
        await pilot.press("4", "0", ";", "e", "g", *"later", "enter")
        await settled(app)
        assert "2 cases will change" in "\n".join(text_of(app))
        await pilot.press("y")
        await settled(app)
    assert desk.count("tag:later") == 2


async def test_the_focus_of_a_question_is_on_no(make_app: Make, desk: Workbench) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("x", "x", ";", "e", "g", *"later", "enter", "enter")
        await settled(app)
    assert desk.count("tag:later") == 0


async def test_mark_by_query_and_unmark(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("*", *"sev:3", "enter")
        await settled(app)
        assert len(queue(app).listing.marks) == 3
        await pilot.press("*", *"-type:ads", "enter")
        await settled(app)
        assert len(queue(app).listing.marks) == 2


async def test_after_the_semicolon_only_verbs_for_a_set_are_offered(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("x", ";")
        await settled(app)
        assert {action.id for action in queue(app).able()} >= {"note", "assign", "change", "link", "wait"}
        assert "next" not in {action.id for action in queue(app).able()}
        await pilot.press("escape")
        assert "next" in {action.id for action in queue(app).able()}


async def test_tag_repeat_and_undo(make_app: Make, desk: Workbench) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("e", "g", *"later", "enter", "j", "full_stop")
        await settled(app)
        assert desk.count("tag:later") == 2
        await pilot.press("u")
        await settled(app)
        assert desk.count("tag:later") == 1
        assert message(app).startswith("Undone: tagging E-")


async def test_claim_dismiss_and_the_cursor_goes_on(make_app: Make, desk: Workbench) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        first, second = (row.id for row in desk.page("is:open")[:2])
        await pilot.press("a", "a")
        await settled(app)
        line = desk.line(first)
        assert line is not None
        assert line.mine
        assert any(" you " in text for text in text_of(app))
        await pilot.press("e", "x", "4")
        await settled(app)
        current = queue(app).listing.current
        assert current is not None
        assert current.id == second
        assert desk.count("is:open") == 5


async def test_keys_typed_in_one_go_act_in_order(make_app: Make, desk: Workbench) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        third = desk.page("is:open")[2].id
        for key in ("j", "j", "e", "g", *"abc", "enter", "slash", *"tag:abc", "enter"):
            app.post_message(_key(key))
        await settled(app)
        await pilot.pause()
        current = queue(app).listing.current
        assert current is not None
        assert current.id == third
        assert queue(app).listing.pages.total == 1


def _key(name: str):  # type: ignore[no-untyped-def]
    from textual.events import Key

    return Key({"slash": "slash"}.get(name, name), name if len(name) == 1 else "/" if name == "slash" else None)


async def test_a_colleagues_change_shows_up_and_says_where_the_case_went(make_app: Make, desk: Workbench) -> None:
    from escaltui.domain.operations import Dismiss

    app = make_app()
    async with app.run_test(size=(80, 24)):
        await settled(app)
        first, second = (row.id for row in desk.page("is:open")[:2])
        desk.do(Dismiss(case=first, reason="spam"))
        await settled(app)
        await settled(app)
        current = queue(app).listing.current
        assert current is not None
        assert current.id == second
        assert "has left All open: it is resolved now." in message(app)


async def test_a_bad_command_names_the_nearest(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("colon", *"asign", "enter")
        await settled(app)
        assert any("Nearest: assign" in line for line in text_of(app))
        await pilot.press("escape", "colon", *"tag later", "enter")
        await settled(app)
        assert isinstance(app.screen, QueueScreen)
    assert app.bench.count("tag:later") == 1


@pytest.mark.parametrize("size", [(20, 5), (59, 16), (60, 15)])
async def test_a_small_window_says_so_and_works_again_when_larger(make_app: Make, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await settled(app)
        assert "Make the window at" in " ".join(text_of(app))
        await pilot.press("j", "e", "escape")
        await pilot.resize_terminal(80, 24)
        await settled(app)
        assert text_of(app)[0].startswith("escaltui / Queue")


@pytest.mark.parametrize("size", [(60, 16), (80, 24), (99, 29), (100, 30), (120, 40), (150, 40), (200, 60)])
async def test_every_size_draws_each_line_whole(make_app: Make, size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size):
        await settled(app)
        lines = text_of(app)
    assert len(lines) == size[1]
    assert lines[-1].rstrip().endswith("? keys")
    assert "TITLE" in "".join(lines)


async def test_the_preview_is_there_where_there_is_room(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)):
        await settled(app)
        assert any("preview" in line for line in text_of(app))


async def test_clocks_tick_only_when_their_words_change(make_app: Make, desk: Workbench, clock: Clock) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)):
        await settled(app)
        listing = queue(app).listing
        again: list[Region] = []
        clock.now += 30 * 60_000 + 10_000
        listing.tick()
        listing.refresh = lambda *regions: again.extend(regions)  # type: ignore[method-assign, assignment]
        clock.now += 1_000
        listing.tick()
        assert again == []
        clock.now += 90 * 60_000
        listing.tick()
        assert again
        assert all(region.width < 20 for region in again), "the clock alone is drawn again"


async def test_undo_with_nothing_done_is_refused_with_words(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("R")
        await pilot.press("e")
        await settled(app)
        assert isinstance(app.screen, KeyMenu)
        await pilot.press("b")
        await settled(app)
        assert isinstance(app.screen, Ask)
        await pilot.press(*"999", "enter")
        assert "Whole hours" in app.screen.query_one(MessageLine).left[0][0].value  # type: ignore[index]
        app.screen.query_one(SafeInput).value = "4"
        await pilot.press("enter", *"needed today", "enter")
        await settled(app)


async def test_own_keys_work_and_are_shown(make_app: Make) -> None:
    app = make_app(mark="F")
    async with app.run_test(size=(200, 24)) as pilot:
        await settled(app)
        await pilot.press("F")
        assert len(queue(app).listing.marks) == 1
        await pilot.press("x")
        assert len(queue(app).listing.marks) == 1
        assert "F mark" in text_of(app)[-1]


async def test_a_new_case_appears_without_moving_the_cursor(make_app: Make, desk: Workbench) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("j")
        was = queue(app).listing.current
        open_case(desk, "A child went missing", "emergency_disclosure", 0, 0)
        await settled(app)
        await settled(app)
        now = queue(app).listing.current
        assert was is not None
        assert now is not None
        assert was.id == now.id
        assert queue(app).listing.pages.total == 7


async def test_what_is_listed_is_kept_as_a_view_and_shown_by_name(make_app: Make, tmp_path: Path) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app)
        await pilot.press("slash", *"shop", "enter", "colon", *"view", "space", *"save", "space", *"Shops", "enter")
        await settled(app)
        assert "Kept as a view: Shops." in "".join(text_of(app))
        assert 'id = "shops"' in (tmp_path / "config" / "views.toml").read_text()
        await pilot.press("escape", "0", "colon", *"view", "space", *"shops", "enter")
        await settled(app)
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        assert screen.view is not None
        assert (screen.view.id, screen.filter, screen.listing.pages.total) == ("shops", "", 1)
        assert screen.counts["shops"] == 1
        await pilot.press("colon", *"view", "space", *"nonsense", "enter")
        await settled(app)
        assert "Write :view save NAME" in "".join(text_of(app))
        await pilot.press("colon", *"view", "space", *"save", "enter")
        await settled(app)
        assert "Write a name for the view" in "".join(text_of(app))


async def test_what_changed_in_another_place_works_on_coming_back(make_app: Make, desk: Workbench) -> None:
    """The case is claimed and the policies are opened before the queue has heard of it; `w` is for claimed cases."""
    app = make_app()
    async with app.run_test(size=(80, 24)):
        await settled(app)
        for key in ("n", "p", "escape", "escape", "home", "w", "2", "h", "enter"):
            app.post_message(_key(key))
        await settled(app)
        assert desk.count("status:waiting") == 1


async def test_keys_wait_for_the_list_as_the_verb_left_it_not_for_one_read_before(make_app: Make) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)):
        await settled(app)
        screen = app.screen
        assert isinstance(screen, QueueScreen)
        before = screen.listing.generation
        screen.wrote()
        screen.on_queue_list_counted(QueueList.Counted(6, True, before))
        assert app.gate.holds, "it was still on its way"
        await settled(app)
        assert not app.gate.holds


async def test_what_a_sheet_asked_for_is_dropped_where_the_sheet_was_closed(make_app: Make) -> None:
    came: list[str] = []

    class Box(Ask):
        def found(self, what: str) -> None:
            came.append(what)

    app = make_app()
    async with app.run_test(size=(80, 24)):
        await settled(app)
        stays, goes = Box(own("one")), Box(own("two"))
        for box in (stays, goes):
            await app.push_screen(box)
        app.frame.read(lambda _bench: "stays", stays.found, group="stays")
        app.frame.read(lambda _bench: "goes", goes.found, group="goes")
        app.frame.read(lambda _bench: "control", lambda what: goes.found(what), group="control")  # nobody's own
        goes.dismiss(None)
        await settled(app)
        assert sorted(came) == ["control", "stays"]
