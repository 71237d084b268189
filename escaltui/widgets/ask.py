"""One line asked for, and yes or no."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from textual.widget import Widget
from textual.widgets import Input

from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.widgets.field import SafeInput
from escaltui.widgets.key_menu import Choice, KeyMenu
from escaltui.widgets.lines import MessageLine
from escaltui.widgets.modal import Modal

Check = Callable[[str], str]
"""What was typed -> a sentence that says how to mend it, "" where it is good."""


class Ask(Modal[str]):
    """One line of text. Dismisses with it, or None; an answer that fails the check stays, with a sentence."""

    DEFAULT_CSS = """
    Ask SafeInput { background: $background; }
    """

    def __init__(
        self,
        title: SafeText,
        *,
        hint: SafeText | None = None,
        value: SafeText | None = None,
        check: Check | None = None,
        empty: bool = False,
    ) -> None:
        super().__init__(title)
        self.hint, self.value, self.check, self.empty = hint, value, check, empty

    def body(self) -> Iterable[Widget]:
        if self.hint:
            yield self.words(self.hint, "quiet")
        yield SafeInput(self.value)
        yield MessageLine()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.act_submit()

    def act_submit(self, argument: str = "") -> None:
        """Give the answer back, if it is one."""
        typed = self.query_one(SafeInput).value.strip()
        problem = "" if typed or self.empty else _("Type something, or esc goes back.")
        problem = problem or (self.check(typed) if self.check else "")
        if problem:
            self.query_one(MessageLine).say(own(problem), "refused")
        else:
            self.dismiss(typed)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.query_one(MessageLine).clear()


class Confirm(KeyMenu):
    """Yes or no; the focus is on No. Dismisses with "yes", "no" or None."""

    def __init__(self, question: SafeText, *, note: SafeText | None = None) -> None:
        choices = (Choice("n", own(_("No")), "no"), Choice("y", own(_("Yes")), "yes"))
        super().__init__(question, choices, note=note)
