"""The policies: look up, browse, read one section in any version, cite it into the case it was opened for."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from textual import events
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Input

from escaltui import keys, when
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Cite
from escaltui.faces import CaseFace, Hit, OutlineLine, QueueLine, SectionFace
from escaltui.i18n import N_, _, ngettext
from escaltui.safety.text import SafeText, own
from escaltui.screens.policy_settling import TOP, Settling
from escaltui.screens.policy_text import beside, citing, quote, reflowed, section_head
from escaltui.screens.sheets.note import NoteSheet
from escaltui.widgets.bindings import bindings
from escaltui.widgets.hits import Hits
from escaltui.widgets.lines import Line, MessageLine
from escaltui.widgets.outline import SECTION, Outline
from escaltui.widgets.passage import Block, Passage, blank
from escaltui.widgets.say import Part, plain
from escaltui.widgets.search_field import DIGITS, SearchField
from escaltui.widgets.section import PaneHead

COLLECT = 1.0
"""Seconds for which sections that were opened are collected before they are written down as read."""


class PolicyScreen(Settling):
    """The policies."""

    CONTEXT = "policy"
    BINDINGS = bindings("policy")
    CSS_PATH = "policy.tcss"
    AUTO_FOCUS = "SearchField"

    def __init__(self) -> None:
        super().__init__()
        self.case: QueueLine | None = None
        self.section: SectionFace | None = None
        self._wanted: tuple[str, str] = ("", "")
        self._pick_when_found: int | None = None
        self._ready = False
        self._unread = 0
        """How many sections in force read otherwise than when they were last read."""
        self._seen: dict[str, str] = {}
        """Sections that were opened, with the hash of their words, not written down yet."""

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="search"):
            sign = Line()
            sign.show((own("/"), "key"))
            yield sign
            yield SearchField(placeholder=_("words, a section, an article; arrows and enter open"))
        yield Hits()
        with Horizontal(id="halves"):
            with Vertical(id="browse"):
                yield PaneHead(0, N_("Browse"))
                yield Outline(id="outline")
            with Vertical(id="reading"):
                yield PaneHead(0, "", id="section-head")
                yield Passage(id="section")
                yield Line(id="citing")

    def opened(self) -> None:
        self._ready = True
        self._show_place()
        self.query_one("#section", Passage).show(
            [Block(((own(_("enter opens a section; it is read here.")), "quiet"),))]
        )
        self.read(lambda bench: bench.policy_outline(), self._show_outline, group="outline")
        self._count_unread()
        self._prepare()
        self.look_up(*self._wanted)

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        super().on_screen_resume(event)
        if self._ready:
            self._count_unread()
            self._prepare()

    def _count_unread(self) -> None:
        self.read(lambda bench: bench.policy_unread(), self._counted, group="unread", failed=lambda _why: None)

    def _counted(self, count: int) -> None:
        if count != self._unread:
            self._unread = count
            self._show_place()

    # --- coming here

    def look_up(self, query: str = "", case_id: str = "") -> None:
        """Begin a look-up, for a case where one is at hand."""
        self._wanted = (query, case_id)
        if not self._ready:
            return
        field = self.query_one(SearchField)
        another = case_id != (self.case.id if self.case else "")
        if query or another:
            field.load(own(query))
        if another:
            self.query_one(MessageLine).clear()
            self.set_class(False, "-reading")
            self._search("")
        field.focus()
        self.case = self.case if self.case and self.case.id == case_id else None
        if case_id:
            self.read(lambda bench: bench.case(case_id), self._for_case, group="case", hold=True)
        else:
            self._for_case(None)

    def _for_case(self, face: CaseFace | None) -> None:
        self.case = face.line if face else None
        self._show_place()
        typed = self.query_one(SearchField).value.strip()
        if not typed and face is not None and not self.query_one(Hits).hits:
            self._search(plain(face.line.title), own(_("From the title of {ref}").format(ref=face.line.ref)))

    def _show_place(self) -> None:
        right = [_("for {ref}").format(ref=self.case.ref)] if self.case else []
        if self._unread and not self.case:
            key = keys.shown(keys.keys_of(keys.BY_ID["changed"], self.app.settings.keys)[0])
            said = ngettext("{n} section unread ({key})", "{n} sections unread ({key})", self._unread)
            right.append(said.format(n=self._unread, key=key))
        if self._preparing:
            right.append(_("preparing look-up by meaning: {n} %").format(n=self._preparing))
        self.place(own(_("Policy")), right=own(" ".join(right)) if right else None)
        now = self.app.bench.now()
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))

    def _show_outline(self, lines: list[OutlineLine]) -> None:
        outline = self.query_one(Outline)
        outline.browse(lines)
        if not lines:
            said = _("No policies yet. escaltui policy import PATH takes some in.")
            outline.show([Block(((own(said), "quiet"),))])
        if self.section is not None:
            outline.reveal(self.section.document, self.section.section)

    # --- searching

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(MessageLine).clear()
        self._search(event.value.strip())

    def _search(self, typed: str, remark: SafeText | None = None) -> None:
        """Search; a look-up for an older question stops at once, so that it never keeps a newer one waiting."""
        self._asked += 1
        if not typed:
            self._searching = 0
            self.query_one(Hits).show(())
            self._open_pending()
            return
        self._searching, self._typed, self._by_hand = self._asked, typed, remark is None
        asked, case_id = self._asked, self.case.id if self.case else ""
        self.read(
            lambda bench: bench.policy_search(
                typed, limit=TOP, typing=True, case_id=case_id, stopped=lambda: asked != self._asked
            ),
            partial(self._found, asked, remark), group="search", failed=partial(self._not_found, asked),
        )  # fmt: skip

    def _found(self, asked: int, remark: SafeText | None, hits: list[Hit]) -> None:
        """Full text's answer; where a model is chosen, meaning settles it.

        A hit that was picked before any was to be seen is that of the settled list.
        """
        if asked != self._searching:
            return
        waits = self._meant and (self._pick_when_found is not None or not hits)
        self.query_one(Hits).show(hits, own("") if hits or waits else self._nothing(), unsettled=self._meant)
        if remark and hits:
            self.say(remark)
        if self._meant:
            self._settle(asked)
        if not waits:
            self._searching = 0
            self._open_pending()

    def _not_found(self, asked: int, sentence: str) -> None:
        if asked == self._searching:
            self._searching = 0
            self.query_one(Hits).show((), own(sentence))
            self._open_pending()

    def on_search_field_stepped(self, message: SearchField.Stepped) -> None:
        message.stop()
        self.query_one(Hits).step(message.by)

    def on_search_field_picked(self, message: SearchField.Picked) -> None:
        message.stop()
        self._open_hit(message.at)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self._open_hit(self.query_one(Hits).at)

    def act_pick(self, argument: str = "") -> None:
        """Open the hit with this number."""
        if argument in DIGITS:
            self._open_hit(DIGITS.index(argument))

    def _open_hit(self, at: int) -> None:
        """Open a hit; where the search is still under way, as soon as it has answered. Keys typed meanwhile wait."""
        if self._searching:
            if self._pick_when_found is None:
                self.app.gate.hold()
            self._pick_when_found = at
            return
        hits = self.query_one(Hits)
        if at < len(hits.hits):
            hits.step(at - hits.at)
            self._learn(hits.hits[at].section)
            self.open_section(hits.hits[at].section)

    def _open_pending(self) -> None:
        at, self._pick_when_found = self._pick_when_found, None
        if at is not None:
            self._open_hit(at)
            self.app.gate.release()

    def act_filter(self, argument: str = "") -> None:
        """Back to the search field."""
        field = self.query_one(SearchField)
        self.set_class(False, "-reading")
        field.focus()
        if argument:
            field.load(own(argument))

    # --- reading

    def open_section(self, section: str, version: str = "") -> None:
        """Read a section, by default as it is in force."""
        self.read(
            lambda bench: bench.policy_section(section, version), partial(self._show_section, section),
            group="section", hold=True,
        )  # fmt: skip

    def _show_section(self, asked: str, face: SectionFace | None) -> None:
        if face is None:
            self.fail(_("No section {section} here. Search for its words.").format(section=asked))
            return
        self.section = face
        self.query_one(MessageLine).clear()
        self.set_class(True, "-reading")
        self.query_one("#section-head", PaneHead).relabel("")
        self.query_one("#section-head", PaneHead).remark(section_head(face))
        passage = self.query_one("#section", Passage)
        above = [] if plain(face.path) == plain(face.heading) else [Block(((face.path, "quiet"),)), blank()]
        passage.show([*above, Block((reflowed(face.text),))])
        passage.focus(scroll_visible=False)
        self.query_one("#citing", Line).show((own(citing(face)), "quiet"), right=self._uses())
        self.query_one(Outline).reveal(face.document, face.section)
        self.refresh_keys()
        self._was_read(face)

    def _was_read(self, face: SectionFace) -> None:
        """Words in force that were before one are read: written down together, a moment after the last one."""
        if not face.in_force:
            return
        if not self._seen:
            self.set_timer(COLLECT, self._write_down)
        self._seen[face.section] = face.text_sha256

    def _write_down(self) -> None:
        read, self._seen = self._seen, {}
        self.read(
            lambda bench: bench.read_sections(read), lambda kept: None, group="receipts", failed=lambda _why: None
        )

    def _uses(self) -> tuple[Part, ...]:
        """The keys that use the section for the case."""
        if self.case is None:
            return ()
        cites = keys.shown(keys.keys_of(keys.BY_ID["link"], self.app.settings.keys)[0])
        return (own(cites), "key"), own(" " + _("cite in {ref}").format(ref=self.case.ref))

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.open_section(message.key.removeprefix(SECTION))

    def act_open(self, argument: str = "") -> None:
        if isinstance(self.focused, Passage):
            self.focused.pick()

    def act_older(self, argument: str = "") -> None:
        self._version(-1)

    def act_newer(self, argument: str = "") -> None:
        self._version(1)

    def _version(self, by: int) -> None:
        if self.section is not None and (version := beside(self.section, by)):
            self.open_section(self.section.section, version)

    def act_changed(self, argument: str = "") -> None:
        """What this version changed in the section that is open; else all that changed, unread first."""
        from escaltui.screens.policy_changes import ChangesScreen
        from escaltui.screens.policy_diff import DiffScreen

        face = self.section
        reading = face is not None and isinstance(self.focused, Passage) and self.focused.id == "section"
        if face is not None and reading and (before := beside(face, -1)):
            self.app.push_screen(DiffScreen(face.document, face.version, before, face.section))
        else:
            self.app.push_screen(ChangesScreen())

    # --- using it

    def line(self) -> QueueLine | None:
        return self.case

    def targets(self) -> tuple[str, ...]:
        return (self.case.id,) if self.case else ()

    def can(self, action: keys.Action) -> bool:
        face = self.section
        if action.verb == "changed":
            return not self.typing
        if action.verb == "older" and "policy" in action.where:
            return face is not None and bool(beside(face, -1))
        if action.verb == "newer":
            return face is not None and bool(beside(face, 1))
        if action.verb in ("link", "note"):
            return face is not None and self.case is not None
        if action.verb in ("copy", "copy_reference"):
            return face is not None
        if action.verb == "open":
            return self.typing or (isinstance(self.focused, Passage) and self.focused.can_open)
        if action.verb == "policy":
            return False
        return super().can(action)

    def act_link(self, argument: str = "") -> None:
        """Cite the section, in the version read, on the case, and go back to it."""
        face, case = self.section, self.case
        if face is not None and case is not None:
            self.write(lambda bench: bench.cite(case.id, face.section, face.version), self._cited)

    def _cited(self, outcome: object) -> None:
        face = self.section
        if isinstance(outcome, Refused):
            self.refuse(outcome)
            return
        assert face is not None
        self._learn(face.section, cited=True)
        super().act_back()
        said = _("Cited {section}, version of {version}.").format(section=face.section, version=face.version)
        self.app.frame.did(outcome, own(said))

    def act_note(self, argument: str = "") -> None:
        """A note on the case that begins with the section's words."""
        face = self.section
        if face is not None and self.case is not None:
            self.app.push_screen(NoteSheet(self.case, (self.case.id,), quote(face)))

    def act_decide(self, argument: str = "") -> None:
        """Decide the case with the section that is open, in the version that was read."""
        face = self.section
        if face is not None and self.case is not None:
            from escaltui.screens.sheets.decide import DecideSheet

            cite = Cite(face.section, face.version, face.text_sha256, plain(face.heading))
            self.app.push_screen(DecideSheet(self.case, (self.case.id,), cite))

    def act_precedents(self, argument: str = "") -> None:
        """How the case's like were decided."""
        if self.case is not None:
            from escaltui.screens.precedents import open_precedents

            open_precedents(self, self.case)

    def act_copy(self, argument: str = "") -> None:
        self.menu("copy", own(_("Copy")))

    def act_copy_reference(self, argument: str = "") -> None:
        """Copy a citation."""
        face = self.section
        if face is not None:
            self.read(lambda bench: bench.citation(face.section, face.version), self._copied)

    def _copied(self, citation: str) -> None:
        self.app.copy_to_clipboard(plain(own(citation)))
        self.say(own(_("Copied: {what}").format(what=citation)), "done")

    def act_back(self, argument: str = "") -> None:
        """From a section to the search in a narrow window, else back to where one came from."""
        if self.typing or not self.has_class("-narrow") or not self.has_class("-reading"):
            super().act_back(argument)
        else:
            self.set_class(False, "-reading")
            self.query_one(SearchField).focus()
