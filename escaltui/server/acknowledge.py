"""Somebody has seen an alert: by the token in it, or signed in. It enters the case's timeline like anything they do.

Whoever asks for what does not exist, is not theirs, or with a wrong token hears the same. A second time changes
nothing.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, Sequence
from html import escape
from typing import NamedTuple
from urllib.parse import parse_qs

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from escaltui.domain.hashing import hexdigest
from escaltui.domain.operations import RecordAccess
from escaltui.domain.records import ACKNOWLEDGED
from escaltui.domain.wire import Sent
from escaltui.i18n import _
from escaltui.server import bodies, people, push
from escaltui.server.alerts import Acknowledge, Acknowledged
from escaltui.server.desk import SYSTEM, Desk
from escaltui.server.people import Caller, Rights
from escaltui.server.problems import NOT_YOURS, Problem
from escaltui.server.rows import Connection

LASTS = 3 * 86_400_000
"""Milliseconds for which the token in an alert counts."""
FORM = "application/x-www-form-urlencoded"
_FOUND = """SELECT o.token, o.login, o."to", o.kind, o.at, a.id, a.kind, a.case_id, a.about, a.seen_at, c.stream
FROM outgoing o JOIN alert a ON a.id = o.alert JOIN cases c ON c.id = a.case_id WHERE o.id = %s FOR UPDATE OF a"""
_SEEN = "UPDATE alert SET state = 'acknowledged', next_at = NULL, seen_by = %s, seen_at = %s WHERE id = %s"
_REST = "UPDATE outgoing SET state = 'dropped', next_try_at = NULL WHERE alert = %s AND state = 'queued'"
_HEAD = '<!doctype html><meta name="viewport" content="width=device-width"><title>escaltui</title>'
HTML = {"content-security-policy": "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
        "referrer-policy": "no-referrer"}  # fmt: skip


class _Found(NamedTuple):
    """A telling, its alert, and where its case lies."""

    token: str
    login: str
    to: str
    way: str
    at: int
    alert: str
    kind: str
    case: str
    about: str
    seen_at: int | None
    stream: str

    @property
    def what(self) -> str:
        """What the record on the case says was seen."""
        return ACKNOWLEDGED + {"clock": f"clock {self.about}", "new_s0": "new S0"}.get(self.kind, self.kind)

    @property
    def name(self) -> str:
        """Who was told, where we know no login of theirs."""
        return self.login or (self.to if self.way != "mail" else "") or "on call"


def acknowledge(desk: Desk, telling: str, token: str, caller: Caller | None) -> bool:
    """Write down that an alert was seen: by whoever was told, where `token` is the one they got; else by `caller`, who
    sees the case. False where neither is so, or there is no such alert."""

    def write(connection: Connection) -> tuple[bool, Sequence[str]]:
        now = desk.now()
        row = connection.execute(_FOUND, (telling,)).fetchone() if "\0" not in telling else None
        found = _Found._make(row) if row is not None else None
        person = _who(found, token, caller, now)
        if found is None or person is None:
            return False, ()
        held = people.rights(connection, person, now)
        sees = bool(person) and found.stream in held.streams
        if caller is not None and not sees:
            return False, ()
        if found.seen_at is not None:
            return True, ()
        touched = _record(desk, connection, found, (caller or Caller(person, "", frozenset())) if sees else None, held)
        connection.execute(_SEEN, (person or found.name, now, found.alert))
        connection.execute(_REST, (found.alert,))
        return True, touched

    done, touched = desk.transaction(write)
    desk.told(touched)
    return done


def _who(found: _Found | None, token: str, caller: Caller | None, now: int) -> str | None:
    """Who acknowledges ("" for somebody without a login), None for nobody."""
    if caller is not None:
        return caller.person
    known = found.token if found is not None and now - found.at <= LASTS else ""
    same = hmac.compare_digest(known or "0" * 64, hexdigest(token.encode("utf-8", "replace")))
    return found.login if found is not None and known and same else None


def _record(desk: Desk, connection: Connection, found: _Found, caller: Caller | None, held: Rights) -> Sequence[str]:
    """The record on the case, in the person's name; where they see no case here, in ours, with their name in it."""
    now = desk.now()
    what = found.what if caller is not None else f"{found.what}, {found.name}"
    op = msgspec.Raw(msgspec.json.encode(RecordAccess(case=found.case, what=what)))
    rights = held if caller is not None else Rights(frozenset(), {})
    work = push.Push(connection, caller or SYSTEM, rights, found.stream, now, desk.rules)
    work.run([Sent(push.fresh_id(now), op, now)])
    return tuple(work.touched)


class Acknowledging:
    """Two routes. `caller` knows whoever asks, or raises Problem."""

    def __init__(self, desk: Desk, caller: Callable[[Request, str], Awaitable[Caller]]) -> None:
        self._desk, self._caller = desk, caller

    async def page(self, request: Request) -> Response:
        """What the link in a mail opens: one button, so that no program that follows links acknowledges anything."""
        token, at = escape(request.query_params.get("token", "")[:200]), escape(request.path_params["alert"][:64])
        button = escape(_("I have seen this alert"))
        form = f'<form method="post" action="/v1/alerts/{at}/ack"><input type="hidden" name="token" value="{token}">'
        return HTMLResponse(f"{_HEAD}{form}<button>{button}</button></form>", headers=HTML)

    async def ack(self, request: Request) -> Response:
        """An alert was seen. Raises Problem."""
        alert, by_form = request.path_params["alert"], request.headers.get("content-type", "").startswith(FORM)
        caller = await self._caller(request, "push") if "authorization" in request.headers else None
        token = _token(await bodies.unpacked(request), by_form)
        if not await run_in_threadpool(acknowledge, self._desk, alert, token, caller):
            raise NOT_YOURS
        if by_form:
            return HTMLResponse(f"{_HEAD}<p>{escape(_('Acknowledged.'))}</p>", headers=HTML)
        return bodies.packed(request, msgspec.json.encode(Acknowledged(alert)), 200)


def _token(body: bytes, by_form: bool) -> str:
    try:
        if by_form:
            return parse_qs(body.decode("ascii"), max_num_fields=4).get("token", [""])[0]
        return msgspec.json.decode(body, type=Acknowledge).token if body else ""
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        said = "The body cannot be read."
        raise Problem(400, "unreadable", said, "Send JSON as /v1/openapi.json describes it.") from error
