"""What a provider says is taken only where it is sound: forged, foreign and stale tokens, and keys that change."""

from __future__ import annotations

import base64
import hmac
import json
import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joserfc import jwk
from provider import CLIENT, Provider
from signing import Desk, desk_with_provider
from team import Team

from escaltui.server import pokes, signin
from escaltui.server.oidc import FRESH, HOLDS, LEEWAY, Away, Checker, Keys, NotTrusted, fits, safe

OTHER = jwk.ECKey.generate_key("P-256", {"kid": "k1"})
"""Somebody else's key, under the name of ours."""


@pytest.fixture(scope="module")
def rsa() -> jwk.RSAKey:
    return jwk.RSAKey.generate_key(2048, {"kid": "r1"})


@pytest.fixture(autouse=True)
def quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that stops waits for its last look at the heads."""
    monkeypatch.setattr(pokes, "LOOK", 0.1)


@pytest.fixture
def log() -> list[dict[str, Any]]:
    return []


@pytest.fixture
def desk(team: Team, database: str, log: list[dict[str, Any]]) -> Iterator[Desk]:
    with desk_with_provider(team, database, log=log.append) as made:
        yield made


@pytest.mark.filterwarnings("ignore:EdDSA")
def test_every_algorithm_that_is_taken_signs_in(desk: Desk, rsa: jwk.RSAKey) -> None:
    edwards = jwk.OKPKey.generate_key("Ed25519", {"kid": "e1", "use": "sig"})
    desk.provider.keys = [rsa, edwards, desk.provider.keys[0]]
    for key in desk.provider.keys:
        desk.sign_in(key=key)
    desk.sign_in(key=edwards, header={"alg": "EdDSA"})
    desk.sign_in(key=rsa, header={"kid": None, "typ": None, "x": "not known"})


NONE, SECRET = b'{"alg":"none","kid":"k1"}', b'{"alg":"HS256","kid":"k1"}'


def jws(*parts: bytes) -> str:
    return ".".join(base64.urlsafe_b64encode(each).rstrip(b"=").decode() for each in parts)


def hs256(provider: Provider) -> str:
    """The public key, which everybody knows, as if it were a secret."""
    pem = jwk.ECKey.import_key(provider.keys[0].as_dict(private=False)).as_bytes("PEM")
    signed = f"{jws(SECRET)}.{provider.token().split('.')[1]}"
    return f"{signed}.{jws(hmac.digest(pem, signed.encode(), 'sha256'))}"


def unsigned(provider: Provider) -> str:
    return f"{jws(NONE)}.{provider.token().split('.')[1]}."


def altered(provider: Provider) -> str:
    head, body, signature = provider.token().split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    claims["preferred_username"] = "eve"
    return f"{head}.{jws(json.dumps(claims).encode())}.{signature}"


def now(provider: Provider) -> int:
    return provider._clock() // 1000


FORGED: dict[str, tuple[str, Callable[[Provider], str]]] = {
    "another key": ("signature", lambda p: p.token(key=OTHER)),
    "altered": ("signature", altered),
    "signature cut": ("signature", lambda p: p.token()[:-4]),
    "unsigned": ("algorithm", unsigned),
    "no signature": ("signature", lambda p: p.token().rpartition(".")[0] + "."),
    "public key as secret": ("algorithm", hs256),
    "its kind for another": ("key", lambda p: p.token(key=jwk.OKPKey.generate_key("Ed25519", {"kid": "k1"}))),
    "unknown key": ("key", lambda p: p.token(header={"kid": "k9"})),
    "key in its own header": ("signature", lambda p: p.token(key=OTHER, header={"jwk": OTHER.as_dict(private=False)})),
    "another audience": ("claims", lambda p: p.token(aud="another")),
    "no audience": ("claims", lambda p: p.token(aud=None)),
    "for another client": ("party", lambda p: p.token(azp="another")),
    "for several, by nobody": ("party", lambda p: p.token(aud=[CLIENT, "another"])),
    "another issuer": ("claims", lambda p: p.token(iss=p.url + "/")),
    "expired": ("expired", lambda p: p.token(exp=now(p) - LEEWAY)),
    "no end": ("claims", lambda p: p.token(exp=None)),
    "an end that is no number": ("claims", lambda p: p.token(exp="9999999999")),
    "an end that is none": ("claims", lambda p: p.token(exp=float("nan"))),
    "of the future": ("claims", lambda p: p.token(iat=now(p) + LEEWAY + 5, exp=now(p) + 900)),
    "not yet": ("claims", lambda p: p.token(nbf=now(p) + LEEWAY + 5)),
    "of long ago": ("old", lambda p: p.token(iat=now(p) - FRESH - LEEWAY - 5, exp=now(p) + 86_400)),
    "of no time": ("claims", lambda p: p.token(iat=None)),
    "nobody": ("claims", lambda p: p.token(sub=None)),
    "a number": ("claims", lambda p: p.token(sub=7)),
    "another nonce": ("nonce", lambda p: p.token(nonce="n-2")),
    "an access token": ("header", lambda p: p.token(header={"typ": "at+jwt"})),
    "a critical header": ("header", lambda p: jws(b'{"alg":"ES256","kid":"k1","crit":["x"],"x":1}', b"{}", b"s")),
    "words": ("malformed", lambda p: "a.b.c"),
    "nothing": ("malformed", lambda p: ""),
    "not ascii": ("malformed", lambda p: p.token() + "\N{SNOWMAN}"),
    "endless": ("malformed", lambda p: "a" * 40_000),
}  # fmt: skip


def test_the_control_is_let_in(desk: Desk) -> None:
    at = now(desk.provider)
    assert desk.post(desk.provider.token(aud=[CLIENT, "x"], azp=CLIENT, nonce="n"), nonce="n").status_code == 200
    assert desk.post(desk.provider.token(iat=at + LEEWAY - 5, exp=at - LEEWAY + 5)).status_code == 200
    assert desk.post(desk.provider.token(iat=at - FRESH + 5, exp=at + 1)).status_code == 200


def line_of(log: list[dict[str, Any]], request: str) -> dict[str, Any]:
    """The line about a request: it is written once the answer is out, so it may come a moment later."""
    end = time.monotonic() + 30
    while not (found := [each for each in log if each.get("id") == request]):
        assert time.monotonic() < end, f"no line about {request}"
        time.sleep(0.002)
    return found[0]


def test_a_token_that_is_not_sound_opens_nothing_and_nobody_is_told_why(desk: Desk, log: list[dict[str, Any]]) -> None:
    said = set()
    for name, (why, made) in FORGED.items():
        answer = desk.post(made(desk.provider))
        assert answer.status_code == 401, name
        failure = answer.json()
        written = line_of(log, failure.pop("request"))
        said.add(json.dumps(failure))
        assert written["results"] == {why: 1}, name
    assert len(said) == 1
    assert not desk.held()["token"]
    assert not sum(desk.held().values())
    assert desk.provider.asked["jwks"] == 2, "an unknown key is looked for once a minute"


SIGNED, CLAIMED = ("another key", "altered"), ("claims", "expired", "party", "old", "nonce")


def test_each_check_is_what_refuses(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with a check left out, what it refuses is let in."""
    with monkeypatch.context() as without:
        without.setattr("joserfc.jws.validate_compact", lambda *_, **__: True)
        assert {desk.post(FORGED[name][1](desk.provider)).status_code for name in SIGNED} == {200}
    with monkeypatch.context() as without:
        without.setattr(Checker, "_check", lambda *_: None)
        for name, (why, made) in FORGED.items():
            if why in CLAIMED and name not in ("nobody", "a number"):
                assert desk.post(made(desk.provider)).status_code == 200, name
    with monkeypatch.context() as without:
        without.setattr(signin, "_spend", lambda *_: None)
        token = desk.provider.token()
        assert {desk.post(token, device).status_code for device in ("d-1", "d-2")} == {200}


