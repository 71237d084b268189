"""Signing in through the server's provider of identities, by the device flow: OAuth 2.0 Device Authorization Grant
(RFC 8628) with the provider found by OpenID Connect Discovery 1.0. What the provider says is exchanged for a token of
the server's own; neither a password nor the provider's tokens are kept here.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from escaltui.domain.wire import About, SignedIn, SigningIn
from escaltui.i18n import _
from escaltui.sync.auth import SignInError
from escaltui.sync.net import QUICK, NetError, NotOurs, Offline, Refusing, Server, allowed

if TYPE_CHECKING:
    from escaltui.sync.link import Link

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
WELL_KNOWN = "/.well-known/openid-configuration"
INTERVAL, SLOWER = 5, 5
"""Seconds between two polls where the provider names none, and what `slow_down` adds (RFC 8628, 3.2 and 3.5)."""
APART_MOST = 60
LASTS_MOST = 3600
ANSWER_MOST = 256 << 10
TRIES = 4
SCOPES = ("openid", "profile", "email", "groups")
_CODE = re.compile(r"[!-~](?:[ -~]{0,62}[!-~])?")
_ERROR = re.compile(r"[a-z_]{1,40}")
Told = Callable[[str, str, int], None]
Wait = Callable[[float], None]


class IdToken(NamedTuple):
    """What the provider says of whoever signed in, and the nonce that it was asked with."""

    token: str
    nonce: str


class _Provider:
    """The provider's endpoints. Raises NotOurs where it is not safe or not who it says, Offline where it is away."""

    def __init__(self, issuer: str, transport: httpx.BaseTransport | None) -> None:
        self.issuer, safe = issuer, allowed(issuer)
        self._client = httpx.Client(
            timeout=QUICK, follow_redirects=False, trust_env=safe.startswith("https"), transport=transport
        )
        try:
            status, told = self._ask("GET", safe + WELL_KNOWN)
            if status != 200 or told.get("issuer") != issuer:
                raise self._strange()
            self._device = self._endpoint(told, "device_authorization_endpoint")
            self._token = self._endpoint(told, "token_endpoint")
        except BaseException:
            self.close()
            raise
        known = told.get("scopes_supported")
        self.scopes = " ".join(each for each in SCOPES if each in (known if isinstance(known, list) else SCOPES[:3]))

    def close(self) -> None:
        self._client.close()

    def begin(self, form: Mapping[str, str]) -> dict[str, Any]:
        status, told = self._ask("POST", self._device, form)
        if status != 200:
            raise _refused(told)
        return told

    def poll(self, form: Mapping[str, str]) -> dict[str, Any]:
        """What became of it. A provider in trouble (429, 5xx) counts as away."""
        status, told = self._ask("POST", self._token, form)
        if status == 429 or status >= 500:
            raise Offline(_("{url} answered {status}.").format(url=self.issuer, status=status))
        if status != 200 and "error" not in told:
            raise self._strange()
        return told

    def _endpoint(self, told: Mapping[str, Any], name: str) -> str:
        found = told.get(name)
        if not isinstance(found, str):
            raise NotOurs(_("The provider {url} knows no sign-in by a code.").format(url=self.issuer))
        return allowed(found)

    def _ask(self, method: str, url: str, form: Mapping[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        try:
            with self._client.stream(method, url, data=form) as answer:
                held = bytearray()
                for part in answer.iter_bytes():
                    held += part
                    if len(held) > ANSWER_MOST:
                        raise self._strange()
        except (httpx.TransportError, httpx.DecodingError, httpx.StreamError) as error:
            if "certificate" in str(error).lower():
                raise NotOurs(_("The certificate of {url} does not verify.").format(url=self.issuer)) from error
            raise Offline(_("{url} is not reached.").format(url=self.issuer)) from error
        try:
            told = json.loads(held)
        except (ValueError, RecursionError):
            told = None
        if not isinstance(told, dict):
            if answer.status_code == 429 or answer.status_code >= 500:
                return answer.status_code, {}
            raise self._strange()
        return answer.status_code, told

    def _strange(self) -> NotOurs:
        return NotOurs(_("What answers at {url} is not a sign-in provider.").format(url=self.issuer))


def device_flow(about: About, told: Told, wait: Wait, transport: httpx.BaseTransport | None = None) -> IdToken:
    """Have a person sign in at the server's provider. Blocks until they did.

    `told` is given the address to open, the code to type there, and how many seconds it counts; `wait` waits so many.
    Raises SignInError where it was denied or took too long, NetError where the provider is away or not safe.
    """
    if not (about.issuer and about.client_id):
        raise SignInError(_("This server has no sign-in provider. Ask its admin for a token."))
    provider = _Provider(about.issuer, transport)
    try:
        nonce = secrets.token_urlsafe(16)
        begun = provider.begin({"client_id": about.client_id, "scope": provider.scopes, "nonce": nonce})
        address, code = _shown(begun, "verification_uri"), _shown(begun, "user_code")
        lasts = _seconds(begun.get("expires_in"), LASTS_MOST, LASTS_MOST)
        told(allowed(address), code, lasts)
        form = {"grant_type": GRANT, "device_code": str(begun.get("device_code", "")), "client_id": about.client_id}
        return IdToken(_polled(provider, form, _seconds(begun.get("interval"), INTERVAL, lasts), lasts, wait), nonce)
    finally:
        provider.close()


def _polled(provider: _Provider, form: Mapping[str, str], interval: int, lasts: int, wait: Wait) -> str:
    """Ask until there is an answer; where none comes the polls go apart twice as far each time (RFC 8628, 3.5)."""
    waited, away = 0, 0
    while True:
        pause = max(interval, min(interval * 2**away, APART_MOST))
        if waited + pause > lasts:
            raise SignInError(_("Nobody signed in in time. Try again: escaltui connect URL --desk DESK"))
        wait(pause)
        waited += pause
        try:
            answer = provider.poll(form)
        except Offline:
            away = min(away + 1, 8)
            continue
        away = 0
        match answer.get("error"):
            case "authorization_pending":
                continue
            case "slow_down":
                interval += SLOWER
            case None:
                return _id_token(answer)
            case _:
                raise _refused(answer)


def _id_token(answer: Mapping[str, Any]) -> str:
    found = answer.get("id_token")
    if not isinstance(found, str) or not found.isascii():
        raise SignInError(_("The provider did not say who signed in: its client needs the scope openid."))
    return found


def _refused(answer: Mapping[str, Any]) -> SignInError:
    """A provider's refusal; of its own words only the code, and that only where it is one."""
    match answer.get("error"):
        case "access_denied":
            return SignInError(_("The sign-in was denied at the provider."))
        case "expired_token":
            return SignInError(_("Nobody signed in in time. Try again: escaltui connect URL --desk DESK"))
        case code:
            word = code if isinstance(code, str) and _ERROR.fullmatch(code) else "?"
            said = _("The provider refused: {why}. Ask the server's admin whether client_id is right.")
            return SignInError(said.format(why=word))


def _shown(begun: Mapping[str, Any], name: str) -> str:
    """What a terminal will show: plain characters only, however the provider came by others."""
    found = begun.get(name)
    if not isinstance(found, str) or not (name != "user_code" or _CODE.fullmatch(found)):
        raise NotOurs(_("The provider gave no code to sign in with."))
    if not (found.isascii() and found.isprintable() and len(found) <= 500):
        raise NotOurs(_("The provider gave no code to sign in with."))
    return found


def _seconds(value: object, default: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        return min(default, most)
    return max(1, int(min(value, most)))


def exchange(server: Server, found: IdToken, device: str, wait: Wait) -> SignedIn:
    """The server's own token for what the provider said. Raises NetError; tried again where it was away or busy."""
    asked = SigningIn(found.token, device, found.nonce)
    for attempt in range(TRIES):
        try:
            return server.sign_in(asked)
        except (Offline, Refusing) as error:
            busy = not isinstance(error, Refusing) or error.status in (429, 503)
            if not busy or attempt + 1 == TRIES:
                raise
            after = error.retry_after if isinstance(error, Refusing) else None
            wait(2.0**attempt if after is None else min(after, APART_MOST))
    raise AssertionError


def sign_in(server: Server, device: str, told: Told, wait: Wait) -> SignedIn:
    """All of it. Raises SignInError, NetError."""
    return exchange(server, device_flow(server.about(), told, wait), device, wait)


def sign_out(link: Link) -> bool:
    """End a store's token at its server; False where that could not be said, or it was not made by signing in."""
    try:
        return link.server.sign_out()
    except NetError:
        return False
