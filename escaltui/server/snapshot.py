"""What fills a workbench: the rows of a stream and the timelines of its cases, streamed, begun again anywhere.

A case comes whole: its row, all that hangs on it and its changes are read at one moment, so that a part that is asked
for later never has half of it. Each part is one short transaction, laid by before it is sent: a slow reader holds no
connection, and memory has a bound however large a stream is. Later parts may be newer than the stand; whoever pulls
from there skips what the rows have already.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from itertools import chain as joined
from tempfile import SpooledTemporaryFile
from typing import Any, NamedTuple

import msgspec
import zstandard
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from escaltui.domain.entities import ENTITIES, Case, Link, Person, Requester, Subject
from escaltui.domain.wire import Mark, Pulled, Row, Snapshot, Stand
from escaltui.server import people
from escaltui.server.desk import Desk, NotAllowed
from escaltui.server.front import told
from escaltui.server.people import Caller, Rights
from escaltui.server.rows import Connection
from escaltui.store import chain
from escaltui.store.columns import TABLE

DAY = 86_400_000
CLOSED_FOR = 30 * DAY
"""For so long a closed case that nobody touched stays on every workbench (milliseconds)."""
OLDEST = 37 * DAY
"""Whoever resumes says since when; no fill takes longer than the difference."""
CASES_AT_ONCE, ROWS_AT_ONCE = 200, 500
LINES = 120
"""About so many lines a workbench takes in before it looks whether somebody waits."""
IN_MEMORY = 4 << 20
"""What is laid by of a part before it goes to a file that has no name."""
PIECE = 256 << 10
LEVEL = 3
PHASES = tuple(name for name in ENTITIES if name not in (Subject.NAME, Link.NAME))
"""In this order; items and links come with their cases."""
LINES_OF_JSON = "application/x-ndjson"
_NUMBER = re.compile(r"[0-9]{1,15}")
_encode = msgspec.json.Encoder().encode
_HEAD = "SELECT seq, hash FROM head WHERE stream = %s"
_CASES = """SELECT id, body FROM cases WHERE stream = %s AND id > %s AND (is_open = 1 OR updated_at >= %s)
ORDER BY id LIMIT %s"""
_ABSORBED = """WITH RECURSIVE held(id, root) AS (
SELECT id, root FROM unnest(%s::text[], %s::int[]) h(id, root)
UNION SELECT c.id, h.root FROM cases c JOIN held h ON c.merged_into = h.id AND c.merged_into <> '')
SELECT c.id, c.body, h.root FROM held h JOIN cases c ON c.id = h.id WHERE c.stream = ANY(%s) AND c.id <> ALL(%s)
ORDER BY h.root, c.id"""
_OF = "FROM unnest(%(cases)s::text[], %(roots)s::int[]) h(id, root)"
_CHANGES = f"""SELECT h.root, {", ".join(f"c.{each}" for each in chain.LINE)}
{_OF} JOIN change c ON c.case_id = h.id WHERE c.stream = ANY(%(seen)s) ORDER BY h.root, c.stream, c.seq"""
_WHERE = "SELECT stream, body FROM cases WHERE id = %s"


def _hanging() -> str:
    """What hangs on some cases, case by case, in the order in which it came to be."""
    found = []
    for rank, name in enumerate(ENTITIES):
        said = f"SELECT h.root, {rank} AS rank, t.n, '{name}' AS entity, t.id, t.body"
        table, seen = TABLE.get(name, name), "WHERE t.stream = ANY(%(seen)s)"
        if name == Subject.NAME:
            of = "FROM unnest(%(items)s::text[], %(item_roots)s::int[]) h(id, root)"
            found.append(f"{said} {of} JOIN {table} t ON t.id = h.id {seen}")
        elif name == Requester.NAME:
            of = "FROM unnest(%(asking)s::text[], %(asking_roots)s::int[]) h(id, root)"
            found.append(f"{said} {of} JOIN {table} t ON t.id = h.id {seen}")
        elif name == Link.NAME:
            found.append(f"{said} {_OF} JOIN {table} t ON t.source = h.id {seen}")
            found.append(f"{said} {_OF} JOIN {table} t ON t.target = h.id {seen} AND t.source <> ALL(%(cases)s)")
        elif name not in (Case.NAME, Person.NAME):
            found.append(f"{said} {_OF} JOIN {table} t ON t.case_id = h.id {seen}")
    return f"{' UNION ALL '.join(found)} ORDER BY root, rank, n"


_HANGING = _hanging()


class _Named(msgspec.Struct):
    """What a case's row names."""

    subjects: dict[str, str] = {}
    requester: str = ""


_named = msgspec.json.Decoder(_Named).decode


class Held(NamedTuple):
    """A case of a part, and which of the part's own cases it came with."""

    id: str
    body: str
    root: int


