"""Speaking to Ozone: through our account's own server, or directly with a token that server gives for one method.

Nothing is followed and nothing is trusted beyond the addresses of the settings: no redirects, no plain HTTP beyond this
machine, no answer larger than it may be.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError
from escaltui.intake.ozone.settings import OzoneSettings, is_here

if TYPE_CHECKING:
    import httpx

SECONDS, WHOLE = 30.0, 180.0
"""For one sign of life, and for a whole answer, however slowly it dribbles."""
ANSWER_MOST, PICTURE_MOST = 16 << 20, 32 << 20
LONGEST_WAIT = 3600.0
_CREATE, _REFRESH = "com.atproto.server.createSession", "com.atproto.server.refreshSession"
_SERVICE_AUTH = "com.atproto.server.getServiceAuth"
_STALE = frozenset({"ExpiredToken", "InvalidToken", "BadJwtSignature", "JwtExpired"})
Params = Mapping[str, str | int | bool | Sequence[str]]


class Failed(ConnectorError):
    """Ozone said no: `name` is the lexicon's word for why, `status` that of HTTP, `said` its own words."""

    def __init__(self, sentence: str, name: str, status: int, said: str, **more: Any) -> None:
        super().__init__(sentence, **more)
        self.name, self.status, self.said = name, status, said


class Silent(ConnectorError):
    """Nothing came back: what was asked may have been done."""


