"""How far somebody read a case is known on every device of theirs, and on nobody else's: SYNC.md 3, `user:<id>`."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from links import joined
from team import DESK, ROLES, Team

from escaltui.config import Config, Me
from escaltui.config_remote import Remote as Settings
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.operations.reading import look_id
from escaltui.server import people
from escaltui.store import read_marks
from escaltui.sync.engine import Engine
from escaltui.sync.pace import GATHERED
from escaltui.workbench import Workbench
from escaltui.workbench.desk import Undone

Opening = Callable[[str, str], Workbench]


@pytest.fixture
def opening(team: Team, url: str, tmp_path: Path) -> Iterator[Opening]:
    """Workbenches that follow the server, each by its person and device."""
    made: list[Workbench] = []

    def open_(person: str, device: str = "desk") -> Workbench:
        config = Config(tmp_path / "settings", me=Me(name=person), remote=Settings(token="memory"), exists=True)
        bench = Workbench.open(tmp_path / f"{person}-{device}", config=config, clock=team.clock)
        made.append(bench)
        joined(bench, team, url, person, frozenset(ROLES))
        return bench

    yield open_
    for bench in made:
        bench.close()


def opened(bench: Workbench, team: Team) -> str:
    case_id = team.new_id()
    outcome = bench.do(ops.OpenCase(opens=case_id, title="A case"))
    assert not isinstance(outcome, Refused)
    bench.link.push()
    return case_id


def says(bench: Workbench, team: Team, case_id: str, body: str) -> None:
    team.clock.step()
    assert not isinstance(bench.do(ops.AddNote(case=case_id, body=body)), Refused)
    bench.link.push()


def looks(bench: Workbench, case_id: str) -> None:
    """As the case's screen does: what is on it counts as seen."""
    face = bench.case(case_id)
    assert face is not None
    bench.mark_seen(case_id, face.timeline[-1].seq)


def news(bench: Workbench, case_id: str) -> list[str]:
    bench.link.pull()
    face = bench.case(case_id)
    assert face is not None
    return [line.body.value if line.body else "" for line in face.timeline if line.is_new]


def waiting(bench: Workbench) -> list[str]:
    sql = "SELECT body FROM outbox WHERE type = 'ReadCase' AND state = 'queued'"
    return [row[0] for row in bench.store.read(lambda c: c.execute(sql).fetchall())]


def test_what_was_read_on_one_device_is_no_news_on_another(opening: Opening, team: Team) -> None:
    bo, desk, train = opening("bo", ""), opening("ada", "desk"), opening("ada", "train")
    case_id = opened(bo, team)
    says(bo, team, case_id, "one")
    for bench in (desk, train):
        bench.link.round(greet=False)
    looks(train, case_id)
    says(bo, team, case_id, "two")
    assert news(train, case_id) == ["two"]
    desk.link.round(greet=False)
    looks(desk, case_id)
    desk.link.round(greet=False)
    at = team.clock.now
    assert news(train, case_id) == [], "the other device saw it"
    face = train.case(case_id)
    assert face is not None
    assert face.seen_at == at
    says(bo, team, case_id, "three")
    assert (news(train, case_id), news(desk, case_id)) == (["three"], ["three"])


def test_a_device_that_never_opened_a_case_knows_what_is_new_of_it(opening: Opening, team: Team) -> None:
    bo, desk, train = opening("bo", ""), opening("ada", "desk"), opening("ada", "train")
    case_id = opened(bo, team)
    desk.link.round(greet=False)
    looks(desk, case_id)
    desk.link.round(greet=False)
    says(bo, team, case_id, "later")
    assert news(train, case_id) == ["later"]
    fresh = opening("ada", "new")
    assert news(fresh, case_id) == ["later"], "a device that fills its streams anew, too"


def test_the_further_look_holds_whichever_comes_last(opening: Opening, team: Team) -> None:
    """Offline on the train an earlier state was read; it is told after the desk read more."""
    bo, desk, train, third = (opening("bo", ""), *(opening("ada", each) for each in ("desk", "train", "third")))
    case_id = opened(bo, team)
    train.link.round(greet=False)
    looks(train, case_id)
    says(bo, team, case_id, "read at the desk")
    desk.link.round(greet=False)
    looks(desk, case_id)
    desk.link.round(greet=False)
    team.clock.step()
    train.link.round(greet=False)
    assert news(third, case_id) == []
    says(bo, team, case_id, "new to all")
    assert [news(each, case_id) for each in (desk, train, third)] == [["new to all"]] * 3


