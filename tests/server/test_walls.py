"""Who may not see a case never gets it: by what the backend answers, and by what the database gives."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import psycopg
import pytest
from team import DESK, Member, Team

from escaltui.domain import streams
from escaltui.domain.entities import Case
from escaltui.domain.operations import (
    AddMember,
    AddNote,
    Assign,
    BreakGlass,
    Claim,
    LinkCases,
    Operation,
    RemoveMember,
    SetSensitivity,
    Tag,
    Transfer,
)
from escaltui.domain.wire import Pull, Push, Result, Sent, Stand
from escaltui.server import people, pull, tables
from escaltui.server.people import Rights

CANARY = "canary-7731"
ROLES = ("specialist",)
FORBIDDEN = (
    "UPDATE change SET body = ''", "DELETE FROM change", "SELECT * FROM token", "UPDATE ledger SET at = 1",
    "UPDATE membership SET person = 'bo'",
)  # fmt: skip


def rights(team: Team, person: str) -> Rights:
    with team.pool.connection() as connection:
        return people.rights(connection, person, team.clock.now)


def send(team: Team, member: Member, op: Operation, stream: str = DESK) -> Result:
    raw = msgspec.Raw(msgspec.json.encode(op))
    (result,) = team.desk.push(member.caller, stream, Push(Stand(), (Sent(team.new_id(), raw),)))
    return result


def restricted(team: Team, ada: Member) -> str:
    case_id = ada.open(f"Order about {CANARY}")
    ada.do(AddNote(case=case_id, body=f"Said of {CANARY} before"))
    ada.push()
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted", reason=f"It names {CANARY}"))
    ada.push()
    ada.pull()
    ada.do(AddNote(case=case_id, body=f"Said of {CANARY} after"))
    ada.push()
    ada.pull()
    return case_id


def test_a_restricted_case_is_nowhere_for_who_may_not_see_it(team: Team) -> None:
    ada, bo, eve = (team.member(name, ROLES) for name in ("ada", "bo", "eve"))
    case_id = restricted(team, ada)
    assert f"case:{case_id}" in rights(team, "ada").streams
    assert f"case:{case_id}" not in rights(team, "bo").streams
    while bo.pull():
        pass
    assert bo.store.case(case_id) is None
    assert bo.store.verify().sound
    assert ada.notes(case_id) == [f"Said of {CANARY} before", f"Said of {CANARY} after"]
    bo.store.close()
    for file in bo.store.folder.rglob("*"):
        assert not file.is_file() or CANARY.encode() not in file.read_bytes(), file
    bo.store = type(bo.store).open(bo.store.folder)
    guessed, missing = (
        send(team, eve, AddNote(case=case_id, body="?")),
        send(team, eve, AddNote(case="0" * 26, body="?")),
    )
    assert guessed.refused == missing.refused


def test_who_had_it_before_loses_it(team: Team) -> None:
    ada, bo = team.member("ada", ROLES), team.member("bo", ROLES)
    case_id = ada.open(f"Order about {CANARY}")
    ada.do(AddNote(case=case_id, body=f"Said of {CANARY}"))
    team.settle()
    assert bo.notes(case_id) == [f"Said of {CANARY}"]
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted", reason="It names a child"))
    team.settle()
    assert bo.store.case(case_id) is None
    assert bo.notes(case_id) == []
    assert ada.notes(case_id) == [f"Said of {CANARY}"]
    assert ada.store.verify().sound


def test_members_come_and_go(team: Team) -> None:
    ada, bo = team.member("ada", ROLES), team.member("bo", ROLES)
    case_id = restricted(team, ada)
    stream = f"case:{case_id}"
    ada.do(Assign(case=case_id, person="ada"))
    ada.do(AddMember(case=case_id, person="bo"))
    ada.push()
    assert stream in rights(team, "bo").streams
    while bo.pull():
        pass
    assert bo.notes(case_id) == ada.notes(case_id)
    ada.pull()
    ada.do(RemoveMember(case=case_id, person="bo", reason="They moved on"))
    ada.push()
    assert stream not in rights(team, "bo").streams
    (page,) = team.desk.pull(bo.caller, Pull({stream: Stand()}))
    assert page.gone


def test_leads_see_restricted_cases_of_their_desk_and_privileged_ones_not(team: Team) -> None:
    ada, lea = team.member("ada", ROLES), team.member("lea", ("lead",))
    other = team.member("ola", ("lead",), "desk:other")
    case_id = restricted(team, ada)
    assert f"case:{case_id}" in rights(team, lea.person).streams
    assert f"case:{case_id}" not in rights(team, other.person).streams
    ada.do(SetSensitivity(case=case_id, sensitivity="privileged", reason="Counsel said so"))
    ada.push()
    assert {f"case:{case_id}", f"case:{case_id}:priv"} & rights(team, lea.person).streams == set()
    assert f"case:{case_id}:priv" in rights(team, "ada").streams


def test_an_admin_sees_no_case_and_breaks_the_glass_with_a_reason(team: Team) -> None:
    ada, adm = team.member("ada", ROLES), team.member("adm", ("admin",), "org")
    case_id = restricted(team, ada)
    assert {each for each in rights(team, "adm").streams if each.startswith(("desk", "case"))} == set()
    short = send(team, adm, BreakGlass(case=case_id, reason="let me"), "org")
    assert short.refused is not None
    done = send(team, adm, BreakGlass(case=case_id, reason="The police wait on the phone for an answer"), "org")
    assert done.status == "applied", done
    assert f"case:{case_id}" in rights(team, "adm").streams
    ada.pull()
    case: Any = ada.store.case(case_id)
    assert "adm" in case.glass
    team.clock.step(9 * 3_600_000)
    assert f"case:{case_id}" not in rights(team, "adm").streams


@pytest.mark.parametrize("seed", range(6))
def test_the_tables_say_what_the_rule_says(team: Team, seed: int) -> None:
    """`rights` reads tables; `may_see` is the rule. Whatever happens they agree, for everybody and every stream."""
    roll = random.Random(seed)
    who = {"ada": ("specialist",), "bo": ("specialist", "counsel"), "lea": ("lead",), "cy": ("specialist",)}
    members = {name: team.member(name, roles) for name, roles in who.items()}
    team.member("adm", ("admin",), "org")
    cases = [members["ada"].open(f"case {n}") for n in range(3)]
    members["ada"].push()
    for _ in range(40):
        member, case_id = members[roll.choice(list(who))], roll.choice(cases)
        made: tuple[Operation, ...] = (
            SetSensitivity(case=case_id, sensitivity=roll.choice(list(streams.ORDER)), reason="So it is now"),  # type: ignore[arg-type]
            AddMember(case=case_id, person=roll.choice(list(who))),
            RemoveMember(case=case_id, person=roll.choice(list(who)), reason="They moved on"),
            Assign(case=case_id, person=roll.choice(list(who))),
            Claim(case=case_id),
            Tag(case=case_id, tags=(f"t{roll.randrange(3)}",)),
            LinkCases(case=case_id, target=roll.choice(cases)),
            Transfer(case=case_id, desk=roll.choice(("global", "eu")), reason="Theirs"),
            BreakGlass(case=case_id, reason="The police wait on the phone for an answer"),
        )
        team.clock.step(roll.choice((1000, 1000, 3_600_000)))
        send(team, member, roll.choice(made))
        agree(team)


def agree(team: Team) -> None:
    held = [msgspec.json.decode(row[0], type=Case) for row in team.rows("SELECT body FROM cases")]
    everyone = {row[0] for row in team.rows("SELECT person FROM membership")}
    for person in everyone:
        found = rights(team, person)
        belongs: dict[str, int | None] = {stream: None for stream in found.roles if stream.startswith("desk:")}
        for case in held:
            for stream in (f"case:{case.id}", f"case:{case.id}:priv"):
                roles = found.acting(f"desk:{case.desk}") or found.acting("org")
                anywhere = frozenset().union(*found.roles.values())
                wanted = streams.may_see(person, roles or anywhere, stream, case, belongs, team.clock.now)
                used = any(row[0] for row in team.rows(_USED, stream, stream))
                if used:
                    assert (stream in found.streams) == wanted, (person, stream, case)


_USED = "SELECT EXISTS (SELECT 1 FROM cases WHERE stream = %s UNION ALL SELECT 1 FROM consult WHERE stream = %s)"


def test_the_second_wall_stands_where_the_first_has_a_hole(team: Team) -> None:
    """Each statement that a request may run, without any condition of ours: nothing of another stream comes back."""
    ada = team.member("ada", ROLES)
    team.member("bo", ROLES)
    restricted(team, ada)
    held = rights(team, "bo")

    def told(confined: bool) -> bytes:
        with team.pool.connection() as connection, connection.transaction():
            if confined:
                people.confine(connection, held)
            found = b""
            for table in (*tables.ENTITY, "change"):
                at = "" if table != "change" else " WHERE stream <> 'desk:global'"
                found += repr(connection.execute(f"SELECT * FROM {table}{at}".encode()).fetchall()).encode()
            return found

    assert CANARY.encode() in told(confined=False), "the control finds nothing: the wall is not tried"
    assert CANARY.encode() not in told(confined=True)
    with team.pool.connection() as connection, connection.transaction():
        people.confine(connection, held)
        for sql in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(sql.encode())
        assert connection.execute("UPDATE note SET body = ''").rowcount == 0


def test_unset_sees_nothing(team: Team) -> None:
    ada = team.member("ada", ROLES)
    ada.open("A case")
    ada.push()
    with team.pool.connection() as connection, connection.transaction():
        connection.execute(f"SET LOCAL ROLE {tables.ROLE}".encode())
        assert connection.execute("SELECT count(*) FROM cases").fetchone() == (0,)


def test_what_moved_is_blank_in_the_log_of_those_who_stay(team: Team) -> None:
    ada, bo = team.member("ada", ROLES), team.member("bo", ROLES)
    restricted(team, ada)
    with team.pool.connection() as connection:
        held = rights(team, "bo")
        told = pull.after(connection, DESK, 0, 100, held)
        everything = pull.after(
            connection, DESK, 0, 100, Rights(frozenset({*held.streams, *rights(team, "ada").streams}), {})
        )
    assert CANARY.encode() not in msgspec.json.encode(told)
    assert CANARY.encode() in msgspec.json.encode(everything)
    bo.pull()
    assert bo.store.verify().sound
