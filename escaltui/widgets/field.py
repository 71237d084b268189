"""Text fields: what is pasted or loaded into them is cleaned like any text from outside."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, TextArea

from escaltui.safety.text import SafeText, block, line
from escaltui.widgets.say import plain


class SafeInput(Input):
    """One line of text. No blinking cursor, no border."""

    DEFAULT_CSS = """
    SafeInput, SafeInput:focus {
        border: none; height: 1; padding: 0; background: transparent; background-tint: transparent;
    }
    """

    def __init__(self, value: SafeText | None = None, *, placeholder: str = "", id: str | None = None) -> None:
        super().__init__(
            plain(line(plain(value))) if value else "", placeholder, id=id, compact=True, select_on_focus=False
        )
        self.cursor_blink = False

    def _on_paste(self, event: events.Paste) -> None:
        event.text = plain(line(event.text.splitlines()[0] if event.text else ""))
        super()._on_paste(event)

    def load(self, text: SafeText) -> None:
        """Put `text` in place of what is there, the cursor at its end."""
        self.value = plain(line(plain(text)))
        self.cursor_position = len(self.value)


class SafeTextArea(TextArea):
    """Several lines of text. Tab leaves it."""

    DEFAULT_CSS = """
    SafeTextArea, SafeTextArea:focus { border: none; padding: 0; background: transparent; }
    """

    def __init__(self, text: SafeText | None = None, *, id: str | None = None) -> None:
        super().__init__(plain(text) if text else "", id=id, soft_wrap=True, tab_behavior="focus", compact=True)
        self.cursor_blink = False
        self.highlight_cursor_line = False

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = plain(block(event.text))
        await super()._on_paste(event)

    def load(self, text: SafeText) -> None:
        """Put `text` in place of what is there, the cursor at its end."""
        self.load_text(plain(text))
        self.move_cursor(self.document.end)
