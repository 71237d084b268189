"""Watches and risks by the rules."""

from __future__ import annotations

from typing import Any

import pytest
from desk import DAY, LEAD, NOW, SYSTEM, Desk
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain import operations as ops
from escaltui.domain.entities import Risk, Watch


def kept(desk: Desk, **more: Any) -> str:
    fields: dict[str, Any] = {"name": "Names, BR", "query": "country:BR", "threshold": 3, "minutes": 60}
    desk.do(ops.SetWatch(**(fields | more)))
    return str(desk.of(Watch)[-1].id)


def watch(desk: Desk, key: str) -> Watch:
    found = desk.rows["watch", key]
    assert isinstance(found, Watch)
    return found


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("incomplete", {"name": " "}),
        ("incomplete", {"query": ""}),
        ("invalid", {"name": "x" * 201}),
        ("invalid", {"query": "sort:age"}),
        ("invalid", {"query": "colour:red"}),
        ("invalid", {"threshold": -1}),
        ("invalid", {"minutes": 0}),
        ("invalid", {"minutes": 7 * 24 * 60 + 1}),
        ("invalid", {"desk": "moon"}),
        ("not_found", {"watch": "nothing"}),
    ],
)
def test_a_watch_that_cannot_be_kept(code: str, fields: dict[str, Any]) -> None:
    asked: dict[str, Any] = {"name": "n", "query": "tag:a"}
    Desk().no(code, ops.SetWatch(**(asked | fields)))


def test_a_rule_that_every_case_meets_is_refused() -> None:
    found = Desk().no("invalid", ops.SetWatch(name="all", query="sort:newest"))
    assert "Every case meets" in found.reason


def test_a_watch_is_changed_by_its_owner_or_a_lead_and_counts_anew() -> None:
    desk = Desk()
    key = kept(desk)
    desk.do(ops.TripWatch(watch=key, count=4))
    change = ops.SetWatch(watch=key, name="Names", query="country:BR", threshold=3, minutes=60)
    desk.do(change)
    assert (watch(desk, key).name, watch(desk, key).state) == ("Names", "tripped"), "a new name changes no count"
    wider = ops.SetWatch(watch=key, name="Names", query="country:BR", threshold=9, minutes=60, base={"threshold": 3})
    desk.no("not_allowed", wider, "grace")
    desk.do(wider, "grace", LEAD)
    assert (watch(desk, key).state, watch(desk, key).count, watch(desk, key).tripped_at) == ("on", 0, None)
    desk.no("stale", wider)
    desk.do(ops.SetWatch(watch=key, name="Names", query="country:BR", threshold=9, minutes=60, state="off"))
    desk.do(ops.TripWatch(watch=key, count=50))
    assert watch(desk, key).state == "off"


def test_who_may_count_and_see_one() -> None:
    desk = Desk()
    key = kept(desk)
    desk.no("not_allowed", ops.TripWatch(watch=key, count=4), "grace")
    desk.no("invalid", ops.TripWatch(watch=key, count=-1))
    desk.no("stale", ops.SeeWatch(watch=key))
    desk.no("not_found", ops.SeeWatch(watch="x"))
    desk.no("not_found", ops.TripWatch(watch="x", count=1), "system", SYSTEM)
    desk.do(ops.TripWatch(watch=key, count=4), "system", SYSTEM)
    desk.do(ops.SeeWatch(watch=key), "grace")
    desk.do(ops.SeeWatch(watch=key), "ada")
    assert watch(desk, key).seen_by == "grace"


@given(st.lists(st.integers(0, 7), max_size=40), st.integers(0, 5))
def test_it_trips_once_a_crossing(counts: list[int], threshold: int) -> None:
    desk = Desk()
    key = kept(desk, threshold=threshold)
    trips, above = 0, False
    for count in counts:
        desk.now += 1000
        before = watch(desk, key)
        desk.do(ops.TripWatch(watch=key, count=count))
        after = watch(desk, key)
        trips += before.state == "on" and after.state == "tripped"
        assert (after.state == "tripped") == (count > threshold)
        assert after == before or (count > threshold) != above, "the same side is not written again"
        above = count > threshold
    sides = [count > threshold for count in counts]
    assert trips == sum(now and not was for was, now in zip([False, *sides], sides, strict=False))


@pytest.mark.parametrize(
    ("code", "fields"),
    [
        ("incomplete", {"title": ""}),
        ("invalid", {"title": "x" * 201}),
        ("invalid", {"title": "t", "likelihood": 0}),
        ("invalid", {"title": "t", "impact": 4}),
        ("invalid", {"title": "t", "review_on": -1}),
        ("invalid", {"title": "t", "says": "x" * ((1 << 20) + 1)}),
        ("invalid", {"title": "t", "desk": "moon"}),
        ("incomplete", {"title": "t", "state": "closed"}),
        ("not_found", {"title": "t", "incident": "nothing"}),
        ("not_found", {"risk": "nothing"}),
    ],
)
def test_a_risk_that_does_not_fit(code: str, fields: dict[str, Any]) -> None:
    Desk().no(code, ops.SetRisk(**fields))


def test_a_risk_is_written_changed_and_closed_with_a_reason() -> None:
    desk = Desk()
    desk.do(ops.SetRisk(title="Election day", likelihood=3, impact=3, review_on=NOW + DAY))
    (risk,) = desk.of(Risk)
    assert (risk.owner, risk.state) == ("ada", "open")
    desk.no("not_allowed", ops.SetRisk(risk=risk.id, impact=1), "grace")
    desk.do(ops.SetRisk(risk=risk.id, owner="grace", base={"owner": "ada"}))
    desk.no("stale", ops.SetRisk(risk=risk.id, owner="lin", base={"owner": "ada"}), "grace")
    desk.do(ops.SetRisk(risk=risk.id, state="closed", reason="The day is over"), "grace")
    (risk,) = desk.of(Risk)
    assert (risk.state, risk.reason, risk.impact) == ("closed", "The day is over", 3)


def test_a_risk_ends_in_an_incident() -> None:
    desk = Desk()
    desk.do(ops.SetRisk(title="A wave"))
    desk.do(ops.DeclareIncident(name="Wave", summary="Many alike", severity=1), roles=LEAD)
    incident = next(row.id for key, row in desk.rows.items() if key[0] == "incident")
    desk.do(ops.SetRisk(risk=desk.of(Risk)[0].id, incident=incident))
    (risk,) = desk.of(Risk)
    assert (risk.state, risk.incident) == ("incident", incident)
