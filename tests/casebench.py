"""A workbench over a real store with a frozen clock, a few cases and policies, and the app on it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import quick
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me
from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.safety.text import hidden_kinds, storable
from escaltui.workbench import Workbench

quick.keys_follow_soon()
LOOKS = 2
"""Looks in a row at which nothing is under way."""
NOW = 1_780_000_000_000
"""2026-05-28 20:26:40 UTC."""
HOUR = 3_600_000
POLICY = """# Orders

## Court orders {#court}

We follow a court order once it has been checked. A court order names the items and the law.

## Praise of attacks {#praise}

We remove content that presents an attack as admirable.
"""
OLDER = POLICY.replace("once it has been checked", "at once")


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@contextmanager
def workbench(folder: Path, *, policies: bool = False) -> Iterator[Workbench]:
    """An open workbench of one lead called Kosei; its clock is `bench.now`."""
    config = Config(folder / "config", me=Me(name="kosei", roles=("specialist", "lead")), exists=True)
    bench = Workbench.open(folder / "store", config=config, clock=Clock())
    try:
        if policies:
            import_policies(bench, folder / "policies")
        yield bench
    finally:
        bench.close()


def import_policies(bench: Workbench, folder: Path) -> None:
    """Two versions of one document with two sections."""
    (folder / "orders").mkdir(parents=True)
    (folder / "orders" / "2024-01-10.md").write_text(OLDER)
    (folder / "orders" / "2026-01-29.md").write_text(POLICY)
    bench.import_policies(folder)


def open_case(
    bench: Workbench, title: str = "Removal order", *, body: str = "Please remove this.", requester: str = "Police",
    case_type: str = "legal_removal", severity: int = 2, items: int = 2, kind: str = "law_enforcement",
) -> str:  # fmt: skip
    """One case with its report; gives its id. Texts come in as intake stores them."""
    receiving, opening = bench.operation_id(), bench.operation_id()
    subjects = tuple(
        ops.NewSubject(platform="p", item_type="post", item_id=f"{storable(title)[:40]}-{n}",
                       url=f"https://p.example/{n}/{storable(title)}", author=f"nn {storable(title)}",
                       text=storable(body))
        for n in range(items)
    )  # fmt: skip
    received = ops.ReceiveReport(
        requester_name=storable(requester), requester_kind=kind, body=storable(body), hidden=dict(hidden_kinds(body))
    )
    opened = ops.OpenCase(
        report=ids.entity_id(receiving, 0), title=storable(title)[:200], case_type=case_type, severity=severity,
        subjects=subjects, countries=("DE",), languages=("de",), opens=ids.entity_id(opening, 0),
    )  # fmt: skip
    for outcome in bench.do_many([received, opened], [receiving, opening]):
        assert not isinstance(outcome, Refused), outcome
    return ids.entity_id(opening, 0)


def do(bench: Workbench, op: ops.Operation) -> None:
    """An operation that must be accepted."""
    outcome = bench.do(op)
    assert not isinstance(outcome, Refused), outcome


@asynccontextmanager
async def app_on(bench: Workbench, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Pilot[str]]:
    """The app, settled on its queue."""
    app = EscaltuiApp(bench, bench.config)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        yield pilot


async def settle(pilot: Pilot[str]) -> None:
    """Until nothing is under way: no worker, no key that waits, no message, nothing to draw."""
    app, quiet = pilot.app, 0
    for _try in range(600):
        await pilot.app.workers.wait_for_complete()
        await quick.pause(pilot)
        idle = not (app.gate.waiting or app.gate.holds or app.gate.busy or app._changed)  # type: ignore[attr-defined]
        idle = idle and quick.drawn(app) and all(worker.is_finished for worker in app.workers)
        quiet = quiet + 1 if idle else 0
        if quiet == LOOKS:
            return
    raise AssertionError("the app does not settle")


async def press(pilot: Pilot[str], *keys: str) -> None:
    """Keys one after another, then until all of them have acted."""
    await pilot.press(*keys)
    await settle(pilot)


async def burst(pilot: Pilot[str], *keys: str) -> None:
    """Keys of one packet: all are there before the first has acted."""
    for key in keys:
        character = key if len(key) == 1 else None
        name = _character_to_key(key) if character else key
        pilot.app.post_message(events.Key(name, character))
    await settle(pilot)


def shown(pilot: Pilot[str]) -> str:
    """What is on the screen, as text."""
    app = pilot.app
    rows = []
    width, height = app.size
    for y, strip in enumerate(app.screen._compositor.render_strips(app.size)):
        rows.append("".join(segment.text for segment in strip) if y < height else "")
    return "\n".join(row[:width].rstrip() for row in rows)
