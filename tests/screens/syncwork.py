"""What tests of sync on the screen start from: a desk that follows a server, and what it set aside."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from casebench import Clock, do, open_case, press, workbench
from textual.pilot import Pilot

from escaltui.config import Config, Me
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.wire import Result
from escaltui.screens.sheets.resolver import Resolver
from escaltui.widgets.lines import StatusLine
from escaltui.widgets.say import plain
from escaltui.workbench import Workbench

from .gallery_sync import Server, follow, stands

NOW = 1_780_000_000_000
SIZES = [(80, 24), (120, 36)]
NO = Refused("not_allowed", "You may not.")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A desk of one, with two cases, that follows a server; its state is offline."""
    with workbench(tmp_path, policies=True) as bench:
        open_case(bench, "Removal order")
        open_case(bench, "Shop sells copies")
    copy = Path(shutil.copytree(tmp_path / "store", tmp_path / "server"))
    config = Config(tmp_path / "config", me=Me(name="kosei", roles=("specialist", "lead")), exists=True)
    bench = Workbench.open(tmp_path / "store", config=config, clock=Clock())
    made = follow(bench, copy)
    stands(bench)
    yield made
    made.store.close()
    bench.close()


def case_named(bench: Workbench, title: str = "Removal order") -> str:
    return next(line.id for line in bench.page("is:open") if plain(line.title) == title)


def conflict(server: Server, mine: str = "Mine", theirs: str = "Theirs") -> str:
    """A title that two changed: the later one is set aside. Gives the case."""
    case_id = case_named(server.bench)
    do(server.bench, ops.EditCase(case=case_id, fields={"title": mine}, base={"title": "Removal order"}))
    server.do(ops.EditCase(case=case_id, fields={"title": theirs}, base={"title": "Removal order"}))
    server.push()
    server.pull()
    return case_id


def set_aside(server: Server, op: ops.Operation) -> None:
    """The server refuses this."""
    do(server.bench, op)
    remote = server.bench.store.remote
    assert remote is not None
    waiting = [each for stream in remote.streams() for each in remote.waiting(stream, 50)]
    results = [Result(each.op_id, "refused", refused=NO) for each in waiting]
    server.bench._tell(remote.answered(results, NOW, server.bench.rules))


def status(pilot: Pilot[str]) -> str:
    """The words of the status line."""
    line = pilot.app.screen.query_one(StatusLine)
    return "".join(plain(text) for text, _look in line.left)  # type: ignore[misc]


async def resolver(pilot: Pilot[str]) -> Resolver:
    """Open the first of what was set aside."""
    await press(pilot, "g", "o", "1", "enter")
    assert isinstance(pilot.app.screen, Resolver)
    return pilot.app.screen
