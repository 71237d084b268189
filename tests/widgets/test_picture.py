"""Pictures in half blocks: every sample where it belongs, equal neighbours one segment, nothing kept that must go."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.strip import Strip

from escaltui.safety.decode import Picture, Tile, Want
from escaltui.safety.text import own
from escaltui.theme import DARK
from escaltui.widgets.contact_sheet import ACROSS, DOWN, ContactSheet, minutes
from escaltui.widgets.picture import HALF, KEPT, TONES, Canvas, strips, style
from escaltui.widgets.themes import textual_theme

SHA = "a" * 64


@st.composite
def pictures(draw: st.DrawFn) -> Picture:
    """Small pictures of either mode; few tones, so that neighbours are often equal."""
    mode: Literal["L", "RGB"] = draw(st.sampled_from(("L", "RGB")))
    width, height = draw(st.integers(1, 12)), draw(st.integers(1, 9))
    size = width * height * len(mode)
    data = bytes(draw(st.lists(st.sampled_from((0, 5, 17, 255)), min_size=size, max_size=size)))
    return Picture(SHA, "clear", mode, width, height, data)


def grid(picture: Picture) -> list[list[tuple[int, ...]]]:
    """The samples of a picture as triplets."""
    bands = len(picture.mode)
    cells = [tuple(picture.data[at : at + bands]) * (3 // bands) for at in range(0, len(picture.data), bands)]
    return [cells[at : at + picture.width] for at in range(0, len(cells), picture.width)]


def read_back(drawn: list[Strip]) -> list[list[tuple[int, ...]]]:
    """The samples that lines of half blocks show."""
    found: list[list[tuple[int, ...]]] = []
    for strip in drawn:
        above: list[tuple[int, ...]] = []
        below: list[tuple[int, ...]] = []
        for text, look, _control in strip:
            assert look is not None
            assert look.color is not None
            assert look.bgcolor is not None
            assert set(text) == {HALF}
            above += [tuple(look.color.triplet or ())] * len(text)
            below += [tuple(look.bgcolor.triplet or ())] * len(text)
        found += [above, below]
    return found


@given(pictures())
def test_every_sample_is_drawn_where_it_belongs(picture: Picture) -> None:
    wanted = grid(picture)
    wanted += [wanted[-1]] * (len(wanted) % 2)
    assert read_back(strips(picture)) == wanted


@given(pictures())
def test_equal_neighbours_are_one_segment(picture: Picture) -> None:
    for strip in strips(picture):
        looks = [look for _text, look, _control in strip]
        assert all(one != other for one, other in pairwise(looks))


@given(pictures())
def test_without_colours_it_is_drawn_in_tones(picture: Picture) -> None:
    for strip in strips(picture, plain=True):
        assert strip.cell_length == picture.width
        assert set(strip.text) <= set(TONES)
        assert all(look is None for _text, look, _control in strip)


def test_tones_go_from_dark_to_light() -> None:
    data = bytes(at * 255 // 9 for at in range(10)) * 2
    [strip] = strips(Picture(SHA, "heavy", "L", 10, 2, data), plain=True)
    assert strip.text[0] == TONES[0]
    assert strip.text[-1] == TONES[-1]
    assert [TONES.index(sign) for sign in strip.text] == sorted(TONES.index(sign) for sign in strip.text)


def test_styles_are_kept_up_to_a_bound() -> None:
    assert style.cache_info().maxsize == 65_536


def picture(width: int = 10, height: int = 8, tone: int = 34) -> Picture:
    return Picture(SHA, "heavy", "L", width, height, bytes([tone]) * (width * height))


def want(level: str = "heavy", frame: int = 0, **more: Any) -> Want:
    return Want(SHA, level, False, 20, 10, frame=frame, **more)  # type: ignore[arg-type]


class Shows(App[None]):
    """A picture and a contact sheet of a known size."""

    CSS = "Canvas, ContactSheet { width: 30; height: 12; }"

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(textual_theme(DARK))
        self.theme = "dark"

    def compose(self) -> ComposeResult:
        yield Canvas()
        yield ContactSheet()


@asynccontextmanager
async def shows() -> AsyncIterator[tuple[Canvas, ContactSheet]]:
    app = Shows()
    async with app.run_test(size=(40, 30)):
        yield app.query_one(Canvas), app.query_one(ContactSheet)


def text(widget: Canvas | ContactSheet) -> list[str]:
    """Its lines as text, as the screen gets them."""
    return [strip.text for strip in widget.render_lines(Region(0, 0, *widget.size))]


async def test_a_picture_stands_in_the_middle_and_lines_are_as_wide_as_the_widget() -> None:
    async with shows() as (canvas, _sheet):
        canvas.put(want(), picture())
        assert canvas.show(want())
        lines = text(canvas)
        assert [line.count(HALF) for line in lines] == [0] * 4 + [10] * 4 + [0] * 4
        assert lines[5] == " " * 10 + HALF * 10 + " " * 10
        assert {len(line) for line in lines} == {30}


async def test_a_picture_larger_than_the_widget_is_cut() -> None:
    async with shows() as (canvas, _sheet):
        canvas.put(want(), picture(60, 60))
        canvas.show(want())
        assert [len(line) for line in text(canvas)] == [30] * 12


async def test_words_stand_where_there_is_no_picture() -> None:
    async with shows() as (canvas, _sheet):
        assert not canvas.show(want())
        canvas.say(own("Curtain is down."))
        assert text(canvas)[5].strip() == "Curtain is down."
        canvas.say(own("A sentence that is much too long for the room that there is."))
        assert {len(line) for line in text(canvas)} == {30}


async def test_what_must_not_stay_leaves_the_screen_and_the_memory_of_the_widget() -> None:
    async with shows() as (canvas, _sheet):
        for level, tone in (("heavy", 34), ("clear", 35), ("light", 51)):
            canvas.put(want(level), picture(tone=tone))
        canvas.show(want("clear"))
        text(canvas)
        canvas.keep(lambda each: each.level == "heavy")
        assert canvas.shown is None
        assert HALF not in "".join(text(canvas))
        assert list(canvas._kept) == [want("heavy")]
        assert not canvas.show(want("clear"))
        assert canvas.show(want("heavy"))
        canvas.keep(lambda each: True)
        assert canvas.shown == want("heavy"), "what may stay does"


async def test_frames_are_kept_up_to_a_bound() -> None:
    async with shows() as (canvas, _sheet):
        for frame in range(KEPT + 5):
            canvas.put(want(frame=frame), picture())
        assert len(canvas._kept) == KEPT
        assert not canvas.show(want(frame=0))
        assert canvas.show(want(frame=KEPT + 4))


def tiles(count: int) -> tuple[Tile, ...]:
    return tuple(Tile(at * 5.0, picture(6, 4, 17 * (at % 15)), at) for at in range(count))


@pytest.mark.parametrize("count", [1, 4, 5, 12])
async def test_tiles_stand_in_a_grid_with_their_times_under_them(count: int) -> None:
    async with shows() as (_canvas, sheet):
        sheet.put(want(), tiles(count))
        assert sheet.show(want(), lambda tile: minutes(tile.at))
        lines = text(sheet)
        assert {len(line) for line in lines} == {30}
        assert sum(line.count(HALF) for line in lines) == count * 6 * 2
        assert "> 0:00" in lines[3]
        if count == ACROSS * DOWN:
            assert "0:55" in lines[11]


async def test_the_cursor_stays_on_the_tiles() -> None:
    async with shows() as (_canvas, sheet):
        sheet.put(want(), tiles(9))
        sheet.show(want(), lambda tile: minutes(tile.at))
        for step, at in (("up", 0), ("down", 4), ("down", 8), ("down", 8), ("last", 8), ("first", 0)):
            sheet.move(step)  # type: ignore[arg-type]
            assert sheet.at == at
        sheet.move("down", -1)
        assert sheet.at == 0
        sheet.move("down", 1)
        assert sheet.at == 1


async def test_a_sheet_that_must_not_stay_goes() -> None:
    async with shows() as (_canvas, sheet):
        sheet.put(want("clear"), tiles(3))
        sheet.show(want("clear"), lambda tile: minutes(tile.at))
        sheet.keep(lambda each: each.level == "heavy")
        assert sheet.shown is None
        assert HALF not in "".join(text(sheet))
        assert sheet._kept == {}


def test_times_as_people_read_them() -> None:
    assert [minutes(seconds).value for seconds in (0, 59.9, 61, 3725)] == ["0:00", "0:59", "1:01", "1:02:05"]
