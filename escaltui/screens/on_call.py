"""Who is on call for a team, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import when
from escaltui.i18n import _
from escaltui.safety.text import SafeText, own
from escaltui.widgets.labels import named
from escaltui.widgets.say import plain
from escaltui.workbench.consults import reach

if TYPE_CHECKING:
    from escaltui.workbench import Workbench


def who_words(bench: Workbench, team: str, country: str) -> SafeText:
    """`Legal DE: K. Osei until 22:00, +49 ...`, or who comes next, or the team's address."""
    found = reach(bench, team, country.strip().upper())
    name = " ".join((plain(named(bench.rules.teams, team)), found.country)).strip()
    for each, said in (
        (found.on_call, _("{team}: {who} until {time}")),
        (found.following, _("{team}: {who} from {time}")),
    ):
        if each is not None:
            time = when.brief(each.until if each is found.on_call else each.since, bench.now())
            told = said.format(team=name, who=each.person or each.login, time=time)
            return own(", ".join(part for part in (told, each.call) if part))
    if found.address:
        return own(_("{team}: nobody is on the rota. Write to {address}.").format(team=name, address=found.address))
    return own(_("{team}: nobody is on the rota.").format(team=name))
