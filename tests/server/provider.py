"""A small provider of identities on loopback: OpenID Connect with the device flow, and tokens of any kind for tests."""

from __future__ import annotations

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from joserfc import jwk, jws, jwt
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

CLIENT = "escaltui-desk"
CODE = "WDJB-MJHT"
LASTS = 600


class Provider:
    """Who somebody is comes from `claims`; polls are answered by `plan` (errors, or responses) and then by a token."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock
        self.url = ""
        self.keys: list[jwk.Key] = [jwk.ECKey.generate_key("P-256", {"kid": "k1"})]
        self.claims: dict[str, Any] = {"sub": "s-1", "preferred_username": "ada", "name": "Ada L.", "groups": ["desk"]}
        self.plan: list[str | Response] = []
        self.document: dict[str, Any] = {}
        self.begun: dict[str, Any] = {"interval": 5}
        self.asked: Counter[str] = Counter()
        self.forms: list[dict[str, str]] = []
        self.nonce = ""
        self.away = False

    def token(self, key: jwk.Key | None = None, header: dict[str, Any] | None = None, **changed: Any) -> str:
        """An ID token for `CLIENT` of now; a claim that is None is left out."""
        now = self._clock() // 1000
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, **self.claims, **changed}
        of = key or self.keys[-1]
        kind = {"EC": "ES256", "RSA": "RS256", "OKP": "Ed25519", "oct": "HS256"}[of.key_type]
        told = {"alg": kind, "kid": of.kid, **(header or {})}
        kept = {name: value for name, value in claims.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=[told["alg"]], strict_check_header=False)
        shown = {name: value for name, value in told.items() if value is not None}
        return jwt.encode(shown, kept, of, registry=registry)

    def routes(self) -> list[Route]:
        return [
            Route("/.well-known/openid-configuration", self._document),
            Route("/jwks", self._jwks),
            Route("/device", self._device, methods=["POST"]),
            Route("/token", self._token, methods=["POST"]),
        ]

    async def _document(self, request: Request) -> Response:
        self.asked["document"] += 1
        if self.away:
            return Response("down", 502)
        told = {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/jwks",
            "token_endpoint": f"{self.url}/token",
            "device_authorization_endpoint": f"{self.url}/device",
            "scopes_supported": ["openid", "groups"],
        }
        if "elsewhere" in self.document:
            return RedirectResponse(self.document["elsewhere"])
        return JSONResponse(told | self.document)

    async def _jwks(self, request: Request) -> Response:
        self.asked["jwks"] += 1
        return JSONResponse({"keys": [key.as_dict(private=False) for key in self.keys]})

    async def _device(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        self.forms.append(form)
        self.nonce = form.get("nonce", "")
        told = {"device_code": "d-123", "user_code": CODE, "verification_uri": f"{self.url}/activate",
                "expires_in": LASTS}  # fmt: skip
        return JSONResponse(told | self.begun)

    async def _token(self, request: Request) -> Response:
        self.forms.append(dict(parse_qsl((await request.body()).decode())))
        step = self.plan.pop(0) if self.plan else ""
        if isinstance(step, Response):
            return step
        if step:
            return JSONResponse({"error": step, "error_description": "\x1b[31mred"}, 400)
        return JSONResponse({"access_token": "a", "token_type": "Bearer", "id_token": self.token(nonce=self.nonce)})


@contextmanager
def providing(clock: Callable[[], int]) -> Iterator[Provider]:
    """A provider that listens in a thread of its own."""
    made = Provider(clock)
    with socket.socket(proto=socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        made.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        app = Starlette(routes=made.routes())
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        try:
            yield made
        finally:
            server.should_exit = True
            thread.join(10)
