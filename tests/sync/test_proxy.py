"""The network that misbehaves: each of its faults does what it is named after, and bytes pass unharmed otherwise."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

sys.path.append(str(Path(__file__).resolve().parent.parent / "soak"))
from proxy import FAULTS, Proxy

HEARD: list[bytes] = []


class Echo(BaseHTTPRequestHandler):
    """Says what it was told, in chunks where it is asked for at /chunks, and until its end at /end."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        said = self.rfile.read(int(self.headers["content-length"]))
        HEARD.append(said)
        self.send_response(200)
        if self.path == "/chunks":
            self.send_header("transfer-encoding", "chunked")
        elif self.path == "/end":
            self.close_connection = True
        else:
            self.send_header("content-length", str(len(said)))
        self.end_headers()
        if self.path == "/chunks":
            self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(said), said))
        else:
            self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Silent."""


class Quiet(ThreadingHTTPServer):
    """Says nothing of requests that were cut."""

    def handle_error(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    HEARD.clear()
    server = Quiet(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    with Proxy(server.server_address[1], seed=1) as made:
        yield made
    server.shutdown()
    server.server_close()


def ask(proxy: Proxy, said: bytes) -> httpx.Response:
    """On a connection of its own."""
    with httpx.Client(verify=False, trust_env=False) as client:
        return client.post(proxy.url, content=said)


@pytest.mark.parametrize("path", ["/", "/chunks", "/end"])
def test_bytes_pass_as_they_are(proxy: Proxy, path: str) -> None:
    said = bytes(range(256)) * 1000
    with httpx.Client(base_url=proxy.url, verify=False, trust_env=False) as client:
        assert [client.post(path, content=said).content for _ in range(3)] == [said] * 3
    assert [said] * 3 == HEARD


@pytest.mark.parametrize(
    ("kind", "heard"),
    [("lost", 0), ("request cut", 0), ("reply cut", 1), ("reply lost", 1)],
)
def test_who_asks_gets_no_whole_answer(proxy: Proxy, kind: str, heard: int) -> None:
    said = b"x" * 4000
    proxy.plan = [kind]
    with pytest.raises(httpx.TransportError):
        ask(proxy, said)
    assert HEARD.count(said) == heard
    assert ask(proxy, b"again").content == b"again"


def test_a_reset_ends_both_sides(proxy: Proxy) -> None:
    proxy.plan = ["reset"]
    with pytest.raises(httpx.TransportError):
        ask(proxy, b"x")


@pytest.mark.parametrize(("kind", "heard"), [("html", 0), ("502", 0), ("502 after", 1)])
def test_somebody_else_answers(proxy: Proxy, kind: str, heard: int) -> None:
    proxy.plan, mine = [kind], f"{kind}, {heard}".encode()  # of the test before, a word may still be under way
    found = ask(proxy, mine)
    assert (found.status_code, found.headers["content-type"]) == (200 if kind == "html" else 502, "text/html")
    assert HEARD.count(mine) == heard


def test_a_request_is_repeated(proxy: Proxy) -> None:
    proxy.plan = ["repeated"]
    assert ask(proxy, b"twice").content == b"twice"
    while len(HEARD) < 2:  # the other life of it has a connection of its own
        time.sleep(0.001)
    assert HEARD == [b"twice"] * 2


def test_a_request_waits_until_another_passed(proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("proxy.HELD_MOST", 30.0)
    proxy.plan = ["held back"]
    first = threading.Thread(target=ask, args=(proxy, b"first"))
    first.start()
    while not proxy.seen["held back"]:
        time.sleep(0.001)
    ask(proxy, b"second")
    first.join()
    assert HEARD == [b"second", b"first"]


def test_a_seed_gives_the_same_mixture() -> None:
    drawn = [[Proxy(1, seed, 0.5).draw() for _ in range(1)] for seed in (1, 1)]
    assert drawn[0] == drawn[1]
    made, again = Proxy(1, 7, 0.5), Proxy(1, 7, 0.5)
    found = [made.draw() for _ in range(400)]
    assert found == [again.draw() for _ in range(400)]
    assert set(found) == {"", *FAULTS}
