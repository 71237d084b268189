"""The rows of the rule files, as plain frozen values: one class for each kind of table.

Every row carries its `id`, the name of its table in the file. Durations are whole minutes unless a name says hours.
The descriptions in the field types finish the sentence "... must be".
"""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Minutes = Annotated[int, Meta(gt=0, description="a whole number above 0")]
Hours = Annotated[int, Meta(ge=0, le=240, description="a whole number from 0 to 240")]
Level = Annotated[int, Meta(ge=0, le=4, description="a severity from 0 to 4")]
Text = Annotated[str, Meta(min_length=1, description="a text in quotes")]
Names = Annotated[tuple[Text, ...], Meta(description='a list of names, like ["a", "b"]')]
Yes = Annotated[bool, Meta(description="true or false")]
Family = Literal["community_standards", "ads", "commerce", "ip", "platform_terms", "law", "workflow"]
Families = Annotated[
    tuple[Family, ...],
    Meta(description="a list out of community_standards ads commerce ip platform_terms law workflow"),
]
Span = Annotated[str, Meta(pattern=r"^\d\d:\d\d-\d\d:\d\d$", description='times of day, like "09:00-13:00"')]
Date = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$", description='a date, like "2028-02-29"')]
Code = Annotated[str, Meta(pattern=r"^[A-Z]{2}$", description='a country code, like "DE"')]
Week = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
FALLBACK_CALENDAR = "desk"


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One row of a rule file; `id` is its name there."""

    id: str = ""


class Named(Row, frozen=True):
    """A row that is only a word and how to say it."""

    label: Text


class CaseType(Named, frozen=True):
    """A kind of case. `authority`: verification wanted; `internal`: nobody outside waits; `severity`: first guess."""

    authority: Yes = False
    internal: Yes = False
    families: Families = ("community_standards",)
    severity: Level = 3


class Severity(Named, frozen=True):
    """One step of S0 to S4 in words, with examples to compare a case with."""

    level: Level
    definition: Text
    examples: Annotated[tuple[Text, Text, Text], Meta(description="a list of three texts")]


class Metric(Named, frozen=True):
    """Something we time ourselves on. `starts` and `stops` name events; `pauses` names whom we may wait for."""

    starts: Annotated[Literal["opened", "letter", "proposal"], Meta(description='"opened", "letter" or "proposal"')]
    stops: Names = ()
    pauses: Names = ()
    never_paused: Annotated[tuple[Level, ...], Meta(description="a list of severities, like [0, 1]")] = ()
    again: Yes = False
    internal: Yes = True


class SlaRow(Row, frozen=True):
    """A budget: for a metric, of cases of one type or any, of one severity or any. `by = "asked"` waives it where the
    letter itself sets a time; `counts` is every hour of the year or the desk's hours."""

    metric: Text
    minutes: Minutes | None = None
    type: str = ""
    severity: Level | None = None
    counts: Annotated[Literal["always", "desk"], Meta(description='"always" or "desk"')] = "always"
    by: Annotated[Literal["", "asked"], Meta(description='"asked", or left out')] = ""


class Calendar(Row, frozen=True, dict=True):
    """Working hours by weekday in a zone. `closed` are dates; the loader adds the `holidays` of the `years` to it."""

    zone: Text = "UTC"
    always: Yes = False
    hours: Annotated[
        dict[Week, tuple[Span, ...]], Meta(description='times by day, like { mon = ["09:00-13:00", "14:00-18:00"] }')
    ] = {}
    holidays: Names = ()
    years: Annotated[tuple[int, ...], Meta(description="a list of years, like [2026, 2027, 2028]")] = ()
    closed: Annotated[tuple[Date, ...], Meta(description='a list of dates, like ["2026-12-25"]')] = ()

    @cached_property
    def tables(self) -> dict[int, object]:
        """Room for what `calendars` works out, year by year; the calendar itself stays as it is."""
        return {}


class Event(Row, frozen=True):
    """Something dated that rules may ask for, such as an election in a country."""

    kind: Text
    countries: Annotated[tuple[Code, ...], Meta(description='a list of country codes, like ["DE"]')]
    first: Date
    last: Date


class Lane(Row, frozen=True):
    """The first lane whose `when` holds is a case's lane."""

    lane: Level
    when: str = ""


class Start(Row, frozen=True):
    """Hours from receipt within which a case of a severity is to be started."""

    severity: Level
    hours: Annotated[int, Meta(gt=0, description="a whole number above 0")]


class Bonus(Row, frozen=True):
    """Hours by which a flag, a kind of requester or a reopening moves a case forward."""

    hours: Hours


class Scale(Row, frozen=True):
    """Hours that grow with a number: hours x log_base(number / over), at most `most`."""

    hours: Hours
    base: Annotated[int, Meta(gt=1, description="a whole number above 1")]
    most: Hours
    over: Minutes = 1


class Limit(Row, frozen=True):
    """A single number of minutes."""

    minutes: Minutes


class Route(Row, frozen=True):
    """Where a new report goes. Of the rows that match, the first that names a thing settles it."""

    when: str = ""
    desk: str = ""
    type: str = ""
    severity: Level | None = None


class Floor(Row, frozen=True):
    """The mildest severity that cases with certain flags are given."""

    when: Text
    severity: Level


class Team(Named, frozen=True):
    """Who can be asked. `minutes`: how soon it answers, S0 to S4."""

    region: str = ""
    calendar: str = ""
    address: str = ""
    minutes: Annotated[
        tuple[Minutes, Minutes, Minutes, Minutes, Minutes], Meta(description="a list of five whole numbers above 0")
    ] = (30, 60, 240, 1440, 2880)
    advice_only: Yes = False


class Desk(Named, frozen=True):
    """A queue with its own hours. `require_ack`: nobody decides by a policy whose acknowledgement they still owe."""

    calendar: str = FALLBACK_CALENDAR
    require_ack: Yes = False


class Ask(Row, frozen=True):
    """A consult that is usual for certain cases."""

    when: Text
    team: Text
    question: Text


class Group(Named, frozen=True):
    """A name for several countries."""

    countries: Annotated[tuple[Code, ...], Meta(description='a list of country codes, like ["DE"]')]


class Priority(msgspec.Struct, frozen=True):
    """All rows of `priority.toml`."""

    lane: dict[str, Lane]
    start: dict[str, Start]
    flag: dict[str, Bonus]
    requester: dict[str, Bonus]
    scale: dict[str, Scale]
    flat: dict[str, Bonus]
    limit: dict[str, Limit]
