"""The rare ways in which a round, a fill, a file or a token goes wrong: what is kept, what is asked for again, what is
said. The design's own table of errors is in `test_error_table.py`."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator

import httpx
import msgspec
import pytest
from links import Linking, Named, token
from team import DESK, Member, Team
from test_after_trouble import backup, restore
from test_error_table import altered, attempts, case_and_notes, hole, kept_everywhere, round_

from escaltui.domain.media import Attachment
from escaltui.domain.operations import AddNote, NewSubject, SealMedia, SetSensitivity
from escaltui.server import people, pull
from escaltui.store import Store
from escaltui.sync import blobs, fill
from escaltui.sync.blobs import Blobs, SealedFile, Stopped
from escaltui.sync.cycle import POISON_AFTER
from escaltui.sync.fill import Filler
from escaltui.sync.link import Link
from escaltui.sync.net import Offline, Refusing

Inner = httpx.BaseTransport


class Broken(httpx.SyncByteStream):
    """A body that is cut after what is given."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self._body
        raise httpx.ReadError("cut")


def at(path: str, step: Callable[[httpx.Request, Inner], httpx.Response]) -> list[object]:
    """A plan that concerns requests whose address holds a word; the others pass."""

    def answer(request: httpx.Request, inner: Inner) -> httpx.Response:
        return step(request, inner) if path in request.url.path else inner.handle_request(request)

    return [answer] * 1000


def refused(status: int, code: str = "x", **headers: str) -> Callable[[httpx.Request, Inner], httpx.Response]:
    return lambda request, inner: httpx.Response(status, json={"code": code, "reason": "No."}, headers=headers)


# --- files


def filed(ada: Member, wire: Link, *files: bytes) -> str:
    """A case whose subject has some files, kept here and named there."""
    held = tuple(
        Attachment(f"file {n}", "image/png", len(data), hashlib.sha256(data).hexdigest())
        for n, data in enumerate(files)
    )
    case_id = ada.open("With files", subjects=(NewSubject(platform="example", item_id="1", media=held),))
    for data in files:
        ada.store.keep_original(data)
    assert round_(wire) == ""
    return case_id


def parts_sent(network: Named) -> int:
    return sum(method == "PATCH" for method, _ in network.asked)


DATA = random.Random(1).randbytes(4500)


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "BLOB_PART", 1000)


def test_who_wants_to_end_is_not_kept_by_files(link: Linking, small_parts: None) -> None:
    ada, wire, network = link("ada")
    filed(ada, wire, DATA, DATA[:50])
    assert Blobs(ada.store, wire.server, lambda: True).bring() == 0
    assert parts_sent(network) == 0
    with pytest.raises(Stopped, match="it goes on later"):  # in the middle of the larger one
        Blobs(ada.store, wire.server, lambda: parts_sent(network) == 2).bring()
    before = parts_sent(network)
    assert Blobs(ada.store, wire.server).bring() + (before > 2) == 2
    assert parts_sent(network) <= 6, "what was there was not sent again"


def test_a_file_that_is_sealed_while_it_is_sent_is_sent_no_further(link: Linking, small_parts: None) -> None:
    ada, wire, network = link("ada")
    case_id = filed(ada, wire, DATA)
    (subject,) = ada.store.bundle(case_id).subjects  # type: ignore[union-attr]

    def seal() -> bool:
        if parts_sent(network) == 2:
            ada.ask(SealMedia(case=case_id, holder=f"subject:{subject.id}", at=0, basis="reviewer"))
        return False

    assert Blobs(ada.store, wire.server, seal).bring() == 0
    assert parts_sent(network) == 3, "the part that was on its way, and none after it"
    with pytest.raises(SealedFile):
        Blobs(ada.store, wire.server).fetch(hashlib.sha256(DATA).hexdigest())


@pytest.mark.parametrize("status", [409, 422])
def test_a_part_that_does_not_fit_is_asked_about_anew_but_not_for_ever(
    link: Linking, small_parts: None, status: int
) -> None:
    ada, wire, network = link("ada")
    filed(ada, wire, DATA)
    network.plan = at("/v1/uploads", refused(status))
    assert Blobs(ada.store, wire.server).bring() == 0
    assert parts_sent(network) == blobs.TRIES
    network.plan = []
    assert Blobs(ada.store, wire.server).bring() == 1


