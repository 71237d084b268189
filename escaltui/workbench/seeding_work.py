"""The work of the demo desk: what was decided on cases that are over, and what is under way on open ones."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from escaltui.demo import decided
from escaltui.domain import ids, operations
from escaltui.domain.decisions import Cite, Line, LineAction

if TYPE_CHECKING:
    from escaltui.demo.shapes import DemoCase, DemoStep
    from escaltui.domain.operations import Operation
    from escaltui.workbench.door import Workbench

MINUTE = 60_000
HELD = 31_000
"""After the undo window."""
DONE = 64_000
"""When what was to be done by hand was done."""


class Asked(NamedTuple):
    """An operation of the demo's past: who asked for it, and when."""

    at: int
    actor: str
    op: Operation
    op_id: str


def op_id(key: str, n: int, at: int) -> str:
    """The id of a case's n-th operation: the same at each making."""
    return ids.operation_id(at, hashlib.sha256(f"{key}/{n}".encode()).digest()[:10])


def case_id(key: str) -> str:
    """The id of a demo case; a key may be one."""
    return key if ids.is_id(key) else ids.entity_id(f"demo/{key}", 0)


def pins(bench: Workbench) -> dict[str, Cite]:
    """The sections that sample cases are decided on, pinned to their words."""
    from escaltui.workbench.deciding import cite_of

    found = (cite_of(bench, section) for section in dict.fromkeys(decided.SECTIONS.values()))
    return {cite.section: cite for cite in found if cite is not None}


def decision(
    case: DemoCase, step: DemoStep, at: int, now: int, known: Mapping[str, Cite]
) -> tuple[Asked, ...]:  # fmt: skip
    """In place of a dismissal: claimed, decided, carried out, done. Nothing for other steps and other cases."""
    made = decided.decided(case) if step.verb == "dismiss" and at + DONE < now else None
    if made is None or made.section not in known:
        return ()
    return tuple(_decided(case, step.actor, at, made, known[made.section], done=True))


def _decided(
    case: DemoCase, actor: str, at: int, made: decided.DemoDecision, cite: Cite, *, done: bool
) -> Iterator[Asked]:  # fmt: skip
    key = case_id(case.key)
    line = Line(
        made.outcome, own_policy="breaks" if made.action else "clear",  # type: ignore[arg-type]
        ground="incompatible_content" if made.action else "none", cites=(cite,),
        actions=(LineAction(made.action),) if made.action else (),
    )  # fmt: skip
    proposing = op_id(f"{case.key}/decide", 1, at)
    yield Asked(at, actor, operations.Claim(case=key), op_id(f"{case.key}/decide", 0, at))
    propose = operations.ProposeDecision(case=key, lines=(line,), rationale=made.rationale)
    yield Asked(at, actor, propose, proposing)
    later = at + HELD
    yield Asked(later, "system", operations.EnforceDecision(case=key), op_id(f"{case.key}/decide", 2, later))
    if made.action and done:
        items = {(each.item_type, each.item_id or each.url) for each in case.subjects}
        deeds = tuple(ids.entity_id(proposing, n + 1) for n in range(len(items)))
        reference = f"CL-{int(hashlib.sha256(case.key.encode()).hexdigest()[:6], 16) % 90_000 + 10_000}"
        result = operations.RecordActionResult(case=key, actions=deeds, reference=reference)
        yield Asked(at + DONE, actor, result, op_id(f"{case.key}/decide", 3, at + DONE))


def at_work(case: DemoCase, after: int, now: int, known: Mapping[str, Cite]) -> Iterator[Asked]:
    """On a few open cases: a question asked (one of them answered by mail), a task, actions to be done by hand."""
    kind, at = decided.at_work(case) if known else "", max(after, now - 40 * MINUTE)
    key, n = case_id(case.key), int(hashlib.sha256(case.key.encode()).hexdigest()[:4], 16)
    if kind == "task":
        task = operations.AddTask(case=key, title=decided.TASKS[n % len(decided.TASKS)], assignee="rmarin")
        yield Asked(at, "rmarin", task, op_id(f"{case.key}/work", 0, at))
    elif kind == "consult":
        team, question, answer = decided.QUESTIONS[n % len(decided.QUESTIONS)]
        asking = op_id(f"{case.key}/work", 0, at)
        ask = operations.AskConsult(case=key, team=team, question=question)
        yield Asked(at, "rmarin", ask, asking)
        if answer:
            offer = operations.OfferAnswer(
                case=key, consult=ids.entity_id(asking, 0), body=answer, sender="kosei@commonlea.example",
                message_id=f"<{n}@commonlea.example>",
            )  # fmt: skip
            yield Asked(at + MINUTE, "intake", offer, op_id(f"{case.key}/work", 1, at + MINUTE))
    elif kind == "by_hand":
        made = decided.decided(case)
        if made is not None and made.action and made.section in known:
            yield from _decided(case, "rmarin", at, made, known[made.section], done=False)
