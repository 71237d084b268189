"""A desk in memory: what a store does with the rules, as plainly as can be."""

from __future__ import annotations

import functools
import gettext
import hashlib
import os
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Any

import msgspec

from escaltui import i18n, rules_loader, wording
from escaltui.domain import fold, ids, rule_rows
from escaltui.domain import operations as ops
from escaltui.domain.changes import Change, Context, Key, Refused, State
from escaltui.domain.entities import (
    ENTITIES,
    Action,
    Case,
    Consult,
    Decision,
    Entity,
    Handover,
    Insight,
    Lease,
    LibraryEntry,
    Link,
    Media,
    Message,
    Note,
    Person,
    Report,
    Requester,
    Ruling,
    Statement,
    Task,
    Update,
    Waiting,
)
from escaltui.domain.operations import OpenCase, Operation, ReceiveReport
from escaltui.domain.query.fold import fold as folded
from escaltui.domain.rules import apply
from escaltui.domain.rules.due import due
from escaltui.domain.sentences import Said

PACKAGED = rules_loader.load()
RULES = msgspec.structs.replace(
    PACKAGED,
    desks=PACKAGED.desks | {"night": rule_rows.Desk(id="night", label="Night")},
    events={"vote": rule_rows.Event(kind="election", countries=("DE",), first="2026-05-31", last="2026-06-01")},
)
"""The packaged rules with a second desk, and an election in Germany that ends today."""
MINUTE, HOUR, DAY = 60_000, 3_600_000, 86_400_000
NOW = 1_780_308_000_000  # Monday 1 June 2026, 10:00 UTC
SPECIALIST, LEAD, ADMIN, AUDITOR = (frozenset({name}) for name in ("specialist", "lead", "admin", "auditor"))
SYSTEM = frozenset({"system"})


class Told(Change, frozen=True):
    """A change as the log gives it back: numbered, with its actor, its values read from JSON."""

    actor: str = ""
    op_id: str = ""


def op_id(n: int, now: int = NOW) -> str:
    """The n-th operation id of a desk."""
    return ids.operation_id(now, hashlib.sha256(str(n).encode()).digest()[:10])


FRENCH = i18n.FOLDER / "fr" / "LC_MESSAGES" / "escaltui.mo"


@functools.cache
def french() -> gettext.GNUTranslations:
    return gettext.GNUTranslations(FRENCH.open("rb"))


def assert_told_in_french(refused: Refused) -> None:
    """Every refusal that any test here meets has templates with a French text that takes its values."""
    if os.environ.get("ESCALTUI_NO_FRENCH"):
        return
    templates = [refused.template, *([refused.mend.template] if refused.mend.text else [])]
    for template, english in zip(templates, (refused.reason, refused.mend.text), strict=False):
        text = french().gettext(template)
        assert text != template, f"no French text: {template!r}"
        values = {name: str(value) for name, value in refused.values}
        fields = {field.partition(":")[0] for _t, field, _s, _c in Formatter().parse(text) if field}
        assert fields <= set(values), template
        assert str(Said(template, refused.values)) == english
    for said in refused.said:
        wording.told(said)


