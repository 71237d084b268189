"""A mapping file: how the rows of somebody else's export become reports.

A TOML file with these tables, all optional::

    source = "ticketing"            # goes into the dedupe key; else the file's name
    delimiter = ";"                 # CSV only; else it is found from the first line
    date_format = "%d/%m/%Y %H:%M"  # strptime; else ISO 8601 and dates as letters write them
    zone = "+02:00"                 # of dates without a zone; else UTC
    split = "|"                     # parts several links in one cell; else white space and commas

    [columns]                       # their column = our field
    "Ticket ID" = "id"              # the external id: with it a second import changes nothing
    "Summary"   = "title"
    "Message"   = "body"
    "Created"   = "received_at"
    "Category"  = "case_type"
    "Sender"    = "requester.name"
    "Links"     = "subjects"

    [constants]                     # our field = the same value for every row
    channel = "import"
    "requester.kind" = "user"

    [values.case_type]              # our field: their word = our word
    "Ad rejected" = "ads"

Our fields: id title body received_at kind case_type channel right_claimed on_behalf_of country languages laws
affected_count parent_hint dedupe_key subjects media label rating (described in `media_rows`),
requester.{name kind organisation country contact_points}, subject.{platform item_type item_id url author}. A column
that is not named is kept in `answers` under its own name.
"""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta, timezone, tzinfo
from pathlib import Path
from typing import Any

import msgspec

from escaltui.i18n import _
from escaltui.intake.found import IntakeError, word_set

FIELDS = word_set(
    """
    id title body received_at kind case_type channel right_claimed on_behalf_of country languages laws
    affected_count parent_hint dedupe_key subjects media label rating requester.name requester.kind
    requester.organisation
    requester.country requester.contact_points subject.platform subject.item_type subject.item_id
    subject.url subject.author
    """
)
_TABLES = frozenset(("source", "delimiter", "date_format", "zone", "split", "columns", "constants", "values"))


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    """A mapping file as values; the default maps each field of ours to a column of the same name."""

    source: str = ""
    delimiter: str = ""
    date_format: str = ""
    zone: tzinfo | None = None
    split: str = ""
    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    values: dict[str, dict[str, str]] = {}

    def fields(self, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
        """Our fields of one row, and the columns that are left over, as text."""
        ours: dict[str, Any] = dict(self.constants)
        left: dict[str, str] = {}
        for column, value in row.items():
            field = self.columns.get(column) or (column if not self.columns and column in FIELDS else "")
            if not field:
                if value not in (None, "", [], {}):
                    left[str(column)] = value if isinstance(value, str) else _as_text(value)
            elif value not in (None, ""):
                words = self.values.get(field, {})
                ours[field] = words.get(value.strip(), value) if isinstance(value, str) else value
        return ours, left


def _as_text(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def read_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file. Raises IntakeError with a sentence that names the fault and the mend."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        raise IntakeError(_("The mapping {name} cannot be read: check its name.").format(name=path.name)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise IntakeError(_("The mapping {name} is not TOML: {why}.").format(name=path.name, why=error)) from None
    unknown = sorted(set(table) - _TABLES)
    if unknown:
        raise IntakeError(
            _("The mapping {name} has no use for {unknown!r}: it knows {known}.").format(
                name=path.name, unknown=unknown[0], known=", ".join(sorted(_TABLES))
            )
        )
    try:
        zone = _zone(str(table.pop("zone", "")), path)
        mapping = msgspec.convert({**table, "zone": None}, Mapping)
    except msgspec.ValidationError as error:
        raise IntakeError(_("The mapping {name} does not fit: {why}.").format(name=path.name, why=error)) from None
    _check(mapping, path)
    return msgspec.structs.replace(mapping, zone=zone)


def _check(mapping: Mapping, path: Path) -> None:
    for field in (*mapping.columns.values(), *mapping.constants, *mapping.values):
        if field not in FIELDS:
            raise IntakeError(
                _("The mapping {name} names {field!r}, which is no field: use {known}.").format(
                    name=path.name, field=field, known=", ".join(sorted(FIELDS))
                )
            )
    if len(mapping.delimiter) > 1:
        raise IntakeError(_("The delimiter in {name} must be one character.").format(name=path.name))


def _zone(words: str, path: Path) -> tzinfo | None:
    if not words:
        return None
    match = re.fullmatch(r"([+-])(\d\d):?(\d\d)", words)
    if match is None:
        raise IntakeError(
            _("The zone {words!r} in {name} is not understood: write it as +02:00.").format(words=words, name=path.name)
        )
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes >= 24 * 60:
        raise IntakeError(
            _("The zone {words!r} in {name} is more than a day: write it as +02:00.").format(
                words=words, name=path.name
            )
        )
    return timezone(timedelta(minutes=minutes if match[1] == "+" else -minutes))