def test_nobody_else_sees_what_somebody_read(opening: Opening, team: Team) -> None:
    bo, ada = opening("bo", ""), opening("ada", "")
    case_id = opened(bo, team)
    ada.link.round(greet=False)
    looks(ada, case_id)
    ada.link.round(greet=False)
    bo.link.round(greet=False)
    name = look_id("ada", case_id)
    assert team.rows("SELECT stream FROM receipt WHERE id = %s", name) == [("user:ada",)]
    assert team.rows("SELECT DISTINCT stream FROM change WHERE entity_id = %s", name) == [("user:ada",)]
    for table, column in (("receipt", "id"), ("change", "entity_id"), ("outbox", "body")):
        sql = f"SELECT count(*) FROM {table} WHERE instr({column}, ?) > 0"
        found = [b.store.read(lambda c, sql=sql: c.execute(sql, (name,)).fetchone()[0]) for b in (bo, ada)]
        assert found[0] == 0, table
        assert table == "outbox" or found[1] == 1, "the control: its reader has it"
    face = bo.case(case_id)
    assert face is not None
    assert all("ada" not in line.actor for line in face.timeline), "no line of a timeline tells of a look"
    with team.pool.connection() as connection:
        held = people.rights(connection, "bo", team.clock.now)
        people.confine(connection, held)
        assert connection.execute("SELECT 1 FROM receipt").fetchall() == []


def test_nobody_reads_for_somebody_else(opening: Opening, team: Team) -> None:
    ada = opening("ada", "")
    outcome = ada.do(ops.ReadCase(person="bo", of="x", upto={DESK: 1}, told=1))
    assert isinstance(outcome, Refused)
    assert outcome.code == "not_allowed"


def test_a_week_without_a_network_leaves_one_look_a_case(opening: Opening, team: Team) -> None:
    bo, ada = opening("bo", ""), opening("ada", "")
    cases = [opened(bo, team) for _ in range(3)]
    ada.link.round(greet=False)
    for _day in range(7):
        for case_id in cases:
            looks(ada, case_id)
    assert waiting(ada) == [], "nothing is judged while somebody reads"
    assert ada.sync_face().waiting == 0
    assert ada.link.waiting()
    for _try in range(3):  # the server is away each time
        read_marks.tell(ada.store, ada.now(), ada.rules)
        assert len(waiting(ada)) == 3
        for case_id in cases:
            says(bo, team, case_id, "more")
        ada.link.pull()
        for case_id in cases:
            looks(ada, case_id)
    assert ada.sync_face().waiting == 0, "what was read is no work that waits"
    ada.link.round(greet=False)
    ada.link.round(greet=False)
    assert (waiting(ada), ada.store.read(read_marks.due)) == ([], False)
    assert team.rows("SELECT count(*) FROM receipt WHERE who = 'ada'") == [(3,)]


def test_a_running_engine_tells_a_look_without_anything_typed(opening: Opening, team: Team) -> None:
    bo, ada = opening("bo", ""), opening("ada", "")
    case_id = opened(bo, team)
    ada.link.round(greet=False)
    moving = ada.engine = Engine(ada.link, lambda cases: None)
    moving._whole = False
    now = time.monotonic()
    moving._pace.done(now, moving._pace.take(now))
    looks(ada, case_id)
    moving._round(moving._pace.take(time.monotonic() + GATHERED))
    assert team.rows("SELECT who FROM receipt") == [("ada",)]
    ada.engine = None


def test_many_looks_are_told_and_nobody_elses(opening: Opening, team: Team) -> None:
    """Some at a time, so that whoever types is not kept waiting; what somebody else saw on this machine stays here."""
    ada = opening("ada", "")
    cases = [team.new_id() for _ in range(read_marks.AT_ONCE + 3)]
    ada.do_many([ops.OpenCase(opens=case_id, title="A case") for case_id in cases])
    ada.link.round(greet=False)
    for case_id in cases[1:]:
        looks(ada, case_id)
    ada.store.mark_seen(cases[0], "eve", 1 << 40, team.clock.now)
    ada.link.push()
    assert team.rows("SELECT who, count(*) FROM receipt GROUP BY who") == [("ada", len(cases) - 1)]
    assert not ada.store.read(read_marks.due)