class Desk:
    """Rows and a log, moved by the rules alone. `ada` (a specialist) acts unless told otherwise."""

    def __init__(self) -> None:
        self.rows: dict[Key, Entity] = {}
        self.log: list[Told] = []
        self.now = NOW
        self.asked = 0
        self.last = ""
        self.sections: dict[str, tuple[str, ...]] = {"cs/1@v1": ("0" * 64,), "cs/2@v1": ("1" * 64,)}
        """The policy there is: the hash of the words by "section@version"."""
        self.asked_for: dict[str, tuple[Any, ...]] = {}
        """What is to be acknowledged, by "section@version"."""

    # --- acting

    def context(self, actor: str = "ada", roles: frozenset[str] = SPECIALIST, **more: Any) -> Context:
        return Context(**({"now": self.now, "actor": actor, "roles": roles, "op_id": self.last, "rules": RULES,
                           "device": f"{actor}'s"} | more))  # fmt: skip

    def ask(self, op: Operation, actor: str = "ada", roles: frozenset[str] = SPECIALIST, **more: Any) -> Any:
        """What the rules say; an accepted operation is folded in and logged."""
        self.asked += 1
        self.last = op_id(self.asked, self.now)
        state = self.state(op)
        found = apply(state, op, self.context(actor, roles, **more))
        if isinstance(found, Refused):
            assert_told_in_french(found)
        else:
            after = fold.fold(State(state.rows), found).rows
            assert state.rows.keys() <= after.keys()  # what leaves a stream comes into another
            self.rows.update(after)
            stored = msgspec.json.decode(msgspec.json.encode(found), type=tuple[Change, ...])
            self.log += [Told(**msgspec.structs.asdict(each), actor=actor, op_id=self.last) for each in stored]
        return found

    def do(self, op: Operation, actor: str = "ada", roles: frozenset[str] = SPECIALIST, **more: Any) -> str:
        """An operation that must be accepted; gives its id."""
        found = self.ask(op, actor, roles, **more)
        assert not isinstance(found, Refused), found
        return self.last

    def no(self, code: str, op: Operation, actor: str = "ada", roles: frozenset[str] = SPECIALIST, **more: Any) -> Any:
        """An operation that must be refused, with this code, in words; gives the refusal."""
        before = dict(self.rows)
        found = self.ask(op, actor, roles, **more)
        assert isinstance(found, Refused), f"accepted: {op}"
        assert found.code == code, found
        assert found.reason.strip(), found
        assert found.mend.text.strip(), found
        assert found.rule, found
        assert self.rows == before
        return found

    def undo(self, operation: str, actor: str = "ada", roles: frozenset[str] = SPECIALIST) -> str:
        return self.do(ops.Undo(operation=operation), actor, roles)

    def tick(self) -> list[str]:
        """All that the system owes now; gives the cases it settled."""
        owed = due(State(dict(self.rows)), self.context("system", SYSTEM))
        for op in owed:
            self.do(op, "system", SYSTEM)
        return [op.case for op in owed if isinstance(op, ops.SettleCase)]

    # --- making

    def new_id(self) -> str:
        self.asked += 1
        return ids.entity_id(f"made/{self.asked}", 0)

    def open(self, title: str = "A case", **more: Any) -> str:
        case_id = self.new_id()
        self.do(OpenCase(opens=case_id, title=title, **more))
        return case_id

    def report(self, body: str = "Please look at this.", **more: Any) -> str:
        self.do(ReceiveReport(body=body, **more))
        return next(each.entity_id for each in reversed(self.log) if each.entity == "report")

    def note(self, case_id: str, body: str = "Words.", actor: str = "ada") -> str:
        self.do(ops.AddNote(case=case_id, body=body), actor)
        return self.log[-1].entity_id

    def held(self, actor: str = "ada", **more: Any) -> str:
        """A case that somebody has claimed."""
        case_id = self.open(**more)
        self.do(ops.Claim(case=case_id), actor)
        return case_id

    def case(self, case_id: str) -> Case:
        found = self.rows["case", case_id]
        assert isinstance(found, Case)
        return found

    def put(self, case_id: str, **fields: Any) -> Case:
        """Set fields behind the rules' back: states that no operation of today leads to."""
        self.rows["case", case_id] = case = msgspec.structs.replace(self.case(case_id), **fields)
        return case

    def of(self, kind: type[Any], /, **fields: Any) -> list[Any]:
        """The rows of a kind with these values."""
        rows = (row for row in self.rows.values() if isinstance(row, kind))
        return [row for row in rows if all(getattr(row, name) == value for name, value in fields.items())]

    # --- what the store would load

    def state(self, op: Operation) -> State:
        rows: dict[Key, Entity] = {}
        lists: dict[Key, tuple[Any, ...]] = {}
        for key in op.reads():
            if key[0] in ENTITIES:
                found: tuple[Any, ...] = (self.rows[key],) if key in self.rows else ()
            else:
                found = lists[key] = LISTS[key[0]](self, key[1])
            for row in found:
                if isinstance(row, Told):
                    row = self.rows.get((row.entity, row.entity_id))
                if isinstance(row, Entity):
                    rows[row.NAME, row.id] = row
        return State(rows, lists)


def _survivor(desk: Desk, case_id: str) -> tuple[Any, ...]:
    case = desk.rows.get(("case", case_id))
    return tuple(desk.of(Case, id=case.merged_into)) if isinstance(case, Case) and case.merged_into else ()


def _requester_of(desk: Desk, report_id: str) -> tuple[Any, ...]:
    report = desk.rows.get(("report", report_id))
    return tuple(desk.of(Requester, id=report.requester)) if isinstance(report, Report) else ()


def _hanging(kind: type[Any]) -> Callable[[Desk, str], tuple[Any, ...]]:
    return lambda desk, key: tuple(desk.of(kind, case=key))


def _subjects(desk: Desk, case_id: str) -> tuple[Any, ...]:
    case = desk.rows.get(("case", case_id))
    named = case.subjects if isinstance(case, Case) else {}
    return tuple(desk.rows["subject", key] for key in named if ("subject", key) in desk.rows)


def _appealed(desk: Desk, case_id: str) -> tuple[Any, ...]:
    case = desk.rows.get(("case", case_id))
    if not isinstance(case, Case) or case.appeal is None:
        return ()
    return (*desk.of(Decision, id=case.appeal.decision), *desk.of(Action, decision=case.appeal.decision))


def _case_of(desk: Desk, decision_id: str) -> tuple[Any, ...]:
    return tuple(case for each in desk.of(Decision, id=decision_id) for case in desk.of(Case, id=each.case))


HANGING = ("reports", "subjects", "notes", "links", "decisions", "actions", "statements", "consults", "messages",
           "tasks", "updates", "medias")  # fmt: skip


