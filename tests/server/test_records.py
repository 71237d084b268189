"""What auditors read: sign-ins, tokens, memberships, refused pushes, exports; in the log's chain, for nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import psycopg
import pytest
from team import DESK, WORK, Team

from escaltui import rules_loader
from escaltui.domain import wire
from escaltui.domain.operations import AddPerson, BreakGlass, RecordExport, SetSensitivity
from escaltui.domain.wire import Pull, Push, Sent, Stand
from escaltui.server import audit, people, records
from escaltui.server.admin import Admin
from escaltui.server.desk import NotAllowed
from escaltui.server.people import Caller

AUDIT = "org:audit"
RULES = rules_loader.load()


@pytest.fixture
def team(database: str, tmp_path: Path) -> Iterator[Team]:
    made = Team(database, tmp_path, RULES)
    yield made
    made.close()


@pytest.fixture
def admin(team: Team) -> Admin:
    found = Admin(team.pool, RULES)
    found._desk.now = found.now = team.clock
    return found


def told(team: Team, stream: str = AUDIT) -> list[tuple[str, str, str, str]]:
    """Verb, of whom, more, by whom, in order."""
    rows = team.rows("SELECT verb, entity_id, actor, body FROM change WHERE stream = %s ORDER BY seq", stream)
    return [(verb, of, msgspec.json.decode(body).get("reason", ""), actor) for verb, of, actor, body in rows]


def pulled(team: Team, person: str, *streams: str) -> list[wire.Page]:
    return team.desk.pull(Caller(person, "d", WORK), Pull({stream: Stand() for stream in streams}))


def test_tokens_and_memberships_are_written_down(team: Team, admin: Admin) -> None:
    assert admin.add_person("bo")
    admin.add_desk("global")
    admin.grant("bo", "global", ("specialist", "lead"))
    made = admin.add_token("bo's laptop", "bo", ("push", "pull"), 90)
    admin.revoke_token(made)
    assert admin.revoke("bo", "global")
    assert not admin.revoke("bo", "global")  # nothing ended: nothing is written
    token_id = made.split("_")[1]
    assert told(team) == [
        (records.GRANTED, "bo", f"{DESK}: lead, specialist", "system"),
        (records.TOKEN_MADE, "bo", f"{token_id}: pull, push", "system"),
        (records.TOKEN_REVOKED, "bo", token_id, "system"),
        (records.ENDED, "bo", DESK, "system"),
    ]
    assert [row[:2] for row in told(team, "user:bo")] == [(records.GRANTED, "bo"), (records.ENDED, "bo")]
    assert made.split("_")[2] not in str(team.rows("SELECT body FROM change"))


def test_a_refused_token_writes_nothing(team: Team, admin: Admin) -> None:
    with pytest.raises(Exception, match="no token"):
        admin.revoke_token("nothing")
    assert told(team) == []


def test_what_is_taken_out_and_who_broke_the_glass(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo", ("lead",))
    case = ada.open("A confidential title")
    ada.do(RecordExport(case=case, what="A confidential file"))
    ada.do(SetSensitivity(case=case, sensitivity="restricted", reason="Why it is."))
    ada.push()
    with team.pool.connection() as connection:
        people.grant(connection, "cy", "org", frozenset({"admin"}), "system", 0)
    op = BreakGlass(case=case, reason="A fire in the house next door")
    sent = Sent(team.new_id(), msgspec.Raw(msgspec.json.encode(op)), 0)
    (result,) = team.desk.push(Caller("cy", "d", WORK), "org", Push(Stand(), (sent,)))
    assert result.status == "applied"
    assert [(verb, of, actor) for verb, of, _more, actor in told(team)] == [
        (records.EXPORTED, case, "ada"), ("BreakGlass", case, "cy"),
    ]  # fmt: skip
    assert "confidential" not in str(team.rows("SELECT body FROM change WHERE stream = %s", AUDIT))
    assert bo


def test_a_push_that_wants_a_right(team: Team) -> None:
    with team.pool.connection() as connection:
        people.grant(connection, "bo", DESK, frozenset({"specialist"}), "system", 0)
    caller = Caller("bo", "d", WORK)
    sent = Sent(team.new_id(), msgspec.Raw(msgspec.json.encode(AddPerson(login="eve", name="Eve"))), 0)
    push = Push(Stand(), (sent,))
    (result,) = team.desk.push(caller, "org", push)
    assert result.refused is not None
    assert team.desk.push(caller, "org", push) == [result]  # again: the same answer, and no second line
    for _ in range(2):
        with pytest.raises(NotAllowed):
            team.desk.push(caller, "desk:other", push)
    assert told(team) == [
        (records.PUSH_REFUSED, "bo", "AddPerson: not_allowed", "bo"),
        *[(records.PUSH_REFUSED, "bo", "stream", "bo")] * 2,
    ]


def test_auditors_alone_read_it_and_it_is_chained(team: Team, admin: Admin, database: str) -> None:
    admin.add_person("ada")
    with team.pool.connection() as connection:
        people.grant(connection, "ada", "org", frozenset({"auditor"}), "system", 0)
        people.grant(connection, "bo", DESK, frozenset({"lead"}), "system", 0)
        people.grant(connection, "cy", "org", frozenset({"admin"}), "system", 0)
    admin.add_token("x", "ada", ("pull",), 1)
    (page,) = pulled(team, "ada", AUDIT)
    assert [each.verb for each in page.changes] == [records.TOKEN_MADE]
    for other in ("bo", "cy", "nobody"):
        (page,) = pulled(team, other, AUDIT)
        assert page.gone
        assert not page.changes
    with psycopg.connect(database) as connection:
        assert audit.verify(connection).sound
    with psycopg.connect(database) as connection:
        connection.execute("UPDATE change SET verb = 'Other' WHERE stream = %s", (AUDIT,))
    with psycopg.connect(database) as connection:
        assert not audit.verify(connection).sound  # the control


def test_a_membership_is_told_to_every_device_of_the_person_and_to_no_other(team: Team, admin: Admin) -> None:
    ada, other, bo = team.member("ada"), team.member("ada"), team.member("bo")
    admin.add_person("ada")
    admin.add_desk("global")
    admin.grant("ada", "global", ("specialist", "lead"))
    for each in (ada, other, bo):
        each.pull()
    mine = [each.store.changes(limit=100) for each in (ada, other)]
    assert [[(line.verb, line.stream) for line in lines if line.verb == records.GRANTED] for lines in mine] == [
        [(records.GRANTED, "user:ada")]
    ] * 2
    assert records.GRANTED not in {line.verb for line in bo.store.changes(limit=100)}
    (page,) = pulled(team, "bo", "user:ada")
    assert page.gone
