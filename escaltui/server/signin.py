"""Signing in: an ID token of our provider is exchanged for a token of our own; signing out ends it.

Whoever is refused is told nothing that would help to try again: why goes into the log, as one word.
"""

from __future__ import annotations

import ipaddress
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
from anyio import CapacityLimiter, to_thread
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from escaltui.domain import wire
from escaltui.domain.hashing import hexdigest
from escaltui.domain.operations import AddPerson
from escaltui.domain.wire import Sent
from escaltui.server import bodies, identities, people, push, records, tokens
from escaltui.server.desk import SYSTEM, Desk
from escaltui.server.front import told
from escaltui.server.identities import NotLetIn, Subject
from escaltui.server.limits import Limits
from escaltui.server.oidc import FRESH, LEEWAY, Away, Checker, Keys, NotTrusted
from escaltui.server.oidc_settings import Oidc
from escaltui.server.people import Caller
from escaltui.server.pokes import CHANNEL, MEMBER
from escaltui.server.problems import Problem, too_many
from escaltui.server.rows import Connection

HOURS = 12
SESSION = "session"
AT_ONCE = 4
"""Sign-ins that may wait for the provider together: the other threads go on with the work."""
_DEVICE = re.compile(r"[!-~]{1,64}")
_KEPT = 30 * tokens.DAY
REFUSED = Problem(401, "not_signed_in", "This sign-in is not accepted.", "Sign in again: escaltui connect URL")
NO_ACCOUNT = Problem(403, "no_account", "This account opens nothing here.", "Ask whoever runs the backend.")
NO_PROVIDER = Problem(404, "no_provider", "This backend has no sign-in provider.", "Ask its admin for a token.")
PROVIDER_AWAY = Problem(503, "provider_away", "The sign-in provider is not reached.", "Try again in a moment.", after=5)
_SPENT = """INSERT INTO spent (sha256, device, until) VALUES (%s, %s, %s)
ON CONFLICT (sha256) DO UPDATE SET device = spent.device RETURNING device"""
_FORGET = "DELETE FROM spent WHERE until < %s"
_BEFORE = "UPDATE token SET revoked_at = %s WHERE person = %s AND kind = %s AND device = %s AND revoked_at IS NULL"
_LONG_AGO = "DELETE FROM token WHERE person = %s AND kind = %s AND until < %s"
_SIGNED_OUT = "UPDATE token SET revoked_at = %s WHERE id = %s AND kind = %s AND revoked_at IS NULL"
_TELL = "SELECT pg_notify(%s, %s)"


class Entered(NamedTuple):
    """What became of a sign-in. `signed` is None where nothing is open to them (any more); `touched`: streams."""

    signed: wire.SignedIn | None
    touched: tuple[str, ...]


