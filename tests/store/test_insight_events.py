"""What happened on cases, as metrics count it; and trends go with the schema they were made on."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from decided_store import Decided
from in_force import put

from escaltui.domain.clock import At, Clock
from escaltui.domain.decisions import Approval
from escaltui.domain.entities import Consult
from escaltui.insight.metrics import HOUR
from escaltui.store import Store, insights, migrate

NOW = 1_790_000_000_000 + HOUR * 200


@pytest.fixture
def decided(store: Store) -> Decided:
    return Decided(store)


def told(desk: Decided) -> dict[str, list[float]]:
    """The values of everything that happened, by kind."""
    assert insights.refresh(desk.store, NOW)
    rows = desk.store.read(lambda connection: connection.execute("SELECT kind, value FROM insight_event").fetchall())
    found: dict[str, list[float]] = {}
    for kind, value in rows:
        found.setdefault(kind, []).append(value)
    return {kind: sorted(values) for kind, values in found.items()}


def clock(kind: Any, stopped: int | None, breached: int | None = None) -> Clock:
    return Clock(kind, "m", NOW - 9 * HOUR, At(NOW - 5 * HOUR), state="stopped" if stopped else "running",
                 stopped_at=stopped, breached_at=breached)  # fmt: skip


def test_times_to_decide_second_deciders_and_appeals(decided: Decided) -> None:
    insights.refresh(decided.store, NOW)
    one = decided.decision(needs=("approver",), approvals=(Approval("approver", "bo", 1),))
    case = decided.store.case(one.case)
    assert case is not None
    put(decided.store, msgspec.structs.replace(one, effective_at=case.received_at + 6 * HOUR))
    decided.decision(needs=("approver",), returned="Say which law.", appeal_outcome="overturned")
    decided.decision(appeal_outcome="upheld")
    decided.decision(state="proposed", effective_at=None)  # not in force: nothing happened yet
    found = told(decided)
    assert found["decided"][-1] == 6
    assert len(found["decided"]) == 3
    assert found["approval"] == [0, 1]
    assert found["appeal"] == [0, 1]


def test_clocks_are_kept_or_missed(decided: Decided) -> None:
    in_time, late = NOW - 6 * HOUR, NOW - 4 * HOUR
    decided.case(clocks={"a": clock("statutory", in_time), "b": clock("sla", in_time)})
    decided.case(clocks={"a": clock("statutory", late), "b": clock("statutory", None, late)})
    decided.case(clocks={"a": clock("statutory", None)})  # still to be met: neither
    found = told(decided)
    assert found["law"] == [0, 0, 1]
    assert found["sla"] == [1]


def test_questions_count_once_they_are_answered(decided: Decided) -> None:
    case = decided.case()
    insights.refresh(decided.store, NOW)
    asked = Consult(id="Q1", case=case, team="legal", created_at=NOW - 30 * HOUR)
    put(decided.store, asked)
    assert "consult" not in told(decided)
    put(decided.store, msgspec.structs.replace(asked, state="answered", answered_at=NOW - 6 * HOUR))
    assert told(decided)["consult"] == [24]


def test_of_a_privileged_case_nothing_is_told_that_happened(decided: Decided) -> None:
    made = decided.decision()
    assert told(decided)["decided"]  # the control
    decided.set(made.case, sensitivity="privileged")
    assert told(decided).get("decided") is None


def test_a_step_of_the_schema_takes_trends_away_whole(decided: Decided) -> None:
    decided.decision()
    before = told(decided)
    decided.store.write(migrate._drop_derived)
    sql = "SELECT count(*) FROM sqlite_master WHERE name LIKE 'insight\\_%' ESCAPE '\\'"
    assert decided.store.read(lambda connection: connection.execute(sql).fetchone()[0]) == 0
    assert told(decided) == before
