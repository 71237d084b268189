"""A rota from an iCalendar file: what repeats when, across zones and clock changes; what is refused and how."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui import rota, rota_ics, rules_loader
from escaltui.domain import who

RULES = rules_loader.load()
PARIS = ZoneInfo("Europe/Paris")
DAY = 86_400_000


def event(*lines: str, summary: str = "K. Osei (kosei)", team: str = "legal", region: str = "eu") -> str:
    head = (f"SUMMARY:{summary}", f"CATEGORIES:{team}", f"LOCATION:{region}")
    return "\r\n".join(("BEGIN:VEVENT", *head, *lines, "END:VEVENT"))


def calendar(*events: str, head: str = "") -> str:
    return "\r\n".join(("BEGIN:VCALENDAR", "VERSION:2.0", *([head] if head else []), *events, "END:VCALENDAR", ""))


WEEK = ("DTSTART;TZID=Europe/Paris:20260601T080000", "DTEND;TZID=Europe/Paris:20260601T220000",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")  # fmt: skip
NIGHT = ("DTSTART;TZID=Europe/Paris:20260601T220000", "DTEND;TZID=Europe/Paris:20260602T080000",
         "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR")  # fmt: skip


def load(tmp_path: Path, text: str) -> tuple[who.Shift, ...]:
    (tmp_path / rota_ics.FILE).write_bytes(text.encode())
    return rota.load(tmp_path, RULES)


def faults(tmp_path: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(rota.RotaFault) as fault:
        load(tmp_path, text)
    return fault.value.faults


def at(text: str, zone: ZoneInfo = PARIS) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


def test_who_is_on_now_until_when_and_who_comes_next(tmp_path: Path) -> None:
    shifts = load(tmp_path, calendar(event(*WEEK, "CONTACT:+33 1 00 00 00 00"), event(*NIGHT, summary="N. Night")))
    now = who.on_call("legal", "DE", at("2026-06-03T10:00"), RULES, shifts)
    assert now is not None
    assert (now.person, now.login, now.call, now.region) == ("K. Osei", "kosei", "+33 1 00 00 00 00", "eu")
    assert now.until == at("2026-06-03T22:00")
    following = who.on_call("legal", "DE", now.until, RULES, shifts)
    assert following is not None
    assert (following.person, following.login, following.until) == ("N. Night", "", at("2026-06-04T08:00"))
    assert who.on_call("legal", "DE", at("2026-06-06T12:00"), RULES, shifts) is None
    after = who.next_on_call("legal", "DE", at("2026-06-06T12:00"), RULES, shifts)
    assert after is not None
    assert after.since == at("2026-06-08T08:00")


def test_an_event_of_its_own_stands_in_place_of_the_one_that_repeats(tmp_path: Path) -> None:
    swap = event("DTSTART:20260603T100000Z", "DTEND:20260603T120000Z", summary="swap")
    shifts = load(tmp_path, calendar(event(*WEEK), swap))
    for text, person in (
        ("2026-06-03T11:59", "K. Osei"),
        ("2026-06-03T12:00", "swap"),
        ("2026-06-03T14:00", "K. Osei"),
    ):
        found = who.on_call("legal", "DE", at(text), RULES, shifts)
        assert found is not None
        assert found.person == person


def test_a_weekend_across_a_change_of_clocks_ends_at_its_hour_on_the_wall(tmp_path: Path) -> None:
    weekend = event("DTSTART;TZID=Europe/Paris:20261023T180000", "DTEND;TZID=Europe/Paris:20261026T080000",
                    "RRULE:FREQ=WEEKLY;INTERVAL=2")  # fmt: skip
    shifts = load(tmp_path, calendar(weekend))
    found = who.on_call("legal", "DE", at("2026-10-25T12:00"), RULES, shifts)
    assert found is not None
    assert (found.since, found.until) == (at("2026-10-23T18:00"), at("2026-10-26T08:00"))
    assert who.on_call("legal", "DE", at("2026-11-01T12:00"), RULES, shifts) is None, "every second week"
    later = who.on_call("legal", "DE", at("2026-11-08T12:00"), RULES, shifts)
    assert later is not None
    assert later.until == at("2026-11-09T08:00")


def test_exdate_leaves_a_day_out_and_until_ends_it(tmp_path: Path) -> None:
    shifts = load(tmp_path, calendar(event(
        WEEK[0], WEEK[1], "RRULE:FREQ=DAILY;UNTIL=20260605T055959Z", "EXDATE;TZID=Europe/Paris:20260602T080000",
        "EXDATE;VALUE=DATE:20260603")))  # fmt: skip
    on = [day for day in range(1, 10) if who.on_call("legal", "DE", at(f"2026-06-0{day}T12:00"), RULES, shifts)]
    assert on == [1, 4]


def test_folded_lines_escapes_cancelled_events_and_other_components(tmp_path: Path) -> None:
    folded = event(*WEEK).replace("SUMMARY:K. Osei", "SUMMARY:K.\r\n  Os\r\n ei\\, jr")
    cancelled = event(*WEEK, "STATUS:CANCELLED")
    alarm = event(*NIGHT, "BEGIN:VALARM", "TRIGGER:-PT15M", "DURATION:PT5M", "END:VALARM", summary="lin")
    shifts = load(tmp_path, calendar("BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nEND:VTIMEZONE", folded, cancelled, alarm))
    assert [shift.person for shift in shifts] == ["K. Osei, jr", "lin"]


def test_whole_days_and_a_calendars_own_zone(tmp_path: Path) -> None:
    text = calendar(event("DTSTART;VALUE=DATE:20261224", "DTEND;VALUE=DATE:20261226").replace(
        "CATEGORIES:legal\r\nLOCATION:eu", "LOCATION:legal/eu"), head="X-WR-TIMEZONE:Europe/Paris")  # fmt: skip
    (shift,) = load(tmp_path, text)
    assert (shift.team, shift.region) == ("legal", "eu")
    assert (shift.first, shift.last) == (at("2026-12-24T00:00"), at("2026-12-26T00:00"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no calendar"),
        ("nonsense", "no calendar"),
        (calendar("nonsense"), "no NAME:VALUE"),
        (calendar("END:VEVENT"), "ends nothing"),
        ("BEGIN:VCALENDAR\nBEGIN:VEVENT", "has no END"),
        (calendar(event("DTSTART:20260601T080000Z")), "has no DTEND"),
        (calendar(event(*WEEK, summary="")), "has no SUMMARY"),
        (calendar(event(*WEEK, team="", region="")), "names no team"),
        (calendar(event(*WEEK, team="legl")), "legal"),
        (calendar(event(*WEEK, region="atlantis")), "atlantis"),
        (calendar(event(*WEEK).replace("Europe/Paris", "Romance Standard Time")), "Romance Standard Time"),
        (calendar(event("DTSTART:20260601T080000", "DTEND:20260601T090000")), "names no zone"),
        (calendar(event("DTSTART:20261301T080000Z", "DTEND:20260601T090000Z")), "no date and time"),
        (calendar(event("DTSTART:tomorrow", "DTEND:20260601T090000Z")), "must be like"),
        (calendar(event("DTSTART:20260601T080000Z", "DTEND:20260601T080000Z")), "ends before"),
        (calendar(event(*WEEK[:2], "RRULE:FREQ=MONTHLY")), "DAILY or WEEKLY"),
        (calendar(event(*WEEK[:2], "RRULE:FREQ=WEEKLY;BYMONTH=2")), "BYMONTH"),
        (calendar(event(*WEEK[:2], "RRULE:FREQ=WEEKLY;BYDAY=1MO")), "no weekday"),
        (calendar(event(*WEEK[:2], "RRULE:FREQ=WEEKLY;BYDAY=TU")), "not among BYDAY"),
        (calendar(event(*WEEK[:2], "RRULE:FREQ=WEEKLY;COUNT=2;UNTIL=20260701")), "not both"),
        (calendar(event(*WEEK[:2], "RRULE:FREQ=WEEKLY;INTERVAL=0")), "INTERVAL"),
        (calendar(event(*WEEK[:2], "RRULE:FREQ=WEEKLY;COUNT=99999999999")), "COUNT"),
        (calendar(event(*WEEK, "RDATE:20260601T080000Z")), "RDATE"),
        (calendar(event(*WEEK, "RECURRENCE-ID:20260601T080000Z")), "as events with DTEND"),
        (calendar(event(*WEEK, "DTSTART:20260601T080000Z")), "twice"),
        (calendar(event(WEEK[0], "DTEND;TZID=Europe/Paris:20260609T080000", WEEK[2])), "a week at most"),
        (calendar(event(*WEEK), event(*WEEK, summary="lin")), "overlaps the one of line"),
        (calendar(event("DTSTART:20260601T080000Z", "DTEND:20260601T100000Z"),
                  event("DTSTART:20260601T090000Z", "DTEND:20260601T110000Z")), "overlaps"),
        (calendar(event("DTSTART:20260601T080000Z", "DTEND:20260602T100000Z", "RRULE:FREQ=DAILY")), "overlaps"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said_with_its_line(tmp_path: Path, text: str, words: str) -> None:
    found = faults(tmp_path, text)
    assert all(each.startswith("rota.ics:") for each in found)
    assert any(words in each for each in found), found


def test_two_files_are_read_together_and_both_say_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / rota.FILE).write_text('[[shift]]\nteam = "comms"\nperson = "A"\nhours = "00:00-24:00"\n')
    assert len(load(tmp_path, calendar(event(*WEEK)))) == 2
    (tmp_path / rota.FILE).write_text("x = 1")
    assert len(faults(tmp_path, "nonsense")) == 2
    assert rota.load_or_none(RULES, tmp_path)[0] == ()
    (tmp_path / rota_ics.FILE).write_bytes(b"\xff\xfe")
    assert any("UTF-8" in each for each in faults_of(tmp_path))


def faults_of(tmp_path: Path) -> tuple[str, ...]:
    return rota.load_or_none(RULES, tmp_path)[1]


@settings(max_examples=150, deadline=None)
@given(
    day=st.integers(0, 6), weekly=st.booleans(), every=st.integers(1, 4), days=st.sets(st.integers(0, 6), max_size=4),
    ends=st.one_of(st.none(), st.integers(1, 30), st.integers(31, 200)), week=st.sampled_from(rota_ics.DAYS),
)  # fmt: skip
def test_the_days_are_those_of_another_reader(
    day: int, weekly: bool, every: int, days: set[int], ends: int | None, week: str
) -> None:
    """dateutil's recurrences, in wall-clock time: an independent reading of the same rule."""
    first = datetime(2026, 6, 1, 8, 0) + timedelta(days=day)
    by = {*days, first.weekday()} if days else set()
    rule = f"FREQ={'WEEKLY' if weekly else 'DAILY'};INTERVAL={every};WKST={week}"
    rule += f";BYDAY={','.join(rota_ics.DAYS[each] for each in sorted(by))}" if by else ""
    if ends is not None:
        rule += f";COUNT={ends}" if ends <= 30 else f";UNTIL={(first + timedelta(days=ends)):%Y%m%dT%H%M%S}"
    lines = (f"DTSTART;TZID=Europe/Paris:{first:%Y%m%dT%H%M%S}", f"DTEND;TZID=Europe/Paris:{first:%Y%m%d}T090000")
    shifts, wrong = rota_ics.read(calendar(event(*lines, f"RRULE:{rule}")))
    assert not wrong
    ((_line, shift),) = shifts
    start = at(first.isoformat()) - DAY
    found = [since for since, _until in who.stretches(shift, start, start + 150 * DAY)]
    others = itertools.takewhile(
        lambda each: at(each.isoformat()) <= start + 150 * DAY, iter(rrulestr(f"RRULE:{rule}", dtstart=first))
    )
    assert found == [at(each.isoformat()) for each in others]
