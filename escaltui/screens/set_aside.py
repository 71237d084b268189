"""The list of what was set aside, in the outbox, and what is done with one of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from escaltui import when
from escaltui.domain.changes import Refused
from escaltui.i18n import N_, _
from escaltui.safety.text import cells, cut, line, own
from escaltui.screens.deciding import Deciding
from escaltui.widgets.labels import word
from escaltui.widgets.passage import Block
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.sync_faces import ParkedFace
    from escaltui.workbench import Workbench
    from escaltui.workbench.portray_parked import Sides

LIST = ("parked", N_("Set aside"))
"""The name and the label of the list."""
BESIDE = 13
"""Cells of sign, reference and scroll bar."""


def rows(faces: Iterable[ParkedFace], now: int, width: int) -> Iterable[tuple[str, str, str, Block]]:
    """(kind, id, reference, what is drawn) of each: what it is, when, the words; below, why it was set aside."""
    for face in faces:
        head = own(word(face.verb) + (f"  {when.brief(face.at, now)}" if face.at else ""))
        room = width - BESIDE - cells(head) - 4
        said = (own('  "') + cut(line(plain(face.said)), room) + own('"')) if face.said and room > 8 else own("")
        why = cut(own(face.why), width - BESIDE)
        parts = ((head, "heading"), said, own("\n"), (why, "quiet"))
        yield "parked", face.op_id, face.ref, Block(parts, key=f"parked {face.op_id}")


class SetAside(Deciding):
    """Mixed into the outbox."""

    def resolve(self, face: ParkedFace, faces: Sequence[ParkedFace]) -> None:
        """Show both sides of one, and do what is picked."""
        place = f"{list(faces).index(face) + 1}/{len(faces)}"
        self.read(lambda bench: _sides(bench, face), partial(self._ask, face, place), group="resolve", hold=True)

    def _ask(self, face: ParkedFace, place: str, sides: Sides) -> None:
        from escaltui.screens.sheets.resolver import Resolver

        self.app.push_screen(Resolver(face, sides, place), partial(self._resolved, face))

    def _resolved(self, face: ParkedFace, picked: str | None) -> None:
        op_id = face.op_id
        if picked == "keep":
            self.write(lambda bench: bench.close_parked(op_id), self._kept)
        elif picked == "again":
            self.write(lambda bench: bench.resend(op_id), self._again)
        elif picked == "edit":
            self.read(lambda bench: _asked(bench, op_id), partial(self._edit, face), group="edit", hold=True)
        else:
            self.say(own(_("Later: it stays set aside, with your words.")))

    def _kept(self, _closed: object) -> None:
        self.say(own(_("What stands is kept. Your words stay in this store.")))
        self.settled_one()

    def _again(self, outcome: object) -> None:
        self.did(outcome, own(_("Proposed again, on what stands now.")))
        if not isinstance(outcome, Refused):
            self.app.read_sync()

    def _edit(self, face: ParkedFace, asked: dict[str, Any]) -> None:
        from escaltui.screens.set_aside_edit import SHEETS

        if face.verb in SHEETS:
            sheet = SHEETS[face.verb](self.line(), (face.case_id,), face.op_id, asked)
            self.app.push_screen(sheet, lambda _made: self.settled_one())

    def settled_one(self) -> None:
        """One may be dealt with: draw what is left."""
        self.wrote()
        self.app.read_sync()


def _sides(bench: Workbench, face: ParkedFace) -> Sides:
    from escaltui.workbench.portray_parked import sides

    return sides(bench, face)


def _asked(bench: Workbench, op_id: str) -> dict[str, Any]:
    from escaltui.workbench.portray_parked import operation

    return operation(bench.export_parked(op_id))
