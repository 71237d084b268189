"""The best answers of a policy search, one line each, on digits."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from escaltui.faces import Hit
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, cells, own
from escaltui.widgets.say import Part, strip

_NOTHING = own("")
NAME = 24
"""Cells for a section's id: the heading is what people read."""
HEADING = 28
"""Cells up to which headings make the reasons begin below one another."""
WIDE = 100
"""Cells of a window in which what was found begins below one another, too."""


class Hits(Widget):
    """Up to five hits; the field above moves the cursor."""

    DEFAULT_CSS = """
    Hits { height: auto; max-height: 5; width: 1fr; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hits: tuple[Hit, ...] = ()
        self.at = 0
        self.said: SafeText = _NOTHING
        self.unsettled = False
        """A better order is on its way, and nobody touched this one: there is no cursor yet."""
        self.reasons = False

    def show(self, hits: Sequence[Hit], said: SafeText = _NOTHING, *, unsettled: bool = False) -> None:
        """These hits, or what is true where there are none. `unsettled`: `settle` follows."""
        self.hits, self.at, self.said = tuple(hits), 0, said
        self.unsettled, self.reasons = unsettled, False
        self.refresh(layout=True)

    def settle(self, hits: Sequence[Hit], said: SafeText = _NOTHING) -> None:
        """The same question's hits in their final order, with the reason of each.

        Where the cursor was taken to a row meanwhile, that row stays as it is, and where it is.
        """
        found = list(hits)
        if self.hits and not self.unsettled:
            found = _around(self.hits, self.at, found)
        self.hits, self.said, self.unsettled, self.reasons = tuple(found), said, False, True
        self.refresh(layout=True)

    def settled(self) -> None:
        """No other order will come."""
        self.unsettled = False
        self.refresh()

    def step(self, by: int) -> None:
        """Put the cursor on another hit."""
        if self.hits:
            self.unsettled = False
            self.at = max(0, min(self.at + by, len(self.hits) - 1))
            self.refresh()

    @property
    def current(self) -> Hit | None:
        """The hit under the cursor."""
        return self.hits[self.at] if self.hits else None

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return len(self.hits) or (1 if self.said else 0)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y >= len(self.hits):
            return strip([(self.said, "quiet")] if not y else [], width, self.rich_style, self.app.theme)
        hit, here = self.hits[y], y == self.at and not self.unsettled
        names = [_short(each.section) for each in self.hits]
        column = 2 + max(map(cells, names))
        parts: list[Part] = [
            (own("> " if here else "  "), "mark"), (own(f"{y + 1} "), "key"),
            (names[y], "found" if here else ""), own(" " * (column - cells(names[y]))),
            (hit.heading, "heading"), own("  "), *self._reason(hit), (hit.snippet, "quiet"),
        ]  # fmt: skip
        return strip(parts, width, self.rich_style, self.app.theme)

    def _reason(self, hit: Hit) -> list[Part]:
        """Why a hit is there, below one another where headings are not too long; none while that is not known."""
        if not self.reasons:
            return []
        heads, whys = [cells(each.heading) for each in self.hits], [why_words(each.why) for each in self.hits]
        said = own(why_words(hit.why))
        before = max(0, min(max(heads), HEADING) - cells(hit.heading))
        after = max(map(cells, map(own, whys))) - cells(said) if self.size.width >= WIDE else 0
        return [own(" " * before), said, own(" " * (after + 2))]


def _around(old: Sequence[Hit], at: int, new: Sequence[Hit]) -> list[Hit]:
    """A new list with the row under the cursor as it is and where it is."""
    kept = old[at]
    others = {each.section: each for each in (*new, *old) if each.section != kept.section}
    found = list(others.values())[: max(len(new), len(old)) - 1]
    return [*found[:at], kept, *found[at:]]


def why_words(why: str) -> str:
    """Why a hit is there, in a person's words: `meaning`, `text, 3 like cases`."""
    words = {"text": _("text"), "synonyms": _("synonyms"), "meaning": _("meaning"), "id": _("its number")}
    said = []
    for each in why.split(", "):
        count, _space, kind = each.partition(" ")
        n = int(count) if count.isdigit() else 0
        if kind == "cases" and n:
            said.append(ngettext("{n} like case", "{n} like cases", n).format(n=n))
        elif kind == "picks" and n:
            said.append(ngettext("picked {n} time", "picked {n} times", n).format(n=n))
        else:
            said.append(words.get(each, each))
    return ", ".join(said)


def _short(section: str) -> SafeText:
    """A section's id where it is short; of a long one, `document#page/heading`, the end, which tells them apart."""
    return own(section) if len(section) <= NAME else own("…" + section[-(NAME - 1) :])
