"""Changes, refusals, and what a rule may look at: the plain values around `rules.apply`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

import msgspec

from escaltui.domain import ids
from escaltui.domain.entities import Entity
from escaltui.domain.sentences import Said, Value

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

ChangeAction = Literal["created", "set", "moved", "redacted", "accessed", "exported"]
RefusedCode = Literal[
    "not_found", "not_allowed", "needs_authority", "stale", "lost_claim", "wrong_state",
    "incomplete", "blocked", "out_of_window", "recused", "invalid",
]  # fmt: skip
Key = tuple[str, str]
"""What is read: (entity or list name, id). List names: `dedupe` (a report's key), `refs` (a case id: which of its
possible references are taken), `links` (of a case, both ways), `reports` (of a case, the first one first),
`subjects` `decisions` `actions` `statements` `consults` `messages` `tasks` `updates` `medias` `notes` (of a case,
oldest first), `holdings` (of a case: all that moves with it, the cases it absorbed and what hangs on them, the cases
at the other ends of its links), `shared` (of a case: ids of items and requesters of those that another case or
report names, too), `alone` (of a report: the id of its requester, where no other case or report names them),
`actions_of` (a decision), `appealed` (of a case of type appeal: the decision and its actions), `case_of` (a
decision), `message_with` (a Message-ID), `section` ("id@version": the hash of its words),
`must_ack` ("id@version": where that version asks for it, its `Asked`), `published` ("document@version"),
`requester_named` (by folded name), `requester_of` (a report), `survivor` (of an absorbed case), `operation` (the
changes of an operation id, as `Logged`, and the rows they touched), `login` (a person's login), `receiver` (of a
handover: that person),
`item` ("handover/about": the row it hands on, with a case's tasks), `insight_key`, `rulings` (of an incident)."""


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """One accepted change of one row. `fields` gives (was, now) by name; a named element is `field.element`."""

    entity: str
    entity_id: str
    action: ChangeAction
    fields: dict[str, tuple[Any, Any]]
    stream: str = "desk:global"
    case_id: str = ""
    verb: str = ""
    reason: str = ""
    rev: int = 0


class Logged(Protocol):
    """A change as the log gives it back, with who made it: what the list `operation` holds."""

    @property
    def actor(self) -> str: ...
    @property
    def verb(self) -> str: ...
    @property
    def entity(self) -> str: ...
    @property
    def entity_id(self) -> str: ...
    @property
    def action(self) -> ChangeAction: ...
    @property
    def fields(self) -> dict[str, tuple[Any, Any]]: ...


class Mend(msgspec.Struct, frozen=True, omit_defaults=True):
    """How to mend a refusal: words, and where there is one, an operation's name or the fields to fill.

    `text` is the English of logs; `template`, with the values of its refusal, can be said in any language.
    """

    text: str
    verb: str = ""
    fields: tuple[str, ...] = ()
    template: str = ""


class Refused(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why an operation was not accepted, what to do about it, and the rule that said no.

    `reason` is the English of logs and `--json`; `template` and `values` are the same sentence for any language.
    """

    code: RefusedCode
    reason: str
    mend: Mend = Mend("")
    rule: str = ""
    template: str = ""
    values: tuple[tuple[str, Value], ...] = ()

    @property
    def said(self) -> tuple[Said, Said]:
        """Reason and mend, to be said in the language of whoever reads."""
        return self._as(self.template, self.reason), self._as(self.mend.template, self.mend.text)

    def _as(self, template: str, english: str) -> Said:
        return Said(template, self.values) if template else Said("{english}", (("english", english),))


def refused(
    code: RefusedCode, reason: str, mend: str, /, *, rule: str = "", fields: tuple[str, ...] = (), **values: Value
) -> Refused:
    """A refusal out of two templates and what goes into them."""
    given = tuple(values.items())
    how = Mend(str(Said(mend, given)), fields=fields, template=mend)
    return Refused(code, str(Said(reason, given)), how, rule, reason, given)


class Context(msgspec.Struct, frozen=True):
    """Who asks, when, where, under which rules. `authority`: this copy numbers changes and judges finally."""

    now: int
    actor: str
    op_id: str
    rules: RuleSet
    roles: frozenset[str] = frozenset({"specialist"})
    device: str = ""
    authority: bool = True

    def new_id(self, n: int) -> str:
        """The n-th id this operation makes; the same on every side."""
        return ids.entity_id(self.op_id, n)


class State(msgspec.Struct, frozen=True):
    """What an operation's `reads()` named, loaded beforehand: rows by key, and lists by key.

    The rows of a list are among `rows`, too, so that a rule may put them.
    """

    rows: Mapping[Key, Entity] = {}
    lists: Mapping[Key, tuple[Any, ...]] = {}

    def row(self, entity: str, entity_id: str) -> Entity | None:
        """One row, or None where it does not exist or may not be seen."""
        return self.rows.get((entity, entity_id))

    def list(self, name: str, of: str) -> tuple[Any, ...]:
        """One loaded list, empty where nothing was found."""
        return self.lists.get((name, of), ())
