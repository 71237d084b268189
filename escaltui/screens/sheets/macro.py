"""Run a macro: what it asks for, one line each, then what it would do, then all of it or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import i18n, wording
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.widgets.labels import word

if TYPE_CHECKING:
    from escaltui.domain.macros import Macro
    from escaltui.screens.exchanging import Exchanging
    from escaltui.workbench.macros import Ran


def ask_macro(screen: Exchanging, macro: Macro) -> None:
    """Ask for each of its values, show what it would do, and do it."""
    _next(screen, macro, list(macro.questions(i18n.language())), {})


def _next(screen: Exchanging, macro: Macro, left: list[tuple[str, str]], values: dict[str, str]) -> None:
    """`left`: (name, question) of each value still to ask for."""
    if not left:
        _preview(screen, macro, values)
        return
    field, question = left[0]
    screen.ask(
        own(macro.titled(i18n.language())), own(question),
        lambda typed: _next(screen, macro, left[1:], values | {field: typed}),
    )  # fmt: skip


def _preview(screen: Exchanging, macro: Macro, values: dict[str, str]) -> None:
    from escaltui.workbench import macros

    case_id = screen.targets()[0]
    screen.read(
        lambda bench: macros.run(bench, macro, case_id, values, dry_run=True),
        lambda outcome: _show(screen, macro, values, outcome), group="macro", hold=True,
    )  # fmt: skip


def _show(screen: Exchanging, macro: Macro, values: dict[str, str], outcome: Ran | Refused) -> None:
    from escaltui.widgets.ask import Confirm
    from escaltui.workbench import macros

    refused = _refusal(outcome)
    if refused is not None or isinstance(outcome, Refused):
        screen.fail(refused or "")
        return
    case_id = screen.targets()[0]

    def confirmed(answer: str | None) -> None:
        if answer == "yes":
            screen.write(
                lambda bench: macros.run(bench, macro, case_id, values),
                lambda ran: screen.did(ran, own(_("Done: {what}.").format(what=macro.titled(i18n.language())))),
            )

    steps = ", ".join(word(step.verb) for step in outcome.steps)
    changed = ", ".join(word(each) for each in outcome.changed)
    note = own(_("{steps}. It changes: {changed}. One undo takes all of it back.").format(steps=steps, changed=changed))
    screen.app.push_screen(Confirm(own(macro.titled(i18n.language()) + "?"), note=note), confirmed)


def _refusal(outcome: Ran | Refused) -> str | None:
    """Why it cannot be run, in words; None where it can."""
    refused = outcome if isinstance(outcome, Refused) else next((s.refused for s in outcome.steps if s.refused), None)
    return " ".join(wording.refusal(refused)) if refused is not None else None
