"""Clients of Kinto, made like ours: a writer of batches, a reader of pages, a poller; and our poller beside it."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
import msgspec
from backend import DESK
from pushing import BODY, new_id

from escaltui.domain.wire import CHANGES_AT_ONCE, Pull, Stand
from escaltui.sync.net import Server

BUCKET = "/buckets/desk"
COLLECTION = f"{BUCKET}/collections/notes"
RECORDS = f"{COLLECTION}/records"
_encode, _decode = msgspec.json.encode, msgspec.json.decode


class Kinto:
    """Somebody signed in there."""

    def __init__(self, url: str, name: str) -> None:
        self.client = httpx.Client(
            base_url=url, auth=(name, f"password of {name}"), timeout=60, trust_env=False,
            headers={"content-type": "application/json"},
        )  # fmt: skip
        account = {"data": {"password": f"password of {name}"}}
        self.client.put(self._at(f"/accounts/{name}"), content=_encode(account)).raise_for_status()

    def prepare(self, writers: list[str]) -> bool:
        """A collection that these people may write to."""
        self.client.put(self._at(BUCKET), content=b"{}").raise_for_status()
        may = {"permissions": {"write": [f"account:{name}" for name in writers]}}
        self.client.put(self._at(COLLECTION), content=_encode(may)).raise_for_status()
        return True

    def _at(self, path: str) -> str:
        return f"{self.client.base_url}".rstrip("/") + path


class KintoWriter(Kinto):
    """Pushes batches of records; one batch is one transaction there, as it is here."""

    def __init__(self, url: str, name: str, batch: int) -> None:
        super().__init__(url, name)
        self._batch, self._cases = batch, [new_id() for _ in range(20)]

    def push(self, seconds: float = 0.0, times: int = 10**9) -> dict[str, Any]:
        """Push for so long or so often: `took` in ms, `failed` records, ids accepted."""
        took: list[float] = []
        failed, accepted = 0, list[str]()
        end = time.monotonic() + seconds
        while len(took) < times and (not seconds or time.monotonic() < end):
            body = _encode({"requests": [self._request(n) for n in range(self._batch)]})
            begun = time.monotonic()
            found = self._sent(body)
            took.append((time.monotonic() - begun) * 1000)
            accepted += found
            failed += self._batch - len(found)
        return {"took": took, "failed": failed, "accepted": accepted}

    def _request(self, n: int) -> dict[str, Any]:
        data = {"case": self._cases[n % len(self._cases)], "kind": "note", "body": BODY}
        return {"method": "POST", "path": f"/v1{RECORDS}", "body": {"data": data}}

    def _sent(self, body: bytes) -> list[str]:
        try:
            answer = self.client.post(self._at("/batch"), content=body)
            if answer.status_code != 200:
                return []
            found = _decode(answer.content)["responses"]
        except httpx.TransportError:
            return []
        return [each["body"]["data"]["id"] for each in found if each["status"] == 201]


class KintoReader(Kinto):
    """Reads pages of what was written after some instant, by polling where it is asked to."""

    def __init__(self, url: str, name: str) -> None:
        super().__init__(url, name)
        self._since, self._seen, self._end = 0, set[str](), threading.Event()

    def page(self) -> float:
        """Milliseconds until a page from the beginning was read and understood."""
        begun = time.monotonic()
        found = self._after(0)
        took = (time.monotonic() - begun) * 1000
        assert len(found) == CHANGES_AT_ONCE, len(found)
        return took

    def _after(self, since: int) -> list[dict[str, Any]]:
        asked = f"?_sort=last_modified&_limit={CHANGES_AT_ONCE}" + (f"&_since={since}" if since else "")
        answer = self.client.get(self._at(RECORDS) + asked)
        answer.raise_for_status()
        found: list[dict[str, Any]] = _decode(answer.content)["data"]
        return found

    def start(self) -> bool:
        """Begin to poll, one request after the other, from the newest record on."""
        self._all()
        self._seen.clear()
        self._end.clear()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()
        return True

    def _all(self) -> None:
        while found := self._after(self._since):
            self._since = found[-1]["last_modified"]
            self._seen |= {each["id"] for each in found}

    def _poll(self) -> None:
        while not self._end.is_set():
            self._all()

    def stop(self, accepted: list[str]) -> int:
        """Poll until nothing more comes; how many of those that were accepted were never seen."""
        self._end.set()
        self._thread.join()
        self._all()
        return len(set(accepted) - self._seen)


class OurReader:
    """The same, here."""

    def __init__(self, url: str, token: str, others: list[str]) -> None:
        self._servers = [Server(url, each, "reader") for each in (token, *others)]
        self._at, self._seen, self._end, self._turn = Stand(), set[str](), threading.Event(), 0

    def page(self) -> float:
        """Milliseconds until a page from the beginning was read and understood."""
        begun = time.monotonic()
        (page,) = self._next().pull(Pull({DESK: Stand()}))
        took = (time.monotonic() - begun) * 1000
        assert len(page.changes) == CHANGES_AT_ONCE, len(page.changes)
        return took

    def _next(self) -> Server:
        """Whoever polls more than 50 times a second is told to wait; several people are not."""
        self._turn += 1
        return self._servers[self._turn % len(self._servers)]

    def start(self) -> bool:
        """Begin to poll, one request after the other, from the newest change on."""
        self._all()
        self._seen.clear()
        self._end.clear()
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()
        return True

    def _all(self) -> None:
        while True:
            (page,) = self._next().pull(Pull({DESK: self._at}))
            if not page.changes:
                return
            self._at = Stand(page.changes[-1].seq, page.changes[-1].hash)
            self._seen |= {each.op_id for each in page.changes}

    def _poll(self) -> None:
        while not self._end.is_set():
            self._all()

    def stop(self, accepted: list[str]) -> int:
        """Poll until nothing more comes; how many of those that were accepted were never seen."""
        self._end.set()
        self._thread.join()
        self._all()
        return len(set(accepted) - self._seen)
