"""The page of trends at a real desk: what rose is told first and in words, and its cases are those it counts."""

from __future__ import annotations

from typing import Any

import pytest

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.entities import Insight
from escaltui.insight.series import DAY, WEEK, WINDOWS
from escaltui.insight_faces import NOVEL, SHORT, SPIKE, USUAL
from escaltui.store import Done, rows
from escaltui.workbench import Workbench, insight, insight_figures

SPREAD = 30 * 7
COUNTRIES = ("DE", "FR", "IT", "ES", "PT", "PL", "SE", "FI", "NO", "DK", "NL", "BE")


def received(bench: Workbench, hands: Any, back: int, title: str, requester: str, country: str) -> str:
    """A case that came some milliseconds ago."""
    receiving, opening = bench.operation_id(), bench.operation_id()
    report = ops.ReceiveReport(requester_name=requester, requester_kind="law_enforcement", body="Please look.",
                               received_at=hands.now - back, channel="email")  # fmt: skip
    opened = ops.OpenCase(report=ids.entity_id(receiving, 0), title=title, countries=(country,),
                          opens=ids.entity_id(opening, 0), received_at=hands.now - back)  # fmt: skip
    for outcome in bench.do_many([report, opened], [receiving, opening]):
        assert isinstance(outcome, Done), outcome
    return ids.entity_id(opening, 0)


@pytest.fixture
def quiet(hands: Any) -> Workbench:
    """A desk where about two cases came each week for thirty weeks, all alike."""
    bench: Workbench = hands.bench
    for days in range(8, SPREAD, 3):
        received(bench, hands, days * DAY, "Removal order", "Police", "DE")
    for days in (1, 4):
        received(bench, hands, days * DAY, "Removal order", "Police", "DE")
    return bench


def line_of(page: Any, key: str) -> Any:
    return next(each for each in page.lines if each.key == key)


def test_a_quiet_desk_is_told_as_usual(quiet: Workbench) -> None:
    assert insight.prepare(quiet)
    page = insight.page(quiet)
    assert {each.verdict for each in page.lines} == {USUAL}
    assert page.said == (f"Nothing rose: {page.series} series are as usual.",)
    found = line_of(page, "country:DE")
    assert (found.now, found.usual, found.low, found.high) == (2, 2, 2, 3)
    assert found.says == "2 in the last 7 days; 2 is usual (2 to 3 in 26 weeks)."
    assert len(found.windows) == WINDOWS


def test_a_wave_rises_to_the_top_with_its_cases_behind_it(quiet: Workbench, hands: Any) -> None:
    wave = {received(quiet, hands, n * 60_000, "Fake ballots", "Mayor", "BR") for n in range(18)}
    assert insight.prepare(quiet)
    page = insight.page(quiet)
    told = {each.key: each for each in page.lines if each.verdict in (SPIKE, NOVEL)}
    assert page.lines[0].key in told
    assert told["all:"].verdict == SPIKE
    assert told["word:ballot"].verdict == told["country:BR"].verdict == NOVEL
    assert told["country:BR"].says.startswith("18 in the last 7 days, and none in 26 weeks before.")
    assert set(insight.cases(quiet, "country:BR")) == wave
    assert set(insight.cases(quiet, "word:ballot")) == wave
    assert "country:DE" not in told  # the control: what did not rise is not told
    assert set(quiet.matching(told["country:BR"].query)) == wave


def test_lines_that_rose_by_the_same_cases_are_told_behind_the_one_that_says_most(quiet: Workbench, hands: Any) -> None:
    for n in range(18):
        received(quiet, hands, n * 60_000, "Fake ballots", "Mayor", "BR")
    insight.prepare(quiet)
    page = insight.page(quiet)
    rose = [each for each in page.lines if each.verdict in (SPIKE, NOVEL)]
    assert [each.dim for each in rose if not each.part] == ["requester"]
    assert page.lines[0].value.value == "Mayor"
    assert {each.part for each in rose[1:]} == {page.lines[0].key}
    assert rose[1].says.endswith("It rose by the cases of another line: requester Mayor.")
    assert page.said[0].startswith("1 of ")
    assert page.said[1] == f"{len(rose) - 1} more rose by the same cases and stand behind."
    for n in range(18):  # the control: other cases are another happening
        received(quiet, hands, n * 60_000, "Leaked exams", "Rector", "AR")
    insight.prepare(quiet)
    heads = [each.value.value for each in insight.page(quiet).lines if each.verdict == NOVEL and not each.part]
    assert sorted(heads) == ["Mayor", "Rector"]