class Filling:
    """One answer: a stream from `after` on, part by part. `first` raises NotAllowed before anything is sent."""

    def __init__(self, desk: Desk, caller: Caller, stream: str, after: str = "", since: int = 0) -> None:
        self._desk, self._caller, self._stream = desk, caller, stream
        at, _, self._after = after.partition(":")
        self._phase = PHASES.index(at) if at in PHASES else 0
        now = desk.now()
        self.since = 0 if not stream.startswith("desk:") else max(since, now - OLDEST) if after else now - CLOSED_FOR
        self._done = False

    def first(self) -> SpooledTemporaryFile[bytes]:
        """The head and the first part."""
        return self._part(self._headed)

    def rest(self) -> Iterator[SpooledTemporaryFile[bytes]]:
        """The other parts."""
        while not self._done:
            yield self._part(self._next)

    def _part(self, lines: Callable[[Connection], Iterator[bytes]]) -> SpooledTemporaryFile[bytes]:
        spool = _spool()
        begun = self._phase, self._after

        def work(connection: Connection) -> None:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            rights = people.rights(connection, self._caller.person, self._desk.now())
            if self._stream not in rights.streams:
                raise NotAllowed
            people.confine(connection, rights)
            self._phase, self._after = begun
            spool.seek(0)
            spool.truncate()
            for line in lines(connection):
                spool.write(line)

        self._desk.transaction(work)
        spool.seek(0)
        return spool

    def _headed(self, connection: Connection) -> Iterator[bytes]:
        row = connection.execute(_HEAD, (self._stream,)).fetchone()
        yield _line(Snapshot(self._stream, Stand(*row) if row else Stand(), self.since))
        yield from self._next(connection)

    def _next(self, connection: Connection) -> Iterator[bytes]:
        """The next part; where a kind has no more rows, that of the next kind that has some."""
        while self._phase < len(PHASES):
            name, more = PHASES[self._phase], False
            for line in self._cases(connection) if name == Case.NAME else self._loose(connection, name):
                more = True
                yield line
            if more:
                return
            self._phase, self._after = self._phase + 1, ""
        self._done = True
        yield _line(Mark("", end=True))

    def _loose(self, connection: Connection, name: str) -> Iterator[bytes]:
        """The next rows of a kind that come with no case of this stream."""
        found = connection.execute(self._sql(name).encode(), (self._stream, self._after, ROWS_AT_ONCE)).fetchall()
        for row_id, body in found:
            yield _row(name, row_id, body)
        if found:
            self._after = found[-1][0]
            yield _line(Mark(f"{name}:{self._after}"))

    def _sql(self, name: str) -> str:
        """Everybody and all who ask; of other kinds what hangs on no case that lies in this stream."""
        alone = ""
        if name not in (Person.NAME, Requester.NAME):
            alone = "AND case_id = ''"
            if not self._stream.startswith("desk:"):  # a letter that fewer may see than its case
                alone = "AND NOT EXISTS (SELECT 1 FROM cases c WHERE c.id = t.case_id AND c.stream = t.stream)"
        table = TABLE.get(name, name)
        return f"SELECT id, body FROM {table} t WHERE stream = %s AND id > %s {alone} ORDER BY id LIMIT %s"

    def _cases(self, connection: Connection) -> Iterator[bytes]:
        found = connection.execute(_CASES, (self._stream, self._after, self.since, CASES_AT_ONCE)).fetchall()
        lines, last = 0, 0
        for root, line in whole(connection, found, [self._stream]):
            if root != last and lines >= LINES:
                yield _line(Mark(f"{Case.NAME}:{found[last][0]}"))
                lines = 0
            yield line
            lines, last = lines + 1, root
        if found:
            self._after = found[-1][0]
            yield _line(Mark(f"{Case.NAME}:{self._after}"))


def whole(
    connection: Connection, cases: Sequence[tuple[str, str]], seen: Sequence[str], asking: bool = False
) -> Iterator[tuple[int, bytes]]:
    """Some cases (id and body), one after the other: those each absorbed, all that hangs on them, their changes; of
    what lies in the streams that are `seen`. Each line with its case's place. `asking`: those who ask, too."""
    if not cases:
        return
    held = [Held(case_id, body, at) for at, (case_id, body) in enumerate(cases)]
    given = [each.id for each in held], [each.root for each in held]
    held += [Held._make(row) for row in connection.execute(_ABSORBED, (*given, list(seen), given[0]))]
    values = _values(held, list(seen), asking)
    with connection.cursor("hanging") as hanging, connection.cursor("changes") as changes:
        hanging.itersize = changes.itersize = ROWS_AT_ONCE
        rows, said = Grouped(hanging.execute(_HANGING, values)), Grouped(changes.execute(_CHANGES, values))
        absorbed = Grouped((each.root, each) for each in held[len(cases) :])
        for root, (case_id, body) in enumerate(cases):
            yield root, _row(Case.NAME, case_id, body)
            for _, each in absorbed.of(root):
                yield root, _row(Case.NAME, each.id, each.body)
            for _, _, _, name, row_id, body in rows.of(root):
                yield root, _row(name, row_id, body)
            for row in said.of(root):
                yield root, _line(Pulled._make(row[1:]))


