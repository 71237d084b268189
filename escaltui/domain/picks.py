"""What people picked of the policies after a look-up: the team's own hints on which section answers which words."""

from __future__ import annotations

from escaltui.domain import ids
from escaltui.domain.entity import Entity

STREAM = "library"
STEMS, STEM_LONGEST, SECTION_LONGEST = 24, 40, 300
"""So many stems a look-up leaves, none longer; no id of a section is."""


class Pick(Entity, frozen=True, kw_only=True):
    """One person's choice of one section after look-ups in the same words: how often opened, how often cited.

    `stems` are all that is kept of what was typed, in alphabetical order. Forgotten ones have none, and count nothing.
    """

    NAME = "pick"

    person: str
    section: str
    stems: tuple[str, ...] = ()
    opened: int = 0
    cited: int = 0
    at: int = 0
    """When it was last picked."""


def pick_id(person: str, section: str, stems: tuple[str, ...]) -> str:
    """The id of a person's pick: the same on every device."""
    return ids.entity_id(f"pick/{person}/{section}/{' '.join(stems)}", 0)
