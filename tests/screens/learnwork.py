"""A desk with what is learnt on it: twelve cases from Brazil, proposals, goals, an insight kept."""

from __future__ import annotations

from typing import Any

from casebench import do, press, settle
from textual.pilot import Pilot

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.learning import Measure
from escaltui.screens.learning import LearningScreen
from escaltui.workbench import Workbench, insight, learning
from escaltui.workbench import learning_doing as doing
from escaltui.workbench.learning_doing import Proposal

SIZES = [(80, 24), (120, 36)]
DAY = 86_400_000


def do_get(bench: Workbench, op: Any) -> str:
    outcome = bench.do(op)
    return str(outcome.changes[0].entity_id)  # type: ignore[union-attr]


def opened(bench: Workbench, back: int, country: str, title: str = "Removal order") -> str:
    """A case that came some milliseconds ago."""
    opening = bench.operation_id()
    key = ids.entity_id(opening, 0)
    do(bench, ops.OpenCase(opens=key, title=title, countries=(country,), received_at=bench.now() - back))
    return key


def risen(bench: Workbench) -> Workbench:
    """Twelve from Brazil in a few hours."""
    for n in range(12):
        opened(bench, n * 60_000, "BR", "Fake ballots")
    insight.prepare(bench)
    return bench


def proposed(bench: Workbench, claim: str = "Say it plainly", **more: Any) -> str:
    case = opened(bench, DAY, "BR", "It shows it")
    line = bench.line(case)
    assert line is not None
    asked = Proposal(claim=claim, cases=f"{line.ref} never asked us", metric="volume", scope="country:BR", **more)
    outcome = doing.propose(bench, asked)
    return str(outcome.changes[0].entity_id)  # type: ignore[union-attr]


def aimed(bench: Workbench, name: str = "On time") -> str:
    of = Measure("volume", "country:BR", before=20.0, before_n=20, wanted=5.0)
    do(bench, ops.SetGoal(name=name, due=bench.now() + 30 * DAY, measure=of))
    return next(each.id for each in learning.face(bench).goals if each.name.value == name)


def kept(bench: Workbench) -> str:
    do(bench, ops.KeepInsight(key="country:BR@1", says="Twelve from Brazil", observed=12, until=bench.now(),
                              cases=tuple(bench.matching("country:BR"))))  # fmt: skip
    return learning.face(bench).insights[0].id


def one(bench: Workbench, kind: Any, key: str) -> Any:
    return bench.store.row(kind.NAME, key)


async def there(pilot: Pilot[str]) -> LearningScreen:
    await press(pilot, "g", "r")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, LearningScreen)
    return screen
