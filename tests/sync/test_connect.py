"""A store that was alone follows a server: its whole history arrives once, whatever is killed on the way."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from base_rows import base_rows
from links import token
from team import DESK, Team

from escaltui.config import Config
from escaltui.config_remote import Remote as Settings
from escaltui.domain import ids
from escaltui.domain.entities import ENTITIES
from escaltui.domain.operations import AddNote, Claim, NewSubject, OpenCase, ReceiveReport, Release, Tag, Undo, Wait
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.wire import Push, Sent, Stand
from escaltui.server import people
from escaltui.server.people import Caller
from escaltui.store import Done, Store, Who, backup, outbox
from escaltui.store.columns import TABLE
from escaltui.sync.connect import ConnectError, Connecting
from escaltui.workbench.seeding import open_demo

DAY = 86_400_000
ROLES = frozenset({"specialist", "lead", "approver", "counsel", "comms", "admin"})
HERE = Path(__file__).parent


def rows(store: Store) -> dict[str, dict[str, Any]]:
    """Every row of every kind, as the view has it."""

    def read(connection: Any) -> dict[str, dict[str, Any]]:
        return {
            f"{name} {row[0]}": json.loads(row[1])
            for name in ENTITIES
            for row in connection.execute(f"SELECT id, body FROM {TABLE.get(name, name)}")
        }

    return store.read(read)


class Alone:
    """A store with some days of work in it, by one person, two days before the team's clock."""

    def __init__(self, team: Team, folder: Path, rules: RuleSet) -> None:
        self.team, self.rules = team, rules
        self.store = Store.open(folder)
        self.now = team.clock.now - 2 * DAY
        self.who = Who("me", ROLES, self.store.device)

    def do(self, op: Any, op_id: str = "", who: Who | None = None) -> Done:
        self.now += 1000
        op_id = op_id or ids.operation_id(self.now, self.team.random.randbytes(10))
        done = self.store.do(op, who or self.who, self.now, self.rules, op_id=op_id)
        assert isinstance(done, Done), done
        return done

    def case(self, n: int) -> str:
        report = self.do(ReceiveReport(requester_name="Police", requester_kind="law_enforcement", body="Remove this."))
        op_id = ids.operation_id(self.now + 1000, self.team.random.randbytes(10))
        item = NewSubject(platform="p", item_id=str(n % 3), url="https://p.example/1")
        opens = ids.entity_id(op_id, 0)
        self.do(
            OpenCase(report=ids.entity_id(report.op_id, 0), opens=opens, title=f"Case {n}", subjects=(item,)), op_id
        )
        return opens

    def work(self, count: int) -> list[str]:
        """Cases with notes, tags, claims that ran out, something taken back, something done under a name."""
        cases = [self.case(n) for n in range(count)]
        for n, case_id in enumerate(cases):
            self.do(AddNote(case=case_id, body=f"note {n}"))
            done = self.do(Tag(case=case_id, tags=("a", f"t{n}")))
            if n % 4 == 0:
                self.do(Undo(operation=done.op_id))
            if n % 3 == 0:
                self.do(Claim(case=case_id), op_id=f"op:script-{n}")
                self.do(Wait(case=case_id, on="requester", until=self.now + 3_600_000))
        self.now += DAY
        system = Who("system", frozenset({"system"}), self.store.device)
        self.store.due(self.now, self.rules, system)
        for case_id in cases[::3]:  # possible only since time itself woke them
            self.do(Claim(case=case_id))
            self.do(Release(case=case_id))
        return cases

    def connect(self, url: str, tok: str) -> Any:
        made = Connecting(self.store, Settings(token="memory"), self.rules, self.team.clock)
        return made.run(url, "global", tok)


@pytest.fixture
def alone(team: Team, tmp_path: Path, rules: RuleSet) -> Iterator[Alone]:
    made = Alone(team, tmp_path / "alone", rules)
    yield made
    made.store.close()


@pytest.fixture
def tok(team: Team) -> str:
    with team.pool.connection() as connection:
        people.grant(connection, "ada", DESK, ROLES, "system", 0)
        people.grant(connection, "ada", "org", frozenset({"admin"}), "system", 0)
    return token(team, "ada")


def same_as_the_server(team: Team, store: Store) -> None:
    """The confirmed rows are the server's, byte for byte; nothing waits, and the log is sound."""
    for name in ENTITIES:
        table = TABLE.get(name, name)
        theirs = {
            row[0]: json.loads(row[1]) for row in team.rows(f"SELECT id, body FROM {table} WHERE stream = %s", DESK)
        }
        assert store.read(lambda c, table=table: base_rows(c, table, DESK)) == theirs, name
    assert store.read(outbox.counts)[0] == 0
    assert store.verify().sound


