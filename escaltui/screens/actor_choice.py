"""Whose page a case leads to: its accounts, then its requester, to pick where there is more than one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, own
from escaltui.widgets.choices import numbered
from escaltui.widgets.words import number

if TYPE_CHECKING:
    from escaltui.actor_faces import AccountChoice, CaseActors
    from escaltui.app import EscaltuiApp

MOST = 12
"""Accounts that are offered; of further ones the command `actor` shows the page."""


def offer(app: EscaltuiApp, found: CaseActors, back: Callable[[], None] | None) -> None:
    """Open the only page there is, or let one be picked."""
    rows = [(_account(each), f"account {each.ref}") for each in found.accounts[:MOST]]
    if found.requester and found.requester_name is not None:
        rows.append((own(_("Requester:") + " ") + found.requester_name, f"requester {found.requester}"))

    def picked(value: str | None) -> None:
        kind, _space, rest = (value or "").partition(" ")
        if kind == "account":
            app.open_actor(rest, back)
        elif kind == "requester":
            app.open_requester(rest, back)

    if not rows:
        app.frame.say(own(_("No account and no requester is named on this case.")))
    elif len(rows) == 1:
        picked(rows[0][1])
    else:
        from escaltui.widgets.key_menu import KeyMenu

        app.push_screen(KeyMenu(own(_("Whose page?")), numbered(rows)), picked)


def _account(each: AccountChoice) -> SafeText:
    n = ngettext("{n} item", "{n} items", each.items).format(n=number(each.items))
    return own(_("Account:") + " ") + each.name + own(f"  {n}")
