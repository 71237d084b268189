"""The rule set of the desk that a store follows: the last one that came whole from its server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui import rules_packed
from escaltui.i18n import _
from escaltui.rules_loader import RuleFault
from escaltui.rules_packed import Book
from escaltui.store import local

if TYPE_CHECKING:
    from escaltui.store.driver import Connection
    from escaltui.store.store import Store

FACT, HASH = "rules", "rules hash"
"""The facts of a store that hold that set, and its hash."""


def in_force(store: Store) -> str:
    """The hash of the set that came last, "" for none."""
    return store.meta(HASH) or ""


def held(store: Store) -> Book | None:
    """The set that came last; None where none did, or this program cannot read it."""
    if not (wanted := in_force(store)) or (text := store.meta(FACT)) is None:
        return None
    try:
        return rules_packed.unpack(text.encode(), wanted)
    except RuleFault:
        return None


def keep(store: Store, text: bytes, wanted: str) -> Book:
    """Keep a set that came, once it is checked whole. Raises RuleFault: what was kept before stays."""
    if len(text) > rules_packed.MOST:
        raise RuleFault([_("The rule set does not hold together. Ask who runs the server to look at it.")])
    book = rules_packed.unpack(text, wanted)

    def write(connection: Connection) -> None:
        local.set_meta(connection, FACT, text.decode())
        local.set_meta(connection, HASH, wanted)

    store.write(write)
    return book
