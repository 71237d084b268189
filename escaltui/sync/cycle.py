"""One round with the server: what waits is sent, what is new is taken in; what goes wrong is answered by the table.

The table is the design's (store, sync and backend, 6): each way to fail has one answer, and none loses an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from escaltui.domain import ids, wire
from escaltui.domain.changes import Refused, refused
from escaltui.domain.wire import Page, Pulled, Push, Result, Stand, Stream
from escaltui.store.rebase import BadPage
from escaltui.store.remote import Remote, sent
from escaltui.store.values import Waiting
from escaltui.sync.net import NetError, Refusing, Server

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

SINGLY_AFTER = 5
"""Tries after which operations are sent one at a time: one that breaks the server is found, and the others flow."""
POISON_AFTER = 8
BAD_PAGES = 3
TOO_MUCH, NOT_READ = 413, (400, 415, 422)
HIDDEN = (403, 404)
KNOWN_FOR = 30 * 86_400_000
"""Milliseconds for which confirmed operations can be sent again."""


class Moved(Exception):
    """Our log is not the beginning of the server's any more."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(stream)
        self.stream = stream


class Cycle:
    """The rounds of one store with one server. One thread at a time."""

    def __init__(self, remote: Remote, server: Server, rules: RuleSet, clock: Callable[[], int]) -> None:
        self.remote, self.server, self.rules, self.now = remote, server, rules, clock
        self._bad: dict[Stream, int] = {}

    # --- what waits

    def push(self, limit: int = wire.OPS_AT_ONCE) -> frozenset[str]:
        """Send what waits, stream by stream, until nothing is left that can be sent; the cases whose view changed.

        Raises NetError: what was on its way stays, and is sent again under its own id. Raises Moved.
        """
        touched: frozenset[str] = frozenset()
        for stream in self.remote.streams():
            while batch := self._batch(stream, limit):
                told, more = self._send(stream, batch)
                touched |= told
                if not more:
                    break
        return touched

    def _batch(self, stream: Stream, limit: int) -> list[Waiting]:
        """The oldest operations that go together: within the limits, and one at a time where sending went wrong."""
        found: list[Waiting] = []
        size = 0
        for each in self.remote.waiting(stream, limit):
            if found and (each.attempts >= SINGLY_AFTER or size + len(each.body) > wire.BYTES_AT_ONCE // 2):
                break
            found.append(each)
            size += len(each.body)
            if each.attempts >= SINGLY_AFTER:
                break
        return found

    def _send(self, stream: Stream, batch: Sequence[Waiting]) -> tuple[frozenset[str], bool]:
        """One push; the cases it changed here, and whether to go on with this stream."""
        self.remote.sending([each.op_id for each in batch], self.now())
        stand = self.remote.stands().get(stream, Stand())
        told = tuple(sent(each, ids.made_at(each.op_id)) for each in batch)
        try:
            results = self.server.push(stream, Push(stand, told))
        except Refusing as error:
            return self._trouble(stream, batch, error)
        touched = self.remote.answered(results, self.now(), self.rules)
        return touched, all(each.status != "failed" for each in results)

    def _trouble(self, stream: Stream, batch: Sequence[Waiting], error: Refusing) -> tuple[frozenset[str], bool]:
        if error.status == 412:
            raise Moved(stream) from error
        if error.status in HIDDEN:
            self.remote.park_stream(stream, _gone(stream), self.now(), self.rules)
            return frozenset(each.case_id for each in batch), False
        if error.status in (TOO_MUCH, *NOT_READ) and len(batch) > 1:
            return self._halves(stream, batch, error.status == TOO_MUCH)
        poison = error.status >= 500 and error.status != 503 and batch[0].attempts >= POISON_AFTER
        if error.status in (TOO_MUCH, *NOT_READ) or (poison and len(batch) == 1):
            why = refused(
                "invalid", "The server cannot take this: {why}", "Read it, mend it, send it again.", why=str(error)
            )
            return self.remote.answered([Result(batch[0].op_id, "refused", refused=why)], self.now(), self.rules), True
        raise error

    def _halves(self, stream: Stream, batch: Sequence[Waiting], much: bool) -> tuple[frozenset[str], bool]:
        parts = [batch[: len(batch) // 2], batch[len(batch) // 2 :]] if much else [[each] for each in batch]
        touched: frozenset[str] = frozenset()
        for part in parts:
            found, more = self._send(stream, part)
            touched |= found
            if not more:
                return touched, False
        return touched, True

    # --- what is new

    def pull(self, streams: Sequence[Stream]) -> frozenset[str]:
        """Take in what is new in some streams, until there is nothing more; the cases that changed."""
        touched: frozenset[str] = frozenset()
        left = list(streams)
        while left:
            stands = self.remote.stands()
            pages = self.server.pull(wire.Pull({stream: stands.get(stream, Stand()) for stream in left}))
            left = []
            for page in pages:
                found, more = self._take(page)
                touched |= found
                if more:
                    left.append(page.stream)
        return touched

    def _take(self, page: Page) -> tuple[frozenset[str], bool]:
        """One page; the cases it changed, and whether there is more to come."""
        if page.gone:
            self.remote.park_stream(page.stream, _gone(page.stream), self.now(), self.rules)
            return self.remote.drop(page.stream, self.now(), self.rules), False
        if page.forked:
            raise Moved(page.stream)
        if page.refill:
            return frozenset(), False
        try:
            received = self.remote.receive(page.stream, page.changes, self.now(), self.rules)
        except BadPage as error:
            self._bad[page.stream] = self._bad.get(page.stream, 0) + 1
            if self._bad[page.stream] >= BAD_PAGES:
                raise Moved(page.stream) from error
            raise NetError(f"A page of {page.stream} did not hold together; it is asked for again.") from error
        self._bad.pop(page.stream, None)
        more = bool(page.changes) and page.changes[-1].seq < page.head
        return received.cases, more

    # --- when our log is not theirs

    def heal(self, stream: Stream) -> frozenset[str]:
        """The server lost what it had, or is another: ask which of our operations it still knows, fill the stream anew,
        and send the others again under their own ids. The cases that may have changed."""
        ours = self.remote.settled(stream, self.now() - KNOWN_FOR)
        known: set[str] = set()
        for at in range(0, len(ours), 1000):
            known |= {each.op_id for each in self.server.known(tuple(ours[at : at + 1000]))}
        changes = self._whole(stream)
        lost = [op_id for op_id in ours if op_id not in known]
        return self.remote.replace(stream, changes, lost, self.now(), self.rules)

    def _whole(self, stream: Stream) -> list[Pulled]:
        found: list[Pulled] = []
        at = Stand()
        while True:
            (page,) = self.server.pull(wire.Pull({stream: at}))
            found += page.changes
            if not page.changes or page.changes[-1].seq >= page.head:
                return found
            at = Stand(found[-1].seq, found[-1].hash)


def _gone(stream: Stream) -> Refused:
    return refused("not_allowed", "You may not work in {stream} any more.", "Ask a lead of that desk.", stream=stream)
