"""A desk of a few cases in a real store, with a clock that stands still until it is moved."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import quick
from casebench import workbench
from textual._context import visible_screen_stack

from escaltui import i18n
from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me, Ui
from escaltui.domain import ids
from escaltui.domain.operations import NewSubject, OpenCase
from escaltui.workbench import Workbench

from .deskwork import team

quick.keys_follow_soon()
NOON = 1_780_000_000_000
HOUR = 3_600_000
CASES = (
    ("Removal order, 12 posts", "legal_removal", 1, 1),
    ("We publish at 16:00", "press", 2, 3),
    ("Shop sells copies, 40 items", "ip_trademark", 3, 5),
    ("Data order, wrong company", "data_request", 2, 50),
    ("Ad account closed by mistake", "ads", 3, 2),
    ("\x1b[31mRed\u202e gnp.exe", "user_escalation", 3, 1),
)
"""(title, type, severity, hours ago)"""


class Clock:
    """The time of a desk; tests move it."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> int:
        return self.now


def open_case(bench: Workbench, title: str, case_type: str, severity: int, hours: int, item: str = "a1") -> str:
    """Open one case; gives its id."""
    case_id = ids.entity_id(ids.operation_id(NOON, hashlib.sha256(title.encode()).digest()[:10]), 0)
    bench.do(OpenCase(
        opens=case_id, title=title, case_type=case_type, severity=severity, received_at=bench.now() - hours * HOUR,
        subjects=(NewSubject(platform="shop", item_id=item, text="A post that says something"),),
    ))  # fmt: skip
    return case_id


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Workbench]:
    """Six cases, nobody's."""
    config = Config(tmp_path / "config", me=Me("rmarin"), exists=True)
    bench = Workbench.open(tmp_path / "store", config=config, clock=clock)
    for at, row in enumerate(CASES):
        open_case(bench, *row, item=f"a{at}")
    yield bench
    bench.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    """A small team with policies and no case yet. Files of tests that need less have a bench of their own."""
    with workbench(tmp_path, policies=True) as bench:
        team(bench)
        yield bench


@pytest.fixture
def make_app(desk: Workbench, tmp_path: Path) -> Iterator[Callable[..., EscaltuiApp]]:
    """An app on the desk: `make_app(theme="mono", language="fr")`."""

    def made(theme: str = "dark", language: str = "en", **own_keys: str) -> EscaltuiApp:
        ui = Ui(theme=theme, language=language)
        return EscaltuiApp(desk, Config(tmp_path / "config", me=Me("rmarin"), ui=ui, keys=own_keys, exists=True))

    yield made
    i18n.set_language("en")


@pytest.fixture(scope="session")
def noon_desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The store of the demo desk at a fixed moment; to be copied, not written to."""
    from .gallery import seeded

    return seeded(tmp_path_factory.mktemp("noon"))


async def settled(app: EscaltuiApp) -> None:
    """Wait until every worker has ended, every key has acted, and every message was handled."""
    import asyncio

    from escaltui.widgets.queue_list import QueueList

    for turn in range(2000):  # forty keys on a busy machine take seconds
        await app.workers.wait_for_complete()
        await asyncio.sleep(0.005)
        lists = list(app.screen.query(QueueList))  # under a sheet no row moves
        quiet = all(listing.settled and listing._pending is None for listing in lists)
        quiet = quiet and not (app.gate.shut or app.gate.waiting or app.gate.holds or app._changed)
        if quiet and turn and quick.drawn(app) and all(worker.is_finished for worker in app.workers):
            return
    raise AssertionError("the app did not settle")


def text_of(app: EscaltuiApp) -> list[str]:
    """The screen as lines of text."""
    visible_screen_stack.set(app._background_screens)  # what stands behind a sheet is drawn, too
    width, height = app.size
    return [
        "".join(segment.text for segment in line)
        for line in app.screen._compositor.render_strips(app.size)[:height]
        if width
    ]
