"""The copy menu of a case. The terminal's clipboard gets only what is safe to paste."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.deciding import Deciding
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.faces import Brief, CaseFace


class Copying(Deciding):
    """What the letters of the copy menu do."""

    face: CaseFace | None

    def act_copy(self, argument: str = "") -> None:
        self.menu("copy", own(_("Copy")))

    def act_copy_reference(self, argument: str = "") -> None:
        if (line := self.line()) is not None:
            self.take(line.ref, _("Copied: {what}.").format(what=line.ref))

    def act_copy_original(self, argument: str = "") -> None:
        if (line := self.line()) is not None:
            self.read(lambda bench: bench.raw(line.id), lambda raw: self.take(raw, _("Copied the original, escaped.")))

    def act_copy_link(self, argument: str = "") -> None:
        from escaltui.widgets.subjects import link

        first = next((item.url for item in self.face.subjects if item.url), None) if self.face else None
        if first is None:
            self.say(own(_("No item here has an address.")))
        else:
            self.take(plain(link(first)), _("Copied the first item's address, made harmless."))

    def act_copy_brief(self, argument: str = "") -> None:
        if (line := self.line()) is not None:
            self.read(lambda bench: bench.brief(line.id), self._brief_taken)

    def _brief_taken(self, brief: Brief | None) -> None:
        from escaltui.screens.brief import as_text

        if brief is not None:
            self.take(as_text(brief, self.app.bench.rules), _("Copied the brief of {ref}.").format(ref=brief.ref))

    def _commands(self) -> list[keys.Action]:
        """With what has a name but no key, and `:open E-7K2QX`, which needs nothing under the cursor."""
        return [keys.BY_ID["brief"], keys.BY_ID["bundle"], keys.BY_ID["open"], *super()._commands()]

    def act_brief(self, argument: str = "") -> None:
        """The five-minute brief on one page."""
        from escaltui.screens.brief import BriefScreen

        if (line := self.line()) is not None:
            self.read(
                lambda bench: bench.brief(line.id), lambda brief: brief and self.app.push_screen(BriefScreen(brief)),
                group="brief", hold=True,
            )  # fmt: skip

    def act_bundle(self, argument: str = "") -> None:
        """`:bundle PARTY WHY`: the case as a signed file beside the store, with all rules of redaction and no files."""
        from escaltui.screens.bundling import asked, saved

        if (line := self.line()) is not None:
            self.say(own(_("The bundle is being made.")))
            self.read(partial(saved, case=line.id, wanted=asked(argument)), lambda path: self.say(
                own(_("Saved, for you alone: {path}").format(path=path)), "done"), group="bundle")  # fmt: skip

    def take(self, text: str, done: str) -> None:
        """Put text on the terminal's clipboard."""
        self.app.copy_to_clipboard(text)
        self.say(own(done), "done")
