"""A decision while it is being filled in: lines that can change, and the operation they make. No widgets here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import msgspec

from escaltui.domain.decisions import ACTING, LEGAL, UNCITED, USUAL_GROUND, USUAL_POLICY, Cite, Line, LineAction
from escaltui.domain.operations import ProposeDecision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from escaltui.domain.decision_rows import ActionRow
    from escaltui.faces import SubjectLine


@dataclass
class LineDraft:
    """One line being filled in."""

    outcome: str = ""
    covers: tuple[str, ...] = ()
    own_policy: str = "not_asked"
    ground: str = "none"
    cites: list[Cite] = field(default_factory=list)
    territory: tuple[str, ...] = ()
    exception: str = ""
    actions: list[str] = field(default_factory=list)
    until: int | None = None

    def take(self, outcome: str) -> None:
        """Another outcome, with what it usually brings."""
        self.outcome = outcome
        self.own_policy = USUAL_POLICY.get(outcome, "not_asked")
        self.ground = USUAL_GROUND.get(outcome, "none")
        if outcome not in ACTING:
            self.actions.clear()

    @classmethod
    def of(cls, line: Line) -> LineDraft:
        """A line that is there already, to be changed or left as it is."""
        return cls(
            line.outcome, line.covers, line.own_policy, line.ground, list(line.cites), line.territory, line.exception,
            [action.name for action in line.actions], until_of(line),
        )  # fmt: skip

    @property
    def legal(self) -> bool:
        """Whether this line is the second step: what the law still asks for."""
        return self.outcome in LEGAL

    @property
    def wants_section(self) -> bool:
        """Whether a section must be cited and none is."""
        return bool(self.outcome) and self.outcome not in UNCITED and not self.cites

    @property
    def wants_action(self) -> bool:
        """Whether an action must be named and none is."""
        return self.outcome in ACTING and not self.actions

    def made(self, actions: dict[str, ActionRow]) -> Line:
        """The line as the rules take it. Raises msgspec.ValidationError where no outcome is picked."""
        ends = {name for name, row in actions.items() if row.until}
        return msgspec.convert(
            {
                "outcome": self.outcome, "covers": self.covers, "own_policy": self.own_policy, "ground": self.ground,
                "cites": [msgspec.to_builtins(cite) for cite in self.cites], "territory": self.territory,
                "exception": self.exception,
                "actions": [{"name": name, "until": self.until if name in ends else None} for name in self.actions],
            },
            Line,
        )  # fmt: skip


@dataclass
class DecisionDraft:
    """The whole decision being filled in. The first line is the default line."""

    lines: list[LineDraft] = field(default_factory=lambda: [LineDraft()])
    rationale: str = ""
    facts: str = ""
    spirit: bool = False
    departure_reason: str = ""
    departs: bool = False
    precedents: tuple[str, ...] = ()
    consults: tuple[str, ...] = ()
    appeal_outcome: str = ""
    kept: dict[str, str] = field(default_factory=dict)
    reverses: str = ""
    supersedes: str = ""
    ruling: str = ""
    """The standing call that it was filled in from."""

    def operation(self, case_id: str, actions: dict[str, ActionRow]) -> ProposeDecision:
        """What is asked for. Raises msgspec.ValidationError where a line has no outcome yet."""
        fields: dict[str, Any] = {name: getattr(self, name) for name in _KEPT}
        lines = tuple(line.made(actions) for line in self.lines)
        return ProposeDecision(case=case_id, lines=lines, **fields)

    def free_items(self, at: int, items: Sequence[SubjectLine]) -> list[SubjectLine]:
        """The items that a line may cover: those no other line names."""
        taken = {key for n, line in enumerate(self.lines) if n != at for key in line.covers}
        return [item for item in items if item.id not in taken]

    def touched(self, items: Sequence[SubjectLine]) -> tuple[int, int]:
        """How many items have something done to them, and how many deeds that makes."""
        counts = [
            (len(line.covers or self.free_items(n, items)), len(line.actions)) for n, line in enumerate(self.lines)
        ]
        return sum(n for n, acts in counts if acts), sum(n * acts for n, acts in counts)

    def encoded(self) -> str:
        """The draft as it is kept."""
        return msgspec.json.encode(self).decode()


_KEPT = (
    "rationale", "facts", "spirit", "departs", "departure_reason", "precedents", "consults", "appeal_outcome", "kept",
    "reverses", "supersedes", "ruling",
)  # fmt: skip


def decoded(text: str) -> DecisionDraft | None:
    """A kept draft, or None where it cannot be read any more."""
    try:
        return msgspec.json.decode(text, type=DecisionDraft)
    except (msgspec.DecodeError, msgspec.ValidationError):
        return None


def letters(actions: Sequence[ActionRow]) -> list[tuple[str, ActionRow]]:
    """A letter for each action: the first one of its name that is free, so that they can be learned."""
    taken: set[str] = set()
    found = []
    for row in actions:
        letter = next((c for c in row.id if c.isalpha() and c not in taken), None)
        letter = letter or next(c for c in "abcdefghijklmnopqrstuvwxyz0123456789" if c not in taken)
        taken.add(letter)
        found.append((letter, row))
    return found


def until_of(line: Line) -> int | None:
    """When a line's actions end, None for no end."""
    return next((action.until for action in line.actions if action.until), None)


def fits(actions: Sequence[ActionRow], kinds: frozenset[str], outcome: str = "") -> list[ActionRow]:
    """The actions that can be done to every kind of item at hand (all where no item is known), and go with an outcome:
    our own error restores, and nothing else does."""
    restores = {"enforcement_error": True, "": None}.get(outcome, False)
    found = [row for row in actions if not row.items or kinds <= set(row.items)]
    return [row for row in found if restores is None or (row.kind == "restored") is restores]


__all__ = ["DecisionDraft", "LineAction", "LineDraft", "decoded", "fits", "letters", "until_of"]