def test_the_whole_history_arrives(alone: Alone, team: Team, url: str, tok: str) -> None:
    cases = alone.work(12)
    before = rows(alone.store)
    done = alone.connect(url, tok)
    assert done.trouble == ""
    assert [(each.type, each.result) for each in alone.store.read(outbox.parked)] == []
    same_as_the_server(team, alone.store)
    after = rows(alone.store)
    assert after.keys() == before.keys()
    told = {key: (row.get("status"), row.get("tags"), row.get("ref"), row.get("body")) for key, row in after.items()}
    assert told == {
        key: (row.get("status"), row.get("tags"), row.get("ref"), row.get("body")) for key, row in before.items()
    }
    assert {row["created_by"] for row in after.values()} == {"ada"}
    made = team.rows("SELECT made_at, at, actor, body FROM change WHERE entity = 'case' AND action = 'created'")
    assert len(made) == len(cases)
    assert all(at - made_at > DAY and actor == "ada" and '"imported"' in body for made_at, at, actor, body in made)
    assert (alone.store.folder / "backups" / done.copy).exists()
    copy = Store.open(_as_store(alone.store.folder, done.copy))
    assert rows(copy) == before
    copy.close()


def _as_store(folder: Path, copy: str) -> Path:
    place = folder.parent / "restored"
    place.mkdir()
    (place / "store.db").write_bytes((folder / "backups" / copy).read_bytes())
    return place


def test_the_view_stays_while_nothing_has_arrived(alone: Alone, team: Team, tok: str, rules: RuleSet) -> None:
    """The moment after the adoption, before any reply: each row, list and search is what it was."""
    from escaltui.domain.wire import Me
    from escaltui.store.connected import Connected

    alone.work(9)
    before = rows(alone.store)
    lists = alone.store.page(None, "queue")
    alone.store.adopt(Connected("http://127.0.0.1:1", "global", Me("ada", roles=tuple(ROLES), desks=("global",))))
    assert rows(alone.store) == before
    assert alone.store.page(None, "queue") == lists
    assert alone.store.verify().changes == 0
    assert alone.store.read(lambda c: c.execute("SELECT count(*) FROM stand").fetchone()) == (0,)


STEPS = ["copy-", "copy+", "noted", "adopt-", "adopt+", "http4-", "http5+", "http6+"]


