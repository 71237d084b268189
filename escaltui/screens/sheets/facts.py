"""The plain facts of a case: title, summary, product, harm, countries, languages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.domain.entities import TITLE_LIMIT
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.labels import named
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.faces import CaseFace, QueueLine

TEXTS = ("title", "content_note", "product")
LISTS = ("countries", "languages")


class FactsSheet(Sheet):
    """Change facts. Only what was changed is sent, with what it was, so that a colleague's change is noticed."""

    AUTO_FOCUS = "#title"
    DEFAULT_CSS = """
    FactsSheet #summary { height: 3; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        super().__init__(_("Facts"), line, case_ids)
        self.face: CaseFace | None = None
        self.was: dict[str, str] = {}

    def fields(self) -> Iterable[Widget]:
        rules, hint = self.app.bench.rules, _("what somebody should know before looking")
        harms = [(own(_("not said")), ""), *((named(rules.harms, name), name) for name in rules.harms)]
        yield from rows((
            (_("Title"), SafeInput(id="title")),
            (_("Summary"), SafeTextArea(id="summary")),
            (_("Content note"), SafeInput(id="content_note", placeholder=hint)),
            (_("Product"), SafeInput(id="product")),
            (_("Harm"), Pick(harms, "", title=_("Harm"), id="harm")),
            (_("Countries"), SafeInput(id="countries", placeholder=_("codes, such as DE FR"))),
            (_("Languages"), SafeInput(id="languages", placeholder=_("codes, such as de fr"))),
        ))  # fmt: skip

    def on_mount(self) -> None:
        if len(self.case_ids) == 1:
            case_id = self.case_ids[0]
            self.frame.read(lambda bench: bench.case(case_id), self._fill, group="sheet", hold=True, failed=self.fail)

    def _fill(self, face: CaseFace | None) -> None:
        if face is None:
            self.fail(_("That case is not here any more."))
            return
        self.face = face
        for name, text in (
            ("title", face.line.title), ("content_note", face.content_note),
            ("product", face.product), ("countries", own(" ".join(face.countries))),
            ("languages", own(" ".join(face.languages))),
        ):  # fmt: skip
            self.query_one(f"#{name}", SafeInput).load(text)
        self.query_one("#summary", SafeTextArea).load(face.summary)
        self.query_one("#harm", Pick).value = face.harm
        self.query_one("#harm").refresh()
        self.was = self._filled()

    def _filled(self) -> dict[str, str]:
        filled = {name: self.query_one(f"#{name}", SafeInput).value.strip() for name in (*TEXTS, *LISTS)}
        filled["summary"] = self.query_one("#summary", SafeTextArea).text.strip()
        return filled | {"harm": self.query_one("#harm", Pick).value}

    def made(self) -> Made | str:
        if self.face is None:
            return _("The case is still being read.")
        now = self._filled()
        changed: dict[str, Any] = {
            name: _codes(name, value) if name in LISTS else value
            for name, value in now.items() if value != self.was[name]
        }  # fmt: skip
        if not changed:
            return _("Nothing is changed. esc goes back.")
        if not 0 < len(now["title"]) <= TITLE_LIMIT:
            return _("A title has 1 to {n} characters.").format(n=TITLE_LIMIT)
        base = {name: before for name in changed if (before := self._before(name)) is not None}
        return Made(lambda case: ops.EditCase(case=case, fields=changed, base=base), own(_("Changed.")))

    def _before(self, name: str) -> Any:
        """What a field was; None where it is not shown exactly as it is stored, so that it cannot be compared."""
        assert self.face is not None
        if name in LISTS:
            return list(getattr(self.face, name))
        if name == "harm":
            return self.face.harm
        text = self.face.line.title if name == "title" else getattr(self.face, name)
        return None if text.hidden else plain(text)


def _codes(name: str, typed: str) -> list[str]:
    words = typed.replace(",", " ").split()
    return [word.upper() if name == "countries" else word.lower() for word in words]
