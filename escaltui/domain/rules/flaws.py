"""What is missing or wrong in a proposal: gathered first, then told all at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from escaltui.domain.rules.work import Refusal
from escaltui.domain.sentences import Said


class Flaw(NamedTuple):
    """One part that lacks or is wrong: the field to go to (`lines.0.cites`), what, and the rule or the mend."""

    field: str
    what: Said
    why: Said


def refuse_missing(flaws: Iterable[Flaw]) -> None:
    """Refuse with every missing part, each with the rule that asks for it."""
    if found := tuple(flaws):
        raise Refusal("incomplete", "Missing: {parts}.", "Fill in: {asked}.", fields=_fields(found),
                      parts=tuple(flaw.what for flaw in found), asked=tuple(flaw.why for flaw in found))  # fmt: skip


def refuse_wrong(flaws: Iterable[Flaw]) -> None:
    """Refuse with everything that cannot stand, each with how to mend it."""
    if found := tuple(flaws):
        raise Refusal("invalid", "This cannot be decided so: {faults}.", "Mend it: {mends}.", fields=_fields(found),
                      faults=tuple(flaw.what for flaw in found), mends=_once(found))  # fmt: skip


def _fields(flaws: tuple[Flaw, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(flaw.field for flaw in flaws))


def _once(flaws: tuple[Flaw, ...]) -> tuple[Said, ...]:
    return tuple(dict.fromkeys(flaw.why for flaw in flaws))
