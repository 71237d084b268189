"""Strange answers of whoever speaks for the server, and what a link and an engine make of them."""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from links import Linking, Named, token
from team import DESK, Member, Team
from test_error_table import case_and_notes, kept_everywhere, round_
from test_sync_edges import Inner, at, refused

sys.path.append(str(Path(__file__).resolve().parent.parent / "store"))

import stand_in

from escaltui.domain import wire as words
from escaltui.server import people
from escaltui.store import DiskFull, ring
from escaltui.sync import auth, lock, net
from escaltui.sync.cycle import Moved
from escaltui.sync.engine import Engine, once, settle
from escaltui.sync.link import Link
from escaltui.sync.net import NetError, NotOurs, Offline, Refusing, Server
from escaltui.sync.standing import kept

PATIENCE = 10.0


def server_saying(status: int, body: bytes, **headers: str) -> Server:
    """A server that answers everything in one way."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = httpx.MockTransport(lambda request: httpx.Response(status, content=body, headers=told))
    return Server("http://127.0.0.1:9", "t", "d", transport=answer)


# --- tokens


def test_a_locked_keyring_is_said_and_the_token_of_the_moment_still_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring, "usable", lambda: [stand_in.Locked()])
    tokens = auth.Tokens("https://desk.example", "d1", "")
    with pytest.raises(auth.SignInError, match=r"cannot be read: .*collection is locked.*Unlock the keyring"):
        tokens.find()
    tokens.hold("esct_1")
    assert tokens.find() == "esct_1"


def test_forgetting_takes_a_token_out_of_every_keyring_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    kept_in = stand_in.Ring()
    monkeypatch.setattr(ring, "usable", lambda: [kept_in])
    tokens = auth.Tokens("https://desk.example", "d1", "")
    tokens.keep("esct_1")
    assert list(kept_in.kept.values()) == ["esct_1"]
    monkeypatch.setattr(ring, "usable", lambda: [stand_in.Locked(), stand_in.Ring(), kept_in])
    again = auth.Tokens("https://desk.example", "d1", "")  # as another start of the program
    assert again.forget()
    assert kept_in.kept == {}
    assert not again.forget()
    monkeypatch.setattr(ring, "usable", lambda: [kept_in])
    with pytest.raises(auth.SignInError, match="signed out"):
        again.find()


def test_without_a_keyring_what_was_held_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> list[Any]:
        raise ring.RingError("no keyring")

    monkeypatch.setattr(ring, "usable", none)
    tokens = auth.Tokens("https://desk.example", "d1", "")
    tokens.hold("esct_1")
    assert tokens.forget()
    assert not tokens.forget()


# --- the lead of a folder


def test_whether_somebody_moves_a_store(tmp_path: Path) -> None:
    assert not lock.held(tmp_path), "nobody ever did"
    lead = lock.Lead(tmp_path)
    assert lead.take()
    assert lock.held(tmp_path)
    assert not lock.Lead(tmp_path).take()
    lead.leave()
    assert not lock.held(tmp_path)


# --- answers


def test_a_stream_of_rows_that_is_none_is_not_our_server() -> None:
    with pytest.raises(NotOurs, match="not our server"):
        list(server_saying(200, b"<html>\n").snapshot(DESK))
    with pytest.raises(Refusing, match="Not yours") as told:
        list(server_saying(403, b'{"code": "not_found", "reason": "Not yours."}').snapshot(DESK))
    assert told.value.status == 403


def test_a_line_without_an_end_is_never_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(net, "ANSWER_MOST", 1000)
    with pytest.raises(NotOurs):
        list(server_saying(200, b"x" * 2000).snapshot(DESK))


def test_a_case_that_does_not_come_whole_is_not_taken() -> None:
    row = msgspec.json.encode(words.Row("case", "c1", msgspec.Raw(b"{}"))) + b"\n"
    for body in (b"", row, row + msgspec.json.encode(words.Mark("case c1")) + b"\n"):
        with pytest.raises(Offline, match="no whole answer"):
            server_saying(200, body).case("c1")
    found = server_saying(200, row + msgspec.json.encode(words.Mark("case c1", end=True)) + b"\n").case("c1")
    assert [type(each).__name__ for each in found] == ["Row", "Mark"]


def test_a_file_from_its_beginning_where_its_end_was_asked_for_is_not_mixed_up() -> None:
    with pytest.raises(NotOurs):
        list(server_saying(200, b"all of it").blob("ab" * 32, first=3))
    assert b"".join(server_saying(200, b"all of it").blob("ab" * 32)) == b"all of it"
    assert b"".join(server_saying(206, b"of it").blob("ab" * 32, first=4)) == b"of it"


def test_events_are_read_past_what_nobody_understands() -> None:
    with pytest.raises(NotOurs):
        list(server_saying(200, b"{}", content_type="application/json").events())
    body = b': alive\n\nevent: heads\ndata: {not json\ndata: [1]\ndata: {"desk:global": 3}\nid: 4\n\n'
    found = list(server_saying(200, body, content_type="text/event-stream").events())
    assert found == [("", {}), ("heads", {}), ("heads", {"desk:global": 3})]


@pytest.mark.parametrize(("said", "meant"), [("7", 7.0), ("-3", 0.0), ("99999", 3600.0), ("Wed, 21 Oct 2026", None)])
def test_when_to_come_back(said: str, meant: float | None) -> None:
    with pytest.raises(Refusing) as told:
        server_saying(503, b'{"code": "busy", "reason": "Busy."}', retry_after=said).me()
    assert told.value.retry_after == meant


def test_results_of_other_operations_are_no_answer() -> None:
    server = server_saying(200, b'{"results": [{"op_id": "b", "status": "applied"}]}')
    with pytest.raises(Offline, match="not to what was sent"):
        server.push(DESK, words.Push(words.Stand(), (words.Sent("a", msgspec.Raw(b"{}")),)))


def test_hanging_up_where_nobody_listens_is_nothing(link: Linking) -> None:
    _, wire, _ = link("ada")
    wire.hang_up()  # no connection yet
    assert round_(wire) == ""
    wire.hang_up()  # one, and no events
    assert round_(wire) == ""


# --- a link


def test_a_token_of_somebody_else_moves_nothing(link: Linking, team: Team) -> None:
    ada, wire, _ = link("ada")
    link("bo")
    case_id = case_and_notes(ada, "ada's own")
    wire.tokens.keep(token(team, "bo"))
    with pytest.raises(NotOurs, match="bo's, this store is ada's"):
        wire.round()
    assert team.rows("SELECT count(*) FROM note") == [(0,)]
    wire.close()
    wire.tokens.keep(token(team, "ada"))
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "ada's own")


def test_a_stream_that_is_hidden_between_two_words_is_dropped_at_once(link: Linking, team: Team) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "held")
    assert round_(wire) == ""
    with team.pool.connection() as connection:
        people.revoke(connection, "ada", DESK)
    wire.pull((DESK,))  # nobody greets: the answer to the pull says it
    assert ada.store.case(case_id) is None
    assert DESK not in ada.remote.connected.me.streams


@pytest.mark.parametrize("status", [404, 500])
def test_rules_that_are_not_given_now_change_nothing(link: Linking, team: Team, status: int) -> None:
    """404: another set is in force by now; the round goes on. Anything else is the server's trouble."""
    _, wire, network = link("ada")
    assert round_(wire) == ""
    team.desk.rules = msgspec.structs.replace(team.rules, hash="ab" * 32)
    network.plan = at("/v1/rules/", refused(status))
    assert round_(wire) == ("" if status == 404 else "Refusing")
    assert wire.rules_hash == team.rules.hash
    assert wire.notices() == []


