"""The sheets in which what was set aside is written anew: filled with it, on what stands today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from escaltui.domain.operations import ProposeDecision
from escaltui.safety.text import block, own
from escaltui.screens.sheets.consult import ConsultSheet
from escaltui.screens.sheets.decide import DecideSheet
from escaltui.screens.sheets.decision_draft import DecisionDraft, LineDraft, until_of
from escaltui.screens.sheets.facts import LISTS, FactsSheet
from escaltui.screens.sheets.note import NoteSheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick

if TYPE_CHECKING:
    from escaltui.faces import CaseFace
    from escaltui.line_faces import QueueLine
    from escaltui.screens.sheets.sheet import Sheet
    from escaltui.workbench import Workbench

    Base = Sheet
else:
    Base = object  # a widget here would stand between a sheet and its styles


class Mended(Base):
    """Mixed into sheets: filled with what was asked for (`asked`, by field); once accepted, that one is closed."""

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...], op_id: str, asked: Mapping[str, Any]) -> None:
        super().__init__(line, case_ids)  # type: ignore[call-arg]
        self.op_id, self.asked = op_id, asked

    @property
    def draft_key(self) -> str:
        """A draft of its own, beside the one of the case."""
        return f"{self.DRAFT} {self.op_id}"

    def accepted(self, bench: Workbench, outcome: object) -> object:
        bench.close_parked(self.op_id)
        return super().accepted(bench, outcome)


class MendedNote(Mended, NoteSheet):
    """A note."""

    def on_mount(self) -> None:
        self.restore(str(self.asked.get("body", "")))


class MendedFacts(Mended, FactsSheet):
    """Title, summary and the other facts: those that were wanted, over those that stand."""

    def _fill(self, face: CaseFace | None) -> None:
        super()._fill(face)
        for name, value in self.asked.get("fields", {}).items() if face is not None else ():
            if name == "summary":
                self.query_one("#summary", SafeTextArea).load(block(str(value)))
            elif name == "harm":
                self.query_one("#harm", Pick).pick(str(value))
            elif self.query(f"#{name}"):
                text = " ".join(value) if name in LISTS else str(value)
                self.query_one(f"#{name}", SafeInput).load(own(text))


class MendedDecision(Mended, DecideSheet):
    """A decision."""

    def on_mount(self) -> None:
        self.restore(drafted(msgspec.convert(self.asked, ProposeDecision)).encoded())


class MendedQuestion(Mended, ConsultSheet):
    """A question to a team."""

    def on_mount(self) -> None:
        self.query_one("#team", Pick).pick(str(self.asked.get("team", "")))
        self.query_one("#background", SafeTextArea).load(block(str(self.asked.get("background", ""))))
        self.restore(str(self.asked.get("question", "")))


def drafted(op: ProposeDecision) -> DecisionDraft:
    """A decision as its sheet holds it."""
    lines = [
        LineDraft(line.outcome, line.covers, line.own_policy, line.ground, list(line.cites), line.territory,
                  line.exception, [action.name for action in line.actions], until_of(line))
        for line in op.lines
    ]  # fmt: skip
    return DecisionDraft(
        lines, op.rationale, op.facts, op.spirit, op.departure_reason, op.departs, op.precedents, op.consults,
        op.appeal_outcome, op.kept, op.reverses, op.supersedes,
    )  # fmt: skip


SHEETS: Mapping[str, type[Mended]] = {
    "AddNote": MendedNote, "EditCase": MendedFacts, "ProposeDecision": MendedDecision, "AskConsult": MendedQuestion,
}  # fmt: skip
"""Operation -> the sheet it was written in."""
