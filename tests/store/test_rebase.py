"""What is not confirmed lies on top of what is, whatever arrives when: two copies and an authority between them."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from base_rows import base_rows

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.entities import ENTITIES, Case
from escaltui.domain.operations import (
    AddNote,
    EditCase,
    LinkCases,
    OpenCase,
    Operation,
    ReceiveReport,
    SetSeverity,
    Tag,
    Untag,
)
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.wire import Me, Pulled, Result, Stand, operation
from escaltui.store import Done, Store, Who, chain
from escaltui.store.columns import TABLE
from escaltui.store.connected import Connected
from escaltui.store.rebase import BadPage

NOW = 1_790_000_000_000
ROLES = ("specialist", "lead", "admin")
COLUMNS = ", ".join((*chain.COLUMNS, "digest", "hash", "salt", "body"))


class Office:
    """An authority and the copies that follow it. Each step is one second later."""

    def __init__(self, folder: Path, rules: RuleSet, copies: int = 2, seed: int = 1) -> None:
        self.rules, self.now, self.random = rules, NOW, random.Random(seed)
        self.authority = Store.open(folder / "authority")
        self.copies = [Store.open(folder / f"copy{n}") for n in range(copies)]
        for n, copy in enumerate(self.copies):
            copy.follow(Connected("https://desk.example", "global", Me(f"p{n}", roles=ROLES)))

    def close(self) -> None:
        for store in (self.authority, *self.copies):
            store.close()

    def step(self) -> int:
        self.now += 1000
        return self.now

    def new_id(self) -> str:
        return ids.operation_id(self.now, self.random.randbytes(10))

    def ask(self, n: int, op: Operation) -> Any:
        copy = self.copies[n]
        assert copy.remote is not None
        self.step()
        return copy.do(op, copy.remote.who, self.now, self.rules, op_id=self.new_id())

    def do(self, n: int, op: Operation) -> Done:
        done = self.ask(n, op)
        assert isinstance(done, Done), done
        return done

    def open(self, n: int, title: str = "A case") -> str:
        self.step()
        case_id = self.new_id()
        self.do(n, OpenCase(opens=case_id, title=title))
        return case_id

    def push(self, n: int, limit: int = 50) -> list[Result]:
        remote = self.copies[n].remote
        assert remote is not None
        results = []
        for stream in remote.streams():
            for each in remote.waiting(stream, limit):
                who = Who(f"p{n}", frozenset(ROLES), self.copies[n].device)
                op = operation(each.body.encode())
                found = self.authority.do(op, who, self.step(), self.rules, op_id=each.op_id)
                if isinstance(found, Refused):
                    results.append(Result(each.op_id, "refused", refused=found))
                else:
                    seqs: dict[str, tuple[int, int]] = {}
                    for change, seq in zip(found.changes, found.seqs, strict=True):
                        seqs[change.stream] = (seqs.get(change.stream, (seq, 0))[0], seq)
                    results.append(Result(each.op_id, "applied", seqs=seqs))
        remote.answered(results, self.now, self.rules)
        return results

    def page(self, stream: str, after: int, limit: int) -> list[Pulled]:
        sql = f"SELECT {COLUMNS} FROM change WHERE stream = ? AND seq > ? ORDER BY seq LIMIT ?"
        rows = self.authority.read(lambda connection: connection.execute(sql, (stream, after, limit)).fetchall())
        return [Pulled._make(row) for row in rows]

    def streams(self) -> list[str]:
        sql = "SELECT stream FROM stand ORDER BY stream"
        return self.authority.read(lambda connection: [row[0] for row in connection.execute(sql)])

    def pull(self, n: int, limit: int = 1000) -> int:
        remote = self.copies[n].remote
        assert remote is not None
        found = 0
        for stream in self.streams():
            changes = self.page(stream, remote.stands().get(stream, Stand()).seq, limit)
            remote.receive(stream, changes, self.now, self.rules)
            found += len(changes)
        return found

    def settle(self) -> None:
        for n in range(len(self.copies)):
            self.push(n)
        for n in range(len(self.copies)):
            while self.pull(n):
                pass

    def case(self, n: int, case_id: str) -> Case | None:
        return self.copies[n].case(case_id)

    def notes(self, n: int, case_id: str) -> list[str]:
        found = self.copies[n].bundle(case_id)
        return [note.body for note in found.notes] if found else []


@pytest.fixture
def office(tmp_path: Path, rules: RuleSet) -> Iterator[Office]:
    made = Office(tmp_path, rules)
    yield made
    made.close()


def rows(store: Store) -> dict[str, dict[str, Any]]:
    """All confirmed rows by table."""

    def read(connection: Any) -> dict[str, dict[str, Any]]:
        streams = [row[0] for row in connection.execute("SELECT stream FROM stand")]
        return {
            name: {
                key: value
                for stream in streams
                for key, value in base_rows(connection, TABLE.get(name, name), stream).items()
            }
            for name in ENTITIES
        }

    return store.read(read)


def found_by(store: Store) -> tuple[Any, ...]:
    """What lists and searches know: by case, so that numbers of rows do not count."""

    def read(connection: Any) -> tuple[Any, ...]:
        sets = connection.execute("SELECT case_id, field, value FROM case_set ORDER BY 1, 2, 3").fetchall()
        words = "SELECT c.id, f.words FROM cases c JOIN case_fts f ON f.rowid = c.n ORDER BY c.id"
        told = [(key, sorted(text.split())) for key, text in connection.execute(words)]
        alone = connection.execute("SELECT count(*) FROM case_fts WHERE rowid NOT IN (SELECT n FROM cases)").fetchone()
        return sets, told, alone[0]

    return store.read(read)


def test_what_one_does_reaches_the_other_once(office: Office) -> None:
    case_id = office.open(0, "Order of a court")
    office.do(0, AddNote(case=case_id, body="Called the registry."))
    assert office.notes(0, case_id) == ["Called the registry."]
    office.settle()
    assert office.notes(1, case_id) == ["Called the registry."]
    assert rows(office.copies[0]) == rows(office.copies[1]) == rows(office.authority)
    assert office.push(0) == []
    assert office.copies[0].outbox(state="queued") == []


def test_a_pending_note_stays_while_others_write(office: Office) -> None:
    case_id = office.open(0)
    office.settle()
    office.do(0, AddNote(case=case_id, body="mine"))
    for n in range(3):
        office.do(1, AddNote(case=case_id, body=f"theirs {n}"))
        office.do(1, Tag(case=case_id, tags=(f"t{n}",)))
        office.push(1)
        office.pull(0)
        assert "mine" in office.notes(0, case_id)
        assert f"theirs {n}" in office.notes(0, case_id)
    assert sorted(office.case(0, case_id).tags) == ["t0", "t1", "t2"]  # type: ignore[union-attr]
    office.settle()
    assert office.notes(1, case_id).count("mine") == 1


def test_a_pending_change_of_a_field_is_judged_again(office: Office) -> None:
    case_id = office.open(0)
    office.settle()
    was = office.case(0, case_id)
    assert was is not None
    office.do(0, EditCase(case=case_id, fields={"title": "Mine"}, base={"title": was.title}))
    office.do(1, EditCase(case=case_id, fields={"title": "Theirs"}, base={"title": was.title}))
    office.push(1)
    office.pull(0)
    case = office.case(0, case_id)
    assert case is not None
    assert case.title == "Theirs"
    (refused,) = office.push(0)
    assert refused.refused is not None
    assert refused.refused.code == "stale"
    (kept,) = office.copies[0].outbox(state="parked")
    assert "Mine" in kept.body
    assert rows(office.copies[0]) == rows(office.authority)


def test_a_refused_operation_goes_from_the_view_with_what_it_made(office: Office) -> None:
    case_id = office.open(0, "giraffe")
    office.do(0, AddNote(case=case_id, body="elephant"))
    remote = office.copies[0].remote
    assert remote is not None
    waiting = remote.waiting(remote.streams()[0], 10)
    why = Refused("not_allowed", "You may not.")
    remote.answered([Result(each.op_id, "refused", refused=why) for each in waiting], office.now, office.rules)
    assert office.case(0, case_id) is None
    assert found_by(office.copies[0]) == ([], [], 0)
    assert len(office.copies[0].outbox(state="parked")) == 2


def test_an_unsent_operation_is_recalled_a_sent_one_is_not(office: Office) -> None:
    case_id = office.open(0)
    office.settle()
    done = office.do(0, AddNote(case=case_id, body="not after all"))
    remote = office.copies[0].remote
    assert remote is not None
    other = office.do(0, AddNote(case=case_id, body="this one"))
    assert remote.recall(done.op_id, office.now, office.rules)
    assert office.notes(0, case_id) == ["this one"]
    remote.sending([other.op_id], office.now)
    assert not remote.recall(other.op_id, office.now, office.rules)
    assert office.notes(0, case_id) == ["this one"]


def test_a_page_with_a_hole_or_an_altered_word_counts_for_nothing(office: Office) -> None:
    case_id = office.open(0)
    for n in range(5):
        office.do(0, AddNote(case=case_id, body=f"note {n}"))
    office.push(0)
    (stream,) = office.streams()
    page = office.page(stream, 0, 100)
    remote = office.copies[1].remote
    assert remote is not None
    bad = [
        page[1:],
        [*page[:2], *page[3:]],
        [*page[:2], page[2]._replace(body=(page[2].body or "").replace("note", "nope")), *page[3:]],
        [*page[:2], page[2]._replace(actor="mallory"), *page[3:]],
        [page[0], page[0]],
    ]
    for each in bad:
        with pytest.raises(BadPage):
            remote.receive(stream, each, office.now, office.rules)
        assert remote.stands().get(stream, Stand()).seq == 0
        assert office.case(1, case_id) is None
    remote.receive(stream, page, office.now, office.rules)
    assert len(office.notes(1, case_id)) == 5


def test_blanked_changes_keep_the_chain_whole(office: Office) -> None:
    case_id = office.open(0)
    office.do(0, AddNote(case=case_id, body="secret"))
    office.push(0)
    (stream,) = office.streams()
    page = [
        each._replace(salt=None, body=None) if each.entity == "note" else each for each in office.page(stream, 0, 9)
    ]
    remote = office.copies[1].remote
    assert remote is not None
    remote.receive(stream, page, office.now, office.rules)
    assert office.notes(1, case_id) == []
    assert office.copies[1].verify().sound


def chosen(office: Office, roll: random.Random, cases: list[str], n: int) -> Operation | None:
    """Something that somebody might do."""
    if not cases or roll.random() < 0.15:
        return None
    case_id = roll.choice(cases)
    kind = roll.randrange(7)
    if kind == 0:
        return AddNote(case=case_id, body=f"note {roll.randrange(10_000)} of p{n}")
    if kind == 1:
        return Tag(case=case_id, tags=(f"t{roll.randrange(4)}",))
    if kind == 2:
        return Untag(case=case_id, tags=(f"t{roll.randrange(4)}",))
    if kind == 3:
        return SetSeverity(case=case_id, severity=roll.randrange(4), reason="it is")
    if kind == 4:
        seen = office.copies[n].case(case_id)
        title = f"title {roll.randrange(99)}"
        return EditCase(case=case_id, fields={"title": title}, base={"title": seen.title if seen else ""})
    if kind == 5:
        return LinkCases(case=case_id, target=roll.choice(cases))
    return ReceiveReport(body=f"report {roll.randrange(99)}", dedupe_key=f"d{roll.randrange(5)}")


@pytest.mark.parametrize("seed", range(12))
def test_copies_agree_whatever_happens_when(tmp_path: Path, rules: RuleSet, seed: int) -> None:
    office, roll = Office(tmp_path, rules, copies=3, seed=seed), random.Random(seed)
    cases: list[str] = []
    written: dict[str, str] = {}
    try:
        for _ in range(60):
            n = roll.randrange(3)
            match roll.randrange(6):
                case 0:
                    office.push(n, roll.randrange(1, 6))
                case 1:
                    office.pull(n, roll.randrange(1, 9))
                case _:
                    known = [each for each in cases if office.copies[n].case(each)]
                    op = chosen(office, roll, known, n)
                    if op is None:
                        cases.append(office.open(n, f"case {len(cases)}"))
                        continue
                    done = office.ask(n, op)
                    if isinstance(op, AddNote) and isinstance(done, Done):
                        written[done.changes[0].entity_id] = op.body
            for note, body in written.items():
                if any(copy.row("note", note) for copy in office.copies):
                    assert any(getattr(copy.row("note", note), "body", "") == body for copy in office.copies)
        for _ in range(4):
            office.settle()
        told = rows(office.authority)
        assert {key: told["note"][key]["body"] for key in written} == written
        for copy in office.copies:
            assert rows(copy) == told
            assert found_by(copy) == found_by(office.authority)
            assert copy.verify().sound
            assert copy.outbox(state="queued") == []
            waiting = "SELECT (SELECT count(*) FROM shadow) + (SELECT count(*) FROM pending_unit)"
            assert copy.read(lambda connection: connection.execute(waiting).fetchone()[0]) == 0  # noqa: B023
            assert copy.count(None) == len(told["case"])
    finally:
        office.close()


def test_many_pending_on_one_case_stay_in_order(office: Office) -> None:
    case_id = office.open(0)
    office.settle()
    told = [f"line {n}" for n in range(30)]
    for body in told:
        office.do(0, AddNote(case=case_id, body=body))
    for n in itertools.islice(itertools.count(), 3):
        office.do(1, Tag(case=case_id, tags=(f"x{n}",)))
        office.push(1)
        office.pull(0)
    assert office.notes(0, case_id) == told
    office.settle()
    assert office.notes(1, case_id) == told
