"""Signing in from a workbench: the device flow as RFC 8628 tells it, and what a provider may try on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec
import pytest
from provider import CLIENT, CODE, LASTS, Provider, providing
from served import Served, refused
from signing import Desk, desk_with_provider
from starlette.responses import JSONResponse, Response
from team import NOW, Team

from escaltui import cli
from escaltui.domain.wire import About
from escaltui.server import pokes
from escaltui.server.faults import ServeError
from escaltui.server.oidc_settings import CLIENT as CLIENT_VARIABLE
from escaltui.server.oidc_settings import ISSUER, Grant, Oidc, read
from escaltui.sync import signin
from escaltui.sync.auth import SignInError
from escaltui.sync.net import NotOurs, NotSignedIn, Offline, Refusing, Server
from escaltui.sync.signin import IdToken, device_flow, exchange

DESKS = ("emea", "global")


class Person:
    """Who is shown a code, and waits."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int]] = []
        self.waited: list[float] = []

    def see(self, address: str, code: str, lasts: int) -> None:
        self.told.append((address, code, lasts))

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    def flow(self, provider: Provider, issuer: str = "", transport: httpx.BaseTransport | None = None) -> IdToken:
        about = About(issuer=issuer or provider.url, client_id=CLIENT)
        return device_flow(about, self.see, self.wait, transport)


@pytest.fixture
def provider() -> Iterator[Provider]:
    with providing(lambda: NOW) as made:
        yield made


@pytest.fixture
def ada() -> Person:
    return Person()


