"""The viewer's keys for looking: more and less shield, peek and reveal, colour, zoom, other files, parts of one."""

from __future__ import annotations

from collections.abc import Iterable

from textual import events

from escaltui import keys
from escaltui.i18n import N_, _
from escaltui.safety.text import own
from escaltui.screens.viewer_verbs import ViewerVerbs
from escaltui.screens.viewing import PICTURE, SHEET, WORDS, ZOOMS
from escaltui.widgets.acts import Step
from escaltui.widgets.passage import Passage

OPEN = frozenset({"open", "older", "newer", "peek", "colour", "sheet", "zoom_in", "zoom_out", "change", "inspect",
                  "outside", "seal", "precedents", "fetch"})  # fmt: skip
"""What is not there for a sealed item."""
PIXELS = frozenset({"peek", "colour", "zoom_in", "zoom_out", "open", "older"})
"""What works on a picture only."""
FIRST = ("fetch", "newer", "older", "peek", "open", "colour", "sheet", "back", "shield", "zoom_in", "change",
         "precedents", "seal", "outside", "inspect", "zoom_out")  # fmt: skip
"""What the key bar shows first."""
LABELS = {
    "older": N_("more shield"), "newer": N_("less shield"), "open": N_("reveal"), "change": N_("rate"),
    "precedents": N_("seen before"),
}  # fmt: skip
"""What keys with many meanings do here, in the key bar."""


