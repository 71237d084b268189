"""A desk that comes as rows: whole, resumable anywhere, beneath what is pending, and nothing that is not one's own."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from base_rows import base_rows
from live import Network, Wire, serving
from team import DESK, Team

from escaltui.domain.entities import ENTITIES
from escaltui.domain.operations import AddNote, EditCase, LinkCases, NewSubject, ReceiveReport, Tag
from escaltui.domain.wire import Mark, Pulled, Row, Snapshot
from escaltui.server import people, pull, snapshot
from escaltui.store import fill
from escaltui.store.columns import TABLE
from escaltui.sync.fill import Filler, Stopped
from escaltui.sync.net import NetError

DAY = 86_400_000


@pytest.fixture
def url(team: Team, database: str) -> Iterator[str]:
    with serving(team, database) as found:
        yield found


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts and marks so small that a few cases make many of them, and so few changes behind that a fill is due."""
    monkeypatch.setattr(snapshot, "CASES_AT_ONCE", 3)
    monkeypatch.setattr(snapshot, "ROWS_AT_ONCE", 2)
    monkeypatch.setattr(snapshot, "LINES", 4)
    monkeypatch.setattr(pull, "BEHIND_MOST", 10)


def wired(team: Team, url: str, name: str, **more: Any) -> Wire:
    return Wire(team.member(name, **more), url, Network(random.Random(name)))


def filler(each: Wire, stop: Any = lambda: False) -> Filler:
    return Filler(each.member.remote, each.server, each.member.team.rules, each.member.team.clock, stop)


def busy(each: Wire, cases: int = 12) -> list[str]:
    """A desk with cases of all sorts, pushed."""
    member, found = each.member, []
    for n in range(cases):
        item = NewSubject(platform="example", item_type="post", item_id=f"{n % 4}", author="someone")
        found.append(member.open(f"Case {n}", subjects=(item,)))
        for m in range(n % 3):
            member.do(AddNote(case=found[-1], body=f"note {n}.{m}"))
        member.do(Tag(case=found[-1], tags=(f"t{n}",)))
    member.do(LinkCases(case=found[0], target=found[-1], kind="related_to"))
    member.do(ReceiveReport(dedupe_key="form-1", body="Loose words", requester_name="Jo Bloggs"))
    behind, pull.BEHIND_MOST = pull.BEHIND_MOST, 10**9  # who makes it follows it from its beginning
    while each.member.remote.streams():
        each.cycle.push()
    each.cycle.pull([DESK, "org"])
    pull.BEHIND_MOST = behind
    return found


def bodies(member: Any, stream: str = DESK) -> dict[str, dict[str, Any]]:
    """What is confirmed of a stream, by kind and id."""
    tables = [TABLE.get(name, name) for name in ENTITIES]
    return member.store.read(lambda c: {table: base_rows(c, table, stream) for table in tables})


def rows(each: Wire, sql: str) -> list[tuple[Any, ...]]:
    return each.member.store.read(lambda c: c.execute(sql).fetchall())


def said(member: Any, case_id: str) -> list[tuple[Any, ...]]:
    return [(each.verb, each.entity, each.entity_id, each.at) for each in member.store.changes(case_id=case_id)]


