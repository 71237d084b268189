"""One round with the server: what waits is sent, what is new is taken in; what goes wrong is answered by the table.

The table is the design's (store, sync and backend, 6): each way to fail has one answer, and none loses an operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from escaltui.domain import wire
from escaltui.domain.changes import Refused, refused
from escaltui.domain.wire import Page, Pulled, Push, Result, Stand, Stream
from escaltui.i18n import _
from escaltui.store.rebase import BadPage
from escaltui.store.remote import Remote
from escaltui.store.sending import sent
from escaltui.store.values import Waiting
from escaltui.sync.fill import Filler
from escaltui.sync.net import NotOurs, NotSignedIn, Offline, Refusing, Server, Unreached

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

SINGLY_AFTER = 5
"""Tries after which operations are sent one at a time: one that breaks the server is found, and the others flow."""
POISON_AFTER = 8
BAD_PAGES = 3
TOO_MUCH, NOT_READ = 413, (400, 415, 422)
HIDDEN = (403, 404)
ASK_TO_WAIT = (429, 503)
TOO_OLD = 426
KNOWN_FOR = 30 * 86_400_000
"""Milliseconds for which confirmed operations can be sent again."""
RESENT_FOR = 80 * 86_400_000
"""Milliseconds after its first sending for which an operation that nobody answered is sent again: a server remembers
for 90 days what it did, and does it once."""
AWAITED_FOR = 4 * 86_400_000
"""Milliseconds for which what was done on a case that the server lost waits for the author of the case: a weekend."""


class Moved(Exception):
    """Our log is not the beginning of the server's any more. `why`: what a person should know of it, if anything."""

    def __init__(self, stream: Stream, why: str = "") -> None:
        super().__init__(why or stream)
        self.stream, self.why = stream, why


