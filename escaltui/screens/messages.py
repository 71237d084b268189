"""The last 200 messages."""

from __future__ import annotations

from datetime import datetime

from escaltui.i18n import _
from escaltui.safety.text import own
from escaltui.screens.help import LinesScreen, Row
from escaltui.widgets.lines import Messages


class MessagesScreen(LinesScreen):
    """What was said, the newest first."""

    def __init__(self, messages: Messages) -> None:
        super().__init__(own(_("Messages")))
        self.messages = messages

    def lines(self, width: int) -> list[Row]:
        kept = [said for said in reversed(self.messages.kept) if said.text]
        if not kept:
            return [((own(_("No messages yet.")), "quiet"),)]
        return [
            ((own(f"{datetime.fromtimestamp(said.at):%H:%M:%S}  "), "quiet"), (said.text, said.look)) for said in kept
        ]