def _values(held: Sequence[Held], seen: list[str], asking: bool) -> dict[str, Any]:
    named = [(_named(each.body), each.root) for each in held]
    items = sorted({(item, root) for case, root in named for item in case.subjects})
    asks = sorted({(case.requester, root) for case, root in named if case.requester}) if asking else []
    return {
        "seen": seen, "cases": [each.id for each in held], "roots": [each.root for each in held],
        "items": [item for item, _ in items], "item_roots": [root for _, root in items],
        "asking": [requester for requester, _ in asks], "asking_roots": [root for _, root in asks],
    }  # fmt: skip


class Grouped:
    """Rows in the order of their first value, taken group by group."""

    def __init__(self, rows: Iterable[Any]) -> None:
        self._rows = iter(rows)
        self._next: Any = next(self._rows, None)

    def of(self, root: int) -> Iterator[Any]:
        """The rows of a group; groups are asked for in order."""
        while self._next is not None and self._next[0] == root:
            found, self._next = self._next, next(self._rows, None)
            yield found


def one(desk: Desk, caller: Caller, case_id: str) -> SpooledTemporaryFile[bytes]:
    """One case whole, of whatever age, as far as somebody may see it. Raises NotAllowed where they may not."""
    spool = _spool()

    def work(connection: Connection) -> None:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rights = people.rights(connection, caller.person, desk.now())
        people.confine(connection, rights)
        row = connection.execute(_WHERE, (case_id,)).fetchone()
        if row is None or row[0] not in rights.streams:
            raise NotAllowed
        spool.seek(0)
        spool.truncate()
        for line in _one(connection, row[0], (case_id, row[1]), rights):
            spool.write(line)

    desk.transaction(work)
    spool.seek(0)
    return spool


def _one(connection: Connection, stream: str, case: tuple[str, str], rights: Rights) -> Iterator[bytes]:
    row = connection.execute(_HEAD, (stream,)).fetchone()
    yield _line(Snapshot(stream, Stand(*row) if row else Stand()))
    for _, line in whole(connection, [case], sorted(rights.streams), asking=True):
        yield line
    yield _line(Mark("", end=True))


def _spool() -> SpooledTemporaryFile[bytes]:
    return SpooledTemporaryFile(IN_MEMORY)


def _line(value: Any) -> bytes:
    return _encode(value) + b"\n"


def _row(name: str, row_id: str, body: str) -> bytes:
    return _line(Row(name, row_id, msgspec.Raw(body.encode())))


# --- as it travels


def packed(parts: Iterable[SpooledTemporaryFile[bytes]]) -> Iterator[bytes]:
    """Parts as one frame of zstd that can be read to the end of each part as soon as that is here."""
    packer = zstandard.ZstdCompressor(level=LEVEL).compressobj()
    for part in parts:
        for piece in plain((part,)):
            if out := packer.compress(piece):
                yield out
        yield packer.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    yield packer.flush(zstandard.COMPRESSOBJ_FLUSH_FINISH)


def plain(parts: Iterable[SpooledTemporaryFile[bytes]]) -> Iterator[bytes]:
    """Parts as they are."""
    for part in parts:
        with part:
            while piece := part.read(PIECE):
                yield piece


class Fills:
    """The two addresses."""

    def __init__(self, desk: Desk, caller: Callable[[Request, str], Awaitable[Caller]]) -> None:
        self._desk, self._caller = desk, caller

    async def stream(self, request: Request) -> Response:
        """A stream from its beginning, or from `after` on as it was `since` then."""
        caller = await self._caller(request, "pull")
        after, since = request.query_params.get("after", "")[:100], request.query_params.get("since", "0")
        told(request).stream = stream = request.path_params["stream"]
        filling = Filling(self._desk, caller, stream, after, int(since) if _NUMBER.fullmatch(since) else 0)
        first = await run_in_threadpool(filling.first)
        return _answer(request, joined(iter((first,)), filling.rest()))

    async def case(self, request: Request) -> Response:
        """One case whole."""
        caller = await self._caller(request, "pull")
        part = await run_in_threadpool(one, self._desk, caller, request.path_params["case"])
        return _answer(request, iter((part,)))


def _answer(request: Request, parts: Iterator[SpooledTemporaryFile[bytes]]) -> Response:
    headers = {"vary": "accept-encoding"}
    if "zstd" not in request.headers.get("accept-encoding", ""):
        return StreamingResponse(plain(parts), media_type=LINES_OF_JSON, headers=headers)
    headers["content-encoding"] = "zstd"
    return StreamingResponse(packed(parts), media_type=LINES_OF_JSON, headers=headers)
