"""A desk in memory: what a store does with the rules, as plainly as can be, and a maker of wild operations."""

from __future__ import annotations

import functools
import gettext
import hashlib
import random
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
    AskedTime,
    Attachment,
    Case,
    Entity,
    Lease,
    Link,
    Note,
    Person,
    Pin,
    Report,
    Requester,
    Subject,
    Waiting,
)
from escaltui.domain.operations import NewSubject, OpenCase, Operation, ReceiveReport
from escaltui.domain.query.fold import fold as folded
from escaltui.domain.rules import apply
from escaltui.domain.rules.due import due
from escaltui.domain.rules.gate import VERBS
from escaltui.domain.sentences import Said
from escaltui.domain.transitions import TABLE

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
            self.rows.update(fold.fold(State(state.rows), found).rows)
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


LISTS: Mapping[str, Callable[[Desk, str], tuple[Any, ...]]] = {
    "dedupe": lambda desk, key: tuple(desk.of(Report, dedupe_key=key)),
    "refs": lambda desk, _key: tuple(case.ref for case in desk.of(Case)),
    "requester_named": lambda desk, name: tuple(desk.of(Requester, fold=folded(name))),
    "requester_of": _requester_of,
    "links": lambda desk, key: tuple(link for link in desk.of(Link) if key in (link.source, link.target)),
    "reports": lambda desk, key: tuple(sorted(desk.of(Report, case=key), key=lambda r: (r.created_at, r.id))),
    "survivor": _survivor,
    "operation": lambda desk, key: tuple(each for each in desk.log if each.op_id == key),
    "login": lambda desk, key: tuple(desk.of(Person, login=key)),
}

# --- wild operations: right, wrong and absurd ones, the same for the same random numbers

PEOPLE = ("ada", "grace", "lin", "system")
ROLES = (SPECIALIST, LEAD, ADMIN, AUDITOR, SYSTEM, SPECIALIST | LEAD, frozenset[str]())
TEXTS = ("", " ", "because", "a.b", "\udcff", "é" * 300, "S" * 1_048_577, "{{x}}", "\x00", "incomplete_notice", "0")
NUMBERS = (0, 1, 2, 3, 4, 5, -1, 72, 73, 2**31, 2**63, 10**30, -(10**30))
NAMES = {
    "flag": tuple(RULES.flags), "flags": tuple(RULES.flags), "case_type": tuple(RULES.types),
    "harm": tuple(RULES.harms), "requester_kind": tuple(RULES.requesters), "on": ("requester", "legal", "other"),
    "root_cause": ("none", "abuse"), "method": ("callback", "portal"), "tags": ("spam", "fraud", "x y"),
    "reason": ("because", "spam", "appeal", "out_of_scope", "error"), "roles": ("lead", "specialist"),
    "channel": ("api", "email"), "kind": ("notice", "order"), "dedupe_key": ("k1", "k2"), "login": ("ada", "bo"),
    "requester_name": ("Jo Bloggs", "jo  BLOGGS", "Court"), "section": ("cs/1", "cs/2"), "clock": ("ack", "asked:1"),
    "clocks": ("ack",), "desk": ("global", "night"), "countries": ("DE", "FR"), "languages": ("fr",),
    "words": ("within 6 hours",),
}  # fmt: skip


