"""Who is on call: by team and country at an instant, from a rota of shifts. Pure; `escaltui.rota` reads the file.

A weekly shift is a time of day on some weekdays in a zone; it may go past midnight. A dated shift stands for one
stretch and takes the place of the weekly ones of its team and region while it lasts (a swap, a holiday).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import NamedTuple

import msgspec

from escaltui.domain.calendars import zone
from escaltui.domain.ruleset import RuleSet

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
AHEAD = 14
"""For so many days the next one on call is looked for."""
DAY_MINUTES = 1440


class Repeat(NamedTuple):
    """On which days a shift of a calendar file begins; days are ordinals (`date.toordinal`), weekdays 0 for Monday.

    Every `every`-th day or week from `first` on, on `days` alone where there are any, until `last`, but `without`.
    """

    first: int
    every: int = 1
    weekly: bool = True
    days: frozenset[int] = frozenset()
    week: int = 0
    """The weekday on which weeks begin."""
    last: int | None = None
    without: frozenset[int] = frozenset()


class Shift(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """When somebody is on call. Weekly: `days`, `opens` and `closes` (minutes of the local day; a `closes` that is not
    after `opens` is on the next day). Dated: `first` and `last` as instants. `region`: a group of groups.toml, a
    country code, or "" for everywhere."""

    team: str
    person: str
    login: str = ""
    call: str = ""
    region: str = ""
    zone: str = "UTC"
    days: tuple[str, ...] = ()
    opens: int = 0
    closes: int = 0
    first: int | None = None
    last: int | None = None
    repeat: Repeat | None = None
    """Of a shift of a calendar file that repeats: on these days, from `opens`, for `lasts` minutes of wall clock."""
    lasts: int = 0

    @property
    def dated(self) -> bool:
        """Whether it stands for one stretch only."""
        return self.first is not None


class OnCall(msgspec.Struct, frozen=True):
    """Somebody on call for a team: since when and until when, and the number to call back."""

    team: str
    person: str
    login: str
    call: str
    region: str
    since: int
    until: int


def on_call(team: str, country: str, now: int, rules: RuleSet, rota: Sequence[Shift]) -> OnCall | None:
    """Who of a team is on call for a country ("" for any) at an instant; the most exact region wins.

    A country's own shift comes before that of a group it is in, and that before one for everywhere.
    """
    found = [each for each in _around(team, country, now, now, rules, rota) if each.since <= now < each.until]
    return min(
        found, key=lambda each: (_exactness(each.region, country, rules), -each.until, each.person), default=None
    )


def next_on_call(team: str, country: str, now: int, rules: RuleSet, rota: Sequence[Shift]) -> OnCall | None:
    """Who comes next for a team and a country within two weeks, where nobody is on call."""
    until = now + AHEAD * DAY_MINUTES * 60_000
    found = [each for each in _around(team, country, now, until, rules, rota) if each.since > now]
    return min(found, key=lambda each: (each.since, _exactness(each.region, country, rules), each.person), default=None)


def _around(team: str, country: str, start: int, end: int, rules: RuleSet, rota: Sequence[Shift]) -> Iterator[OnCall]:
    """Every stretch of a team that touches a span of time, weekly ones cut where a dated one stands for them."""
    mine = [s for s in rota if s.team == team and _covers(s.region, country, rules)]
    dated = [s for s in mine if s.dated]
    for shift in mine:
        for since, until in stretches(shift, start, end):
            for part in [(since, until)] if shift.dated else _without(since, until, shift.region, dated):
                yield OnCall(team, shift.person, shift.login, shift.call, shift.region, *part)


def _without(since: int, until: int, region: str, dated: Iterable[Shift]) -> list[tuple[int, int]]:
    """What is left of a weekly stretch beside the dated shifts of its region."""
    left = [(since, until)]
    for shift in dated:
        if shift.region != region or shift.first is None or shift.last is None:
            continue
        cut = [(a, min(b, shift.first)) for a, b in left] + [(max(a, shift.last), b) for a, b in left]
        left = [(a, b) for a, b in cut if a < b]
    return left


def stretches(shift: Shift, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches of one shift that touch a span, in order. Raises KeyError for a zone this machine does not know."""
    if shift.first is not None and shift.last is not None:
        if shift.first <= end and shift.last > start:
            yield shift.first, shift.last
        return
    where = zone(shift.zone)
    if shift.repeat is not None:
        yield from _repeated(shift, shift.repeat, where, start, end)
        return
    day = datetime.fromtimestamp(start / 1000, where).date() - timedelta(days=1)
    last = datetime.fromtimestamp(end / 1000, where).date()
    while day <= last:
        if DAYS[day.weekday()] in shift.days:
            since = instant(day, shift.opens, where)
            over = DAY_MINUTES if shift.closes <= shift.opens else 0
            until = instant(day, shift.closes + over, where)
            if since <= end and until > start and since < until:
                yield since, until
        day += timedelta(days=1)


def _repeated(shift: Shift, repeat: Repeat, where: tzinfo, start: int, end: int) -> Iterator[tuple[int, int]]:
    back = shift.lasts // DAY_MINUTES + 1
    day = max(repeat.first, datetime.fromtimestamp(start / 1000, where).toordinal() - back)
    last = datetime.fromtimestamp(end / 1000, where).toordinal()
    last = last if repeat.last is None else min(last, repeat.last)
    for ordinal in range(day, last + 1):
        if on_day(repeat, ordinal) and ordinal not in repeat.without:
            since = instant(date.fromordinal(ordinal), shift.opens, where)
            until = instant(date.fromordinal(ordinal), shift.opens + shift.lasts, where)
            if since <= end and until > start and since < until:
                yield since, until


def on_day(repeat: Repeat, day: int) -> bool:
    """Whether an occurrence falls on a day, `last` and `without` apart."""
    weekday = (day - 1) % 7  # ordinal 1 is a Monday
    if day < repeat.first or (repeat.days and weekday not in repeat.days):
        return False
    if not repeat.weekly:
        return (day - repeat.first) % repeat.every == 0
    weeks = (day - 1 - repeat.week) // 7 - (repeat.first - 1 - repeat.week) // 7
    return weeks % repeat.every == 0


def instant(day: date, minute: int, where: tzinfo) -> int:
    """The instant of a local time of day. One that a change to summer time leaves out counts as if it had not come yet,
    so that a shift begins where the one before it ended."""
    day += timedelta(days=minute // DAY_MINUTES)
    local = datetime(day.year, day.month, day.day, minute % DAY_MINUTES // 60, minute % 60, tzinfo=where)
    return int(local.timestamp()) * 1000


def exists(local: datetime) -> bool:
    """Whether a local time exists: where the clocks go forward, an hour does not."""
    return local.astimezone(UTC).astimezone(local.tzinfo).replace(tzinfo=None) == local.replace(tzinfo=None)


def _covers(region: str, country: str, rules: RuleSet) -> bool:
    return not country or _exactness(region, country, rules) < 3


def _exactness(region: str, country: str, rules: RuleSet) -> int:
    """0 for the country itself, 1 for a group it is in, 2 for everywhere, 3 for elsewhere."""
    if region == "":
        return 2
    if region.casefold() == country.casefold():
        return 0
    group = rules.groups.get(region)
    return 1 if group is not None and country.upper() in group.countries else 3
