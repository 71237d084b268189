"""What a decision would need and touch, under the sheet; before there is an outcome, the keys of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from escaltui.i18n import _, ngettext, number
from escaltui.safety.text import cells, own
from escaltui.screens.sheets.decision_more import More
from escaltui.widgets.form import Pick
from escaltui.widgets.labels import word
from escaltui.widgets.lines import Line as TextLine
from escaltui.widgets.say import Part, content

if TYPE_CHECKING:
    from escaltui.faces import CaseFace
    from escaltui.workbench.deciding import Preview

GAP = 2
"""Cells between two outcomes in their list."""


class Reach(More):
    """Mixed into the decision sheet."""

    face: CaseFace | None
    preview: Preview | None

    def draw_reach(self) -> None:
        """Say it, or list the outcomes while there is none."""
        found = self.preview
        if self.focused is self.query_one("#outcome") and not self.now.outcome:
            self._list_outcomes()
            return
        if found is None:
            return
        if found.refused is not None:
            reason, mend = found.refused  # what is still empty is no fault while it is being filled in
            self.query_one("#needs", TextLine).show((own(reason), "quiet" if found.missing else "near"))
            self.query_one("#reach", TextLine).show((own("" if found.missing else mend), "quiet"))
            return
        needs = ", ".join(word(role) for role in found.needs)
        then = {"pending": _("before it takes effect"), "review_due": _("after it takes effect")}.get(
            found.approval, ""
        )
        said = f"{needs}, {then}" if needs else _("nobody else")
        rules = "; ".join(found.rules)
        self.query_one("#needs", TextLine).show(
            (own(_("Needs") + "  "), "quiet"), own(said), (own(f"  {rules}" if rules else ""), "quiet")
        )
        n, deeds = self.draft.touched(self.face.subjects if self.face is not None else ())
        items = ngettext("{n} item", "{n} items", n).format(n=number(n))
        acts = ngettext("{n} action", "{n} actions", deeds).format(n=number(deeds))
        views = _("about {n} views").format(n=number(found.reach)) if found.reach else ""
        told = ", ".join(part for part in (items, acts, views) if part)
        reach: list[Part] = [(own(_("Reach") + "  "), "quiet"), own(told)] if deeds else []
        self.query_one("#reach", TextLine).show(*reach)
        if found.departs and not self.draft.departs:
            self.say(own(found.departs), "near")

    def _list_outcomes(self) -> None:
        """The keys of the outcomes, where what is needed stands later."""
        lines: list[list[Part]] = [[]]
        used, room = 0, self.query_one("#needs").size.width
        for choice in self.query_one("#outcome", Pick).choices:
            width = cells(choice.label) + 2
            if used + width > room:
                lines.append([])
                used = 0
            used += width + GAP
            lines[-1] += [(own(f"{choice.key} "), "key"), choice.label, own(" " * GAP)]
        lines += [[], []]
        self.query_one("#needs", TextLine).show(*lines[0])
        self.query_one("#reach", TextLine).show(*lines[1])
        rest = [part for line in lines[2:] if line for part in (*line, own("\n"))]
        self.query_one("#said", Static).update(content(*rest[:-1], theme=self.app.theme))

    def on_descendant_focus(self) -> None:
        self.draw_reach()
