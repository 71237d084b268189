"""A desk for the tests of the reader: files put before it, asked for at a level; workers that say what a test wants."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pictures
import pytest

from escaltui.protection import Shielding
from escaltui.safety.decode import Facts, NotShown, Picture, Reader, Want
from escaltui.safety.shield import Level, Shield

COLS, ROWS = 120, 40
WHOLE = (0.0, 0.0, 1.0, 1.0)
SMALL = pictures.encoded(pictures.photo(64, 48), "PNG")
SCRIPTED = r"""
import json, os, socket, struct, sys, time
replies = json.load(open(sys.argv[1]))
link, length = socket.socket(fileno=0), struct.Struct(">I")
def take(n):
    taken = b""
    while len(taken) < n:
        piece = link.recv(n - len(taken))
        if not piece:
            sys.exit()
        taken += piece
    return taken
while True:
    asked = json.loads(take(*length.unpack(take(4))))
    if asked["do"] == "forget":
        continue
    if asked["do"] == "fill":
        take(asked["size"])
    reply = dict(replies.get(asked["do"], replies["*"]))
    if "hang" in reply:
        open(sys.argv[1] + ".hangs", "w").close()
        time.sleep(1000)
    if "die" in reply:
        os.kill(os.getpid(), 9)
    payload, raw = bytes(reply.pop("payload", [])), reply.pop("raw", None)
    if raw is not None:
        link.sendall(bytes(raw))
        continue
    header = {"id": asked["id"], "ok": True, "n": len(payload), "resident": 1, "said": {}}
    header = json.dumps({**header, **reply}).encode()
    link.sendall(length.pack(len(header)) + header + payload)
"""
"""A worker that answers what a test tells it to, whatever it is asked. It is put before the real one as a wrapper."""
FACTS = {"said": {"kind": "picture", "is_": "PNG", "size": 1}}


class Desk:
    """One file at a time before a reader, rated `none` unless a test says otherwise."""

    def __init__(self, reader: Reader, folder: Path) -> None:
        self.reader, self.folder, self.shield = reader, folder, Shield(Shielding())

    def put(self, data: bytes = SMALL, declared: str = "", rest: Level = "clear", grey: bool = True) -> Facts:
        path, sha256 = pictures.kept(self.folder, data)
        self.shield.show(sha256, rest, 0.0)
        self.shield.grey = grey
        return self.reader.open(path, sha256, declared)

    def want(
        self, level: Level = "heavy", cols: int = COLS, rows: int = ROWS, colour: bool = False,
        region: tuple[float, float, float, float] = WHOLE, frame: int = 0,
    ) -> Want:  # fmt: skip
        return Want(self.shield.item, level, colour, cols, rows, region, frame)

    def view(self, *how: Any, **more: Any) -> Picture:
        return self.reader.view(self.want(*how, **more), self.shield, None)


def scripted(folder: Path, **replies: dict[str, Any]) -> Reader:
    """A reader whose worker answers each kind of request as told."""
    script, told = folder / "scripted.py", folder / "replies.json"
    script.write_text(SCRIPTED)
    told.write_text(json.dumps({"*": {}, "facts": FACTS, **replies}))
    return Reader(wrapper=(sys.executable, "-I", str(script), str(told)), now=lambda: 1.0)


def grid(picture: Picture) -> pictures.Grid:
    """The samples as an array."""
    shape = (picture.height, picture.width) if picture.mode == "L" else (picture.height, picture.width, 3)
    return np.frombuffer(picture.data, np.uint8).reshape(shape).astype(float)


def refusal(ask: Callable[[], object]) -> str:
    """The code with which a request is refused, in words that are there."""
    with pytest.raises(NotShown) as caught:
        ask()
    assert str(caught.value)
    return caught.value.code


def still(mode: str = "L", wide: int = 2, high: int = 2, payload: int | None = None, value: int = 17) -> dict[str, Any]:
    """A scripted reply to `view`."""
    n = wide * high * len(mode) if payload is None else payload
    return {"said": {"mode": mode, "w": wide, "h": high}, "payload": [value] * n}
