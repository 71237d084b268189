"""Days that nobody planned: a newer and an older escaltui side by side, clocks a day off, an answer that comes months
late, a disk without room on either side. Each ends the same way: nothing lost, nothing twice, and on it goes."""

from __future__ import annotations

import random
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from links import Linking, token
from team import DESK, Member, Team
from test_error_table import attempts, case_and_notes, kept_everywhere, round_

from escaltui.domain.entities import ENTITIES
from escaltui.domain.operations import AddNote, AddTask, Claim, EditCase
from escaltui.domain.wire import Claiming
from escaltui.server import push
from escaltui.store import DiskFull, chain, fill, log, rebase, remote
from escaltui.sync.engine import Engine

DAY = 86_400_000


def by_newer(team: Team, key: tuple[str, str], case_id: str, rev: int, fields: dict[str, Any]) -> None:
    """What a newer escaltui says, as a newer server numbers it."""
    with team.pool.connection() as connection:
        row = connection.execute("SELECT seq, hash FROM head WHERE stream = %s FOR UPDATE", (DESK,)).fetchone()
        assert row
        now, action = team.clock.step(), "created" if rev == 1 else "set"
        columns = (DESK, row[0] + 1, now, now, "cy", "", team.new_id(), "Newer", *key, case_id, action, rev, "")
        line = chain.line(row[1], columns, "5a" * 16, msgspec.json.encode(log.Content(fields)).decode())
        marks = ", ".join(["%s"] * len(line))
        connection.execute(f"INSERT INTO change ({', '.join(chain.LINE)}) VALUES ({marks})".encode(), line)
        told = (row[0] + 1, chain.hash_of(line), DESK)
        connection.execute("UPDATE head SET seq = %s, hash = %s WHERE stream = %s", told)


def held(member: Member, case_id: str) -> dict[str, Any]:
    """A case's row as a store has it, with what it does not know."""
    row = member.store.read(lambda c: c.execute("SELECT body FROM cases WHERE id = ?", (case_id,)).fetchone())
    found: dict[str, Any] = msgspec.json.decode(row[0])
    return found


def revision(team: Team, case_id: str) -> int:
    ((body,),) = team.rows("SELECT body FROM cases WHERE id = %s", case_id)
    return int(msgspec.json.decode(body)["rev"])


# --- a newer and an older one


def test_an_older_one_keeps_fields_that_it_does_not_know(link: Linking, team: Team) -> None:
    ada, wire, _ = link("ada")
    bo, bos, _ = link("bo")
    case_id = case_and_notes(ada, "first")
    assert round_(wire) == ""
    mood = {"calm": 3, "since": [1, 2]}
    sql = """UPDATE cases SET body = jsonb_set(jsonb_set(body::jsonb, '{mood}', %s::jsonb), '{rev}', %s::jsonb)::text
    WHERE id = %s RETURNING id"""
    rev = revision(team, case_id) + 1
    team.rows(sql, msgspec.json.encode(mood).decode(), str(rev), case_id)
    by_newer(team, ("case", case_id), case_id, rev, {"mood": [None, mood]})
    assert round_(wire) == ""
    assert held(ada, case_id)["mood"] == mood
    ada.do(
        EditCase(case=case_id, fields={"title": "By an older one"}, base={"title": "A case"})
    )  # offline, laid on top
    assert held(ada, case_id)["mood"] == mood
    assert round_(wire) == ""
    assert round_(bos) == ""
    ((body,),) = team.rows("SELECT body FROM cases WHERE id = %s", case_id)
    for each in (msgspec.json.decode(body), held(ada, case_id), held(bo, case_id)):
        assert (each["title"], each["mood"]) == ("By an older one", mood)
    assert ada.store.verify().sound
    cy, cys, _ = link("cy")  # and by a fill, without the log
    cys.cycle._filler().run(DESK)
    assert held(cy, case_id)["mood"] == mood


@pytest.mark.parametrize("filled", [False, True])
def test_a_kind_that_only_a_newer_one_knows_is_kept_and_read_after_the_upgrade(
    link: Linking, team: Team, monkeypatch: pytest.MonkeyPatch, filled: bool
) -> None:
    ada, wire, _ = link("ada")
    bo, bos, _ = link("bo")
    case_id = case_and_notes(ada, "before")
    assert round_(wire) == ""
    assert round_(bos) == ""
    ada.do(AddTask(case=case_id, title="Only a newer one knows tasks"))
    ada.do(AddNote(case=case_id, body="after"))
    assert round_(wire) == ""
    older = {name: kind for name, kind in ENTITIES.items() if name != "task"}
    with monkeypatch.context() as patched:
        for module in (rebase, fill, remote):
            patched.setattr(module, "ENTITIES", older)
        if filled:
            bos.cycle._filler().run(DESK)
        assert round_(bos) == ""
        bo.do(AddNote(case=case_id, body="works on"))
        assert round_(bos) == ""
        assert sorted(bo.notes(case_id)) == ["after", "before", "works on"]
        assert bo.store.read(lambda c: c.execute("SELECT count(*) FROM task").fetchone()) == (0,)
        assert bo.store.verify().sound
    bo.do(AddNote(case=case_id, body="on its way"))
    assert round_(bos) == ""
    assert bo.store.read(lambda c: c.execute("SELECT count(*) FROM task").fetchone()) == (1,)
    assert bo.remote.unread() == frozenset()
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "before", "after", "works on", "on its way")
    assert sorted(bo.notes(case_id)) == sorted(ada.notes(case_id))


