"""Filling a stream from its server, from the beginning or from where it was left; and fetching one case whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from typing import TYPE_CHECKING

from escaltui.domain.wire import Mark, Pulled, Row, Snapshot, Stream
from escaltui.i18n import _
from escaltui.store.fill import Filling, Fills
from escaltui.store.remote import Remote
from escaltui.sync.net import Offline, Refusing, Server

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

HIDDEN = (403, 404)


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
        held: list[Row | Pulled] = []
        with closing(self._server.snapshot(stream, at.after if at else "", at.since if at else 0)) as lines:
            for line in lines:
                match line:
                    case Snapshot():
                        at = at or fills.begin(line, lost)
                    case Mark():
                        cases |= fills.take(stream, held, line.after, line.end)
                        held.clear()
                        if line.end:
                            return frozenset(cases)
                        if self._stop():
                            raise Stopped(_("Filling {stream} was stopped; it goes on later.").format(stream=stream))
                    case Row() | Pulled():
                        held.append(line)
        raise Offline(_("{stream} did not come whole; the rest is asked for again.").format(stream=stream))

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
