"""A desk with a case, whose mails go to a server on loopback, and a clock that the test moves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from smtp_server import MailServer

from escaltui.config import Config, Mail, Me
from escaltui.domain import ids
from escaltui.domain.entities import Case
from escaltui.domain.exchange import Message
from escaltui.domain.operations import DraftMessage, OpenCase
from escaltui.store import Done
from escaltui.workbench import Workbench

NOW = 1_780_308_000_000
BODY = "We have read your request, and will answer by Friday.\n"


class Post:
    """One desk on a folder, opened and opened again; its mails go to `server`."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, NOW
        self.opened: list[Workbench] = []
        self.bench = self.open()
        self.case_id = self.case()

    def open(self, server: MailServer | None = None, **more: Any) -> Workbench:
        mail = Mail("127.0.0.1", server.port, "desk@commonlea.example", "none", timeout=1) if server else Mail()
        config = Config(self.folder / "settings", **({"me": Me(name="Ada Marin"), "mail": mail} | more))
        bench = Workbench.open(self.folder / "store", config=config, clock=lambda: self.now)
        self.opened.append(bench)
        self.bench = bench
        return bench

    def case(self, title: str = "A case", **more: Any) -> str:
        self.now += 1000
        op_id = self.bench.operation_id()
        case_id = ids.entity_id(op_id, 0)
        self.done(OpenCase(title=title, opens=case_id, **more), op_id)
        return case_id

    def done(self, op: Any, op_id: str = "") -> Done:
        outcome = self.bench.do(op, op_id=op_id)
        assert isinstance(outcome, Done), outcome
        return outcome

    def write(self, **more: Any) -> Message:
        given = {"party": "requester", "body": BODY, "subject": "Your request", "address": "jo@example.com"} | more
        made = self.done(DraftMessage(case=self.case_id, **given))
        return self.letter(next(each.entity_id for each in made.changes if each.entity == "message"))

    def letter(self, key: str) -> Message:
        found = self.bench.store.row("message", key)
        assert isinstance(found, Message)
        return found

    def the_case(self) -> Case:
        found = self.bench.store.case(self.case_id)
        assert found is not None
        return found
