"""Write to a party, from a template or freely. `ctrl+s` keeps the letter; then it is shown as it will leave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, get_args

from textual.widget import Widget
from textual.widgets.text_area import Selection

from escaltui import i18n
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.exchange import Party
from escaltui.i18n import _
from escaltui.safety.text import block, line, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.key_menu import numbered
from escaltui.widgets.labels import word
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.store.values import Done
    from escaltui.work_faces import LetterFace
    from escaltui.workbench import Workbench
    from escaltui.workbench.letters import Drafted

_ASIDE, _GAP = re.compile(r"\s*\(\{\{[^}]*\}\}\)"), re.compile(r"\{\{[^}]*\}\}")


class ReplySheet(Sheet):
    """A letter. Templates are offered for the case's party; what has no value yet stands out in brackets."""

    DRAFT = "letter"
    AUTO_FOCUS = "#template"
    DEFAULT_CSS = """
    ReplySheet #body { height: 9; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...], letter: LetterFace | None = None) -> None:
        super().__init__(_("Write for"), line, case_ids)
        self.letter = letter
        self.drafted: Drafted | None = None
        self._kept_id = ""

    def fields(self) -> Iterable[Widget]:
        parties = [(own(word(each)), each) for each in get_args(Party)]
        letter = self.letter
        yield from rows((
            (_("Template"), Pick([(own(_("none: written freely")), "")], "", title=_("Template"), id="template")),
            (_("To"), Pick(parties, letter.party if letter else "requester", title=_("To"), id="party")),
            (_("Address"), SafeInput(letter.address if letter else None, id="address",
                                     placeholder=_("empty: the one we know"))),
            (_("Subject"), SafeInput(letter.subject if letter else None, id="subject")),
            (_("Letter"), SafeTextArea(letter.body if letter else None, id="body")),
        ))  # fmt: skip

    def on_mount(self) -> None:
        if self.letter is not None:
            self.query_one("#body").focus()
        self.frame.read(_templates, self._offer_templates, group="templates", hold=True, failed=self.fail)

    def _offer_templates(self, found: list[tuple[str, str]]) -> None:
        pick = self.query_one("#template", Pick)
        none = (own(_("none: written freely")), "")
        pick.choices = numbered([none, *((line(title), name) for name, title in found)])
        pick.refresh()

    def on_pick_changed(self, event: Pick.Changed) -> None:
        event.stop()
        if event.pick.id != "template" or not event.pick.value:
            self.focus_next()
            return
        case_id, template = self.case_ids[0], event.pick.value

        def draft(bench: Workbench) -> Drafted:
            from escaltui.workbench import letters

            return letters.draft(bench, case_id, template)

        self.frame.read(draft, self._fill, group="template", hold=True, failed=self.fail)

    def _fill(self, drafted: Drafted) -> None:
        from escaltui import wording

        self.drafted = drafted
        op = drafted.op
        self.query_one("#party", Pick).value = op.party
        self.query_one("#party").refresh()
        self.query_one("#address", SafeInput).load(own(op.address))
        self.query_one("#subject", SafeInput).load(own(op.subject))
        body = self.query_one("#body", SafeTextArea)
        body.load(block(op.body))
        body.selection = _first_gap(body.text)
        told = [_("Still to fill in: {what}.").format(what=", ".join(drafted.missing))] if drafted.missing else []
        told += [wording.told(drafted.language_said)] if drafted.language_said else []
        self.say(own(" ".join(told)), "near" if told else "")
        self.query_one("#body").focus()

    def text(self) -> str:
        return self.query_one("#body", SafeTextArea).text

    def restore(self, text: str) -> None:
        self.query_one("#body", SafeTextArea).load(block(text))

    def made(self) -> Made | str:
        body = self.query_one("#body", SafeTextArea).text
        if not body.strip():
            return _("Write the letter, or pick a template.")
        address, subject = (self.query_one(f"#{name}", SafeInput).value.strip() for name in ("address", "subject"))
        party = self.query_one("#party", Pick).value
        used = self.drafted.op if self.drafted is not None else None
        letter = self.letter
        return Made(
            lambda case: ops.DraftMessage(
                case=case, party=party, body=body, message=letter.id if letter else self._kept_id,  # type: ignore[arg-type]
                template=used.template if used else letter.template if letter else "",
                language=used.language if used else letter.language if letter else "en",
                signoff_role=used.signoff_role if used else "", address=address, subject=subject,
            ),
            own(_("Letter kept.")), self.draft_key,
        )  # fmt: skip

    def _settled(self, outcome: object, made: Made) -> None:
        """Show the kept letter as it will leave."""
        frame, case_id = self.frame, self.case_ids[0]
        super()._settled(outcome, made)
        if isinstance(outcome, Refused):
            return
        done: Done = outcome  # type: ignore[assignment]
        key = next((change.entity_id for change in done.changes if change.entity == "message"), "")

        def shown(letters: tuple[LetterFace, ...]) -> None:
            letter = next((each for each in letters if each.id == key), None)
            if letter is not None:
                frame.open_letter(letter)  # type: ignore[attr-defined]

        frame.read(lambda bench: _letters(bench, case_id), shown, group="letter", hold=True)

    def _state(self) -> tuple[object, ...]:
        return (self.text(), *(plain(own(each.value)) for each in self.query(SafeInput)))


def _first_gap(text: str) -> Selection:
    """The first placeholder, so that what is typed takes its place; else the beginning."""
    for row, words in enumerate(text.split("\n")):
        if found := _GAP.search(words):
            return Selection((row, found.start()), (row, found.end()))
    return Selection.cursor((0, 0))


def _templates(bench: Workbench) -> list[tuple[str, str]]:
    from escaltui.workbench import letters

    library = letters.templates(bench)
    found = {each.id: library.find(each.id, (i18n.language(),)) or each for each in library.all}
    titles = {name: _GAP.sub("...", _ASIDE.sub("", each.title)) for name, each in found.items()}
    return sorted(titles.items(), key=lambda each: each[1])


def _letters(bench: Workbench, case_id: str) -> tuple[LetterFace, ...]:
    face = bench.case(case_id)
    return face.work.letters if face is not None else ()