UNREADABLE = (b"", b"[]", b"{}", b'{"id_token": 1, "device": "d"}', b"\xff", b"[" * 9000,
              b'{"id_token": "a.b.c", "device": ""}', b'{"id_token": "a.b.c", "device": "a b"}')  # fmt: skip


def test_a_body_that_is_none_is_refused_and_not_told_back(desk: Desk) -> None:
    for body in UNREADABLE:
        answer = httpx.post(f"{desk.url}/v1/signin", content=body)
        assert answer.status_code == 400
        assert answer.json()["reason"] in ("The body cannot be read.", "A device is 1 to 64 letters, digits or signs.")


@settings(max_examples=150, deadline=None)
@given(
    st.text(max_size=60)
    | st.builds(
        jws,
        st.recursive(st.none() | st.text(max_size=5) | st.sampled_from(["ES256", "JWT", 3, 1e400]),
                     lambda inner: st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64"]), inner),
                     max_leaves=8).map(lambda value: json.dumps(value).encode()),
        st.binary(max_size=30), st.binary(max_size=80),
    )
)  # fmt: skip
def test_whatever_is_shown_the_checker_refuses_in_one_way(token: str) -> None:
    fetched = {"issuer": "https://id.example", "jwks_uri": "https://id.example/jwks",
               "keys": [OTHER.as_dict(private=False)]}  # fmt: skip
    checker = Checker(CLIENT, "https://id.example", Keys("https://id.example", lambda _: json.dumps(fetched).encode()),
                      lambda: 0)  # fmt: skip
    with pytest.raises(NotTrusted):
        checker.claims(token)


