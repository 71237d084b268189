"""What screens and plain commands are given of pictures, films and documents: facts and words, never pixels.

Instants are whole milliseconds since 1970 in UTC. Texts from outside are safe; names of the code are as they are.
"""

from __future__ import annotations

from typing import NamedTuple

from escaltui.safety.text import SafeText


class SeenBefore(NamedTuple):
    """The same picture, or one that looks like it, elsewhere. `distance`: bits of 256 that differ, 0 for the same file.

    `outcome` is what was decided there at `at`; "" where nothing was yet: `at` is when that case came. `mine`: the
    person at the keyboard looked at it there, at `at`.
    """

    case_id: str
    ref: str
    outcome: str
    at: int
    by: str
    distance: int
    mirrored: bool = False
    mine: bool = False


class MediaFace(NamedTuple):
    """One file of a case. `place` is how people call it, as `photo 2 of 3`; `of` the report or item it belongs to.

    `sha256` is "" where only the facts came; `kept`: its bytes lie in the store. `claimed` is the reporter's rating,
    `rating` the team's ("unknown" where nobody rated it). A sealed one carries no more than its id, who, when and why.
    """

    id: str
    case_id: str
    ref: str
    holder: str
    at: int
    number: int
    of: int
    name: SafeText
    type: SafeText
    size: int
    sha256: str
    kept: bool
    claimed: str
    rating: str
    rated_by: str
    rated_at: int
    description: SafeText
    described_by: str
    transcript: SafeText
    transcript_by: str
    minor: bool
    """Whether the case says that somebody under age is in it."""
    sealed: bool
    sealed_by: str = ""
    sealed_at: int = 0
    basis: str = ""
    restricted: bool = False
    """Whether the case is restricted or privileged: a first look may be recorded."""
    tool: str = ""
    """The address of the item in the platform's own tool, "" where none is known."""
    subject: str = ""
    """The row id of the item it is of, "" for a report's file."""
