"""`serve audit`: what auditors read, proven first, by a database role that may read that and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from psycopg import errors
from psycopg.conninfo import make_conninfo
from team import Team

from escaltui import cli, rules_loader
from escaltui.domain.operations import BreakGlass, RecordExport, SetSensitivity
from escaltui.domain.wire import Push, Sent, Stand
from escaltui.server import audit_lines, people, records, schema
from escaltui.server.admin import Admin
from escaltui.server.audit_lines import Asked
from escaltui.server.faults import ServeError
from escaltui.server.people import Caller
from escaltui.server.private import PrivatePostgres
from escaltui.server.tables import AUDITOR

RULES = rules_loader.load()
CANARY = "heliotrope-quince"


@pytest.fixture
def team(database: str, tmp_path: Path) -> Iterator[Team]:
    """A desk on which something of each kind happened, in this order, a second apart."""
    made = Team(database, tmp_path, RULES)
    admin = Admin(made.pool, RULES)
    admin._desk.now = admin.now = made.clock.step
    admin.add_person("bo")
    admin.add_desk("global")
    admin.grant("bo", "global", ("specialist", "lead"))
    token = admin.add_token("laptop", "bo", ("push", "pull"), 90)
    made.desk.now = made.clock.step
    made.desk.record(records.Record(records.SIGNED_IN, "ada", "", "ada"), device="d1")
    ada = made.member("ada")
    case = ada.open(CANARY)
    ada.do(RecordExport(case=case, what=CANARY))
    ada.do(SetSensitivity(case=case, sensitivity="restricted", reason=CANARY))
    ada.push()
    with made.pool.connection() as connection:
        people.grant(connection, "cy", "org", frozenset({"admin"}), "system", 0)
    op = BreakGlass(case=case, reason="A fire in the house next door")
    sent = Sent(made.new_id(), msgspec.Raw(msgspec.json.encode(op)), 0)
    made.desk.push(Caller("cy", "d2", frozenset({"push"})), "org", Push(Stand(), (sent,)))
    admin.revoke_token(token)
    admin.revoke("bo", "global")
    yield made
    made.close()


def kinds(database: str, **asked: object) -> list[str]:
    return [each.kind for each in audit_lines.read(database, Asked(**asked)).lines]  # type: ignore[arg-type]


ALL = ["membership", "token", "sign-in", "export", "glass", "token", "membership"]


def test_everything_is_told_in_order(team: Team, database: str) -> None:
    report, lines = audit_lines.read(database, Asked())
    assert [each.kind for each in lines] == ALL
    assert (report.sound, report.changes) == (True, len(ALL))
    assert [each.seq for each in lines] == list(range(1, len(ALL) + 1))
    assert [(each.who, each.of, each.device) for each in lines if each.kind == "sign-in"] == [("ada", "ada", "d1")]
    (glass,) = [each for each in lines if each.kind == "glass"]
    assert (glass.who, glass.more) == ("cy", "A fire in the house next door")
    assert CANARY not in str(lines)
    assert team.rows("SELECT 1 FROM change WHERE body LIKE %s LIMIT 1", f"%{CANARY}%"), "the control: it is in the log"


def test_lines_are_found_by_person_kind_and_time(team: Team, database: str) -> None:
    assert kinds(database, person="bo") == ["membership", "token", "token", "membership"]
    assert kinds(database, person="cy") == ["glass"]
    assert kinds(database, kinds=("token", "glass")) == ["token", "glass", "token"]
    assert kinds(database, kinds=("other",)) == []
    assert kinds(database, person="bo", kinds=("membership",)) == ["membership", "membership"]
    at = [each.at for each in audit_lines.read(database, Asked()).lines]
    assert kinds(database, since=at[2], until=at[4]) == ALL[2:4]
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE change SET verb = 'Newer' WHERE stream = 'org:audit' AND seq = 7")
    report, lines = audit_lines.read(database, Asked(kinds=("other",)))
    assert not report.sound
    assert lines == (), "from the fault on nothing is told"


def test_of_a_log_that_was_altered_only_what_precedes_the_fault_is_told(team: Team, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE change SET actor = 'eve' WHERE stream = 'org:audit' AND seq = 3")
    report, lines = audit_lines.read(database, Asked())
    assert report.broken == ("org:audit", 3)
    assert [each.kind for each in lines] == ALL[:2]


def test_a_tail_that_was_cut_is_known_by_a_witness(team: Team, database: str) -> None:
    head = audit_lines.read(database, Asked()).report.heads
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM change WHERE stream = 'org:audit' AND seq = 7")
        connection.execute(
            "UPDATE head SET seq = 6, hash = (SELECT hash FROM change WHERE stream = 'org:audit' AND seq = 6) "
            "WHERE stream = 'org:audit'"
        )
    assert audit_lines.read(database, Asked()).report.sound
    assert not audit_lines.read(database, Asked(), {**head, "desk:global": (99, "not asked for")}).report.sound


def test_the_role_reads_these_lines_and_nothing_else(team: Team, database: str) -> None:
    leak = """CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS
    $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$"""
    heard: list[str] = []
    with psycopg.connect(database) as connection:
        connection.add_notice_handler(lambda notice: heard.append(str(notice.message_primary)))
        connection.execute(leak.encode())
        connection.execute(f"SET LOCAL ROLE {AUDITOR}".encode())
        connection.execute("SELECT set_config('escaltui.streams', '*', true)")
        streams = connection.execute("SELECT DISTINCT stream FROM audit_line").fetchall()
        assert streams == connection.execute("SELECT stream FROM audit_head").fetchall() == [("org:audit",)]
        connection.execute("SELECT count(*) FROM audit_line WHERE pg_temp.leak(coalesce(body, ''))")
        assert heard, "the control: the function saw lines"
        assert CANARY not in "".join(heard)
        for statement in (
            *(f"SELECT * FROM {table}" for table in ("change", "head", "cases", "token", "person", "membership")),
            "UPDATE audit_line SET actor = ''", "DELETE FROM audit_line", "INSERT INTO audit_head VALUES ('x', 1, '')",
        ):  # fmt: skip
            with pytest.raises(errors.InsufficientPrivilege), connection.transaction():
                connection.execute(statement.encode())


def test_an_account_of_an_auditors_own(own_postgres: PrivatePostgres, tmp_path: Path) -> None:
    dsn = own_postgres.start()
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("CREATE ROLE eve LOGIN")
    schema.upgrade(dsn)
    made = Team(dsn, tmp_path, RULES)
    made.desk.record(records.Record(records.SIGNED_IN, "ada", "", "ada"))
    made.close()
    eve = make_conninfo(dsn, user="eve")
    with pytest.raises(ServeError, match=f"GRANT {AUDITOR}"):
        audit_lines.read(eve, Asked())
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"GRANT {AUDITOR} TO eve".encode())
    assert [each.of for each in audit_lines.read(eve, Asked()).lines] == ["ada"]


def test_the_command_says_first_that_the_log_is_sound(
    team: Team, database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "config"))

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(["serve", "audit", *words, "--db", database])
        said = capsys.readouterr()
        return code, said.out, said.err

    code, out, err = run("--plain")
    assert code == 0
    assert f"{len(ALL)} changes" in err
    assert out.count("what: ") == len(ALL)
    code, out, _err = run("--kind", "glass,export", "--json")
    first, *lines = map(json.loads, out.splitlines())
    assert first == {"sound": True, "changes": len(ALL), "told": 2}
    assert [each["what"] for each in lines] == ["Exported", "BreakGlass"]
    assert run("--since", "1m ago", "--json")[1].splitlines()[0].endswith('"told": 0}')
    assert run("--since", "never")[0] == 2
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM change WHERE stream = 'org:audit' AND seq = 2")
    code, out, err = run("--plain")
    assert (code, out.count("what: ")) == (1, 1)
    assert "From change 2 on" in err
