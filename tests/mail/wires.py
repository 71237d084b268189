"""Lines that fail: one to a real server that is cut after so many bytes, and a server that says what a test wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress


class _Listening:
    """A port on loopback, served in threads."""

    def __enter__(self) -> _Listening:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes whoever waits for a caller
        self._socket.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                caller, _address = self._socket.accept()
                threading.Thread(target=self._serve, args=(caller,), daemon=True).start()

    def _serve(self, caller: socket.socket) -> None:
        raise NotImplementedError


class Cutting(_Listening):
    """Passes a line on, and cuts it after so many bytes of the server's; each next line lives longer."""

    def __init__(self, port: int, after: int, grows: int = 0) -> None:
        self.to, self.after, self.grows = port, after, grows

    def _serve(self, caller: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self.to))
        left, self.after = self.after, self.after + self.grows
        threading.Thread(target=self._up, args=(caller, server), daemon=True).start()
        with suppress(OSError):
            while left > 0 and (data := server.recv(min(left, 65536))):
                caller.sendall(data)
                left -= len(data)
        for each in (caller, server):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _up(self, caller: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := caller.recv(65536):
                server.sendall(data)


class Scripted(_Listening):
    """Answers each command by its first word, with {tag} put in; b"" cuts the line."""

    def __init__(self, **answers: bytes) -> None:
        self.answers: Mapping[str, bytes] = {
            "greeting": b"* OK ready",
            "CAPABILITY": b"* CAPABILITY IMAP4rev1\r\n{tag} OK done", "LOGIN": b"{tag} OK done",
        } | answers  # fmt: skip

    def _serve(self, caller: socket.socket) -> None:
        with caller, caller.makefile("rb") as heard, suppress(OSError):
            caller.sendall(self.answers["greeting"] + b"\r\n")
            for row in heard:
                tag, _space, command = row.partition(b" ")
                answer = self.answers.get(command.split()[0].decode().upper(), b"{tag} BAD no")
                if not answer:
                    return
                caller.sendall(answer.replace(b"{tag}", tag) + b"\r\n")
