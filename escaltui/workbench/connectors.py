"""The connectors of a desk: which there are, how each stands, and running one by its name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING

from escaltui import connector_faces as faces
from escaltui.config_connectors import ConnectorRow
from escaltui.connector_faces import ConnectorFace, UnmappedFace
from escaltui.faces import Progress
from escaltui.i18n import _
from escaltui.intake import connectors as kinds
from escaltui.intake.connector import Connector, ConnectorError, Page, Telling
from escaltui.safety.text import line
from escaltui.store import connectors as kept
from escaltui.store.connectors import Standing
from escaltui.workbench import connecting, connector_keys, connector_plan
from escaltui.workbench.connecting import ConnectorRun
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

EVERY = 60.0
"""Seconds between two runs of a place that does not say by itself when something is new."""
CUT_AFTER = 15 * 60_000
"""Milliseconds without a sign after which a run counts as killed: longer than any run waits."""


def listed(bench: Workbench) -> tuple[ConnectorFace, ...]:
    """All connectors of the settings, in their order. Asks no place and no keyring."""
    standings = bench.store.read(kept.standings)
    return tuple(_face(bench, row, standings.get(row.name, Standing(row.name))) for row in bench.config.connectors)


def _face(bench: Workbench, row: ConnectorRow, found: Standing) -> ConnectorFace:
    fault = "" if row.kind in kinds.KINDS else _("There is no kind of connector {kind}.").format(kind=row.kind)
    return ConnectorFace(
        row.name, line(row.kind), faces.FAULTY if fault else _state(bench.now(), found), found.began_at, found.at,
        found.opened, found.known, found.unmapped, found.total, found.wait_until, line(fault or found.says),
        row.every, None if fault else connector_plan.next_at(bench, row, found), row.name in bench.without_network,
    )  # fmt: skip


def _state(now: int, found: Standing) -> str:
    if found.state == kept.RUNNING and now - found.at > CUT_AFTER:
        return faces.CUT
    if found.wait_until is not None and found.wait_until > now:
        return faces.WAITS
    return found.state or faces.NEVER


def unmapped(bench: Workbench, name: str, limit: int = 50) -> tuple[UnmappedFace, ...]:
    """What of a connector could not be mapped, the newest first."""
    found = bench.store.read(lambda connection: kept.problems(connection, name, limit))
    return tuple(UnmappedFace(each.at, line(each.says)) for each in found)


def row(bench: Workbench, name: str) -> ConnectorRow:
    """The settings of a connector. Raises NotKnown."""
    found = next((each for each in bench.config.connectors if each.name == name), None)
    if found is None:
        known = ", ".join(each.name for each in bench.config.connectors) or _("none")
        said = _("There is no connector {name} in config.toml. There: {known}.").format(name=name, known=known)
        raise NotKnown(said)
    return found


@contextmanager
def opened(bench: Workbench, name: str) -> Iterator[Connector]:
    """A connector for as long as it is needed. Raises NotKnown, ConnectorError."""
    settings = row(bench, name)
    found = kinds.made(settings, connector_keys.find(bench, name) if kinds.by_secret(settings) else "")
    try:
        yield found
    finally:
        found.close()


def run(
    bench: Workbench, name: str, *, dry: bool = False, progress: Callable[[Progress], None] = lambda told: None,
    cancelled: Callable[[], bool] = lambda: False, pause: Callable[[float], None] = time.sleep,
) -> ConnectorRun:  # fmt: skip
    """Run a connector by its name: see `connecting.run`. Raises NotKnown, Busy where another program runs it just now,
    ConnectorError where it cannot be made."""
    with nullcontext() if dry else connector_plan.turn(bench, row(bench, name).name):
        return run_alone(bench, name, dry=dry, progress=progress, cancelled=cancelled, pause=pause)


def run_alone(
    bench: Workbench, name: str, *, dry: bool = False, progress: Callable[[Progress], None] = lambda told: None,
    cancelled: Callable[[], bool] = lambda: False, pause: Callable[[float], None] = time.sleep,
) -> ConnectorRun:  # fmt: skip
    """The same for whoever has the turn at it."""
    with opened(bench, name) as found:
        last = connecting.run(bench, found, dry=dry, progress=progress, cancelled=cancelled, pause=pause)
    if not dry:
        connector_plan.note(bench, row(bench, name), last)
    return last


def follow(
    bench: Workbench, name: str, told: Callable[[ConnectorRun], None], *, every: float = EVERY,
    cancelled: Callable[[], bool] = lambda: False, pause: Callable[[float], None] = time.sleep,
) -> None:  # fmt: skip
    """Run a connector again and again, `told` each time: as soon as its place says that something is new, else every
    so many seconds. Ends when `cancelled`, or where trying again does not help: a wrong password locks no account.

    Raises NotKnown, ConnectorError where it cannot be made.
    """
    while not cancelled():
        with opened(bench, name) as found:
            last = _while_well(bench, found, told, every, cancelled, pause)
        if last is None or not last.again:
            return
        until = (last.wait_until or 0) - bench.now()
        connecting.rested(max(every, until / 1000), cancelled, pause)


def _while_well(
    bench: Workbench, found: Connector, told: Callable[[ConnectorRun], None], every: float,
    cancelled: Callable[[], bool], pause: Callable[[float], None],
) -> ConnectorRun | None:  # fmt: skip
    """Run over one connection until it fails: that run. None where it was cancelled."""
    while not cancelled():
        try:
            with connector_plan.turn(bench, found.name):
                last = connecting.run(bench, found, cancelled=cancelled, pause=pause)
            told(last)
            if last.state == kept.FAILED:
                return last
        except connector_plan.Busy:
            pass  # it is fetched from all the same
        try:
            if isinstance(found, Telling):
                found.wait(every, cancelled)
            else:
                connecting.rested(every, cancelled, pause)
        except ConnectorError:
            continue  # the next run says what is wrong
    return None


def test(bench: Workbench, name: str) -> Page:
    """What the place answers when it is asked once; nothing is kept. Raises NotKnown, ConnectorError."""
    cursor = bench.store.read(lambda connection: kept.standing(connection, name)).cursor
    with opened(bench, name) as found:
        return found.fetch(cursor)
