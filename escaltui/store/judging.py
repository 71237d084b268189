"""Who judges what is asked of a store: itself where it is alone, and for now only where it follows a server."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from escaltui.domain.changes import Change, Refused
from escaltui.domain.operations import Operation
from escaltui.store import authority
from escaltui.store.authority import Authority
from escaltui.store.driver import Connection
from escaltui.store.pending import Pending
from escaltui.store.values import Done, Who

if TYPE_CHECKING:
    from escaltui.domain.ruleset import RuleSet

Asked = tuple[Operation, Who, int, str]
"""An operation, who asks for it, when, and its id ("" for a new one)."""


def judged(connection: Connection, asked: Asked, rules: RuleSet, *, alone: bool) -> tuple[Change, ...] | Refused:
    """What would become of an operation; nothing is written. `alone`: the store follows no server."""
    op, who, now, op_id = asked
    judge = (Authority if alone else Pending)(connection, who, now, rules)
    return judge.judge(op, op_id)


def run_each(connection: Connection, asked: Sequence[Asked], rules: RuleSet, *, alone: bool) -> list[Done | Refused]:
    """Judge operations in order, each for who asks and at its own instant, within the caller's transaction."""
    if not asked:
        return []
    _, first, at, _ = asked[0]
    judge: Authority | Pending
    if alone:
        judge = Authority(connection, first, at, rules, authority.known(connection, [op_id for *_, op_id in asked]))
    else:
        judge = Pending(connection, first, at, rules)
    results = []
    for op, who, now, op_id in asked:
        judge.acting(who, now)
        results.append(judge.run(op, op_id))
    judge.finish()
    return results
