"""The material of composed cases, read from `data/` into tuples that are fast to draw from."""

from __future__ import annotations

import unicodedata
from typing import NamedTuple, TypeVar

import msgspec

from escaltui.demo.stories import read

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "png": "image/png",
    "jpg": "image/jpeg",
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
T = TypeVar("T")


class Letter(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences of a template in one language."""

    ask: tuple[str, ...]
    detail: tuple[str, ...] = ("",)


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A time that a letter may set: hours from receipt, and its words."""

    hours: int
    en: str
    fr: str


class Scene(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What belongs together: the matter (as titles say it, as letters say it), the item's text, the summaries."""

    item: str
    en: str
    fr: str
    text: str
    tag: str
    summaries: tuple[str, ...]


class Template(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[template]]` row of templates.toml. `share`: letters out of 100 that name a time."""

    type: str
    weight: int
    kind: str
    channels: tuple[str, ...]
    requester: str
    group: str
    product: str
    item_types: tuple[str, ...]
    harm: str
    severities: tuple[int, ...]
    titles: tuple[str, ...]
    scenes: tuple[Scene, ...]
    en: Letter
    fr: Letter
    flags: tuple[str, ...] = ("",)
    content_notes: tuple[str, ...] = ("",)
    authority: bool = False
    share: int = 0
    asked: tuple[Asked, ...] = ()


class Name(NamedTuple):
    """A name as written, and as part of an address."""

    text: str
    slug: str


class Speech(NamedTuple):
    """What one language brings: people, places, organisations by requester kind, letters by group."""

    code: str
    countries: tuple[str, ...]
    given: tuple[Name, ...]
    family: tuple[Name, ...]
    towns: tuple[str, ...]
    open: tuple[str, ...]
    close: tuple[str, ...]
    organisations: dict[str, tuple[Name, ...]]
    letters: dict[str, tuple[str, ...]]


class Notes(NamedTuple):
    """By template group: notes as (kind, body), parties to wait for, names of attachments."""

    bodies: dict[str, tuple[tuple[str, str], ...]]
    waits: dict[str, tuple[str, ...]]
    files: dict[str, tuple[str, ...]]


class Material(NamedTuple):
    """All of it. Templates and languages are repeated by weight, so that a plain draw is a weighted one."""

    templates: tuple[Template, ...]
    speech: tuple[Speech, ...]
    notes: Notes


def load() -> Material:
    """Read every data file of the composed cases."""
    rows = [msgspec.convert(row, Template) for row in read("templates.toml")["template"]]
    locales, organisations, letters = read("locales.toml"), read("organisations.toml"), read("letters.toml")
    speech: list[Speech] = []
    for code, locale in locales.items():
        speech += [_speech(code, locale, organisations[code], letters.get(code, {}))] * locale["share"]
    return Material(tuple(row for row in rows for _ in range(row.weight)), tuple(speech), _notes())


def slug(text: str, default: str) -> str:
    """Lower-case ASCII letters, digits and hyphens of `text`; `default` where nothing is left."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split()) or default


def _speech(
    code: str, locale: dict[str, list[str]], organisations: dict[str, list[str]], letters: dict[str, list[str]]
) -> Speech:
    towns = tuple(locale["towns"])
    return Speech(
        code,
        tuple(locale["countries"]),
        tuple(Name(n, slug(n, f"user-{code}")) for n in locale["given"]),
        tuple(Name(n, slug(n, str(100 + i))) for i, n in enumerate(locale["family"])),
        towns,
        tuple(locale["open"]),
        tuple(locale["close"]),
        {kind: _organisations(forms, towns, f"{kind}-{code}") for kind, forms in organisations.items()},
        {group: tuple(lines) for group, lines in letters.items()},
    )


def _organisations(forms: list[str], towns: tuple[str, ...], default: str) -> tuple[Name, ...]:
    """Every form in every town, or once where it names none. Domain-safe slugs beside them."""
    names = dict.fromkeys(form.replace("{town}", town) for form in forms for town in towns)
    return tuple(Name(name, slug(name, default.replace("_", "-"))[:40].strip("-")) for name in names)


def _notes() -> Notes:
    raw = read("notes.toml")
    waits, files, common = raw.pop("wait"), raw.pop("files"), raw.pop("any")
    bodies = {group: _bodies(own) * 2 + _bodies(common) for group, own in raw.items()}
    return Notes(bodies, {g: tuple(parties) for g, parties in waits.items()}, {g: tuple(n) for g, n in files.items()})


def _bodies(by_kind: dict[str, list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((kind, body) for kind, bodies in by_kind.items() for body in bodies)
