"""Signing in with what a provider says: who gets in, as whom, for how long; and that nobody else does."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import psycopg
import pytest
from live import serving
from provider import CLIENT
from signing import Desk, desk_with_provider, linked
from team import DESK, Member, Team

from escaltui.domain.operations import AddPerson
from escaltui.server import people, pokes, tokens
from escaltui.server.limits import Limits
from escaltui.server.oidc import LEEWAY
from escaltui.server.people import Rights
from escaltui.server.remembered import SECONDS, Remembered
from escaltui.server.signin import address
from escaltui.sync.net import Refusing, Server

HOUR = 3_600_000


@pytest.fixture(autouse=True)
def quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that stops waits for its last look at the heads."""
    monkeypatch.setattr(pokes, "LOOK", 0.1)


@pytest.fixture
def log() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def desk(team: Team, database: str, log: list[dict[str, Any]]) -> Iterator[Desk]:
    with desk_with_provider(team, database, log=log.append) as made:
        yield made


# --- who gets in


def test_signing_in_makes_somebody_known_with_the_roles_of_their_groups(desk: Desk, log: list[dict[str, Any]]) -> None:
    about = httpx.get(f"{desk.url}/v1/about").json()
    assert (about["issuer"], about["client_id"]) == (desk.provider.url, CLIENT)
    before = desk.team.clock.now
    token = desk.sign_in(groups=["desk", "leads", "somewhere else"])
    me = desk.ask("/v1/me", token).json()
    assert (me["person"], me["desks"], me["roles"]) == ("ada", ["emea", "global"], ["lead", "specialist"])
    assert desk.team.rows("SELECT login, body::json->>'name' FROM person") == [("ada", "Ada L.")]
    assert desk.team.rows("SELECT actor, stream, entity FROM change WHERE stream = 'org'") == [
        ("system", "org", "person")
    ]
    (row,) = desk.team.rows("SELECT kind, device, until, sha256 FROM token")
    assert row[:3] == ("session", "d-1", before + 1000 + 12 * HOUR)
    assert token not in str(row)
    assert log[-2]["person"] == "ada"
    assert token.rpartition("_")[2] not in json.dumps(log)
    assert desk.provider.asked == {"document": 1, "jwks": 1}


def test_a_backend_without_a_provider_says_so(team: Team, database: str) -> None:
    with serving(team, database) as url:
        assert "issuer" not in httpx.get(f"{url}/v1/about").json()
        answer = httpx.post(f"{url}/v1/signin", json={"id_token": "a.b.c", "device": "d"})
        assert (answer.status_code, answer.json()["code"]) == (404, "no_provider")


# --- one token, one device, twelve hours


def test_an_id_token_serves_one_device_and_only_as_long_as_it_lasts(desk: Desk) -> None:
    token = desk.provider.token()
    assert desk.post(token, "d-1").status_code == 200
    assert desk.post(token, "d-1").status_code == 200, "the answer was lost"
    assert desk.post(token, "d-2").status_code == 401
    desk.team.clock.step((300 + LEEWAY) * 1000)
    assert desk.post(token, "d-1").status_code == 401


def test_a_session_is_for_its_device_and_ends_after_twelve_hours(desk: Desk) -> None:
    token = desk.sign_in()
    assert desk.ask("/v1/me", token).status_code == 200
    assert desk.ask("/v1/me", token, device="d-2").status_code == 401
    assert desk.ask("/v1/me", token, device="").status_code == 401
    find = desk.team.desk.caller
    desk.team.clock.step(12 * HOUR - 1)
    assert find(token, "d-1") is not None
    desk.team.clock.step(1)
    assert find(token, "d-1") is None


def test_the_next_session_of_a_device_ends_the_one_before_and_no_other(desk: Desk) -> None:
    first, other, second = desk.sign_in(), desk.sign_in("d-2"), desk.sign_in()
    find = desk.team.desk.caller
    assert [find(first, "d-1"), find(other, "d-2") is None, find(second, "d-1") is None] == [None, False, False]


def test_signing_out_ends_a_session_here_at_once_and_elsewhere_within_the_time_of_the_cache(desk: Desk) -> None:
    token, at = desk.sign_in(), [1000.0]
    elsewhere = Remembered(desk.team.desk.caller, now=lambda: at[0])
    assert elsewhere.find(token, "d-1")
    assert desk.ask("/v1/me", token).status_code == 200
    assert desk.ask("/v1/signin", token, method="DELETE").json() == {"ended": True}
    assert desk.ask("/v1/me", token).status_code == 401
    assert desk.ask("/v1/signin", token, method="DELETE").status_code == 401
    assert elsewhere.held(token, "d-1")
    at[0] += SECONDS
    assert elsewhere.held(token, "d-1") is None
    assert elsewhere.find(token, "d-1") is None
    assert SECONDS <= 30


