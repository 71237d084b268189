"""A maker of wild operations: right, wrong and absurd ones, the same for the same random numbers."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
from deciding_material import ANSWERED, BANNED, CLEAR, DISABLED, DISCLOSED, GEO, REMOVED, RESTORED
from desk import ADMIN, AUDITOR, DAY, HOUR, LEAD, MINUTE, RULES, SPECIALIST, SYSTEM, Desk

from escaltui.domain import operations as ops
from escaltui.domain.changes import State
from escaltui.domain.crisis import Contact
from escaltui.domain.decisions import Action, Decision, Line, Statement
from escaltui.domain.entities import (
    AppealOf,
    AskedTime,
    Attachment,
    Case,
    Elsewhere,
    Entity,
    Goal,
    Handover,
    Incident,
    Insight,
    Link,
    Network,
    Note,
    Pin,
    Recommendation,
    Report,
    Risk,
    Ruling,
    Stakeholder,
    Subject,
    Watch,
)
from escaltui.domain.exchange import Consult, Message, Task, Update
from escaltui.domain.learning import Measure
from escaltui.domain.library import About, Facts
from escaltui.domain.operations import NewSubject, Operation
from escaltui.domain.rules import HANDLERS
from escaltui.domain.rules.due import due
from escaltui.domain.rules.gate import VERBS
from escaltui.domain.shift import Item
from escaltui.domain.transitions import TABLE

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
    "words": ("within 6 hours",), "team": tuple(RULES.teams), "severity": ("1", "3"), "party": ("requester", "press"),
    "role": ("", "approver", "lead"), "outcome": ("sent", "unknown"), "event": ("court_action_filed",),
}  # fmt: skip

CALM = frozenset({"specialist", "lead", "approver", "counsel", "comms"})
LINES = (REMOVED, REMOVED, DISABLED, DISABLED, CLEAR, ANSWERED, ANSWERED, GEO, DISCLOSED, BANNED, RESTORED)
ROWS: dict[str, type[Entity]] = {
    "report": Report, "note": Note, "link": Link, "subject": Subject, "decision": Decision, "consult": Consult,
    "message": Message, "task": Task, "statement": Statement, "update": Update, "incident": Incident, "ruling": Ruling,
    "handover": Handover, "watch": Watch, "risk": Risk, "insight": Insight, "recommendation": Recommendation,
    "goal": Goal, "network": Network,
}  # fmt: skip
"""Fields that name a row."""


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
        roles = SYSTEM if actor == "system" else CALM if self.calm else draw.choice(ROLES)
        owed = due(State(dict(desk.rows)), desk.context()) if self.calm and draw.random() < 0.2 else ()
        if owed:
            return owed[0], desk.ask(owed[0], "system", SYSTEM)
        op = self.onward() if self.calm and draw.random() < 0.4 else self.operation()
        if self.calm and isinstance(op, ops.ProposeDecision) and (held := desk.rows.get(("case", op.case))):
            actor = held.lease.person if isinstance(held, Case) and held.lease else actor
        return op, desk.ask(op, actor, roles, authority=self.calm or draw.random() < 0.9)

    def onward(self) -> Operation:
        """What takes a case on to its end."""
        case = self.draw.choice(self.desk.of(Case))
        claimed = case.lease is not None and case.lease.expires_at > self.desk.now
        steps: dict[str, tuple[type[Operation], ...]] = {
            "in_review": (ops.ProposeDecision,) if claimed else (ops.Claim,),
            "pending_approval": (ops.ApproveDecision, ops.ApproveDecision, ops.SendBack),
            "decided": (ops.ReviewDecision, ops.WithdrawDecision, ops.RetryAction, ops.Undo),
            "enforcing": (ops.RecordActionResult, ops.RecordActionResult, ops.WaiveAction, ops.ReviewDecision),
            "resolved": (ops.Close, ops.Reopen, ops.DraftStatements), "closed": (ops.Reopen,), "merged": (ops.Unmerge,),
        }  # fmt: skip
        op = self.made(self.draw.choice(steps.get(case.status, (ops.Claim,))))
        return self.fitting(op, case) if isinstance(op, ops.OnCase) else op

    def operation(self) -> Operation:
        kinds = tuple(HANDLERS)
        if not self.calm:
            return self.made(self.draw.choice(kinds))
        case = self.draw.choice(self.desk.of(Case))
        legal = tuple(kind for kind, verb in VERBS.items() if kind in HANDLERS and case.status in TABLE[verb].sources)
        kind = self.draw.choice((*kinds, *legal * 3, ops.Undo, ops.Undo, ops.Undo))
        op = self.made(kind)
        return self.fitting(op, case) if isinstance(op, ops.OnCase) else op

    def fitting(self, op: ops.OnCase, case: Case) -> Operation:
        """An operation that names rows of one case, and what was read of them."""
        draw, told = self.draw, {"case": case.id}
        for name, kind in ROWS.items():
            found = [row.id for row in self.desk.of(kind) if getattr(row, "case", case.id) == case.id]
            if found and isinstance(getattr(op, name, None), str) and getattr(op, name):
                told[name] = draw.choice(found)
        fields: dict[str, Any] = dict(told)
        decision = self.desk.rows.get(("decision", case.decision))
        if "decision" in fields and isinstance(decision, Decision) and draw.random() < 0.8:
            fields["decision"] = decision.id
            if isinstance(op, ops.ApproveDecision):
                fields["content_sha256"] = decision.content_sha256
        if "actions" in op.__struct_fields__ and not isinstance(op, ops.SaveUpdate):
            fields["actions"] = tuple(row.id for row in self.desk.of(Action, case=case.id) if draw.random() < 0.7)
        if isinstance(op, ops.ProposeDecision):
            fields |= {"reverses": "", "supersedes": "", "kept": {}, "consults": (), "rationale": "because"}
            fields["appeal_outcome"] = draw.choice(("upheld", "overturned")) if case.appeal else ""
        return msgspec.structs.replace(op, **fields)

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
        if name == "lines":
            return tuple(self.line() for _ in range(1 if self.calm else draw.randrange(3)))
        if name == "appeal":
            known = [row.id for row in self.desk.of(Decision)]
            return AppealOf(draw.choice([*known, "nowhere"])) if draw.random() < 0.3 else None
        if name == "people":
            return {draw.choice(("Jo", "")): draw.choice((None, Stakeholder("jo@shop.example")))}
        if name == "statements":
            return tuple({"puid": self.text(name)} for _ in range(draw.randrange(3)))
        if name == "content_sha256":
            return draw.choice([row.content_sha256 for row in self.desk.of(Decision)] or ["0" * 64])
        if name == "pin":
            return Pin(draw.choice(("v1", "")), draw.choice(("0" * 64, "")))
        if name in ("case", "target", "into", "split_from", "operation", "person") or (name in ROWS and "str" in asked):
            return self.reference(name)
        if name == "opens":
            return self.desk.new_id() if self.calm else draw.choice(("", "x", "\udcff" * 26, "A" * 26))
        if name in ("received_at", "until", "instant"):
            sane = (0, self.desk.now - HOUR) if name == "received_at" else (self.desk.now + MINUTE, self.desk.now + DAY)
            return draw.choice(sane if self.calm else (*sane, self.desk.now + 9 * DAY, 10**30, -1))
        return self.plain(name, wanted, asked)

    def plain(self, name: str, wanted: Any, asked: str) -> Any:
        draw = self.draw
        if (made := next((make for kind, make in VALUES if kind in asked), None)) is not None:
            return made(self)
        if "Literal" in asked:
            one = wanted.__args__[0]  # of what may be left out, too
            return draw.choice(wanted.__args__ if isinstance(one, str) else one.__args__)
        if "AskedTime" in asked:
            return (AskedTime("soon", None, 60),)
        if "Elsewhere" in asked:
            act = draw.choice(("takedown", "label"))
            return Elsewhere(source=self.text("place"), key=self.text("key"), act=act, who=self.text("who"), at=5)
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

    def line(self) -> Line:
        draw, found = self.draw, self.draw.choice(LINES)
        if self.calm:
            return found
        keys = [row.id for row in self.desk.of(Subject)] or ["nothing"]
        wrong: dict[str, Any] = {
            "covers": tuple(draw.sample(keys, min(2, len(keys)))), "own_policy": draw.choice(("breaks", "clear")),
            "cites": (), "actions": (), "territory": ("FR",), "exception": "satire",
        }  # fmt: skip
        name = draw.choice(tuple(wrong))
        return msgspec.structs.replace(found, **{name: wrong[name]})

    def thing(self) -> Any:
        return self.draw.choice((*TEXTS, *NUMBERS, None, [], ["DE", "FR"], [1], {"a": 1}, "violence", object()))

    def subject(self) -> NewSubject:
        draw = self.draw
        return NewSubject(
            platform=draw.choice(("web", "")),
            item_type=draw.choice(("post", "live", "account") if self.calm else ("live", "?")),
            item_id=draw.choice(("p1", "p2", "p3") if self.calm else ("p1", "")),
            reach=draw.choice((0, 10, 5000) if self.calm else (-1, 10**30)),
            role="primary" if self.calm else "x",
        )  # fmt: skip

    def reference(self, name: str) -> str:
        known: list[str]
        if name == "person":
            known = [*PEOPLE, ""]
        elif name == "operation":
            known = [each.op_id for each in self.desk.log[-12:]]
        else:
            known = [row.id for row in self.desk.of(ROWS.get(name, Case))]
        return self.draw.choice([*known, *known, "nowhere"] if not self.calm else known or ["nowhere"])


def _items(wild: Wild) -> tuple[Item, ...]:
    cases = [row.id for row in wild.desk.of(Case)]
    about = wild.draw.sample(cases, min(2, len(cases))) if wild.calm else [wild.draw.choice([*cases, "nowhere"])]
    return tuple(Item(each, ask=wild.text("ask")) for each in about)


FACTS = Facts(date(2026, 1, 1), "substantive", "f" * 64, "0" * 64)
VALUES: tuple[tuple[str, Callable[[Wild], Any]], ...] = (
    ("shift.Item", _items),
    ("learning.Measure", lambda wild: Measure(before=wild.draw.choice((1.0, float("nan"))), wanted=wild.draw.random())),
    ("crisis.Contact", lambda wild: {wild.text("name"): wild.draw.choice((None, Contact("jo@shop.example")))}),
    ("decisions.Line", lambda wild: wild.line()),
    ("library.About", lambda wild: About(title=wild.text("title"))),
    ("library.Facts", lambda wild: FACTS),
    ("library.Passage", lambda wild: ()),
    ("dict[str, tuple[typing.Literal", lambda wild: {}),
    ("dict[str, typing.Literal", lambda wild: {"cs/1": wild.draw.choice(("narrows", "widens"))}),
)
"""How values of our own kinds are made, by what their type is called."""


def story(seed: int, steps: int) -> Desk:
    """A desk after some wild steps."""
    desk = Desk()
    for _ in range(2):
        desk.open(report=desk.report(requester_name="Jo Bloggs"))
    wild = Wild(desk, random.Random(seed))
    for _ in range(steps):
        wild.step()
    return desk
