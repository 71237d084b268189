"""What a case still owes before it can be filed: questions, tasks, letters, statements, reviews, legal clocks."""

from __future__ import annotations

from collections.abc import Iterator

from escaltui.domain.decisions import EU_KINDS, Action, Decision, Statement
from escaltui.domain.entities import Case
from escaltui.domain.exchange import Consult, Message, Task
from escaltui.domain.rules.work import Work
from escaltui.domain.sentences import Said, said

_CONSULTS = frozenset({"asked", "acknowledged"})
_TASKS = frozenset({"open", "doing"})
_LETTERS = frozenset({"draft", "awaiting_signoff", "sending"})
_STATEMENTS = frozenset({"draft", "valid", "refused"})
_UNDONE = frozenset({"planned", "queued", "sent", "failed"})


def still_open(case: Case, work: Work) -> Iterator[Said]:
    """Everything that is open or owed, each named."""
    state = work.state
    if teams := [row.team for row in state.list("consults", case.id) if _is(row, Consult, _CONSULTS)]:
        yield said("questions to {teams}", teams=", ".join(teams))
    if tasks := [row.title for row in state.list("tasks", case.id) if _is(row, Task, _TASKS)]:
        yield said("tasks: {titles}", titles=", ".join(tasks))
    letters = [row for row in state.list("messages", case.id) if _is(row, Message, _LETTERS) and row.direction == "out"]
    if letters:
        yield said("letters not sent: {n}", n=len(letters))
    if undone := [row.name for row in state.list("actions", case.id) if _is(row, Action, _UNDONE)]:
        yield said("actions: {actions}", actions=", ".join(undone))
    if owed := _statements(case, work):
        yield said("statements of reasons: {n}", n=owed)
    if any(row.approval == "review_due" and row.state == "effective" for row in state.list("decisions", case.id)):
        yield said("a review of the decision")
    legal = [key for key, clock in case.clocks.items() if clock.kind == "statutory" and clock.running]
    if legal:
        yield said("legal clocks: {clocks}", clocks=", ".join(legal))


def _is(row: object, kind: type[Consult | Task | Message | Action], states: frozenset[str]) -> bool:
    return isinstance(row, kind) and row.state in states


def _statements(case: Case, work: Work) -> int:
    """How many statements of the decision in force wait to be sent, or were never drafted.

    Those never drafted count only where this team drafts them: usually a platform's own pipeline files them all.
    """
    if case.user_notice.forbids(work.ctx.now):
        return 0
    effective = {row.id for row in work.state.list("decisions", case.id)
                 if isinstance(row, Decision) and row.state == "effective"}  # fmt: skip
    drafted = [row for row in work.state.list("statements", case.id)
               if isinstance(row, Statement) and row.decision in effective]  # fmt: skip
    waiting = sum(row.state in _STATEMENTS for row in drafted)
    if not drafted:
        return 0
    met = {row.subject for row in work.state.list("actions", case.id) if isinstance(row, Action)
           and row.decision in effective and row.kind in EU_KINDS and row.state == "confirmed"}  # fmt: skip
    return waiting + len(met - {row.subject for row in drafted})
