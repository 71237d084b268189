"""The ways to look a policy up, each alone and all together, as `policy evaluate` measures them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from escaltui.policy.fusion import CASES, MEANING, TEXT, Near
from escaltui.policy.library import PolicyHit
from escaltui.policy.model_files import ModelError
from escaltui.store import policies
from escaltui.store.driver import Connection
from escaltui.workbench.library import today

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

Way = Callable[[str], list[PolicyHit]]
_ANY_PRECEDENT = "SELECT EXISTS (SELECT 1 FROM decision_cite)"


def methods(bench: Workbench, connection: Connection) -> tuple[dict[str, Way], dict[str, str]]:
    """Ways to look up by name, and why others are not run: there is no model, or no decided case.

    `fts5`: plain full text, the yardstick; `text`: with stems; `synonyms`: the team's, too; `meaning`: the query as it
    was typed, by meaning alone; `precedents`: what like decided cases cited; `fusion`: all of it, as people see it.
    """
    day, team = today(bench), bench.synonyms
    found: dict[str, Way] = {
        "fts5": policies.plain_search(connection),
        "text": lambda query: policies.search(connection, query, on=day, synonyms={}),
        "synonyms": lambda query: policies.search(connection, query, on=day, synonyms=team),
    }
    why = _in_the_way(bench)
    decided = bool(connection.execute(_ANY_PRECEDENT).fetchone()[0])

    def near(query: str, synonyms: bool = True) -> Near:
        return Near() if why else bench.meaning.near(query, synonyms=synonyms) or Near()

    def settled(query: str, how: Near, *lists: str) -> list[PolicyHit]:
        return policies.settle(connection, query, how, on=day, lists=lists, synonyms=team)

    if not why:
        found["meaning"] = lambda query: settled(query, near(query, synonyms=False), MEANING)
    if decided:
        found["precedents"] = lambda query: settled(query, near(query), CASES)
    if not why or decided:
        found["fusion"] = lambda query: settled(query, near(query), TEXT, MEANING, CASES)
    absent = {"meaning": why} if why else {}
    return found, absent if decided else absent | {"precedents": "no decided case cites a section"}


def _in_the_way(bench: Workbench) -> str:
    """Why there is no look-up by meaning, "" where there is."""
    chosen = bench.meaning.chosen()
    if chosen is None:
        return "no model is chosen (escaltui policy model use PATH)"
    try:
        bench.meaning.encoder(chosen)
    except ModelError as error:
        return str(error)
    return ""
