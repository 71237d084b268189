"""A team's backend with a provider of identities, and somebody who signs in there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from live import serving
from provider import CLIENT, Provider, providing
from team import Member, Team

from escaltui.config_remote import Remote as Settings
from escaltui.server.oidc_settings import Grant, Oidc
from escaltui.store.connected import Connected
from escaltui.sync.link import Link

GROUPS = {
    "desk": (Grant("global", ("specialist",)),),
    "leads": (Grant("global", ("specialist", "lead")), Grant("emea", ("lead",))),
    "admins": (Grant("org", ("admin",)),),
}
KEPT = "person", "token", "identity", "spent", "membership", "change"


class Desk:
    """A backend at `url` that takes the provider's word."""

    def __init__(self, team: Team, provider: Provider, url: str) -> None:
        self.team, self.provider, self.url = team, provider, url
        self._client = httpx.Client(base_url=url, timeout=20)

    def post(self, id_token: str, device: str = "d-1", nonce: str = "") -> httpx.Response:
        """What the backend answers to an ID token."""
        return self._client.post("/v1/signin", json={"id_token": id_token, "device": device, "nonce": nonce})

    def sign_in(self, device: str = "d-1", **changed: Any) -> str:
        """Sign in; our own token. One second passes, so that no two ID tokens are alike."""
        self.team.clock.step()
        answer = self.post(self.provider.token(**changed), device)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    def refused(self, status: int = 403, **changed: Any) -> dict[str, Any]:
        """Be refused; what was said."""
        self.team.clock.step()
        answer = self.post(self.provider.token(**changed))
        assert answer.status_code == status, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def ask(self, path: str, token: str, device: str = "d-1", method: str = "GET") -> httpx.Response:
        """Ask something with our own token."""
        headers = {"authorization": f"Bearer {token}", "escaltui-device": device}
        return self._client.request(method, path, headers=headers)

    def held(self) -> dict[str, int]:
        """How many rows there are of what a sign-in writes, beside what auditors read of it."""
        work = {"change": "(SELECT FROM change WHERE stream != 'org:audit') AS work"}
        return {table: self.team.rows(f"SELECT count(*) FROM {work.get(table, table)}")[0][0] for table in KEPT}

    def memberships(self, person: str) -> dict[str, str]:
        """By stream the roles that somebody holds."""
        rows = self.team.rows("SELECT stream, roles FROM membership WHERE person = %s", person)
        return {str(stream): str(roles) for stream, roles in rows}


@contextmanager
def desk_with_provider(team: Team, dsn: str, **more: Any) -> Iterator[Desk]:
    """A running backend, and its provider. `more`: other settings of `[oidc]`, or `limits` and `log`."""
    made = {name: more.pop(name) for name in ("limits", "log") if name in more}
    with providing(team.clock) as provider:
        oidc = Oidc(issuer=provider.url, client_id=CLIENT, **{"groups": GROUPS} | more)
        with serving(team, dsn, oidc=oidc, **made) as url:
            yield Desk(team, provider, url)


def linked(member: Member, url: str, token: str) -> Link:
    """A member's way to a running backend, with a token in memory."""
    old = member.remote.connected
    member.remote.know(Connected(url, old.desk, old.me))
    made = Link(member.store, Settings(token="memory"), member.team.rules, member.team.clock)
    made.tokens.keep(token)
    return made
