"""The app's ways out: a defect says no more than its kind and place, a screenshot shows what rests."""

from __future__ import annotations

import asyncio
import os

from textual.app import App

from escaltui.crashes import DEFECT, Defect, Defects, defect_sentence
from escaltui.i18n import _
from escaltui.recorders import CAN_BE_RECORDED, recorders


class Leaving(App[str], inherit_bindings=False):
    """An app from which nothing of a case leaves by accident."""

    def __init__(self, ansi_color: bool | None = None) -> None:
        self.defects = Defects()
        self._found: Defect | None = None
        super().__init__(ansi_color=ansi_color)

    def reshield(self) -> None:
        """Nothing stays clear or unmasked. Whoever can show something so overrides this."""

    def warn(self, sentence: str, look: str = "refused") -> None:
        """Say one sentence where everybody sees it."""

    # --- defects

    def on_load(self) -> None:
        asyncio.get_running_loop().set_exception_handler(self.defects.in_loop)
        self.defects.tell = self._elsewhere

    def _elsewhere(self, defect: Defect) -> None:
        """Something behind the screens stopped: called from any thread."""
        said = _("Something stopped on a defect ({kind} at {place}, id {id}). What you see goes on.")
        self.call_later(self.warn, said.format(kind=defect.kind, place=defect.place, id=defect.id))

    def _handle_exception(self, error: Exception) -> None:
        self._found = self.defects.note(error, "app")
        super()._handle_exception(error)

    def panic(self, *renderables: object) -> None:
        """An exception that knows how to draw itself would draw its values: it is told like any other."""
        self._fatal_error()

    def _fatal_error(self) -> None:
        """A defect: no locals, no case text, no message of the exception; the terminal is given back by Textual."""
        self._return_code = DEFECT
        error = self._exception
        self._exit_renderables.append(defect_sentence(error, self._found) if error else "")
        self._close_messages_no_wait()

    # --- pictures of the screen

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """The screen as SVG, at rest. Saving and delivering one come here, too; its title is always ours."""
        self.reshield()
        return super().export_screenshot(title=self.TITLE, simplify=simplify)

    def warn_recorded(self) -> None:
        """One line where this terminal can be recorded."""
        if recorders(os.environ):
            self.warn(_(CAN_BE_RECORDED), "near")