def _absorbed(desk: Desk, case_id: str) -> list[Case]:
    found = desk.of(Case, merged_into=case_id) if case_id else []
    return [each for case in found for each in (case, *_absorbed(desk, case.id))]


def _holdings(desk: Desk, case_id: str) -> tuple[Any, ...]:
    cases = [*desk.of(Case, id=case_id), *_absorbed(desk, case_id)]
    found = [row for case in cases for name in HANGING for row in LISTS[name](desk, case.id)]
    ends = {end for row in found if isinstance(row, Link) for end in (row.source, row.target)}
    asking = {row.requester for row in (*cases, *found) if isinstance(row, Case | Report)}
    asked = [row for key in sorted(asking) for row in desk.of(Requester, id=key)]
    return (*cases[1:], *found, *asked, *(desk.case(end) for end in sorted(ends - {case.id for case in cases})))


def _shared(desk: Desk, case_id: str) -> tuple[Any, ...]:
    inside = {case_id, *(each.id for each in _absorbed(desk, case_id))}
    outside = [case for case in desk.of(Case) if case.id not in inside]
    named = {key for case in outside for key in (*case.subjects, case.requester)}
    named |= {report.requester for report in desk.of(Report) if report.case not in inside}
    return tuple(row.id for row in _holdings(desk, case_id) if row.id in named)


def _alone(desk: Desk, report_id: str) -> tuple[Any, ...]:
    asked = _requester_of(desk, report_id)
    others = [row.requester for row in (*desk.of(Case), *desk.of(Report)) if row.id != report_id]
    return tuple(row.id for row in asked if row.id not in others)


def _receiver(desk: Desk, handover_id: str) -> tuple[Any, ...]:
    found = desk.rows.get(("handover", handover_id))
    return tuple(desk.of(Person, login=found.receiver)) if isinstance(found, Handover) else ()


def _item(desk: Desk, key: str) -> tuple[Any, ...]:
    handover_id, _, about = key.partition("/")
    found = desk.rows.get(("handover", handover_id))
    item = found.items.get(about) if isinstance(found, Handover) else None
    row = desk.rows.get((item.kind, about)) if item is not None else None
    return (row, *desk.of(Task, case=about)) if row is not None else ()


def _published(desk: Desk, key: str) -> tuple[Any, ...]:
    document, _, version = key.rpartition("@")
    return tuple(row for row in desk.of(LibraryEntry, document=document, version=version))


LISTS: Mapping[str, Callable[[Desk, str], tuple[Any, ...]]] = {
    "dedupe": lambda desk, key: tuple(desk.of(Report, dedupe_key=key)),
    "refs": lambda desk, _key: tuple(case.ref for case in desk.of(Case)),
    "requester_named": lambda desk, name: tuple(desk.of(Requester, fold=folded(name))),
    "requester_of": _requester_of,
    "links": lambda desk, key: tuple(link for link in desk.of(Link) if key in (link.source, link.target)),
    "reports": lambda desk, key: tuple(sorted(desk.of(Report, case=key), key=lambda r: (r.created_at, r.id))),
    "survivor": _survivor,
    "holdings": _holdings,
    "shared": _shared,
    "alone": _alone,
    "subjects": _subjects,
    "appealed": _appealed,
    "case_of": _case_of,
    "actions_of": lambda desk, key: tuple(desk.of(Action, decision=key)),
    "message_with": lambda desk, key: tuple(desk.of(Message, message_id=key)) if key else (),
    "section": lambda desk, key: desk.sections.get(key, ()),
    **{
        f"{kind.NAME}s": _hanging(kind)
        for kind in (Decision, Action, Statement, Consult, Message, Task, Update, Media, Note)
    },
    "operation": lambda desk, key: tuple(each for each in desk.log if each.op_id == key),
    "login": lambda desk, key: tuple(desk.of(Person, login=key)),
    "receiver": _receiver,
    "item": _item,
    "insight_key": lambda desk, key: tuple(desk.of(Insight, key=key)),
    "published": _published,
    "must_ack": lambda desk, key: desk.asked_for.get(key, ()),
    "rulings": lambda desk, key: tuple(desk.of(Ruling, incident=key)),
}

# --- cases as they come


def in_status(desk: Desk, status: str, **more: Any) -> str:
    """A case in a status, with what belongs to it, held by nobody."""
    case_id = desk.open(**more)
    fields: dict[str, Any] = {"status": status}
    if status == "waiting":
        fields["waiting"] = Waiting("requester", None, "triaged")
    if status == "merged":
        other = desk.open("The survivor")
        desk.put(other, absorbed={case_id: 3}, severity_alone=3)
        fields |= {"merged_into": other, "merged_was": "triaged"}
    desk.put(case_id, **fields)
    return case_id


def lease(person: str, fence: int = 1, until: int = NOW + 15 * MINUTE) -> Lease:
    """A claim of somebody."""
    return Lease(person, f"{person}'s", until, fence)
