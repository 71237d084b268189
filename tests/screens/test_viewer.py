"""The viewer by keys, over the real reader: what is shown, for how long, and that nothing stays."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from casebench import app_on, do, press, settle, shown, workbench
from payloads import PAYLOADS, raw_in
from textual import events
from textual.pilot import Pilot

from escaltui.domain import operations as ops
from escaltui.safety.decode import NotShown
from escaltui.safety.shield import Shield
from escaltui.screens.case import CaseScreen
from escaltui.screens.sheets.rating import RatingSheet
from escaltui.screens.sheets.reading import Reading
from escaltui.screens.viewer import ViewerScreen
from escaltui.screens.viewing import Viewing
from escaltui.widgets.ask import Confirm
from escaltui.widgets.key_menu import KeyMenu
from escaltui.widgets.lines import PlaceLine
from escaltui.workbench import Workbench

from .mediawork import bare, case_with, drawn, file, first, keys, lines_kept, look, loop, pdf, picture, rated, samples

SIZES = [(80, 24), (120, 36)]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        yield bench


@pytest.fixture
def case_id(bench: Workbench) -> str:
    """Two pictures, and a film of which only the facts came."""
    return case_with(
        bench, file(bench, "one.png", "image/png", picture()), file(bench, "two.jpg", "image/png", picture(2)),
        file(bench, "talk.mov", "video/quicktime", None, transcript="Come to the square."),
    )  # fmt: skip


@asynccontextmanager
async def revealed(bench: Workbench, case_id: str, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Any]:
    """A picture that is clear, in colour, zoomed. `viewer.before`: the clear lines that other tests left."""
    before = lines_kept()
    async with app_on(bench, size) as pilot:
        viewer, beat = await look(pilot, case_id)
        await keys(pilot, "enter", "o", "+")
        assert viewer.shield.level(beat()) == "clear"
        assert viewer.canvas.shown is not None
        assert viewer.canvas.shown.colour
        assert bare(samples(pilot)), "it is on the screen in colour"
        viewer.before = before  # type: ignore[attr-defined]
        yield pilot, viewer, beat


# --- what the first view is


@pytest.mark.parametrize("size", SIZES)
async def test_the_card_comes_first_and_severe_ones_rest_under_the_curtain(
    bench: Workbench, case_id: str, size: tuple[int, int]
) -> None:
    rated(bench, case_id, "severe")
    face = first(bench, case_id)
    do(bench, ops.DescribeMedia(case=case_id, holder=face.holder, at=face.at, text="a crash, one person"))
    async with app_on(bench, size) as pilot:
        viewer, _beat = await look(pilot, case_id)
        text = shown(pilot)
        for words in ("picture 1 of 3", "one.png", "says PNG, is PNG", "320×200", "rated severe", "by kosei",
                      "“a crash, one person”", "Curtain is down. ] lifts it"):  # fmt: skip
            assert words in text
        assert viewer.canvas.shown is None
        assert samples(pilot) == set()
        await keys(pilot, "]")
        assert "heavy blur" in shown(pilot)
        assert samples(pilot)
        assert not bare(samples(pilot))


async def test_a_picture_that_is_not_what_it_says_is_told(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await look(pilot, case_id, 1)
        assert "not what it says" not in shown(pilot), "a picture of another name that is what it says"
    wrong = case_with(bench, file(bench, "two.jpg", "image/jpeg", picture(3)), title="Wrong")
    async with app_on(bench) as pilot:
        await look(pilot, wrong)
        assert "not what it says" in shown(pilot)


async def test_opening_a_case_starts_no_reader_and_draws_no_picture(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert "1 one.png  picture" in shown(pilot)
        assert "not rated   v look" in shown(pilot)
        assert "only its facts came" in shown(pilot)
        assert pilot.app.reader.pid is None  # type: ignore[attr-defined]
        assert samples(pilot) == set()
        await keys(pilot, "v")
        assert isinstance(pilot.app.screen, ViewerScreen)
        assert pilot.app.reader.pid is not None  # type: ignore[attr-defined]


async def test_a_case_without_files_says_so(bench: Workbench) -> None:
    case_with(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "v")
        assert "No file came with this case." in shown(pilot)
        await press(pilot, "enter", "v")
        assert isinstance(pilot.app.screen, CaseScreen)


# --- levels and leases


async def test_each_key_of_the_shield(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        assert "heavy blur" in shown(pilot)
        await keys(pilot, "o")
        assert "Colour comes after enter or space" in shown(pilot)
        await keys(pilot, "]")
        assert "light blur · 20 s" in shown(pilot)
        assert "enter shows it clear, grey, for 20 s." in shown(pilot)
        await keys(pilot, "enter")
        assert "clear grey · 20 s" in shown(pilot)
        assert bare(samples(pilot))
        assert all(len(set(tone)) == 1 for tone in samples(pilot)), "clear comes in grey"
        beat.now += 6
        viewer.lease_tick()
        await settle(pilot)
        assert "clear grey · 14 s" in shown(pilot)
        await keys(pilot, "o")
        assert "clear, colour" in shown(pilot)
        assert any(len(set(tone)) > 1 for tone in samples(pilot))
        beat.now += 14
        viewer.lease_tick()
        await settle(pilot)
        assert "heavy blur" in shown(pilot)
        assert not bare(samples(pilot)), "the lease is over: the resting frame is back without the reader"
        await keys(pilot, "[")
        assert "Curtain is down." in shown(pilot)
        await keys(pilot, "enter", "space")
        assert viewer.shield.level(beat()) == "curtain"


async def test_a_held_space_peeks_and_letting_go_ends_it(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        await keys(pilot, "space")
        assert bare(samples(pilot))
        for _repeat in range(8):
            beat.now += 0.5
            await press(pilot, "space")
            viewer.lease_tick()
            assert viewer.shield.level(beat()) == "clear"
        beat.now += 1.6
        viewer.lease_tick()
        await settle(pilot)
        assert not bare(samples(pilot))


async def test_a_key_right_after_another_file_appears_reveals_nothing(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        await keys(pilot, "enter", "right", "enter", "space", "]")
        assert viewer.at == 1
        assert viewer.shield.permit(beat()) is None
        assert not bare(samples(pilot))
        beat.now += 0.4
        await keys(pilot, "enter")
        assert bare(samples(pilot))


async def test_zoom_crops_and_arrows_pan(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, _beat = await look(pilot, case_id)
        await keys(pilot, "+", "+")
        assert "×4" in shown(pilot)
        assert viewer.canvas.shown is not None
        assert viewer.canvas.shown.region == (0.375, 0.375, 0.25, 0.25)
        assert not bare(samples(pilot)), "zoom never sharpens"
        for _time in range(12):
            await press(pilot, "left", "up")
        await drawn(pilot)
        assert viewer.canvas.shown.region == (0.0, 0.0, 0.25, 0.25)
        assert viewer.at == 0, "arrows pan while it is zoomed"
        await keys(pilot, "-", "-", "right")
        assert viewer.at == 1


async def test_esc_lets_the_curtain_down_and_then_leaves(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "enter")
        viewer, _beat = await look(pilot, case_id)
        await keys(pilot, "enter")
        await keys(pilot, "escape")
        assert pilot.app.screen is viewer
        assert samples(pilot) == set()
        await keys(pilot, "escape")
        assert isinstance(pilot.app.screen, CaseScreen)


async def test_no_mouse_reveals(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        for offset in ((50, 10), (60, 5)):
            await pilot.hover(offset=offset)
            await pilot.click(offset=offset)
            await pilot.click(offset=offset, times=2)
        await drawn(pilot)
        assert viewer.shield.permit(beat()) is None
        assert not bare(samples(pilot))


# --- coming back under the shield

Trigger = Callable[[Pilot[str], Workbench, str], Awaitable[None]]


async def _blur(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    pilot.app.post_message(events.AppBlur())


async def _resize(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    await pilot.resize_terminal(100, 30)


async def _suspend(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    pilot.app._suspend_signal()


async def _screenshot(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    pilot.app.export_screenshot()


async def _end(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    pilot.app.cover_now()  # type: ignore[attr-defined]


async def _place(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    pilot.app.switch_mode("outbox")
    await pilot.pause()
    pilot.app.switch_mode("queue")


async def _raised(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    await asyncio.to_thread(rated, bench, case_id, "severe")
    await asyncio.sleep(0.15)


async def _sealed(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
    await asyncio.to_thread(bench.seal, first(bench, case_id))
    await asyncio.sleep(0.15)


def _pressed(*names: str) -> Trigger:
    async def pressed(pilot: Pilot[str], bench: Workbench, case_id: str) -> None:
        await pilot.press(*names)

    return pressed


TRIGGERS: dict[str, Trigger] = {
    "focus lost": _blur, "resize": _resize, "suspend": _suspend, "screenshot": _screenshot, "another place": _place,
    "the end": _end,
    "b": _pressed("b"), "esc": _pressed("escape"), "a box": _pressed("?"), "the commands": _pressed(":"),
    "a question": _pressed("!"), "other file": _pressed("2"), "more shield": _pressed("["),
    "a rating pulled": _raised, "a seal pulled": _sealed,
}  # fmt: skip


@pytest.mark.parametrize("name", TRIGGERS)
async def test_everything_that_brings_the_shield_back(bench: Workbench, case_id: str, name: str) -> None:
    async with revealed(bench, case_id) as (pilot, viewer, beat):
        await TRIGGERS[name](pilot, bench, case_id)
        await drawn(pilot)
        assert viewer.shield.permit(beat()) is None
        assert not bare(samples(pilot))
        assert viewer.zoom == 1
        assert viewer.shield.grey
        assert not lines_kept(viewer.before), "no line of a clear picture is left in memory"


async def test_the_check_finds_a_shield_that_does_not_come_back(
    bench: Workbench, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with revealed(bench, case_id) as (pilot, viewer, _beat):
        monkeypatch.setattr(Viewing, "reshield", lambda self: None)
        await _blur(pilot, bench, case_id)
        await drawn(pilot)
        assert bare(samples(pilot))
        assert lines_kept(viewer.before)


async def test_the_check_finds_frames_that_stay(
    bench: Workbench, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with revealed(bench, case_id) as (pilot, viewer, _beat):
        monkeypatch.setattr(Viewing, "_drop", lambda self: None)
        await _blur(pilot, bench, case_id)
        await drawn(pilot)
        assert not bare(samples(pilot)), "not on the screen"
        assert lines_kept(viewer.before), "but in memory"


async def test_going_back_to_rest_waits_for_no_reader(bench: Workbench, case_id: str) -> None:
    async with revealed(bench, case_id) as (pilot, viewer, _beat):
        hanging = threading.Event()
        viewer.app.reader.view = lambda *_arguments: hanging.wait(10)
        pilot.app.reshield()
        await pilot.pause()
        await pilot.pause()
        assert samples(pilot)
        assert not bare(samples(pilot))
        hanging.set()


@pytest.mark.parametrize("checked", [True, False])
async def test_a_late_reply_is_dropped(
    bench: Workbench, case_id: str, monkeypatch: pytest.MonkeyPatch, checked: bool
) -> None:
    """The control: where nobody checks the permit again, the late reply shows."""
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        reader, held = pilot.app.reader, threading.Event()  # type: ignore[attr-defined]
        now, view = reader._now, reader.view

        def late(*arguments: Any) -> Any:
            got = view(*arguments)
            held.wait(10)
            return got

        monkeypatch.setattr(reader, "view", late)
        await pilot.press("enter")
        for _turn in range(20):
            await pilot.pause(0.01)
        asked = viewer._asked
        assert asked is not None
        beat.now += 30
        if not checked:
            monkeypatch.setattr(Shield, "allows", lambda *_arguments: True)
            monkeypatch.setattr(Shield, "level", lambda *_arguments: "clear")
        else:
            viewer.lease_tick()
        held.set()
        await drawn(pilot)
        assert bare(samples(pilot)) is not checked
        assert now() == beat()


async def test_a_reader_that_dies_brings_the_shield_back(
    bench: Workbench, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with revealed(bench, case_id) as (pilot, viewer, beat):

        def dies(*_arguments: Any) -> Any:
            raise NotShown("died")

        monkeypatch.setattr(viewer.app.reader, "view", dies)
        await keys(pilot, "+")
        assert "The reader stopped and was restarted." in shown(pilot)
        assert viewer.shield.permit(beat()) is None
        assert not bare(samples(pilot))


# --- what the team rated none, and what changes meanwhile


async def test_rated_none_rests_clear_in_grey_and_b_covers_it(bench: Workbench, case_id: str) -> None:
    rated(bench, case_id, "none")
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        assert bare(samples(pilot))
        assert all(len(set(tone)) == 1 for tone in samples(pilot))
        assert viewer.shield.permit(beat()) is None
        await keys(pilot, "b")
        assert "Shielded and masked." in shown(pilot)
        assert not bare(samples(pilot))


async def test_a_reporters_none_changes_nothing(bench: Workbench) -> None:
    claimed = case_with(bench, file(bench, "one.png", "image/png", picture(), claimed="none"))
    async with app_on(bench) as pilot:
        await look(pilot, claimed)
        assert not bare(samples(pilot))
        assert "the reporter says: none" in shown(pilot)


async def test_a_rating_of_none_by_a_colleague_does_not_show_it_by_itself(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        await asyncio.to_thread(rated, bench, case_id, "none")
        await asyncio.sleep(0.15)
        await drawn(pilot)
        assert "rated none" in shown(pilot)
        assert not bare(samples(pilot))
        await keys(pilot, "]", "]")
        assert viewer.shield.permit(beat()) is None
        assert bare(samples(pilot)), "a key lifts it, and no lease is needed"


# --- documents, films, frames


async def test_a_text_is_shown_as_words(bench: Workbench) -> None:
    hostile = "Dear sirs\x1b[31m, " + "\u202eremove it.\n" * 3
    case = case_with(bench, file(bench, "letter.txt", "text/plain", hostile.encode()))
    async with app_on(bench) as pilot:
        await look(pilot, case)
        assert "Dear sirs␛[31m," in shown(pilot)
        assert "\u202e" not in shown(pilot)
        assert samples(pilot) == set()


async def test_masked_words_of_a_text_are_shown_by_the_keys_of_looking(bench: Workbench) -> None:
    from escaltui.widgets.passage import Passage

    case = case_with(bench, file(bench, "letter.txt", "text/plain", b"You bloody fucking fools."))
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case)
        assert "fucking" not in shown(pilot)
        await keys(pilot, "space")
        assert "fucking" in shown(pilot)
        await keys(pilot, "b")
        assert "fucking" not in shown(pilot)
        await keys(pilot, "enter")
        assert "fucking" in shown(pilot)
        assert viewer.leased
        beat.now += 61
        viewer.query_one("#words", Passage).lapse()
        await settle(pilot)
        assert "fucking" not in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_document_shows_its_text_first_and_its_pages_at_rest(bench: Workbench, size: tuple[int, int]) -> None:
    case = case_with(bench, file(bench, "order.pdf", "application/pdf", pdf("Remove at once", "Second page")))
    async with app_on(bench, size) as pilot:
        viewer, beat = await look(pilot, case)
        assert "Remove at once" in shown(pilot)
        assert "document 1 of 1" in shown(pilot)
        assert samples(pilot) == set()
        await keys(pilot, "]")
        assert "page 1 of 2" in shown(pilot)
        assert viewer.shield.permit(beat()) is None
        assert not bare(samples(pilot))
        await keys(pilot, "pagedown")
        assert "page 2 of 2" in shown(pilot)
        await keys(pilot, "#")
        assert len(viewer.sheet_view.tiles) == 2
        beat.now += 1
        await keys(pilot, "enter")
        assert "page 1 of 2" in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_a_contact_sheet_opens_a_frame_at_rest(bench: Workbench, size: tuple[int, int]) -> None:
    case = case_with(bench, file(bench, "loop.gif", "image/gif", loop(9)))
    async with app_on(bench, size) as pilot:
        viewer, beat = await look(pilot, case)
        assert "9 frames" in shown(pilot)
        await keys(pilot, "#")
        assert len(viewer.sheet_view.tiles) == 9
        assert not bare(samples(pilot))
        await keys(pilot, "right", "down", "enter")
        assert "frame 6 of 9" in shown(pilot)
        assert viewer.shield.permit(beat()) is None
        await keys(pilot, "#")
        beat.now += 1
        await keys(pilot, "space")
        assert bare(samples(pilot)), "tiles are lent like any picture"
        beat.now += 2
        viewer.lease_tick()
        await drawn(pilot)
        assert not bare(samples(pilot))
        await keys(pilot, "escape")
        assert viewer.mode == "picture"


async def test_a_film_that_is_not_here_shows_its_words(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await look(pilot, case_id, 2)
        for words in ("film 3 of 3", "Only its facts came", "Come to the square.", "written down by a"):
            assert words in shown(pilot)
        await keys(pilot, "O")
        assert "No address is known for this item." in shown(pilot)


async def test_a_damaged_file_is_told_calmly(bench: Workbench) -> None:
    broken = picture()[:300]
    case = case_with(bench, file(bench, "broken.png", "image/png", broken))
    async with app_on(bench) as pilot:
        viewer, _beat = await look(pilot, case)
        assert "Not shown" in shown(pilot)
        assert samples(pilot) == set()
        await keys(pilot, "enter", "]", "space", "o", "+")
        assert viewer.is_current


async def test_hostile_names_and_words_are_harmless(bench: Workbench) -> None:
    from escaltui.safety.text import storable

    hostile = [storable(text) for _name, text in PAYLOADS]
    files = [file(bench, text, text, picture(1, (40, 30)), transcript=text) for text in hostile]
    case = case_with(bench, *files)
    for face, text in zip(bench.media(case), hostile, strict=True):
        do(bench, ops.DescribeMedia(case=case, holder=face.holder, at=face.at, text=f"x {text}"))
    async with app_on(bench) as pilot:
        await press(pilot, "enter")
        assert not raw_in(shown(pilot))
        viewer, _beat = await look(pilot, case)
        for at in range(len(hostile)):
            viewer.turn_to(at)
            await settle(pilot)
            assert not raw_in(shown(pilot)), at
        await keys(pilot, "i")
        assert isinstance(pilot.app.screen, Reading)
        assert not raw_in(shown(pilot))


async def test_time_goes_by_while_a_viewer_opens_or_closes(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, _beat = await look(pilot, case_id)
        await viewer.query_one(PlaceLine).remove()
        pilot.app._tick()  # type: ignore[attr-defined]
        assert not viewer.drawn


# --- what is said of it, and what it leaves


async def test_rate_and_describe_in_one_sheet(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await look(pilot, case_id)
        await press(pilot, "e")
        assert isinstance(pilot.app.screen, RatingSheet)
        await press(pilot, "4", "tab", *"a burning car", "ctrl+s")
        await drawn(pilot)
        assert "rated graphic" in shown(pilot)
        assert "“a burning car”" in shown(pilot)
    face = first(bench, case_id)
    assert (face.rating, face.rated_by, face.description.value) == ("graphic", "kosei", "a burning car")


async def test_a_rating_alone_and_nothing_at_all(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await look(pilot, case_id)
        await press(pilot, "e", "ctrl+s")
        assert "Nothing is changed." in shown(pilot)
        await press(pilot, "5", "ctrl+s")
        await drawn(pilot)
        assert "rated severe" in shown(pilot)
        assert samples(pilot) == set(), "a rating that raises the shield holds at once"
    assert first(bench, case_id).description.value == ""


@pytest.mark.parametrize("route", [True, False])
async def test_sealing_asks_first_and_leaves_nothing(
    bench: Workbench, case_id: str, monkeypatch: pytest.MonkeyPatch, route: bool
) -> None:
    if not route:
        from msgspec.structs import replace

        row = replace(bench.rules.seals["suspected"], team="nobody")
        monkeypatch.setattr(bench, "rules", replace(bench.rules, seals={"suspected": row}))
    async with revealed(bench, case_id) as (pilot, viewer, _beat):
        before = viewer.app.reader.pid
        await keys(pilot, "!")
        assert isinstance(pilot.app.screen, Confirm)
        await keys(pilot, "n")
        assert not first(bench, case_id).sealed
        await keys(pilot, "!", "y")
        text = shown(pilot)
        assert "Sealed item" in text
        assert "sealed by kosei" in text
        assert ("was asked" in text) is route
        assert ("No route is set. Stop, and call your lead." in text) is not route
        assert "one.png" not in text
        assert viewer.app.reader.pid != before
        for key in ("]", "space", "enter", "o", "#", "+", "e", "i", "O", "P", "!", "["):
            await press(pilot, key)
            assert pilot.app.screen is viewer, key
        assert samples(pilot) == set()
        assert not lines_kept(viewer.before)
        await keys(pilot, "right", "left")
        assert "Sealed item" in shown(pilot)
    assert first(bench, case_id).sealed


async def test_a_first_look_is_recorded_once_where_the_case_is_restricted(bench: Workbench, case_id: str) -> None:
    from msgspec.structs import replace

    rows = {"looks": replace(bench.rules.openings["looks"], record="all")}
    bench.rules = replace(bench.rules, openings=rows)
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        assert "Your first look is recorded" in shown(pilot)
        await keys(pilot, "]")
        await keys(pilot, "enter")
        viewer.reshield()
        beat.now += 2
        await keys(pilot, "enter")
        face = bench.case(case_id)
        assert face is not None
        assert sum("looked at a file" in line.what.value for line in face.timeline) == 1
        viewer.draw_card()
        await settle(pilot)
        assert "Your first look is recorded" not in shown(pilot)


async def test_a_first_look_at_a_normal_case_is_not_recorded(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await look(pilot, case_id)
        assert "recorded" not in shown(pilot)
        await keys(pilot, "enter")
    face = bench.case(case_id)
    assert face is not None
    assert not any("looked at a file" in line.what.value for line in face.timeline)


class Counted:
    """A ledger that remembers."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def began(self, face: Any, level: str, colour: bool, area: float) -> int:
        self.told.append(("began", (face.number, level, 0 < area <= 1)))
        return len(self.told)

    def ended(self, look: int, seconds: float) -> None:
        self.told.append(("ended", (look, round(seconds, 1))))