def test_where_everything_rises_it_is_told_once_and_what_rose_more_comes_first(hands: Any) -> None:
    bench, many = hands.bench, 12
    for days in range(8, SPREAD):
        received(bench, hands, days * DAY, "Removal order", f"Police {days % many}", COUNTRIES[days % many])
    for n in range(36):
        received(bench, hands, n * 60_000, "Removal order", f"Police {n % many}", COUNTRIES[n % many])
    insight.prepare(bench)
    page = insight.page(bench)
    assert page.lines[0].key == "all:"
    assert [each.key for each in page.lines if each.verdict == SPIKE and not each.part] == ["all:"]
    assert page.said[1].startswith("Everything together rose 5")
    for n in range(30):  # the control: a wave of one requester's is told as that
        received(bench, hands, n * 60_000, "Fake ballots", "Mayor", "BR")
    insight.prepare(bench)
    page = insight.page(bench)
    heads = [each.value.value for each in page.lines if each.verdict in (SPIKE, NOVEL) and not each.part]
    assert heads == ["all cases", "Mayor"]


def test_each_query_finds_the_cases_that_its_line_counts(quiet: Workbench, hands: Any) -> None:
    received(quiet, hands, 7 * DAY - 1, "Fake ballots", "Mayor", "BR")
    received(quiet, hands, 7 * DAY + 1, "Fake ballots", "Mayor", "BR")
    insight.prepare(quiet)
    asked = [each for each in insight.page(quiet).lines if each.query]
    assert {each.dim for each in asked} >= {"all", "type", "country", "kind", "requester", "kind_country"}
    assert [quiet.count(each.query) for each in asked] == [each.now for each in asked]
    for each in asked:
        assert set(insight.cases(quiet, each.key)) == set(quiet.matching(each.query))


def test_a_young_desk_says_that_it_is_too_early(hands: Any) -> None:
    for n in range(20):
        received(hands.bench, hands, n * DAY, "Removal order", "Police", "DE")
    insight.prepare(hands.bench)
    page = insight.page(hands.bench)
    assert {each.verdict for each in page.lines} == {SHORT}
    assert page.said == ("Cases go back 2 whole weeks; from 12 on it can be told what is usual.",)


def test_an_empty_desk_has_an_empty_page(hands: Any) -> None:
    before = insight.page(hands.bench)
    assert insight.prepare(hands.bench)
    page = insight.page(hands.bench)
    assert before.lines == page.lines == ()
    assert page.said == ("There are no cases yet.",)
    assert {each.value for each in page.metrics} == {None, 0.0}
    assert page.queue.open == 0


def test_a_desk_where_nothing_came_for_long_says_so(hands: Any) -> None:
    received(hands.bench, hands, (WINDOWS + 3) * WEEK, "Removal order", "Police", "DE")
    assert insight.page(hands.bench).said == ("0 of 1 cases are counted so far.",)
    insight.prepare(hands.bench)
    assert insight.page(hands.bench).said == (f"No case came in the last {WINDOWS} weeks.",)


def test_before_all_is_counted_the_page_says_so(quiet: Workbench) -> None:
    page = insight.page(quiet)
    assert page.said[0] == f"0 of {quiet.count('')} cases are counted so far."
    assert not insight.standing(quiet).ready
    assert insight.prepare(quiet)
    assert insight.standing(quiet).ready


def test_the_queue_is_told_by_age_and_hour(quiet: Workbench, hands: Any) -> None:
    received(quiet, hands, 90 * 60_000, "Fake ballots", "Mayor", "BR")
    insight.prepare(quiet)
    queue = insight.page(quiet).queue
    assert sum(each.n for each in queue.ages) == queue.open == quiet.count("is:open")
    assert [quiet.count(each.query) for each in queue.ages] == [each.n for each in queue.ages]
    assert len(queue.backlog) == 48
    assert [n for _hour, n in queue.backlog][-3:] == [queue.open - 1, queue.open, queue.open]


def test_an_insight_is_kept_once_while_it_goes_on(quiet: Workbench, hands: Any) -> None:
    for n in range(18):
        received(quiet, hands, n * 60_000, "Fake ballots", "Mayor", "BR")
    for _day in range(3):
        insight.prepare(quiet)
        found = line_of(insight.page(quiet), "country:BR")
        assert isinstance(insight.keep(quiet, found), Done)
        hands.now += DAY
    (kept,) = quiet.store.read(lambda connection: rows.everyone(connection, Insight))
    assert (kept.kind, kept.observed, len(kept.cases)) == ("novel", 18, 18)
    hands.now += 30 * DAY  # the control: another wave a month later is another insight
    for n in range(18):
        received(quiet, hands, n * 60_000, "Fake ballots", "Mayor", "BR")
    insight.prepare(quiet)
    insight.keep(quiet, line_of(insight.page(quiet), "country:BR"))
    assert len(quiet.store.read(lambda connection: rows.everyone(connection, Insight))) == 2


def test_metrics_before_and_after_come_with_their_n(quiet: Workbench, hands: Any) -> None:
    insight.prepare(quiet)
    shipped = hands.now - 14 * DAY
    found = insight_figures.effect(quiet, "volume", "country:DE", shipped - 30 * DAY, shipped)
    assert (found.before_n, found.after_n) == (9, 5)
    assert found.says.endswith("There is no control group.")
    assert insight_figures.effect(quiet, "volume", "country:BR", shipped, shipped).before_n == 0
