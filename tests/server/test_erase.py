"""What is erased is gone from the tables and from every copy, the log of both verifies, and nobody else may do it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import psycopg
import pytest
from base_rows import base_rows
from live import Network, Wire, serving
from psycopg import errors
from psycopg.conninfo import make_conninfo
from team import DESK, Member, Team

from escaltui import cli, rules_loader
from escaltui.domain.operations import AddNote, EditCase, ReceiveReport, SetSensitivity
from escaltui.domain.wire import Pull, Stand
from escaltui.server import audit, erase, schema
from escaltui.server.erase import Erased
from escaltui.server.faults import ServeError
from escaltui.server.private import PrivatePostgres
from escaltui.server.tables import ERASER, ROLE
from escaltui.store import log
from escaltui.store.erase import MARK, OWN, WORDS

WHY = "A court ordered it: file 17 of 2026."
TITLE, NOTE, MORE, REPORT, NAME = (f"canary-{each}-of-words" for each in ("title", "note", "more", "report", "name"))
CANARIES = (TITLE, NOTE, MORE, REPORT, NAME)
STAYS = "another-note-that-stays"


def written(ada: Member) -> str:
    """A case with words everywhere, changed and corrected."""
    case_id = ada.open(TITLE, summary=MORE)
    ada.do(AddNote(case=case_id, body=NOTE))
    ada.do(EditCase(case=case_id, base={"title": TITLE}, fields={"title": f"{TITLE} again"}))
    ada.do(AddNote(case=case_id, body=STAYS))
    return case_id


def reported(ada: Member, body: str = REPORT) -> str:
    done = ada.do(ReceiveReport(body=body, requester_name=NAME))
    (report,) = [each.entity_id for each in done.changes if each.entity == "report"]
    return ada.open("About a report", report=report)


def in_tables(dsn: str, words: tuple[str, ...]) -> dict[str, list[str]]:
    """The tables that hold some words, whatever the column."""
    found: dict[str, list[str]] = {}
    with psycopg.connect(dsn) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (name,) in names:
            told = str(connection.execute(f"SELECT t::text FROM {name} t".encode()).fetchall())
            for word in words:
                if word in told:
                    found.setdefault(word, []).append(name)
    return found


def in_files(member: Member, words: tuple[str, ...]) -> dict[str, list[str]]:
    """The files of a store that hold some words: the file itself, its log, its backups."""
    found: dict[str, list[str]] = {}
    for file in member.store.folder.rglob("*"):
        held = file.read_bytes() if file.is_file() else b""
        for word in words:
            if word.encode() in held:
                found.setdefault(word, []).append(file.name)
    return found


def seq_of(team: Team, word: str) -> int:
    (row,) = team.rows("SELECT min(seq) FROM change WHERE stream = %s AND body LIKE %s", DESK, f"%{word}%")
    return int(row[0])


def run(team: Team, dsn: str, **what: Any) -> Erased:
    team.clock.step()
    return erase.run(dsn, team.rules, WHY, **what)


def sound(team: Team, dsn: str, *members: Member) -> list[int]:
    """The logs of both sides verify; how many changes are blank on each."""
    with psycopg.connect(dsn) as connection:
        reports = [audit.verify(connection)]
    reports += [each.store.verify() for each in members]
    assert [each.reason for each in reports] == [""] * len(reports)
    return [each.blank for each in reports]


def alike(*members: Member) -> None:
    tables = ("cases", "note", "report", "requester")
    seen = [[each.store.read(lambda c, t=table: base_rows(c, t, DESK)) for table in tables] for each in members]
    assert all(each == seen[0] for each in seen)


def test_some_changes_go_and_what_repeats_them(team: Team, database: str) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    case_id = written(ada)
    team.settle()
    bo.store.backup()
    ada.store.write(lambda c: c.execute("INSERT INTO draft VALUES (?, ?, 1, ?)", ("one", case_id, f"on {NOTE}")))
    assert {"change", "note", "cases"} <= {name for each in in_tables(database, CANARIES).values() for name in each}
    assert all(set(in_files(each, CANARIES)) == {TITLE, NOTE, MORE} for each in (ada, bo))  # the control
    found = run(team, database, stream=DESK, seqs=(seq_of(team, NOTE), seq_of(team, TITLE)))
    assert (found.rows, len(found.seqs[DESK])) == (2, 3)  # the note, the case as opened; the edit repeats its title
    team.settle()
    late = team.member("late")
    while late.pull():
        pass
    for each in (ada, bo, late):
        assert in_files(each, (NOTE, MORE)) == {}, each.person
    assert in_tables(database, (NOTE, MORE)) == {}
    assert ada.notes(case_id) == [MARK, STAYS]
    assert ada.store.count(None) == 1
    assert ada.store.read(lambda c: c.execute("SELECT count(*) FROM draft").fetchone()) == (0,)
    assert sound(team, database, ada, bo, late) == [3, 3, 3, 3]
    alike(ada, bo)


def test_a_case_goes_whole_and_its_operations_with_it(team: Team, database: str) -> None:
    ada, bo = team.member("ada"), team.member("bo")
    reported(ada)
    case_id = written(ada)
    team.settle()
    refs = dict(team.rows("SELECT case_id, ref FROM reference"))
    for each in refs.values():
        run(team, database, case=each)
    team.settle()
    assert in_tables(database, (*CANARIES, STAYS)) == {}
    for member in (ada, bo):
        assert in_files(member, (*CANARIES, STAYS)) == {}, member.person
    assert bo.notes(case_id) == [MARK, MARK]
    blank = sound(team, database, ada, bo)
    assert len(set(blank)) == 1
    assert blank[0] > 5
    assert ada.store.bundle(case_id).case.ref == refs[case_id]  # type: ignore[union-attr]
    alike(ada, bo)
    auditor = team.rows("SELECT verb, body FROM change WHERE stream = 'org:audit' AND verb = 'Erase'")
    assert len(auditor) == len(refs)
    assert all(WHY in body and DESK in body for _, body in auditor)


def test_what_waits_on_top_of_erased_words_lets_them_go(team: Team, database: str) -> None:
    """An edit that was never sent saw the words; one that was refused quoted them."""
    ada, bo = team.member("ada"), team.member("bo")
    case_id = written(ada)
    team.settle()
    bo.do(EditCase(case=case_id, base={"summary": MORE}, fields={"summary": "mine"}))
    assert MORE in str(bo.store.read(lambda c: c.execute("SELECT body FROM outbox").fetchall()))  # the control
    ref = team.rows("SELECT ref FROM reference")[0][0]
    run(team, database, case=ref)
    while bo.pull():
        pass
    assert in_files(bo, CANARIES) == {}
    assert bo.store.bundle(case_id).case.summary == "mine"  # type: ignore[union-attr]
    team.settle()
    assert [each.status for each in bo.push()] == []
    assert ada.store.bundle(case_id).case.summary == "mine"  # type: ignore[union-attr]
    sound(team, database, ada, bo)


def test_a_refusal_and_a_conflict_that_quote_the_words_let_them_go(team: Team, database: str) -> None:
    """The answer to an edit that came too late tells what stands now: the ledger and its author keep that answer."""
    ada, bo = team.member("ada"), team.member("bo")
    case_id = ada.open("A case", summary="as it was")
    team.settle()
    ada.do(EditCase(case=case_id, base={"summary": "as it was"}, fields={"summary": MORE}))
    bo.do(EditCase(case=case_id, base={"summary": "as it was"}, fields={"summary": "of my own"}))
    team.settle()
    assert "ledger" in in_tables(database, (MORE,))[MORE]  # the control
    assert MORE in str(bo.store.read(lambda c: c.execute("SELECT result FROM outbox").fetchall()))
    found = run(team, database, stream=DESK, seqs=(seq_of(team, MORE),))
    if "note" in in_tables(database, (MORE,)).get(MORE, ()):  # the note of the conflict quotes it
        assert found.repeats
        run(team, database, stream=DESK, seqs=[seq for _, seq in found.repeats])
    team.settle()
    assert in_tables(database, (MORE,)) == {}
    assert in_files(ada, (MORE,)) == in_files(bo, (MORE,)) == {}
    assert "of my own" in str(bo.store.read(lambda c: c.execute("SELECT body FROM outbox").fetchall()))


def test_what_a_shared_row_says_stays(team: Team, database: str) -> None:
    ada = team.member("ada")
    reported(ada)
    ada.push()
    reported(ada, "Another matter")
    ada.push()
    ref = team.rows("SELECT ref FROM reference ORDER BY case_id")[0][0]
    found = run(team, database, case=ref)
    assert found.kept == 1  # the requester, whom the other case names
    assert set(in_tables(database, CANARIES)) == {NAME}
    assert "change" in in_tables(database, (NAME,))[NAME]


def test_only_the_role_of_erasures_may(team: Team, database: str) -> None:
    ada = team.member("ada")
    written(ada)
    ada.push()
    blank = "UPDATE change SET body = NULL, salt = NULL"
    with psycopg.connect(database) as connection:
        for role, allowed in ((ROLE, False), (ERASER, True)):
            with connection.transaction(force_rollback=True):
                connection.execute(f"SET LOCAL ROLE {role}".encode())
                connection.execute("SELECT set_config('escaltui.streams', '*', true)")
                if allowed:
                    assert connection.execute(blank.encode()).rowcount
                else:
                    with pytest.raises(errors.InsufficientPrivilege):
                        connection.execute(blank.encode())
        for statement in (
            "UPDATE change SET hash = ''",
            "DELETE FROM change",
            "SELECT * FROM token",
            "DELETE FROM note",
        ):
            with connection.transaction(force_rollback=True):
                connection.execute(f"SET LOCAL ROLE {ERASER}".encode())
                with pytest.raises(errors.InsufficientPrivilege):
                    connection.execute(statement.encode())


def test_an_account_that_is_no_superuser_serves_and_erases_only_where_it_may(
    own_postgres: PrivatePostgres, tmp_path: Path
) -> None:
    """As in a team's own PostgreSQL: the role that requests work as is the account's, that of erasures is not."""
    dsn = own_postgres.start()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE plain LOGIN CREATEROLE")
        connection.execute("ALTER DATABASE escaltui OWNER TO plain")
    plain = make_conninfo(dsn, user="plain")
    schema.upgrade(plain)
    team = Team(plain, tmp_path, rules_loader.load())
    try:
        ada = team.member("ada")
        written(ada)
        team.settle()
        assert ada.remote.count() == 0
        with pytest.raises(ServeError, match=f"GRANT {ERASER}"):
            run(team, plain, stream=DESK, seqs=(1,))
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(f"GRANT {ERASER} TO plain".encode())
        assert run(team, plain, stream=DESK, seqs=(1,)).rows == 1
    finally:
        team.close()


def test_what_cannot_be_erased_is_told_and_nothing_is_done(team: Team, database: str) -> None:
    ada = team.member("ada")
    written(ada)
    ada.push()
    before = team.rows("SELECT stream, seq, hash FROM head ORDER BY 1")
    for what, said in (({"stream": DESK, "seqs": (1, 999)}, "no change 999"), ({"case": "X-1"}, "no case X-1")):
        with pytest.raises(ServeError, match=said):
            run(team, database, **what)
    with pytest.raises(ServeError, match="at least 20"):
        erase.run(database, team.rules, "because", stream=DESK, seqs=(1,))
    assert team.rows("SELECT stream, seq, hash FROM head ORDER BY 1") == before


def test_a_copy_that_does_not_take_it_in_is_caught(team: Team, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: without the part that blanks, the scan of the files finds the words."""
    ada, bo = team.member("ada"), team.member("bo")
    written(ada)
    team.settle()
    run(team, database, stream=DESK, seqs=(seq_of(team, NOTE),))
    monkeypatch.setattr("escaltui.store.erase.after", lambda *_: False)
    bo.pull()
    assert NOTE in in_files(bo, (NOTE,))
    assert bo.store.verify().blank == 0
    monkeypatch.undo()
    ada.pull()
    assert in_files(ada, (NOTE,)) == {}
    assert log.Content().erased == ()


