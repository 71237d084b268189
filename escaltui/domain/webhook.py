"""The JSON form of a report that comes by webhook: what a sender says of one letter, as `docs/webhook.md` describes it.

Everything is as the sender says it: nothing is verified, and nothing is set that a person confirms.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec

SUBJECTS_MOST, LIST_MOST, ANSWERS_MOST = 500, 50, 100
_Word = Annotated[str, msgspec.Meta(max_length=64)]
_Line = Annotated[str, msgspec.Meta(max_length=500)]
_Url = Annotated[str, msgspec.Meta(max_length=2000)]
_Words = Annotated[tuple[_Word, ...], msgspec.Meta(max_length=LIST_MOST)]
Kind = Literal["notice", "counter_notice", "retraction", "order", "request", "enquiry", "appeal", "flag"]


class SentRequester(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who asks. `country`: two letters (ISO 3166-1); `contact_points`: addresses of theirs."""

    name: _Line = ""
    kind: _Word = "user"
    organisation: _Line = ""
    country: _Word = ""
    contact_points: Annotated[tuple[_Line, ...], msgspec.Meta(max_length=LIST_MOST)] = ()


class SentSubject(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that the report is about; platform, type and id name it."""

    platform: _Line
    item_id: _Line
    item_type: _Word = "post"
    url: _Url = ""
    author: _Line = ""


class SentReport(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One report. `key` is the sender's own name for it: the same key never opens a second case.

    `received_at`: when it reached the sender (RFC 3339, with its zone); without one it is now.
    """

    key: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    body: Annotated[str, msgspec.Meta(min_length=1)]
    title: _Line = ""
    kind: Kind = "request"
    case_type: _Word = ""
    received_at: Annotated[datetime, msgspec.Meta(tz=True)] | None = None
    requester: SentRequester = SentRequester()
    on_behalf_of: _Line = ""
    right_claimed: _Line = ""
    subjects: Annotated[tuple[SentSubject, ...], msgspec.Meta(max_length=SUBJECTS_MOST)] = ()
    answers: Annotated[dict[_Line, Annotated[str, msgspec.Meta(max_length=10_000)]],
                       msgspec.Meta(max_length=ANSWERS_MOST)] = {}  # fmt: skip
    laws: _Words = ()
    languages: _Words = ()
    country: _Word = ""


class Taken(msgspec.Struct, frozen=True):
    """What became of it: `taken` for a new case, `known` where the same key came before."""

    id: str
    state: Literal["taken", "known"]
