"""What belongs to one person alone is on no server and no colleague's disk; what a server says is only ever text."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from live import Network, Wire, serving
from team import Team

from escaltui.cli import main
from escaltui.domain.operations import AddNote
from escaltui.safety import text
from escaltui.safety.exposure import Look
from escaltui.store import Store

CANARY = "c0ffee77" * 8
HOSTILE = "\x1b]0;taken\x07\x1b[2J\u202egnorw\u200b"


@pytest.fixture
def url(team: Team, database: str) -> Iterator[str]:
    with serving(team, database) as found:
        yield found


def everything(team: Team) -> bytes:
    """Each row of each table of the backend."""
    names = team.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    return b"".join(repr(team.rows(f'SELECT * FROM "{name}"')).encode() for (name,) in names)


def disk(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


def test_a_look_is_on_no_server_and_no_other_disk(team: Team, url: str) -> None:
    ada, bo = (Wire(team.member(name), url, Network(random.Random(name))) for name in ("ada", "bo"))
    case_id = ada.member.open("A case with a picture")
    ledger = ada.member.store.ledger()
    number = ledger.begin(Look(team.clock.now, sha256=CANARY, case_ref="E-CANARY77"))
    ledger.end(number, 12.0)
    ada.member.do(AddNote(case=case_id, body="looked at it"))
    ada.round()
    bo.round()
    assert CANARY.encode() in disk(ada.member.store.folder), "the control finds nothing: the claim is not tried"
    for found in (everything(team), disk(bo.member.store.folder)):
        assert b"looked at it" in found
        assert CANARY.encode() not in found
        assert b"E-CANARY77" not in found


class Hostile(Network):
    """Whoever answers instead of the backend, with words that would take a terminal over."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/ops"):
            return httpx.Response(422, json={"code": HOSTILE, "reason": HOSTILE, "mend": HOSTILE})
        return super().handle_request(request)


@pytest.mark.parametrize("cleaned", [True, False], ids=["ours", "control without the sanitiser"])
def test_a_servers_words_reach_a_person_as_text(
    team: Team, url: str, cleaned: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = Wire(team.member("ada"), url, Hostile(random.Random(1)))
    ada.member.open("A case")
    ada.cycle.push()
    folder = ada.member.store.folder
    ada.member.store.close()
    if not cleaned:
        monkeypatch.setattr(text, "clean", lambda raw: raw)
    for words in (["outbox", "list"], ["outbox", "list", "--json"], ["sync"]):
        main([*words, "--store", str(folder)])
    ada.member.store = Store.open(folder)
    shown = "".join(capsys.readouterr())
    assert "taken" in shown
    assert any(letter in shown for letter in HOSTILE if not letter.isprintable()) is not cleaned
