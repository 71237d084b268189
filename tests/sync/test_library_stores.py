"""The library of stores that follow: by pages, by rows, after a kill, in whatever order it was published."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import ADS, LEAD, ONE, SPECIALIST, TWO, WALL, hashes, write
from team import DESK, Member, Team

from escaltui.domain.operations import PublishPolicyVersion
from escaltui.domain.wire import Pull, Push, Row, Sent, Snapshot, Stand
from escaltui.policy.sources import read_sources
from escaltui.server import people
from escaltui.store import Store, library, policies
from escaltui.store.fill import Fills, Part


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write(tmp_path / "policies", hate_2025_01_01=ONE, hate_2025_03_01=TWO, ads_2025_02_01=ADS)


def published(team: Team, member: Member, folder: Path) -> list[PublishPolicyVersion]:
    """Push what a folder brings, as an import does; the operations."""
    sources, made = read_sources(folder), []
    for source in sources.documents:
        plan = member.store.read(lambda c, source=source: policies.plan(c, source, sources))
        for _step, op in plan.steps:
            stand = member.remote.stands().get("library", Stand())
            sent = Sent(team.new_id(), msgspec.Raw(msgspec.json.encode(op)), team.clock.step())
            (result,) = team.desk.push(member.caller, "library", Push(stand, (sent,)))
            assert result.status == "applied", result
            member.pull()
            made.append(op)
    return made


def test_a_store_that_is_filled_with_rows_has_the_same_library(team: Team, folder: Path, tmp_path: Path) -> None:
    ada = team.member("ada")
    write(folder, ads_2025_04_01=WALL)
    published(team, ada, folder)
    bo = team.member("bo")
    rows = [Row("library_entry", row[0], msgspec.Raw(row[1].encode()))
            for row in team.rows("SELECT id, body FROM library_entry ORDER BY id")]  # fmt: skip
    fills = Fills(bo.store, bo.remote.who, team.clock.now, team.rules)
    (seq, head) = team.rows("SELECT seq, hash FROM head WHERE stream = 'library'")[0]
    fills.begin(Snapshot("library", Stand(seq, head)))
    fills.take("library", [Part(rows[:2], "library_entry:x", False), Part(rows[2:], "", True)])
    fills.finish("library")
    bo.pull()
    assert hashes(bo.store) == hashes(ada.store)


def test_a_store_that_is_killed_in_between_goes_on(team: Team, folder: Path, tmp_path: Path) -> None:
    """After each transaction of a pull, the folder as a killed process leaves it."""
    ada, bo = team.member("ada"), team.member("bo")
    published(team, ada, folder)
    (page,) = [each for each in team.desk.pull(bo.caller, asked("library")) if each.changes]
    for n in range(len(page.changes) + 1):
        bo.remote.receive("library", page.changes[n : n + 1], team.clock.now, team.rules)
        left = tmp_path / f"killed-{n}"
        shutil.copytree(bo.store.folder, left, ignore=shutil.ignore_patterns("lock", "reserve*"))
        store = Store.open(left)
        assert store.remote is not None
        store.remote.receive("library", page.changes[n + 1 :], team.clock.now, team.rules)
        assert hashes(store) == hashes(ada.store), n
        store.close()


def asked(stream: str) -> Any:
    return Pull({stream: Stand()})


def test_a_pull_takes_each_version_in_by_itself(team: Team, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    published(team, ada, folder)
    parts, write_ = [], bo.store.write
    monkeypatch.setattr(bo.store, "write", lambda job, durable=True: parts.append(1) or write_(job, durable))
    bo.pull()
    assert len(parts) >= 3


def test_words_that_are_not_those_of_their_hash_are_left_out(team: Team, folder: Path) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    sources = read_sources(folder)
    op = ada.store.read(lambda c: policies.plan(c, sources.documents[1], sources)).steps[0][1]
    forged = msgspec.structs.replace(op, texts=dict.fromkeys(op.texts, "Anything goes."))
    sent = Sent(team.new_id(), msgspec.Raw(msgspec.json.encode(forged)), 0)
    (result,) = team.desk.push(ada.caller, "library", Push(Stand(), (sent,)))
    assert result.status == "applied"
    bo.pull()
    assert bo.store.read(lambda c: c.execute("SELECT count(*) FROM policy_text").fetchone()) == (0,)
    assert [each.version for each in bo.store.read(lambda c: policies.versions_of(c, op.document))] == [op.version]


PARTS = ("Be fair.", "Be kind to each other.", "Remove spam.", "Remove slurs that attack a group of people here.", "")
TEXTS = st.lists(st.sampled_from(PARTS), min_size=1, max_size=5)


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sequence=st.lists(st.tuples(st.sampled_from(("a", "b")), st.integers(1, 28), TEXTS), min_size=1, max_size=7))
def test_whatever_is_published_everybody_has_it_alike(
    team: Team, tmp_path_factory: pytest.TempPathFactory, sequence: list[tuple[str, int, list[str]]]
) -> None:
    """In whatever order versions come, by whoever: the author, who pulls, and who makes it anew have the same."""
    base = tmp_path_factory.mktemp("any")
    ada, bo = (Member(team, base / name, name) for name in ("ada", "bo"))
    with team.pool.connection() as connection:
        for name in ("ada", "bo"):
            people.grant(connection, name, DESK, LEAD, "system", 0)
        for table in ("library_entry", "policy_section", "change", "head"):
            connection.execute(f"DELETE FROM {table}".encode())
    for n, (document, day, parts) in enumerate(sequence):
        text = f"# Rules {document}\n\n" + "\n\n".join(f"## Part {p}\n\n{part}" for p, part in enumerate(parts))
        (base / str(n) / document).mkdir(parents=True)
        (base / str(n) / document / f"2025-01-{day:02}.md").write_text(text, "utf-8")
        published(team, (ada, bo)[n % 2], base / str(n))
        (bo, ada)[n % 2].pull()
    here = hashes(ada.store)
    assert hashes(bo.store) == here
    ada.store.write(anew)
    assert hashes(ada.store) == here
    ada.store.close()
    bo.store.close()


def anew(connection: Any) -> None:
    """Forget what the tables were made of: they are made from the beginning."""
    connection.execute("UPDATE meta SET value = '1 x' WHERE key LIKE 'policy.told/%'")
    library.shelve(connection, [row[0] for row in connection.execute("SELECT DISTINCT key FROM library_entry")])
    library.index(connection)


@pytest.mark.real_data
def test_real_documents_are_the_same_on_both_sides(team: Team, real_data: Path) -> None:
    ada, bo = team.member("ada"), team.member("bo", SPECIALIST)
    assert len(published(team, ada, real_data / "policies")) == 77
    assert len(list(iter(bo.pull, 0))) >= 4, "a page has a few versions"
    assert hashes(bo.store) == hashes(ada.store)
    assert bo.store.read(lambda c: c.execute("SELECT count(*) FROM policy_version").fetchone()) == (77,)