class Cycle:
    """The rounds of one store with one server. One thread at a time. `hidden`: a stream turned out not to be ours."""

    def __init__(self, remote: Remote, server: Server, rules: RuleSet, clock: Callable[[], int]) -> None:
        self.remote, self.server, self.rules, self.now = remote, server, rules, clock
        self.hidden = False
        self.notices: list[str] = []
        """What a person should be told once."""
        self._bad: dict[Stream, int] = {}

    # --- what waits

    def push(self, limit: int = wire.OPS_AT_ONCE) -> frozenset[str]:
        """Send what waits, stream by stream, until nothing is left that can be sent; the cases whose view changed.

        A stream on which the server fails does not hold up the others. Raises NetError: what was on its way stays, and
        is sent again under its own id. Raises Moved.
        """
        touched: frozenset[str] = frozenset()
        failed: Refusing | None = None
        for stream in self.remote.streams():
            try:
                touched |= self._push(stream, limit)
            except Refusing as error:
                if error.status in (*ASK_TO_WAIT, TOO_OLD):
                    raise
                failed = error
        if failed is not None:
            raise failed
        return touched

    def _push(self, stream: Stream, limit: int) -> frozenset[str]:
        touched = self._long_ago(stream)
        if stream.startswith("case:") and self.remote.held_up(stream):
            return touched
        while batch := self._batch(stream, limit):
            told, more = self._send(stream, batch)
            touched |= told
            if not more:
                break
        return touched

    def _long_ago(self, stream: Stream) -> frozenset[str]:
        """What was sent long ago and never answered is not sent again unasked: done then and forgotten, it would be
        there twice."""
        old = self.remote.sent_before(stream, self.now() - RESENT_FOR)
        if not old:
            return frozenset()
        known = self._known(old)
        why = refused("invalid", "It was sent more than 80 days ago, and whether it arrived is not known.",
                      "Look whether it is there; if not, send it again.", rule="too_old")  # fmt: skip
        answered = {each.op_id for each in known}
        parked = [Result(op_id, "refused", refused=why) for op_id in old if op_id not in answered]
        return self.remote.answered([*known, *parked], self.now(), self.rules)

    def _batch(self, stream: Stream, limit: int) -> list[Waiting]:
        """The oldest operations that go together: within the limits, and one at a time where sending went wrong."""
        found: list[Waiting] = []
        size = 0
        asked = self.remote.waiting(stream, limit, self.now())
        unmet = self.remote.unmet({need for each in asked for need in each.needs}) - {each.op_id for each in asked}
        for each in asked:
            if not unmet.isdisjoint(each.needs):  # what it rests on goes to another stream, and first
                break
            if found and (each.attempts >= SINGLY_AFTER or size + len(each.body) > wire.BYTES_AT_ONCE // 2):
                break
            found.append(each)
            size += len(each.body)
            if each.attempts >= SINGLY_AFTER:
                break
        return found

    def _send(self, stream: Stream, asked: Sequence[Waiting]) -> tuple[frozenset[str], bool]:
        """One push; the cases it changed here, and whether to go on with this stream."""
        still = self.remote.sending([each.op_id for each in asked], self.now())
        batch = [each for each in asked if each.op_id in still]  # the others were taken back meanwhile
        if not batch:
            return frozenset(), True
        stand, after = self.remote.stands().get(stream, Stand()), self.remote.last_unheard_of(stream)
        try:
            results = self.server.push(stream, Push(stand, tuple(map(sent, batch)), after))
        except Refusing as error:
            return self._trouble(stream, batch, error)
        except (Unreached, NotOurs, NotSignedIn) as error:  # none of these says anything about an operation
            never = {each.op_id for each in batch if each.sent_at is None} if isinstance(error, Unreached) else ()
            self.remote.unsent([each.op_id for each in batch], never)
            raise
        touched = self.remote.answered(results, self.now(), self.rules)
        return touched, all(each.status != "failed" for each in results)

    def _trouble(self, stream: Stream, batch: Sequence[Waiting], error: Refusing) -> tuple[frozenset[str], bool]:
        if error.status == 412:
            self.remote.unsent([each.op_id for each in batch])
            if lost := self._lost(self.remote.unheard_of(stream)):  # what waits may rest on it: it goes first
                self.remote.again(lost)
                return frozenset(), True
            raise Moved(stream) from error
        if error.status in HIDDEN and error.failure.code == "not_found":
            self.hidden = True
            self.leave(stream)
            return frozenset(each.case_id for each in batch if each.case_id), False
        if error.status in (TOO_MUCH, *NOT_READ):
            if len(batch) > 1:
                return self._halves(stream, batch, error.status == TOO_MUCH)
            return self._aside(batch[0], error), True
        if error.status >= 500 and error.status not in ASK_TO_WAIT:
            if len(batch) == 1 and batch[0].attempts >= POISON_AFTER:
                return self._aside(batch[0], error), True
        else:
            self.remote.unsent([each.op_id for each in batch])
        raise error

    def _aside(self, culprit: Waiting, error: Refusing) -> frozenset[str]:
        """The server cannot take this one, whoever is asked: it waits for a person, the others flow. What was done each
        time, though every answer went wrong, is not set aside: asked for anew it would be there twice."""
        known = self.server.known((culprit.op_id,))
        if known:
            return self.remote.answered(known, self.now(), self.rules)
        why = refused("invalid", "The server cannot take this: {why}", "Read it, mend it, send it again.",
                      why=str(error))  # fmt: skip
        return self.remote.answered([Result(culprit.op_id, "refused", refused=why)], self.now(), self.rules)

    def _halves(self, stream: Stream, batch: Sequence[Waiting], much: bool) -> tuple[frozenset[str], bool]:
        parts = [batch[: len(batch) // 2], batch[len(batch) // 2 :]] if much else [[each] for each in batch]
        touched: frozenset[str] = frozenset()
        for part in parts:
            found, more = self._send(stream, part)
            touched |= found
            if not more:
                return touched, False
        return touched, True

    def leave(self, stream: Stream) -> None:
        """Set aside what waits for a stream that is not ours any more; not what the server has already, which may be
        known only now: asked for again elsewhere it would be there twice."""
        if lost := self._lost(self.remote.settled(stream, self.now() - KNOWN_FOR)):
            self.remote.enlist(lost, self.now(), self.rules)  # the stream ended because its server lost it
        if unsure := self.remote.unsure(stream):
            self.remote.answered(self._known(unsure), self.now(), self.rules)
        self.remote.park_stream(stream, gone(stream), self.now(), self.rules)

    def part(self, ours: Sequence[Stream]) -> frozenset[str]:
        """What was accepted into streams that are none of ours is settled, unless the server lost it since; then it is
        sent again: what moves its case back there may wait here, too."""
        asked = self.remote.elsewhere(ours)
        lost = self._lost(asked)
        self.remote.again(lost)
        return self.remote.parted([each for each in asked if each not in lost], ours, self.now(), self.rules)

    def _lost(self, op_ids: Sequence[str]) -> list[str]:
        """Those of some accepted operations that the server does not know any more."""
        known = {each.op_id for each in self._known(op_ids)}
        return [op_id for op_id in op_ids if op_id not in known]

    def _known(self, op_ids: Sequence[str]) -> list[Result]:
        """Those of some operations that arrived, asked for a thousand at a time."""
        parts = (tuple(op_ids[at : at + 1000]) for at in range(0, len(op_ids), 1000))
        return [each for part in parts for each in self.server.known(part)]

    # --- what is new

    def pull(self, streams: Sequence[Stream]) -> frozenset[str]:
        """Take in what is new in some streams, until there is nothing more; the cases that changed."""
        touched: frozenset[str] = frozenset()
        left = list(streams)
        for stream in sorted(self.remote.unread() & set(left)):
            raise Moved(stream)
        for stream in sorted(self.remote.filling() & set(left)):  # somebody was stopped in the middle of it
            try:
                touched |= self._filler().run(stream)
            except Refusing as error:
                if error.status not in HIDDEN:
                    raise
                left.remove(stream)
                touched |= self._take(Page(stream, gone=True), Stand())[0]
        while left:
            stands = self.remote.stands()
            asked = {stream: stands.get(stream, Stand()) for stream in left}
            pages = self.server.pull(wire.Pull(asked))
            if [page.stream for page in pages] != left:
                raise Offline(_("The server's answer was cut; it is asked for again."))
            left = []
            for page in pages:
                found, more = self._take(page, asked[page.stream])
                touched |= found
                if more:
                    left.append(page.stream)
            if not any(page.changes for page in pages):
                break
        lacking = self.remote.lacking()
        return touched | self._filler().fetch(lacking) if lacking else touched

    def _take(self, page: Page, at: Stand) -> tuple[frozenset[str], bool]:
        """One page; the cases it changed, and whether there is more to come."""
        if page.gone:
            self.hidden = True
            self.leave(page.stream)
            return self.remote.drop(page.stream, self.now(), self.rules), False
        if page.forked or page.refill:
            raise Moved(page.stream)
        try:
            received = self.remote.receive(page.stream, page.changes, self.now(), self.rules)
        except BadPage as error:
            if self.remote.stands().get(page.stream, Stand()) != at:  # another program took it in meanwhile
                return frozenset(), True
            self._count_bad(page.stream, error)
        self._bad.pop(page.stream, None)
        last = page.changes[-1].seq if page.changes else at.seq
        if last == page.head:
            self.remote.unheard(page.stream)
        return received.cases, last < page.head

    def _count_bad(self, stream: Stream, error: BadPage) -> None:
        self._bad[stream] = self._bad.get(stream, 0) + 1
        if self._bad[stream] >= BAD_PAGES:
            del self._bad[stream]
            said = _("What came of {stream} did not hold together: it was filled anew.").format(stream=stream)
            self.notices.append(said)
            raise Moved(stream, said) from error
        said = _("A page of {stream} did not hold together; it is asked for again.").format(stream=stream)
        raise Offline(said) from error

    def _filler(self) -> Filler:
        return Filler(self.remote, self.server, self.rules, self.now)

    # --- when our log is not theirs

    def heal(self, stream: Stream) -> frozenset[str]:
        """The server lost what it had, or is another: ask which of our operations it still knows, fill the stream anew,
        and send the others again under their own ids. The cases that may have changed."""
        ours = self.remote.settled(stream, self.now() - KNOWN_FOR)
        lost = self._lost(ours)
        self.remote.await_cases(stream, lost, self.now() + AWAITED_FOR)
        touched = self._anew(stream, lost)
        self.remote.read_anew(stream)
        return touched | self._filler().fetch(self.remote.awaited())

    def _anew(self, stream: Stream, lost: Sequence[str]) -> frozenset[str]:
        changes = self._whole(stream)
        if changes is None:
            return self._filler().run(stream, lost)
        try:
            return self.remote.replace(stream, changes, lost, self.now(), self.rules, self.now() + AWAITED_FOR)
        except BadPage as error:
            said = _("A page of {stream} did not hold together; it is asked for again.").format(stream=stream)
            raise Offline(said) from error

    def _whole(self, stream: Stream) -> list[Pulled] | None:
        """All that was ever said of a stream; None where that is so much that it comes as rows instead."""
        found: list[Pulled] = []
        at = Stand()
        while True:
            (page,) = self.server.pull(wire.Pull({stream: at}))
            if page.refill and not page.forked and not found:
                return None
            if page.gone or page.forked or page.refill:
                raise Offline(_("{stream} cannot be filled just now; it is tried again.").format(stream=stream))
            found += page.changes
            if not page.changes or page.changes[-1].seq >= page.head:
                return found
            at = Stand(found[-1].seq, found[-1].hash)


def gone(stream: Stream) -> Refused:
    """Why what waits for a stream that is not ours any more was set aside."""
    return refused("not_allowed", "You may not work in {stream} any more.", "Ask a lead of that desk.", stream=stream)
