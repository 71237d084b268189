"""Declare an incident: over the marked cases, over a case, or for a planned event."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.i18n import _, ngettext
from escaltui.safety.text import own
from escaltui.screens.made import Made, why_words
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.labels import word

if TYPE_CHECKING:
    from escaltui.crisis_faces import EventFace
    from escaltui.faces import BulkPreview, QueueLine
    from escaltui.workbench import Workbench

NAME_MOST = 200
SEVERITIES = ("0", "1", "2", "3", "4")


class DeclareSheet(Sheet):
    """What is filled in stands: `ctrl+s` declares it, lets the cases join, and goes there."""

    AUTO_FOCUS = "#name"

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...], event: EventFace | None = None) -> None:
        super().__init__(_("New incident over"), line, case_ids)
        if not case_ids:
            self.heading = own(_("New incident"))
        self.event = event

    def fields(self) -> Iterable[Widget]:
        me, event = self.app.bench.me, self.event
        named = own(f"{word(event.kind)} {' '.join(event.countries)} {event.first}") if event else None
        if named is None and self.line is not None:
            named = own(self.line.title.value[:NAME_MOST])
        severity = str(self.line.severity) if self.line is not None else "2"
        yield from rows((
            (_("Name"), SafeInput(named, id="name")),
            (_("Severity"), Pick([(own(f"S{each}"), each) for each in SEVERITIES], severity, title=_("Severity"),
                                 id="severity", letters="01234")),
            (_("Lead"), SafeInput(own(me), id="lead")),
            (_("Communications"), SafeInput(id="comms")),
            (_("Scribe"), SafeInput(id="scribe")),
            (_("Rule"), SafeInput(id="query", placeholder=_("what joins by itself, such as tag:flood; or nothing"))),
        ))  # fmt: skip

    def _typed(self, name: str) -> str:
        return self.query_one(f"#{name}", SafeInput).value.strip()

    def made(self) -> Made | str:
        if not self._typed("name"):
            return _("An incident needs a name.")
        op = self._op()
        return Made(lambda _case: op, own(_("Incident declared.")))

    def _op(self) -> ops.DeclareIncident:
        event = self.event
        typed: dict[str, Any] = {name: self._typed(name) for name in ("name", "lead", "comms", "scribe", "query")}
        severity = int(self.query_one("#severity", Pick).value)
        planned, countries = (event.id, event.countries) if event is not None else ("", ())
        return ops.DeclareIncident(**typed, severity=severity, planned=planned, countries=countries)

    def act_submit(self, argument: str = "") -> None:
        made = self.made()
        if isinstance(made, str):
            self.say(own(made), "refused")
        elif not self._busy:
            self._busy, op, ids = True, self._op(), self.case_ids
            self.frame.write(lambda bench: _declare(bench, op, ids), self._declared, failed=self.fail)

    def _declared(self, outcome: tuple[str, BulkPreview, int] | Refused | str) -> None:
        self._busy = False
        if isinstance(outcome, str):
            self.fail(outcome)
        elif isinstance(outcome, Refused):
            self._settled(outcome, Made(lambda _case: self._op(), own("")))
        else:
            incident, joined, more = outcome
            app, n = self.app, len(joined.will_change)
            self.dismiss(None)
            app.frame.did(None, own(_("Incident declared.")))
            said = ngettext("Declared over {n} case.", "Declared over {n} cases.", n).format(n=n)
            if more:
                said += " " + rule_words(more)
            app.go_incident(incident, f"{said} {why_words(joined)}".rstrip())


def _declare(
    bench: Workbench, op: ops.DeclareIncident, ids: tuple[str, ...]
) -> tuple[str, BulkPreview, int] | Refused | str:
    """In the thread. A rule that meets every open case is none; of any other how many cases it still brings."""
    if op.query and bench.meets_all(op.query):
        return _("Every case meets that query.") + " " + _("Say what its cases have in common.")
    outcome = bench.declare(op, ids)
    if isinstance(outcome, Refused):
        return outcome
    return (*outcome, bench.joining(op.query)[0] if op.query else 0)


def rule_words(n: int) -> str:
    """How many cases a rule brings."""
    return ngettext("{n} open case meets its rule and joins.", "{n} open cases meet its rule and join.", n).format(n=n)
