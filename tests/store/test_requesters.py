"""Requesters in a store: chains of merges followed to their end, and everything counted as a recount says."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from escaltui.domain import operations as ops
from escaltui.domain.entities import Case, Decision, Message, Report, Requester
from escaltui.insight.ledger import Asked
from escaltui.store import insights, requesters, rows

NAMES = ("Police", "Police DE", "Polizei", "BKA", "Europol", "Bundeskriminalamt")


def all_of(desk: Any, kind: type[Any]) -> list[Any]:
    """Every row of a kind, however many."""
    table = {"case": "cases"}.get(kind.NAME, kind.NAME)
    read = rows.decoder(kind)
    return desk.store.read(
        lambda connection: [read(body) for (body,) in connection.execute(f"SELECT body FROM {table}")]
    )


def id_of(desk: Any, name: str) -> str:
    (found,) = (each.id for each in all_of(desk, Requester) if each.name == name)
    return str(found)


def asks(desk: Any, name: str, n: int = 1, **more: Any) -> list[str]:
    return [desk.open(f"{name} {i}", report=desk.report(requester_name=name), **more) for i in range(n)]


def merge(desk: Any, one: str, into: str) -> str:
    op = ops.MergeRequesters(requester=id_of(desk, one), into=id_of(desk, into), reason="r")
    return str(desk.do(op).op_id)


def family(desk: Any, name: str) -> set[str]:
    key = id_of(desk, name)
    return set(desk.store.read(lambda connection: requesters.family(key, requesters.under(connection))))


def survivor(desk: Any, name: str) -> str:
    key = id_of(desk, name)
    return str(desk.store.read(lambda connection: requesters.survivor(connection, key)))


def test_a_chain_is_followed_to_its_end_however_long(desk: Any) -> None:
    names = [f"Office {letter * 9}" for letter in "abcdefghijkl"]
    for name in names:
        asks(desk, name)
    for one, into in pairwise(names):
        merge(desk, one, into)
    assert {survivor(desk, name) for name in names} == {id_of(desk, names[-1])}
    assert family(desk, names[-1]) == {id_of(desk, name) for name in names}
    assert family(desk, names[3]) == {id_of(desk, name) for name in names[:4]}
    undone = next(each for each in reversed(desk.store.changes(limit=500)) if each.verb == "MergeRequesters")
    desk.do(ops.Undo(operation=undone.op_id))
    assert survivor(desk, names[0]) == id_of(desk, names[-2])
    assert family(desk, names[-1]) == {id_of(desk, names[-1])}


def test_trends_follow_a_chain_and_its_undoing(desk: Any) -> None:
    for name in NAMES[:3]:
        asks(desk, name)
    insights.refresh(desk.store, desk.now)
    merge(desk, "Polizei", "Police DE")
    second = merge(desk, "Police DE", "Police")

    def counted() -> dict[str, int]:
        insights.refresh(desk.store, desk.now)
        sql = "SELECT value, total FROM insight_series WHERE dim = 'requester'"
        return dict(desk.store.read(lambda connection: connection.execute(sql).fetchall()))

    assert counted() == {id_of(desk, "Police"): 3}
    desk.do(ops.Undo(operation=second))
    assert counted() == {id_of(desk, "Police"): 1, id_of(desk, "Police DE"): 2}


def test_a_further_report_makes_the_case_theirs_too(desk: Any) -> None:
    (case,) = asks(desk, "Police")
    desk.do(ops.LinkReport(case=case, report=desk.report(requester_name="BKA")))
    ids = {name: id_of(desk, name) for name in ("Police", "BKA")}
    found = {
        name: desk.store.read(lambda connection, key=key: requesters.case_ids(connection, [key]))
        for name, key in ids.items()
    }
    assert found == {"Police": [case], "BKA": [case]}
    both = desk.store.read(lambda connection: requesters.case_ids(connection, ids.values()))
    assert both == [case]  # once


def test_an_absorbed_case_is_answered_as_its_survivor_is(desk: Any) -> None:
    one, into = asks(desk, "Police", 2)
    desk.do(ops.Merge(case=one, into=into))

    def asked() -> dict[str, Asked]:
        found = desk.store.read(lambda connection: requesters.asked(connection, [one, into], desk.now))
        return {each.case: each for each in found}

    assert (asked()[one].open, asked()[into].open) == (True, True)
    desk.do(ops.Dismiss(case=into, reason="spam"))
    assert (asked()[one].open, asked()[into].open) == (False, False)


def test_names_are_found_in_any_case_those_of_a_desk_first(desk: Any) -> None:
    asks(desk, "Société Générale")
    found = desk.store.read(lambda connection: requesters.named(connection, "SOCIETE  generale"))
    assert [each.name for each in found] == ["Société Générale"]
    asks(desk, "BKA")
    merge(desk, "BKA", "Société Générale")
    known = desk.store.read(requesters.names)
    assert [each.name for each in known] == ["Société Générale"]
    assert [each.name for each in desk.store.read(lambda c: requesters.named(c, "bka"))] == ["BKA"]


def brute(desk: Any, name: str) -> tuple[dict[str, tuple[Any, ...]], int, int]:
    """The same by rows alone: each case as (type, received, open, outcomes, decided), reports, letters."""
    people = {each.id: each for each in all_of(desk, Requester)}

    def end(key: str) -> str:
        while people[key].merged_into:
            key = people[key].merged_into
        return key

    wanted = end(id_of(desk, name))
    reports = [each for each in all_of(desk, Report) if each.requester and end(each.requester) == wanted]
    cases = {each.id: each for each in all_of(desk, Case)}
    mine = {key for key, each in cases.items() if each.requester and end(each.requester) == wanted}
    mine |= {each.case for each in reports if each.case}
    found = {}
    for key in mine:
        own = stands = cases[key]
        while stands.merged_into:
            stands = cases[stands.merged_into]
        taken = [each for each in all_of(desk, Decision)
                 if each.case == key and each.state in ("effective", "superseded") and each.effective_at]  # fmt: skip
        is_open = stands.status not in ("resolved", "closed", "merged")
        found[key] = (own.type, own.received_at, is_open, tuple(sorted(stands.outcomes)),
                      min((each.effective_at for each in taken), default=None))  # fmt: skip
    letters = [each for each in all_of(desk, Message) if each.case in mine and each.state != "withdrawn"]
    return found, len(reports), len(letters)


@pytest.mark.parametrize("seed", range(4))
def test_everything_is_counted_as_a_recount_says(desk: Any, seed: int) -> None:
    draw = random.Random(seed)
    cases = [case for name in NAMES for case in asks(desk, name, draw.randint(1, 4), case_type=draw.choice(
        ("press", "partner", "user_escalation")))]  # fmt: skip
    for case in draw.sample(cases, 6):
        desk.do(ops.DraftMessage(case=case, party="requester", body="b"))
    for case in draw.sample(cases, 4):
        desk.do(ops.LinkReport(case=case, report=desk.report(requester_name=draw.choice(NAMES))))
    merged = draw.sample(cases, 4)
    desk.do(ops.Merge(case=merged[0], into=merged[1]))
    desk.do(ops.Merge(case=merged[1], into=merged[2]))
    for case in draw.sample([each for each in cases if each not in merged[:2]], 3):
        desk.do(ops.Claim(case=case))
        desk.do(ops.ProposeDecision(case=case, lines=(ops_line(draw),), rationale="r"))
    desk.now += 600_000
    desk.store.due(desk.now, desk.rules, _system(desk))
    for one, into in (draw.sample(NAMES, 2) for _try in range(5)):
        desk.ask(ops.MergeRequesters(requester=id_of(desk, one), into=id_of(desk, into), reason="r"))
    for name in NAMES:
        wanted, reports, letters = brute(desk, name)

        def read(connection: Any, name: str = name) -> Any:
            ids = requesters.family(survivor(desk, name), requesters.under(connection))
            keys = requesters.case_ids(connection, ids)
            return (requesters.asked(connection, keys, desk.now), requesters.checked(connection, ids),
                    requesters.letters(connection, keys, ("requester",)))  # fmt: skip

        asked, checked, written = desk.store.read(read)
        found = {each.case: (each.type, each.at, each.open, tuple(sorted(each.outcomes)), each.decided)
                 for each in asked}  # fmt: skip
        assert found == wanted
        assert (len(checked), len(written)) == (reports, letters)
    assert any(each.merged_into for each in all_of(desk, Requester)), "nothing was merged: this shows nothing"
    assert any(each.state == "effective" for each in all_of(desk, Decision)), "nothing was decided"


def ops_line(draw: random.Random) -> Any:
    from escaltui.domain.decisions import Line

    return Line(draw.choice(("answered", "refer_out", "insufficient_information")))


def _system(desk: Any) -> Any:
    from escaltui.store import Who
    from escaltui.workbench.desk import SYSTEM_ROLES

    return Who("system", SYSTEM_ROLES, desk.store.device)
