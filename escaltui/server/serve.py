"""The backend as a process: the database, the first start, HTTP; and a stop that leaves nothing behind."""

from __future__ import annotations

import ipaddress
import os
import signal
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import psycopg
import uvicorn

from escaltui import __version__
from escaltui.i18n import _
from escaltui.server import app, database, first, notify, notify_config, oidc_settings, schema
from escaltui.server.admin import Admin
from escaltui.server.blob_keepers import Keeper
from escaltui.server.desk import Desk
from escaltui.server.faults import ServeError
from escaltui.server.front import to_stderr
from escaltui.server.limits import Limits
from escaltui.server.metrics import POKE_LAG, Metrics
from escaltui.server.notify_config import Settings
from escaltui.server.oidc_settings import Oidc
from escaltui.server.pokes import Pokes
from escaltui.server.rulebook import Rulebook

PROXIES = "127.0.0.1,::1,10.0.0.0/8,172.16.0.0/12,192.168.0.0/16,fc00::/7"
"""Whose word about a caller's address is taken behind a proxy: the nearest ones'."""
LAST_REQUESTS = 5
"""Seconds that requests on their way have left when we stop."""


class Options(NamedTuple):
    """How to serve. `db`: a team's database, "" for the private one in `folder`."""

    folder: Path
    db: str = ""
    host: str = "127.0.0.1"
    port: int = 8787
    behind_proxy: bool = False
    tls_cert: str = ""
    tls_key: str = ""
    config: str = ""
    """A file of settings (TOML): `[oidc]`, and what leaves (`notify_config`)."""
    blobs: str = ""
    """Where files are kept: a folder that all processes share, or `s3://bucket/prefix`; "": `media` in `folder`."""
    s3_endpoint: str = ""
    """Of an S3 that is not Amazon's."""


class Started(NamedTuple):
    """What is told once, when everything is ready. `token`: of the first admin, "" where there is one already."""

    url: str
    token: str


def serve(options: Options, rulebook: Rulebook, started: Callable[[Started], None]) -> None:
    """Serve until SIGTERM or SIGINT; SIGHUP has the rule files read anew.

    Raises ServeError, PostgresError; psycopg.Error where the database goes away.
    """
    check(options)
    files = keeper(options)
    rules = rulebook.rules
    oidc, leaving = oidc_settings.read(options.config, rules.desks), notify_config.read(options.config, rules)
    previous = signal.signal(signal.SIGTERM, _interrupt)
    hangup = signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=rulebook.look, daemon=True).start())
    try:
        with ExitStack() as stack:
            dsn = database.checked(options.db) if options.db else stack.enter_context(database.private(options.folder))
            if not options.db or not schema.stand(dsn):
                schema.upgrade(dsn)
            schema.check(dsn)
            _serve(options, dsn, (rulebook, oidc, leaving), files, started)
    finally:
        signal.signal(signal.SIGTERM, previous)
        signal.signal(signal.SIGHUP, hangup)


def check(options: Options) -> None:
    """Raise ServeError where what is asked for is not safe or not whole: text of cases goes nowhere in the clear."""
    if bool(options.tls_cert) != bool(options.tls_key):
        raise ServeError(_("A certificate needs its key: give both --tls-cert and --tls-key."))
    for place in filter(None, (options.tls_cert, options.tls_key)):
        if not os.access(place, os.R_OK):
            raise ServeError(_("{file} cannot be read.").format(file=place))
    if not (local(options.host) or options.behind_proxy or options.tls_cert):
        raise ServeError(
            _("{host} is seen from outside. Give --tls-cert and --tls-key, or --behind-proxy if a proxy speaks TLS.")
            .format(host=options.host)
        )  # fmt: skip


def keeper(options: Options) -> Keeper | Path:
    """What keeps files. Raises ServeError where it is not reached."""
    if not options.blobs.startswith("s3:"):
        if options.s3_endpoint:
            raise ServeError(_("--s3-endpoint goes with --blobs s3://bucket/prefix."))
        return Path(options.blobs).expanduser() if options.blobs else options.folder.expanduser() / "media"
    from escaltui.server import blob_s3

    return blob_s3.opened(options.blobs, options.s3_endpoint)


def local(host: str) -> bool:
    """Whether nobody beyond this machine reaches an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _serve(
    options: Options, dsn: str, settings: tuple[Rulebook, Oidc, Settings], files: Keeper | Path,
    started: Callable[[Started], None],
) -> None:  # fmt: skip
    metrics, (rulebook, oidc, leaving) = Metrics(), settings
    pokes = Pokes(lambda: psycopg.connect(dsn, autocommit=True), lambda lag: metrics.observe(POKE_LAG, lag))
    with database.pool(dsn) as pool:
        token = first.begin(Admin(pool, rulebook.rules), pool)
        desk = Desk(pool, rulebook.rules, pokes.told, metrics=metrics)
        made = app.make(
            desk, pokes, __version__, limits=Limits(), log=to_stderr, media=files, oidc=oidc, rulebook=rulebook
        )
        server = Server(_config(options, made), pokes, lambda url: started(Started(url, token)))
        try:
            with notify.working(desk, leaving, to_stderr):
                server.run()
        except SystemExit as error:  # uvicorn's way to say that it cannot listen
            said = _("Cannot listen on {host}, port {port}: it is in use, or not ours. Name another with --port.")
            raise ServeError(said.format(host=options.host, port=options.port)) from error


def _config(options: Options, made: Any) -> uvicorn.Config:
    """uvicorn's own log is silent: it would say more than ours."""
    return uvicorn.Config(
        made, host=options.host, port=options.port, log_config=None, log_level=100, access_log=False, ws="none",
        lifespan="on", server_header=False, proxy_headers=options.behind_proxy,
        forwarded_allow_ips=PROXIES if options.behind_proxy else None, ssl_certfile=options.tls_cert or None,
        ssl_keyfile=options.tls_key or None, timeout_keep_alive=75, timeout_graceful_shutdown=LAST_REQUESTS,
    )  # fmt: skip


class Server(uvicorn.Server):
    """uvicorn that says when it listens and where, and ends event streams when it is told to stop."""

    def __init__(self, config: uvicorn.Config, pokes: Pokes, ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._pokes, self._ready = pokes, ready

    async def startup(self, sockets: list[Any] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            self._ready(f"{'https' if self.config.is_ssl else 'http'}://{shown}:{port}")

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.force_exit, self.should_exit = self.should_exit, True
        self._pokes.end()


def _interrupt(number: int, frame: FrameType | None) -> None:
    """SIGTERM before there is a server to stop: as ^C, so that PostgreSQL is stopped."""
    raise KeyboardInterrupt