def test_an_older_name_of_an_algorithm_is_taken_without_a_word() -> None:
    edwards, at = jwk.OKPKey.generate_key("Ed25519", {"kid": "e1"}), Published()
    at.keys = [edwards.as_dict(private=False)]
    provider = Provider(lambda: 10**12)
    provider.url = at.issuer
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        token = provider.token(key=edwards, header={"alg": "EdDSA"})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert Checker(CLIENT, at.issuer, at.found, lambda: 10**12).claims(token)["sub"] == "s-1"


# --- the provider's keys


class Published:
    """A provider's documents, fetched without a network, and a clock that only tests move."""

    def __init__(self) -> None:
        self.issuer, self.now, self.fetched = "https://id.example", 0.0, 0
        self.keys = [OTHER.as_dict(private=False)]
        self.told: dict[str, Any] = {"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"}
        self.found = Keys(self.issuer, self.fetch, lambda: self.now)

    def fetch(self, url: str) -> bytes:
        if url.endswith("/jwks"):
            self.fetched += 1
            return json.dumps({"keys": self.keys}).encode()
        return json.dumps(self.told).encode()


def test_keys_are_held_for_an_hour_and_looked_for_once_a_minute_where_one_is_unknown() -> None:
    at = Published()
    for _ in range(3):
        assert at.found.find("k1", "ES256")
    assert at.fetched == 1
    for _ in range(3):
        with pytest.raises(NotTrusted):
            at.found.find("k2", "ES256")
    assert at.fetched == 2
    at.keys = [{**at.keys[0], "kid": "k2"}]
    at.now = 61.0
    assert at.found.find("k2", "ES256")
    assert at.fetched == 3
    with pytest.raises(NotTrusted):
        at.found.find("k1", "ES256")
    at.now += HOLDS
    assert at.found.find(None, "ES256")
    assert at.fetched == 4


def test_a_provider_that_is_not_who_it_says_is_none() -> None:
    for told in ({"issuer": "https://evil.example"}, {"jwks_uri": "http://id.example/jwks"},
                 {"jwks_uri": None}, {"jwks_uri": "file:///etc/passwd"}):  # fmt: skip
        at = Published()
        at.told |= told
        with pytest.raises(Away):
            at.found.find("k1", "ES256")
    at = Published()
    at.keys = [
        {"kty": "RSA", "kid": "r1", "e": "AQAB", "n": "q" * 171},
        {"kty": "RSA", "kid": "r2", "e": "AQAB", "n": "q" * 341 + "w"},
    ]
    assert at.found.find("r2", "RS256")
    with pytest.raises(NotTrusted):
        at.found.find("r1", "RS256")
    at = Published()
    at.keys = [{"kty": "EC"}, {"kty": "new"}, 7, *at.keys]  # type: ignore[list-item]
    assert at.found.find("k1", "ES256").kid == "k1"


def test_a_key_is_for_one_algorithm_and_for_signatures(rsa: jwk.RSAKey) -> None:
    told = rsa.as_dict(private=False)
    assert fits(rsa, "RS256")
    assert not fits(rsa, "ES256")
    for more in ({"use": "enc"}, {"alg": "RS512"}, {"alg": "PS256"}, {"key_ops": ["encrypt"]}):
        assert not fits(jwk.import_key({**told, **more}), "RS256"), more
    assert not fits(jwk.ECKey.generate_key("P-384", {"kid": "k"}), "ES256")
    assert not fits(jwk.OKPKey.generate_key("X25519", {"kid": "k"}), "EdDSA")


def test_what_is_safe_to_ask() -> None:
    assert all(map(safe, ("https://id.example/realms/a", "http://127.0.0.1:1", "http://[::1]/", "http://localhost/x")))
    assert not any(map(safe, ("http://id.example", "ftp://localhost", "https://", "https://a@id.example", "x", "",
                              "http://localhost.example", "https://id.example/?a=b", "http://[::1")))  # fmt: skip


def test_a_key_that_was_changed_at_the_provider_counts_at_once_and_the_old_one_no_more(desk: Desk) -> None:
    desk.sign_in()
    old = desk.provider.keys[0]
    desk.provider.keys = [jwk.ECKey.generate_key("P-256", {"kid": "k2"})]
    desk.sign_in()
    desk.refused(401, key=old)


def test_a_provider_that_is_away_lets_nobody_in(desk: Desk) -> None:
    desk.provider.away = True
    assert desk.refused(503)["code"] == "provider_away"
    desk.provider.away = False
    desk.sign_in()