def test_looking_again_at_what_is_known_tells_nobody(opening: Opening, team: Team) -> None:
    bo, ada = opening("bo", ""), opening("ada", "")
    case_id = opened(bo, team)
    ada.link.round(greet=False)
    for _ in range(3):
        looks(ada, case_id)
        ada.link.round(greet=False)
    says(ada, team, case_id, "my own words are no news to me")
    looks(ada, case_id)
    ada.link.round(greet=False)
    sql = "SELECT count(*) FROM outbox WHERE type = 'ReadCase'"
    assert ada.store.read(lambda c: c.execute(sql).fetchone()) == (1,)


def test_undo_takes_back_what_was_done_not_what_was_read(opening: Opening, team: Team) -> None:
    bo, ada = opening("bo", ""), opening("ada", "")
    case_id = opened(bo, team)
    ada.link.round(greet=False)
    says(ada, team, case_id, "mine")
    looks(ada, case_id)
    ada.link.round(greet=False)
    ada.link.round(greet=False)
    undone = ada.undo()
    assert isinstance(undone, Undone)
    assert undone.verb == "AddNote"


def test_a_server_that_does_not_know_of_looks_is_no_trouble(opening: Opening, team: Team) -> None:
    bo, ada = opening("bo", ""), opening("ada", "")
    case_id = opened(bo, team)
    ada.link.round(greet=False)
    looks(ada, case_id)
    read_marks.tell(ada.store, ada.now(), ada.rules)
    ada.store.write(lambda c: c.execute("UPDATE outbox SET state = 'parked' WHERE type = 'ReadCase'"))
    assert (ada.sync_face().parked, ada.parked()) == (0, [])


def test_a_change_of_a_clock_that_is_behind_is_new(opening: Opening, team: Team) -> None:
    """Processes of a backend need not agree to the millisecond: the number tells what was seen."""
    bo, desk, train = opening("bo", ""), opening("ada", "desk"), opening("ada", "train")
    case_id = opened(bo, team)
    desk.link.round(greet=False)
    looks(desk, case_id)
    desk.link.round(greet=False)
    team.clock.now -= 5_000
    says(bo, team, case_id, "by another process")
    assert news(train, case_id) == ["by another process"]


@pytest.mark.parametrize("told", [True, False], ids=["told", "not told yet"])
def test_a_log_that_was_lost_hides_nothing_new(opening: Opening, team: Team, told: bool) -> None:
    """The backend is restored from a copy: what others write from then on has numbers that were seen before."""
    bo, desk, train = opening("bo", ""), opening("ada", "desk"), opening("ada", "train")
    case_id = opened(bo, team)
    with team.pool.connection() as connection:
        tables = [row[0] for row in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
        for table in tables:
            connection.execute(f"CREATE TABLE kept_{table} AS TABLE {table}".encode())
    says(bo, team, case_id, "lost with its author's disk")
    desk.link.round(greet=False)
    looks(desk, case_id)
    if told:
        desk.link.round(greet=False)
    bo.close()
    with team.pool.connection() as connection:
        for table in tables:
            connection.execute(f"DELETE FROM {table}".encode())
            connection.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM kept_{table}".encode())
    team.clock.step()
    cy = opening("cy", "")
    says(cy, team, case_id, "written since")
    for bench in (desk, desk, train):  # healed, sent again; heard of
        bench.link.round()
    assert "written since" in news(desk, case_id)
    assert "written since" in news(train, case_id)


def test_alone_nothing_is_queued(opening: Opening, tmp_path: Path) -> None:
    bench = Workbench.open(tmp_path / "alone", config=Config(tmp_path / "s", me=Me(name="ada"), exists=True))
    try:
        bench.do(ops.OpenCase(opens="0" * 26, title="A case"))
        looks(bench, "0" * 26)
        assert bench.store.meta("looked " + "0" * 26) is None
        assert bench.store.seen("0" * 26, bench.me) is not None
    finally:
        bench.close()
