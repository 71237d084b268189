"""Times as people type them: what each form means, in a zone with summer time, and what a bad one is told."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui import when
from escaltui.when import DAY, HOUR, MINUTE, WhenError, parse

PARIS = ZoneInfo("Europe/Paris")


def at(text: str, zone: ZoneInfo = PARIS) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp() * 1000)


NOW = at("2026-11-24 13:08")  # a Tuesday


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2h", NOW + 2 * HOUR), ("90m", NOW + 90 * MINUTE), ("2h30", NOW + 150 * MINUTE),
        ("1h 30m", NOW + 90 * MINUTE), ("in 45 min", NOW + 45 * MINUTE), ("3d", NOW + 3 * DAY), ("2 j", NOW + 2 * DAY),
        ("1w", NOW + 7 * DAY), ("16:00", at("2026-11-24 16:00")), ("9:30", at("2026-11-25 09:30")),
        ("at 16h", at("2026-11-24 16:00")) , ("4pm", at("2026-11-24 16:00")), ("12am", at("2026-11-25 00:00")),
        ("fri 16:00", at("2026-11-27 16:00")), ("friday", at("2026-11-27 09:00")),
        ("vendredi 8h", at("2026-11-27 08:00")),
        ("tue 16:00", at("2026-11-24 16:00")), ("tue 9", at("2026-12-01 09:00")), ("tomorrow", at("2026-11-25 09:00")),
        ("tomorrow 9", at("2026-11-25 09:00")), ("demain 14h30", at("2026-11-25 14:30")),
        ("today 17:15", at("2026-11-24 17:15")), ("2026-12-01", at("2026-12-01 09:00")),
        ("2026-12-01 16:00", at("2026-12-01 16:00")), ("2026-12-01T16:00", at("2026-12-01 16:00")),
        ("2026-12-01T16:00Z", at("2026-12-01 17:00")), ("2026-12-01T16:00+05:30", at("2026-12-01 11:30")),
        ("  FRI   16:00 ", at("2026-11-27 16:00")),
    ],
)  # fmt: skip
def test_what_a_typed_time_means(typed: str, expected: int) -> None:
    assert parse(typed, NOW, PARIS) == expected


@pytest.mark.parametrize("typed", ["16h"])
def test_a_bare_number_with_h_is_a_span(typed: str) -> None:
    """`16h` is sixteen hours, as `2h` is two; `16:00` is the time of day."""
    assert parse(typed, NOW, PARIS) == NOW + 16 * HOUR


@pytest.mark.parametrize(
    ("typed", "mend"),
    [
        ("", "Type a time"), ("soon", "soon is not a time"), ("25:00", "is not a time"), ("fri 99", "is not a time"),
        ("2x", "is not a time"), ("2026-13-01", "is not a time"), ("2026-02-30", "is not a time"),
        ("2026-11-24 12:00", "has passed"), ("today 9", "has passed"), ("0h", "has passed"), ("13pm", "is not a time"),
        ("99999d", "five years"), ("9999-12-31", "five years"), ("2h tomorrow x", "is not a time"),
    ],
)  # fmt: skip
def test_a_bad_time_is_told_how_to_mend_it(typed: str, mend: str) -> None:
    with pytest.raises(WhenError, match=mend):
        parse(typed, NOW, PARIS)


def test_a_day_keeps_its_wall_clock_over_the_end_of_summer_time() -> None:
    before = at("2026-10-24 12:00")
    assert parse("tomorrow 9", before, PARIS) == at("2026-10-25 09:00")
    assert parse("tomorrow 9", before, PARIS) - before == 22 * HOUR
    assert parse("1d", before, PARIS) - before == DAY


def test_a_time_that_the_clocks_jump_over_is_still_a_time() -> None:
    before = at("2026-03-28 12:00")
    assert parse("tomorrow 2:30", before, PARIS) == at("2026-03-29 03:30")


@given(st.text(max_size=30))
def test_any_text_gives_a_later_time_or_a_sentence(typed: str) -> None:
    try:
        found = parse(typed, NOW, PARIS)
    except WhenError as error:
        found, sentence = NOW + 1, str(error)
    else:
        sentence = "."
    assert found > NOW
    assert sentence.endswith(".")


@given(st.integers(0, 4 * 365 * 24 * 60))
def test_what_is_shown_can_be_typed(minutes: int) -> None:
    instant = NOW // MINUTE * MINUTE + (minutes + 1) * MINUTE
    moment = datetime.fromtimestamp(instant / 1000, UTC).astimezone(PARIS)
    if moment.fold or (moment + timedelta(hours=1)).fold:
        return  # the hour that happens twice
    assert parse(when.full(instant, PARIS), NOW, PARIS) == instant


def test_times_are_short_where_they_are_near() -> None:
    assert when.brief(at("2026-11-24 16:00"), NOW, PARIS) == "16:00"
    assert when.brief(at("2026-11-23 16:00"), NOW, PARIS) == "11-23 16:00"
    assert when.brief(at("2027-01-02 16:00"), NOW, PARIS) == "2027-01-02 16:00"
    assert when.zone_name(NOW, PARIS) == "UTC+1"
    assert when.zone_name(NOW, ZoneInfo("Asia/Kolkata")) == "UTC+5:30"
    assert when.zone_name(NOW, ZoneInfo("America/St_Johns")) == "UTC-3:30"
    assert when.zone_name(NOW, ZoneInfo("UTC")) == "UTC"
