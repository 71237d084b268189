"""Questions to teams and their answers (the design's domain page, sections 2 and 4)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from escaltui.domain.consults import PRIVILEGED_TEAMS, is_open, legal_due, usual_due
from escaltui.domain.entities import BODY_LIMIT, TITLE_LIMIT, Case, Consult, Person, Waiting
from escaltui.domain.operations import (
    AckConsult,
    AnswerConsult,
    AskConsult,
    DeclineConsult,
    OfferAnswer,
    WithdrawConsult,
)
from escaltui.domain.rules.guards import body_fits, filled, instant, is_lead, live_lease, replaced
from escaltui.domain.rules.moving import own_stream
from escaltui.domain.rules.open_work import counted
from escaltui.domain.rules.status import target
from escaltui.domain.rules.work import Refusal, Work, need
from escaltui.domain.sentences import words

OPTIONS = 9
"""As many answers to choose from as there are digits."""


def ask(op: AskConsult, work: Work) -> None:
    """A question to a team. Its answer is due before what the law or the letter asks for.

    One that fewer may see than its case lies in their stream; the case's own tells that something is asked of the team.
    """
    case, ctx = work.case(op.case), work.ctx
    _allowed(op, work)
    team = ctx.rules.teams[op.team]
    due = usual_due(case, team, ctx.now, ctx.rules) if op.due is None else _in_time(op.due, case, ctx.now)
    consult = Consult(
        id=work.new_id(), stream=case.stream, created_at=ctx.now, created_by=ctx.actor, case=case.id,
        team=op.team, question=op.question.strip(), background=op.background, options=op.options, due=due,
        binding=op.binding, sensitivity=op.sensitivity,
    )  # fmt: skip
    work.put(replace(consult, stream=own_stream(consult, case.stream, work)))
    case = counted(case, "consult", 1)
    work.put(_waiting(case, op.team, work) if op.wait else case)


def _allowed(op: AskConsult, work: Work) -> None:
    filled("A consult", team=op.team, question=op.question)
    teams = work.ctx.rules.teams
    need(op.team in teams, "invalid", "There is no team {team!r}.", "Teams: {known}.", fields=("team",),
         team=op.team[:40], known=words(*teams))  # fmt: skip
    need(op.binding == "advice" or not teams[op.team].advice_only, "invalid", "{team} gives advice only.",
         "Ask for advice, or ask another team.", rule=f"teams.toml:{op.team}", fields=("binding",),
         team=words(op.team))  # fmt: skip
    need(op.sensitivity != "privileged" or op.team in PRIVILEGED_TEAMS, "invalid",
         "A privileged question goes to {teams} only.", "Ask them, or leave privilege out.", fields=("sensitivity",),
         teams=words(*sorted(PRIVILEGED_TEAMS)))  # fmt: skip
    need(len(op.options) <= OPTIONS, "invalid", "At most {most} answers to choose from.", "Leave some out.",
         fields=("options",), most=OPTIONS)  # fmt: skip
    for option in op.options:
        need(option.strip() and len(option) <= TITLE_LIMIT, "invalid",
             "An answer to choose has 1 to {limit} characters.", "Shorten it.", fields=("options",),
             limit=TITLE_LIMIT)  # fmt: skip
    for name in ("question", "background"):
        body_fits(getattr(op, name), BODY_LIMIT, name, "Attach the rest as a file.")


def _in_time(due: int, case: Case, now: int) -> int:
    instant(due, "due")
    need(due > now, "invalid", "That time has passed.", "Choose a later one.", fields=("due",))
    legal = legal_due(case, now)
    if legal is not None and due >= legal[2]:
        key, clock, _due = legal
        raise Refusal("blocked", "{ref} is due before that answer: {clock}.",
                      "Ask for an earlier answer, or leave the time out.", fields=("due",), ref=case.ref,
                      clock=f"{key} {clock.words}".strip() if clock.words else words(clock.metric))  # fmt: skip
    return due


def _waiting(case: Case, team: str, work: Work) -> Case:
    """The case waits for the team: a row of the transition table, with the claim's protection of other verbs."""
    lease = live_lease(case, work.ctx.now)
    other = lease.person if lease is not None and lease.person != work.ctx.actor else ""
    need(not other or is_lead(work), "lost_claim", "{who} holds {ref}.", "Ask without waiting, or write to them.",
         who=other, ref=case.ref)  # fmt: skip
    return replaced(case, status=target(case, "wait"), lease=None, waiting=Waiting(team, None, case.status))


