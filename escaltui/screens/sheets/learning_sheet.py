"""What the sheets of recommendations and goals share: fields as texts, a draft of them, work in a thread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from escaltui import when
from escaltui.domain.changes import Refused
from escaltui.safety.text import block, line, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeInput, SafeTextArea
from escaltui.widgets.form import Pick

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.store.values import Done
    from escaltui.workbench import Workbench


class LearningSheet(Sheet):
    """Its fields by id are texts: a draft is all of them, where they are not as the sheet began with."""

    TEXTS: tuple[str, ...] = ()
    KEY = ""
    """What the draft is of, beside the kind of sheet: an id, a line, or nothing."""

    def on_mount(self) -> None:
        self.given = self.filled()

    @property
    def draft_key(self) -> str:
        return f"{self.DRAFT} {self.KEY}".rstrip()

    # --- fields as texts

    def filled(self) -> dict[str, str]:
        """What each field holds."""
        found = {}
        for name in self.TEXTS:
            field = self.query_one(f"#{name}")
            if isinstance(field, SafeTextArea):
                found[name] = field.text.strip()
            elif isinstance(field, Pick | SafeInput):
                found[name] = field.value.strip()
        return found

    def changed(self) -> Mapping[str, str]:
        """The fields that are not as the sheet began with."""
        return {name: text for name, text in self.filled().items() if text != self.given.get(name)}

    def text(self) -> str:
        found = self.changed() if hasattr(self, "given") else {}
        return msgspec.json.encode(found).decode() if found else ""

    def restore(self, text: str) -> None:
        try:
            found = msgspec.json.decode(text, type=dict[str, str])
        except (msgspec.DecodeError, msgspec.ValidationError):
            return
        for name in set(found) & set(self.TEXTS):
            field = self.query_one(f"#{name}")
            if isinstance(field, SafeTextArea):
                field.load(block(found[name]))
            elif isinstance(field, SafeInput):
                field.load(line(found[name]))
            elif isinstance(field, Pick) and any(each.value == found[name] for each in field.choices):
                field.pick(found[name])

    def instant(self, typed: str, was: int | None) -> int | None:
        """A time as it is typed; one that is there already stays, though it may be past. Raises WhenError."""
        if was is not None and typed == when.day(was):
            return was
        return when.parse(typed, self.app.bench.now()) if typed else None

    # --- doing it

    def check(self) -> str:
        """A sentence that says what is missing, "" where nothing is."""
        return ""

    def work(self, bench: Workbench, filled: Mapping[str, str], changed: frozenset[str]) -> Done | Refused:
        """In the thread: do it."""
        raise NotImplementedError

    def made(self) -> Made | str:
        return self.check() or Made(_nothing, own(""))

    def done_words(self) -> str:
        """What is said once it is done."""
        return ""

    def act_submit(self, argument: str = "") -> None:
        if self._busy:
            return
        if missing := self.check():
            self.say(own(missing), "refused")
            return
        self._busy, filled, changed = True, self.filled(), frozenset(self.changed())

        def call(bench: Workbench) -> object:
            outcome = self.work(bench, filled, changed)
            return outcome if isinstance(outcome, Refused) else self.accepted(bench, outcome)

        self.frame.write(call, self._worked, failed=self.fail)

    def _worked(self, outcome: object) -> None:
        if isinstance(outcome, Refused):
            self._settled(outcome, Made(_nothing, own("")))
            return
        frame, said = self.frame, own(self.done_words())
        self._busy = False
        self.dismiss(None)
        frame.did(outcome, said)


def _nothing(_case: str) -> Operation:
    raise NotImplementedError
