"""The values of the demo desk: plain, frozen, without ties to the domain."""

from __future__ import annotations

from typing import Any

import msgspec


class DemoPerson(msgspec.Struct, frozen=True):
    """Someone on the desk. `name` is login-like; `pseudonym` is what outsiders see."""

    name: str
    pseudonym: str
    languages: tuple[str, ...]
    roles: tuple[str, ...]
    team: str = ""


class DemoPlatform(msgspec.Struct, frozen=True):
    """The invented platform; `host` is under a reserved top-level domain."""

    name: str
    host: str
    blurb: str


class DemoRequester(msgspec.Struct, frozen=True, gc=False):
    """Who asks. `kind` is one of the domain's requester kinds, `address` a mail address."""

    name: str
    kind: str
    organisation: str = ""
    country: str = ""
    address: str = ""


class DemoSubject(msgspec.Struct, frozen=True, gc=False):
    """What a case is about. `reach` counts people who saw it; `text` is the item's own text."""

    item_type: str
    item_id: str
    url: str
    author: str = ""
    text: str = ""
    reach: int = 0


class DemoAttachment(msgspec.Struct, frozen=True, gc=False):
    """An attachment as facts: no bytes exist. `size` is in bytes, `type` a media type."""

    name: str
    type: str
    size: int


class DemoStep(msgspec.Struct, frozen=True):
    """One act of a person on the case, `minutes_ago` before now.

    `args` by verb: triage {type, severity}; assign {person}; note {kind, body}; tag {name}; flag {name};
    wait {on} and perhaps {minutes} (a snooze, counted from the step); skip {reason}; dismiss {reason};
    close {root_cause}; claim, release and wake have none.
    """

    minutes_ago: int
    actor: str
    verb: str
    args: dict[str, Any]


class DemoCase(msgspec.Struct, frozen=True):
    """A case as it came in, and what people then did with it.

    `received_minutes_ago` counts back from now. `asked_minutes` counts forward from now to the time that the
    letter sets (negative: already past); `asked_words` are the letter's own words, found in `body`.
    `severity` is 0 to 4. `verified` is None where nobody has tried yet. `links` are (kind, key of a case
    that was yielded before this one). `brief`: one of the desk's past, told in few steps.
    """

    key: str
    type: str
    channel: str
    kind: str
    title: str
    summary: str
    body: str
    language: str
    product: str
    severity: int
    requester: DemoRequester
    received_minutes_ago: int
    content_note: str = ""
    countries: tuple[str, ...] = ()
    harm: str = ""
    flags: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    on_behalf_of: str = ""
    subjects: tuple[DemoSubject, ...] = ()
    asked_minutes: int | None = None
    asked_words: str = ""
    verified: bool | None = None
    steps: tuple[DemoStep, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    attachments: tuple[DemoAttachment, ...] = ()
    brief: bool = False
