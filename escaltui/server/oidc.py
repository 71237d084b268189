"""Whether an ID token is what our provider of identities said, to us, just now.

The checks of OpenID Connect Core 1.0, 3.1.3.7. The provider's document is found by OpenID Connect Discovery 1.0; a key
is used with the one algorithm that it is made for, so that none can be taken for another kind.
"""

from __future__ import annotations

import ipaddress
import json
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib import request as http
from urllib.parse import urlsplit

from joserfc import jwk, jws
from joserfc.errors import ExpiredTokenError, InvalidClaimError, JoseError, MissingClaimError
from joserfc.jwa import JWSAlgModel
from joserfc.jwt import JWTClaimsRegistry

KINDS = {"RS256": ("RSA", ""), "ES256": ("EC", "P-256"), "EdDSA": ("OKP", "Ed25519"), "Ed25519": ("OKP", "Ed25519")}
"""The algorithms taken, each with its kind of key and curve. `Ed25519` is the newer name of the third (RFC 9864)."""
MODULUS_LEAST = 342
"""The length in base64 of an RSA key's modulus of 2048 bits: shorter ones are not used (RFC 7518, 3.3)."""
LEEWAY = 60
"""Seconds that the provider's clock may differ from ours."""
FRESH = 600
"""Seconds after which an ID token signs nobody in any more, however long it says that it lasts."""
HOLDS = 3600.0
AGAIN = 60.0
"""Seconds that the keys are held, and between two looks for one that is not among them."""
TIMEOUT = 5.0
DOCUMENT_MOST = 1 << 20
TOKEN_MOST = 32 << 10
WELL_KNOWN = "/.well-known/openid-configuration"
_MALFORMED = (JoseError, ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError)


class NotTrusted(Exception):
    """An ID token that is not taken; str() is a word for our own log, and for nobody else."""


class Away(Exception):
    """The provider was not reached, or what it said is no use; str() is a word for our own log."""


def safe(url: str) -> bool:
    """Whether an address may be trusted to be who it says: https, or this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    if not parts.hostname or parts.username is not None or parts.query or parts.fragment:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _here(parts.hostname))


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class _Nowhere(http.HTTPRedirectHandler):
    """Follows nothing."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def fetched(url: str) -> bytes:
    """What lies at an address. Raises OSError. Redirects are not followed, what stays here passes no proxy."""
    handlers: list[http.BaseHandler] = [_Nowhere()]
    if url.startswith("http:"):
        handlers.append(http.ProxyHandler({}))
    with http.build_opener(*handlers).open(url, timeout=TIMEOUT) as answer:
        found: bytes = answer.read(DOCUMENT_MOST + 1)
    if len(found) > DOCUMENT_MOST:
        raise OSError("too long")
    return found


class Keys:
    """The provider's keys, held for an hour; fetched anew for one that is not known, at most once a minute."""

    def __init__(
        self, issuer: str, fetch: Callable[[str], bytes] = fetched, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer, self._fetch, self._now = issuer, fetch, now
        self._keys: tuple[jwk.Key, ...] = ()
        self._until = self._again = float("-inf")
        self._guard = threading.Lock()

    def find(self, kid: str | None, alg: str) -> jwk.Key:
        """The key that a token names, made for its algorithm. Blocks. Raises NotTrusted, Away."""
        with self._guard:
            read = self._now() >= self._until
            if read:
                self._read()
            found = self._held(kid, alg)
            if found is None and not read and self._now() >= self._again:
                self._again = self._now() + AGAIN
                self._read()
                found = self._held(kid, alg)
        if found is None:
            raise NotTrusted("key")
        return found

    def _held(self, kid: str | None, alg: str) -> jwk.Key | None:
        """A token that names no key may mean the only one of its kind."""
        found = [key for key in self._keys if fits(key, alg) and (kid is None or key.kid == kid)]
        return found[0] if len(found) == 1 else None

    def _read(self) -> None:
        try:
            told = json.loads(self._fetch(self._issuer.rstrip("/") + WELL_KNOWN))
            if told["issuer"] != self._issuer or not safe(told["jwks_uri"]):
                raise Away("issuer")
            listed = json.loads(self._fetch(told["jwks_uri"]))["keys"]
            self._keys = tuple(key for each in listed if (key := _key(each)) is not None)
        except (OSError, *_MALFORMED) as error:
            raise Away("provider") from error
        self._until = self._now() + HOLDS


def _key(told: Any) -> jwk.Key | None:
    """A published key; None for one that we cannot read: others may be of use."""
    try:
        usable = told["kty"] != "oct" and (told["kty"] != "RSA" or len(told["n"]) >= MODULUS_LEAST)
        return jwk.import_key(told) if usable else None
    except _MALFORMED:
        return None


def fits(key: jwk.Key, alg: str) -> bool:
    """Whether a key is there for signatures by an algorithm."""
    kind, curve = KINDS[alg]
    if key.key_type != kind or key.get("use", "sig") != "sig" or "verify" not in (key.get("key_ops") or ["verify"]):
        return False
    if isinstance(key, jwk.ECKey | jwk.OKPKey) and key.curve_name != curve:
        return False
    return key.alg in (None, alg)


class _Registry(jws.JWSRegistry):
    """Our algorithms and no others; headers that are not critical and not known are left aside (RFC 7515, 4.1.11)."""

    max_header_length = 8192

    def __init__(self) -> None:
        super().__init__(strict_check_header=False)

    def get_alg(self, name: str) -> JWSAlgModel:
        if name not in KINDS:
            raise NotTrusted("algorithm")
        return self.algorithms[name]


class Checker:
    """What is asked of each ID token. `now` in milliseconds."""

    def __init__(self, client_id: str, issuer: str, keys: Keys, now: Callable[[], int]) -> None:
        self._client, self._issuer, self._keys, self._now = client_id, issuer, keys, now

    def claims(self, token: str, nonce: str = "") -> dict[str, Any]:
        """What a token says. Blocks. Raises NotTrusted, Away."""
        try:
            claims = self._signed(token)
        except _MALFORMED as error:
            raise NotTrusted("malformed") from error
        self._check(claims, nonce)
        return claims

    def _signed(self, token: str) -> dict[str, Any]:
        if len(token) > TOKEN_MOST:
            raise NotTrusted("malformed")
        registry = _Registry()
        found = jws.extract_compact(token.encode("ascii"), None, registry)
        header = found.headers()
        kid, alg = header.get("kid"), header.get("alg")
        if not isinstance(alg, str) or alg not in KINDS:
            raise NotTrusted("algorithm")
        if str(header.get("typ", "JWT")).upper() != "JWT" or not isinstance(kid, str | None) or "crit" in header:
            raise NotTrusted("header")
        if not jws.validate_compact(found, self._keys.find(kid, alg), registry=registry):
            raise NotTrusted("signature")
        claims = json.loads(found.payload or b"")
        if not isinstance(claims, dict):
            raise NotTrusted("malformed")
        return claims

    def _check(self, claims: dict[str, Any], nonce: str) -> None:
        now = self._now() // 1000
        registry = JWTClaimsRegistry(
            now, LEEWAY, iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._client}, sub={"essential": True},
            exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        try:
            registry.validate(claims)
        except ExpiredTokenError as error:
            raise NotTrusted("expired") from error
        except (InvalidClaimError, MissingClaimError) as error:
            raise NotTrusted("claims") from error
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if claims.get("azp", None if several else self._client) != self._client:
            raise NotTrusted("party")
        if claims["iat"] < now - FRESH - LEEWAY:
            raise NotTrusted("old")
        if claims.get("nonce", nonce) != nonce:
            raise NotTrusted("nonce")
