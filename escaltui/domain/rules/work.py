"""The unit of work inside one operation: rows read, rows put, and at the end the changes between them."""

from __future__ import annotations

from typing import TypeVar

from escaltui.domain import clocks, fold, priority, streams
from escaltui.domain.absent import ABSENT
from escaltui.domain.changes import Change, ChangeAction, Context, RefusedCode, State, refused
from escaltui.domain.entities import Case, Entity
from escaltui.domain.sentences import Value

E = TypeVar("E", bound=Entity)
BUILT_IN = "built in"


class Refusal(Exception):
    """Raised inside a rule to end it; `apply` gives its `refused` back as a value.

    `reason` and `mend` are templates; `values` go into both.
    """

    def __init__(self, code: RefusedCode, reason: str, mend: str, *, rule: str = BUILT_IN,
                 fields: tuple[str, ...] = (), **values: Value) -> None:  # fmt: skip
        self.refused = refused(code, reason, mend, rule=rule, fields=fields, **values)
        super().__init__(self.refused.reason)


def need(condition: object, code: RefusedCode, reason: str, mend: str, *, rule: str = BUILT_IN,
         fields: tuple[str, ...] = (), **values: Value) -> None:  # fmt: skip
    """Refuse unless a condition holds. `reason` and `mend` are templates; `values` go into both."""
    if not condition:
        raise Refusal(code, reason, mend, rule=rule, fields=fields, **values)


class Work:
    """What one operation reads and puts. `events` tell the clocks what happened; `reason` goes into each change."""

    def __init__(self, state: State, ctx: Context) -> None:
        self.state, self.ctx = state, ctx
        self.after: dict[tuple[str, str], Entity] = {}
        self.events: dict[str, set[str]] = {}
        self.reason = ""
        self._ids = 0
        self._records: list[Change] = []

    def new_id(self) -> str:
        """The next entity id of this operation."""
        self._ids += 1
        return self.ctx.new_id(self._ids - 1)

    def find(self, kind: type[E], entity_id: str) -> E | None:
        """A row as it stands after what was put so far."""
        key = (kind.NAME, entity_id)
        found = self.after.get(key) or self.state.rows.get(key)
        return found if isinstance(found, kind) else None

    def row(self, kind: type[E], entity_id: str) -> E:
        """A row that must be here, or the refusal that is the same for absent and hidden ones."""
        found = self.find(kind, entity_id)
        if found is None:
            raise Refusal("not_found", *ABSENT.get(kind.NAME, ("That is not here.", "Look at the case.")))
        return found

    def case(self, case_id: str) -> Case:
        """A case that must be here."""
        return self.row(Case, case_id)

    def put(self, entity: Entity, *events: str) -> None:
        """Set a row to a new version; `events` are what its clocks should know."""
        self.after[entity.NAME, entity.id] = entity
        if events:
            self.events.setdefault(entity.id, set()).update(events)

    def changes(self, verb: str) -> tuple[Change, ...]:
        """The changes between what was read and what was put; cases get their clocks and priority settled first.

        A row that goes to another stream makes two: the old stream hears that it left, the new one gets the whole row.
        """
        found: list[Change] = []
        left: list[Change] = []
        for key, entity in self.after.items():
            before = self.state.rows.get(key)
            if isinstance(entity, Case):
                entity = self.after[key] = self._settled(before if isinstance(before, Case) else None, entity)
            if before is not None and before.stream != entity.stream:
                left.append(_left(before, entity.stream))
                fields = fold.whole(before, entity)
            else:
                fields = fold.created(entity) if before is None else fold.difference(before, entity)
            if fields:
                found.append(self._change(verb, before, entity, fields))
        if left:
            left.sort(key=lambda change: change.entity != Case.NAME)
        return (*left, *(streams.reasoned(found) if self.reason else found), *self._records)

    def record(self, case: Case, action: ChangeAction, what: str, stream: str = "", verb: str = "") -> None:
        """Keep in the log that something of a case was opened or taken out; the row does not move."""
        self._records.append(
            Change(
                entity=case.NAME, entity_id=case.id, action=action, fields={}, stream=stream or case.stream,
                case_id=case.id, verb=verb or action, reason=what, rev=case.rev,
            )
        )  # fmt: skip

    def _settled(self, before: Case | None, case: Case) -> Case:
        now, rules = self.ctx.now, self.ctx.rules
        case = streams.lapsed(case, now)
        case = clocks.settle(before, case, frozenset(self.events.get(case.id, ())), now, rules)
        return priority.settle(case, rules)

    def _change(self, verb: str, before: Entity | None, entity: Entity, fields: fold.Fields) -> Change:
        return Change(
            entity=entity.NAME,
            entity_id=entity.id,
            action="created" if before is None else "set",
            fields=fields,
            stream=entity.stream,
            case_id=_case_of(entity),
            verb=verb,
            reason=self.reason,
            rev=(before.rev if before else 0) + 1,
        )


def _case_of(entity: Entity) -> str:
    return entity.id if isinstance(entity, Case) else getattr(entity, "case", "")


def _left(row: Entity, to: str) -> Change:
    """What the old stream hears of a row that left it: where to, and nothing else: neither why nor by which verb."""
    return Change(
        entity=row.NAME, entity_id=row.id, action="moved", fields={"stream": (row.stream, to)}, stream=row.stream,
        case_id=_case_of(row), verb="moved", rev=row.rev,
    )  # fmt: skip
