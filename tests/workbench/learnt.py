"""Cases by country, proposals and what they came to, by reading every row there is."""

from __future__ import annotations

import random
from typing import Any

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.entities import Case
from escaltui.insight.series import DAY
from escaltui.learning_faces import RecommendationFace
from escaltui.store import Done
from escaltui.workbench import Workbench, learning
from escaltui.workbench import learning_doing as doing
from escaltui.workbench.learning_doing import Proposal


def received(hands: Any, at: int, country: str) -> str:
    """A case that came at an instant."""
    bench = hands.bench
    opening = bench.operation_id()
    key = ids.entity_id(opening, 0)
    opened = ops.OpenCase(opens=key, title="Removal order", countries=(country,), received_at=at)
    assert isinstance(bench.do(opened, op_id=opening), Done)
    return key


def scattered(hands: Any, seed: int, n: int = 120) -> None:
    """Cases of two countries over four months, at random."""
    draw = random.Random(seed)
    for _case in range(n):
        received(hands, hands.now - draw.randrange(120 * DAY), draw.choice(("BR", "DE")))


def came(bench: Workbench, since: int, until: int, country: str = "") -> int:
    """How many cases came from `since`, before `until`: by reading every row there is."""
    cases = (bench.store.row(Case.NAME, key) for key in bench.matching(""))
    rows = [each for each in cases if isinstance(each, Case)]
    return sum(since <= each.received_at < until and (not country or country in each.countries) for each in rows)


def made(outcome: Any) -> str:
    assert isinstance(outcome, Done), outcome
    return outcome.changes[0].entity_id


def proposed(hands: Any, **more: Any) -> str:
    case = hands.case("Shows it")
    ref = hands.bench.line(case).ref
    asked = {"claim": "Say it plainly", "cases": f"{ref} words of it", "metric": "volume", "scope": "country:BR"}
    return made(doing.propose(hands.bench, Proposal(**asked | more)))


def face_of(bench: Workbench, key: str) -> RecommendationFace:
    found = learning.whole(bench, "recommendation", key)
    assert isinstance(found, RecommendationFace)
    return found
