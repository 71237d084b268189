"""The hand-written cases: `data/stories_*.toml` read into `DemoCase` values.

A story keeps its times relative (`received = "2h10m"`, `asked = "+4h"`) and its steps as short lines
(`"50m rmarin note analysis: The page is a copy."`), so that it reads like the case it tells.
`{day}`, `{asked_day}` and `{asked_time}` in its text become the days and hours that fit `now`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import datetime, timedelta
from importlib import resources
from typing import Any

import msgspec

from escaltui.demo.people import PLATFORM
from escaltui.demo.shapes import DemoAttachment, DemoCase, DemoRequester, DemoStep, DemoSubject
from escaltui.demo.words import day, minutes

FILES = tuple(f"stories_{part}.toml" for part in ("first", "authority", "rights", "business", "people"))


class _Subject(msgspec.Struct, forbid_unknown_fields=True):
    item_type: str
    item_id: str
    author: str = ""
    text: str = ""
    reach: int = 0
    url: str = ""


class _Story(msgspec.Struct, forbid_unknown_fields=True):
    key: str
    type: str
    channel: str
    kind: str
    title: str
    summary: str
    body: str
    product: str
    severity: int
    requester: DemoRequester
    received: str
    language: str = "en"
    content_note: str = ""
    countries: tuple[str, ...] = ()
    harm: str = ""
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    on_behalf_of: str = ""
    subjects: tuple[_Subject, ...] = ()
    asked: str = ""
    asked_words: str = ""
    verified: bool | None = None
    steps: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    attachments: tuple[tuple[str, str, int], ...] = ()


def stories(now: datetime) -> Iterator[DemoCase]:
    """The hand-written cases in their order, dated relative to `now` (aware, UTC)."""
    for name in FILES:
        for raw in read(name)["story"]:
            yield _case(msgspec.convert(raw, _Story), now)


def read(name: str) -> dict[str, Any]:
    """One data file of the demo, parsed."""
    return tomllib.loads((resources.files("escaltui.demo") / "data" / name).read_text(encoding="utf-8"))


def url_of(item_type: str, item_id: str) -> str:
    """Where an item of the invented platform would lie."""
    return f"https://{PLATFORM.host}/{item_type}/{item_id}"


def _case(story: _Story, now: datetime) -> DemoCase:
    received = minutes(story.received)
    asked = _asked(story, now)
    names = {"{day}": day(now - timedelta(minutes=received), story.language)}
    if asked is not None:
        at = now + timedelta(minutes=asked)
        names |= {"{asked_day}": day(at, story.language), "{asked_time}": f"{at:%H:%M}"}
    return DemoCase(
        key=story.key,
        type=story.type,
        channel=story.channel,
        kind=story.kind,
        title=story.title,
        summary=_fill(story.summary, names),
        body=_fill(story.body, names).strip(),
        language=story.language,
        product=story.product,
        severity=story.severity,
        requester=story.requester,
        received_minutes_ago=received,
        content_note=story.content_note,
        countries=story.countries,
        harm=story.harm,
        flags=story.flags,
        tags=story.tags,
        on_behalf_of=story.on_behalf_of,
        subjects=tuple(_subject(s) for s in story.subjects),
        asked_minutes=asked,
        asked_words=_fill(story.asked_words, names),
        verified=story.verified,
        steps=tuple(_step(line, story) for line in story.steps),
        links=story.links,
        attachments=tuple(DemoAttachment(*a) for a in story.attachments),
    )


def _asked(story: _Story, now: datetime) -> int | None:
    """Minutes from now to the asked time; on the full hour where the letter names one."""
    if not story.asked:
        return None
    wanted = minutes(story.asked)
    if "{asked_time}" not in story.body:
        return wanted
    at = (now + timedelta(minutes=wanted)).replace(minute=0, second=0, microsecond=0)
    return round((at - now) / timedelta(minutes=1))


def _fill(text: str, names: dict[str, str]) -> str:
    for slot, words in names.items():
        text = text.replace(slot, words)
    return text


def _subject(row: _Subject) -> DemoSubject:
    url = row.url or url_of(row.item_type, row.item_id)
    return DemoSubject(row.item_type, row.item_id, url, row.author, row.text, row.reach)


def _step(line: str, story: _Story) -> DemoStep:
    ago, actor, verb, *rest = line.split(maxsplit=3)
    return DemoStep(minutes(ago), actor, verb, _args(verb, rest[0] if rest else "", story))


def _args(verb: str, rest: str, story: _Story) -> dict[str, Any]:
    match verb:
        case "triage":
            return {"type": story.type, "severity": story.severity}
        case "note":
            kind, body = rest.split(": ", 1)
            return {"kind": kind, "body": body}
        case "wait":
            on, *until = rest.split()
            return {"on": on, "minutes": minutes(until[0])} if until else {"on": on}
        case "assign":
            return {"person": rest}
        case "tag" | "flag":
            return {"name": rest}
        case "skip" | "dismiss":
            return {"reason": rest}
        case "close":
            return {"root_cause": rest}
        case _:
            return {}
