"""Ways in which something may be lost on its way, or be left where it may not lie: each seldom, each looked at here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from links import Linking, linked
from team import DESK, Member, Team
from test_after_trouble import backup, restore
from test_error_table import pushed

from escaltui.domain.operations import AddMember, AddNote, RemoveMember, SetSensitivity
from escaltui.server import people
from escaltui.store import local
from escaltui.store.values import Draft
from escaltui.sync.link import Link

CANARY = "heliotrope-quince-77"


@pytest.fixture
def specialist(team: Team, url: str) -> Iterator[Callable[[str], tuple[Member, Link]]]:
    """Makes somebody who leads nobody, with a link."""
    made: list[Link] = []

    def make(person: str) -> tuple[Member, Link]:
        member = team.member(person, ("specialist",))
        made.append(linked(member, url))
        return member, made[-1]

    yield make
    for each in made:
        each.close()


def lies(folder: Path) -> bool:
    """Whether the canary is in any file of a store."""
    return any(CANARY.encode() in file.read_bytes() for file in folder.rglob("*") if file.is_file())


def kept_in(member: Member, state: str) -> str:
    return " ".join(each.body for each in member.store.outbox(state=state))


def test_what_rests_on_another_stream_waits_for_it(team: Team, link: Linking) -> None:
    """A note on a case that was opened and restricted here goes to a stream which is not there yet."""
    ada, wire, network = link("ada")
    wire.round()
    case_id = ada.open("A case")
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted", reason="Why it is."))
    ada.do(AddNote(case=case_id, body="in its own stream"))
    own = f"case:{case_id}"
    assert wire.remote.streams() == [DESK, own]
    assert wire.cycle._batch(own, 50) == [], "what opens the case goes first"
    network.asked.clear()
    wire.push()
    pushes = [path for method, path in network.asked if method == "POST" and path.endswith("/ops")]
    assert pushes == [f"/v1/streams/{each}/ops" for each in (DESK, own)]
    wire.round()
    assert (kept_in(ada, "parked"), kept_in(ada, "queued")) == ("", "")
    assert team.rows("SELECT stream FROM note") == [(own,)]


def test_long_notes_go_in_several_pushes(team: Team, link: Linking) -> None:
    ada, wire, network = link("ada")
    case_id = ada.open("A case")
    for n in range(3):
        ada.do(AddNote(case=case_id, body=f"{n}" * 300_000))
    sizes: list[int] = []

    def count(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        if ops := pushed(request):
            sizes.append(len(ops))
        return inner.handle_request(request)

    network.plan = [count] * 100
    wire.round()
    assert sizes == [2, 1, 1]
    assert team.rows("SELECT count(*) FROM note") == [(3,)]


def test_what_the_server_lost_and_a_right_ended_for_is_set_aside_with_its_words(team: Team, link: Linking) -> None:
    ada, wire, _ = link("ada")
    ada.open("Was there before")
    wire.round()
    before = backup(team)
    case_id = ada.open("In the lost tail")
    ada.do(AddNote(case=case_id, body="words of the lost tail"))
    wire.round()
    assert kept_in(ada, "queued") == ""
    restore(team, before)
    with team.pool.connection() as connection:
        people.revoke(connection, "ada", DESK)
    wire.round()
    assert "words of the lost tail" in kept_in(ada, "parked")
    assert ada.store.count(None) == 0, "nothing else of the stream stays"


def test_what_was_accepted_and_lost_before_it_was_pulled_is_sent_again(team: Team, link: Linking) -> None:
    """Our own log is still the beginning of theirs: no fork tells it."""
    ada, wire, _ = link("ada")
    ada.open("Was there before")
    wire.round()
    before = backup(team)
    case_id = ada.open("Accepted, then lost")
    wire.push()
    assert wire.remote.streams() == [], "it was accepted"
    restore(team, before)
    wire.pull()
    assert wire.remote.streams() == [DESK]
    wire.round()
    assert team.rows("SELECT count(*) FROM cases WHERE id = %s", case_id) == [(1,)]
    wire.round()
    assert kept_in(ada, "queued") == ""


def test_of_a_case_that_left_for_a_stream_which_is_not_ours_after_all_nothing_stays(
    team: Team, link: Linking, specialist: Callable[[str], tuple[Member, Link]]
) -> None:
    """Bo is named on a case as it is restricted, and no more before their workbench has its new stream."""
    (ada, hers, _), (bo, his) = link("ada"), specialist("bo")
    case_id = ada.open("A case")
    ada.do(AddNote(case=case_id, body=CANARY))
    ada.do(AddMember(case=case_id, person="bo"))
    hers.round()
    his.round()
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted", reason="Why it is."))
    hers.round()
    hers.round()
    his.pull([DESK])
    assert bo.store.case(case_id) is None
    assert lies(bo.store.folder), "the control: meanwhile what was said of it stays, for it is to come again"
    ada.do(RemoveMember(case=case_id, person="bo", reason="Not theirs."))
    hers.round()
    his.round()
    assert bo.store.case(case_id) is None
    assert not lies(bo.store.folder)


def test_of_a_case_that_is_asked_for_and_not_ours_no_draft_stays(team: Team, link: Linking) -> None:
    ada, wire, _ = link("ada")
    wire.round()
    missing = team.new_id()
    ada.store.write(lambda c: local.save_draft(c, Draft("note", missing, CANARY, 1)))
    assert lies(ada.store.folder), "the control"
    wire.cycle._filler().fetch([missing])
    assert ada.store.drafts() == []
    ada.store.settle()
    assert not lies(ada.store.folder)