class SignIns:
    """Sign-in and sign-out over one desk. `caller` finds who asks, `forget` drops what is remembered of a token."""

    def __init__(
        self, desk: Desk, limits: Limits, oidc: Oidc, caller: Callable[[Request, str], Awaitable[Caller]],
        forget: Callable[[Request], Awaitable[None]], keys: Keys | None = None,
    ) -> None:  # fmt: skip
        self._desk, self._limits, self._oidc = desk, limits, oidc
        self._caller, self._forget = caller, forget
        self._checker = Checker(oidc.client_id, oidc.issuer, keys or Keys(oidc.issuer), desk.now)
        self._room: CapacityLimiter | None = None

    async def begin(self, request: Request) -> Response:
        """`POST /v1/signin`."""
        if not self._oidc.issuer:
            raise NO_PROVIDER
        if wait := self._limits.sign_ins.wait(address(request.client.host if request.client else "")):
            raise too_many("sign-ins from one place", wait)
        asked = _asked(await bodies.unpacked(request))
        self._room = self._room or CapacityLimiter(AT_ONCE)
        try:
            entered = await to_thread.run_sync(self._enter, asked, limiter=self._room)
        except NotTrusted as error:
            await run_in_threadpool(self._refused, str(error))
            told(request).results = Counter({str(error): 1})
            raise REFUSED from error
        except NotLetIn as error:
            await run_in_threadpool(self._refused, str(error))
            told(request).results = Counter({str(error): 1})
            raise NO_ACCOUNT from error
        except Away as error:
            told(request).results = Counter({str(error): 1})
            raise PROVIDER_AWAY from error
        self._desk.told(entered.touched)
        if entered.signed is None:
            await run_in_threadpool(self._refused, "nothing open")
            raise NO_ACCOUNT
        told(request).person = entered.signed.person
        return bodies.packed(request, msgspec.json.encode(entered.signed), 200)

    async def end(self, request: Request) -> Response:
        """`DELETE /v1/signin`."""
        caller = await self._caller(request, "pull")
        ended = await run_in_threadpool(self._desk.transaction, lambda connection: self._end(connection, caller))
        await self._forget(request)
        return bodies.packed(request, msgspec.json.encode(wire.SignedOut(ended)), 200)

    # --- blocking

    def _refused(self, why: str) -> None:
        """Write down that a sign-in was refused; no more than ten a minute of them, the log has all."""
        if not self._limits.sign_ins.wait(records.SIGN_IN_REFUSED):
            self._desk.record(records.Record(records.SIGN_IN_REFUSED, "", why))

    def _enter(self, asked: wire.SigningIn) -> Entered:
        claims = self._checker.claims(asked.id_token, asked.nonce)
        who = identities.subject(claims, self._oidc)
        return self._desk.transaction(lambda connection: self._signed_in(connection, asked, who))

    def _signed_in(self, connection: Connection, asked: wire.SigningIn, who: Subject) -> Entered:
        now = self._desk.now()
        _spend(connection, asked, now)
        person, new = identities.find(connection, self._oidc, who, now)
        touched = self._made_known(connection, person, who, now) if new else ()
        before = identities.memberships(connection, person, now)
        if identities.settle(connection, person, self._oidc.given(who.groups), now):
            connection.execute(_TELL, (CHANNEL, MEMBER))
        noted = _settled(person, before, identities.memberships(connection, person, now))
        if not people.rights(connection, person, now).roles:
            return Entered(None, (*touched, *records.keep(connection, self._desk.rules, now, noted)))
        connection.execute(_BEFORE, (now, person, SESSION, asked.device))
        connection.execute(_LONG_AGO, (person, SESSION, now - _KEPT))
        token = tokens.make(
            connection, person, tokens.WORK, now, kind=SESSION, name="sign-in", device=asked.device, days=HOURS / 24
        )
        noted.append(records.Record(records.SIGNED_IN, person, "", person))
        touched = (*touched, *records.keep(connection, self._desk.rules, now, noted, asked.device))
        return Entered(wire.SignedIn(token, person, now + HOURS * 3_600_000), touched)

    def _made_known(self, connection: Connection, person: str, who: Subject, now: int) -> tuple[str, ...]:
        """A colleague more, as the system adds one: everybody hears of them in the log."""
        roles = frozenset[str]().union(*self._oidc.given(who.groups).values())
        op = AddPerson(login=person, name=who.name, roles=tuple(sorted(roles)))
        work = push.Push(connection, SYSTEM, people.Rights(frozenset(), {}), "", now, self._desk.rules)
        (result,) = work.run([Sent(push.fresh_id(now), msgspec.Raw(msgspec.json.encode(op)), now)])
        if result.status != "applied":
            raise NotLetIn("person")
        return tuple(work.touched)

    def _end(self, connection: Connection, caller: Caller) -> bool:
        ended = connection.execute(_SIGNED_OUT, (self._desk.now(), caller.token, SESSION)).rowcount == 1
        if ended:
            connection.execute(_TELL, (CHANNEL, MEMBER))
            noted = (records.Record(records.SIGNED_OUT, caller.person, "", caller.person),)
            records.keep(connection, self._desk.rules, self._desk.now(), noted, caller.device)
        return ended


def _settled(
    person: str, before: dict[str, tuple[frozenset[str], str]], after: dict[str, tuple[frozenset[str], str]]
) -> list[records.Record]:
    """What groups gave and took: a record for each membership that is another than before."""
    moved = [each for each in sorted({*before, *after}) if before.get(each) != after.get(each)]
    none = (frozenset[str](), identities.BY)
    return [records.membership(person, each, *after.get(each, none)) for each in moved]


def _asked(body: bytes) -> wire.SigningIn:
    """What is asked for; a body that cannot be read is not told back: it may hold a token."""
    try:
        found = msgspec.json.decode(body, type=wire.SigningIn)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "unreadable", "The body cannot be read.", "See /v1/openapi.json.") from error
    if not _DEVICE.fullmatch(found.device):
        raise Problem(400, "unreadable", "A device is 1 to 64 letters, digits or signs.", "Send the store's own id.")
    return found


def _spend(connection: Connection, asked: wire.SigningIn, now: int) -> None:
    """An ID token serves one device: whoever finds it later in a log gets in nowhere. Raises NotTrusted.

    The signed part alone tells one from another: a signature can be written in several ways.
    """
    signed = asked.id_token.rpartition(".")[0]
    connection.execute(_FORGET, (now,))
    row = connection.execute(_SPENT, (hexdigest(signed.encode()), asked.device, now + 1000 * (FRESH + 3 * LEEWAY)))
    if row.fetchone() != (asked.device,):
        raise NotTrusted("spent")


def address(host: str) -> str:
    """Where a caller is, as far as it costs something to be elsewhere: of IPv6 the first 64 bits."""
    try:
        found: Any = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if found.version == 6 and found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else str(found)
