"""The lines of a decision under each other, one of them at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, cells, cut, join, own
from escaltui.widgets.labels import named, word
from escaltui.widgets.say import Part, strip

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.faces import CaseFace
    from escaltui.screens.sheets.decision_draft import DecisionDraft, LineDraft

COVERS, OUTCOME = 22, 22


class DecisionLines(Widget, can_focus=True):
    """Up and down turn to a line, enter changes which items it is for."""

    DEFAULT_CSS = """
    DecisionLines { height: auto; max-height: 5; width: 1fr; }
    """

    class Stepped(Message):
        """Another line is at hand."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    class Opened(Message):
        """The items of the line at hand are to be chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.drawn: list[list[Part]] = []
        self.at = 0

    def tell(self, draft: DecisionDraft, face: CaseFace | None, at: int, rules: RuleSet) -> None:
        """Show these lines."""
        before = len(self.drawn)
        total = len(face.subjects) if face else 0
        self.at = at
        self.drawn = [self._parts(n, line, draft, total, rules) for n, line in enumerate(draft.lines)]
        self.refresh(layout=len(self.drawn) != before)

    def _parts(self, n: int, line: LineDraft, draft: DecisionDraft, total: int, rules: RuleSet) -> list[Part]:
        covered = len(line.covers) or max(0, total - sum(len(each.covers) for each in draft.lines))
        if n == 0 and len(draft.lines) == 1:
            who = _("the case") if total == 0 else ngettext("{n} item", "all {n} items", total).format(n=total)
        elif n == 0:
            who = ngettext("the other item", "the other {n} items", covered).format(n=covered)
        else:
            who = ngettext("{n} item", "{n} items", covered).format(n=covered)
        outcome = own(f"[{word(line.outcome)}]" if line.outcome else "[ ]")
        rest = [own(cite.section) for cite in line.cites]
        rest += [own(" ".join(line.territory))] if line.territory else []
        rest += [named(rules.actions, name) for name in line.actions]
        here = n == self.at
        return [
            (own("> " if here else "  "), "mark"), (_fit(own(who), COVERS), "" if here else "quiet"),
            (_fit(outcome, OUTCOME), "heading" if here else ""), (join(rest, own("  ")), "quiet"),
        ]  # fmt: skip

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, len(self.drawn))

    def on_key(self, event: events.Key) -> None:
        by = {"down": 1, "up": -1}.get(event.key)
        if by is not None and 0 <= self.at + by < len(self.drawn):
            self.post_message(self.Stepped(self.at + by))
        elif event.key == "enter":
            self.post_message(self.Opened())
        elif by is None:
            return
        event.stop()

    def render_line(self, y: int) -> Strip:
        if y >= len(self.drawn):
            return Strip.blank(self.size.width, self.rich_style)
        parts = list(self.drawn[y])
        if self.has_focus and y == self.at:
            parts.append((own("  " + _("N another line, enter its items")), "quiet"))
        return strip(parts, self.size.width, self.rich_style, self.app.theme)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


def _fit(text: SafeText, width: int) -> SafeText:
    """A text in a column of its own."""
    shown = cut(text, width - 1)
    return shown + own(" " * (width - cells(shown)))