@pytest.fixture(autouse=True)
def quick_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A backend that stops waits for its last look at the heads."""
    monkeypatch.setattr(pokes, "LOOK", 0.1)


@pytest.fixture
def desk(team: Team, database: str) -> Iterator[Desk]:
    with desk_with_provider(team, database) as made:
        yield made


def test_a_person_is_shown_a_code_and_gets_a_token_of_the_servers_own(desk: Desk, ada: Person) -> None:
    server = Server(desk.url, "", "d-1")
    found = signin.sign_in(server, "d-1", ada.see, ada.wait)
    assert ada.told == [(f"{desk.provider.url}/activate", CODE, LASTS)]
    assert ada.waited == [5]
    assert (found.person, found.until) == ("ada", NOW + 12 * 3_600_000)
    assert Server(desk.url, found.token, "d-1").me().desks == ("global",)
    begun, polled = desk.provider.forms
    assert begun == {"client_id": CLIENT, "scope": "openid groups", "nonce": desk.provider.nonce}
    assert polled == {"client_id": CLIENT, "grant_type": signin.GRANT, "device_code": "d-123"}
    assert Server(desk.url, found.token, "d-1").sign_out()
    with pytest.raises(NotSignedIn):
        Server(desk.url, found.token, "d-1").me()


def test_it_asks_as_often_as_it_may(provider: Provider, ada: Person) -> None:
    provider.plan = ["authorization_pending", "slow_down", "authorization_pending", "slow_down"]
    assert ada.flow(provider).token
    assert ada.waited == [5, 5, 10, 10, 15]
    provider.begun, ada.waited = {"interval": 2}, []
    ada.flow(provider)
    provider.begun = {}
    ada.flow(provider)
    assert ada.waited == [2, 5]


def test_a_provider_that_is_away_is_asked_less_and_less_often(provider: Provider, ada: Person) -> None:
    busy = Response("busy", 503)
    provider.plan = [busy, busy, JSONResponse({}, 500), "authorization_pending", Response("slow", 429), ""]
    assert ada.flow(provider).token
    assert ada.waited == [5, 10, 20, 40, 5, 10]


@pytest.mark.parametrize("lost", [httpx.ConnectError, httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_lost_answer_is_asked_for_again(provider: Provider, ada: Person, lost: type[httpx.TransportError]) -> None:
    class Losing(httpx.HTTPTransport):
        left = 3

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.path == "/token" and self.left:
                self.left -= 1
                raise lost("lost", request=request)
            return super().handle_request(request)

    assert ada.flow(provider, transport=Losing()).token
    assert ada.waited == [5, 10, 20, 40]


def test_nobody_is_waited_for_longer_than_the_code_counts(provider: Provider, ada: Person) -> None:
    provider.plan = ["authorization_pending"] * 1000
    with pytest.raises(SignInError, match="in time"):
        ada.flow(provider)
    assert sum(ada.waited) == LASTS
    provider.begun = {"interval": 10**9, "expires_in": 10**9}
    with pytest.raises(SignInError, match="in time"):
        ada.flow(provider)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("access_denied", "denied"),
        ("expired_token", "in time"),
        ("invalid_grant", r"refused: invalid_grant\."),
        (JSONResponse({"error": "\x1b]0;own\x07"}, 400), r"refused: \?\."),
        (JSONResponse({"error": {"a": 1}}, 400), r"refused: \?\."),
        (JSONResponse({"access_token": "a"}), "scope openid"),
        (JSONResponse({"id_token": 7}), "scope openid"),
    ],
)
def test_a_refusal_is_told_in_our_words(
    provider: Provider, ada: Person, answer: str | Response, words: str
) -> None:  # fmt: skip
    provider.plan = ["authorization_pending", answer]
    with pytest.raises(SignInError, match=words) as caught:
        ada.flow(provider)
    assert str(caught.value).isprintable()
    assert ada.waited == [5, 5]


@pytest.mark.parametrize(
    ("document", "begun"),
    [
        ({"issuer": "https://evil.example"}, {}),
        ({"token_endpoint": "http://id.example/token"}, {}),
        ({"token_endpoint": 7}, {}),
        ({"device_authorization_endpoint": None}, {}),
        ({"elsewhere": "/jwks"}, {}),
        ({}, {"verification_uri": "http://id.example/activate"}),
        ({}, {"verification_uri": "https://id.example/\x1b[2J"}),
        ({}, {"verification_uri": "https://id.example/\N{RIGHT-TO-LEFT OVERRIDE}"}),
        ({}, {"verification_uri": None}),
        ({}, {"user_code": "A\x1b[31mB"}),
        ({}, {"user_code": "A" * 65}),
        ({}, {"user_code": ""}),
        ({}, {"user_code": 7}),
        ({}, {"padding": "x" * 300_000}),
    ],
)
def test_a_provider_that_is_not_what_it_says_shows_nothing(
    provider: Provider, ada: Person, document: dict[str, object], begun: dict[str, object]
) -> None:
    provider.document, provider.begun = document, begun
    with pytest.raises(NotOurs):
        ada.flow(provider)
    assert not ada.told
    assert not ada.waited


def test_no_issuer_is_asked_in_the_clear_and_none_is_none(provider: Provider, ada: Person) -> None:
    for issuer in ("http://id.example", "ftp://id.example", "//x"):
        with pytest.raises(NotOurs, match="not safe"):
            ada.flow(provider, issuer)
    with pytest.raises(SignInError, match="no sign-in provider"):
        device_flow(About(), ada.see, ada.wait)
    with pytest.raises(Offline):
        ada.flow(provider, "http://127.0.0.1:9")


def test_the_exchange_is_tried_again_where_nothing_was_decided(desk: Desk, ada: Person) -> None:
    class Failing(httpx.HTTPTransport):
        plan = ["lost after", "503", ""]

        def handle_request(self, request: httpx.Request) -> httpx.Response:
            match self.plan.pop(0):
                case "503":
                    return httpx.Response(503, json={"code": "busy", "reason": "Busy."}, headers={"retry-after": "7"})
                case "lost after":
                    super().handle_request(request).read()
                    raise httpx.ReadTimeout("lost", request=request)
            return super().handle_request(request)

    found = IdToken(desk.provider.token(), "")
    assert exchange(Server(desk.url, "", "d-1", transport=Failing()), found, "d-1", ada.wait).person == "ada"
    assert ada.waited == [1, 7]
    with pytest.raises(NotSignedIn, match="not accepted"):
        exchange(Server(desk.url), found, "d-2", ada.wait)
    with pytest.raises(Refusing, match="opens nothing"):
        exchange(Server(desk.url), IdToken(desk.provider.token(groups=[]), ""), "d-1", ada.wait)
    assert ada.waited == [1, 7]


def test_connect_signs_in_where_no_token_is_given_and_again_where_it_ended(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "config"))
    monkeypatch.delenv("ESCALTUI_TOKEN", raising=False)
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('[remote]\ntoken = "memory"\n')
    desk.provider.begun = {"interval": 0.01}
    words = ["connect", desk.url, "--desk", "global", "--store", str(tmp_path / "store")]
    monkeypatch.setattr("time.sleep", lambda _: None)
    assert cli.main(words) == 0, capsys.readouterr()
    said = capsys.readouterr()
    assert f"open {desk.provider.url}/activate and type the code {CODE} within 10 minutes" in said.err
    assert "ada" in said.out
    desk.team.rows("UPDATE token SET revoked_at = 1 RETURNING id")
    desk.team.clock.step()
    assert cli.main(words) == 0
    assert CODE in capsys.readouterr().err
    assert desk.team.rows("SELECT count(*) FROM token WHERE revoked_at IS NULL") == [(1,)]
    desk.provider.plan = ["access_denied"]
    assert cli.main(words) == 1
    assert "denied at the provider" in capsys.readouterr().err


# --- the backend's settings

WHOLE = """
[oidc]
issuer = "https://id.example.org"
client_id = "desk"
claim = "email"
[oidc.groups]
"trust & safety" = [{ desk = "global", roles = ["specialist"] }, { desk = "org", roles = ["auditor"] }]
leads = [{ desk = "global", roles = ["lead"] }]
"""


def test_settings_are_read_and_the_environment_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(WHOLE)
    found = read(str(file), DESKS, {})
    assert (found.issuer, found.client_id, found.claim) == ("https://id.example.org", "desk", "email")
    assert found.given(("trust & safety", "leads", "others")) == {
        "desk:global": {"specialist", "lead"},
        "org": {"auditor"},
    }
    assert found.groups["leads"] == (Grant("global", ("lead",)),)
    told = {ISSUER: "https://other.example", CLIENT_VARIABLE: "c"}
    assert read(str(file), DESKS, told) == msgspec.structs.replace(found, issuer=told[ISSUER], client_id="c")
    assert read("", DESKS, {}) == Oidc()
    assert read("", DESKS, told) == Oidc(told[ISSUER], "c")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('issuer = "https://id.example.org"', "", "needs both"),
        ("https://id", "http://id", "not safe"),
        ('claim = "email"', 'claim = "sub"', "cannot be read"),
        ("claim", "clam", "cannot be read"),
        ("leads = ", "leads", "cannot be read"),
        ('"global", roles = ["lead"]', '"nowhere", roles = ["lead"]', "names the desk nowhere"),
        ('["lead"]', '["auditor"]', "not held at global"),
        ('["auditor"]', '["lead"]', "not held at org"),
        ('["lead"]', "[]", "not held at global"),
    ],
)
def test_settings_that_cannot_be_meant_stop_the_start(tmp_path: Path, old: str, new: str, words: str) -> None:
    file = tmp_path / "desk.toml"
    assert old in WHOLE
    file.write_text(WHOLE.replace(old, new))
    with pytest.raises(ServeError, match=words):
        read(str(file), DESKS, {})
    with pytest.raises(ServeError, match="cannot be read"):
        read(str(tmp_path / "missing.toml"), DESKS, {})


def test_a_backend_starts_with_its_provider_or_says_what_is_wrong(database: str, tmp_path: Path) -> None:
    file = tmp_path / "desk.toml"
    file.write_text(WHOLE)
    with Served("--db", database, "--config", file) as backend, backend.client() as client:
        about = client.get("/v1/about").json()
        assert (about["issuer"], about["client_id"]) == ("https://id.example.org", "desk")
        assert client.post("/v1/signin", json={"id_token": "a.b.c", "device": "d"}).status_code == 401
    file.write_text(WHOLE.replace("https://id", "http://id"))
    code, said = refused("--db", database, "--config", file)
    assert code == 1
    assert "not safe" in said
