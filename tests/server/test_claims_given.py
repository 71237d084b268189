"""A claim is given once: asked again, at once, after it is over, or under somebody else's id."""

from __future__ import annotations

import threading

import pytest
from team import DESK, Team

from escaltui.domain.operations import Release
from escaltui.domain.wire import Claimed, Claiming
from escaltui.server import people
from escaltui.server.desk import NotAllowed


def cases(team: Team, count: int = 3) -> tuple[str, ...]:
    """Cases that everybody may claim."""
    opener = team.member("opener")
    found = tuple(opener.open(f"Case {n}") for n in range(count))
    team.settle()
    return found


def holders(team: Team) -> dict[str, str]:
    return {row[0]: row[1] for row in team.rows("SELECT id, lease_person FROM cases WHERE lease_person <> ''")}


def test_a_claim_whose_answer_was_lost_gives_the_same_case_again(team: Team) -> None:
    found, ada = cases(team), team.member("ada")
    asked = Claiming(team.new_id(), found)
    first = team.desk.claim(ada.caller, DESK, asked)
    assert first.case == found[0]
    assert team.desk.claim(ada.caller, DESK, asked) == first
    assert holders(team) == {found[0]: "ada"}, "not one more"
    assert team.desk.claim(ada.caller, DESK, Claiming(team.new_id(), found)).case == found[1], "another wish is another"


def test_the_same_claim_twice_at_once_gives_one_case(team: Team) -> None:
    found, ada = cases(team, 5), team.member("ada")
    for n in range(4):
        asked, given = Claiming(team.new_id(), found), list[Claimed]()
        start = threading.Barrier(3)

        def ask(asked: Claiming = asked, given: list[Claimed] = given, start: threading.Barrier = start) -> None:
            start.wait()
            given.append(team.desk.claim(ada.caller, DESK, asked))

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert len(set(given)) == 1, given
        assert len(holders(team)) == n + 1


def test_a_claim_that_is_over_is_not_said_to_be_held_when_it_is_asked_for_again(team: Team) -> None:
    found, ada, bo = cases(team, 1), team.member("ada"), team.member("bo")
    asked = Claiming(team.new_id(), found)
    assert team.desk.claim(ada.caller, DESK, asked).case == found[0]
    ada.pull()
    ada.do(Release(case=found[0]))
    ada.push()
    assert team.desk.claim(ada.caller, DESK, asked) == Claimed()
    taken = team.desk.claim(bo.caller, DESK, Claiming(team.new_id(), found))
    assert taken.case == found[0]
    assert team.desk.claim(ada.caller, DESK, asked) == Claimed(), "it is bo's by now"


def test_who_names_the_id_of_somebody_else_s_claim_is_refused(team: Team) -> None:
    found, ada, eve = cases(team), team.member("ada"), team.member("eve")
    asked = Claiming(team.new_id(), found)
    team.desk.claim(ada.caller, DESK, asked)
    answer = team.desk.claim(eve.caller, DESK, Claiming(asked.op_id, found[:1]))
    assert answer.case == ""
    assert holders(team) == {found[0]: "ada"}


def test_the_order_of_the_list_counts_and_what_cannot_be_claimed_is_passed_over(team: Team) -> None:
    found, ada = cases(team, 4), team.member("ada")
    bo = team.member("bo")
    team.desk.claim(bo.caller, DESK, Claiming(team.new_id(), (found[2],)))
    wished = (team.new_id(), found[2], found[3], found[0])
    assert team.desk.claim(ada.caller, DESK, Claiming(team.new_id(), wished)).case == found[3]
    assert team.desk.claim(ada.caller, DESK, Claiming(team.new_id(), ())) == Claimed()
    why = team.desk.claim(ada.caller, DESK, Claiming("no id", (found[0],))).refused
    assert why is not None
    assert found[0] not in holders(team)


def test_nobody_claims_in_a_stream_that_is_not_theirs(team: Team) -> None:
    found, ada = cases(team), team.member("ada")
    with team.pool.connection() as connection:
        people.revoke(connection, "ada", DESK)
    with pytest.raises(NotAllowed):
        team.desk.claim(ada.caller, DESK, Claiming(team.new_id(), found))
    assert holders(team) == {}
