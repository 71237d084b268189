"""A file found in a source, before it is read as a policy."""

from __future__ import annotations

from datetime import date

import msgspec

LARGEST_FILE = 8 * 1024 * 1024  # bytes


class FoundText(msgspec.Struct, frozen=True):
    """One file's bytes on the way to a version: where it stands, when it was seen."""

    group: str
    version: str
    observed_on: date
    content: bytes
    source_ref: str
    message: str = ""
