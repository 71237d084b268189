"""I11 over sync: nothing leaves twice unasked, whichever device of a person sends, dies, or hears no answer."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from links import token
from team import DESK, Team

sys.path.append(str(Path(__file__).resolve().parent.parent / "outbound"))

from smtp_server import HANG, MailServer

from escaltui.config import Config, Mail, Me
from escaltui.config_remote import Remote as Settings
from escaltui.domain import letters as words
from escaltui.domain.changes import Refused
from escaltui.domain.exchange import Message
from escaltui.domain.operations import DraftMessage, OpenCase, SendMessage
from escaltui.domain.wire import Push
from escaltui.server import people
from escaltui.store import Done
from escaltui.sync import engine
from escaltui.sync.connect import Connecting
from escaltui.sync.net import Offline, Server
from escaltui.workbench import Workbench, letters, posting

BODY = "We have read your request, and will answer by Friday.\n"
SENDER = """
from pathlib import Path
from escaltui.config import Config, Mail, Me
from escaltui.config_remote import Remote
from escaltui.workbench import Workbench, letters
config = Config(Path({folder!r}) / "settings", me=Me(name="nobody"), remote=Remote(token="memory"), exists=True,
                mail=Mail("127.0.0.1", {port}, "desk@commonlea.example", "none", timeout=30))
