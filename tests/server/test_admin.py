"""Administration by commands, on the very database that serves: people, desks, rights, tokens, the log."""

from __future__ import annotations

import json
from pathlib import Path

import psycopg
import pytest
from owners import wait_end
from served import Served, push, rows
from team import Team

from escaltui import cli, rules_loader
from escaltui.domain.operations import AddNote, OpenCase
from escaltui.domain.wire import Pull, Stand
from escaltui.server import people
from escaltui.server.people import Caller


class Commands:
    """`escaltui serve ...` in this process; gives the exit code, what it said, and on standard error."""

    def __init__(self, capsys: pytest.CaptureFixture[str], *words: str) -> None:
        self._capsys, self._words = capsys, words

    def __call__(self, *words: str, code: int = 0) -> list[dict[str, object]]:
        self._capsys.readouterr()
        found = cli.main(["serve", *words, *self._words, "--json"])
        said = self._capsys.readouterr()
        self.said = said.err
        assert found == code, said
        return [json.loads(line) for line in said.out.splitlines()]


@pytest.fixture
def serve(
    database: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Commands:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "config"))
    return Commands(capsys, "--db", database)


def test_a_team_starts_without_a_sign_in_provider(serve: Commands, database: str) -> None:
    assert serve("person", "add", "ada", "--name", "Ada L.") == [{"person": "ada", "changed": True}]
    assert serve("person", "add", "ada") == [{"person": "ada", "changed": False}]
    assert serve("desk", "new", "global") == [{"desk": "global", "changed": True}]
    serve("grant", "ada", "global", "--roles", "specialist,lead")
    (told,) = serve("token", "new", "laptop", "--person", "ada", "--scope", "push,pull", "--days", "2")
    token = str(told["token"])
    with Served("--db", database) as backend, backend.client(token) as client:
        me = client.get("/v1/me").json()
        assert (me["person"], me["desks"], me["roles"]) == ("ada", ["global"], ["lead", "specialist"])
        body = push(OpenCase(opens="01J00000000000000000000001", title="Order"))
        assert client.post("/v1/streams/desk:global/ops", content=body).json()["results"][0]["status"] == "applied"
    (listed,) = [each for each in serve("token", "list") if each["person"] == "ada"]
    assert listed["name"] == "laptop"
    assert listed["scopes"] == ["pull", "push"]
    assert token.rpartition("_")[2] not in json.dumps(listed)
    (kept,) = rows(database, "SELECT token::text FROM token WHERE person = 'ada'")
    assert token.rpartition("_")[2] not in kept[0]


def test_people_reach_the_workbenches_by_pull(serve: Commands, team: Team) -> None:
    ada = team.member("ada")
    serve("person", "add", "bo", "--name", "Bo M.")
    ada.pull()
    assert [person.login for person in ada.store.people()] == ["bo"]
    assert ada.store.verify().sound


def test_a_running_backend_tells_at_once_that_rights_changed(serve: Commands, database: str) -> None:
    serve("person", "add", "bo")
    serve("desk", "new", "global")
    (told,) = serve("token", "new", "laptop", "--person", "bo")
    with (
        Served("--db", database) as backend,
        backend.client(str(told["token"])) as client,
        client.stream("GET", "/v1/events") as response,
    ):
        lines = response.iter_lines()
        assert next(lines) == "event: heads"
        serve("grant", "bo", "global", "--roles", "specialist")
        assert "event: member" in lines
        with backend.client(str(told["token"])) as asking:
            assert asking.get("/v1/me").json()["desks"] == ["global"]
            assert serve("revoke", "bo", "global") == [{"person": "bo", "desk": "global", "changed": True}]
            assert "event: member" in lines
            assert asking.get("/v1/me").json().get("desks", []) == []
            serve("token", "revoke", str(told["token"]))
            for _ in lines:  # the stream ends with the token
                pass
    assert serve("revoke", "bo", "global") == [{"person": "bo", "desk": "global", "changed": False}]


def test_a_right_may_end_by_itself(serve: Commands, database: str) -> None:
    serve("person", "add", "bo")
    serve("desk", "new", "global")
    serve("grant", "bo", "global", "--roles", "specialist", "--days", "1", "--reason", "covers a night")
    ((until, reason),) = rows(database, "SELECT until - at, reason FROM membership WHERE person = 'bo'")
    assert (until, reason) == (86_400_000, "covers a night")
    with psycopg.connect(database) as connection:
        now = int(str(rows(database, "SELECT at FROM membership WHERE person = 'bo'")[0][0]))
        assert "desk:global" in people.rights(connection, "bo", now + 1000).streams
        assert "desk:global" not in people.rights(connection, "bo", now + 86_400_001).streams


@pytest.mark.parametrize(
    ("words", "mend"),
    [
        (("person", "add", "Ada L."), "a-z 0-9"),
        (("person", "add", "system"), "login"),
        (("desk", "new", "emea"), "teams.toml"),
        (("grant", "nobody-here", "global", "--roles", "lead"), "serve person add"),
        (("grant", "ada", "emea", "--roles", "lead"), "Desks: global"),
        (("grant", "ada", "global", "--roles", "boss"), "specialist"),
        (("grant", "ada", "global", "--roles", "admin"), "specialist"),
        (("grant", "ada", "org", "--roles", "lead"), "auditor"),
        (("grant", "ada", "global", "--roles", ","), "specialist"),
        (("revoke", "ada", "emea"), "Desks: global"),
        (("token", "new", "x", "--person", "nobody-here"), "serve person add"),
        (("token", "new", "x", "--person", "ada", "--scope", "root"), "metrics"),
        (("token", "revoke", "0123456789ab"), "token list"),
        (("audit", "verify", "--witness", "/nowhere"), "audit heads"),
    ],
)
def test_what_cannot_be_says_how_to_mend_it(serve: Commands, words: tuple[str, ...], mend: str) -> None:
    serve("person", "add", "ada")
    serve("desk", "new", "global")
    serve(*words, code=1)
    assert mend in serve.said


