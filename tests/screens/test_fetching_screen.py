"""A file that lies on the server, in the viewer: it comes by a key and by nothing else, and rests as any file does."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from casebench import app_on, shown, workbench

from escaltui.domain.media import Attachment
from escaltui.domain.wire import Me
from escaltui.media_faces import MediaFace
from escaltui.store.connected import Connected
from escaltui.sync.blobs import Fetched
from escaltui.sync.net import Offline
from escaltui.workbench import Workbench

from .mediawork import case_with, drawn, file, keys, look, picture

BYTES = picture()


class Away:
    """A server that has the file: what is asked of it, and what it does. In place of the network alone."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.go, self.fails = threading.Event(), False
        self.go.set()

    def fetch(
        self, bench: Workbench, face: MediaFace, told: Callable[[int], None], stop: Callable[[], bool]
    ) -> Fetched:
        self.asked.append(face.sha256)
        told(300_000)
        assert self.go.wait(10)
        if self.fails or stop():
            raise Offline("The server is not reached.")
        bench.fetched = (face.sha256, Fetched(BYTES))
        return bench.fetched[1]  # type: ignore[return-value]


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch) -> Away:
    made = Away()
    monkeypatch.setattr("escaltui.workbench.fetching.fetch", made.fetch)
    return made


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        yield bench


def on_server(bench: Workbench) -> str:
    """A case with a picture whose bytes are not here, and one whose bytes are."""
    there = Attachment("there.png", "image/png", len(BYTES), hashlib.sha256(BYTES).hexdigest())
    case_id = case_with(bench, there, file(bench, "here.png", "image/png", picture(2)))
    bench.store.follow(Connected("https://desk.example", "global", Me(bench.me, desks=("global",))))
    return case_id


async def test_it_comes_by_the_key_alone_and_rests(bench: Workbench, away: Away) -> None:
    case_id = on_server(bench)
    async with app_on(bench, (120, 36)) as pilot:
        viewer, beat = await look(pilot, case_id)
        assert "f fetches it" in viewer.note
        await keys(pilot, "]", "space", "enter", "#", "o", "+", "j", "k")
        assert away.asked == []
        assert viewer.at == 0
        await keys(pilot, "f")
        assert len(away.asked) == 1
        assert viewer.facts is not None
        assert viewer.facts.kind == "picture"
        assert viewer.shield.level(beat()) == viewer.rest != "clear"
        assert viewer.shield.permit(beat()) is None
        assert viewer.note == ""
        await keys(pilot, "f")
        assert len(away.asked) == 1
    assert not list((bench.store.folder / "media").glob("**/" + away.asked[0]))


async def test_what_is_here_is_fetched_by_no_key(bench: Workbench, away: Away) -> None:
    case_id = on_server(bench)
    async with app_on(bench, (120, 36)) as pilot:
        await look(pilot, case_id, 1)
        await keys(pilot, "f")
        assert away.asked == []


async def test_it_is_told_as_it_comes_and_turning_away_stops_it(bench: Workbench, away: Away) -> None:
    case_id = on_server(bench)
    away.go.clear()
    async with app_on(bench, (120, 36)) as pilot:
        viewer, _beat = await look(pilot, case_id)
        await pilot.press("f")
        for _turn in range(100):
            await pilot.pause(0.02)
            if "300 kB" in viewer.note:
                break
        assert "Fetching: 300 kB" in shown(pilot.app)
        viewer.turn_to(1)
        away.go.set()
        await drawn(pilot)
        viewer.turn_to(0)
        await drawn(pilot)
        assert viewer.facts is None
        assert "f fetches it" in viewer.note
    assert bench.fetched is None


async def test_where_it_does_not_come_that_is_said_and_the_key_is_there_again(bench: Workbench, away: Away) -> None:
    case_id = on_server(bench)
    away.fails = True
    async with app_on(bench, (120, 36)) as pilot:
        viewer, _beat = await look(pilot, case_id)
        await keys(pilot, "f")
        assert "The server is not reached." in shown(pilot.app)
        away.fails = False
        await keys(pilot, "f")
        assert viewer.facts is not None


async def test_what_is_sealed_is_never_asked_for(bench: Workbench, away: Away) -> None:
    case_id = on_server(bench)
    bench.seal(bench.media(case_id)[0])
    async with app_on(bench, (120, 36)) as pilot:
        viewer, _beat = await look(pilot, case_id)
        assert viewer.face.sealed
        await keys(pilot, "f")
        viewer.act_fetch()
        await drawn(pilot)
        assert away.asked == []


async def test_alone_there_is_nowhere_to_fetch_from(bench: Workbench, away: Away) -> None:
    there = Attachment("there.png", "image/png", len(BYTES), hashlib.sha256(BYTES).hexdigest())
    case_id = case_with(bench, there)
    async with app_on(bench, (120, 36)) as pilot:
        viewer, _beat = await look(pilot, case_id)
        assert "the file is not here" in viewer.note
        await keys(pilot, "f")
        assert away.asked == []
