"""What whoever runs the backend does to webhooks: make, rotate, revoke, list. Auditors read of each."""

from __future__ import annotations

from escaltui.i18n import _
from escaltui.server import records, tokens, webhooks
from escaltui.server.admin import Admin
from escaltui.server.faults import ServeError
from escaltui.server.rows import Connection
from escaltui.server.webhooks import Told

KEEP_HOURS = 24
HOUR = tokens.DAY // 24


class Webhooks(Admin):
    """That part of the administration. Each method raises ServeError, which says how to mend it."""

    def new(self, name: str, stream: str) -> str:
        """A new webhook whose reports go to a desk's stream; its secret, told this once."""
        if not webhooks.NAME.fullmatch(name):
            said = _("{name} is no name for a webhook: small letters, digits and -, at most 40.")
            raise ServeError(said.format(name=repr(name[:40])))
        wanted = self._desk_stream(stream)

        def make(connection: Connection) -> str:
            secret = webhooks.make(connection, name, wanted, self.now())
            if secret:
                self.record(connection, records.Record(records.WEBHOOK_MADE, name, wanted))
            return secret

        if not (secret := self._desk.transaction(make)):
            said = _("There is a webhook {name}, or there was one: choose another name, or rotate its secret.")
            raise ServeError(said.format(name=name))
        return secret

    def rotate(self, name: str, hours: float = KEEP_HOURS) -> str:
        """Another secret, told this once; the one before counts for so many hours more."""
        now = self.now()

        def turn(connection: Connection) -> str:
            secret = webhooks.rotate(connection, name, now, now + int(hours * HOUR))
            if secret:
                self.record(connection, records.Record(records.WEBHOOK_ROTATED, name, f"{hours:g} h"))
            return secret

        return self._desk.transaction(turn) or self._unknown(name)

    def end(self, name: str) -> None:
        """A webhook counts no more, from now on; its secrets are forgotten."""

        def stop(connection: Connection) -> bool:
            ended = webhooks.revoke(connection, name, self.now())
            if ended:
                self.record(connection, records.Record(records.WEBHOOK_REVOKED, name))
            return ended

        if not self._desk.transaction(stop):
            self._unknown(name)

    def every(self) -> list[Told]:
        """All webhooks there ever were, without their secrets."""
        return self._desk.transaction(webhooks.every)

    def _desk_stream(self, stream: str) -> str:
        desk = stream.removeprefix("desk:")
        found = self._stream(desk)
        if not found.startswith("desk:"):
            raise ServeError(_("Reports go to a desk: --stream desk:global, for one."))
        return found

    def _unknown(self, name: str) -> str:
        said = _("There is no webhook {name} that still counts. See: escaltui serve webhook list.")
        raise ServeError(said.format(name=repr(name[:40])))
