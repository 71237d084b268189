"""The draft of a handover: each open obligation once, at its first place in the order of need."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest
from desk import DAY, HOUR, MINUTE, NOW, Desk, lease

from escaltui.domain import handover
from escaltui.domain import operations as ops
from escaltui.domain.clock import At, Clock, Unstated
from escaltui.domain.entities import Case, Consult, Incident, Message, Risk, Task, Update, Waiting, Watch
from escaltui.domain.handover import ORDER, Held, Line, Typed, Unread, draft

END = NOW + 8 * HOUR
ME = "ada"


def made(kind: Any, key: str, **fields: Any) -> Any:
    return kind(id=key, stream=fields.pop("stream", "desk:global"), created_at=NOW, created_by=ME, **fields)


def case(key: str, **fields: Any) -> Case:
    found: Case = made(Case, key, ref=f"E-{key}", status=fields.pop("status", "triaged"), **fields)
    return found


def clock(kind: Any, hours: float, **more: Any) -> Clock:
    return Clock(kind, "m", NOW, At(NOW + int(hours * HOUR)), **more)


def drafted(**rows: Any) -> tuple[Line, ...]:
    return draft(Held(person=ME, **rows), END, NOW)


def test_an_empty_desk_owes_nothing() -> None:
    assert drafted() == ()


def test_law_comes_before_asked_before_ours_and_late_ones_count() -> None:
    cases = tuple(
        case(name, owner=ME, clocks={"c": clock(kind, hours)})
        for name, kind, hours in (("a", "sla", 1), ("b", "asked", 3), ("c", "statutory", 7), ("d", "statutory", -2))
    )
    lines = drafted(cases=cases)
    assert [line.about for line in lines] == ["d", "c", "b", "a"]
    assert [line.owed[0].late for line in lines] == [True, False, False, False]


def test_what_is_due_after_the_receivers_shift_or_names_no_number_is_left_out() -> None:
    clocks = {"later": clock("sla", 9), "never": Clock("statutory", "m", NOW, Unstated("at once")),
              "paused": clock("sla", 1, state="paused"), "met": clock("sla", 1, state="stopped")}  # fmt: skip
    assert drafted(cases=(case("a", owner=ME, clocks=clocks),)) == ()


def test_a_case_stands_once_at_its_first_place_with_all_that_is_owed() -> None:
    found = case("a", owner=ME, severity=1, clocks={"d": clock("sla", 2), "p": clock("promise", 3, party="press")},
                 lease=lease(ME))  # fmt: skip
    consult = made(Consult, "q", case="a", team="legal", due=NOW + HOUR)
    task = made(Task, "t", case="a", assignee=ME)
    (line,) = drafted(cases=(found,), consults=(consult,), tasks=(task,))
    assert [each.why for each in line.owed] == ["due", "severity", "consult", "promise", "task", "lease"]
    item = line.item("words")
    assert (item.why, item.due) == ("due", line.owed[-1].due), "the lease ends first"
    assert set(item.ids) == {"d", "S1", "q", "p", "t", "lease"}
    assert item.says == "words"


def test_of_a_case_that_few_may_see_nothing_is_told() -> None:
    (line,) = drafted(cases=(case("a", owner=ME, severity=0, stream="case:a"),))
    assert line.shut
    assert line.item("words").says == ""


@pytest.mark.parametrize(
    "fields",
    [
        {"owner": "grace", "severity": 0},
        {"owner": ME, "severity": 0, "status": "closed"},
        {"owner": "", "severity": 0, "lease": lease(ME, until=NOW)},
    ],
)
def test_what_is_not_mine_is_left_out(fields: dict[str, Any]) -> None:
    assert drafted(cases=(case("a", **fields),)) == ()


def test_standing_things_come_in_their_order() -> None:
    lines = drafted(
        watches=(made(Watch, "w", owner=ME), made(Watch, "off", owner=ME, state="off")),
        unread=(Unread("cs@v2", "Standards", NOW - DAY),),
        incidents=(made(Incident, "i", ref="I-1", comms=ME), made(Incident, "j", ref="I-2", lead=ME, state="resolved")),
        risks=(made(Risk, "r", owner=ME, review_on=NOW - DAY), made(Risk, "s", owner=ME, review_on=END + 1)),
    )
    assert [(line.kind, line.about) for line in lines] == [
        ("watch", "w"), ("policy", "cs@v2"), ("incident", "i"), ("risk", "r"),
    ]  # fmt: skip


# --- every open obligation once, against a count of its own

PEOPLE = (ME, "grace", "lin", "")


def world(rng: random.Random) -> Held:
    """A desk as it comes, of three people."""
    cases = tuple(_case(rng, f"c{n}") for n in range(rng.randrange(8)))
    keys = [each.id for each in cases]
    on = [rng.choice(keys) for _ in range(rng.randrange(9))] if keys else []
    who = lambda: rng.choice(PEOPLE)  # noqa: E731
    return Held(
        person=ME, cases=cases,
        consults=tuple(made(Consult, f"q{n}", case=key, team="legal", state=rng.choice(("asked", "answered")),
                            due=rng.choice((None, NOW + HOUR))) for n, key in enumerate(on)),
        tasks=tuple(made(Task, f"t{n}", case=key, assignee=who(), state=rng.choice(("open", "doing", "done")))
                    for n, key in enumerate(on)),
        letters=tuple(made(Message, f"m{n}", case=key, authors=(who(),),
                           state=rng.choice(("draft", "awaiting_signoff", "failed", "sent")))
                      for n, key in enumerate(on)),
        updates=tuple(made(Update, f"u{n}", case=key, state=rng.choice(("draft", "published")))
                      for n, key in enumerate(on[:3])),
        typed=tuple(Typed(f"{ME}/note {key}", key) for key in set(on[:2])),
        watches=tuple(made(Watch, f"w{n}", owner=who(), state=rng.choice(("on", "tripped", "off"))) for n in range(3)),
        unread=tuple(Unread(f"d{n}@v", "D") for n in range(rng.randrange(3))),
        incidents=tuple(made(Incident, f"i{n}", ref=f"I-{n}", lead=who(), comms=who(),
                             state=rng.choice(("active", "reviewed"))) for n in range(2)),
        risks=tuple(made(Risk, f"r{n}", owner=who(), review_on=rng.choice((None, NOW, END, END + 1)),
                         state=rng.choice(("open", "closed"))) for n in range(3)),
    )  # fmt: skip


def _case(rng: random.Random, key: str) -> Case:
    kinds: tuple[Any, ...] = ("statutory", "asked", "sla", "promise")
    clocks = {f"k{n}": clock(rng.choice(kinds), rng.uniform(-2, 12), state=rng.choice(("running", "stopped")))
              for n in range(rng.randrange(4))}  # fmt: skip
    status = rng.choice(("triaged", "in_review", "waiting", "pending_approval", "closed"))
    return case(
        key, owner=rng.choice(PEOPLE), severity=rng.randrange(5), clocks=clocks, status=status,
        proposed_by=rng.choice(PEOPLE), decision=f"dec-{key}",
        lease=lease(rng.choice(PEOPLE[:3]), until=NOW + rng.choice((-1, 1)) * MINUTE) if rng.random() < 0.4 else None,
        waiting=Waiting("requester", rng.choice((None, NOW, END + 1))) if status == "waiting" else None,
    )  # fmt: skip


def expected(held: Held) -> Counter[tuple[str, str, str]]:
    """(why, about, id) of all that is open, counted plainly."""
    found: list[tuple[str, str, str]] = []
    for each in held.cases:
        leased = each.lease is not None and each.lease.person == ME and each.lease.expires_at > NOW
        asks = each.status == "pending_approval" and each.proposed_by == ME
        if each.status == "closed" or not (each.owner == ME or leased or asks):
            continue
        for name, it in each.clocks.items():
            if it.kind == "promise" and it.state == "running":
                found.append(("promise", each.id, name))
            elif it.state == "running" and it.due_at is not None and it.due_at <= END:
                found.append(("due", each.id, name))
        found += [("severity", each.id, f"S{each.severity}")] * (each.severity < 2)
        until = each.waiting.until if each.waiting else None
        found += [("wake", each.id, "wake")] * (until is not None and until <= END)
        found += [("approval", each.id, each.decision)] * asks + [("lease", each.id, "lease")] * leased
        found += [("consult", each.id, q.id) for q in held.consults if q.case == each.id and q.state == "asked"]
    found += [("task", t.case, t.id) for t in held.tasks if t.assignee == ME and t.state != "done"]
    for m in held.letters:
        found += [("draft", m.case, m.id)] * (m.state == "draft")
        found += [("approval", m.case, m.id)] * (m.state in ("awaiting_signoff", "failed"))
    found += [("draft", u.case, u.id) for u in held.updates if u.state == "draft"]
    found += [("draft", t.case, t.id) for t in held.typed]
    found += [("watch", w.id, w.id) for w in held.watches if w.owner == ME and w.state != "off"]
    found += [("policy", p.id, p.id) for p in held.unread]
    found += [("incident", i.id, i.id) for i in held.incidents if i.state == "active" and ME in (i.lead, i.comms)]
    found += [("risk", r.id, r.id) for r in held.risks
              if r.owner == ME and r.state == "open" and r.review_on is not None and r.review_on <= END]  # fmt: skip
    return Counter(found)


def faults(held: Held, lines: tuple[Line, ...]) -> list[str]:
    """What is wrong with a draft: nothing, where it is right."""
    wrong = []
    owed = Counter((each.why, each.about, each.id) for line in lines for each in line.owed)
    if owed != expected(held):
        wrong.append(f"not each obligation once: {owed - expected(held)} {expected(held) - owed}")
    if len({line.about for line in lines}) != len(lines):
        wrong.append("a thing stands twice")
    if any(sorted(line.owed, key=lambda each: ORDER.index(each.why)) != list(line.owed) for line in lines):
        wrong.append("a line does not begin with its first place")
    places = [ORDER.index(line.why) for line in lines]
    return wrong + ["out of the order of need"] * (places != sorted(places))


@pytest.mark.parametrize("block", range(4))
def test_every_open_obligation_once_in_the_order_of_need(block: int) -> None:
    for seed in range(block * 250, block * 250 + 250):
        held = world(random.Random(seed))
        lines = draft(held, END, NOW)
        assert not faults(held, lines), seed
        assert lines == draft(held, END, NOW)


@pytest.mark.parametrize("fault", ["lost", "twice", "order"])
def test_the_property_catches_a_draft_that_is_wrong(fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each seeded fault is found."""
    real = handover.obligations

    def wrong(held: Held, until: int, now: int) -> Any:
        found = list(real(held, until, now))
        return found[1:] if fault == "lost" else found + found[:1] if fault == "twice" else found

    monkeypatch.setattr(handover, "obligations", wrong)
    caught = 0
    for seed in range(60):
        held = world(random.Random(seed))
        lines = draft(held, END, NOW)
        caught += bool(faults(held, lines[::-1] if fault == "order" else lines))
    assert caught > 50


def test_the_rules_own_rows_make_a_draft() -> None:
    desk = Desk()
    key = desk.open(severity=1)
    desk.do(ops.Claim(case=key))
    (line,) = draft(Held(person="ada", cases=(desk.case(key),)), END, NOW)
    assert line.about == key
    assert {each.why for each in line.owed} >= {"severity", "lease"}
