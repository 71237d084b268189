"""The pictures, films and documents of the demo desk, and what its people said of them: drawn by the project itself."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any

import msgspec

from escaltui.demo.people import people
from escaltui.demo.shapes import DemoCase
from escaltui.demo.stories import read

FILE = "media.toml"
TYPES = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp", "gif": "image/gif", "mp4": "video/mp4",
         "pdf": "application/pdf"}  # fmt: skip
LOOKED_AT = 3
"""One in so many of the generated cases' files was rated and described by somebody."""


class DemoFile(msgspec.Struct, frozen=True):
    """One file of a case. `item`: the place of the item it is of, None where it came with the report; `rated` and
    `description` by `who`, "" where nobody said anything."""

    file: str
    item: int | None = None
    claimed: str = "unknown"
    transcript: str = ""
    transcript_by: str = "person"
    rated: str = ""
    description: str = ""
    who: str = ""


@cache
def names() -> tuple[str, ...]:
    """The names of all files there are."""
    folder = resources.files("escaltui.demo") / "data" / "media"
    return tuple(sorted(each.name for each in folder.iterdir() if each.name.rpartition(".")[2] in TYPES))


@cache
def content(name: str) -> bytes:
    """The bytes of a file."""
    return (resources.files("escaltui.demo") / "data" / "media" / name).read_bytes()


@cache
def digest(name: str) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(content(name)).hexdigest()


@cache
def _data() -> dict[str, Any]:
    return read(FILE)


def files_of(case: DemoCase) -> tuple[DemoFile, ...]:
    """The files of a case's items: those written down for it, else by chance, the same at each making."""
    written = tuple(_written(row) for row in _data()["media"] if row["case"] == case.key)
    return written or tuple(_by_chance(case))


def _written(row: dict[str, Any]) -> DemoFile:
    rated, _, who = row.get("rated", "").partition(" by ")
    plain = {name: row[name] for name in ("file", "item", "claimed", "transcript", "transcript_by", "description")
             if name in row}  # fmt: skip
    return DemoFile(**plain, rated=rated, who=who)


def _by_chance(case: DemoCase) -> Iterator[DemoFile]:
    """A composed case's file, by what its first item is."""
    generated, draw = _data()["generated"], zlib.crc32(case.key.encode())
    if not case.key.rpartition("-")[2].isdecimal() or not case.subjects or draw % generated["one_in"]:
        return
    choice = generated["files"].get(case.subjects[0].item_type, ())
    if not choice:
        return
    name = choice[draw // 7 % len(choice)]
    rated, words = _data()["said"].get(name, ("", ""))
    if not rated or draw // 49 % LOOKED_AT:
        yield DemoFile(name, 0)
        return
    crew = people()
    yield DemoFile(name, 0, rated=rated, description=words, who=crew[draw % len(crew)].name)