def test_a_log_that_changes_as_it_is_read_is_tried_again_later(
    link: Linking, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "kept")
    assert round_(wire) == ""
    healed: list[str] = []
    with monkeypatch.context() as patch:
        patch.setattr(wire.cycle, "heal", lambda stream: healed.append(stream) or frozenset())
        patch.setattr(wire.cycle, "pull", lambda streams: (_ for _ in ()).throw(Moved(DESK)))
        with pytest.raises(NetError, match="tried again"):
            wire.pull()
    assert 2 <= len(healed) < 50, "not for ever"
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "kept")


def test_what_waits_at_the_end_of_a_program_leaves_if_it_can(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    assert round_(wire) == ""
    case_id = case_and_notes(ada, "last words")
    network.plan = ["lost before"] * 5
    settle(wire)  # nothing is raised
    assert "not reached" in once(wire)
    assert kept(ada.store).state == "offline"
    network.plan = []
    settle(wire)
    assert team.rows("SELECT count(*) FROM note") == [(1,)]
    assert once(wire) == ""
    assert kept(ada.store).state == "online"
    kept_everywhere(team, ada, case_id, "last words")


# --- an engine


def moving(wire: Link, told: list[Any], said: list[str]) -> Engine:
    return Engine(wire, told.append, said.append, random.Random(1))


def events(*lines: str) -> httpx.Response:
    body = "".join(f"{line}\n" for line in lines).encode()
    return httpx.Response(200, content=body, headers={"content-type": "text/event-stream"})


def due(engine: Engine) -> bool:
    """Whether a pull is due within a second."""
    return engine._pace.left(time.monotonic()) < 1.5


@pytest.fixture
def quiet(link: Linking) -> Callable[[], tuple[Member, Link, Named, Engine]]:
    """Somebody whose engine has nothing to do: no thread runs."""

    def make() -> tuple[Member, Link, Named, Engine]:
        ada, wire, network = link("ada")
        engine = moving(wire, [], [])
        case_and_notes(ada, "there")
        for _ in range(4):
            while engine._pace.left(time.monotonic()) <= 0:
                engine._round(engine._pace.take(time.monotonic()))
        engine._pace.live = True
        engine._pace._poked = None
        engine._pace._typed = False
        assert not engine._whole
        assert not due(engine)
        return ada, wire, network, engine

    return make


@pytest.mark.parametrize(
    ("lines", "whole", "pulled"),
    [
        (("event: member", "data: {}"), True, True),
        (("event: rules", 'data: {"hash": "other"}'), True, True),
        (("event: news-of-next-year", "data: {}"), False, True),
        (("event: heads", "data: {}"), True, True),  # of a stream that we hold nothing is said: a right ended
        (("event: heads", f'data: {{"{DESK}": 99}}'), False, True),
        (("event: heads", f'data: {{"{DESK}": 2, "case:new": 1}}'), True, True),  # one was granted
        ((": alive",), False, False),
    ],
)
def test_what_is_heard_decides_what_the_next_round_does(
    quiet: Callable[[], tuple[Member, Link, Named, Engine]], lines: tuple[str, ...], whole: bool, pulled: bool
) -> None:
    ada, _, network, engine = quiet()
    said = [line.replace(f'"{DESK}": 2', f'"{DESK}": {ada.remote.stands()[DESK].seq}') for line in lines]
    network.plan = [events(*said)]
    engine._listen()
    assert (engine._whole, due(engine)) == (whole, pulled)


def test_our_own_rules_are_no_news(quiet: Callable[[], tuple[Member, Link, Named, Engine]]) -> None:
    _, wire, network, engine = quiet()
    network.plan = [events("event: rules", f'data: {{"hash": "{wire.rules_hash}"}}')]
    engine._listen()
    assert not engine._whole
    assert not due(engine)


def test_who_ends_hears_no_more(quiet: Callable[[], tuple[Member, Link, Named, Engine]]) -> None:
    _, _, network, engine = quiet()
    network.plan = [events("event: member", "data: {}")]
    engine._ending.set()
    engine._listen()
    assert not engine._whole


@pytest.mark.parametrize("whole", [True, False])
def test_a_full_disk_in_a_round_leaves_it_due(
    quiet: Callable[[], tuple[Member, Link, Named, Engine]], monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    _, wire, _, engine = quiet()
    engine._whole = whole

    def full(**_: bool) -> frozenset[str]:
        raise DiskFull("The disk is full.")

    engine.poke()
    taken = engine._pace.take(time.monotonic())
    with monkeypatch.context() as patch:
        patch.setattr(wire, "round", full)
        with pytest.raises(DiskFull):
            engine._round(taken)
    assert engine._whole == whole, "who we are is asked again, where that was to be asked"


def test_events_that_a_server_refuses_are_asked_for_when_it_says(link: Linking, team: Team) -> None:
    """Three channels too many, then one that is taken; what came meanwhile is pulled."""
    ada, wire, network = link("ada")
    (bo, bos, _) = link("bo")
    asked: list[float] = []

    def busy(request: httpx.Request, inner: Inner) -> httpx.Response:
        asked.append(time.monotonic())
        if len(asked) == 1:
            return refused(429, "too_many", **{"retry-after": "1"})(request, inner)
        return inner.handle_request(request)

    network.plan = at("/v1/events", busy)
    told: list[Any] = []
    engine = moving(wire, told, [])
    engine.start()
    try:
        _until(lambda: len(asked) == 1)
        case_id = case_and_notes(bo, "meanwhile")
        assert round_(bos) == ""
        _until(lambda: len(asked) > 1 and ada.notes(case_id) == ["meanwhile"])
        assert asked[1] - asked[0] >= 1.0
    finally:
        engine.stop()


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
