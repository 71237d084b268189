"""Running connectors by themselves: in a thread of the open workbench, or once, for cron and timers.

Where several programs have the store open each looks; whoever comes first to a connector that is due has it to itself
(`connector_plan.turn`), and the others find that it is not due any more.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING

from escaltui.config_connectors import ConnectorRow
from escaltui.i18n import _
from escaltui.intake import connectors as kinds
from escaltui.intake.connector import ConnectorError
from escaltui.store import StoreError
from escaltui.store import connectors as kept
from escaltui.workbench import connector_plan, connectors
from escaltui.workbench.connecting import ConnectorRun

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

FIRST = 5.0
"""Seconds after the opening until the first look: whoever opened it comes first."""
LOOK = 15.0
"""Seconds between two looks at the most: another program may have run one, a network may be back."""
STOP = 3.0
"""Seconds that closing waits for a run; then it is left to end by itself: it keeps no cursor any more."""
_ELSEWHERE = ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1"))
"""Addresses that belong to nobody (RFC 5737, RFC 3849)."""
Reachable = Callable[[ConnectorRow], bool]


def reachable(row: ConnectorRow) -> bool:
    """Whether this machine has a way to where a connector goes, or to other machines at all; nothing is sent."""
    if any(_way(family, address) for family, address in _ELSEWHERE):
        return True
    try:
        found = socket.getaddrinfo(kinds.host(row) or "localhost", 443, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return False
    return any(_way(family, str(address[0])) for family, _type, _protocol, _name, address in found)


def _way(family: int, address: str) -> bool:
    """Connecting a datagram socket asks the table of routes and sends nothing."""
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as asked:
            asked.connect((address, 443))
    except OSError:
        return False
    return True


def run_due(
    bench: Workbench, cancelled: Callable[[], bool] = lambda: False, there: Reachable = reachable
) -> Iterator[ConnectorRun]:
    """Run all that is due, one after the other. One that another program runs is left to it; one without a network
    waits, and is in `bench.without_network`."""
    for each in connector_plan.planned(bench):
        if cancelled():
            return
        if each.at > bench.now():
            continue
        if not there(each.row):
            bench.without_network |= {each.row.name}
            continue
        bench.without_network -= {each.row.name}
        with suppress(connector_plan.Busy), connector_plan.turn(bench, each.row.name):
            if connector_plan.is_due(bench, each.row):  # another program may have run it meanwhile
                yield _one(bench, each.row, cancelled)


def _one(bench: Workbench, row: ConnectorRow, cancelled: Callable[[], bool]) -> ConnectorRun:
    try:
        return connectors.run_alone(bench, row.name, cancelled=cancelled)
    except ConnectorError as error:
        connector_plan.cannot(bench, row, error)
        return ConnectorRun(row.name, kept.FAILED, says=str(error), again=error.again)
    except StoreError:
        raise
    except Exception as error:  # a defect: it holds up no other connector, and is not met each few seconds
        said = _("A defect stopped it ({kind}). It is not run by itself any more.")
        connector_plan.cannot(bench, row, ConnectorError(said.format(kind=type(error).__name__)))
        raise


class Schedule:
    """The thread of an open workbench that runs what is due. `say`: told, from there, what a person should know."""

    def __init__(self, bench: Workbench, say: Callable[[str], None], there: Reachable = reachable) -> None:
        self._bench, self._say, self._there = bench, say, there
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, first: float = FIRST) -> None:
        """Begin. Returns at once."""
        self._thread = threading.Thread(target=self._looks, args=(first,), name="connectors", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a run under way stops after what it is at."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join(STOP)

    def _looks(self, wait: float) -> None:
        while not self._ending.wait(wait):
            try:
                wait = self.look()
            except StoreError:  # a full disk, a store that was closed: who types is told; we try again
                wait = LOOK
            except Exception as error:  # noted as any defect of a thread is; the others go on
                told = (type(error), error, error.__traceback__, threading.current_thread())
                threading.excepthook(threading.ExceptHookArgs(told))
                wait = LOOK

    def look(self) -> float:
        """Run what is due now; gives the seconds until the next look."""
        for found in run_due(self._bench, self._ending.is_set, self._there):
            self._tell(found)
        if self._ending.is_set():
            return 0.0
        rest = [each.at - self._bench.now() for each in connector_plan.planned(self._bench)]
        return max(1.0, min([LOOK, *(each / 1000 for each in rest if each > 0)]))

    def _tell(self, found: ConnectorRun) -> None:
        """Say that one failed, once, until it went well; what came is on the queue."""
        if found.says and connector_plan.fails(self._bench, found.name) == 1:
            self._say(f"{found.name}: {found.says}")
