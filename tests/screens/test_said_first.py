"""What a verb will do is said before it is done; what was seen, said and named is told as it is."""

from __future__ import annotations

from pathlib import Path

from escaltui.domain import operations as ops
from escaltui.screens.case import CaseScreen
from escaltui.screens.view_source import narrowed

from .conftest import text_of
from .gallery import NOON, Stop, hard, opened, rested, walk


async def told(store: Path, folder: Path, stops: list[tuple[tuple[str, ...], str]], *, not_told: str = "") -> None:
    """After each run of keys the screen says what stands beside it."""
    bench, app = opened(store, folder)
    hard(bench)
    walked: list[Stop] = [(str(at), keys) for at, (keys, _said) in enumerate(stops)]
    async for at in walk(app, walked):
        shown = " ".join("\n".join(text_of(app)).replace("│", " ").split())
        assert stops[int(at)][1] in shown, (stops[int(at)], text_of(app))
        assert not not_told or not_told not in shown
    bench.close()


async def test_a_merge_says_what_will_happen_and_why_it_cannot(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [
        (("n", "e", "m", *"E-H1ZAP"), "E-H1ZAP: A case cannot absorb itself."),
        ((*["backspace"] * 7, *"e-9bgxb"), "E-H1ZAP ends as merged and stays readable; E-9BGXB links to it."),
        ((), "E-9BGXB rises from S1 to S0."),
        (("enter",), "Absorbed by E-9BGXB."),
        (("e", "u"), "A case of its own again."),
    ])  # fmt: skip


async def test_a_merge_of_the_marked_asks_twice(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [
        (("j", "j", "j", "x", "x", ";", "e", "m", *"E-5YSAY"), "E-ZBCRA, E-XK28G end as merged and stay readable"),
        (("ctrl+s",), "2 cases will change. ctrl+s does it."),
        (("ctrl+s",), "2 cases changed."),
    ])  # fmt: skip


async def test_a_set_that_nothing_can_change_is_not_asked_about(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [
        (("x", "x", "x", ";", "w", *"2d", "enter"), "0 cases will change, 3 will not. A deadline of E-"),
    ], not_told="blocked")  # fmt: skip


async def test_a_set_of_which_some_cannot_change_says_why(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [(("j", "x", "x", ";", "a", "a"), "1 case will change, 1 will not. Go on?")],
               not_told="lost_claim")  # fmt: skip


async def test_skipping_asks_why_on_the_queue_too(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [(("s",), "l not my language"), (("l",), "Skipped for four hours.")])


async def test_a_closed_case_is_opened_by_its_name(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [
        ((*":open E-5G375", "enter"), "absorbed by E-5YSAY"), ((*":open E-5YSAY", "enter"), "Order, 60 posts"),
        (("1",), "post many0 by Order, 60 posts post many1"),
    ])  # fmt: skip


async def test_the_remark_on_a_search_goes_when_one_types(noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    async for name in walk(app, [("before", ("n", "p")), ("after", tuple("court"))]):
        assert ("From the title of" in "\n".join(text_of(app))) == (name == "before")
    bench.close()


async def test_a_letter_of_a_menu_is_listed_with_its_menu(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [((":", *"tri"), "Confirm type, severity and desk. e t")])


async def test_a_brief_speaks_in_words(noon_desk: Path, tmp_path: Path) -> None:
    await told(noon_desk, tmp_path, [
        (("n", *":brief", "enter"), "kind law enforcement"), (("pagedown",), "Decide 2026-11-20 13:16 asked"),
    ], not_told="law_enforcement")  # fmt: skip


async def test_what_comes_while_a_case_is_read_stays_new(noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    async for _name in walk(app, [("queue", ())]):
        face = bench.case("E-9BGXB")
        assert face is not None
        bench.do(ops.AddNote(case=face.line.id, body="Late word from a colleague."))
        screen = app._case_screen()
        screen.show_case(face, face.line.title)
        app.push_screen(screen)
        await rested(app)
        assert isinstance(app.screen, CaseScreen)
        assert bench.store.seen(face.line.id, bench.me) == (face.timeline[-1].seq, NOON)
    bench.close()


async def test_the_preview_is_filled_as_soon_as_it_has_room(noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    async with app.run_test(size=(120, 36)) as pilot:
        await rested(app)
        assert "─ E-H1ZAP ─" in "\n".join(text_of(app))
        await pilot.resize_terminal(80, 24)
        await rested(app)
        assert "preview" not in "\n".join(text_of(app))
    bench.close()


def test_a_filter_that_names_a_state_decides_it_alone():
    assert narrowed("is:open type:press", "is:closed") == "is:closed type:press"
    assert narrowed("is:open", "status:merged fake") == "status:merged fake"
    assert narrowed("is:open", "-is:open") == "-is:open"
    assert narrowed("is:open sev:0", "fake is:late") == "fake is:late is:open sev:0"
