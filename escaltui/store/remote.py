"""A store that follows a server: what waits to be sent (`sending`), and what comes."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec

from escaltui.domain.entities import ENTITIES
from escaltui.domain.library import STREAM as LIBRARY
from escaltui.domain.wire import Pulled, Result, Stand
from escaltui.store import library, local, purge, rebase, streams
from escaltui.store.connected import Connected, connect
from escaltui.store.driver import Connection
from escaltui.store.rebase import Rebase, Received
from escaltui.store.sending import Sending
from escaltui.store.turns import Portion, in_turns

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet
    from escaltui.store.fill import Fills
    from escaltui.store.store import Store

_encode = msgspec.json.Encoder().encode


class Remote(Sending):
    """The side of a store that looks at its server. Every method may be called from any thread."""

    def __init__(self, store: Store, connected: Connected) -> None:
        super().__init__(store, connected)
        self._portion = Portion()

    def know(self, now: Connected) -> None:
        """What we may do there changed."""
        self._store.write(lambda connection: connect(connection, now))
        self.connected = now

    def stands(self) -> dict[str, Stand]:
        """How far each stream has come here."""
        sql = "SELECT stream, seq, hash FROM stand ORDER BY stream"
        return self._store.read(lambda connection: {row[0]: Stand(row[1], row[2]) for row in connection.execute(sql)})

    def receive(self, stream: str, changes: Sequence[Pulled], now: int, rules: RuleSet) -> Received:
        """Take changes in, in transactions that do not part an operation's and that end as soon as somebody waits for
        the writer. Raises BadPage: nothing is taken of what follows where the stand is then."""
        cases: set[str] = set()
        lacking: set[str] = set()
        hidden = False

        def step(connection: Connection, at: int) -> int:
            nonlocal hidden
            end, began = self._portion.end(changes, at), time.thread_time()
            found = Rebase(connection, self.who, now, rules).receive(stream, changes[at:end])
            cases.update(found.cases)
            lacking.update(found.lacking)
            hidden |= found.hidden
            self._portion.took(end - at, time.thread_time() - began)
            return end

        in_turns(self._store, step, len(changes))
        if hidden:
            self._overwrite()
        if stream == LIBRARY:
            library.catch_up(self._store)
        return Received(frozenset(cases), frozenset(lacking), hidden)

    def _overwrite(self) -> None:
        """Deleted words are overwritten, also in the log of the file; copies from before would hold them."""
        purge.drop_copies(self._store.folder)
        self._store.settle()

    def replace(
        self, stream: str, changes: Sequence[Pulled], lost: Collection[str], now: int, rules: RuleSet, until: int = 0
    ) -> frozenset[str]:
        """Take a whole stream in instead of what is held of it; send again what the server lost (`lost`). `until`: as
        in `await_cases`, for what was typed since.

        Raises BadPage. The old stand stays as evidence. Gives the cases that may have changed.
        """

        def take(connection: Connection) -> Received:
            old = rebase.stand(connection, stream)
            local.set_meta(connection, f"forked {stream} {now}", _encode(old).decode())
            if until:
                self._await(connection, stream, lost, until)
            return Rebase(connection, self.who, now, rules).replace(stream, changes, lost)

        found = self._store.write(take)
        if found.hidden:
            self._overwrite()
        return found.cases

    def fills(self, now: int, rules: RuleSet) -> Fills:
        """Streams that come as rows, and cases that are fetched whole."""
        from escaltui.store.fill import Fills

        return Fills(self._store, self.who, now, rules)

    def lacking(self) -> list[str]:
        """Cases that something was said of and that are not held whole: they have to be fetched."""
        sql, at = "SELECT key FROM meta WHERE key LIKE ? ORDER BY key", len(streams.LACKING)
        like = f"{streams.LACKING}%"
        return self._store.read(lambda connection: [row[0][at:] for row in connection.execute(sql, (like,))])

    def filling(self) -> frozenset[str]:
        """The streams whose fill is under way: nothing else of them is taken in until it ends."""
        sql = "SELECT stream FROM stand WHERE state = 'filling'"
        return self._store.read(lambda connection: frozenset(row[0] for row in connection.execute(sql)))

    def drop(self, stream: str, now: int, rules: RuleSet) -> frozenset[str]:
        """Remove all that is held of a stream whose right ended. What waits for it is set aside before (`park_stream`).

        Gives the cases that went. Deleted words are overwritten, also in the log of the file.
        """

        def go(connection: Connection) -> frozenset[str]:
            sql = "SELECT op_id FROM outbox WHERE state = 'queued' AND stream = ? AND result != ''"
            told = [Result(op_id, "applied") for (op_id,) in connection.execute(sql, (stream,)).fetchall()]
            accepted = [op_id for each in told for op_id in self._leaves(connection, "settled", each)]
            self._without(connection, accepted, now, rules)
            return Rebase(connection, self.who, now, rules).drop(stream)

        gone = self._store.write(go)
        self._store.settle()
        return gone

    def unread(self) -> frozenset[str]:
        """The streams of which an older escaltui got a kind of rows that it did not know, and this one does."""
        return frozenset(stream for _, stream in self._store.read(_unread))

    def read_anew(self, stream: str) -> None:
        """A stream was read anew: nothing of it is left that this escaltui could read."""

        def forget(connection: Connection) -> None:
            told = [(key,) for key, of in _unread(connection) if of == stream]
            connection.executemany("DELETE FROM meta WHERE key = ?", told)

        self._store.write(forget)


def _unread(connection: Connection) -> list[tuple[str, str]]:
    """The facts about kinds that are known now, with the stream of each."""
    rows = connection.execute("SELECT key FROM meta WHERE key LIKE ?", (f"{streams.UNREAD}%",))
    told = [(key, *key.removeprefix(streams.UNREAD).split(" ", 1)) for (key,) in rows]
    return [(key, stream) for key, stream, entity in told if entity in ENTITIES]