def test_a_copy_that_fills_anew_lets_its_old_operations_go(team: Team, database: str) -> None:
    """What it sent itself lies in its outbox: a log that comes whole says again what is blank."""
    ada = team.member("ada")
    case_id = written(ada)
    team.settle()
    run(team, database, case=team.rows("SELECT ref FROM reference")[0][0])
    (page,) = team.desk.pull(ada.caller, Pull({DESK: Stand()}))
    assert NOTE in str(ada.store.read(lambda c: c.execute("SELECT body FROM outbox").fetchall()))  # the control
    ada.remote.replace(DESK, page.changes, (), team.clock.now, team.rules)
    ada.store.settle()
    assert in_files(ada, CANARIES) == {}
    assert ada.remote.lacking() == [case_id]  # the log alone does not make its rows any more: it is fetched


def test_whoever_comes_later_has_the_rows_without_the_words(team: Team, database: str) -> None:
    """Over HTTP: the log alone does not make a row whose beginning is blank, so its case is fetched."""
    ada = team.member("ada")
    case_id = written(ada)
    team.settle()
    run(team, database, case=team.rows("SELECT ref FROM reference")[0][0])
    with serving(team, database) as url:
        both = [Wire(each, url, Network(random.Random(1))) for each in (ada, team.member("late"))]
        for each in both:
            each.round()
            each.round()
        late = both[1].member
        assert late.notes(case_id) == [MARK, MARK]
        assert late.store.bundle(case_id).case.title == MARK  # type: ignore[union-attr]
        assert in_files(late, CANARIES) == {}
        alike(ada, late)
        sound(team, database, ada, late)
        for each in both:
            each.close()


