"""`v`: the files of the case that has the focus, in the viewer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.screens.places import PlaceScreen

if TYPE_CHECKING:
    from escaltui.faces import CaseFace


class Looking(PlaceScreen):
    """Mixed into screens that show cases."""

    face: CaseFace | None

    def can(self, action: keys.Action) -> bool:
        """A list knows nothing of files: it offers the key, and the answer may be that there are none."""
        if action.verb == "look":
            line, face = self.line(), self.face
            known = face is not None and line is not None and face.line.id == line.id
            return line is not None and (not known or bool(face and face.media))
        return super().can(action)

    def act_look(self, argument: str = "") -> None:
        line = self.line()
        if line is not None:
            self.app.look(line.id, int(argument) - 1 if argument.isdecimal() else 0)
