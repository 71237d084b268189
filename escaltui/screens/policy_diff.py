"""Two versions of a policy: the sections that changed, and the words of one; what rests on it, one key away."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from escaltui import keys, when
from escaltui.i18n import N_, _
from escaltui.reading_faces import SectionDiff, VersionDiff
from escaltui.safety.text import own
from escaltui.screens.masking import Masked
from escaltui.widgets.bindings import bindings
from escaltui.widgets.lines import Line
from escaltui.widgets.passage import Block, Passage, blank
from escaltui.widgets.say import Part
from escaltui.widgets.section import PaneHead

if TYPE_CHECKING:
    from escaltui.screens.policy_diff_rows import Pair
    from escaltui.workbench import Workbench

BESIDE = 150
"""Columns from which the two texts stand side by side."""
KINDS = {"added": N_("added"), "retired": N_("retired"), "changed": N_("changed"), "moved": N_("moved")}
IMPACTS = {
    "clarifies": N_("clarifies"), "narrows": N_("narrows"), "widens": N_("widens"), "new": N_("new rule"),
    "retired": N_("retired"),
}  # fmt: skip
LOOKS = {"added": "new", "retired": "refused", "changed": "near", "moved": "quiet"}


class DiffScreen(Masked):
    """What one version changed in another."""

    CONTEXT = "policy"
    BINDINGS = bindings("policy")
    CSS_PATH = "policy_diff.tcss"
    AUTO_FOCUS = "#sections"

    def __init__(self, document: str, after: str = "", before: str = "", section: str = "") -> None:
        super().__init__()
        self.wanted = (document, after, before)
        self.section = section
        """The one that is open, "" for none."""
        self.face: VersionDiff | None = None
        self._rows: list[Pair] = []

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="halves"):
            with Vertical(id="browse"):
                yield PaneHead(0, N_("Sections"), id="browse-head")
                yield Passage(id="sections")
            with Vertical(id="reading"):
                yield PaneHead(0, "", id="section-head")
                yield Passage(id="words")
                yield Line(id="rests")

    def opened(self) -> None:
        self._show_place()
        document, after, before = self.wanted
        self.read(
            lambda bench: bench.policy_diff(document, after, before), self._show, group="diff", failed=self._nothing,
            hold=True,
        )  # fmt: skip

    def _nothing(self, sentence: str) -> None:
        self.fail(sentence)
        self.query_one("#sections", Passage).show([Block(((own(sentence), "quiet"),))])

    def _show_place(self) -> None:
        line = self.face.line if self.face else None
        said = _("{old} to {new}").format(old=line.before or _("nothing"), new=line.version) if line else ""
        self.place(own(_("Policy")), own(_("What changed")), *([line.title] if line else []), right=own(said))
        now = self.app.bench.now()
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))

    def _show(self, face: VersionDiff) -> None:
        self.face = face
        self.wanted = (face.line.document, face.line.version, face.line.before)
        self._show_place()
        browse = self.query_one("#sections", Passage)
        browse.show(section_blocks(face))
        named = [each.section for each in face.sections]
        if self.section in named:
            browse.go_to(self.section)
            self._open(self.section)
        else:
            self.section = ""
            self.query_one("#words", Passage).show([])
            self.query_one("#rests", Line).show()
            self.set_class(False, "-reading")
            browse.focus(scroll_visible=False)
        self.refresh_keys()

    # --- one section

    @property
    def here(self) -> SectionDiff | None:
        """The section that is open."""
        found = self.face.sections if self.face else ()
        return next((each for each in found if each.section == self.section), None)

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self._open(message.key)

    def _open(self, section: str) -> None:
        """Make its words ready in a thread, then show them; to have them before one is to read them."""
        self.section = section
        each = self.here
        if each is None:
            return

        def ready(bench: Workbench) -> list[Pair]:
            from escaltui.screens.policy_diff_rows import pairs

            if each.text_sha256 and self.face and self.face.line.state == "in_force":
                bench.read_sections({section: each.text_sha256})
            return pairs(each.pieces)

        self.read(ready, partial(self._words, each), group="words", hold=True)

    def _words(self, each: SectionDiff, rows: list[Pair]) -> None:
        self._rows = rows
        self.set_class(True, "-reading")
        head = own(f"{each.section} ") + each.heading + own(f"  {_(KINDS[each.kind])}")
        self.query_one("#section-head", PaneHead).remark(head)
        self.query_one("#rests", Line).show((own(rests(each)), "quiet"), right=self._key(each))
        self._draw(top=True)
        self.query_one("#words", Passage).focus(scroll_visible=False)
        self.refresh_keys()

    def _key(self, each: SectionDiff) -> tuple[Part, ...]:
        if not each.open_cases and not each.decided_cases:
            return ()
        sign = keys.shown(keys.keys_of(keys.BY_ID["why"], self.app.settings.keys)[0])
        return (own(sign), "key"), own(" " + _("which"))

    def _draw(self, *, top: bool) -> None:
        """The words, side by side where there is room: laid out in a thread."""
        passage, rows = self.query_one("#words", Passage), self._rows
        wide, width = self.size.width >= BESIDE, passage.words_width

        def laid(_bench: Workbench) -> list[Block]:
            from escaltui.screens.policy_diff_rows import beside, under

            return beside(rows, width) if wide and width > 0 else under(rows)

        self.read(laid, partial(self._drawn, top=top), group="draw", hold=top)

    def _drawn(self, words: list[Block], top: bool) -> None:
        if (each := self.here) is not None:
            about = [Block(((own(text), "quiet"),)) for text in _about(each)]
            self.query_one("#words", Passage).show([*about, *([blank()] if about else []), *words], top=top)

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        if self.section and self._rows:
            self.call_after_refresh(self._draw, top=False)

    # --- keys

    def can(self, action: keys.Action) -> bool:
        line = self.face.line if self.face else None
        if action.verb == "open":
            return self.focused is self.query_one("#sections", Passage) and bool(self.face and self.face.sections)
        if action.verb == "yes":
            return line is not None and line.must_ack and not line.acked
        if action.verb == "why":
            each = self.here
            return each is not None and bool(each.open_cases or each.decided_cases)
        if action.verb == "changed":
            return bool(self._others())
        if action.verb in ("older", "newer"):
            return bool(self._beside(-1 if action.verb == "older" else 1))
        return action.verb != "policy" and super().can(action)

    def act_open(self, argument: str = "") -> None:
        """The words of the section under the cursor."""
        self.query_one("#sections", Passage).pick()

    def _beside(self, by: int) -> str:
        if self.face is None or self.face.line.version not in self.face.versions:
            return ""
        at = self.face.versions.index(self.face.line.version) + by
        return self.face.versions[at] if 0 <= at < len(self.face.versions) else ""

    def act_older(self, argument: str = "") -> None:
        self._turn(-1)

    def act_newer(self, argument: str = "") -> None:
        self._turn(1)

    def _turn(self, by: int) -> None:
        """What the version before, or after, changed in the one before it."""
        if version := self._beside(by):
            document = self.wanted[0]
            self.read(lambda bench: bench.policy_diff(document, version), self._show, group="diff", hold=True)

    def _others(self) -> list[str]:
        """The versions that this one may be compared with besides the one it is, the newest first."""
        line = self.face.line if self.face is not None else None
        known = reversed(self.face.versions) if self.face is not None else ()
        return [each for each in known if line is not None and each not in (line.version, line.before)]

    def act_changed(self, argument: str = "") -> None:
        """Compare with any other version."""
        from escaltui.widgets.choices import numbered
        from escaltui.widgets.key_menu import KeyMenu

        title = own(_("Compare {version} with").format(version=self.wanted[1]))
        self.app.push_screen(KeyMenu(title, numbered([(own(each), each) for each in self._others()])), self._against)

    def _against(self, version: str | None) -> None:
        """The older of the two stands first, whichever was picked."""
        if version and self.face is not None:
            document = self.wanted[0]
            older, newer = sorted((self.wanted[1], version), key=self.face.versions.index)
            self.read(lambda bench: bench.policy_diff(document, newer, older), self._show, group="diff", hold=True)

    def act_yes(self, argument: str = "") -> None:
        """I have read and understood this version."""
        document, version, _before = self.wanted
        done = own(_("Acknowledged: {document} {version}.").format(document=document, version=version))
        self.write(lambda bench: bench.acknowledge(document, version), partial(self.did, done=done, then=self._acked))

    def _acked(self) -> None:
        if self.face is not None:
            self.face = self.face._replace(line=self.face.line._replace(acked=True, overdue=False))
            self.refresh_keys()

    def act_why(self, argument: str = "") -> None:
        """The cases that rest on other words than these, and what to do with them."""
        from escaltui.screens.policy_affected import open_affected

        if (each := self.here) and self.face is not None:
            open_affected(self, each.section, self.face.line.version if each.text_sha256 else "")

    def act_back(self, argument: str = "") -> None:
        """From the words to the sections in a narrow window, else back to where one came from."""
        if self.has_class("-narrow") and self.has_class("-reading") and self.face and len(self.face.sections) > 1:
            self.set_class(False, "-reading")
            self.query_one("#sections", Passage).focus()
        else:
            super().act_back(argument)


def section_blocks(face: VersionDiff) -> list[Block]:
    """One line a section: whether it is unread, what became of it, and what its author says that does."""
    if not face.sections:
        return [Block(((own(_("No section differs.")), "quiet"),))]
    blocks = []
    if face.line.note:
        blocks = [Block((face.line.note,)), blank()]
    for each in face.sections:
        parts: list[Part] = [(own("N " if each.unread else "  "), "new")]
        parts += [(own(f"{_(KINDS[each.kind])}  "), LOOKS[each.kind]), each.heading]
        parts.append((own(f"  {each.section}"), "quiet"))
        if each.impact != "unknown":
            parts.append((own("  " + _(IMPACTS[each.impact])), "near"))
        if each.open_cases or each.decided_cases:
            said = _("{open} open, {decided} decided").format(open=each.open_cases, decided=each.decided_cases)
            parts.append((own(f"  {said}"), "key"))
        blocks.append(Block(tuple(parts), indent=2, key=each.section))
    return blocks


def rests(each: SectionDiff) -> str:
    """`14 open and 37 decided cases rest on changed text`."""
    if each.kind in ("added", "moved"):
        return _("no case rests on other words")
    said = _("{open} open and {decided} decided cases rest on changed text")
    return said.format(open=each.open_cases, decided=each.decided_cases)


def _about(each: SectionDiff) -> list[str]:
    """What is to be said before the words."""
    found = []
    if each.moved_from:
        found.append(_("moved from {section}").format(section=each.moved_from))
    if each.kind == "moved":
        found.append(_("The same words, in another place."))
    elif not each.pieces:
        found.append(_("A heading without words of its own."))
    return found
