"""Each row of the design's error table (store, sync and backend, 6), against the real backend over HTTP.

Every row ends the same way: nothing that was written is lost, and what can flow flows.
"""

from __future__ import annotations

import random
import ssl
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
import zstandard
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from links import Linking, Named, token
from team import DESK, Member, Team

from escaltui.domain.operations import AddNote
from escaltui.server import bodies, people
from escaltui.sync import engine
from escaltui.sync.cycle import POISON_AFTER, SINGLY_AFTER
from escaltui.sync.engine import Engine
from escaltui.sync.link import Link
from escaltui.sync.net import NetError, NotOurs, Server, Unreached
from escaltui.sync.standing import kept

Step = Callable[[httpx.Request, httpx.BaseTransport], httpx.Response]


def pushed(request: httpx.Request) -> list[dict[str, Any]]:
    """The operations of a push; none for another request."""
    if not request.url.path.endswith("/ops"):
        return []
    body = request.read()
    if request.headers.get("content-encoding") == "zstd":
        body = zstandard.ZstdDecompressor().decompressobj().decompress(body)
    return list(msgspec.json.decode(body)["ops"])


def failing(network: Named, status: int, word: str) -> list[int]:
    """From now on a push with an operation that has a word gets a status. Gives the sizes of all pushes, as made."""
    sizes: list[int] = []

    def answer(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        ops = pushed(request)
        if ops:
            sizes.append(len(ops))
        if any(word in str(op) for op in ops):
            return httpx.Response(status, json={"code": "x", "reason": "It cannot be."})
        return inner.handle_request(request)

    network.plan = [answer] * 1000
    return sizes


def attempts(member: Member) -> list[int]:
    return [each.attempts for stream in member.remote.streams() for each in member.remote.waiting(stream, 1000)]


def round_(link: Link) -> str:
    """A whole round; the kind of what went wrong."""
    try:
        link.round()
    except NetError as error:
        return type(error).__name__
    return ""


def case_and_notes(member: Member, *bodies: str) -> str:
    case_id = member.open("A case")
    for body in bodies:
        member.do(AddNote(case=case_id, body=body))
    return case_id


def kept_everywhere(team: Team, member: Member, case_id: str, *bodies: str) -> None:
    """The server has just these notes, and so has the member."""
    held = sorted(msgspec.json.decode(row[0])["body"] for row in team.rows("SELECT body FROM note"))
    assert held == sorted(bodies)
    assert sorted(member.notes(case_id)) == sorted(bodies)


# --- 401


def test_401_the_queue_stays_and_local_work_goes_on(link: Linking, team: Team) -> None:
    ada, wire, _network = link("ada")
    case_id = case_and_notes(ada, "before")
    assert round_(wire) == ""
    wire.tokens.keep("esct_another_token")
    wire.close()
    ada.do(AddNote(case=case_id, body="signed out"))
    assert round_(wire) == "NotSignedIn"
    assert attempts(ada) == [0]
    ada.do(AddNote(case=case_id, body="and on"))
    said: list[str] = []
    moving = Engine(wire, lambda cases: None, said.append, random.Random(1))
    moving._round(moving._pace.take(moving._pace._pulled + 1000))
    assert kept(ada.store).state == "signed_out"
    assert said == ["Sign in to go on syncing · 2 ops waiting"]
    wire.tokens.keep(token(team, "ada"))
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "before", "signed out", "and on")


def test_401_without_any_token(link: Linking) -> None:
    _ada, wire, network = link("ada")
    wire.tokens.forget()
    assert round_(wire) == "NotSignedIn"
    assert network.asked == []


# --- 403, 404 on a stream


