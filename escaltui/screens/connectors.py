"""The places that cases come from: when each last ran, what it brought, what could not be mapped.

`f` fetches what is new from the one in focus, in a thread; pressed again it stops that. `i` tells what would come, and
changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual.containers import Container
from textual.widget import Widget

from escaltui import connector_faces as faces
from escaltui import keys, when
from escaltui.i18n import _, ngettext
from escaltui.safety.text import own
from escaltui.screens import connector_lines as lines
from escaltui.screens.rereading import Rereading
from escaltui.widgets.acts import Step
from escaltui.widgets.bindings import bindings
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from escaltui.connector_faces import ConnectorFace, UnmappedFace
    from escaltui.faces import Progress
    from escaltui.workbench import Workbench
    from escaltui.workbench.connecting import ConnectorRun

TOLD_EVERY = 0.25
"""Seconds between two redraws of how far a run has come."""


class ConnectorsScreen(Rereading):
    """A list, and beside or below it what of the one in focus could not be mapped."""

    CONTEXT = "connectors"
    BINDINGS = bindings("connectors")
    CSS_PATH = "connectors.tcss"
    AUTO_FOCUS = "#list"

    def __init__(self) -> None:
        super().__init__()
        self.faces: tuple[ConnectorFace, ...] | None = None
        self.would: ConnectorRun | None = None
        """What the last dry run told, as long as its connector has the focus."""
        self.running: dict[str, str] = {}
        """What is fetched just now, by name, and how far it has come."""
        self._stopped: set[str] = set()
        self._beside: tuple[str, ConnectorRun | None] = "", None
        """What stands beside the list: of which connector, and with which dry run."""

    def compose_body(self) -> Iterable[Widget]:
        with Container(id="parts"):
            yield Passage(id="list")
            yield Passage(id="unmapped")

    # --- reading, drawing

    def read_again(self, *, hold: bool = False) -> None:
        """Read how each stands. The places themselves are not asked."""
        self.read(_listed, self._show, group="connectors", hold=hold)

    def ticked(self) -> None:
        """Another program of this store may have run one."""
        self.read_again()

    def _show(self, found: tuple[ConnectorFace, ...]) -> None:
        first, self.faces = self.faces is None, found
        self.draw(top=first)
        self._read_unmapped()

    def draw(self, *, top: bool = False) -> None:
        """Draw the list from what was read last."""
        if self.faces is None or not self.drawn:
            return
        now = self.app.bench.now()
        self.query_one("#list", Passage).show(list(lines.page(self.faces, self.running, now)), top=top)
        bad = sum(each.state in (faces.FAILED, faces.FAULTY, faces.CUT) for each in self.faces)
        said = ngettext("{n} needs a look", "{n} need a look", bad).format(n=bad)
        self.place(own(_("Connectors")), right=own(said) if bad else None)
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

    def _read_unmapped(self) -> None:
        name = self.connector
        if name:
            self.read(partial(_unmapped, name=name), partial(self._show_unmapped, name), group="unmapped")
        else:
            self.query_one("#unmapped", Passage).show([])

    def _show_unmapped(self, name: str, found: tuple[UnmappedFace, ...]) -> None:
        if name != self.connector:
            return
        would = self.would if self.would is not None and self.would.name == name else None
        other, self._beside = (name, would) != self._beside, (name, would)
        blocks = [*(lines.would_come(would) if would is not None else ()),
                  *lines.unmapped(name, found, self.app.bench.now())]  # fmt: skip
        self.query_one("#unmapped", Passage).show(blocks, top=other)

    # --- what has the focus

    @property
    def connector(self) -> str:
        """The name of the connector in focus."""
        return self.query_one("#list", Passage).cursor

    def can(self, action: keys.Action) -> bool:
        if action.verb == "open":
            return False
        if action.verb in ("fetch", "inspect"):
            return self.drawn and bool(self.connector)
        return super().can(action)

    def move_by(self, step: Step) -> None:
        before = self.connector
        super().move_by(step)
        if self.connector != before:
            self._read_unmapped()

    def act_next_pane(self, argument: str = "") -> None:
        self.query_one("#unmapped" if self.passage.id == "list" else "#list", Passage).focus()

    act_previous_pane = act_next_pane

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()

    # --- running

    def act_fetch(self, argument: str = "") -> None:
        """Fetch what is new; of one that is fetching, stop."""
        self._start(dry=False)

    def act_inspect(self, argument: str = "") -> None:
        """Tell what would come."""
        self._start(dry=True)

    def _start(self, *, dry: bool) -> None:
        name = self.connector
        if name in self.running:
            self._stopped.add(name)
            self.say(own(_("{name} stops after what it is at. What came stays.").format(name=name)))
            return
        self._stopped.discard(name)
        self.running[name] = ""
        self.would = None
        self.draw()
        self.read(partial(self._run, name=name, dry=dry), self._ran, group=f"run {name}",
                  failed=partial(self._failed, name))  # fmt: skip

    def _run(self, bench: Workbench, name: str, dry: bool) -> ConnectorRun:
        """In a thread."""
        from escaltui.workbench import connectors

        told = 0.0

        def seen(progress: Progress) -> None:
            nonlocal told
            import time

            now = time.monotonic()
            if progress.message or progress.finished or now - told >= TOLD_EVERY:
                told = now
                self.app.call_later(self._came, name, progress)

        return connectors.run(bench, name, dry=dry, progress=seen, cancelled=lambda: self._over(name))

    def _over(self, name: str) -> bool:
        """Whether a run is to end: it was asked to, or the app closes."""
        return name in self._stopped or not self.is_running

    def _came(self, name: str, progress: Progress) -> None:
        if name in self.running and not progress.finished:
            so_far = ngettext("{n} so far", "{n} so far", progress.done).format(n=progress.done)
            self.running[name] = f"{so_far}, {progress.message}" if progress.message else so_far
            self.draw()

    def _ran(self, found: ConnectorRun) -> None:
        self.running.pop(found.name, None)
        if found.dry:
            self.would = found
        if found.says:
            self.fail(f"{found.name}: {found.says}")
        elif found.dry:
            self.say(own(_("{name}: nothing was changed.").format(name=found.name)))
        else:
            said = ngettext("{name}: {n} new case.", "{name}: {n} new cases.", found.opened)
            self.say(own(said.format(name=found.name, n=found.opened)), "done")
        self.read_again()

    def _failed(self, name: str, sentence: str) -> None:
        self.running.pop(name, None)
        self.fail(f"{name}: {sentence}")
        self.read_again()


def _listed(bench: Workbench) -> tuple[ConnectorFace, ...]:
    from escaltui.workbench import connectors

    return connectors.listed(bench)


def _unmapped(bench: Workbench, name: str) -> tuple[UnmappedFace, ...]:
    from escaltui.workbench import connectors

    return connectors.unmapped(bench, name)