async def test_only_clear_is_a_look_and_it_ends_with_the_shield(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        viewer.ledger = ledger = Counted()
        await keys(pilot, "]")
        assert ledger.told == []
        await keys(pilot, "enter")
        assert ledger.told == [("began", (1, "clear", True))]
        beat.now += 7
        await _blur(pilot, bench, case_id)
        await drawn(pilot)
        assert ledger.told == [("began", (1, "clear", True)), ("ended", (1, 7.0))]


async def test_facts_and_what_the_camera_wrote_are_asked_for_by_a_key(bench: Workbench) -> None:
    import io

    from PIL import Image

    exif = Image.Exif()
    exif[0x010E] = "Taken\x1b[31m at home"
    out = io.BytesIO()
    Image.new("RGB", (90, 60)).save(out, "JPEG", exif=exif)
    case = case_with(bench, file(bench, "home.jpg", "image/jpeg", out.getvalue()))
    async with app_on(bench) as pilot:
        await look(pilot, case)
        assert "at home" not in shown(pilot)
        await keys(pilot, "i")
        assert "at home" in shown(pilot)
        assert "\x1b" not in shown(pilot)


async def test_opening_outside_asks_unless_rated_none(
    bench: Workbench, case_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from escaltui.workbench import outside

    opened: list[tuple[bytes, int]] = []

    def fake(bench: Workbench, face: Any, png: bytes, number: int) -> str:
        opened.append((png[:4], number))
        return "Opened."

    monkeypatch.setattr(outside, "open_outside", fake)
    async with app_on(bench) as pilot:
        viewer, beat = await look(pilot, case_id)
        viewer.ledger = ledger = Counted()
        await keys(pilot, "O")
        assert "Opens clear, in colour; that program may keep a copy." in shown(pilot)
        await keys(pilot, "n")
        assert opened == []
        await keys(pilot, "O", "y")
        assert opened == [(b"\x89PNG", 1)]
        assert ledger.told == [("began", (1, "clear", True)), ("ended", (1, 0.0))], "it is a look"
        assert viewer.shield.level(beat()) == "heavy"
        assert not bare(samples(pilot)), "nothing clear here for it"
        await asyncio.to_thread(rated, bench, case_id, "none")
        await asyncio.sleep(0.15)
        await drawn(pilot)
        await keys(pilot, "O")
        assert len(opened) == 2


async def test_the_same_picture_on_another_case_is_told_and_opens(bench: Workbench, case_id: str) -> None:
    other = case_with(bench, file(bench, "again.png", "image/png", picture()), title="The same picture")
    async with app_on(bench) as pilot:
        await look(pilot, case_id)
        line = bench.line(other)
        assert line is not None
        assert "seen before" in shown(pilot)
        assert line.ref in shown(pilot)
        await keys(pilot, "P")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert pilot.app.screen.targets() == (other,)


@pytest.mark.parametrize("first_keys", [(), ("enter",)])
async def test_the_next_case_leaves_the_viewer(bench: Workbench, case_id: str, first_keys: tuple[str, ...]) -> None:
    other = case_with(bench, title="Another")
    async with app_on(bench) as pilot:
        await press(pilot, *first_keys)
        await look(pilot, case_id)
        await keys(pilot, "n")
        assert isinstance(pilot.app.screen, CaseScreen)
        assert pilot.app.screen.targets()[0] in (case_id, other)
        await press(pilot, "escape")
        assert not isinstance(pilot.app.screen, ViewerScreen)


async def test_nothing_seen_before_says_what_is_missed(bench: Workbench, case_id: str) -> None:
    async with app_on(bench) as pilot:
        await look(pilot, case_id)
        await keys(pilot, "P")
        assert "Not seen before. Crops and other cuts" in shown(pilot)
        assert not isinstance(pilot.app.screen, KeyMenu)


async def test_the_process_that_decodes_ends_with_the_app_and_this_one_never_loads_what_it_does(
    bench: Workbench, case_id: str
) -> None:
    async with app_on(bench) as pilot:
        await look(pilot, case_id)
        reader = pilot.app.reader  # type: ignore[attr-defined]
        assert reader.pid is not None
    assert reader.pid is None
