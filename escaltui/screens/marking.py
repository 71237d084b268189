"""Marks in the queue: one by one or by a query, for the verb that comes next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from escaltui.i18n import _, ngettext, number
from escaltui.safety.text import own
from escaltui.screens.verbs import CaseVerbs
from escaltui.widgets.labels import word

if TYPE_CHECKING:
    from escaltui.faces import BulkPreview, QueueLine
    from escaltui.widgets.queue_list import QueueList
    from escaltui.workbench import Workbench
    from escaltui.workbench.similar import Marks

LOOKED_AT = 2000
"""So many of a list are looked at for repeats: a second's work."""


class Marking(CaseVerbs):
    """Mixed into the queue."""

    set_mode: bool

    @property
    def listing(self) -> QueueList:
        """The list whose lines are marked."""
        raise NotImplementedError

    def act_mark(self, argument: str = "") -> None:
        self.listing.toggle_mark()
        self._say_marks()

    def _say_marks(self) -> None:
        count = len(self.listing.marks)
        words = ngettext("{n} marked. ; then a verb, esc clears.", "{n} marked. ; then a verb, esc clears.", count)
        self.say(own(words.format(n=number(count)) if count else ""))

    def act_marked(self, argument: str = "") -> None:
        self.set_mode = True
        count = len(self.listing.marks)
        words = ngettext(
            "A verb for {n} marked case; esc goes back.", "A verb for {n} marked cases; esc goes back.", count
        )
        self.say(own(words.format(n=number(count))))

    def act_mark_query(self, argument: str = "") -> None:
        if argument:
            self._mark_query(argument)
        else:
            hint = own(_("A query, or 1 same item, 2 same requester, 3 same section, 4 repeats; - unmarks"))
            self.ask(own(_("Mark by query")), hint, self._mark_query)

    def act_mark_similar(self, argument: str = "") -> None:
        """Mark what is listed here and close to the case under the cursor; nothing is done to it."""
        line, query = self.line(), self.app.listed.query
        if line is not None:
            from escaltui.workbench.similar import close_in

            self.read(lambda bench: close_in(bench, line.id, query), self._marked_similar, group="mark", hold=True)

    def _marked_similar(self, found: Marks) -> None:
        count = len(found.case_ids) - 1
        if not count:
            self.say(own(_("No open case listed here is close to this one.")))
            return
        self.mark_these(found.case_ids)
        why = ", ".join(f"{number(n)} {word(reason)}" for reason, n in found.reasons)
        said = ngettext("Marked, and {n} more: {why}.", "Marked, and {n} more: {why}.", count)
        said = said.format(n=number(count), why=why)
        more = " " + _("There are more.") if found.more else ""
        self.say(own(f"{said}{more} " + _("; then a verb.")))

    def mark_these(self, case_ids: Iterable[str], *, drop: bool = False) -> None:
        """Mark these cases, or take their marks off."""
        self.listing.marks = self.listing.marks - set(case_ids) if drop else self.listing.marks | set(case_ids)
        self.listing.refresh()
        self._say_marks()

    def _mark_query(self, typed: str) -> None:
        drop, query = typed.startswith("-") and typed != "-", typed.removeprefix("-").strip()
        listed = self.app.listed.query
        like, line = {"1": "subject", "2": "requester", "3": "section"}.get(query), self.line()

        def found(case_ids: list[str]) -> None:
            self.mark_these(case_ids, drop=drop)

        if query == "4":
            self.read(lambda bench: _repeating(bench, listed), found, group="mark", hold=True)
        elif like is not None and line is not None:
            self.read(lambda bench: bench.ids_like(line.id, like), found, group="mark", hold=True)
        else:
            self.read(lambda bench: bench.matching(query), found, group="mark", hold=True)

    def changed_marked(self, found: BulkPreview) -> None:
        """Refused cases stay marked."""
        refs = [ref for ref, _code, _reason in found.refused]

        def still(lines: list[QueueLine | None]) -> None:
            self.listing.marks = {line.id for line in lines if line}
            self.listing.refresh()

        self.read(lambda bench: [bench.line(ref) for ref in refs], still, group="mark")


def _repeating(bench: Workbench, query: str) -> list[str]:
    """The newest of a list that likely repeat an earlier case."""
    from escaltui.workbench.similar import repeating

    return list(dict(repeating(bench, query, LOOKED_AT)))
