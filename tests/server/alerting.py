"""What the tests of alerts need: a rota, a webhook that cuts the line where it is told to, and what came of it."""

from __future__ import annotations

import json
import socket
import sys
import threading
from pathlib import Path
from typing import Any

from team import Member, Team

sys.path.append(str(Path(__file__).parent.parent / "outbound"))
from smtp_server import MailServer

from escaltui.config import Mail, Webhook
from escaltui.server.desk import Desk
from escaltui.server.notify import Notifier
from escaltui.server.notify_config import Alerts, Settings
from escaltui.server.on_call import Rota

MINUTE = 60_000
ROTA = """zone = "UTC"
[[shift]]
team = "ops"
person = "A. Moreau"
login = "cy"
call = "cy@example.org"
hours = "12:00-24:00"
[[shift]]
team = "ops"
person = "K. Osei"
login = "bo"
hours = "00:00-12:00"
"""
URL = "https://desk.example.org"


class Hook:
    """A receiver on loopback. `does`: ok, a status, or where it cuts the line: before, in, after the body."""

    def __init__(self) -> None:
        self.does = "ok"
        self.got: list[tuple[bytes, bytes]] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/desk"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line:
                self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        if self.does == "before":
            return
        read = line.makefile("rb")
        head = b"".join(iter(lambda: read.readline(), b"\r\n"))
        length = next(int(row.split(b":")[1]) for row in head.split(b"\r\n") if row.lower().startswith(b"content-len"))
        if self.does == "in":
            read.read(length // 2)
            return
        self.got.append((head, read.read(length)))
        if self.does != "after":
            status = b"204 ok" if self.does == "ok" else self.does.encode() + b" no"
            line.sendall(b"HTTP/1.1 " + status + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    @property
    def facts(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]

    def twice(self) -> int:
        """Tellings that came whole more than once."""
        ids = [each["id"] for each in self.facts]
        return len(ids) - len(set(ids))

    def close(self) -> None:
        self._listener.close()


def by_hook(hook: Hook, folder: Path = Path("/nowhere")) -> Settings:
    return Settings(folder=folder, alerts=Alerts(URL), webhook=Webhook(hook.url, "HOOK_SECRET", 1))


def by_mail(server: MailServer, folder: Path) -> Settings:
    ours = Mail("127.0.0.1", server.port, "desk@example.org", "none", timeout=1, patience=2)
    return Settings(folder=folder, alerts=Alerts(URL, addresses={"bo": "bo@example.org"}), mail=ours)


def notifier(desk: Desk, settings: Settings) -> Notifier:
    return Notifier(desk, settings, Rota(settings, desk.rules, lambda _: None))


def on_rota(folder: Path, more: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "rota.toml").write_text(ROTA + more, "utf-8")
    return folder


def new_s0(ada: Member, **more: Any) -> str:
    case_id = ada.open("A threat", severity=0, **more)
    ada.push()
    return case_id


def owed(team: Team) -> list[tuple[Any, ...]]:
    return team.rows("SELECT kind, about FROM alert ORDER BY at, kind, about")


def seen(member: Member, case_id: str) -> list[tuple[str, str]]:
    """Who acknowledged, in the timeline as somebody's store has it."""
    found = member.store.changes(case_id=case_id)
    return [(each.actor, each.reason) for each in found if each.action == "accessed"]


def states(team: Team) -> list[str]:
    return [row[0] for row in team.rows("SELECT state FROM outgoing ORDER BY at, kind, id")]