def test_a_case_that_moved_to_other_readers_goes_in_every_stream(team: Team, database: str) -> None:
    ada, bo = team.member("ada"), team.member("bo", roles=("specialist",))
    reported(ada)
    case_id = written(ada)
    team.settle()
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted", reason="Names of children"))
    team.settle()
    assert bo.store.bundle(case_id) is None
    (ref,) = team.rows("SELECT ref FROM reference WHERE case_id = %s", case_id)[0]
    found = run(team, database, case=ref)
    assert set(found.seqs) == {DESK, f"case:{case_id}"}
    assert all(found.seqs.values())
    team.settle()
    assert in_tables(database, (TITLE, NOTE, MORE, STAYS)) == {}
    for each in (ada, bo):
        assert in_files(each, (TITLE, NOTE, MORE, STAYS)) == {}, each.person
    assert ada.notes(case_id) == [MARK, MARK]
    assert bo.store.bundle(case_id) is None
    assert in_tables(database, (REPORT,))  # the control: another case keeps what it has
    sound(team, database, ada, bo)


def test_by_commands(
    team: Team, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "config"))

    def serve(*words: str) -> tuple[int, dict[str, Any], str]:
        code = cli.main(["serve", *words, "--db", database, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out or "{}"), said.err

    ada = team.member("ada")
    written(ada)
    ada.push()
    seq = str(seq_of(team, NOTE))
    code, told, _ = serve("erase", DESK, seq, "--reason", WHY)
    assert (code, told["erased"], told["rows"]) == (0, {DESK: seq}, 1)
    assert serve("audit", "verify")[1]["erased"] == 1
    ref = team.rows("SELECT ref FROM reference")[0][0]
    assert serve("erase", "--case", ref, "--reason", WHY)[0] == 0
    assert in_tables(database, CANARIES) == {}
    for words in (("erase",), ("erase", DESK), ("erase", DESK, "1", "--case", ref)):
        assert serve(*words, "--reason", WHY)[0] == 2, words
    code, _, said = serve("erase", "--case", ref, "--reason", "because")
    assert (code, "at least 20" in said) == (1, True)


def test_every_text_of_a_row_is_thought_of() -> None:
    """Names that hold words somewhere are no ids elsewhere, but where that is said (OWN)."""
    assert not WORDS & {name for names in OWN.values() for name in names}
    assert not WORDS & {"id", "stream", "case", "status", "state", "kind", "type", "ref", "sha256", "dedupe_key"}