def test_signing_out_leaves_a_token_that_an_admin_made(desk: Desk) -> None:
    with desk.team.pool.connection() as connection:
        people.grant(connection, "bo", DESK, frozenset({"specialist"}), "system", 0)
        made = tokens.make(connection, "bo", tokens.WORK, desk.team.clock.now)
    assert desk.ask("/v1/signin", made, method="DELETE").json() == {"ended": False}
    assert desk.ask("/v1/me", made).status_code == 200


def test_ten_sign_ins_a_minute_from_one_place(team: Team, database: str) -> None:
    with desk_with_provider(team, database, limits=Limits()) as desk:
        found = [desk.post("a.b.c").status_code for _ in range(10)]
        answer = desk.post(desk.provider.token())
        assert found == [401] * 10
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) in (5, 6)
    assert address("2001:db8:1:2:3::9") == address("2001:db8:1:2::1") != address("2001:db8:1:3::1")
    assert address("::ffff:192.0.2.7") == address("192.0.2.7") != address("192.0.2.8")


# --- groups


def test_a_group_that_ended_ends_the_membership_and_the_workbench_drops_what_it_held(desk: Desk) -> None:
    bo = desk.team.member("bo")
    case = bo.open("Order")
    bo.push()
    ada = Member(desk.team, desk.team.folder / "ada", "ada", ("lead",))
    desk.team.members.append(ada)
    link = linked(ada, desk.url, desk.sign_in(ada.store.device, groups=["leads"]))
    try:
        link.round()
        assert ada.store.bundle(case) is not None
        with closing(Server(desk.url, link.tokens.find(), ada.store.device)) as listening:
            events = listening.events()
            assert next(events)[0] == "heads"
            desk.refused(groups=[])
            assert next(name for name, _ in events if name not in ("", "rules")) == "member"
            listening.hang_up()
        assert desk.memberships("ada") == {}
        link.meet()
        assert DESK not in ada.remote.stands()
        assert ada.store.bundle(case) is None
        with pytest.raises(Refusing, match="not yours"):
            link.server.push(DESK, ada.batch(DESK))
    finally:
        link.close()


def test_groups_are_looked_at_anew_at_each_sign_in(desk: Desk) -> None:
    desk.sign_in(groups=["leads", "admins"])
    assert desk.memberships("ada") == {
        "desk:global": '["lead","specialist"]',
        "desk:emea": '["lead"]',
        "org": '["admin"]',
    }
    desk.sign_in(groups=["desk"])
    assert desk.memberships("ada") == {"desk:global": '["specialist"]'}
    assert desk.refused(groups=["none of ours"])["code"] == "no_account"
    assert desk.refused(groups="desk")["code"] == "no_account"
    assert desk.refused(groups=None)["code"] == "no_account"
    assert desk.held()["person"] == 1


def test_what_was_granted_by_hand_stays_and_what_groups_gave_ends_by_itself_where_nobody_comes_back(desk: Desk) -> None:
    team = desk.team
    desk.sign_in(groups=["leads"])
    with team.pool.connection() as connection:
        people.grant(connection, "ada", DESK, frozenset({"approver"}), "system", team.clock.now)
    desk.sign_in(groups=[])
    assert desk.memberships("ada") == {DESK: '["approver"]'}
    desk.sign_in(groups=["leads"])
    assert desk.memberships("ada") == {DESK: '["approver"]', "desk:emea": '["lead"]'}
    with team.pool.connection() as connection:
        assert "desk:emea" in people.rights(connection, "ada", team.clock.now + 29 * 24 * HOUR).roles
        assert "desk:emea" not in people.rights(connection, "ada", team.clock.now + 31 * 24 * HOUR).roles


# --- as whom


def add(desk: Desk, person: str, **roles: str) -> None:
    desk.team.desk.system([AddPerson(login=person, name=person)])
    with desk.team.pool.connection() as connection:
        for stream, role in roles.items():
            people.grant(connection, person, stream, frozenset({role}), "system", desk.team.clock.now)


def who(desk: Desk, token: str) -> str:
    return str(desk.ask("/v1/me", token).json()["person"])


