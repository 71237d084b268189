"""Questions to teams from the keyboard: the usual ones, who is on call, the answer as somebody of a team."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from escaltui import rota
from escaltui.domain import consults, who
from escaltui.domain.consults import Summary
from escaltui.domain.entities import Consult
from escaltui.domain.operations import AnswerConsult, AskConsult
from escaltui.i18n import _
from escaltui.workbench.desk import NotKnown

if TYPE_CHECKING:
    from escaltui.domain.changes import Refused
    from escaltui.domain.who import OnCall
    from escaltui.store.values import Done
    from escaltui.workbench.door import Workbench


ROLE_TEAMS = {"counsel": "legal", "comms": "comms"}
"""The team whose rota says who holds a role now, where a decision or a letter waits for that role."""


class Reach(NamedTuple):
    """How a team is reached for a country now: who is on call, else who comes next, and its address.

    `problems`: why there is no rota, a sentence each.
    """

    team: str
    country: str
    on_call: OnCall | None
    following: OnCall | None
    address: str
    problems: tuple[str, ...] = ()


def usual(bench: Workbench, case_id: str) -> tuple[AskConsult, ...]:
    """The usual questions for a case that nobody asked yet, ready to be asked or changed."""
    rows = bench.store.bundle(case_id)
    if rows is None:
        return ()
    asks = consults.usual(rows.case, rows.consults, bench.rules)
    return tuple(AskConsult(case=rows.case.id, team=row.team, question=_(row.question)) for row in asks)


def answer(bench: Workbench, case_id: str, consult: str, text: str = "", source: str = "") -> Done | Refused:
    """Write an answer down as the person at the keyboard; "" takes the one that came by mail."""
    by = "" if source else bench.me
    return bench.do(AnswerConsult(case=case_id, consult=consult, answer=text, source=source, by=by))


def summary(bench: Workbench, consult_id: str) -> Summary | None:
    """What may leave the house of a question; None where there is none."""
    row = bench.store.row(Consult.NAME, consult_id)
    case = bench.store.case(row.case) if isinstance(row, Consult) else None
    return consults.summary(case, row) if isinstance(row, Consult) and case is not None else None


def reach(bench: Workbench, team: str, country: str = "") -> Reach:
    """Who of a team is on call for a country now, by the rota of the settings, else by one kept beside the store.

    Raises NotKnown for a team that no rule file names.
    """
    rules, now = bench.rules, bench.now()
    if team not in rules.teams:
        known = ", ".join(rules.teams)
        raise NotKnown(_("There is no team {team!r}. Teams: {known}.").format(team=team, known=known))
    shifts, faults = rota.load_or_none(rules, bench.config.folder, bench.store.folder)
    found = who.on_call(team, country, now, rules, shifts)
    following = None if found else who.next_on_call(team, country, now, rules, shifts)
    return Reach(team, country, found, following, rules.teams[team].address, faults)


def role_on_call(bench: Workbench, role: str, country: str = "") -> OnCall | None:
    """Who may give a role's yes now, as far as a rota says: beside pending approvals and refusals."""
    team = ROLE_TEAMS.get(role, "")
    return reach(bench, team, country).on_call if team in bench.rules.teams else None
