"""The field of a search whose best answers stand under it."""

from __future__ import annotations

from textual import events
from textual.message import Message

from escaltui.widgets.field import SafeInput

DIGITS = "12345"
"""The keys of the answers."""


class SearchField(SafeInput):
    """The search. Arrows move in the hits; a digit right after a word, or in an empty field, opens that hit."""

    class Stepped(Message):
        """Up or down in the hits."""

        def __init__(self, by: int) -> None:
            super().__init__()
            self.by = by

    class Picked(Message):
        """A hit by its number, from 0."""

        def __init__(self, at: int) -> None:
            super().__init__()
            self.at = at

    async def _on_key(self, event: events.Key) -> None:
        by = {"down": 1, "up": -1}.get(event.key)
        if by is not None:
            self.post_message(self.Stepped(by))
        elif event.character and event.character in DIGITS and self._after_word():
            self.post_message(self.Picked(DIGITS.index(event.character)))
        else:
            await super()._on_key(event)
            return
        event.stop()
        event.prevent_default()

    def _after_word(self) -> bool:
        """`doi.3` and `article 17` are typed; `court order` and then 2 opens the second hit."""
        return self.cursor_position == len(self.value) and (not self.value or self.value[-1].isalpha())
