"""Workbenches on one desk: who one is, what only the server judges, the next case, what was set aside; the commands."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from links import token
from team import DESK, Team

from escaltui import cli
from escaltui.config import Config, Me
from escaltui.config_remote import Remote as Settings
from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddNote, AddPerson, EditCase, OpenCase, ProposeDecision, SendStatement
from escaltui.server import people
from escaltui.store import Done
from escaltui.sync.connect import Connecting
from escaltui.sync_faces import STALE_AFTER
from escaltui.workbench import Workbench
from escaltui.workbench.desk import NotKnown

ROLES = frozenset({"specialist", "lead", "admin"})
Opening = Callable[..., Workbench]


@pytest.fixture
def opening(team: Team, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Opening]:
    """Workbenches of people who are connected, by login."""
    made: list[Workbench] = []

    def open_(person: str, connect: bool = True, **more: Any) -> Workbench:
        config = Config(tmp_path / "settings", me=Me(name="nobody"), remote=Settings(token="memory"), exists=True)
        bench = Workbench.open(tmp_path / person, config=config, clock=team.clock, **more)
        made.append(bench)
        if connect:
            with team.pool.connection() as connection:
                people.grant(connection, person, DESK, ROLES, "system", 0)
                people.grant(connection, person, "org", frozenset({"admin"}), "system", 0)
            if bench.store.remote is None:
                Connecting(bench.store, config.remote, bench.rules, bench.now).run(url, "global", token(team, person))
            assert bench.store.remote is not None
            bench.be(bench.store.remote.connected)
            bench.link.tokens.hold(token(team, person))
        return bench

    yield open_
    for bench in made:
        bench.close()


def opened(bench: Workbench, title: str = "Order") -> str:
    bench.now.step()  # type: ignore[attr-defined]
    case_id = bench.operation_id()
    assert isinstance(bench.do(OpenCase(opens=case_id, title=title)), Done)
    return case_id


def test_one_is_who_is_signed_in_and_nobody_else(opening: Opening, team: Team) -> None:
    ada = opening("ada")
    opened(ada)
    assert (ada.me, ada.roles) == ("ada", ROLES)
    assert ada.tick() == frozenset()
    ada.close()
    again = opening("ada", connect=False)
    assert again.me == "ada"
    with pytest.raises(NotKnown, match="Leave --as bo out"):
        opening("ada", connect=False, acting_as="bo")


def test_what_only_the_server_judges(opening: Opening, team: Team) -> None:
    ada = opening("ada")
    op = AddPerson(login="bo", name="Bo")
    done = ada.do(op)
    assert isinstance(done, Done)
    assert [each.entity for each in done.changes] == ["person"]
    assert max(done.seqs) < 1000, "it is confirmed already"
    assert [each.login for each in ada.people()] == ["bo"]
    assert ada.do(op, op_id=done.op_id) == done
    refused = ada.do(AddPerson(login="Bo!", name="Bo"))
    assert isinstance(refused, Refused)
    assert refused.code == "invalid"
    ada.link.close()
    ada.link.tokens.forget()
    away = ada.do(AddPerson(login="cy", name="Cy"))
    assert isinstance(away, Refused)
    assert (away.code, away.reason) == ("needs_authority", "AddPerson needs a connection to the server.")
    assert ada.sync_face().waiting == 0, "it is never queued"


def test_two_people_never_get_the_same_case(opening: Opening, team: Team) -> None:
    ada, bo = opening("ada"), opening("bo")
    for n in range(6):
        opened(ada, f"Case {n}")
    ada.link.round()
    bo.link.round()
    taken = []
    for bench in (ada, bo, bo, ada, bo, ada):
        line = bench.take_next()
        assert line is not None
        assert not isinstance(line, Refused)
        assert line.mine
        taken.append(line.id)
    assert len(set(taken)) == 6
    assert ada.take_next() is None
    holders = team.rows("SELECT id, lease_person FROM cases")
    assert dict(holders) == dict(zip(taken, ["ada", "bo", "bo", "ada", "bo", "ada"], strict=True))
    assert ada.sync_face().waiting == 0


def test_offline_the_next_case_is_claimed_for_now(opening: Opening, team: Team) -> None:
    ada = opening("ada")
    case_id = opened(ada)
    ada.link.close()
    ada.link.tokens.forget()
    line = ada.take_next()
    assert line is not None
    assert not isinstance(line, Refused)
    assert line.id == case_id
    assert ada.pending_cases() == {case_id}
    assert ada.sync_face().waiting == 2


def test_what_never_left_is_taken_back_without_a_trace(opening: Opening, team: Team) -> None:
    ada = opening("ada")
    case_id = opened(ada)
    ada.link.round()
    assert isinstance(ada.do(AddNote(case=case_id, body="never sent")), Done)
    undone = ada.undo()
    assert not isinstance(undone, Refused)
    assert undone.verb == "AddNote"
    assert ada.sync_face().waiting == 0
    assert isinstance(ada.do(AddNote(case=case_id, body="sent")), Done)
    ada.link.round()
    assert not isinstance(ada.undo(), Refused)
    assert ada.sync_face().waiting == 1, "that one has to be taken back there, too"
    ada.link.round()
    assert next(json.loads(body) for (body,) in team.rows("SELECT body FROM note"))["withdrawn"]
    assert team.rows("SELECT count(*) FROM change WHERE body LIKE '%%never sent%%'") == [(0,)]


def test_a_conflict_is_set_aside_with_both_sides(opening: Opening, team: Team) -> None:
    ada, bo = opening("ada"), opening("bo")
    case_id = opened(ada, "Old")
    ada.link.round()
    bo.link.round()
    assert isinstance(ada.do(EditCase(case=case_id, fields={"title": "Ada's"}, base={"title": "Old"})), Done)
    assert isinstance(bo.do(EditCase(case=case_id, fields={"title": "Bo's"}, base={"title": "Old"})), Done)
    ada.link.round()
    bo.link.round()
    (face,) = bo.parked()
    assert (face.verb, face.case_id, face.can_resend) == ("EditCase", case_id, True)
    assert [(name, a.value, b.value, c.value) for name, a, b, c in face.fields] == [("title", "Old", "Ada's", "Bo's")]
    assert "Bo's" in face.said.value
    assert "is now Ada's" in face.why
    assert json.loads(bo.export_parked(face.op_id))["operation"]["fields"] == {"title": "Bo's"}
    assert bo.sync_face().parked == 1
    assert isinstance(bo.resend(face.op_id), Done)
    assert bo.parked() == []
    bo.link.round()
    ada.link.round()
    for bench in (ada, bo):
        case = bench.store.case(case_id)
        assert case is not None
        assert case.title == "Bo's"
    assert isinstance(bo.resend(face.op_id), Refused)
    assert not bo.close_parked(face.op_id)


def test_unsynced_for_hours_decisions_stay_drafts_and_notes_go_on(opening: Opening, team: Team) -> None:
    from escaltui.sync import engine

    ada = opening("ada")
    case_id = opened(ada)
    assert engine.once(ada.link) == ""
    team.clock.step(STALE_AFTER)
    assert ada.sync_face().state == "stale"
    late = ada.do(ProposeDecision(case=case_id, lines=()))
    assert isinstance(late, Refused)
    assert late.code == "needs_authority"
    assert isinstance(ada.do(AddNote(case=case_id, body="goes on")), Done)
    assert engine.once(ada.link) == ""
    assert ada.sync_face().state != "stale"
    again = ada.do(ProposeDecision(case=case_id, lines=()))
    assert not isinstance(again, Refused) or again.code != "needs_authority"


def test_a_name_given_to_an_operation_is_ones_own(opening: Opening, team: Team) -> None:
    ada, bo = opening("ada"), opening("bo")
    case_id = opened(ada)
    ada.link.round()
    bo.link.round()
    for bench in (ada, bo):
        for _ in range(2):
            assert isinstance(bench.do(AddNote(case=case_id, body=bench.me), op_id="op:nightly"), Done)
    for bench in (ada, bo, ada):
        bench.link.round()
    assert sorted(json.loads(body)["body"] for (body,) in team.rows("SELECT body FROM note")) == ["ada", "bo"]
    assert [bench.sync_face().parked for bench in (ada, bo)] == [0, 0]


def test_what_only_the_server_judges_can_be_looked_at_before(opening: Opening, team: Team) -> None:
    """As an export of statements does, which would hold all of them back else."""
    ada = opening("ada")
    op = SendStatement(case=opened(ada), statement="none", state="exported", external_ref="?")
    asked = (op, ada.who, ada.now(), ada.rules)
    found = ada.store.judge(*asked, op_id=ada.operation_id())
    assert isinstance(found, Refused)
    assert found.code == "needs_authority"
    found = ada.store.judge(*asked, op_id=ada.operation_id(), beforehand=True)
    assert isinstance(found, Refused)
    assert found.code != "needs_authority"


# --- the commands


class Said:
    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err
        self.rows = [json.loads(line) for line in out.splitlines() if line.startswith("{") and line.endswith("}")]


@pytest.fixture
def run(
    team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    settings = tmp_path / "settings"
    settings.mkdir()
    (settings / "config.toml").write_text('[me]\nname = "ada"\n[remote]\ntoken = "variable"\n')
    monkeypatch.setenv("ESCALTUI_CONFIG", str(settings))
    monkeypatch.setenv("ESCALTUI_STORE", str(tmp_path / "store"))
    monkeypatch.delenv("ESCALTUI_AS", raising=False)

    def command(*arguments: str, typed: str = "") -> Said:
        capsys.readouterr()
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            code = cli.main(list(arguments))
        except SystemExit as ended:
            code = int(ended.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return command


def test_the_commands(run: Callable[..., Said], team: Team, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with team.pool.connection() as connection:
        people.grant(connection, "ada", DESK, ROLES, "system", 0)
    assert run("sync").code == 1
    assert run("connect", url, "--desk", "global").err.startswith("escaltui: Give a token")
    new = run("new", "--title", "Before", "--json")
    assert new.code == 0, new.err
    ref = new.rows[0]["ref"]
    secret = token(team, "ada")
    done = run("connect", url, "--desk", "global", "--token-stdin", "--json", typed=secret + "\n")
    assert (done.code, done.err) == (0, "")
    assert done.rows[0] | {"sent": 0, "copy": ""} == {
        "connected": "127.0.0.1", "desk": "global", "person": "ada", "sent": 0, "waiting": 0, "refused": 0, "copy": "",
    }  # fmt: skip
    assert run("connect", url, "--desk", "global", "--token-stdin", typed=secret).code == 0
    left = run("note", ref, "-m", "signed out")
    assert (left.code, left.err) == (0, "escaltui: waiting: 1\n")
    gone = run("sync", "--json")
    assert (gone.code, gone.rows[0]["state"], gone.rows[0]["waiting"]) == (1, "signed_out", 1)
    monkeypatch.setenv("ESCALTUI_TOKEN", secret)
    sent = run("note", ref, "-m", "leaves at once")
    assert (sent.code, sent.err) == (0, "")
    assert team.rows("SELECT count(*) FROM note") == [(2,)]
    synced = run("sync", "--json")
    assert (synced.code, synced.rows[0]["state"], synced.rows[0]["waiting"]) == (0, "online", 0)
    assert run("--as", "bo", "ls").code == 1
    assert run("signout").code == 0
    for file in (Path(str(path)) for path in Path(team.folder).rglob("*") if path.is_file()):
        assert secret.encode() not in file.read_bytes(), file


def test_files_follow_their_cases_without_any_workbench(
    run: Callable[..., Said], team: Team, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an import, as after a connector's run; and by sync, what an import without a network left."""
    with team.pool.connection() as connection:
        people.grant(connection, "ada", DESK, ROLES, "system", 0)
    monkeypatch.setenv("ESCALTUI_TOKEN", token(team, "ada"))
    assert run("connect", url, "--desk", "global").code == 0

    def there() -> int:
        return sum(path.is_file() for path in (team.folder / "media").rglob("*"))

    for number, kept in ((1, True), (2, False)):
        mail = EmailMessage()
        mail["From"], mail["Subject"], mail["Message-ID"] = "a@b.example", "One", f"<m{number}@b.example>"
        mail["Date"] = "Mon, 06 Jan 2025 10:00:00 +0000"
        mail.set_content("Please look.\n")
        mail.add_attachment(f"file {number}".encode(), maintype="image", subtype="png", filename="a.png")
        (tmp_path / "one.eml").write_bytes(mail.as_bytes())
        if not kept:
            monkeypatch.delenv("ESCALTUI_TOKEN")
        assert run("import", str(tmp_path / "one.eml")).code == 0
        assert there() == 1
    monkeypatch.setenv("ESCALTUI_TOKEN", token(team, "ada"))
    assert run("sync", "--json").rows[0]["files"] == 1
    assert there() == 2


