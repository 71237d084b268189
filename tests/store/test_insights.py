"""Trends of a store: kept up as cases change, as a full count says; who may be counted in what; nothing is lost."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

from escaltui.domain import operations as ops
from escaltui.domain.query import parse
from escaltui.insight.series import DAY, HORIZON
from escaltui.store import Store, insight_counts, insight_facts, insight_rows, insights, purge
from escaltui.store.driver import Connection

NOW = 1_790_000_000_000


def everything(connection: Connection) -> tuple[dict[Any, Any], list[Any], list[Any]]:
    """All that is kept, without the numbers of series."""
    rows = connection.execute("SELECT id, dim, value, total, last, week, days FROM insight_series").fetchall()
    names = {row[0]: row[1:3] for row in rows}
    kept = {row[1:3]: (*row[3:6], insight_rows.days_of(row[6])) for row in rows}
    held = [(n, at, sorted(names[each] for each in insight_rows.keys_of(keys)))
            for n, at, keys in connection.execute("SELECT * FROM insight_case ORDER BY n")]  # fmt: skip
    return kept, held, connection.execute("SELECT * FROM insight_event ORDER BY n, i").fetchall()


def as_recounted(store: Store, now: int) -> tuple[Any, Any]:
    """What was kept up, and what a count from the beginning finds."""
    assert insights.refresh(store, now)
    kept = store.read(everything)
    store.write(insight_rows.drop)
    assert insights.refresh(store, now)
    return kept, store.read(everything)


TITLES = ("Election leaflets", "Court order for removal", "Fake ballots", "A poster of the attack", "Wahlplakate")


def changed(desk: Any, draw: random.Random, cases: list[str]) -> None:
    """Something happens."""
    if not cases or draw.random() < 0.35:
        back = draw.randrange(0, 60) * DAY
        report = desk.report(draw.choice(TITLES), requester_name=draw.choice(("Police", "Court", "Mayor")),
                             received_at=desk.now - back)  # fmt: skip
        cases.append(desk.open(draw.choice(TITLES), report=report, countries=(draw.choice(("DE", "BR")),)))
        return
    case = draw.choice(cases)
    match draw.randrange(5):
        case 0:
            desk.ask(ops.Triage(case=case, case_type=draw.choice(("legal_removal", "user_escalation"))))
        case 1:
            desk.ask(ops.SetSensitivity(case=case, sensitivity=draw.choice(("restricted", "privileged")), reason="x"))
        case 2:
            desk.ask(ops.Dismiss(case=case, reason="spam"))
        case 3:
            desk.ask(ops.EditCase(case=case, fields={"title": draw.choice(TITLES)}))
        case _:
            desk.ask(ops.Merge(case=case, into=draw.choice(cases)))


@pytest.mark.parametrize("seed", range(100 if os.environ.get("ESCALTUI_THOROUGH") else 4))
def test_what_is_kept_up_is_what_a_full_count_finds(desk: Any, seed: int) -> None:
    draw, cases = random.Random(seed), list[str]()
    insights.refresh(desk.store, desk.now)
    for _step in range(40):
        changed(desk, draw, cases)
        if draw.random() < 0.3:
            desk.now += draw.randrange(0, 12) * DAY
            insights.refresh(desk.store, desk.now)
    kept, counted = as_recounted(desk.store, desk.now)
    assert kept == counted
    assert kept[0][("all", "")][0] > 5


def test_control_without_its_trigger_a_change_is_missed(desk: Any) -> None:
    case = desk.open("Election leaflets")
    insights.refresh(desk.store, desk.now)
    desk.store.write(lambda connection: connection.execute("DROP TRIGGER insight_changed"))
    desk.do(ops.EditCase(case=case, fields={"title": "Fake ballots"}))
    kept, counted = as_recounted(desk.store, desk.now)
    assert kept != counted


def test_a_privileged_case_is_in_the_total_only_and_a_restricted_one_has_no_words(desk: Any) -> None:
    desk.do(ops.SetSensitivity(case=desk.open("Leaflets"), sensitivity="privileged", reason="named people"))
    desk.do(ops.SetSensitivity(case=desk.open("Ballots"), sensitivity="restricted", reason="named people"))
    desk.open("Posters")
    insights.refresh(desk.store, desk.now)
    kept = desk.store.read(everything)[0]
    assert kept[("all", "")][0] == 3
    assert sum(total for (dim, _value), (total, *_) in kept.items() if dim == "type") == 2
    assert {value for dim, value in kept if dim == "word"} == {"poster"}  # the control: its words are there
    found = desk.store.read(lambda connection: insight_counts.cases(connection, ("all", ""), 0, desk.now))
    assert len(found) == 2


def test_words_of_a_case_that_becomes_restricted_are_forgotten(desk: Any) -> None:
    case = desk.open("Leaflets")
    insights.refresh(desk.store, desk.now)
    assert ("word", "leaflet") in desk.store.read(everything)[0]
    desk.do(ops.SetSensitivity(case=case, sensitivity="restricted", reason="named people"))
    desk.store.write(lambda connection: insights.catch_up(connection, desk.now))
    assert not [value for dim, value in desk.store.read(everything)[0] if dim == "word"]


def test_of_a_case_that_is_gone_no_word_stays(desk: Any) -> None:
    gone, stays = desk.open("Leaflets"), desk.open("Ballots")
    insights.refresh(desk.store, desk.now)
    desk.store.write(lambda connection: connection.execute("DELETE FROM cases WHERE id = ?", (gone,)))
    desk.do(ops.EditCase(case=stays, fields={"title": "Posters"}))
    assert ("word", "leaflet") in desk.store.read(everything)[0]  # the control: it stays until it is forgotten
    desk.store.write(lambda connection: insights.forget(connection, desk.now))
    found = {value for dim, value in desk.store.read(everything)[0] if dim == "word"}
    assert found == {"ballot"}  # what only changed waits for the next count
    kept, counted = as_recounted(desk.store, desk.now)
    assert kept == counted


def test_a_requester_who_turned_out_to_be_another_counts_as_that_one(desk: Any) -> None:
    for name in ("Police", "Police DE"):
        desk.open("Leaflets", report=desk.report(requester_name=name))
    insights.refresh(desk.store, desk.now)
    one, other = sorted(value for dim, value in desk.store.read(everything)[0] if dim == "requester")
    desk.do(ops.MergeRequesters(requester=one, into=other, reason="the same office"))
    kept, counted = as_recounted(desk.store, desk.now)
    assert kept == counted
    assert [(value, total) for (dim, value), (total, *_) in kept[0].items() if dim == "requester"] == [(other, 2)]


def test_the_first_count_goes_on_where_it_was_stopped(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insights, "SLICE", 3)
    for n in range(10):
        desk.open(f"Leaflets {n}")
    told: list[insights.Progress] = []
    assert not insights.refresh(desk.store, desk.now, told.append, lambda: len(told) == 2)
    assert [each.done for each in told] == [3, 6]
    desk.open("Ballots")
    assert insights.refresh(desk.store, desk.now, told.append)
    assert [each.done for each in told][2:] == [9, 11]
    assert len(told) == 4  # the control: what was counted is not counted again
    kept, counted = as_recounted(desk.store, desk.now)
    assert kept == counted


def test_windows_end_now_and_the_newest_is_exact(desk: Any) -> None:
    for back in (0, 6 * DAY, 7 * DAY - 1000, 7 * DAY + 1000, 20 * DAY):
        desk.open("Leaflets", report=desk.report(received_at=NOW - back))
    insights.refresh(desk.store, NOW)
    found = desk.store.read(lambda connection: insight_counts.counts(connection, NOW))
    assert found.windows[("all", "")][-1] == 3
    assert found.history == 2
    shown = desk.store.read(lambda connection: insight_counts.cases(connection, ("all", ""), NOW - 7 * DAY, NOW))
    assert len(shown) == 3


def test_a_burst_is_looked_at_however_many_series_are_larger(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insight_counts, "QUOTAS", {"all": 1})
    for back in (*(9, 9, 9), *range(6)):
        desk.open("Leaflets", report=desk.report(received_at=NOW - back * DAY), countries=("BR" if back < 9 else "DE",))
    insights.refresh(desk.store, NOW)
    found = desk.store.read(lambda connection: insight_counts.counts(connection, NOW)).windows
    assert found[("country", "BR")][-1] == 6
    assert ("country", "DE") not in found  # the control: what is not rising is left to the quotas


def test_what_is_too_old_counts_no_more(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(insights, "SLICE", 2)
    for back in range(5):
        desk.open("Leaflets", report=desk.report(received_at=NOW - back * DAY))
    insights.refresh(desk.store, NOW)
    assert desk.store.read(everything)[0][("all", "")][0] == 5
    later = NOW + (HORIZON - 3) * DAY
    kept, counted = as_recounted(desk.store, later)
    assert kept == counted
    assert 0 < kept[0][("all", "")][0] < 5


def test_an_empty_desk_has_no_series(store: Store) -> None:
    assert insights.refresh(store, NOW)
    found = store.read(lambda connection: insight_counts.counts(connection, NOW))
    assert found == insight_counts.Counts({}, 0)


def test_what_happened_is_confined_to_a_query(desk: Any) -> None:
    desk.open("Leaflets", case_type="legal_removal")
    desk.open("Ballots", case_type="user_escalation")
    insights.refresh(desk.store, desk.now)
    scope = parse("type:user_escalation", now=desk.now, me="ada")
    end = desk.now + 1
    both = desk.store.read(lambda connection: insight_counts.values(connection, "received", 0, end))
    one = desk.store.read(lambda connection: insight_counts.values(connection, "received", 0, end, scope))
    assert (len(both), len(one)) == (2, 1)


def test_words_that_any_letter_has_names_and_numbers_are_no_keywords(desk: Any) -> None:
    told = "Deux affiches, https://a.example/leaflets 24h, mail ada@post.example, [erased] l'élection"
    desk.open("Two posters on one wall: ones by @lucky.lane, truthbell_daily and garden.clips24", summary=told)
    insights.refresh(desk.store, desk.now)
    found = {value for dim, value in desk.store.read(everything)[0] if dim == "word"}
    assert found == {"poster", "wall", "affich", "mail", "elect"}


def test_a_store_that_was_counted_another_way_is_counted_anew(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.open("Posters")
    insights.refresh(desk.store, desk.now)
    monkeypatch.setattr(insight_facts, "_STOP", frozenset({"posters", "poster"}))
    insights.refresh(desk.store, desk.now)
    assert ("word", "poster") in desk.store.read(everything)[0]  # the control: nothing says that it is another way
    for module in (insight_rows, insights):
        monkeypatch.setattr(module, "VERSION", "another")
    insights.refresh(desk.store, desk.now)
    assert [key for key in desk.store.read(everything)[0] if key[0] == "word"] == []
    assert desk.store.read(everything)[0][("all", "")][0] == 1


def test_of_a_case_that_is_read_by_fewer_since_a_file_was_sealed_no_word_stays(desk: Any) -> None:
    case = desk.open("Leaflets")
    insights.refresh(desk.store, desk.now)
    desk.do(ops.SetSensitivity(case=case, sensitivity="restricted", reason="named people"))
    assert ("word", "leaflet") in desk.store.read(everything)[0]  # the control: until the purge
    desk.store.write(lambda connection: purge.words(connection, 0))
    assert ("word", "leaflet") not in desk.store.read(everything)[0]


def test_the_cases_behind_some_series_are_those_behind_each(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(9):
        desk.open("Leaflets" if n % 2 else "Ballots", countries=(("DE", "BR", "FR")[n % 3],))
    desk.open("Posters", report=desk.report(received_at=NOW - 8 * DAY))
    insights.refresh(desk.store, desk.now)
    keys = [("word", "leaflet"), ("word", "ballot"), ("country", "BR"), ("all", ""), ("word", "nobody's")]

    def found(few: int) -> dict[Any, Any]:
        monkeypatch.setattr(insight_counts, "FEW", few)
        return desk.store.read(lambda connection: insight_counts.behind(connection, keys, desk.now))  # type: ignore[no-any-return]

    one = {key: desk.store.read(lambda connection, k=key: insight_counts.cases(connection, k, NOW - 7 * DAY, desk.now))
           for key in keys}  # fmt: skip
    assert found(12) == found(0)
    assert {key: len(cases) for key, cases in found(12).items()} == {key: len(one[key]) for key in keys[:4]}
    assert (len(one["country", "BR"]), len(one["all", ""])) == (3, 9)
