"""A mailbox does what every connector must; and the runner takes it in."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest
from hard_mails import mail
from imap_server import PLAIN, MailRoom
from mail_desk import misplaced, sent
from mail_plan import generated

from escaltui.intake import mailbox as reader
from escaltui.intake.mailbox import Mailbox
from escaltui.workbench import Workbench, connecting

sys.path.append(str(Path(__file__).resolve().parents[1] / "intake"))
from connector_conformance import Conformance, Rig


class TestMailbox(Conformance):
    """The tests of every connector, on a real IMAP server."""

    @pytest.fixture
    def rig(self, room: MailRoom, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
        monkeypatch.setattr(reader, "PAGE", 3)
        numbers, made = count(), list[Mailbox]()

        def connect(secret: str | None) -> Mailbox:
            made.append(Mailbox(room.settings(), PLAIN if secret is None else secret))
            return made[-1]

        def add(how_many: int) -> None:
            room.append(*(mail(f"c{next(numbers)}@lea.example") for _each in range(how_many)))

        yield Rig(connect, add, away=lambda: setattr(room, "away", True))
        for each in made:
            each.close()


def test_the_runner_takes_a_mailbox_in(room: MailRoom, desk: Workbench) -> None:
    ours = sent(desk, 4)
    plan = generated(ours, 40)
    room.append(*(each.content for each in plan))
    box = Mailbox(room.settings(), PLAIN)
    cases = sum(each.expects == "case" for each in plan)
    dry = connecting.run(desk, box, dry=True)
    assert (dry.opened, dry.known) == (cases, 40 - cases)
    first = connecting.run(desk, box)
    assert (first.state, first.opened, first.known) == ("done", cases, 40 - cases)
    assert misplaced(desk, plan, ours) == []
    again = connecting.run(desk, box)
    assert (again.opened, again.known) == (0, 0)
