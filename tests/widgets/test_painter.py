"""The painter draws what Textual's own compositor draws, and asks fewer widgets for it."""

from __future__ import annotations

import asyncio

from textual._compositor import Compositor
from textual.app import App, ComposeResult
from textual.containers import Container, Horizontal
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip

from escaltui.safety.text import own
from escaltui.widgets.lines import Line
from escaltui.widgets.painter import Painter
from escaltui.widgets.themes import ALL


class Asked(Container):
    """A box that notes what lines it is asked for."""

    asked = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.asked += 1
        return super().render_lines(crop)


class Place(Screen[None]):
    """Lines in boxes: one box wholly behind its lines, one that shows beside them."""

    CSS = "Asked { height: 3; } #beside { height: 1; } #beside Line { width: 10; }"

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Painter()

    def compose(self) -> ComposeResult:
        with Asked():
            for _ in range(3):
                yield Line()
        with Horizontal(id="beside"):
            yield Line()


class Painted(App[None]):
    """One place."""

    def on_mount(self) -> None:
        for theme in ALL:
            self.register_theme(theme)
        self.theme = "dark"
        self.push_screen(Place())


def drawn(compositor: Compositor, plain: bool) -> list[list[tuple[str, object]]]:
    """Character and style of each cell of a whole screen, as one of the two draws it."""
    renders = Compositor._get_renders if plain else type(compositor)._get_renders
    compositor._get_renders = renders.__get__(compositor)  # type: ignore[method-assign]
    try:
        return [[(c, s.style) for s in strip for c in s.text] for strip in compositor.render_strips()]
    finally:
        del compositor._get_renders


def test_the_painter_draws_what_textual_draws() -> None:
    async def run() -> None:
        app = Painted()
        async with app.run_test(size=(40, 8)) as pilot:
            place = app.screen
            for number, line in enumerate(place.query(Line)):
                line.show(own(f"line {number}"), (own("bold"), "heading"), right=(own("end"),))
            await pilot.pause()
            assert drawn(place._compositor, plain=False) == drawn(place._compositor, plain=True)
            assert "line 2" in "".join(cell for cell, _ in drawn(place._compositor, plain=False)[2])

    asyncio.run(run())


def test_a_paint_of_one_line_leaves_out_the_box_behind_it() -> None:
    async def run() -> None:
        app = Painted()
        async with app.run_test(size=(40, 8)) as pilot:
            box = app.screen.query_one(Asked)
            await pilot.pause()
            box.asked = 0
            app.screen.query(Line).first().show(own("new"))
            await pilot.pause()
            assert box.asked == 0
            box.query(Line).last().display = False
            await pilot.pause()
            assert box.asked > 0

    asyncio.run(run())


def test_a_line_takes_the_colours_of_another_theme() -> None:
    async def run() -> None:
        app = Painted()
        async with app.run_test(size=(40, 8)) as pilot:
            await pilot.pause()
            line = app.screen.query(Line).first()
            before = line.rich_style
            assert line.rich_style is before
            app.theme = "light"
            await pilot.pause()
            assert line.rich_style != before

    asyncio.run(run())