def test_a_server_that_breaks_over_files_is_told_and_left(link: Linking, small_parts: None) -> None:
    ada, wire, network = link("ada")
    filed(ada, wire, DATA)
    network.plan = at("/v1/blobs", refused(500))
    with pytest.raises(Refusing):
        wire.bring(lambda: False)
    network.plan = ["lost before"] * 100
    with pytest.raises(Offline):
        wire.bring(lambda: False)
    network.plan = []
    assert wire.bring(lambda: False) == 1
    sha256 = hashlib.sha256(DATA).hexdigest()
    network.asked.clear()
    network.plan = ["lost before"] * blobs.TRIES
    with pytest.raises(Offline):
        Blobs(ada.store, wire.server).fetch(sha256)
    assert len(network.asked) == blobs.TRIES
    found = Blobs(ada.store, wire.server).fetch(sha256)
    assert found.exists()
    assert found.read_bytes() == DATA


def test_a_file_that_is_too_large_for_the_server_is_offered_once(link: Linking) -> None:
    ada, wire, network = link("ada")
    filed(ada, wire, DATA)
    network.plan = at("/v1/blobs", refused(413, "too_large"))
    assert Blobs(ada.store, wire.server).bring() == 0
    network.plan = []
    network.asked.clear()
    assert Blobs(ada.store, wire.server).bring() == 0
    assert network.asked == [], "it is not offered again"


# --- what waits


def test_what_is_taken_back_as_it_is_about_to_leave_does_not(
    link: Linking, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "stays")
    assert round_(wire) == ""
    back = team.new_id()
    ada.do(AddNote(case=case_id, body="taken back"), back)
    real = ada.remote.sending

    def sending(op_ids: list[str], now: int) -> frozenset[str]:
        if back in op_ids:
            assert ada.remote.recall(back, now, team.rules)
        return real(op_ids, now)

    monkeypatch.setattr(ada.remote, "sending", sending)
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "stays")


def test_what_was_done_each_time_though_every_answer_broke_is_not_set_aside(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "first")
    assert round_(wire) == ""
    ada.do(AddNote(case=case_id, body="done, and no answer"))

    def breaks(request: httpx.Request, inner: Inner) -> httpx.Response:
        inner.handle_request(request).read()
        return refused(500)(request, inner)

    network.plan = at(f"/{DESK}/ops", breaks)
    for n in range(POISON_AFTER + 1):  # the try before the last is the one that is enough
        assert attempts(ada) == [n]
        try:
            wire.push()
        except Refusing:
            assert n < POISON_AFTER
    assert ada.store.outbox(state="parked") == []
    network.plan = []
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "first", "done, and no answer")


def test_an_operation_waits_for_what_it_rests_on_in_another_stream(link: Linking, team: Team) -> None:
    """A case is hidden and goes on in its own stream: where the first push fails, the second does not overtake it."""
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "before")
    assert round_(wire) == ""
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted", reason="because"))
    ada.do(AddNote(case=case_id, body="after"))
    network.plan = at(f"/{DESK}/ops", refused(500))
    assert round_(wire) == "Refusing"
    assert not any(f"case:{case_id}/ops" in path for _, path in network.asked)
    network.plan = []
    assert round_(wire) == ""
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "before", "after")


# --- what comes


def test_an_answer_without_all_streams_is_asked_for_again(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "whole")

    def shorter(request: httpx.Request, inner: Inner) -> httpx.Response:
        found = inner.handle_request(request)
        return httpx.Response(200, content=b"\n".join(found.read().splitlines()[:-1]))

    assert round_(wire) == ""
    stands = ada.remote.stands()
    network.plan = at("/v1/pull", shorter)
    with pytest.raises(Offline, match="answer was cut"):
        wire.round()
    assert ada.remote.stands() == stands
    network.plan = []
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "whole")


def test_another_program_of_the_store_may_take_in_the_page_first(link: Linking, team: Team) -> None:
    ada, wire, _ = link("ada")
    bo, bos, network = link("bo")
    assert round_(bos) == ""
    case_id = case_and_notes(ada, "by ada")
    assert round_(wire) == ""
    second = Store.open(bo.store.folder)
    assert second.remote is not None
    other = Link(second, bos._settings, team.rules, team.clock)
    other.tokens.keep(token(team, "bo"))
    taken: list[frozenset[str]] = []

    def late(request: httpx.Request, inner: Inner) -> httpx.Response:
        found = inner.handle_request(request)
        found.read()
        if not taken:
            taken.append(other.pull())
        return found

    try:
        network.plan = at("/v1/pull", late)
        assert round_(bos) == ""
    finally:
        other.close()
        second.close()
    assert case_id in taken[0]
    assert bos.notices() == [], "that is no bad page"
    kept_everywhere(team, bo, case_id, "by ada")
    assert bo.store.verify().sound


