"""A new case by hand: what reached us by telephone, in a meeting, over the counter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec
from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import TITLE_LIMIT
from escaltui.i18n import _
from escaltui.safety.text import block, line, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.labels import named

if TYPE_CHECKING:
    from escaltui.faces import QueueLine
    from escaltui.workbench import Workbench

FIELDS = ("title", "requester", "on_behalf_of", "items")


class NewCaseSheet(Sheet):
    """Type, title, from whom, on behalf of whom, the text, and the addresses of the items."""

    DRAFT = "new case"
    AUTO_FOCUS = "#title"
    DEFAULT_CSS = """
    NewCaseSheet SafeTextArea { height: 5; }
    """

    def __init__(self, line: QueueLine | None, case_ids: tuple[str, ...]) -> None:
        super().__init__(_("New case"), None, ())
        self.opens = ""

    @property
    def draft_key(self) -> str:
        return self.DRAFT

    def fields(self) -> Iterable[Widget]:
        rules = self.app.bench.rules
        types = [(named(rules.types, name), name) for name in rules.types]
        kinds = [(named(rules.requesters, name), name) for name in rules.requesters]
        usual = "user" if "user" in rules.requesters else next(iter(rules.requesters), "")
        yield from rows((
            (_("Type"), Pick(types, "user_escalation", title=_("Type"), id="type")),
            (_("Title"), SafeInput(id="title")),
            (_("From"), SafeInput(id="requester", placeholder=_("name of who asks"))),
            (_("Who is"), Pick(kinds, usual, title=_("Who is"), id="kind")),
            (_("On behalf of"), SafeInput(id="on_behalf_of")),
            (_("Text"), SafeTextArea(id="body")),
            (_("Items"), SafeInput(id="items", placeholder=_("addresses, with spaces between"))),
        ))  # fmt: skip

    # --- the draft: all fields

    def text(self) -> str:
        filled = {name: self.query_one(f"#{name}", SafeInput).value for name in FIELDS}
        filled["body"] = self.query_one("#body", SafeTextArea).text
        if not any(value.strip() for value in filled.values()):
            return ""
        filled |= {name: self.query_one(f"#{name}", Pick).value for name in ("type", "kind")}
        return msgspec.json.encode(filled).decode()

    def restore(self, text: str) -> None:
        try:
            filled = msgspec.json.decode(text, type=dict[str, str])
        except msgspec.DecodeError:
            filled = {"body": text}
        for name in FIELDS:
            self.query_one(f"#{name}", SafeInput).load(line(filled.get(name, "")))
        self.query_one("#body", SafeTextArea).load(block(filled.get("body", "")))
        for name in ("type", "kind"):
            if value := filled.get(name):
                self.query_one(f"#{name}", Pick).pick(value)

    # --- opening it

    def made(self) -> Made | str:
        title = self.query_one("#title", SafeInput).value.strip()
        if not 0 < len(title) <= TITLE_LIMIT:
            self.query_one("#title").focus()
            return _("A title has 1 to {n} characters.").format(n=TITLE_LIMIT)
        return Made(lambda case: ops.Follow(case=case), own(_("A new case is open.")))

    def _write(self, made: Made) -> None:
        value = {name: self.query_one(f"#{name}", SafeInput).value.strip() for name in FIELDS}
        body = self.query_one("#body", SafeTextArea).text
        kind, case_type = self.query_one("#kind", Pick).value, self.query_one("#type", Pick).value
        items = tuple(ops.NewSubject(item_type="url", url=word) for word in value["items"].split())
        self._busy = True

        def call(bench: Workbench) -> object:
            received = ops.ReceiveReport(
                requester_name=value["requester"], requester_kind=kind, on_behalf_of=value["on_behalf_of"], body=body
            )
            opened = ops.OpenCase(title=value["title"], case_type=case_type, subjects=items)
            outcome = bench.open_by_hand(received, opened)
            return outcome if isinstance(outcome, Refused) else self.accepted(bench, outcome)

        self.frame.write(call, lambda outcome: self._opened(outcome, made), failed=self.fail)

    def _opened(self, outcome: object, made: Made) -> None:
        before, app = self.app.last_made, self.app
        self._settled(outcome, made)
        app.last_made = before
        if isinstance(outcome, str):
            app.open_case(outcome)
