"""Fetching a file's bytes from the server: by a key alone, told as it goes, and shown as any file, at rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.viewing import Viewing
from escaltui.widgets.labels import size

if TYPE_CHECKING:
    from escaltui.safety.original import Original
    from escaltui.workbench import Workbench

TOLD_EVERY = 256 << 10
"""Bytes after which it is said again how many are here."""


class Fetching(Viewing):
    """`f`: the file that is looked at is fetched. Whoever turns to another one, or leaves, stops it."""

    fetching = ""
    """The hash of the file that comes just now."""

    def act_fetch(self, argument: str = "") -> None:
        """Fetch it. What comes is kept in memory only."""
        face = self.face
        if not self.away or self.fetching:
            return
        self.fetching, app, told = face.sha256, self.app, 0
        self._arriving(face.sha256, 0)

        def came(held: int) -> None:
            nonlocal told
            if held >= told + TOLD_EVERY:
                told = held
                app.call_later(self._arriving, face.sha256, held)

        def fetch(bench: Workbench) -> Original:
            return bench.fetch_original(face, came, lambda: self.fetching != face.sha256)

        self.read(fetch, lambda _got: self._fetched(face.sha256), group="fetch",
                  failed=lambda why: self._missed(face.sha256, why))  # fmt: skip

    def stop_fetching(self) -> None:
        """What comes just now is not wanted any more."""
        self.fetching = ""

    def _arriving(self, sha256: str, held: int) -> None:
        """How much of it is here."""
        if self.fetching == sha256 == self.face.sha256:
            self.note = _("Fetching: {n} of {of}.").format(n=size(held), of=size(self.face.size))
            self.draw_card()

    def _fetched(self, sha256: str) -> None:
        if self.fetching == sha256 == self.face.sha256:
            self.turn_to(self.at)

    def _missed(self, sha256: str, why: str) -> None:
        if self.fetching == sha256 == self.face.sha256:
            self.stop_fetching()
            self.note = _("It lies on the server: f fetches it.")
            self.draw_card()
            self.say(own(why), "refused")
