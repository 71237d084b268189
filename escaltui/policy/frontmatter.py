"""Front matter: `+++` TOML of our own files, and a strict reader of foreign `---` blocks."""

from __future__ import annotations

import re
import tomllib
from typing import Any

import msgspec

from escaltui.i18n import _

_KEY = re.compile(r"^([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$")
_ITEM = re.compile(r"^\s*-\s+(.*)$")
_INLINE_LIST = re.compile(r"^\[(.*)\]$")


class FrontMatter(msgspec.Struct, frozen=True):
    """What stood before the text: its fields, how many lines it took, and what could not be read."""

    fields: dict[str, Any] = {}
    lines: int = 0
    warnings: tuple[str, ...] = ()


def read_front_matter(lines: list[str]) -> FrontMatter:
    """The front matter at the very start of the lines; no fields and 0 lines where there is none.

    Never raises: what cannot be read is left out and named in `warnings`, so one bad field does not stop a file.
    """
    mark = lines[0].rstrip() if lines else ""
    if mark not in ("+++", "---"):
        return FrontMatter()
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == mark), None)
    if end is None:
        return FrontMatter()
    body = lines[1:end]
    if mark == "+++":
        return _toml(body, end + 1)
    if not body or not _KEY.match(body[0].rstrip()):
        return FrontMatter()  # a rule line, not front matter
    return _scalars_and_lists(body, end + 1)


def _toml(body: list[str], count: int) -> FrontMatter:
    try:
        return FrontMatter(tomllib.loads("\n".join(body)), count)
    except tomllib.TOMLDecodeError as error:
        said = _("front matter is not valid TOML ({why}): mend it between the +++ lines")
        return FrontMatter({}, count, (said.format(why=error),))


def _scalars_and_lists(body: list[str], count: int) -> FrontMatter:
    fields: dict[str, Any] = {}
    unread: list[str] = []
    key = ""
    for line in body:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if (item := _ITEM.match(line)) and isinstance(fields.get(key), list):
            fields[key].append(_scalar(item[1]))
        elif found := _KEY.match(line.rstrip()):
            key = found[1]
            fields[key] = _value(found[2] or "")
        else:
            unread.append(line.strip())
    if not unread:
        return FrontMatter(fields, count, ())
    said = _("front matter: {n} lines kept unread, the first is {first!r}")
    return FrontMatter(fields, count, (said.format(n=len(unread), first=unread[0]),))


def _value(raw: str) -> Any:
    raw = raw.strip()
    if not raw:
        return []  # a list may follow; an empty scalar reads as an empty list
    if inline := _INLINE_LIST.match(raw):
        return [_scalar(part) for part in inline[1].split(",") if part.strip()]
    return _scalar(raw)


def _scalar(raw: str) -> str:
    raw = raw.strip()
    if len(raw) >= 2 and raw[0] == raw[-1] and raw[0] in "'\"":
        return raw[1:-1]
    return raw
