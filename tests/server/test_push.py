"""One push: judged, numbered, chained, remembered; and what nobody may do by it."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest
from team import DESK, Team

from escaltui.domain.operations import AddNote, Claim, EditCase, ReceiveReport, Tag, Undo
from escaltui.domain.wire import Claiming, Pull, Push, Sent, Stand
from escaltui.server import people
from escaltui.server.desk import Forked, NotAllowed
from escaltui.server.people import Caller
from escaltui.store import chain


def test_what_one_does_reaches_the_others_once(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    case_id = ada.open("Order of a court")
    ada.do(ReceiveReport(body="The order.", requester_name="Court of Appeal", dedupe_key="o1"))
    ada.do(AddNote(case=case_id, body="Called the registry.\0 \N{SNOWMAN}"))
    ada.do(Tag(case=case_id, tags=("court",)))
    team.settle()
    assert bo.notes(case_id) == ["Called the registry.\0 \N{SNOWMAN}"]
    assert ada.store.verify().heads == bo.store.verify().heads
    assert ada.store.verify().sound
    told = {row[0]: msgspec.json.decode(row[1]) for row in team.rows("SELECT id, body FROM cases")}
    assert told[case_id]["tags"] == ["court"]
    assert ada.remote.streams() == []


def test_numbers_are_dense_and_chained(team: Team) -> None:
    ada = team.member("ada")
    case_id = ada.open()
    for n in range(20):
        ada.do(AddNote(case=case_id, body=f"{n}"))
    ada.push()
    names = ", ".join((*chain.COLUMNS, "digest", "hash"))
    prev = chain.FIRST
    for n, row in enumerate(team.rows(f"SELECT {names} FROM change WHERE stream = %s ORDER BY seq", DESK), 1):
        assert row[1] == n
        assert chain.link(prev, row[:-2], row[-2]) == row[-1]
        prev = row[-1]
    assert team.rows("SELECT seq, hash FROM head WHERE stream = %s", DESK) == [(n, prev)]


def test_an_operation_sent_twice_counts_once(team: Team) -> None:
    ada = team.member("ada")
    case_id = ada.open()
    ada.do(AddNote(case=case_id, body="once"))
    batch = ada.batch(DESK)
    first = team.desk.push(ada.caller, DESK, batch)
    assert team.desk.push(ada.caller, DESK, batch) == first
    assert team.rows("SELECT count(*) FROM note") == [(1,)]
    again = Push(batch.stand, (msgspec.structs.replace(batch.ops[1], op=msgspec.Raw(b'{"type":"AddNote"}')),))
    (reused,) = team.desk.push(ada.caller, DESK, again)
    assert reused.refused is not None
    assert reused.refused.rule == "op_id_reused"
    bo = team.member("bo")
    (others,) = team.desk.push(bo.caller, DESK, Push(Stand(), (batch.ops[1],)))
    assert others.refused is not None


def test_what_needed_a_refused_one_is_skipped(team: Team) -> None:
    ada = team.member("ada")
    case_id = ada.open()
    ada.do(AddNote(case=case_id, body="on it"))
    batch = ada.batch(DESK)
    bad = msgspec.structs.replace(batch.ops[0], op=msgspec.Raw(b'{"type":"OpenCase","opens":"no id"}'))
    results = team.desk.push(ada.caller, DESK, Push(batch.stand, (bad, batch.ops[1])))
    assert [each.status for each in results] == ["refused", "skipped"]
    assert results[1].code == bad.op_id


def test_nobody_pushes_or_pulls_a_stream_that_is_not_theirs(team: Team) -> None:
    ada, eve = team.member("ada"), team.member("eve", stream="desk:other")
    case_id = ada.open("Sealed order")
    ada.push()
    with pytest.raises(NotAllowed):
        team.desk.push(eve.caller, DESK, Push(Stand(), ()))
    (page,) = team.desk.pull(eve.caller, Pull({DESK: Stand()}))
    assert page.gone
    assert page.changes == ()
    op = msgspec.Raw(msgspec.json.encode(AddNote(case=case_id, body="I guess its id")))
    (result,) = team.desk.push(eve.caller, "desk:other", Push(Stand(), (Sent(team.new_id(), op),)))
    missing = msgspec.Raw(msgspec.json.encode(AddNote(case=team.new_id(), body="I guess its id")))
    (other,) = team.desk.push(eve.caller, "desk:other", Push(Stand(), (Sent(team.new_id(), missing),)))
    assert result.refused == other.refused
    assert result.refused is not None
    assert result.refused.code == "not_found"


def test_a_decision_that_came_too_late_is_kept_as_a_note(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    case_id = ada.open("Was")
    team.settle()
    for each, title in ((ada, "By Ada"), (bo, "By Bo")):
        each.do(EditCase(case=case_id, fields={"title": title}, base={"title": "Was"}))
    team.settle()
    for each in (ada, bo):
        case = each.store.case(case_id)
        assert case is not None
        assert case.title == "By Ada"
        (note,) = each.notes(case_id)
        assert "By Bo" in note
        assert "By Ada" in note
    assert ada.store.bundle(case_id).notes[0].created_by == "bo"  # type: ignore[union-attr]
    assert len(bo.store.outbox(state="parked")) == 1


def test_a_log_that_is_not_ours_is_told(team: Team) -> None:
    ada = team.member("ada")
    ada.open()
    ada.push()
    for stand in (Stand(1, "f" * 64), Stand(99, "f" * 64), Stand(0, "f" * 64)):
        with pytest.raises(Forked):
            team.desk.push(ada.caller, DESK, Push(stand, ()))
        (page,) = team.desk.pull(ada.caller, Pull({DESK: stand}))
        assert page.forked


def test_one_case_has_one_holder(team: Team) -> None:
    """Workers who reach for the same list at the same time: each case is given once."""
    ada = team.member("ada")
    cases = tuple(ada.open(f"case {n}") for n in range(30))
    team.settle()
    given: list[tuple[str, str]] = []
    guard = threading.Lock()
    with team.pool.connection() as connection:
        for n in range(6):
            people.grant(connection, f"w{n}", DESK, frozenset({"specialist"}), "system", team.clock.now)

    def work(n: int) -> None:
        for at in range(8):
            caller = Caller(f"w{n}", "d", frozenset({"push"}))
            asked = Claiming(f"{team.new_id()[:-3]}{n:02d}{at}", cases)
            claimed = team.desk.claim(caller, DESK, asked)
            if claimed.case:
                with guard:
                    given.append((claimed.case, f"w{n}"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(6)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert len(given) == 30
    assert len({case for case, _ in given}) == 30
    held = {row[0]: msgspec.json.decode(row[1])["lease"]["person"] for row in team.rows("SELECT id, body FROM cases")}
    assert held == dict(given)


def test_time_is_the_servers(team: Team) -> None:
    ada = team.member("ada")
    case_id = ada.open()
    ada.do(Claim(case=case_id))
    team.settle()
    case: Any = ada.store.case(case_id)
    assert case.lease is not None
    team.clock.step(3_600_000)
    assert team.desk.due() >= 1
    team.settle()
    case = ada.store.case(case_id)
    assert case.lease is None


def test_an_undo_takes_back_what_was_confirmed(team: Team) -> None:
    ada = team.member("ada")
    case_id = ada.open()
    done = ada.do(Tag(case=case_id, tags=("wrong",)))
    team.settle()
    ada.do(Undo(operation=done.op_id))
    team.settle()
    case: Any = ada.store.case(case_id)
    assert case.tags == ()
    assert msgspec.json.decode(team.rows("SELECT body FROM cases")[0][0]).get("tags", []) == []
