"""Ozone, the open moderation service of the AT Protocol: its queue comes in as cases, what was decided goes back.

`docs/ozone.md` says how it is set up.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from escaltui.intake.connector import Answer, Connector, Outcome, Page
from escaltui.intake.ozone.feed import Feed
from escaltui.intake.ozone.sending import Preview, Sender
from escaltui.intake.ozone.settings import OzoneSettings, checked, settings_of
from escaltui.intake.ozone.xrpc import Xrpc

if TYPE_CHECKING:
    import httpx

__all__ = ["Ozone", "OzoneSettings", "Preview", "ozone"]


class Ozone:
    """A connector to one Ozone. All calls block and raise ConnectorError."""

    def __init__(
        self, settings: OzoneSettings, secret: str, *, transport: httpx.BaseTransport | None = None
    ) -> None:  # fmt: skip
        self.settings = checked(settings)
        self._xrpc = Xrpc(self.settings, secret, transport=transport)
        self._feed, self._sender = Feed(self._xrpc, self.settings), Sender(self._xrpc, self.settings)

    @classmethod
    def from_settings(cls, name: str, options: Mapping[str, object], secret: str) -> Ozone:
        """One of the `[[connector]]` sections of config.toml; nothing is asked yet. Raises ConnectorError."""
        return cls(settings_of(name, options), secret)

    @property
    def name(self) -> str:
        """Its name in the settings."""
        return self.settings.name

    @property
    def platform(self) -> str:
        """What its items are called the platform of."""
        return self.settings.platform

    @property
    def asked(self) -> int:
        """How many requests were sent so far."""
        return self._xrpc.asked

    def fetch(self, cursor: str) -> Page:
        """What is new since a cursor: reports, and what others did to subjects there."""
        return self._feed.page(cursor)

    def preview(self, outcome: Outcome) -> Preview:
        """What sending would do now, and how the subject stands; nothing is changed."""
        return self._sender.preview(outcome)

    def role(self) -> str:
        """What the account is in Ozone's team: triage, moderator, admin; "" where Ozone does not say."""
        return self._sender.role()

    def send(self, outcome: Outcome, seen: int | None = None) -> Answer:
        """Do it, once. `seen`: the number that the preview gave; refused where somebody else acted since."""
        return self._sender.send(outcome, seen)

    def close(self) -> None:
        """Let go of the connection."""
        self._xrpc.close()


def ozone(settings: OzoneSettings, secret: str) -> Connector:
    """The connector to an Ozone; nothing is asked yet. Raises ConnectorError for settings that cannot be used."""
    return Ozone(settings, secret)
