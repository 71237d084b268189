"""When each connector is due: every so often, later and later after failures, never before its place lets us.

Nothing but the failures is kept for it; the rest is reckoned from how the last run stands. A wrong password, or
whatever else a person has to mend, is not tried again until somebody ran it by hand or its settings changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import msgspec

from escaltui.config_connectors import ConnectorRow
from escaltui.i18n import _
from escaltui.intake.connector import ConnectorError
from escaltui.store import connectors as kept
from escaltui.store.connectors import Standing
from escaltui.store.driver import Connection
from escaltui.sync.lock import Lead
from escaltui.workbench.connecting import ConnectorRun

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

SPREAD = 0.1
"""Share of a wait that is added to it by chance, so that many devices do not ask at the same second."""
LONGEST = 15 * 60_000
"""Milliseconds that failures make a wait grow to, where it is not longer by itself."""
_FACT = "connector failed {name}"


class Busy(ConnectorError):
    """Somebody fetches from this place just now."""


class Failed(msgspec.Struct, frozen=True):
    """How often runs failed one after the other; `again`: trying later may help. `row` marks the settings they had."""

    times: int
    again: bool
    row: int


class Planned(NamedTuple):
    """A connector that is run by itself, and when: in ms, 0 for at once."""

    at: int
    row: ConnectorRow


def planned(bench: Workbench) -> list[Planned]:
    """Those of the settings that are run by themselves, the next one first. Those that wait for a person are not in."""
    rows = [each for each in bench.config.connectors if each.every]
    standings = bench.store.read(kept.standings) if rows else {}
    found = list[Planned]()
    for row in rows:
        at = next_at(bench, row, standings.get(row.name, Standing(row.name)))
        if at is not None:
            found.append(Planned(at, row))
    return sorted(found, key=lambda each: each.at)


def is_due(bench: Workbench, row: ConnectorRow) -> bool:
    """Whether one that is run by itself is due now."""
    at = next_at(bench, row, bench.store.read(lambda connection: kept.standing(connection, row.name)))
    return at is not None and at <= bench.now()


def next_at(bench: Workbench, row: ConnectorRow, found: Standing) -> int | None:
    """When one is due, in ms; None where it is not run by itself."""
    return reckoned(row, found, _failed(bench, row.name), bench.store.device, bench.now()) if row.every else None


def reckoned(row: ConnectorRow, found: Standing, failed: Failed | None, device: str, now: int) -> int | None:
    """The same from how it stands. Where the clock was set far back behind the last run, it is due at once."""
    not_before = found.wait_until or 0
    if failed is not None and not failed.again:
        return None if failed.row == _mark(row) else not_before
    wait = row.every * 1000
    if not found.began_at or found.began_at > now + wait:
        return not_before
    if failed is not None:
        wait = min(wait << min(failed.times, 10), max(wait, LONGEST))
    chance = crc32(f"{device} {row.name} {found.began_at}".encode()) / 2**32
    return max(found.began_at + wait + int(wait * SPREAD * chance), not_before)


@contextmanager
def turn(bench: Workbench, name: str) -> Iterator[None]:
    """Fetch from one place as the only one, of all programs of this store. Raises Busy; who is killed lets it go."""
    lead = Lead(bench.store.folder, f"connector-{name}.lock")
    try:
        taken = lead.take()
    except OSError as error:
        said = _("{name} cannot be fetched from: {folder} takes no file ({why}). Make room there, or make it writable.")
        raise ConnectorError(
            said.format(name=name, folder=bench.store.folder, why=error.strerror), again=True
        ) from error
    if not taken:
        said = _("{name} is being fetched from just now, here or by another program. Wait until that is done.")
        raise Busy(said.format(name=name), again=True)
    try:
        yield
    finally:
        lead.leave()


def note(bench: Workbench, row: ConnectorRow, run: ConnectorRun) -> None:
    """Keep what a run means for the next one. That it was stopped, or came before its place lets us, means nothing."""
    if run.state == kept.DONE:
        _write(bench, row.name, None)
    elif run.state == kept.FAILED and run.wait_until is None:
        _keep(bench, row, run.again)


def cannot(bench: Workbench, row: ConnectorRow, error: ConnectorError) -> None:
    """Keep that a connector could not even be made, for the page to show."""
    now = bench.now()

    def write(connection: Connection) -> None:
        kept.begin(connection, row.name, now)
        kept.end(connection, row.name, kept.FAILED, now, str(error))

    bench.store.write(write)
    _keep(bench, row, error.again)


def mended(bench: Workbench, name: str) -> None:
    """A person mended what runs failed of: it is due at once."""
    if (failed := _failed(bench, name)) is not None:
        _write(bench, name, msgspec.structs.replace(failed, again=False, row=0))


def fails(bench: Workbench, name: str) -> int:
    """How many of its runs failed since one last went well."""
    failed = _failed(bench, name)
    return 0 if failed is None else failed.times


def _failed(bench: Workbench, name: str) -> Failed | None:
    fact = bench.store.meta(_FACT.format(name=name))
    return msgspec.json.decode(fact, type=Failed) if fact else None


def _keep(bench: Workbench, row: ConnectorRow, again: bool) -> None:
    before = _failed(bench, row.name)
    _write(bench, row.name, Failed((before.times if before else 0) + 1, again, _mark(row)))


def _write(bench: Workbench, name: str, failed: Failed | None) -> None:
    fact, said = _FACT.format(name=name), "" if failed is None else msgspec.json.encode(failed).decode()
    if said or bench.store.meta(fact):
        bench.store.set_meta(fact, said)


def _mark(row: ConnectorRow) -> int:
    return crc32(msgspec.json.encode(row, order="deterministic"))
