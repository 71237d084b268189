"""Whether the log is as it was written: every hash computed anew, compared with the heads and with a witness's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg

from escaltui.i18n import _
from escaltui.server.faults import ServeError
from escaltui.store import chain
from escaltui.store.values import ChainReport

_CHAIN = f"SELECT {', '.join(chain.LINE)} FROM {{lines}} ORDER BY stream, seq"
_HEADS = "SELECT stream, seq, hash FROM {heads} ORDER BY stream"
STILL = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
AT_ONCE = 2000
Heads = dict[str, tuple[int, str]]


class Log(NamedTuple):
    """Where the lines of a log are read, and how its streams end."""

    lines: str
    heads: str


WHOLE = Log("change", "head")


def heads(connection: psycopg.Connection[Any], log: Log = WHOLE) -> Heads:
    """The number and hash of each stream's last change."""
    return {row[0]: (row[1], row[2]) for row in connection.execute(_HEADS.format(heads=log.heads).encode())}


def verify(connection: psycopg.Connection[Any], witness: Mapping[str, tuple[int, str]] | None = None) -> ChainReport:
    """Read the whole log, at one moment, and stop at the first place that is not sound. A witness's heads lie in a
    sound log."""
    connection.execute(STILL)
    return verified(connection, WHOLE, witness or {})


def verified(connection: psycopg.Connection[Any], log: Log, witness: Mapping[str, tuple[int, str]]) -> ChainReport:
    """The same for what a log shows, at the moment of the transaction."""
    wanted, found, count, blank = dict(witness), Heads(), 0, 0
    with connection.cursor("chain") as rows:
        rows.itersize = AT_ONCE
        for line in rows.execute(_CHAIN.format(lines=log.lines).encode()):
            stream, seq, head = line[0], line[1], chain.hash_of(line)
            last, prev = found.get(stream, (0, chain.FIRST))
            if reason := chain.fault(line, last, prev):
                return ChainReport(count, found, (stream, last + 1), reason)
            if wanted.get(stream, (0, ""))[0] == seq and wanted.pop(stream) != (seq, head):
                return ChainReport(count, found, (stream, seq), "the witness holds another change")
            found[stream] = (seq, head)
            count += 1
            blank += line[-1] is None
    for stream, (seq, head) in heads(connection, log).items():
        if found.get(stream, (0, chain.FIRST)) != (seq, head):
            return ChainReport(count, found, (stream, seq), "the log does not end where its head says")
    for stream, (seq, _head) in wanted.items():
        if seq:
            return ChainReport(count, found, (stream, seq), "the witness holds a change that is missing")
    return ChainReport(count, found, None, "", blank=blank)


def witness(path: str) -> Heads:
    """The heads in a file: what `serve audit heads --json` or a workbench's `audit verify --json` printed.

    Raises ServeError.
    """
    try:
        told = msgspec.json.decode(Path(path).read_bytes(), type=dict[str, Any])
        given = told["heads"]
        pairs = {stream: str(text).split() for stream, text in given.items()}
        return {stream: (int(seq), head) for stream, (seq, head) in pairs.items()}
    except (OSError, ValueError, KeyError, AttributeError, msgspec.DecodeError) as error:
        said = _("{file} holds no heads. Make one: escaltui serve audit heads --json > FILE")
        raise ServeError(said.format(file=path)) from error
