"""Decide: policy first, law second; a default line, and further lines for some of the items.

The draft is a whole decision, kept each second. A pick goes on to the next empty field, so that a decision is a handful
of keys: outcome, section, action, `ctrl+s`. What it would need and touch is worked out by the rules as it is filled in.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING

import msgspec
from textual import events
from textual.widget import Widget
from textual.widgets import Input

from escaltui.domain.decisions import OUTCOMES, Cite
from escaltui.i18n import _
from escaltui.safety.text import SafeText, block, join, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.cited import hold
from escaltui.screens.sheets.decision_call import CALL, StandingCall, calls_for
from escaltui.screens.sheets.decision_draft import DecisionDraft, LineDraft, decoded, fits, letters
from escaltui.widgets.chips import Chips
from escaltui.widgets.decision_lines import DecisionLines
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.key_menu import Choice
from escaltui.widgets.labels import named, word
from escaltui.widgets.lines import Line as TextLine
from escaltui.widgets.say import Part

if TYPE_CHECKING:
    from escaltui.faces import CaseFace, Hit, QueueLine
    from escaltui.screens.sheets.decision_call import Call
    from escaltui.workbench import Workbench
    from escaltui.workbench.deciding import Preview

SIGNS = "1234567" + "98ab"
"""The keys of the outcomes: 1 to 7 are those that judge, 9, 8, a, b those that answer. 0 applies a standing call."""
LOOK = 3
"""How many sections are offered under the field."""
NEW_LINE = "N"


class DecideSheet(StandingCall):
    """The decision sheet, for one case or the marked set."""

    DRAFT = "decision"
    AUTO_FOCUS = "#outcome"
    DEFAULT_CSS = """
    DecideSheet #why { height: 3; }
    DecideSheet #hits, DecideSheet #cited, DecideSheet #step, DecideSheet #needs, DecideSheet #reach { height: 1; }
    DecideSheet #needs { margin-top: 1; }
    DecideSheet #call { height: 1; display: none; }
    DecideSheet #said { max-height: 4; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...], cite: Cite | None = None) -> None:
        super().__init__(_("Decide"), line, case_ids)
        self.face: CaseFace | None = None
        self.draft, self.brought = DecisionDraft(), DecisionDraft()
        self.at = 0
        self.preview: Preview | None = None
        self.calls: list[Call] = []
        if cite is not None:
            self.draft.lines[0].cites.append(cite)

    def fields(self) -> Iterable[Widget]:
        outcomes = [(own(word(name)), name) for name in OUTCOMES]
        yield TextLine(id="call")
        yield DecisionLines(id="lines")
        yield TextLine(id="step")
        yield from rows((
            (_("Outcome"), Pick(outcomes, "", title=_("Outcome"), id="outcome", letters=SIGNS)),
            (_("Section"), SafeInput(id="section", placeholder=_("a section or words; enter cites the best"))),
            ("", TextLine(id="hits")),
            (_("Action"), Chips(title=_("Action"), empty=_("none"), id="actions")),
            (_("Where"), SafeInput(id="where", placeholder=_("the world; or countries, such as DE FR"))),
            (_("Why"), SafeTextArea(id="why")),
            (_("More"), Chips(title=_("More"), empty=_("nothing more"), id="more")),
        ))  # fmt: skip
        yield TextLine(id="needs")
        yield TextLine(id="reach")

    def on_mount(self) -> None:
        self.draw()
        if self.case_ids:
            case_id, one = self.case_ids[0], len(self.case_ids) == 1
            self.frame.read(
                lambda bench: (bench.case(case_id) if one else None, calls_for(bench, case_id)),
                partial(self._found, one=one), group="sheet", hold=True, failed=self.fail,
            )  # fmt: skip

    def _found(self, found: tuple[CaseFace | None, list[Call]], *, one: bool) -> None:
        face, calls = found
        self.show_calls(calls)
        if one:
            self._fill(face)

    def _fill(self, face: CaseFace | None) -> None:
        if face is None:
            self.fail(_("That case is not here any more."))
            return
        self.face = face
        self._bring()
        self.draw()

    def _bring(self) -> None:
        """What the case brings in where the decision is still to begin, whichever comes first: the case or a draft."""
        if self.face is not None and not self.draft.lines[0].cites and self.now.outcome == "":
            self.begin(self.face)

    # --- drawing

    def draw(self) -> None:
        """Everything as the draft says."""
        line = self.now
        outcome = self.query_one("#outcome", Pick)
        outcome.value = line.outcome
        outcome.refresh()
        self.query_one("#lines", DecisionLines).tell(self.draft, self.face, self.at, self.app.bench.rules)
        self.query_one("#actions", Chips).offer(self._actions(), line.actions)
        self.draw_more()
        self._draw_cited()
        self._draw_step()
        self.draw_reach()

    def _draw_step(self) -> None:
        if self.now.legal:
            said = _("2 Law second: what does the order still ask for?")
        else:
            said = _("1 Policy first: does it break our own rules?")
        several = self.face is not None and len(self.face.subjects) > 1
        more: list[Part] = (
            [own("   "), (own(NEW_LINE), "key"), (own(" " + _("another line")), "quiet")] if several else []
        )
        self.query_one("#step", TextLine).show((own(said), "quiet"), *more)

    def _draw_cited(self, hits: list[Hit] | None = None) -> None:
        """What is cited, or what the typed words find."""
        parts: list[Part] = []
        for n, hit in enumerate((hits or [])[:LOOK], 1):
            parts += [(own(f"{'  ' if n > 1 else ''}{hit.section} "), "key" if n == 1 else ""), (hit.heading, "quiet")]
        if hits is None:
            for cite in self.now.cites:
                parts += [(own(f"[{cite.section}]"), "heading"), (own(f" {cite.heading}  "), "quiet")]
        self.query_one("#hits", TextLine).show(*parts)

    def _actions(self) -> list[Choice]:
        rules = self.app.bench.rules
        found = fits(list(rules.actions.values()), self._kinds(), self.now.outcome)
        return [Choice(letter, named(rules.actions, row.id), row.id) for letter, row in letters(found)]

    def _kinds(self) -> frozenset[str]:
        """The kinds of item that the line at hand covers."""
        if self.face is None:
            return frozenset()
        items = self.draft.free_items(self.at, self.face.subjects)
        covers = set(self.now.covers) or {item.id for item in items}
        return frozenset(item.item_type for item in items if item.id in covers)

    # --- filling in

    def on_pick_changed(self, event: Pick.Changed) -> None:
        event.stop()
        self.say(own(""))
        self.now.take(event.pick.value)
        self.draw()
        self._on()

    def on_chips_switched(self, event: Chips.Switched) -> None:
        event.stop()
        if event.chips.id == "more":
            self.switched_more(event.value)
            return
        self.now.actions = list(event.chips.on)
        self.changed()
        if event.value in event.chips.on:
            self._on()

    def _on(self) -> None:
        """To the next field that is still empty."""
        line = self.now
        if line.wants_section:
            wanted = "#section"
        elif line.wants_action:
            wanted = "#actions"
        else:
            wanted = "#why"
        self.query_one(wanted).focus()
        self.changed()

    def changed(self) -> None:
        """Something is filled in: say what it would need and touch."""
        self.query_one("#lines", DecisionLines).tell(self.draft, self.face, self.at, self.app.bench.rules)
        self.draw_more()
        made = self.made()
        if isinstance(made, str) or len(self.case_ids) != 1:
            return
        op = made.make(self.case_ids[0])

        def look(bench: Workbench) -> Preview:
            from escaltui.workbench.deciding import preview

            return preview(bench, op)  # type: ignore[arg-type]

        self.frame.read(look, self._previewed, group="decision", failed=self.fail)

    def _previewed(self, found: Preview) -> None:
        self.preview = found
        self.draw_reach()

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if event.input.id == "where":
            self.now.territory = tuple(event.value.replace(",", " ").upper().split())
            self.changed()
        elif event.input.id == "section" and event.value.strip():
            typed, case_id = event.value.strip(), self.case_ids[0] if len(self.case_ids) == 1 else ""
            self.frame.read(
                lambda bench: bench.policy_search(typed, limit=LOOK, typing=True, case_id=case_id), self._draw_hits,
                group="sections", failed=self.fail,
            )  # fmt: skip
        elif event.input.id == "section":
            self._draw_cited()

    def _draw_hits(self, hits: list[Hit]) -> None:
        if self.query_one("#section", SafeInput).value.strip():
            self._draw_cited(hits)

    def on_text_area_changed(self, event: SafeTextArea.Changed) -> None:
        event.stop()
        self.draft.rationale = event.text_area.text
        self.changed()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.prevent_default()  # not to the next field, but to the next that is empty
        typed = event.value.strip()
        if event.input.id != "section" or not typed:
            self._on()
            return
        case_id = self.case_ids[0] if len(self.case_ids) == 1 else ""

        def find(bench: Workbench) -> Cite | None:
            from escaltui.workbench.deciding import cite_typed

            return cite_typed(bench, typed, case_id)

        self.frame.read(find, self._cited, group="cite", hold=True, failed=self.fail)

    def _cited(self, cite: Cite | None) -> None:
        if cite is None:
            self.fail(_("No section is like that. Type its id, or other words."))
            return
        self.now.cites = [each for each in self.now.cites if each.section != cite.section] + [cite]
        self.query_one("#section", SafeInput).value = ""
        self._draw_cited()
        self._on()

    def on_key(self, event: events.Key) -> None:
        """`N` opens another line from wherever no text is typed; backspace in an empty section field takes the last
        citation off."""
        section = self.query_one("#section", SafeInput)
        if event.character == NEW_LINE:  # a text field keeps its own letters
            self.open_items(new=True)
            event.stop()
        elif event.character == CALL and self.calls:
            self.apply_call()
            event.stop()
        elif event.key == "backspace" and self.focused is section and not section.value and self.now.cites:
            self.now.cites.pop()
            self._draw_cited()
            self.changed()
            event.stop()

    # --- lines

    def on_decision_lines_stepped(self, event: DecisionLines.Stepped) -> None:
        event.stop()
        self.turn_to(event.at)

    def turn_to(self, at: int) -> None:
        """Fill in another line."""
        self.at = max(0, min(at, len(self.draft.lines) - 1))
        self.query_one("#where", SafeInput).load(own(" ".join(self.now.territory)))
        self.draw()

    def on_decision_lines_opened(self, event: DecisionLines.Opened) -> None:
        """Other items for the line at hand."""
        event.stop()
        self.open_items(new=False)

    def open_items(self, *, new: bool) -> None:
        """Another line for some of the items; or other items for the one at hand."""
        if self.face is None or len(self.face.subjects) < 2:
            self.say(own(_("Further lines are for cases with two items or more.")))
            return
        from escaltui.screens.sheets.items import ItemsBox

        at = len(self.draft.lines) if new else self.at
        if at == 0:
            self.say(own(_("The first line covers what no other line names. N opens another line.")))
            return
        free = self.draft.free_items(at, self.face.subjects)
        on = frozenset(() if new else self.now.covers)
        self.app.push_screen(ItemsBox(own(_("Items of line {n}").format(n=at + 1)), free, on), self._items(at))

    def _items(self, at: int):  # type: ignore[no-untyped-def]
        def chosen(items: tuple[str, ...] | None) -> None:
            if items is None:
                return
            if at == len(self.draft.lines):
                if not items:
                    return
                self.draft.lines.append(LineDraft())
            if items:
                self.draft.lines[at].covers = items
            else:
                del self.draft.lines[at]
            self.turn_to(at)
            self.query_one("#outcome").focus()
            self.changed()

        return chosen

    # --- the draft, and doing it

    def text(self) -> str:
        return "" if self.draft in (DecisionDraft(), self.brought) else self.draft.encoded()

    def restore(self, text: str) -> None:
        found = decoded(text)
        if found is not None and found.lines:
            self.draft, self.at = found, 0
            self.query_one("#why", SafeTextArea).load(block(found.rationale))
            self._bring()
            self.turn_to(0)
            self.changed()

    def made(self) -> Made | str:
        rules = self.app.bench.rules
        try:
            op = self.draft.operation("", rules.actions)
        except msgspec.ValidationError:
            return _("Pick an outcome for each line.")
        pending = self.preview is not None and self.preview.approval == "pending"
        return Made(lambda case: msgspec.structs.replace(op, case=case), self._said(pending), self.draft_key)

    def _said(self, pending: bool) -> SafeText:
        """What is said of it once it is accepted."""
        outcomes = join(
            [own(word(name)) for name in dict.fromkeys(line.outcome for line in self.draft.lines)], own(", ")
        )
        verb = _("Proposed:") if pending else _("Decided:")
        then = _("It waits for approval.") if pending else _("u takes it back within 30 s.")
        return own(verb + " ") + outcomes + own(". " + then)

    def done(self, outcome: object, made: Made) -> SafeText:
        """As it was accepted: what was worked out while it was filled in may be of a moment before."""
        from escaltui.store import Done
        from escaltui.workbench.deciding import foreseen

        if not isinstance(outcome, Done):
            return made.done
        return self._said(foreseen(outcome.changes).approval == "pending")

    def act_submit(self, argument: str = "") -> None:
        """Not before what is cited was read, where words of it are masked."""
        if self._busy or isinstance(self.made(), str) or not hold(self.app, self.face, self.draft):
            super().act_submit(argument)

    def _state(self) -> tuple[object, ...]:
        return (self.draft.encoded(),)
