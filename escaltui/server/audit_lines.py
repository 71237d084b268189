"""What auditors read, line by line: sign-ins, tokens, memberships, refusals, broken glass, exports, erasures.

It is read as a database role that may read these lines and nothing else. Whether they are as they were written is
proven first, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import errors

from escaltui.domain.streams import AUDIT
from escaltui.i18n import _
from escaltui.server import audit, records
from escaltui.server.faults import ServeError
from escaltui.server.tables import AUDIT_HEAD, AUDIT_LINES, AUDITOR
from escaltui.store import erase, log
from escaltui.store.values import ChainReport

KINDS: dict[str, tuple[str, ...]] = {
    "sign-in": (records.SIGNED_IN, records.SIGN_IN_REFUSED, records.SIGNED_OUT),
    "token": (records.TOKEN_MADE, records.TOKEN_REVOKED),
    "webhook": (records.WEBHOOK_MADE, records.WEBHOOK_ROTATED, records.WEBHOOK_REVOKED),
    "membership": (records.GRANTED, records.ENDED),
    "refused": (records.PUSH_REFUSED,),
    "glass": ("BreakGlass",),
    "export": (records.EXPORTED,),
    "erasure": (erase.VERB,),
}
"""What is told, by the word that asks for it."""
OTHER = "other"
LOG = audit.Log(AUDIT_LINES, AUDIT_HEAD)
_READ = f"SELECT seq, at, verb, actor, entity_id, device, body FROM {AUDIT_LINES}"
_content = msgspec.json.Decoder(log.Content).decode
_KIND = {verb: kind for kind, verbs in KINDS.items() for verb in verbs}


class Line(NamedTuple):
    """One of them. `who` did it, `of` is whom or what it concerns (a login, a case's id), `more` says it closer."""

    seq: int
    at: int
    kind: str
    what: str
    who: str
    of: str
    device: str
    more: str


class Asked(NamedTuple):
    """Which lines: of a person, be it that they did it or that it was done to them; of kinds; from an instant on, and
    before one. Empty: all."""

    person: str = ""
    kinds: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None


class Told(NamedTuple):
    """Lines in order, and whether the whole stream is sound. Of one that is not, those before the fault."""

    report: ChainReport
    lines: tuple[Line, ...]


def read(dsn: str, asked: Asked, witness: Mapping[str, tuple[int, str]] | None = None) -> Told:
    """Prove the auditors' stream, then read it. Raises ServeError where the account may not."""
    known = {stream: head for stream, head in (witness or {}).items() if stream == AUDIT}
    try:
        with psycopg.connect(dsn) as connection:
            connection.execute(audit.STILL)
            connection.execute(f"SET LOCAL ROLE {AUDITOR}".encode())
            report = audit.verified(connection, LOG, known)
            return Told(report, tuple(_lines(connection, asked, report)))
    except errors.InsufficientPrivilege as error:
        said = _("This account may not read what auditors read. Give it the role: GRANT {role} TO ...")
        raise ServeError(said.format(role=AUDITOR)) from error


def _lines(connection: psycopg.Connection[Any], asked: Asked, report: ChainReport) -> Iterator[Line]:
    terms, values = _terms(asked)
    if report.broken is not None:
        terms.append("seq < %s")
        values.append(report.broken[1])
    where = f" WHERE {' AND '.join(terms)}" if terms else ""
    for seq, at, verb, actor, of, device, body in connection.execute(f"{_READ}{where} ORDER BY seq".encode(), values):
        said = _content(body) if body else log.Content()
        yield Line(seq, at, _KIND.get(verb, OTHER), verb, actor, of, device, said.reason or _seqs(said))


def _seqs(said: log.Content) -> str:
    return ", ".join(f"{stream} {now}" for stream, (_was, now) in said.fields.items())


def _terms(asked: Asked) -> tuple[list[str], list[Any]]:
    terms: list[str] = []
    values: list[Any] = []
    if asked.person:
        terms.append("(actor = %s OR entity_id = %s)")
        values += [asked.person, asked.person]
    if asked.kinds:
        verbs = [verb for kind in asked.kinds for verb in KINDS.get(kind, ())]
        other = [verb for verbs in KINDS.values() for verb in verbs] if OTHER in asked.kinds else None
        terms.append("(verb = ANY(%s) OR NOT verb = ANY(%s))" if other else "verb = ANY(%s)")
        values += [verbs, other] if other else [verbs]
    for term, instant in (("at >= %s", asked.since), ("at < %s", asked.until)):
        if instant is not None:
            terms.append(term)
            values.append(instant)
    return terms, values
