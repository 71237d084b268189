"""The draft of a note: where $EDITOR begins, and where a refused text goes. Screens offer the same one."""

from __future__ import annotations

import os
import sys

from escaltui import drafting
from escaltui.commands.output import Output
from escaltui.i18n import _
from escaltui.safety.text import block, storable
from escaltui.store import StoreError
from escaltui.workbench import Workbench


class Drafts:
    """The draft of one note sheet. `opened`: $EDITOR began with it, so that an accepted note uses it up."""

    def __init__(self, bench: Workbench, output: Output, about: str) -> None:
        self.bench, self.output, self.key = bench, output, f"note {about}"
        self.folder = bench.store.folder / "drafts"
        self.opened = False

    def edited(self) -> str:
        """What the person writes in $EDITOR, beginning with the draft. Raises drafting.EditorError."""
        if self.bench.store.encrypted:
            said = _("Your editor writes plain files; give the text with -m TEXT, or through a pipe.")
            raise drafting.EditorError(said)
        self.opened = True
        begun = drafting.leftover(self.folder, self.key) or self.bench.draft(self.key) or ""
        return drafting.edit(self.folder, self.key, begun)

    def keep(self, text: str) -> None:
        """Lose nothing: as a draft after one that is there, else in a file, else on standard error."""
        try:
            before = "" if self.opened else self.bench.draft(self.key) or ""
            whole = before if text in before else "\n\n".join(part for part in (before, text) if part)
            self.bench.save_draft(self.key, storable(whole), self.key.partition(" ")[2])
            self.output.warn(_("Your text is kept as a draft: the note sheet of the case offers it again."))
        except StoreError:
            self._to_file(text)

    def _to_file(self, text: str) -> None:
        path = drafting.file_of(self.folder, self.key)
        if self.bench.store.encrypted:  # no plain file beside it
            self._told(text)
            return
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "w", encoding="utf-8") as file:
                file.write(storable(text))
            self.output.warn(_("Your text is kept in {path}.").format(path=path))
        except OSError:
            self._told(text)

    def _told(self, text: str) -> None:
        self.output.warn(_("Your text could not be kept anywhere; here it is again:"))
        sys.stderr.write(block(text).value + "\n")

    def forget(self) -> None:
        """The draft became a note."""
        self.bench.drop_draft(self.key)
        drafting.forget(self.folder, self.key)
