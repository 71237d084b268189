"""A real IMAP server (pymap, in memory) on loopback, in a thread of its own, and what a test does beside our reader."""

from __future__ import annotations

import asyncio
import imaplib
import ssl
import threading
from argparse import Namespace
from collections.abc import Collection
from typing import Any

from escaltui.intake.mailbox import MailboxSettings

HEADS = {"XOAUTH2": "user=desk@commonlea.example", "OAUTHBEARER": "n,a=desk@commonlea.example,\x01host=127.0.0.1\x01"}
USER, PASSWORD = "desk@commonlea.example", "correct horse é"
PLAIN = "correct horse"


def by_token(room: MailRoom) -> Any:
    """How a server takes tokens: a good one stands for the password; of a bad one it complains first, as RFC 7628 says
    in section 3.2.2, and refuses once that was answered."""
    from pysasl.creds.plain import PlainCredentials
    from pysasl.mechanism import ServerChallenge, ServerMechanism

    class ByToken(ServerMechanism):
        def server_attempt(self, responses: Any) -> Any:
            if not responses:
                raise ServerChallenge(b"")
            room.said = [each.response for each in responses]
            head, _sign, rest = room.said[0].decode().partition("\x01auth=Bearer ")
            good = rest.endswith("\x01\x01") and rest[:-2] in room.tokens and head.startswith(HEADS[room.way])
            if not good and len(responses) < 2:
                raise ServerChallenge(b'{"status":"400","schemes":"bearer","scope":"https://mail.commonlea.example/"}')
            return PlainCredentials(USER, room.password if good else "no"), None

    return ByToken(room.way.encode())


class MailRoom:
    """The server: `port` is where it listens; `away`: who calls next finds nobody.

    `append` puts a mail into a folder, as a delivery does."""

    def __init__(
        self, password: str = PLAIN, *, certificate: str = "", implicit: bool = False, idle: bool = True,
        tokens: Collection[str] = (), way: str = "XOAUTH2",
    ) -> None:  # fmt: skip
        self.tokens, self.way, self.said = tokens, way, list[bytes]()
        self.password, self.port = password, 0
        self.away = False
        self._tls = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(certificate)
        self._implicit, self._idle = implicit, idle
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> MailRoom:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(20)

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())
        self._loop.close()

    async def _serve(self) -> None:
        from proxyprotocol.reader import ProxyProtocolReader
        from pymap.backend.dict import DictBackend
        from pymap.config import BackendCapability
        from pymap.imap import IMAPServer
        from pysasl import SASLAuth
        from pysasl.hashing import BuiltinHash

        self._stop = asyncio.Event()
        args = Namespace(host="127.0.0.1", port=0, debug=False, cert=None, key=None, passlib_cfg=None, demo_data=False,
                         tls=self._tls is not None and not self._implicit, proxy_protocol=None, demo_user=USER,
                         demo_password=self.password)  # fmt: skip
        context = self._tls or ssl.create_default_context()
        self._backend, config = await DictBackend.init(
            args,
            secure_auth=False,
            invalid_user_sleep=0.0,
            bad_command_limit=None,
            ssl_context=context,
            hash_context=BuiltinHash(rounds=1),
        )
        if not self._idle:
            plain = BackendCapability(idle=False, object_id=True, multi_append=True)
            config.__class__ = type("Plain", (type(config),), {"backend_capability": plain})
        if self.tokens:
            auth = SASLAuth([by_token(self), *SASLAuth.defaults().server_mechanisms])
            config.__class__ = type("Tokens", (type(config),), {"initial_auth": auth, "tls_auth": auth})
        config.apply_context()
        called = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(self._backend.login, config))
        self._lines = list[asyncio.StreamWriter]()

        async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            self._lines.append(writer)
            if self.away:
                self.away = False
                writer.transport.abort()
                return
            await called(reader, writer)

        server = await asyncio.start_server(heard, "127.0.0.1", 0, ssl=self._tls if self._implicit else None)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stop.wait()
        server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def cut(self) -> None:
        """Cut all lines, as a server does that is restarted."""
        self._loop.call_soon_threadsafe(self._cut)

    def _cut(self) -> None:
        for line in self._lines:
            line.transport.abort()

    def settings(self, **more: Any) -> MailboxSettings:
        """What our reader wants to know of it."""
        given: dict[str, Any] = {"name": "press", "host": "127.0.0.1", "port": self.port, "security": "none"}
        return MailboxSettings(**(given | {"user": USER, "timeout": 20} | more))

    def client(self) -> imaplib.IMAP4:
        """Somebody else's line, signed in."""
        if self._implicit:
            context = ssl._create_unverified_context()
            line: imaplib.IMAP4 = imaplib.IMAP4_SSL("127.0.0.1", self.port, ssl_context=context)
        else:
            line = imaplib.IMAP4("127.0.0.1", self.port)
        line.login(f'"{USER}"', self.password)
        return line

    def append(self, *mails: bytes, folder: str = "INBOX") -> None:
        """Deliver mails, in their order."""
        line = self.client()
        for each in mails:
            told, words = line.append(folder, "", "", each)
            assert told == "OK", words
        line.logout()

    def create(self, folder: str) -> None:
        """Make a folder."""
        line = self.client()
        line.create(folder)
        line.logout()

    def remake(self, folder: str, *mails: bytes) -> None:
        """Delete a folder and make it again: the server numbers it anew."""
        line = self.client()
        line.delete(folder)
        line.create(folder)
        line.logout()
        self.append(*mails, folder=folder)

    def flags(self, folder: str = "INBOX") -> list[bytes]:
        """What the server says of each mail: its UID and flags."""
        line = self.client()
        line.select(folder, readonly=True)
        _told, rows = line.uid("FETCH", "1:*", "(UID FLAGS)")
        line.logout()
        return [row for row in rows if isinstance(row, bytes)]
