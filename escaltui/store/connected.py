"""Which server a store follows, and who works there: a fact of the store."""

from __future__ import annotations

import msgspec

from escaltui.domain.wire import Me
from escaltui.store import local
from escaltui.store.driver import Connection

FACT = "remote"
"""The fact of a store that says which server it follows."""
IMPORTED = "imported"
"""The fact of a store that says up to which number its operations were done before it followed a server."""


class Connected(msgspec.Struct, frozen=True, omit_defaults=True):
    """The server that a store follows, and who works there. Secrets are not here."""

    url: str
    desk: str
    me: Me


def connected(fact: str) -> Connected:
    """The server that a store follows, as its fact says."""
    return msgspec.json.decode(fact, type=Connected)


def connect(connection: Connection, to: Connected) -> None:
    """Follow a server from now on."""
    local.set_meta(connection, FACT, msgspec.json.encode(to).decode())