def test_the_outbox_in_words(run: Callable[..., Said], team: Team, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with team.pool.connection() as connection:
        people.grant(connection, "ada", DESK, ROLES, "system", 0)
    monkeypatch.setenv("ESCALTUI_TOKEN", token(team, "ada"))
    ref = run("new", "--title", "Theirs", "--json").rows[0]["ref"]
    assert run("connect", url, "--desk", "global").code == 0
    (case_id,) = team.rows("SELECT id FROM cases")[0]
    monkeypatch.delenv("ESCALTUI_TOKEN")
    assert run("note", ref, "-m", "kept\x1b[31m").err == "escaltui: waiting: 1\n"
    bo = team.member("bo", ROLES)
    bo.pull()
    with team.pool.connection() as connection:  # the case goes where ada may not follow
        connection.execute("UPDATE cases SET stream = 'case:x' WHERE id = %s", (case_id,))
    monkeypatch.setenv("ESCALTUI_TOKEN", token(team, "ada"))
    run("sync")
    (row,) = run("outbox", "list", "--json").rows
    assert (row["verb"], row["can_resend"]) == ("AddNote", True)
    shown = run("outbox", "show", row["op_id"])
    assert "kept" in shown.out
    assert "\x1b" not in shown.out
    assert json.loads(run("outbox", "export", row["op_id"]).out)["operation"]["body"].startswith("kept")
    assert run("outbox", "retry", "nothing").code == 1
    assert run("outbox", "close", row["op_id"]).code == 0
    assert run("outbox", "list", "--json").rows == []