@pytest.mark.parametrize("step", STEPS)
def test_killed_anywhere_it_is_finished_by_the_next(
    alone: Alone, team: Team, url: str, tok: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone.work(6)
    before = rows(alone.store)
    folder = alone.store.folder
    alone.store.close()

    def run(at: str) -> int:
        arguments = [str(folder), url, tok, str(team.clock.now), at]
        done = subprocess.run(
            [sys.executable, str(HERE / "connecting.py"), *arguments], capture_output=True, text=True, timeout=120
        )
        assert done.returncode in (0, 9), done.stderr
        return done.returncode

    assert run(step) == 9, "it was not killed"
    alone.store = Store.open(folder)
    assert rows(alone.store).keys() == before.keys(), "something went from sight"
    alone.store.close()
    assert run("") == 0
    assert run("") == 0
    alone.store = Store.open(folder)
    assert rows(alone.store).keys() == before.keys()
    assert [(each.type, each.result) for each in alone.store.read(outbox.parked)] == []
    same_as_the_server(team, alone.store)
    assert team.rows("SELECT count(DISTINCT id), count(*) FROM note") == [(6, 6)]
    assert len(list((folder / "backups").glob(backup._PATTERN))) <= 2


def test_what_is_refused_is_told_and_the_rest_arrives(alone: Alone, team: Team, url: str, tok: str) -> None:
    cases = alone.work(6)
    alone.do(AddNote(case=cases[0], body="x" * 100))
    alone.store.write(
        lambda c: c.execute("UPDATE outbox SET body = replace(body, 'xxxxxxxxxx', '') WHERE type = 'AddNote'")
    )  # an empty note, as an older version may have let through
    done = alone.connect(url, tok)
    assert done.trouble == ""
    (kept,) = alone.store.read(outbox.parked)
    assert kept.type == "AddNote"
    same_as_the_server(team, alone.store)


def past(team: Team, op: Any, device: str, person: str = "eve", at: int = -DAY, imported: bool = True) -> Any:
    """One operation pushed as done long ago."""
    sent = Sent(team.new_id(), msgspec.Raw(msgspec.json.encode(op)), team.clock.now + at, (), imported)
    caller = Caller(person, device, frozenset({"push", "pull"}))
    (stand,) = team.rows("SELECT seq, hash FROM head WHERE stream = %s", DESK) or [(0, "0" * 64)]
    (result,) = team.desk.push(caller, DESK, Push(Stand(*stand), (sent,)))
    return result


def test_nobody_back_dates_a_case_of_the_team(alone: Alone, team: Team, url: str, tok: str) -> None:
    ada = team.member("ada", ROLES)
    theirs = ada.open("The team's")
    ada.push()
    (mine,) = alone.work(1)
    assert alone.connect(url, tok).trouble == ""
    device = alone.store.device
    for case_id in (theirs, mine):
        for person, from_ in (("ada", "another device"), ("eve", device)):
            with team.pool.connection() as connection:
                people.grant(connection, person, DESK, ROLES, "system", 0)
            refused = past(team, AddNote(case=case_id, body="I had said so"), from_, person)
            assert refused.status == "refused", (case_id, person)
            assert refused.refused.code == "not_allowed"
    assert past(team, AddNote(case=theirs, body="I had said so"), device, "ada").status == "refused"
    assert past(team, AddNote(case=mine, body="I had said so"), device, "ada").status == "applied"  # the control
    assert past(team, AddNote(case=theirs, body="now"), device, "ada", imported=False).status == "applied"
    ahead = past(team, AddNote(case=mine, body="from the future"), device, "ada", at=DAY)
    assert ahead.status == "applied"
    (row,) = team.rows("SELECT body FROM note WHERE body LIKE '%%from the future%%'")
    assert json.loads(row[0])["created_at"] <= team.clock.now


@pytest.mark.parametrize(
    ("desk", "how", "words"),
    [
        ("global", "token", "does not know this token"),
        ("night", "", "has no desk 'night'"),
        ("global", "http://desk.example", "is not safe"),
        ("global", "protocol", "speaks protocol 9"),
        ("global", "encrypted", "asks for an encrypted store"),
        ("global", "none", "Give a token"),
        ("global", "desks", "are at the desks germany"),
        ("global", "keyring", "cannot be kept"),
    ],
)
def test_what_does_not_fit_changes_nothing(
    alone: Alone, team: Team, url: str, tok: str, desk: str, how: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from escaltui.domain.wire import About
    from escaltui.sync.net import Server

    (case_id,) = alone.work(1)
    if how == "desks":
        alone.store.write(lambda c: c.execute("UPDATE cases SET stream = 'desk:germany' WHERE id = ?", (case_id,)))
    if how == "protocol":
        monkeypatch.setattr(Server, "about", lambda self: About(protocols=(9,)))
    if how == "encrypted":
        monkeypatch.setattr(Server, "about", lambda self: About(require_encrypted_store=True))
    if how == "keyring":
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        import keyring

        monkeypatch.setattr(keyring, "get_keyring", lambda: __import__("keyring.backends.fail").backends.fail.Keyring())
    before = {file: file.stat().st_mtime_ns for file in alone.store.folder.rglob("backups/*")}
    tok = {"token": "esct_nobody", "none": ""}.get(how, tok)
    made = Connecting(alone.store, Settings(token="" if how == "keyring" else "memory"), alone.rules, team.clock)
    with pytest.raises(ConnectError, match=words):
        made.run(how if how.startswith("http:") else url, desk, tok)
    assert alone.store.remote is None
    assert Store.open(alone.store.folder).remote is None
    assert {file: file.stat().st_mtime_ns for file in alone.store.folder.rglob("backups/*")} == before
    assert team.rows("SELECT count(*) FROM change") == [(0,)]


def test_another_server_is_not_taken_for_the_first(alone: Alone, url: str, tok: str) -> None:
    alone.work(1)
    alone.connect(url, tok)
    with pytest.raises(ConnectError, match="follows"):
        alone.connect(url.replace("127.0.0.1", "localhost"), tok)


def test_the_demo_desk_connects(team: Team, url: str, tok: str, tmp_path: Path, rules: RuleSet) -> None:
    bench = open_demo(tmp_path / "demo", Config(tmp_path), clock=team.clock, cases=40)
    try:
        before = rows(bench.store)
        made = Connecting(bench.store, Settings(token="memory"), rules, team.clock)
        done = made.run(url, "global", tok)
        assert done.sent > 200
        waiting, parked = bench.store.read(outbox.counts)
        assert waiting == 0
        reasons = [
            json.loads(each.result).get("refused", {}).get("reason", "") for each in bench.store.read(outbox.parked)
        ]
        assert parked <= 10, reasons  # decisions that cite policies, which this server has none of
        same_as_the_server(team, bench.store)
        assert {key for key in before if key.startswith("note ")} == {
            key for key in rows(bench.store) if key.startswith("note ")
        }
    finally:
        bench.close()


def test_a_backlog_is_not_quadratic(team: Team, url: str, tok: str, tmp_path: Path, rules: RuleSet) -> None:
    """Four times as much takes about four times as long, though all of it names the same requester."""

    def seconds(count: int) -> float:
        made = Alone(team, tmp_path / f"of {count}", rules)
        for n in range(count):
            made.do(AddNote(case=made.case(n), body=f"note {n}"))
        began = time.process_time()
        assert made.connect(url, tok).trouble == ""
        spent = time.process_time() - began
        assert made.store.read(outbox.counts) == (0, 0)
        made.store.close()
        return spent

    seconds(20)
    one, four = seconds(100), seconds(400)
    assert four < 4 * one * 1.8
