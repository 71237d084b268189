"""Reading terms about numbers, lengths of time and instants."""

from __future__ import annotations

from collections.abc import Callable

from escaltui.domain.query import values
from escaltui.domain.query.asked import Asked, Field, Term, Value
from escaltui.domain.query.names import either, emptiness
from escaltui.domain.query.tree import QueryError, Range, Test

NUMBER_TO = '{field} takes a number from 0 to {highest}, not "{typed}" at {at}'
WHOLE_NUMBER = '{field} takes a whole number, such as 100, not "{typed}" at {at}'
DURATION = '{field} takes a duration such as 4h, not "{typed}" at {at}'
DURATION_OR_DATE = '{field} takes a duration such as 4h or a date such as 2025-03-31, not "{typed}" at {at}'


def _wrong(template: str, term: Term, value: Value, **more: int) -> QueryError:
    return QueryError(template, value.at, field=term.name, typed=value.text, **more)


def _each(field: Field, term: Term, bounds: Callable[[Value], values.Open]) -> Test:
    """One range for each value; only `:` and `=` take several."""
    if len(term.values) > 1 and term.operator[-1] not in ":=":
        sentence = "{field} at {at} compares with one value: take away what follows the comma"
        raise QueryError(sentence, term.values[1].at, field=term.name, at=term.at)
    tests: list[Test] = []
    for value in term.values:
        empty = emptiness(field, value)
        if empty and term.operator[-1] not in ":=":
            mend = f"{term.name}:{value.text}"
            raise QueryError("write {mend} for {operator} at {at}", term.at, mend=mend, operator=term.operator)
        tests.append(empty or Range(field.source, *bounds(value)))
    return either(tests)


def read_number(field: Field, term: Term, asked: Asked) -> Test:
    """`sev:0,1`, `reach>10000`; severities may be written S0."""

    def bounds(value: Value) -> values.Open:
        text = value.text.lower().removeprefix("s") if field.highest else value.text
        found = values.number(text)
        if found is None or (field.highest and found > field.highest):
            raise _wrong(NUMBER_TO if field.highest else WHOLE_NUMBER, term, value, highest=field.highest or 0)
        return values.compare(term.operator, found, found)

    return _each(field, term, bounds)


def read_minutes(field: Field, term: Term, asked: Asked) -> Test:
    """A length of time that is stored in minutes: `legal_total<=4h`."""

    def bounds(value: Value) -> values.Open:
        found = values.duration(value.text)
        if found is None:
            raise _wrong(DURATION, term, value)
        minutes = found[0] // values.MINUTE
        return values.compare(term.operator, minutes, minutes)

    return _each(field, term, bounds)


def _read_time(field: Field, term: Term, asked: Asked, *, past: bool, dates: bool) -> Test:
    """A duration from now (`past`: until now), or a date."""

    def bounds(value: Value) -> values.Open:
        if dates and (day := values.date(value.text)):
            return values.compare(term.operator, *day)
        found = values.duration(value.text)
        if found is None:
            raise _wrong(DURATION_OR_DATE if dates else DURATION, term, value)
        now = asked.clock(f"{term.name} {value.text}", value.at)
        length, unit = found
        low, high = values.compare(term.operator, length, length + (unit - 1 if term.operator[-1] in ":=" else 0))
        if past:  # so long ago: the bounds change places
            low, high = (None if high is None else -high), (None if low is None else -low)
        return (None if low is None else now + low), (None if high is None else now + high)

    return _each(field, term, bounds)


def read_due(field: Field, term: Term, asked: Asked) -> Test:
    """`due<4h` (late ones too), `due:2025-03-31`."""
    return _read_time(field, term, asked, past=False, dates=True)


def read_age(field: Field, term: Term, asked: Asked) -> Test:
    """`age>2d`: received more than two days ago."""
    return _read_time(field, term, asked, past=True, dates=False)


def read_updated(field: Field, term: Term, asked: Asked) -> Test:
    """`updated<1h`: changed within the last hour; `updated>=2025-03-31`: on that day or since."""
    return _read_time(field, term, asked, past=True, dates=True)