bench = Workbench.open(Path({folder!r}) / {store!r}, config=config, clock=lambda: {now})
bench.be(bench.store.remote.connected)
bench.link.tokens.hold({token!r})
letters.send(bench, {letter!r}, {sha!r})
"""
Opening = Callable[..., Workbench]


class Devices:
    """Two devices of one person at a real backend, with a letter that both have; mails go to one server."""

    def __init__(self, team: Team, url: str, folder: Path) -> None:
        self.team, self.url, self.folder = team, url, folder
        self.made: list[Workbench] = []
        with team.pool.connection() as connection:
            people.grant(connection, "ada", DESK, frozenset({"specialist", "lead"}), "system", 0)
        self.one, self.two = self.open("one"), self.open("two")
        self.letter = self._written()

    def open(self, device: str, server: MailServer | None = None) -> Workbench:
        mail = Mail("127.0.0.1", server.port, "desk@commonlea.example", "none", timeout=2) if server else Mail()
        config = Config(self.folder / "settings", me=Me(name="nobody"), remote=Settings(token="memory"), exists=True,
                        mail=mail)  # fmt: skip
        bench = Workbench.open(self.folder / device, config=config, clock=self.team.clock)
        self.made.append(bench)
        if bench.store.remote is None:
            own = token(self.team, "ada")
            Connecting(bench.store, config.remote, bench.rules, bench.now).run(self.url, "global", own)
        assert bench.store.remote is not None
        bench.be(bench.store.remote.connected)
        bench.link.tokens.hold(token(self.team, "ada"))
        return bench

    def both(self, server: MailServer) -> tuple[Workbench, Workbench]:
        """Both devices with their mail server."""
        self.close()
        self.one, self.two = self.open("one", server), self.open("two", server)
        return self.one, self.two

    def _written(self) -> Message:
        bench, case_id = self.one, self.one.operation_id()
        assert isinstance(bench.do(OpenCase(opens=case_id, title="A case"), op_id=case_id), Done)
        self.team.clock.step()
        draft = DraftMessage(case=case_id, party="requester", body=BODY, subject="Yours", address="jo@example.com")
        made = bench.do(draft)
        assert isinstance(made, Done)
        self.sync()
        return self.on(self.two, next(each.entity_id for each in made.changes if each.entity == "message"))

    def on(self, bench: Workbench, key: str = "") -> Message:
        found = bench.store.row("message", key or self.letter.id)
        assert isinstance(found, Message)
        return found

    def sync(self) -> None:
        for bench in (self.one, self.two):
            assert engine.once(bench.link) == ""

    def send(self, bench: Workbench, *, again: bool = False) -> Message | Refused:
        return letters.send(bench, self.letter.id, self.letter.content_sha256, again=again)

    def later(self) -> None:
        """The time passes after which a sender counts as lost."""
        self.team.clock.step(posting.LOST_AFTER + 1000)

    def close(self) -> None:
        for bench in self.made:
            bench.close()
        self.made.clear()


@pytest.fixture
def devices(team: Team, url: str, tmp_path: Path) -> Iterator[Devices]:
    made = Devices(team, url, tmp_path)
    yield made
    made.close()


def at_once(*works: Callable[[], object]) -> list[object]:
    """Some works at the same time, each in a thread."""
    gate, found = threading.Barrier(len(works)), list[object]()

    def run(work: Callable[[], object]) -> None:
        gate.wait(10)
        found.append(work())

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return found


def test_of_two_devices_that_send_at_once_one_does(devices: Devices) -> None:
    with MailServer() as server:
        one, two = devices.both(server)
        found = at_once(lambda: devices.send(one), lambda: devices.send(two))
        assert sorted(type(each).__name__ for each in found) == ["Message", "Refused"]
        devices.sync()
        devices.sync()
        assert devices.on(one).state == devices.on(two).state == "sent"
        assert isinstance(devices.send(two), Refused)
    assert len(server.delivered) == 1


def test_control_where_each_device_judges_for_itself_it_leaves_twice(
    devices: Devices, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SendMessage, "MODE", "free")
    monkeypatch.setattr(Workbench, "poke", lambda self: None)
    with MailServer() as server:
        one, two = devices.both(server)
        assert isinstance(devices.send(one), Message)
        assert isinstance(devices.send(two), Message)
    assert len(server.delivered) == 2


def test_a_device_that_is_killed_while_it_sends_leaves_a_mark(devices: Devices) -> None:
    one_folder = devices.one.store.folder.name
    devices.close()
    with MailServer(end=HANG) as first:
        job = SENDER.format(
            folder=str(devices.folder), store=one_folder, port=first.port, now=devices.team.clock.now,
            token=token(devices.team, "ada"), letter=devices.letter.id, sha=devices.letter.content_sha256,
        )  # fmt: skip
        with subprocess.Popen([sys.executable, "-c", job], stderr=subprocess.PIPE) as child:
            assert first.ended.wait(30), child.stderr.read() if child.stderr else ""
            os.kill(child.pid, signal.SIGKILL)
    assert len(first.delivered) == 1
    with MailServer() as second:
        one, two = devices.both(second)
        devices.sync()
        assert devices.on(two).state == "sending"
        assert isinstance(devices.send(two), Refused)
        devices.later()
        two.tick()  # the other device knows nothing of how far that one came
        assert devices.on(two).state == "sending"
        one.tick()
        devices.sync()
        assert devices.on(two).failure == words.MAY_HAVE
        assert [isinstance(devices.send(each), Refused) for each in (one, two)] == [True, True]
        assert second.delivered == []
        asked = devices.send(two, again=True)  # a person asks, and is told before that it may have been sent
        assert isinstance(asked, Message)
        assert asked.state == "sent"
    assert len(second.delivered) == 1


def test_who_hears_no_answer_sends_nothing(devices: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    with MailServer() as server:
        one, two = devices.both(server)
        push, lost = Server.push, list[str]()

        def cut(self: Server, stream: str, asked: Push) -> object:
            found = push(self, stream, asked)
            if not lost and any(b"SendMessage" in bytes(each.op) for each in asked.ops):
                lost.append(stream)
                raise Offline("The answer was lost.")
            return found

        monkeypatch.setattr(Server, "push", cut)
        assert isinstance(devices.send(one), Refused)
        assert lost
        assert isinstance(devices.send(one), Refused)  # it is being sent, as far as anybody knows
        devices.sync()
        assert isinstance(devices.send(two), Refused)
        assert server.delivered == []
        devices.later()
        one.tick()
        devices.sync()
        assert devices.on(two).failure == words.MAY_HAVE
        assert isinstance(devices.send(two), Refused)
        assert server.delivered == []
        found = at_once(lambda: devices.send(one, again=True), lambda: devices.send(two, again=True))
        assert sorted(type(each).__name__ for each in found) == ["Message", "Refused"]
    assert len(server.delivered) == 1