def test_a_hidden_stream_parks_its_own_and_the_others_go_on(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    bo, bos, _ = link("bo")
    case_id = case_and_notes(ada, "first")
    assert round_(wire) == ""
    assert round_(bos) == ""
    bo.do(AddNote(case=case_id, body="mine, too late"))
    with team.pool.connection() as connection:
        people.revoke(connection, "bo", DESK)
        people.grant(connection, "bo", "desk:night", frozenset({"specialist"}), "system", 0)
    bos.push()
    assert bo.remote.connected.me.streams.count("desk:night") == 1, "memberships were not read anew"
    (parked,) = bo.store.outbox(state="parked")
    assert "mine, too late" in parked.body
    assert bo.store.case(case_id) is None
    assert round_(bos) == ""
    assert "GET" in {method for method, path in network.asked if path == "/v1/me"}


def test_a_404_of_somebody_else_parks_nothing(link: Linking) -> None:
    """A proxy's page is no word of the server's."""
    ada, wire, network = link("ada")
    case_and_notes(ada, "kept")
    network.plan = ["", "", httpx.Response(404, text="<html>not here</html>")]
    assert round_(wire) == "Refusing"
    assert ada.store.outbox(state="parked") == []
    assert attempts(ada) == [0, 0]
    assert round_(wire) == ""


def test_a_token_without_the_scope_parks_nothing(link: Linking, team: Team) -> None:
    ada, wire, _network = link("ada")
    case_and_notes(ada, "kept")
    wire.tokens.keep(token(team, "ada", "pull"))
    assert round_(wire) == "Refusing"
    assert ada.store.outbox(state="parked") == []
    assert wire.pulled is not None, "what comes does not depend on what leaves"


# --- 413; 400, 415, 422


def test_413_is_halved_and_a_lone_one_parks(link: Linking, team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, wire, _network = link("ada")
    monkeypatch.setattr(bodies, "PACKED_MOST", 5_000)  # the real limit is above what one operation may say
    big = random.Random(1).randbytes(9_000).hex()
    case_id = case_and_notes(ada, "a", "b")
    assert round_(wire) == ""
    for body in ("c", big, "d"):
        ada.do(AddNote(case=case_id, body=body))
    assert round_(wire) == ""
    (parked,) = ada.store.outbox(state="parked")
    assert big in parked.body
    assert ada.remote.streams() == []
    kept_everywhere(team, ada, case_id, "a", "b", "c", "d")


@pytest.mark.parametrize("status", [400, 413, 415, 422])
def test_the_culprit_is_found_and_parks(link: Linking, team: Team, status: int) -> None:
    ada, wire, network = link("ada")
    bodies = [f"note {n}" for n in range(6)]
    case_id = case_and_notes(ada, *bodies[:3], "the culprit", *bodies[3:])
    sizes = failing(network, status, "the culprit")
    assert round_(wire) == ""
    (parked,) = ada.store.outbox(state="parked")
    assert "the culprit" in parked.body
    assert "It cannot be." in parked.result
    assert sizes[0] == 8
    assert set(sizes[1:]) == ({1} if status != 413 else set(sizes[1:]))
    assert ada.remote.streams() == []
    kept_everywhere(team, ada, case_id, *bodies)


# --- 429, 503


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_given_the_time_it_asks_for(link: Linking, team: Team, status: int) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "patient")
    busy = httpx.Response(status, json={"code": "busy", "reason": "Busy."}, headers={"retry-after": "7"})
    moving = Engine(wire, lambda cases: None, roll=random.Random(1))
    network.plan = [busy]
    now = moving._pace._pulled + 1.0
    moving._round(moving._pace.take(now))
    assert 6.5 < moving._pace.left(now) <= 7.5
    assert attempts(ada) == [0, 0]
    network.plan = ["", "", busy]  # now at the push itself
    moving._whole = True
    moving._round(moving._pace.take(now + 8))
    assert attempts(ada) == [0, 0], "it says nothing about an operation"
    assert kept(ada.store).state == "offline"
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "patient")


# --- other 5xx, a timeout, a cut reply


@pytest.mark.parametrize("fault", ["500", "lost after", "cut"])
def test_an_unknown_outcome_is_asked_again_under_the_same_ids(link: Linking, team: Team, fault: str) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "once")
    before = [each.op_id for each in ada.remote.waiting(DESK, 10)]
    network.plan = ["", "", fault]
    assert round_(wire) in ("Refusing", "Offline", "NotOurs")
    assert [each.op_id for each in ada.remote.waiting(DESK, 10)] in (before, [])
    assert all(each.sent_at for each in ada.remote.waiting(DESK, 10)), "it may have arrived"
    assert not ada.remote.recall(before[1], 0, team.rules)
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "once")
    assert team.rows("SELECT count(*) FROM ledger") == [(2,)]