def test_the_subject_decides_and_not_the_name(desk: Desk) -> None:
    assert who(desk, desk.sign_in(preferred_username="Zo\N{LATIN SMALL LETTER E WITH DIAERESIS} O'Hara")) == "zoeohara"
    assert who(desk, desk.sign_in(preferred_username="another.name")) == "zoeohara"
    assert who(desk, desk.sign_in(preferred_username=None, name="Another")) == "zoeohara"
    assert desk.held()["person"] == 1


def test_the_first_subject_has_the_name(desk: Desk) -> None:
    desk.sign_in()
    assert desk.refused(sub="s-2")["code"] == "no_account"
    assert desk.refused(sub="s-2", preferred_username="ADA")["code"] == "no_account"
    assert who(desk, desk.sign_in(sub="s-2", preferred_username="ada.b")) == "ada.b"


def test_somebody_known_is_bound_by_the_very_name_only(desk: Desk) -> None:
    add(desk, "bo", **{DESK: "approver"})
    for lookalike in ("b o", "b\N{LATIN SMALL LETTER O WITH DIAERESIS}", "\N{CYRILLIC SMALL LETTER ZHE}bo", "b@o"):
        assert desk.refused(sub="s-2", preferred_username=lookalike)["code"] == "no_account"
    assert who(desk, desk.sign_in(sub="s-3", preferred_username="Bo", groups=[])) == "bo"
    assert desk.memberships("bo") == {DESK: '["approver"]'}


def test_nobody_becomes_an_admin_by_a_name(desk: Desk) -> None:
    add(desk, "root", org="admin")
    assert desk.refused(preferred_username="root")["code"] == "no_account"
    assert who(desk, desk.sign_in(preferred_username="root", groups=["admins"])) == "root"


def test_what_can_be_no_login_signs_nobody_in(desk: Desk) -> None:
    for called in ("system", "me", "", "   ", "\N{CYRILLIC SMALL LETTER ZHE}", 7, None, ["ada"]):
        assert desk.refused(preferred_username=called)["code"] == "no_account"
    assert not sum(desk.held().values())


def test_rights_that_wait_for_a_name_are_not_taken_up_by_a_stranger(desk: Desk) -> None:
    desk.team.member("cy")
    assert desk.refused(preferred_username="cy")["code"] == "no_account"


def test_an_address_counts_once_it_is_verified(team: Team, database: str) -> None:
    with desk_with_provider(team, database, claim="email", domain="example.org") as desk:
        assert desk.refused(email="ada@example.org")["code"] == "no_account"
        assert desk.refused(email="ada@example.org", email_verified="true")["code"] == "no_account"
        assert who(desk, desk.sign_in(email="ada@Example.org", email_verified=True)) == "ada"
        assert who(desk, desk.sign_in(sub="s-2", email="ada@evil.example", email_verified=True)) == "adaevilexample"


def test_two_devices_that_sign_in_together_make_one_person(desk: Desk) -> None:
    desk.sign_in(sub="s-0", preferred_username="zed")
    found: list[int] = []
    shown = [desk.provider.token(jti=f"{n}") for n in range(6)]
    threads = [
        threading.Thread(target=lambda n=n: found.append(Desk(desk.team, desk.provider, desk.url)
                                                         .post(shown[n], f"d-{n}").status_code))
        for n in range(6)
    ]  # fmt: skip
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert found.count(200) == 6
    assert desk.team.rows("SELECT login FROM person ORDER BY login") == [("ada",), ("zed",)]


def test_a_request_cannot_look_at_who_is_bound(desk: Desk) -> None:
    desk.sign_in()
    for table in ("identity", "spent", "token"):
        with desk.team.pool.connection() as connection:
            people.confine(connection, Rights(frozenset({DESK}), {}))
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"SELECT * FROM {table}".encode())
            connection.rollback()


# --- for auditors


def test_sign_ins_and_those_refused_are_written_down(desk: Desk) -> None:
    token = desk.sign_in()
    desk.post("a.b.c")
    assert desk.ask("/v1/signin", token, method="DELETE").json() == {"ended": True}
    rows = desk.team.rows("SELECT verb, entity_id, device FROM change WHERE stream = 'org:audit' ORDER BY seq")
    found = [row[0] for row in rows]
    assert found.count("SignedIn") == 1
    assert found[-2:] == ["SignInRefused", "SignedOut"]
    assert "MembershipGranted" in found
    assert next(row[2] for row in rows if row[0] == "SignedIn") == "d-1"
    assert token not in str(desk.team.rows("SELECT body FROM change"))
