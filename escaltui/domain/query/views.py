"""Saved views: a query under a name, on a number key. Packaged ones in `views.toml`, a person's own beside config."""

from __future__ import annotations

import tomllib
from typing import Any

import msgspec

from escaltui.domain.query.orders import ORDERS
from escaltui.domain.query.parse import parse
from escaltui.domain.query.tree import QueryError
from escaltui.domain.sentences import Fault

KEYS = "1234567890"


class ViewsError(Fault):
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
        raise ViewsError("{place}: {error}", place=source, error=str(error)) from None
    rows = table.pop("view", [])
    if table or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ViewsError("{place}: write each view as a [[view]] table, and nothing else", place=source)
    views = tuple(_view(row, f'{source}: view "{row.get("id", number)}"') for number, row in enumerate(rows, 1))
    for field in ("id", "key"):
        taken: set[str] = set()
        for view in views:
            value = getattr(view, field)
            if value in taken:
                place = f'{source}: view "{view.id}", {field}'
                raise ViewsError('{place}: "{value}" is taken by another view', place=place, value=value)
            taken |= {value} - {""}
    return views


def _view(row: dict[str, Any], name: str) -> View:
    if isinstance(row.get("title"), str):  # a person's own view needs one title only
        row = row | {"title": {"en": row["title"]}}
    try:
        view = msgspec.convert(row, View)
    except msgspec.ValidationError as error:
        raise ViewsError("{place}: {error}", place=name, error=str(error)) from None
    if not view.id.strip():
        raise ViewsError("{place}, id: write a short name", place=name)
    if not view.title.get("en", "").strip():
        raise ViewsError("{place}, title: write an English one (en)", place=name)
    if view.key and (len(view.key) != 1 or view.key not in KEYS):
        sentence = '{place}, key: "{key}" is none of the digits {known}'
        raise ViewsError(sentence, place=name, key=view.key, known=KEYS)
    if view.sort not in ORDERS:
        sentence = '{place}, sort: no order "{order}": write one of {known}'
        raise ViewsError(sentence, place=name, order=view.sort, known=", ".join(ORDERS))
    try:
        parse(view.query, now=0, me="me")
    except QueryError as error:
        raise ViewsError("{place}, query: {error}", place=name, error=(error.said,)) from None
    return view