class Xrpc:
    """One account's conversation. Blocks; raises ConnectorError. `transport` stands for the network in tests."""

    def __init__(
        self, settings: OzoneSettings, secret: str, *, transport: httpx.BaseTransport | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:  # fmt: skip
        self.settings, self._secret, self._clock = settings, secret, clock
        self._transport = transport
        self._client: httpx.Client | None = None
        self._tokens: tuple[str, str] = ("", "")
        self.did = ""
        self.asked = 0
        """How many requests were sent."""

    def close(self) -> None:
        """Let go of the connection and of the session's tokens."""
        if self._client is not None:
            self._client.close()
        self._client, self._tokens = None, ("", "")

    def query(self, method: str, params: Params) -> Any:
        """Ask Ozone for something."""
        return self._call("GET", method, params=params)

    def procedure(self, method: str, body: object) -> Any:
        """Have Ozone do something. Raises Silent where it may have been done."""
        return self._call("POST", method, content=msgspec.json.encode(body))

    def sign_in(self) -> str:
        """Begin a session where there is none; gives our own DID."""
        if self._tokens[0]:
            return self.did
        if not self._secret:
            said = _("There is no password for {name} (escaltui connector sign-in {name} keeps one).")
            raise ConnectorError(said.format(name=self.settings.name))
        asked = {"identifier": self.settings.handle, "password": self._secret}
        try:
            self._session(self._sent("POST", self.settings.service, _CREATE, content=msgspec.json.encode(asked)))
        except Failed as error:
            raise self._unwelcome(error) from error
        return self.did

    def picture(self, did: str, cid: str) -> bytes:
        """The bytes of a file of an account, from the server of the settings."""
        where = self.settings.pictures or self.settings.service
        return self._sent("GET", where, "com.atproto.sync.getBlob", params={"did": did, "cid": cid}, most=PICTURE_MOST)

    # --- one request

    def _call(self, verb: str, method: str, **more: Any) -> Any:
        self.sign_in()
        try:
            return _json(self._to_ozone(verb, method, **more))
        except Failed as error:
            if error.name not in _STALE:
                raise self._refused(error, method) from error
        self._renew()
        try:
            return _json(self._to_ozone(verb, method, **more))
        except Failed as error:
            raise self._refused(error, method) from error

    def _to_ozone(self, verb: str, method: str, **more: Any) -> bytes:
        labeler, bearer = self.settings.labeler, {"authorization": f"Bearer {self._tokens[0]}"}
        if not self.settings.direct:
            headers = bearer | {"atproto-proxy": f"{labeler}#atproto_labeler"}
            return self._sent(verb, self.settings.service, method, headers=headers, **more)
        asked = {"aud": labeler, "lxm": method}
        given = _json(self._sent("GET", self.settings.service, _SERVICE_AUTH, headers=bearer, params=asked))
        token = {"authorization": f"Bearer {given.get('token', '')}"} if isinstance(given, dict) else {}
        return self._sent(verb, self.settings.direct, method, headers=token, **more)

    def _renew(self) -> None:
        """A new session from the old one's token, or from the password where that has ended, too."""
        refresh, self._tokens = self._tokens[1], ("", "")
        try:
            held = {"authorization": f"Bearer {refresh}"}
            self._session(self._sent("POST", self.settings.service, _REFRESH, headers=held))
        except Failed:
            self.sign_in()

    def _session(self, content: bytes) -> None:
        found = _json(content)
        texts = [found.get(key) if isinstance(found, dict) else None for key in ("accessJwt", "refreshJwt", "did")]
        access, refresh, did = (each if isinstance(each, str) else "" for each in texts)
        if not access or not did:
            said = _("The server {host} gave no session: is service of {name} the server of that account?")
            raise ConnectorError(said.format(host=_host(self.settings.service), name=self.settings.name))
        self._tokens, self.did = (access, refresh), did

    def _sent(
        self, verb: str, where: str, method: str, *, params: Params | None = None, content: bytes | None = None,
        headers: Mapping[str, str] | None = None, most: int = ANSWER_MOST,
    ) -> bytes:  # fmt: skip
        import httpx  # only here: whoever asks nothing does not pay for it

        given = {"accept": "*/*", "user-agent": "escaltui"} | dict(headers or {})
        if content is not None:
            given["content-type"] = "application/json"
        url = f"{where}/xrpc/{method}"
        self.asked += 1
        try:
            with self._open().stream(verb, url, params=_written(params), content=content, headers=given) as answer:
                body = _within(answer, most, where)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            said = _("The server {host} cannot be reached. Look at the network, and try again later.").format(
                host=_host(where)
            )
            raise ConnectorError(said, again=True) from error
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            said = _("The server {host} did not answer ({why}). Try again later.")
            raise Silent(said.format(host=_host(where), why=type(error).__name__), again=True) from error
        if answer.status_code == 200:
            return body
        raise self._failure(answer, body, where, method)

    def _open(self) -> httpx.Client:
        import httpx

        if self._client is None:
            here = is_here(urlsplit(self.settings.service).hostname or "")
            self._client = httpx.Client(
                timeout=SECONDS, follow_redirects=False, trust_env=not here, transport=self._transport
            )
        return self._client

    # --- what went wrong

    def _failure(self, answer: httpx.Response, body: bytes, where: str, method: str) -> ConnectorError:
        status, host = answer.status_code, _host(where)
        name, words = _told(body)
        if status == 429:
            wait = _wait(answer, self._clock())
            said = _("The server {host} asks to be left alone for {seconds} seconds.").format(
                host=host, seconds=round(wait)
            )
            return Failed(said, "RateLimitExceeded", status, words, again=True, wait=wait)
        if 300 <= status < 400:
            said = _(
                "The server {host} sends us elsewhere, which is not followed. Mend the address of {name} in "
                "config.toml."
            )
            return Failed(said.format(host=host, name=self.settings.name), "Redirect", status, words)
        if status in (501, 404) and name in ("", "MethodNotImplemented", "XRPCNotSupported", "NotFound"):
            said = _("The server {host} does not have the method {method}. Is it an Ozone, and new enough?")
            return Failed(said.format(host=host, method=method), "MethodNotImplemented", status, words)
        if status >= 500:
            said = _("The server {host} failed ({status} {why}). Try again later.")
            return Silent(said.format(host=host, status=status, why=words or name), again=True)
        said = _("The server {host} refused it ({status} {why}).").format(host=host, status=status, why=words or name)
        return Failed(said, name, status, words)

    def _refused(self, error: Failed, method: str) -> ConnectorError:
        if error.status not in (401, 403):
            return error
        said = _(
            "The account {handle} may not do this in Ozone ({why}). Ask an administrator of Ozone for its role in the "
            "team; nothing was changed."
        ).format(handle=self.settings.handle, why=error.said or error.name)
        return Failed(said, error.name, error.status, error.said)

    def _unwelcome(self, error: Failed) -> ConnectorError:
        if error.again:
            return error
        if error.name == "AuthFactorTokenRequired":
            said = _("The account {handle} asks for a second factor. Make an app password, and keep that one instead.")
            return ConnectorError(said.format(handle=self.settings.handle))
        if error.status == 401:
            said = _(
                "The server {host} does not accept the handle {handle} or its password (escaltui connector sign-in "
                "{name} keeps another one)."
            )
            host, name = _host(self.settings.service), self.settings.name
            return ConnectorError(said.format(host=host, handle=self.settings.handle, name=name))
        return error


def _within(answer: httpx.Response, most: int, where: str) -> bytes:
    """The whole answer. Raises ConnectorError where it is larger than it may be, before more of it is read."""
    import httpx

    parts: list[bytes] = []
    size, until = 0, time.monotonic() + WHOLE
    for part in answer.iter_bytes():
        size += len(part)
        if time.monotonic() > until:
            raise httpx.ReadTimeout("too slow", request=answer.request)
        if size > most:
            said = _("The server {host} answered more than {most} MB: that is left out.")
            raise Failed(said.format(host=_host(where), most=most >> 20), "TooLarge", 200, "")
        parts.append(part)
    return b"".join(parts)


def _written(params: Params | None) -> tuple[tuple[str, str], ...]:
    """Parameters as the protocol writes them: a list is the same name several times."""
    found: list[tuple[str, str]] = []
    for name, value in (params or {}).items():
        several = value if isinstance(value, list | tuple) else (value,)
        found += [(name, str(each).lower() if isinstance(each, bool) else str(each)) for each in several]
    return tuple(found)


def _json(content: bytes) -> Any:
    try:
        return msgspec.json.decode(content) if content else {}
    except (msgspec.DecodeError, RecursionError) as error:
        raise ConnectorError(_("What Ozone answered is not JSON. Look at its address in config.toml.")) from error


def _told(body: bytes) -> tuple[str, str]:
    """The name of an error and the server's own words, in one line."""
    try:
        found = msgspec.json.decode(body[:100_000])
    except (msgspec.DecodeError, RecursionError):
        return "", ""
    if not isinstance(found, dict):
        return "", ""
    name, words = (str(found.get(key) or "") for key in ("error", "message"))
    plain = "".join(sign if sign.isprintable() else " " for sign in words[:400])
    return name[:60], " ".join(plain.split())[:200]


def _wait(answer: httpx.Response, now: float) -> float:
    """Seconds to wait: `Retry-After`, else `RateLimit-Reset` (seconds since 1970), else a minute."""
    for name, base in (("retry-after", 0.0), ("ratelimit-reset", now)):
        try:
            return min(max(float(answer.headers[name]) - base, 1.0), LONGEST_WAIT)
        except (KeyError, ValueError):
            continue
    return 60.0


def _host(url: str) -> str:
    return urlsplit(url).netloc