def test_a_kind_that_nobody_here_knows_stays_in_the_log(link: Linking, team: Team) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "before")
    assert round_(wire) == ""
    by_newer(team, ("mood", team.new_id()), case_id, 1, {"words": [None, "calm"]})
    ada.do(AddNote(case=case_id, body="after"))
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "before", "after")
    kinds = "SELECT count(*) FROM change WHERE entity = 'mood' AND body LIKE '%calm%'"
    assert ada.store.read(lambda c: c.execute(kinds).fetchone()) == (1,)
    assert ada.store.verify().sound


def test_an_operation_that_the_server_does_not_know_is_set_aside_with_its_words(link: Linking, team: Team) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "known", "newer words", "also known")
    newer = "UPDATE outbox SET body = json_set(body, '$.type', 'SetMood') WHERE body LIKE '%newer words%'"
    ada.store.write(lambda c: c.execute(newer))
    assert round_(wire) == ""
    (parked,) = ada.store.outbox(state="parked")
    assert "newer words" in parked.body
    assert "Upgrade escaltui" in parked.result
    kept_everywhere(team, ada, case_id, "known", "also known")


# --- clocks


@pytest.mark.parametrize("off", [-DAY, DAY])
def test_a_clock_a_day_off_moves_no_time_but_its_own(link: Linking, team: Team, off: int) -> None:
    ada, wire, _ = link("ada")
    bo, bos, _ = link("bo")
    wire.now = lambda: team.clock.now + off
    case_id = ada.open("A case")
    ada.store.do(AddNote(case=case_id, body="dated"), ada.remote.who, team.clock.now + off, team.rules)
    said: list[str] = []
    moving = Engine(wire, lambda cases: None, said.append, random.Random(1))
    moving._whole = True
    moving._round(moving._pace.take(moving._pace._pulled + 1000))
    assert len(said) == 1
    for (at,) in team.rows("SELECT at FROM change"):
        assert abs(at - team.clock.now) < 60_000, "the log's time is the server's"
    claimed = wire.server.claim(DESK, Claiming(team.new_id(), (case_id,)))
    assert claimed.case == case_id
    assert claimed.until - team.clock.now < DAY / 2, "a claim ends by the server's clock"
    assert round_(bos) == ""
    assert getattr(bo.ask(Claim(case=case_id)), "code", "") != "", "nobody takes over what is held"
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "dated")


# --- an answer that never came


def months_later(link: Linking, team: Team, fault: object) -> tuple[Member, str]:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "first")
    assert round_(wire) == ""
    ada.do(AddNote(case=case_id, body="sent long ago"))
    network.plan = ["", "", fault]
    assert round_(wire) in ("Refusing", "Offline")
    team.clock.step(81 * DAY)
    ada.do(AddNote(case=case_id, body="fresh"))
    assert round_(wire) == ""
    return ada, case_id


def test_what_was_sent_long_ago_and_arrived_is_there_once(link: Linking, team: Team) -> None:
    ada, case_id = months_later(link, team, "lost after")
    assert ada.store.outbox(state="parked") == []
    kept_everywhere(team, ada, case_id, "first", "sent long ago", "fresh")


def test_what_was_sent_long_ago_and_nobody_knows_of_waits_for_a_person(link: Linking, team: Team) -> None:
    ada, case_id = months_later(link, team, httpx.Response(500, json={"code": "x", "reason": "Broken."}))
    (parked,) = ada.store.outbox(state="parked")
    assert "sent long ago" in parked.body
    assert "too_old" in parked.result
    assert attempts(ada) == []
    kept_everywhere(team, ada, case_id, "first", "fresh")


# --- no room


def test_a_full_disk_at_the_server_loses_nothing_and_tells_nothing(
    link: Linking, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "kept")
    inside = "could not extend file base/16384: No space left on device"

    def full(*_: object) -> None:
        raise psycopg.errors.DiskFull(inside)

    with monkeypatch.context() as patched:
        patched.setattr(push, "insert", full)
        answer = raw_push(team, ada)
        assert answer.status_code == 503
        assert "retry-after" in answer.headers
        assert "base/" not in answer.text
        assert round_(wire) == "Refusing"
        assert attempts(ada) == [0, 0], "it says nothing about an operation"
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "kept")


def raw_push(team: Team, member: Member) -> httpx.Response:
    """A push whose answer is looked at as it came."""
    headers = {"authorization": f"Bearer {token(team, member.person)}"}
    url = f"{member.remote.connected.url}/v1/streams/{DESK}/ops"
    return httpx.post(url, content=msgspec.json.encode(member.batch(DESK)), headers=headers)


def test_a_full_disk_here_takes_no_half_page_and_keeps_what_waits(link: Linking, team: Team) -> None:
    ada, wire, _ = link("ada")
    bo, bos, _ = link("bo")
    case_id = case_and_notes(bo, "mine")
    assert round_(bos) == ""
    for _ in range(30):
        ada.open("word " * 30)
    ada.do(AddNote(case=ada.open("Long"), body="word " * 20_000))
    assert round_(wire) == ""
    stand = bo.remote.stands()[DESK]
    bo.do(AddNote(case=case_id, body="waits"))
    connection = bo.store._engine._writer_connection()
    pages = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull):
        bos.pull()
    assert bo.remote.stands()[DESK] == stand
    assert [each.state for each in bo.store.outbox() if "waits" in each.body] == ["queued"]
    connection.execute("PRAGMA max_page_count = 1000000")
    assert round_(bos) == ""
    assert bo.notes(case_id) == ["mine", "waits"]
    assert bo.store.verify().sound