def test_a_filled_desk_is_the_same_as_one_that_followed(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    cases = busy(ada)
    bo = wired(team, url, "bo")
    assert bo.round() >= set(cases)
    assert bodies(bo.member) == bodies(ada.member)
    for case_id in cases:
        assert said(bo.member, case_id) == said(ada.member, case_id)
        assert bo.member.store.line(case_id) == ada.member.store.line(case_id)
    assert bo.member.remote.stands()[DESK] == ada.member.remote.stands()[DESK]
    for sql in ("SELECT * FROM case_set ORDER BY 1, 2, 3", "SELECT id, sets, updated_at FROM cases ORDER BY 1"):
        assert rows(ada, sql) == rows(bo, sql)
    ada.member.do(EditCase(case=cases[3], fields={"title": "Later"}, base={"title": "Case 3"}))
    ada.round()
    assert cases[3] in bo.round()
    assert bodies(bo.member) == bodies(ada.member)
    indexes = "SELECT name FROM sqlite_master ORDER BY 1"
    assert rows(ada, indexes) == rows(bo, indexes)


def test_the_log_begins_where_the_fill_stood(team: Team, url: str) -> None:
    ada, cases = (made := wired(team, url, "ada")), busy(made)
    bo = wired(team, url, "bo")
    bo.round()
    told = bo.member.store.verify()
    assert told.sound
    assert told.changes == 0
    assert told.earlier > 20
    for n in range(3):
        ada.member.do(AddNote(case=cases[0], body=f"after {n}"))
    ada.round()
    bo.round()
    told = bo.member.store.verify()
    assert told.sound
    assert told.changes == 3
    store = bo.member.store
    store.write(lambda c: c.execute("UPDATE change SET hash = 'x' WHERE n = (SELECT max(n) FROM change)"))
    assert not store.verify().sound


def test_an_altered_line_from_before_the_fill_is_found_by_its_own_hash(team: Team, url: str) -> None:
    busy(wired(team, url, "ada"))
    bo = wired(team, url, "bo")
    bo.round()
    store = bo.member.store
    store.write(lambda c: c.execute("UPDATE change SET body = '{}' WHERE n = 3"))
    assert not store.verify().sound


@pytest.mark.parametrize("seed", range(12 if os.environ.get("ESCALTUI_THOROUGH") else 3))
def test_a_fill_that_is_cut_anywhere_goes_on_from_there(team: Team, url: str, seed: int) -> None:
    roll = random.Random(seed)
    ada = wired(team, url, "ada")
    cases = busy(ada)
    bo = wired(team, url, "bo")
    note = bo.member.open("Mine, not sent")
    asked: list[str] = []
    inner = bo.network.handle_request

    def cut(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        response = inner(request)
        if "snapshot" not in str(request.url) or len(asked) > 40:
            return response
        response.read()
        content = response.content[: roll.randrange(len(response.content))]
        return httpx.Response(200, content=content, headers={"content-type": "application/x-ndjson"})

    bo.network.handle_request = cut  # type: ignore[method-assign]
    for _ in range(60):
        try:
            bo.cycle.heal(DESK) if not bo.member.remote.filling() else filler(bo).run(DESK)
            break
        except NetError:
            if roll.random() < 0.3:  # and others go on meanwhile
                ada.member.do(AddNote(case=roll.choice(cases), body="meanwhile"))
                ada.round()
            if roll.random() < 0.3:
                store = bo.member.store
                store.close()
                bo.member.store = type(store).open(store.folder)
                assert bo.member.store.remote is not None
                bo.member.remote = bo.cycle.remote = bo.member.store.remote
    assert any("after=" in each for each in asked)
    assert bo.member.store.case(note) is not None
    assert bo.member.store.case(note) is not None
    for each in (bo, ada, bo, bo):
        each.round()
    assert bo.member.store.case(note) is not None
    assert bodies(bo.member) == bodies(ada.member)
    assert bo.member.store.verify().sound


def test_what_waits_stays_on_top_and_what_was_accepted_is_settled(team: Team, url: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    case_id = ada.member.open("Shared")
    ada.round()
    bo.round()
    bo.member.do(AddNote(case=case_id, body="accepted, and its answer was lost"))
    for stream in bo.member.remote.streams():
        bo.server.push(stream, bo.member.batch(stream))  # nobody notes the answer
    bo.member.do(AddNote(case=case_id, body="accepted"))
    batch = bo.member.batch(DESK)
    results = bo.server.push(DESK, batch)
    bo.member.remote.answered(results[1:], team.clock.now, team.rules)
    bo.member.do(AddNote(case=case_id, body="waits"))
    busy(ada)
    words = ["accepted, and its answer was lost", "accepted", "waits"]
    assert sorted(bo.member.notes(case_id)) == sorted(words)
    filler(bo).run(DESK)
    assert sorted(bo.member.notes(case_id)) == sorted(words)
    waiting = [each.body for each in bo.member.store.outbox(state="queued")]
    assert len(waiting) == 1
    assert "waits" in waiting[0]
    bo.round()
    assert bo.member.store.outbox(state="queued") == []
    assert sorted(bo.member.notes(case_id)) == sorted(words)


def test_an_accepted_operation_whose_answer_comes_after_the_fill_is_settled(team: Team, url: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    bo.member.do(ReceiveReport(dedupe_key="form-9", body="On no case"))
    batch = bo.member.batch(DESK)
    results = bo.server.push(DESK, batch)
    busy(ada)
    filler(bo).run(DESK)
    bo.member.remote.answered(results, team.clock.now, team.rules)
    assert bo.member.store.outbox(state="queued") == []
    assert bodies(bo.member) == bodies(ada.member)


def test_what_did_not_come_again_goes(team: Team, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    cases = busy(ada)
    bo.round()
    closed = cases[1]
    with team.pool.connection() as connection:
        connection.execute("UPDATE cases SET is_open = 0, updated_at = 5 WHERE id = %s", (closed,))
    mine = bo.member.open("Waits here")
    bo.member.do(AddNote(case=closed, body="on an old case, not sent"))
    for n in range(12):
        ada.member.do(AddNote(case=cases[0], body=f"{n}"))
    ada.round()
    filler(bo).run(DESK)
    store = bo.member.store
    assert store.case(closed) is None
    assert store.read(lambda c: c.execute("SELECT count(*) FROM change WHERE case_id = ?", (closed,)).fetchone()) == (
        0,
    )
    assert store.case(mine) is not None
    assert store.case(cases[0]) is not None
    assert store.verify().sound
    (kept,) = [each for each in store.outbox(state="queued") if "old case" in each.body]
    monkeypatch.setattr(pull, "BEHIND_MOST", 10**9)
    bo.round()  # it is accepted there, and what is said of the old case brings it back whole
    found = store.case(closed)
    assert found is not None
    assert found.title == "Case 1"
    assert "on an old case, not sent" in bo.member.notes(closed)
    ada.round()
    assert said(bo.member, closed) == said(ada.member, closed)
    assert store.outbox(state="queued") == []
    assert kept.op_id in {each.op_id for each in store.outbox(state="settled")}


def test_old_closed_cases_stay_where_they_are(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    cases = busy(ada)
    with team.pool.connection() as connection:
        sql = "UPDATE cases SET is_open = 0, updated_at = %s WHERE id = %s"
        connection.execute(sql, (team.clock.now - 31 * DAY, cases[0]))
        connection.execute(sql, (team.clock.now - 29 * DAY, cases[1]))
    lines = list(ada.server.snapshot(DESK))
    told = b"".join(map(msgspec.json.encode, lines)).decode()
    ids = {line.id for line in lines if isinstance(line, Row)}
    assert cases[0] not in ids
    assert cases[1] in ids
    assert not any(line.case_id == cases[0] for line in lines if isinstance(line, Pulled))
    assert "note 2.0" in told
    assert isinstance(lines[0], Snapshot)
    assert isinstance(lines[-1], Mark)
    assert lines[-1].end


def test_a_case_comes_whole_within_one_part(team: Team, url: str) -> None:
    """The control: without the marks' order a part could end in the middle of a case."""
    ada = wired(team, url, "ada")
    busy(ada)
    lines = list(ada.server.snapshot(DESK))
    where: dict[str, set[int]] = {}
    part = 0
    for line in lines:
        if isinstance(line, Mark):
            part += 1
        elif isinstance(line, Pulled):
            where.setdefault(line.case_id, set()).add(part)
        elif isinstance(line, Row) and line.entity == "case":
            where.setdefault(line.id, set()).add(part)
        elif isinstance(line, Row) and b'"case":' in bytes(line.body):
            case_id = msgspec.json.decode(line.body)["case"]
            where.setdefault(case_id, set()).add(part)
    assert part > 5
    assert all(len(parts) == 1 for parts in where.values())


def test_what_is_not_ones_own_is_in_no_line(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    cases = busy(ada)
    hidden = cases[2]
    ada.member.do(AddNote(case=hidden, body="canary-7701"))
    ada.round()
    plain = b"".join(map(msgspec.json.encode, ada.server.snapshot(DESK)))
    assert b"canary-7701" in plain  # the control
    with team.pool.connection() as connection:
        seen = (f"case:{hidden}", "ada", hidden)
        connection.execute("INSERT INTO sees VALUES (%s, %s, %s, NULL, false)", seen)
        for name in ENTITIES:
            table, column = TABLE.get(name, name), {"case": "id", "link": "source"}.get(name, "case_id")
            if name not in ("person", "requester", "subject"):
                sql = f"UPDATE {table} SET stream = %s WHERE {column} = %s"
                connection.execute(sql.encode(), (f"case:{hidden}", hidden))
    bo = wired(team, url, "bo", roles=("specialist",))
    told = b"".join(map(msgspec.json.encode, bo.server.snapshot(DESK)))
    assert b"canary-7701" not in told
    assert hidden.encode() not in told
    assert b"canary-7701" in b"".join(map(msgspec.json.encode, ada.server.snapshot(f"case:{hidden}")))
    for ask in (lambda: bo.server.case(hidden), lambda: list(bo.server.snapshot(f"case:{hidden}"))):
        with pytest.raises(NetError) as first:
            ask()
        with pytest.raises(NetError) as second:
            bo.server.case("0" * 26)
        assert str(first.value) == str(second.value)
    bo.round()
    bo.member.store.close()
    for file in bo.member.store.folder.rglob("*"):
        assert not file.is_file() or b"canary-7701" not in file.read_bytes(), file
    bo.member.store = type(bo.member.store).open(bo.member.store.folder)


def test_a_right_that_ends_in_the_middle_ends_the_fill(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    busy(ada)
    bo = wired(team, url, "bo")
    marks = iter((False, True))
    with pytest.raises(Stopped):
        filler(bo, lambda: next(marks)).run(DESK)
    with team.pool.connection() as connection:
        people.revoke(connection, "bo", DESK)
    with pytest.raises(NetError, match="not yours"):
        filler(bo).run(DESK)
    bo.cycle.pull([DESK])
    assert bo.member.remote.filling() == frozenset()
    assert bo.member.store.count(None) == 0
    leftovers = "SELECT key FROM meta WHERE key LIKE 'fill%' UNION SELECT name FROM sqlite_master WHERE name = 'unseen'"
    assert bo.member.store.read(lambda c: c.execute(leftovers).fetchall()) == []


def test_a_restored_backup_with_a_long_log_gets_its_tail_back(team: Team, url: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    cases = busy(ada)
    bo.round()
    tables = ("head", "change", "ledger", "cases", "note")
    before = {table: team.rows(f"SELECT * FROM {table}") for table in tables}
    bo.member.do(AddNote(case=cases[0], body="after the backup"))
    bo.round()
    ada.round()
    with team.pool.connection() as connection:
        for table, rows in before.items():
            connection.execute(f"DELETE FROM {table}".encode())
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})".encode(), row)
    bo.member.do(AddNote(case=cases[0], body="and one more"))
    for _ in range(3):
        for each in (ada, bo):
            each.round()
    words = {"after the backup", "and one more"}
    assert {msgspec.json.decode(row[0])["body"] for row in team.rows("SELECT body FROM note")} >= words
    for each in (ada, bo):
        assert words <= set(each.member.notes(cases[0]))
        assert each.member.store.verify().sound
    assert bodies(bo.member) == bodies(ada.member)


def test_a_store_without_the_sweep_keeps_what_is_gone(team: Team, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control of the sweep."""
    monkeypatch.setattr(fill.Fill, "sweep", lambda self, stream: False)
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    cases = busy(ada)
    bo.round()
    with team.pool.connection() as connection:
        connection.execute("UPDATE cases SET is_open = 0, updated_at = 5 WHERE id = %s", (cases[1],))
    filler(bo).run(DESK)
    assert bo.member.store.case(cases[1]) is not None


def test_the_answer_is_packed_or_plain(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    busy(ada)
    headers = {**ada.server._client.headers, "accept-encoding": "identity"}
    plain = httpx.get(f"{url}/v1/streams/{DESK}/snapshot", headers=headers)
    packed = httpx.get(f"{url}/v1/streams/{DESK}/snapshot", headers={**headers, "accept-encoding": "zstd"})
    assert packed.headers["content-encoding"] == "zstd"
    assert packed.content == plain.content
