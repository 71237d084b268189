"""A mail server on loopback that does as it is told: answers, refuses, hangs, dribbles, or dies at a named moment.

Moments: greeting EHLO MAIL RCPT DATA body (before the end of the data has come) end (after it). What it does there: the
bytes of an answer, or HANG, CUT, DRIBBLE. It delivers a mail (`delivered`) as a real server does: once its end came.
"""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

HANG, CUT, DRIBBLE = b"hang", b"cut", b"dribble"
USUAL = {
    "greeting": b"220 test ready", "EHLO": b"250-test\r\n250 8BITMIME", "HELO": b"250 test", "MAIL": b"250 ok",
    "RCPT": b"250 ok", "DATA": b"354 go on", "end": b"250 queued", "QUIT": b"221 bye",
}  # fmt: skip


class MailServer:
    """Listens on a free port until the block ends. `delivered`: the bytes of each mail, dots taken back."""

    def __init__(self, *, certificate: Path | None = None, **moments: bytes) -> None:
        """`certificate`: a PEM file with key, for STARTTLS."""
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self._tls and certificate:
            self._tls.load_cert_chain(certificate)
        self.moments = {**USUAL, **moments}
        self.delivered: list[bytes] = []
        self.heard: list[str] = []
        self.ended = threading.Event()
        """Set once a whole mail has come."""
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._open: list[socket.socket] = []

    def __enter__(self) -> MailServer:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _t: TracebackType | None
    ) -> None:
        self._over.set()
        for each in (*self._open, self._listener):
            each.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(line)
            threading.Thread(target=self._talk, args=(line,), daemon=True).start()

    def _talk(self, line: socket.socket) -> None:
        try:
            with line, line.makefile("rb") as heard:
                self._conversation(line, heard)
        except (OSError, ValueError):
            pass

    def _conversation(self, line: socket.socket, heard: object) -> None:
        if self._do(line, "greeting"):
            self._rest(line, iter(heard.readline, b""))  # type: ignore[attr-defined]

    def _rest(self, line: socket.socket, rows: Iterator[bytes]) -> None:
        for row in rows:
            said = row.decode("utf-8", "replace").strip()
            self.heard.append(said)
            moment = said[:4].upper()
            if not self._do(line, moment):
                return
            if moment == "QUIT":
                return
            if moment == "STAR" and self._tls:
                self.heard.append("(protected)")
                line = self._tls.wrap_socket(line, server_side=True)
                self._open.append(line)
                rows = iter(line.makefile("rb").readline, b"")
                self._rest(line, rows)
                return
            if moment == "DATA" and self.moments["DATA"].startswith(b"354") and not self._data(line, rows):
                return

    def _data(self, line: socket.socket, rows: Iterator[bytes]) -> bool:
        mail = []
        for row in rows:
            if "body" in self.moments:
                return self._do(line, "body")
            if row == b".\r\n":
                break
            mail.append(row[1:] if row.startswith(b"..") else row)
        else:
            return False
        if self.moments["end"][:1] not in (b"4", b"5"):
            self.delivered.append(b"".join(mail))
        self.ended.set()
        return self._do(line, "end")

    def _do(self, line: socket.socket, moment: str) -> bool:
        """Answer as told; whether the conversation goes on."""
        told = self.moments.get(moment, b"500 what?")
        if told == HANG:
            self._over.wait(60)
            return False
        if told == DRIBBLE:
            while not self._over.wait(0.05):
                line.sendall(b"2")
            return False
        if told == CUT:
            return False
        line.sendall(told + b"\r\n")
        return True
