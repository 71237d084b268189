"""What a look at a file leaves behind: in the case's log who opened it, and in one's own ledger how long it was.

The two are apart. The log is for the team, says nothing of seconds, and the card tells of it before the key; the
ledger is for the person alone (the design's safety page, section 7).
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.records import LOOKED
from escaltui.screens.masking import Masked

if TYPE_CHECKING:
    from textual.widget import Widget

    from escaltui.media_faces import MediaFace
    from escaltui.safety.decode import Want
    from escaltui.workbench.looks import Looks

BARE = frozenset({"light", "clear"})
"""What shows more than the blur that needs no permit."""


class Traces(Masked):
    """A screen that shows files."""

    ledger: Looks
    """Where a person's own looks are counted, for that person alone; set once the screen opens."""

    def __init__(self) -> None:
        super().__init__()
        self._look: tuple[Future[int], float] | None = None
        """The number of the look that runs, and since when."""

    @property
    def face(self) -> MediaFace:
        """The file that is shown."""
        raise NotImplementedError

    @property
    def recorded(self) -> bool:
        """Whether the first look at this file will stand in the case's log."""
        return self.app.bench.logged(self.face)

    def painted(self, want: Want, view: Widget) -> None:
        """A frame is on the screen: below the blur that is an access, clear also a look of one's own."""
        if want.level in BARE:
            self.note_access()
        if want.level != "clear":
            self.look_over()
        elif self._look is None:
            area = round(view.size.area / self.app.size.area, 3)
            number, face, ledger = Future[int](), self.face, self.ledger
            self._look = number, self.app.beat()
            self.aside(lambda: number.set_result(ledger.began(face, "clear", want.colour, area)))

    def look_over(self) -> None:
        """Nothing clear is shown any more."""
        look, self._look = self._look, None
        if look is not None:
            number, began = look
            seconds, ledger = self.app.beat() - began, self.ledger
            self.aside(lambda: ledger.ended(number.result(timeout=10), seconds))

    def aside(self, call: Callable[[], object]) -> None:
        """In a thread of its own; nobody waits for it."""
        self.run_worker(call, thread=True, group="aside", exclusive=False, exit_on_error=False)

    def note_access(self) -> None:
        """Once a file and session: who opened it stands in the case's log, where the operator wants that."""
        face = self.face
        if self.recorded and face.id not in self.app.accessed:
            self.app.accessed.add(face.id)
            op = ops.RecordAccess(case=face.case_id, what=f"{LOOKED}file {face.number} of {face.of}")
            self.read(lambda bench: bench.do(op), self._noted, group="access")

    def _noted(self, outcome: object) -> None:
        if isinstance(outcome, Refused):
            self.refuse(outcome)