class Wild:
    """Draws operations, actors and moments for a desk from random numbers; two in three are calm: likely to pass."""

    def __init__(self, desk: Desk, draw: random.Random) -> None:
        self.desk, self.draw, self.calm = desk, draw, False

    def step(self) -> tuple[Operation, Any]:
        """One operation by somebody, a while later. Gives it with what the rules said."""
        draw, desk = self.draw, self.desk
        self.calm = draw.random() < 0.67
        desk.now += draw.choice((0, 1000, 1000, MINUTE, MINUTE, 20 * MINUTE, 3 * HOUR, 2 * DAY))
        actor = draw.choice(PEOPLE[:3] if self.calm else PEOPLE)
        roles = SYSTEM if actor == "system" else SPECIALIST | LEAD if self.calm else draw.choice(ROLES)
        op = self.operation()
        return op, desk.ask(op, actor, roles, authority=self.calm or draw.random() < 0.9)

    def operation(self) -> Operation:
        kinds = tuple(ops.OPERATIONS.values())
        if not self.calm:
            return self.made(self.draw.choice(kinds))
        case = self.draw.choice(self.desk.of(Case))
        legal = tuple(kind for kind, verb in VERBS.items() if case.status in TABLE[verb].sources)
        kind = self.draw.choice((*kinds, *legal * 3, ops.Undo, ops.Undo, ops.Undo))
        op = self.made(kind)
        return msgspec.structs.replace(op, case=case.id) if isinstance(op, ops.OnCase) else op

    def made(self, kind: type[Operation]) -> Operation:
        fields = msgspec.structs.fields(kind)
        given = {
            field.name: self.value(kind, field.name, field.type)
            for field in fields
            if field.required or self.draw.random() < 0.6
        }
        return kind(**given)

    def value(self, kind: type[Operation], name: str, wanted: Any) -> Any:
        draw, asked = self.draw, str(wanted)
        if name == "base":
            return (
                {}
                if self.calm
                else draw.choice(({}, {"severity": draw.randrange(5)}, {"nothing": 1}, {"tags": ["spam"]}))
            )
        if name == "fields" and self.calm:
            return {"title": "Another", "countries": ["DE", "FR"], "harm": "violence"}
        if name == "fields":
            return {draw.choice((*"abc", "title", "summary", "harm", "countries")): self.thing() for _ in range(2)}
        if name in ("subject", "subjects") and "NewSubject" in asked:
            return self.subject() if name == "subject" else tuple(self.subject() for _ in range(draw.randrange(3)))
        if name == "pin":
            return Pin(draw.choice(("v1", "")), draw.choice(("0" * 64, "")))
        if name in ("case", "target", "into", "split_from", "report", "note", "link", "operation", "subject", "person"):
            return self.reference(name)
        if name == "opens":
            return self.desk.new_id() if self.calm else draw.choice(("", "x", "\udcff" * 26, "A" * 26))
        if name in ("received_at", "until", "instant"):
            sane = (0, self.desk.now - HOUR) if name == "received_at" else (self.desk.now + MINUTE, self.desk.now + DAY)
            return draw.choice(sane if self.calm else (*sane, self.desk.now + 9 * DAY, 10**30, -1))
        return self.plain(name, wanted, asked)

    def plain(self, name: str, wanted: Any, asked: str) -> Any:
        draw = self.draw
        if "Literal" in asked:
            return draw.choice(wanted.__args__)
        if "AskedTime" in asked:
            return (AskedTime("soon", None, 60),)
        if "Attachment" in asked:
            return (Attachment("a.pdf", "application/pdf", 3),)
        if "tuple" in asked:
            return tuple(self.text(name) for _ in range(draw.randrange(3)))
        if "dict" in asked:
            return {"a.b": 1 if "int" in asked else "present"}
        if "bool" in asked:
            return draw.random() < 0.5
        if "float" in asked:
            return draw.random()
        return draw.choice(NUMBERS[1:5] if self.calm else NUMBERS) if "int" in asked else self.text(name)

    def text(self, name: str) -> str:
        likely = NAMES.get(name, ("because",))
        return self.draw.choice(likely if self.calm or self.draw.random() < 0.6 else TEXTS)

    def thing(self) -> Any:
        return self.draw.choice((*TEXTS, *NUMBERS, None, [], ["DE", "FR"], [1], {"a": 1}, "violence", object()))

    def subject(self) -> NewSubject:
        draw = self.draw
        return NewSubject(
            platform=draw.choice(("web", "")), item_type=draw.choice(("post", "live") if self.calm else ("live", "?")),
            item_id=draw.choice(("p1", "p2", "p3") if self.calm else ("p1", "")),
            reach=draw.choice((0, 10, 5000) if self.calm else (-1, 10**30)),
            role="primary" if self.calm else "x",
        )  # fmt: skip

    def reference(self, name: str) -> str:
        kinds: dict[str, type[Entity]] = {"report": Report, "note": Note, "link": Link, "subject": Subject}
        known: list[str]
        if name == "person":
            known = [*PEOPLE, ""]
        elif name == "operation":
            known = [each.op_id for each in self.desk.log[-12:]]
        else:
            known = [row.id for row in self.desk.of(kinds.get(name, Case))]
        return self.draw.choice([*known, *known, "nowhere"] if not self.calm else known or ["nowhere"])


def story(seed: int, steps: int) -> Desk:
    """A desk after some wild steps."""
    desk = Desk()
    for _ in range(2):
        desk.open(report=desk.report(requester_name="Jo Bloggs"))
    wild = Wild(desk, random.Random(seed))
    for _ in range(steps):
        wild.step()
    return desk


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