def _asked(op: AckConsult | AnswerConsult | DeclineConsult | WithdrawConsult | OfferAnswer, work: Work) -> Consult:
    """The question an operation names, on this case and still open."""
    consult = work.row(Consult, op.consult)
    need(consult.case == op.case, "not_found", "There is no such question on this case.", "Look at its consults.")
    need(is_open(consult), "stale", "That question is {state}.", "Look at its answer, or ask anew.",
         state=words(consult.state))  # fmt: skip
    return consult


def acknowledge(op: AckConsult, work: Work) -> None:
    """The team has seen it."""
    consult = _asked(op, work)
    need(consult.state == "asked", "stale", "That question is {state}.", "Answer it.", state=words(consult.state))
    work.put(replace(consult, state="acknowledged", acknowledged_by=work.ctx.actor))


def answer(op: AnswerConsult, work: Work) -> None:
    """The answer, by somebody of the team or with its source; an empty one takes what came by mail."""
    consult, ctx = _asked(op, work), work.ctx
    said, source = op.answer.strip(), op.source.strip()
    if not said and consult.offered:
        said, source = consult.offered, source or consult.offered_by
    filled("An answer", answer=said)
    body_fits(said, BODY_LIMIT, "answer", "Attach the rest as a file.")
    if not source:
        source = _of_team(op, consult, work)
    after = replace(consult, state="answered", answer=said, source=source, answered_by=ctx.actor, answered_at=ctx.now)
    _ended(consult, after, work)


def _of_team(op: AnswerConsult, consult: Consult, work: Work) -> str:
    """The name of the actor, who must be of the team that was asked: who else writes it down says where it is from."""
    ctx = work.ctx
    people = [row for row in work.state.list("login", op.by) if isinstance(row, Person)] if op.by == ctx.actor else []
    of_team = any(person.team == consult.team for person in people)
    need(of_team, "incomplete", "You are not of {team}: this answer needs a source.", "Say who answered, and how.",
         fields=("source",), team=words(consult.team))  # fmt: skip
    return people[0].name or ctx.actor


def decline(op: DeclineConsult, work: Work) -> None:
    """The team does not answer."""
    consult = _asked(op, work)
    filled("Declining", reason=op.reason)
    work.reason = op.reason
    _ended(consult, replace(consult, state="declined", reason=op.reason), work)


def withdraw(op: WithdrawConsult, work: Work) -> None:
    """The question is settled otherwise."""
    consult = _asked(op, work)
    filled("Withdrawing a question", reason=op.reason)
    work.reason = op.reason
    _ended(consult, replace(consult, state="withdrawn", reason=op.reason), work)


def _ended(before: Consult, after: Consult, work: Work) -> None:
    """A question that is open no more: counted, and a case that waits for its team alone wakes."""
    case = counted(work.case(before.case), "consult", -1)
    if before.offered:
        case = counted(case, "offered", -1)
    work.put(replace(after, offered="", offered_by=""))
    others = (row for row in work.state.list("consults", case.id) if isinstance(row, Consult) and row.id != before.id)
    still = any(is_open(row) and row.team == before.team for row in others)
    waits = case.waiting is not None and case.waiting.on == before.team
    if case.status == "waiting" and waits and not still:
        case = replaced(case, status=target(case, "wake"), waiting=None)
    work.put(case)


def offer(op: OfferAnswer, work: Work) -> None:
    """An answer came by mail: it waits for one key. The same mail offers nothing twice."""
    consult = work.row(Consult, op.consult)
    if op.message_id and op.message_id in consult.offered_with:
        need(consult.case == op.case, "not_found", "There is no such question on this case.", "Look at its consults.")
        return
    consult = _asked(op, work)
    filled("An answer", body=op.body)
    body_fits(op.body, BODY_LIMIT, "body", "Attach the rest as a file.")
    if not consult.offered:
        work.put(counted(work.case(op.case), "offered", 1))
    known = (*consult.offered_with, *([op.message_id] if op.message_id else []))
    work.put(replace(consult, offered=op.body, offered_by=op.sender, offered_with=known))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    AskConsult: ask, AckConsult: acknowledge, AnswerConsult: answer, DeclineConsult: decline,
    WithdrawConsult: withdraw, OfferAnswer: offer,
}  # fmt: skip
ROLES: dict[type[Any], Callable[[Any, Work], None]] = {}