class ViewerKeys(ViewerVerbs):
    """What the keys of looking do. Nothing reveals by itself, and no mouse does."""

    def bar_actions(self) -> Iterable[keys.Action]:
        """The keys of looking come first, in the words of this place."""
        for action in super().bar_actions():
            if action.verb in FIRST:
                tile = action.verb == "open" and self.mode == SHEET
                label = action.label if tile else LABELS.get(action.verb, action.label)
                yield action._replace(shift=True, bar=FIRST.index(action.verb), label=label)
            elif action.bar >= 0:
                yield action._replace(shift=False)

    def can(self, action: keys.Action) -> bool:
        if self.face.sealed and action.verb in OPEN:
            return False
        if (action.verb == "peek" and self._masked()) or (action.verb == "open" and self._picks()):
            return True
        if action.verb in PIXELS:
            sheet = self.mode == SHEET and action.verb not in ("zoom_in", "zoom_out")
            return (self.mode == PICTURE or sheet) and not self.note
        if action.verb == "newer":
            return self.mode != WORDS or self._has_pages()
        if action.verb == "sheet":
            return self._has_parts()
        if action.verb == "fetch":
            return self.away
        if action.verb == "pick":
            return len(self.faces) > 1
        return super().can(action)

    def _has_pages(self) -> bool:
        return self.facts is not None and self.facts.kind == "document" and not self.note

    def _has_parts(self) -> bool:
        facts = self.facts
        parts = facts is not None and (facts.seconds > 0 or facts.pages > 0 or facts.frames > 1)
        return parts and not self.note

    def act_newer(self, argument: str = "") -> None:
        """`]`: less shield; from a document's text to its pages, at rest."""
        if self.mode == WORDS:
            self.open_part(0)
        else:
            self.answered(self.shield.lift(self.app.beat()))

    def act_older(self, argument: str = "") -> None:
        """`[`: more shield."""
        if self.shield.lower(self.app.beat()):
            self.covered()

    def act_peek(self, argument: str = "") -> None:
        """`space`: clear and grey for a moment, each repeat of the key renews it; on masked words: those."""
        if self._masked():
            super().act_peek(argument)
        else:
            self.answered(self.shield.peek(self.app.beat(), held=True))

    def act_open(self, argument: str = "") -> None:
        """`enter`: clear and grey for a time; on a contact sheet: that tile, at rest; on masked words: those."""
        if isinstance(self.focused, Passage) and self._picks():
            self.focused.pick()
        elif self.mode == SHEET:
            tiles = self.sheet_view.tiles
            if tiles:
                self.open_part(tiles[self.sheet_view.at].frame)
        else:
            self.answered(self.shield.reveal(self.app.beat()))

    def _masked(self) -> bool:
        """Whether the passage in focus has masked words to be shown."""
        return isinstance(self.focused, Passage) and self.focused.facing() is not None

    def _picks(self) -> bool:
        """Whether the passage in focus has something for `enter`."""
        return self._masked() or (isinstance(self.focused, Passage) and bool(self.focused.cursor))

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.open_seen(message.key.removeprefix("case "))

    def act_colour(self, argument: str = "") -> None:
        """`o`: colour or grey."""
        answer = self.shield.colour(self.app.beat())
        if answer == "at_rest":
            self.say(own(_("Colour comes after enter or space, for as long as they show it.")))
        else:
            self.answered(answer)

    def act_sheet(self, argument: str = "") -> None:
        """`#`: the contact sheet, or back from it."""
        if self.mode == SHEET:
            self._leave_sheet()
        else:
            self.set_mode(SHEET)
            self.appear()
            self.call_after_refresh(self.show)

    def _leave_sheet(self) -> None:
        picture = self.facts is not None and self.facts.kind == "picture"
        self.set_mode(PICTURE if picture else WORDS)
        self.appear()
        self.call_after_refresh(self.show)

    def act_zoom_in(self, argument: str = "") -> None:
        self._zoom(1)

    def act_zoom_out(self, argument: str = "") -> None:
        self._zoom(-1)

    def _zoom(self, by: int) -> None:
        at = ZOOMS.index(self.zoom) + by
        if 0 <= at < len(ZOOMS):
            self.zoom = ZOOMS[at]
            self.show()

    # --- moving

    def on_key(self, event: events.Key) -> None:
        """Left and right: the other file, or along a zoomed picture or a contact sheet."""
        if event.key in ("left", "right"):
            event.stop()
            self._sideways(1 if event.key == "right" else -1)

    def _sideways(self, by: int) -> None:
        if self.mode == SHEET:
            self.sheet_view.move("down", by)
        elif self.zoom > 1:
            self._pan(by, 0)
        else:
            self._other(self.at + by)

    def move_by(self, step: Step) -> None:
        by = {"down": 1, "up": -1}.get(step)
        if self.mode == SHEET:
            self.sheet_view.move(step)
        elif self.zoom > 1 and by is not None:
            self._pan(0, by)
        elif by is not None and not self._reads(by):
            self._other(self.at + by)
        elif by is None:
            self._page(step)

    def _reads(self, by: int) -> bool:
        """Whether text scrolls: a file's words are read to their end before another file comes."""
        words = self.query_one("#words", Passage)
        more = words.scroll_y < words.max_scroll_y if by > 0 else words.scroll_y > 0
        if self.mode == WORDS and more:
            words.move("down" if by > 0 else "up")
        return self.mode == WORDS and more

    def _page(self, step: Step) -> None:
        facts = self.facts
        parts = max(facts.pages, facts.frames) if facts is not None and not facts.seconds else 0
        if self.mode == PICTURE and parts > 1:
            by = {"page_down": 1, "page_up": -1}.get(step)
            to = self.place_in_file + by if by is not None else 0 if step == "first" else parts - 1
            if 0 <= to < parts:
                self.open_part(to)
        else:
            self.query_one("#words" if self.mode == WORDS else "#card", Passage).move(step)

    def _pan(self, across: int, down: int) -> None:
        step = 0.25 / self.zoom
        low, high = 0.5 / self.zoom, 1 - 0.5 / self.zoom
        x, y = self.centre
        self.centre = min(high, max(low, x + across * step)), min(high, max(low, y + down * step))
        self.show()

    def act_pick(self, argument: str = "") -> None:
        """The file with this number."""
        if argument in keys.BY_ID["pick"].keys[:9]:
            self._other(int(argument) - 1)

    def _other(self, at: int) -> None:
        if at == self.at:
            return
        if 0 <= at < len(self.faces):
            self.turn_to(at)
        else:
            self.say(own(_("That is all: this case has no other file there.")))

    # --- away

    def act_shield(self, argument: str = "") -> None:
        """`b`: everything is covered; what rests clear, too."""
        self.shield.cover()
        super().act_shield(argument)

    def act_back(self, argument: str = "") -> None:
        """`esc`: from the contact sheet to the file; then the curtain; again: leave."""
        if self.mode == SHEET:
            self._leave_sheet()
        elif self.mode == PICTURE and self.shield.level(self.app.beat()) != "curtain" and not self.note:
            self.shield.curtain()
            self.covered()
        else:
            super().act_back(argument)
