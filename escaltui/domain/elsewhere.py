"""What was done at other places to the items of a case, as its notes tell it."""

from __future__ import annotations

from collections.abc import Iterable

from escaltui.domain.entities import Elsewhere, Note

ACTING = frozenset(
    {"takedown", "reverse", "acknowledge", "escalate", "label", "mute", "unmute", "resolve_appeal"}
)  # fmt: skip
"""Acts that change how an item stands there, so that whoever acts after them should have seen them."""


def acted(notes: Iterable[Note]) -> dict[str, tuple[Elsewhere, ...]]:
    """What others did to each item, by its id at the place; the newest last."""
    found: dict[str, list[Elsewhere]] = {}
    for each in (note.elsewhere for note in notes if not note.redacted):
        if each is not None and each.act in ACTING and not each.ours:
            found.setdefault(each.item, []).append(each)
    return {item: tuple(sorted(deeds, key=lambda deed: deed.at)) for item, deeds in found.items()}
