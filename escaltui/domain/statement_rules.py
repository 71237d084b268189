"""What a statement of reasons must be for the EU's transparency database to take it: its schema as a value, the check.

The schema is read by `policy.sor_schema` and passed in; its rules are those of the database's own server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

import msgspec

from escaltui.domain.sentences import Said, said

Value = str | tuple[str, ...]
Fields = Mapping[str, Value]


class When(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Another field has (among others) a value."""

    field: str
    value: str

    def holds(self, fields: Fields) -> bool:
        """Whether it is so."""
        found = fields.get(self.field, ())
        return found == self.value if isinstance(found, str) else self.value in found


class FieldRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What one field must be. `exactly`: there if and only if; `only`: not there otherwise; `unless`: not there then.

    `limit` counts characters. Days are ISO dates.
    """

    required: bool = False
    many: bool = False
    date: bool = False
    limit: int | None = None
    pattern: str = ""
    earliest: str = ""
    latest: str = ""
    values: tuple[str, ...] = ()
    values_of: str = ""
    exactly: When | None = None
    only: When | None = None
    unless: When | None = None


class Schema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The fields of a statement, by name in the database's order. `one_of`: at least one of these must be there."""

    schema: str
    batch: int
    one_of: tuple[str, ...]
    field: dict[str, FieldRule]

    def values(self, name: str) -> tuple[str, ...]:
        """The values that a field may have; none where any text will do."""
        rule = self.field[name]
        return self.field[rule.values_of].values if rule.values_of else rule.values


def problems(fields: Fields, schema: Schema) -> tuple[Said, ...]:
    """Why the database would refuse these fields, in its order of fields; none where they are valid.

    Each tells the field, the rule, and the figure where there is one: `decision_facts: 5,001 of 5,000 characters`.
    """
    unknown = (said("{field}: no field of the schema of {schema}", field=name, schema=schema.schema)
               for name in fields if name not in schema.field)  # fmt: skip
    lacking = () if any(map(fields.get, schema.one_of)) else (
        said("{field}: one of them must say what was done", field=", ".join(schema.one_of)),
    )  # fmt: skip
    each = (found for name in schema.field for found in _of(name, fields, schema))
    return (*lacking, *each, *unknown)


def _of(name: str, fields: Fields, schema: Schema) -> Iterator[Said]:
    rule, value = schema.field[name], fields.get(name, "")
    there = any(part.strip() for part in ((value,) if isinstance(value, str) else value))
    if not there:
        if rule.required:
            yield said("{field}: missing", field=name)
        elif rule.exactly is not None and rule.exactly.holds(fields):
            yield _where("{field}: missing, required for {value}", name, rule.exactly)
        return
    bound = rule.exactly or rule.only
    if bound is not None and not bound.holds(fields):
        yield _where("{field}: only for {value}", name, bound)
    if rule.unless is not None and rule.unless.holds(fields):
        yield _where("{field}: not for {value}", name, rule.unless)
    if isinstance(value, str) is rule.many:
        yield said("{field}: a list is wanted" if rule.many else "{field}: one value is wanted", field=name)
        return
    for part in value if isinstance(value, tuple) else (value,):
        yield from _part(name, part, rule, schema.values(name))


def _where(template: str, name: str, when: When) -> Said:
    return said(template, field=name, value=when.value)


def _part(name: str, text: str, rule: FieldRule, known: tuple[str, ...]) -> Iterator[Said]:
    if known and text not in known:
        yield said("{field}: {found} is none of its {count} values", field=name, found=text[:60], count=len(known))
    if rule.limit is not None and len(text) > rule.limit:
        yield said("{field}: {size:,} of {limit:,} characters", field=name, size=len(text), limit=rule.limit)
    if rule.pattern and not re.fullmatch(rule.pattern, text):
        yield said("{field}: {found} has not the form that is asked for", field=name, found=text[:60])
    if rule.date:
        yield from _day(name, text, rule)


def _day(name: str, text: str, rule: FieldRule) -> Iterator[Said]:
    try:
        day = date.fromisoformat(text).isoformat()
    except ValueError:
        day = ""
    if day != text:
        yield said("{field}: {found} is no day like 2026-05-31", field=name, found=text[:60])
    elif rule.earliest and day < rule.earliest:
        yield said("{field}: {found} is before {day}", field=name, found=text, day=rule.earliest)
    elif rule.latest and day > rule.latest:
        yield said("{field}: {found} is after {day}", field=name, found=text, day=rule.latest)
