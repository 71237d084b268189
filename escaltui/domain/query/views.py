"""Saved views: a query under a name, on a number key. Packaged ones in `views.toml`, a person's own beside config."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec

from escaltui.domain.query.orders import ORDERS
from escaltui.domain.query.parse import parse
from escaltui.domain.query.tree import QueryError

KEYS = "1234567890"


class ViewsError(ValueError):
    """A file of views that cannot be used. `str()` names the file, the view and the field."""


class View(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One saved view. `key`: the digit that picks it, "" for none; `title`: by language, English always there."""

    id: str
    title: dict[str, str]
    query: str = ""
    sort: str = "queue"
    key: str = ""

    def titled(self, language: str) -> str:
        """The title in a language, else in English."""
        return self.title.get(language) or self.title["en"]


def parse_views(toml_text: str, source: str) -> tuple[View, ...]:
    """Read the `[[view]]` tables of a TOML text, in order. `source` names it in faults.

    Raises ViewsError for bad TOML, an unknown or missing field, a query that does not parse, a key or id used twice.
    """
    try:
        table = tomllib.loads(toml_text)
    except tomllib.TOMLDecodeError as error:
        raise ViewsError(f"{source}: {error}") from None
    rows = table.pop("view", [])
    if table or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ViewsError(f"{source}: write each view as a [[view]] table, and nothing else")
    views = tuple(_view(row, f'{source}: view "{row.get("id", number)}"') for number, row in enumerate(rows, 1))
    for field in ("id", "key"):
        taken: set[str] = set()
        for view in views:
            value = getattr(view, field)
            if value in taken:
                raise ViewsError(f'{source}: view "{view.id}", {field}: "{value}" is taken by another view')
            taken |= {value} - {""}
    return views


def _view(row: dict[str, Any], name: str) -> View:
    if isinstance(row.get("title"), str):  # a person's own view needs one title only
        row = row | {"title": {"en": row["title"]}}
    try:
        view = msgspec.convert(row, View)
    except msgspec.ValidationError as error:
        raise ViewsError(f"{name}: {error}") from None
    if not view.id.strip():
        raise ViewsError(f"{name}, id: write a short name")
    if not view.title.get("en", "").strip():
        raise ViewsError(f"{name}, title: write an English one (en)")
    if view.key and (len(view.key) != 1 or view.key not in KEYS):
        raise ViewsError(f'{name}, key: "{view.key}" is none of the digits {KEYS}')
    if view.sort not in ORDERS:
        raise ViewsError(f'{name}, sort: no order "{view.sort}": write one of {", ".join(ORDERS)}')
    try:
        parse(view.query, now=0, me="me")
    except QueryError as error:
        raise ViewsError(f"{name}, query: {error}") from None
    return view