def test_a_desk_that_a_teams_rules_name(serve: Commands, tmp_path: Path) -> None:
    (tmp_path / "config" / "rules").mkdir(parents=True)
    (tmp_path / "config" / "rules" / "teams.toml").write_text(
        '[desk]\nemea = { label = "EMEA", calendar = "desk" }\n', encoding="utf-8"
    )
    assert serve("desk", "new", "emea") == [{"desk": "emea", "changed": True}]


def test_usage_is_told(serve: Commands) -> None:
    serve("token", "new", code=2)
    with pytest.raises(SystemExit):
        serve("token", "destroy", code=2)


# --- the private database


def test_the_private_database_is_reached_whether_it_serves_or_not(
    open_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = open_folder / "server"
    serve = Commands(capsys, "--folder", str(folder))
    assert serve("person", "add", "ada") == [{"person": "ada", "changed": True}]
    with Served("--folder", folder) as backend:
        assert backend.token
        assert serve("person", "add", "ada") == [{"person": "ada", "changed": False}]
        pid = int((folder / "pg" / "postmaster.pid").read_text().splitlines()[0])
        assert Path(f"/proc/{pid}").exists(), "the command stopped the server's PostgreSQL"
    assert wait_end(pid)


# --- the log


@pytest.fixture
def written(team: Team) -> Team:
    ada = team.member("ada")
    case_id = ada.open("Order")
    for n in range(5):
        ada.do(AddNote(case=case_id, body=f"note {n}"))
    team.settle()
    return team


def test_a_sound_log_is_sound_and_its_witnesses_agree(serve: Commands, written: Team, tmp_path: Path) -> None:
    (found,) = serve("audit", "verify")
    assert (found["changes"], found["sound"]) == (6, True)
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(serve("audit", "heads")[0]), encoding="utf-8")
    written.members[0].do(AddNote(case=written.members[0].open("Another"), body="later"))
    written.settle()
    assert serve("audit", "verify", "--witness", str(heads))[0]["sound"] is True
    own = written.members[0].store.verify().heads
    heads.write_text(json.dumps({"heads": {stream: f"{seq} {head}" for stream, (seq, head) in own.items()}}))
    assert serve("audit", "verify", "--witness", str(heads))[0]["sound"] is True


@pytest.mark.parametrize(
    "tamper",
    [
        """UPDATE change SET body = replace(body, 'note 2', 'note 9') WHERE seq = 4""",
        """UPDATE change SET actor = 'bo' WHERE seq = 4""",
        """DELETE FROM change WHERE seq = 4""",
        """DELETE FROM change WHERE seq = 6""",
        """UPDATE head SET seq = 5, hash = (SELECT hash FROM change WHERE seq = 5)""",
    ],
)
def test_a_log_that_was_altered_is_not_sound(serve: Commands, written: Team, database: str, tamper: str) -> None:
    with psycopg.connect(database) as connection:
        assert connection.execute(tamper.encode()).rowcount == 1
    (found,) = serve("audit", "verify", code=1)
    assert found["sound"] is False
    assert str(found["broken"]).startswith("desk:global ")


def test_a_log_that_was_cut_cleanly_is_known_by_a_witness(
    serve: Commands, written: Team, database: str, tmp_path: Path
) -> None:
    heads = tmp_path / "heads.json"
    heads.write_text(json.dumps(serve("audit", "heads")[0]), encoding="utf-8")
    with psycopg.connect(database) as connection:
        connection.execute("DELETE FROM change WHERE seq = 6")
        connection.execute("UPDATE head SET seq = 5, hash = (SELECT hash FROM change WHERE seq = 5)")
    assert serve("audit", "verify")[0]["sound"] is True
    (found,) = serve("audit", "verify", "--witness", str(heads), code=1)
    assert "witness" in str(found["reason"])


def test_a_redacted_change_leaves_the_log_sound(serve: Commands, written: Team, database: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE change SET salt = NULL, body = NULL WHERE seq = 4")
    assert serve("audit", "verify")[0]["sound"] is True


def test_the_admins_right_opens_no_case(serve: Commands, team: Team) -> None:
    serve("person", "add", "root")
    serve("grant", "root", "org", "--roles", "admin")
    team.member("ada").open("Secret")
    team.settle()
    root = Caller("root", "", frozenset({"pull"}))
    assert "desk:global" not in team.desk.me(root).streams
    (page,) = team.desk.pull(root, Pull({"desk:global": Stand()}))
    assert (page.gone, page.changes) == (True, ())


def test_two_commands_for_one_login_make_one_person(database: str) -> None:
    import threading

    from escaltui.server.admin import Admin
    from escaltui.server.database import pool

    rules, told = rules_loader.load(), []
    start = threading.Barrier(4)

    def add() -> None:
        with pool(database, 2) as connections:
            start.wait()
            told.append(Admin(connections, rules).add_person("ada"))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [False, False, False, True]
    assert rows(database, "SELECT count(*) FROM person") == [(1,)]
