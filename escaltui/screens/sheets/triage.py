"""Triage: type, severity and desk filled in as they are; each severity with what it means."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.i18n import _
from escaltui.safety.text import cells, cut, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.reading import ReadingText
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.labels import named
from escaltui.widgets.passage import Block, Passage

if TYPE_CHECKING:
    from escaltui.domain.rule_rows import Severity
    from escaltui.domain.ruleset import RuleSet
    from escaltui.faces import CaseFace, QueueLine

SEVERITIES = "01234"
HIGH = 30
"""Rows from which every definition is shown whole."""
WIDEST = 100
"""Columns of a sheet at most."""


class TriageSheet(Sheet):
    """Confirm type, severity and desk. Lowering a severity, and S0, ask for a reason."""

    AUTO_FOCUS = "#severity"
    DEFAULT_CSS = """
    TriageSheet #meaning { margin: 1 0 0 0; height: auto; background: $surface; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        super().__init__(_("Triage"), line, case_ids)

    def fields(self) -> Iterable[Widget]:
        rules, line = self.app.bench.rules, self.line
        level = str(line.severity if line else 3)
        types = [(named(rules.types, name), name) for name in rules.types]
        severities = [(own(_(row.label)), str(row.level)) for row in by_level(rules)]
        desks = [(named(rules.desks, name), name) for name in rules.desks]
        yield from rows((
            (_("Type"), Pick(types, line.type if line else "", title=_("Type"), id="type")),
            (_("Severity"), Pick(severities, level, title=_("Severity"), id="severity", letters=SEVERITIES)),
            (_("Desk"), Pick(desks, "", title=_("Desk"), id="desk")),
            (_("Reason"), SafeInput(id="reason")),
        ))  # fmt: skip
        yield ReadingText(id="meaning")

    def on_mount(self) -> None:
        self._explain()
        if len(self.case_ids) == 1:
            case_id = self.case_ids[0]
            self.frame.read(lambda bench: bench.case(case_id), self._fill, group="sheet", hold=True)

    def _fill(self, face: CaseFace | None) -> None:
        desk = self.query_one("#desk", Pick)
        if face is not None and not desk.value:
            desk.value = face.desk
            desk.refresh()

    def on_pick_changed(self, event: Pick.Changed) -> None:
        event.stop()
        if event.pick.id == "severity":
            self._explain()

    def _explain(self) -> None:
        chosen = int(self.query_one("#severity", Pick).value)
        size = self.app.size
        room = 0 if size.height >= HIGH else min(size.width, WIDEST) - 5
        self.query_one("#meaning", Passage).show(list(meanings(self.app.bench.rules, chosen, self.line, room)))

    def _state(self) -> tuple[object, ...]:
        return (*(pick.value for pick in self.query(Pick)), self.query_one(SafeInput).value)

    def made(self) -> Made | str:
        case_type, level, desk = (self.query_one(f"#{name}", Pick).value for name in ("type", "severity", "desk"))
        severity, reason = int(level), self.query_one("#reason", SafeInput).value.strip()
        if self.line is not None and not reason and (problem := needs_reason(self.line.severity, severity)):
            self.query_one("#reason").focus()
            return problem
        label = _(self.app.bench.rules.case_type(case_type).label)
        done = own(_("Triaged: {type}, S{level}.").format(type=label, level=severity))
        return Made(
            lambda case: ops.Triage(case=case, case_type=case_type, severity=severity, desk=desk, reason=reason), done
        )


def needs_reason(was: int, now: int) -> str:
    """What a change of severity still needs, "" for nothing (domain rules: lowering, and S0)."""
    if now > was:
        return _("Lowering a severity needs a reason. Say why.")
    return _("S0 needs a reason. Say why.") if now == 0 != was else ""


def by_level(rules: RuleSet) -> list[Severity]:
    """The severities, S0 first."""
    return sorted(rules.severities.values(), key=lambda row: row.level)


def meanings(rules: RuleSet, chosen: int, line: QueueLine | None, room: int) -> Iterator[Block]:
    """Each severity with its definition, cut to `room` cells but for the chosen one, whose examples follow."""
    rows = by_level(rules)
    indent = max(cells(_(row.label)) for row in rows) + 4
    for row in rows:
        here, said = row.level == chosen, own(_(row.definition))
        parts = ((said if here or not room else cut(said, room - indent), "" if here else "quiet"),)
        yield Block(parts, own(_(row.label)), indent, sign=own("> " if here else "  "), label_look=f"s{row.level}")
        if here:
            yield from (Block((own(_(example)),), own("  - "), 4) for example in row.examples)
    floor = rules.floor(line.flags) if line else None
    if floor is not None and line is not None:
        flags = ", ".join(_(rules.flags[flag].label) if flag in rules.flags else flag for flag in line.flags)
        yield Block(((own(_("{flags}: at least S{level}").format(flags=flags, level=floor)), "near"),))