def test_a_case_that_is_not_ours_is_left_out_and_a_server_in_trouble_is_told(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "whole")
    assert round_(wire) == ""
    filler = Filler(ada.remote, wire.server, team.rules, team.clock)
    network.plan = at("/v1/cases", refused(404, "not_found"))
    assert filler.fetch([case_id]) == frozenset()
    network.plan = at("/v1/cases", refused(500))
    with pytest.raises(Refusing):
        filler.fetch([case_id])
    kept_everywhere(team, ada, case_id, "whole")


# --- fills


@pytest.fixture
def far_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever lacks more than three changes fills a stream; what is held of it is taken in line by line."""
    monkeypatch.setattr(pull, "BEHIND_MOST", 3)
    monkeypatch.setattr(fill, "LINES_AT_ONCE", 1)


def cut_fill(network: Named) -> None:
    """The next fill ends in the middle."""

    def cut(request: httpx.Request, inner: Inner) -> httpx.Response:
        found = inner.handle_request(request)
        body = found.read()
        lines = body.splitlines(keepends=True)
        headers = {name: value for name, value in found.headers.items() if not name.startswith("content-")}
        return httpx.Response(200, headers=headers, stream=Broken(b"".join(lines[: len(lines) - 1])))

    network.plan = at("/snapshot", cut)


def test_a_fill_that_is_cut_goes_on(link: Linking, team: Team, far_behind: None) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "one", "two", "three", "four")
    assert round_(wire) == ""
    bo, bos, network = link("bo")
    cut_fill(network)
    assert round_(bos) == "Offline"
    network.plan = at("/snapshot", refused(500))
    assert round_(bos) == "Refusing"
    network.plan = []
    assert round_(bos) == ""
    kept_everywhere(team, bo, case_id, "one", "two", "three", "four")


def test_a_right_that_ends_during_a_fill_leaves_nothing_behind(link: Linking, team: Team, far_behind: None) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "one", "two", "three", "secret four")
    assert round_(wire) == ""
    bo, bos, network = link("bo")
    cut_fill(network)
    assert round_(bos) == "Offline"
    network.plan = []
    with team.pool.connection() as connection:
        people.revoke(connection, "bo", DESK)
    assert round_(bos) == ""
    bos.round(greet=False)
    assert bo.remote.filling() == frozenset()
    assert bo.store.case(case_id) is None
    assert DESK not in bo.remote.stands()


def test_a_fill_stops_at_a_mark_when_it_is_asked_to(link: Linking, team: Team, far_behind: None) -> None:
    ada, wire, _ = link("ada")
    for n in range(4):
        case_and_notes(ada, f"note {n}")
    assert round_(wire) == ""
    bo, bos, _ = link("bo")
    filler = Filler(bo.remote, bos.server, team.rules, team.clock, lambda: True)
    with pytest.raises(fill.Stopped, match="goes on later"):
        filler.run(DESK)
    assert bo.remote.filling() == {DESK}
    assert round_(bos) == ""
    assert bo.remote.stands()[DESK] == ada.remote.stands()[DESK]


def test_a_lost_tail_of_a_long_stream_comes_back_as_rows(link: Linking, team: Team, far_behind: None) -> None:
    ada, wire, _ = link("ada")
    case_id = case_and_notes(ada, "one", "two", "three")
    assert round_(wire) == ""
    before = backup(team)
    ada.do(AddNote(case=case_id, body="after the backup"))
    assert round_(wire) == ""
    restore(team, before)
    for _ in range(3):
        assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "one", "two", "three", "after the backup")


@pytest.mark.parametrize("trouble", ["a hole", "forked"])
def test_a_heal_that_gets_no_good_log_changes_nothing(link: Linking, team: Team, trouble: str) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "before")
    assert round_(wire) == ""
    before = backup(team)
    ada.do(AddNote(case=case_id, body="after the backup"))
    assert round_(wire) == ""
    restore(team, before)

    def forked(request: httpx.Request, inner: Inner) -> httpx.Response:
        return httpx.Response(200, content=msgspec.json.encode({"stream": DESK, "refill": True, "forked": True}))

    network.plan = at("/v1/pull", forked if trouble == "forked" else altered(hole))
    with pytest.raises(Offline, match="tried again" if trouble == "forked" else "asked for again"):
        wire.cycle.heal(DESK)
    assert sorted(ada.notes(case_id)) == ["after the backup", "before"]
    network.plan = []
    for _ in range(3):
        assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "before", "after the backup")
