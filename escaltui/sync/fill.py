"""Filling a stream from its server, from the beginning or from where it was left; and fetching one case whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from escaltui.domain.wire import Mark, Pulled, Row, Snapshot, SnapshotLine, Stream
from escaltui.i18n import _
from escaltui.store.fill import Filling, Fills, Part
from escaltui.store.remote import Remote
from escaltui.sync.net import NetError, Offline, Refusing, Server

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

HIDDEN = (403, 404)
LINES_AT_ONCE = 1000
"""So many lines are held in memory before they are taken in."""


class Stopped(Offline):
    """The fill was left off because somebody asked for it; it goes on from there the next time."""


class Filler:
    """Fills a store's streams. One thread at a time. `stop`: asked at each mark whether to leave off."""

    def __init__(
        self, remote: Remote, server: Server, rules: RuleSet, clock: Callable[[], int],
        stop: Callable[[], bool] = lambda: False,
    ) -> None:  # fmt: skip
        self._remote, self._server, self._rules, self._now, self._stop = remote, server, rules, clock, stop

    def run(self, stream: Stream, lost: Collection[str] = ()) -> frozenset[str]:
        """Fill a stream, or go on with it; the cases that came. `lost`: operations to be sent again at the end.

        Raises NetError, Stopped: what came up to the last mark is kept, and asked for no more.
        """
        fills = self._fills()
        at = fills.at(stream)
        cases, whole = frozenset[str](), at is not None and at.whole
        if not whole:
            cases = self._take(stream, at, fills, lost)
        fills.finish(stream)
        return cases

    def _take(self, stream: Stream, at: Filling | None, fills: Fills, lost: Collection[str]) -> frozenset[str]:
        cases: set[str] = set()
        with closing(self._server.snapshot(stream, at.after if at else "", at.since if at else 0)) as lines:
            for parts, stop in self._gathered(lines, lambda head: at or fills.begin(head, lost)):
                cases |= fills.take(stream, parts)
                if parts[-1].end:
                    return frozenset(cases)
                if stop:
                    raise Stopped(_("Filling {stream} was stopped; it goes on later.").format(stream=stream))
        raise Offline(_("{stream} did not come whole; the rest is asked for again.").format(stream=stream))

    def _gathered(
        self, lines: Iterable[SnapshotLine], begin: Callable[[Snapshot], object]
    ) -> Iterator[tuple[list[Part], bool]]:  # fmt: skip
        """Some parts at a time, up to a mark, and whether to leave off there. Those that came whole before a cut come
        before its error."""
        parts: list[Part] = []
        held: list[Row | Pulled] = []
        try:
            for line in lines:
                match line:
                    case Snapshot():
                        begin(line)
                    case Mark():
                        parts.append(Part(held, line.after, line.end))
                        held = []
                        stop = not line.end and self._stop()
                        if line.end or stop or sum(len(each.lines) for each in parts) >= LINES_AT_ONCE:
                            yield parts, stop
                            parts = []
                    case Row() | Pulled():
                        held.append(line)
        except NetError:
            if parts:
                yield parts, False
            raise
        if parts:
            yield parts, False

    def fetch(self, case_ids: Iterable[str]) -> frozenset[str]:
        """Fetch cases whole that something was said of and that are not held; those that came.

        One that is not ours to see any more is left out. Raises NetError.
        """
        found: frozenset[str] = frozenset()
        for case_id in sorted(case_ids):
            found |= self._fills().case(case_id, self._asked(case_id))
        return found

    def _asked(self, case_id: str) -> list[Row | Pulled]:
        try:
            lines = self._server.case(case_id)
        except Refusing as error:
            if error.status in HIDDEN:
                return []
            raise
        return [line for line in lines if isinstance(line, Row | Pulled)]

    def _fills(self) -> Fills:
        return self._remote.fills(self._now(), self._rules)