def test_nobody_reached_is_no_try_and_can_be_taken_back(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "taken back", "kept")
    wire.greet()
    for _ in range(POISON_AFTER * 2):
        network.plan = ["lost before"]
        with pytest.raises(Unreached):
            wire.push()
    assert attempts(ada) == [0, 0, 0]
    mine = ada.remote.waiting(DESK, 10)[1].op_id
    assert ada.remote.recall(mine, team.clock.now, team.rules)
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "kept")


def test_one_that_breaks_the_server_parks_and_the_rest_flow(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    case_id = case_and_notes(ada, "a", "poison", "b", "c")
    sizes = failing(network, 500, "poison")
    rounds = 0
    while ada.remote.streams():
        rounds += 1
        assert rounds <= 2 * POISON_AFTER
        round_(wire)
    assert sizes[:SINGLY_AFTER] == [5] * SINGLY_AFTER
    assert set(sizes[SINGLY_AFTER:]) == {1}
    (parked,) = ada.store.outbox(state="parked")
    assert "poison" in parked.body
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "a", "b", "c")


def test_a_failing_stream_does_not_hold_up_another(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    with team.pool.connection() as connection:
        people.grant(connection, "ada", "desk:night", frozenset({"specialist"}), "system", 0)
    case_and_notes(ada, "poison")
    other = ada.open("Another desk's")
    ada.store.write(lambda c: c.execute("UPDATE outbox SET stream = 'desk:night' WHERE case_id = ?", (other,)))
    failing(network, 500, "poison")
    assert round_(wire) == "Refusing"
    assert ada.remote.streams() == [DESK]
    assert wire.pulled is not None


# --- a bad page


def altered(change: Callable[[list[Any]], None]) -> Step:
    """An answer to a pull whose changes are tampered with."""

    def answer(request: httpx.Request, inner: httpx.BaseTransport) -> httpx.Response:
        found = inner.handle_request(request)
        found.read()
        if request.url.path != "/v1/pull":
            return found
        pages = [msgspec.json.decode(line) for line in found.content.splitlines()]
        for page in pages:
            if page.get("changes"):
                change(page["changes"])
        return httpx.Response(200, content=b"\n".join(map(msgspec.json.encode, pages)))

    return answer


def hole(changes: list[Any]) -> None:
    del changes[0]


def another_hash(changes: list[Any]) -> None:
    changes[-1][15] = "0" * 64


def other_words(changes: list[Any]) -> None:
    changes[0][17] = changes[0][17].replace("A case", "A cake")


@pytest.mark.parametrize("fault", [hole, another_hash, other_words])
def test_a_bad_page_is_dropped_and_after_three_the_stream_is_filled_anew(
    link: Linking, team: Team, fault: Callable[[list[Any]], None]
) -> None:
    ada, wire, _network = link("ada")
    case_id = case_and_notes(ada, "whole")
    assert round_(wire) == ""
    bo, bos, network = link("bo")
    stand = bo.remote.stands()
    for _ in range(2):
        network.plan = [altered(fault)] * 4
        assert round_(bos) == "Offline"
        assert bo.remote.stands().get(DESK) == stand.get(DESK)
        assert bo.store.case(case_id) is None
    network.plan = [altered(fault)] * 3  # about, me, the third bad page; then it is filled
    assert round_(bos) == ""
    assert engine.notices(bos) == [f"What came of {DESK} did not hold together: it was filled anew."]
    assert engine.notices(bos) == []
    kept_everywhere(team, bo, case_id, "whole")
    assert bo.store.verify().sound


def test_half_an_answer_is_no_answer(link: Linking, team: Team) -> None:
    ada, wire, _network = link("ada")
    case_id = case_and_notes(ada, "whole")
    assert round_(wire) == ""
    bo, bos, network = link("bo")
    network.plan = ["", "", "cut"]
    assert round_(bos) in ("Offline", "NotOurs")
    assert round_(bos) == ""
    kept_everywhere(team, bo, case_id, "whole")


# --- redirect, certificate, http://, clocks


def test_a_redirect_is_not_followed(link: Linking) -> None:
    ada, wire, network = link("ada")
    case_and_notes(ada, "kept")
    network.plan = [httpx.Response(302, headers={"location": "http://127.0.0.1:1/stolen"})]
    assert round_(wire) == "NotOurs"
    assert len(network.asked) == 1
    assert attempts(ada) == [0, 0]


def test_a_hotel_page_is_not_our_server(link: Linking) -> None:
    ada, wire, network = link("ada")
    case_and_notes(ada, "kept")
    network.plan = ["", "", "html"]
    assert round_(wire) == "NotOurs"
    assert attempts(ada) == [0, 0]


@pytest.mark.parametrize("url", ["http://desk.example", "http://10.0.0.1:8000", "ftp://x", "desk.example", "https://"])
def test_plain_http_goes_no_further_than_this_machine(url: str) -> None:
    with pytest.raises(NotOurs, match="is not safe"):
        Server(url)
    Server("http://127.0.0.1:1").close()
    Server("http://[::1]:1").close()


class Hello(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = msgspec.json.encode({"name": "escaltui"})
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def tls(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with a certificate that it signed itself, and that certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    file = tmp_path / "own.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM) + private)
    server = HTTPServer(("127.0.0.1", 0), Hello)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}", file
    server.shutdown()
    server.server_close()


def test_a_bad_certificate_is_refused_and_there_is_no_way_around(tls: tuple[str, Path]) -> None:
    url, ca = tls
    with pytest.raises(NotOurs, match="does not verify"):
        Server(url).about()
    assert Server(url, ca=str(ca)).about().name == "escaltui"  # the control: with its certificate it is trusted
    with pytest.raises(NotOurs, match="cannot be read"):
        Server(url, ca=str(ca.parent / "none.pem"))


@pytest.mark.parametrize(("off", "words"), [(45_000, "45 seconds ahead"), (-61_000, "61 seconds behind"), (29_000, "")])
def test_a_clock_that_is_off_is_told_once(link: Linking, team: Team, off: int, words: str) -> None:
    ada, wire, _network = link("ada")
    wire.now = lambda: team.clock.now + off
    case_id = case_and_notes(ada, "by whatever clock")
    said: list[str] = []
    moving = Engine(wire, lambda cases: None, said.append, random.Random(1))
    for n in range(3):
        moving._whole = True
        moving._round(moving._pace.take(moving._pace._pulled + 1000 * (n + 1)))
    assert len(said) == bool(words)
    assert all(words in each for each in said)
    kept_everywhere(team, ada, case_id, "by whatever clock")


# --- 412, 426 (section 4)


def test_412_our_log_is_not_theirs_any_more(link: Linking, team: Team) -> None:
    ada, wire, _network = link("ada")
    case_id = case_and_notes(ada, "before")
    assert round_(wire) == ""
    saved = {table: team.rows(f"SELECT * FROM {table}") for table in ("head", "change", "ledger", "cases", "note")}
    ada.do(AddNote(case=case_id, body="after the backup"))
    assert round_(wire) == ""
    with team.pool.connection() as connection:
        for table, rows in saved.items():
            connection.execute(f"DELETE FROM {table}".encode())
            for row in rows:
                connection.execute(f"INSERT INTO {table} VALUES ({', '.join(['%s'] * len(row))})".encode(), row)
    ada.do(AddNote(case=case_id, body="later"))
    assert round_(wire) == ""
    assert round_(wire) == ""
    kept_everywhere(team, ada, case_id, "before", "after the backup", "later")
    assert ada.store.verify().sound


def test_426_an_old_client_reads_on_and_records_here(link: Linking, team: Team) -> None:
    ada, wire, network = link("ada")
    bo, bos, _ = link("bo")
    case_id = case_and_notes(bo, "new")
    assert round_(bos) == ""
    ada.open("Mine")
    network.plan = ["", "", httpx.Response(426, json={"code": "too_old", "reason": "Upgrade escaltui."})]
    assert round_(wire) == "Refusing"
    assert ada.notes(case_id) == ["new"]
    assert attempts(ada) == [0]
