"""What the viewer shows of one file, and for how long: levels, leases, zoom.

The shield (`safety.shield`) says what may be seen; this asks the reader for it, in threads, and draws it. A reply that
the shield does not allow any more is dropped. The resting frame is kept, so that going back to it waits for nobody.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, TypeVar

from textual.timer import Timer

from escaltui.i18n import N_, _
from escaltui.safety.decode import NotShown, Want
from escaltui.safety.shield import Answer, Level, Permit, Shield, resting
from escaltui.safety.text import SafeText, own
from escaltui.screens.traces import Traces
from escaltui.widgets.contact_sheet import ContactSheet, minutes
from escaltui.widgets.passage import Passage
from escaltui.widgets.picture import Canvas
from escaltui.widgets.say import content, plain

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.media_faces import MediaFace
    from escaltui.protection import Shielding
    from escaltui.safety.decode import Facts, Reader, Tile

T = TypeVar("T")
BEAT = 0.05
"""Seconds between two looks at whether a lease has ended."""
ZOOMS = (1, 2, 4, 8)
PICTURE, SHEET, WORDS = "picture", "sheet", "words"
"""What the right half shows."""
LEVEL_WORDS = {
    ("curtain", False): N_("curtain"), ("heavy", False): N_("heavy blur"), ("light", False): N_("light blur"),
    ("clear", False): N_("clear grey"), ("clear", True): N_("clear, colour"),
}  # fmt: skip
DOWN = N_("Curtain is down. ] lifts it to heavy blur.")


class Viewing(Traces):
    """One file behind its shield."""

    def __init__(
        self, faces: tuple[MediaFace, ...], at: int, settings: Shielding, case: QueueLine | None = None
    ) -> None:
        super().__init__()
        self.case = case
        self.faces, self.at = faces, at
        self.shield = Shield(settings)
        self.facts: Facts | None = None
        self.mode = WORDS
        self.note = ""
        """Why it cannot be shown."""
        self.away = False
        """Its bytes lie on the server, and a key would fetch them."""
        self.place_in_file = 0
        """The frame, page, or moment in milliseconds that is shown."""
        self.zoom, self.centre = 1, (0.5, 0.5)
        self._asked: tuple[Want, int] | None = None
        """What the reader is at, and the number of the permit for it."""
        self._bordered = "", ""
        self._leased = False
        self._timer: Timer | None = None

    # --- what the screen fills

    def line(self) -> QueueLine | None:
        return self.case

    @property
    def face(self) -> MediaFace:
        """The file that is shown."""
        return self.faces[self.at]

    @property
    def rest(self) -> Level:
        """The level at which the file rests, by what is said of it and the settings."""
        face = self.face
        return "curtain" if face.sealed else resting(face.rating, face.claimed, face.minor, self.shield.settings)

    def turn_to(self, at: int) -> None:
        """Another file appears."""

    def set_mode(self, mode: str) -> None:
        """What the right half shows."""
        self.mode = mode
        for name in (PICTURE, SHEET, WORDS):
            self.set_class(name == mode, f"-{name}")
        words = self.query_one("#words", Passage)
        self.set_focus(words if mode == WORDS else None, scroll_visible=False)
        self.refresh_keys()

    def open_part(self, part: int) -> None:
        """A frame, page or moment appears, at rest."""
        self.set_mode(PICTURE)
        self.appear(part)
        self.call_after_refresh(self.show)

    @property
    def leased(self) -> bool:
        """Whether something is revealed here just now."""
        return self._leased or super().leased

    def draw_card(self) -> None:
        """Draw the facts anew."""

    @property
    def canvas(self) -> Canvas:
        return self.query_one(Canvas)

    @property
    def sheet_view(self) -> ContactSheet:
        return self.query_one(ContactSheet)

    # --- showing

    def appear(self, place: int = 0) -> None:
        """The file, or another part of it, appears at rest."""
        face = self.face
        self.look_over()
        self.place_in_file, self.zoom, self.centre = place, 1, (0.5, 0.5)
        self.shield.show(face.sha256, self.rest, self.app.beat())
        self._asked, self._leased = None, False
        self._drop()

    def reshield(self) -> None:
        """Back to rest at once: no permit, no clear or light frame, grey, zoom 1; nothing is waited for."""
        self.shield.reshield()
        self.covered()

    def covered(self) -> None:
        """The shield came back: so does what is drawn."""
        self.look_over()
        self.zoom, self.centre = 1, (0.5, 0.5)
        self._asked, self._leased = None, False
        self._drop()
        self.show()

    def _drop(self) -> None:
        """Keep no frame that needs a permit, and none of a sealed file."""
        open_ = {face.sha256 for face in self.faces if not face.sealed}
        now = self.app.beat()

        def allowed(want: Want) -> bool:
            free = want.level == "heavy" or self.shield.allows(want.sha256, want.level, want.colour, None, now)
            return free and want.sha256 in open_

        self.canvas.keep(allowed)
        self.sheet_view.keep(allowed)

    def show(self) -> None:
        """Draw what may be seen now; ask the reader for it where it is not at hand."""
        level = self.shield.level(self.app.beat())
        self._say_level(level)
        if self.mode == WORDS or self.face.sealed:
            return
        if level == "curtain" or self.note:
            self.canvas.say(own("" if self.note else _(DOWN)))
            self.sheet_view.clear(own("" if self.note else _(DOWN)))
            return
        want = self._want(level)
        if want is None or self.facts is None:
            return
        drawn = self.canvas.show(want) if self.mode == PICTURE else self.sheet_view.show(want, self.tile_name)
        if drawn:
            self.painted(want, self.canvas if self.mode == PICTURE else self.sheet_view)
        else:
            self._ask_for(want)

    def _want(self, level: Level) -> Want | None:
        """What is asked of the reader at a level: for the room that there is, in the region that is zoomed to."""
        size = (self.canvas if self.mode == PICTURE else self.sheet_view).size
        if not size:
            return None
        colour = level == "clear" and not self.shield.grey
        if self.mode == SHEET:
            return Want(self.face.sha256, level, colour, size.width, size.height)
        side = 1 / self.zoom
        x, y = (max(0.0, min(1 - side, at - side / 2)) for at in self.centre)
        return Want(
            self.face.sha256, level, colour, size.width, size.height, (x, y, side, side), self.place_in_file
        )  # fmt: skip

    def _ask_for(self, want: Want) -> None:
        permit = self.shield.permit(self.app.beat())
        asked = want, permit.serial if permit is not None else 0
        if self.canvas.shown is None:
            self.canvas.say(own("..."))
        if asked == self._asked:
            return
        self._asked, shield = asked, self.shield
        if self.mode == SHEET:
            put_tiles = partial(self._came, want, permit, self.sheet_view.put)
            self.ask(lambda reader: reader.sheet(want, shield, permit), put_tiles, "view")
        else:
            put = partial(self._came, want, permit, self.canvas.put)
            self.ask(lambda reader: reader.view(want, shield, permit), put, "view")

    def _came(self, want: Want, permit: Permit | None, put: Callable[[Want, T], object], got: T | NotShown) -> None:
        """A reply: kept and drawn if the shield still allows it."""
        if self._asked is None or self._asked[0] != want:
            return
        self._asked = None
        if isinstance(got, NotShown):
            self.not_shown(got)
        elif self.shield.allows(want.sha256, want.level, want.colour, permit, self.app.beat()):
            put(want, got)
            self.show()

    def not_shown(self, why: NotShown) -> None:
        """Say calmly why; a dead or revoked reader is no fault of the file."""
        if why.code == "died":
            self.reshield()
            self.say(own(str(why)))
        elif why.code != "revoked":
            self.note = str(why)
            self.draw_card()
            self.covered()

    def ask(self, call: Callable[[Reader], T], then: Callable[[T | NotShown], object], group: str) -> None:
        """Ask the reader in a thread; its refusals come back as values."""
        reader = self.app.reader

        def work(_bench: object) -> T | NotShown:
            try:
                return call(reader)
            except NotShown as refused:
                return refused

        self.read(work, then, group=group)

    # --- leases

    def answered(self, answer: Answer) -> None:
        """What a key came to, drawn and said."""
        said = {
            "curtain": _(DOWN),
            "at_light": self._clear_words(),
            "at_rest": _("It rests clear already: a colleague rated it so."),
            "enough": _("Two minutes in a row are enough. Let go for a moment; then enter shows it again."),
        }
        if answer == "changed":
            self._lease_runs()
            self.show()
            if self.shield.level(self.app.beat()) == "light":
                self.say(own(self._clear_words()))
        elif answer in said:
            self.say(own(said[answer]))

    def _clear_words(self) -> str:
        return _("enter shows it clear, grey, for {n} s.").format(n=round(self.shield.settings.reveal))

    def _lease_runs(self) -> None:
        self._leased = self.shield.permit(self.app.beat()) is not None
        if not self._leased:
            self.covered()
        elif self._timer is None:
            self._timer = self.set_interval(BEAT, self.lease_tick)
        else:
            self._timer.resume()

    def lease_tick(self) -> None:
        """Count down; at the end of a lease go back to rest."""
        if not self._leased:
            if self._timer is not None:
                self._timer.pause()
        elif self.shield.permit(self.app.beat()) is None:
            self.reshield()
        else:
            self._say_level(self.shield.level(self.app.beat()))

    def _say_level(self, level: Level) -> None:
        """The border: which part of a file, at what level, for how long still."""
        box = self.query_one("#view")
        words = _(LEVEL_WORDS[level, level == "clear" and not self.shield.grey]) if self.mode != WORDS else ""
        left = self.shield.left(self.app.beat())
        if left is not None and words:
            words += " · " + _("{n} s").format(n=ceil(left))
        if self.zoom > 1:
            words += f" · ×{self.zoom}"
        name = self.part_words()
        if (name, words) != self._bordered:
            self._bordered = name, words
            box.border_title = content(own(name), theme=self.app.theme)
            box.border_subtitle = content(own(words), theme=self.app.theme)

    def part_words(self) -> str:
        """Which page, frame or moment of a file with several."""
        facts = self.facts
        if facts is None or self.mode != PICTURE:
            return ""
        if facts.seconds:
            return plain(minutes(self.place_in_file / 1000))
        if facts.pages > 1:
            return _("page {n} of {count}").format(n=self.place_in_file + 1, count=facts.pages)
        if facts.frames > 1:
            return _("frame {n} of {count}").format(n=self.place_in_file + 1, count=facts.frames)
        return ""

    def tile_name(self, tile: Tile) -> SafeText:
        """What stands under a tile: the time in a film, else the number."""
        return minutes(tile.at) if self.facts is not None and self.facts.seconds else own(str(int(tile.at) + 1))
