"""How a store stands with its server, as the last round left it: a fact of the store, so that every program tells it
alike."""

from __future__ import annotations

import msgspec

from escaltui.store import Store
from escaltui.sync.lock import held
from escaltui.sync_faces import NEVER, OFFLINE, ONLINE

FACT = "sync"
KEPT_EVERY = 10_000
"""Milliseconds after which a pull is noted again, where nothing else changed."""


class Standing(msgspec.Struct, frozen=True, omit_defaults=True):
    """How it went last: one of the words of `sync_faces`, when a pull succeeded, and what there is to say."""

    state: str = NEVER
    since: int | None = None
    said: str = ""


def kept(store: Store) -> Standing:
    """The last round's."""
    fact = store.meta(FACT)
    return msgspec.json.decode(fact, type=Standing) if fact else Standing()


def read(store: Store, leading: bool) -> Standing:
    """How it stands now. `leading`: this program moves it; where no program does, it is offline."""
    found = kept(store)
    if found.state == ONLINE and not leading and not held(store.folder):
        return msgspec.structs.replace(found, state=OFFLINE)
    return found


def keep(store: Store, now: Standing) -> bool:
    """Note how it stands; whether that is news for people."""
    was = kept(store)
    news = (was.state, was.said) != (now.state, now.said)
    later = (now.since or 0) - (was.since or 0)
    if news or not 0 <= later < KEPT_EVERY:
        store.set_meta(FACT, msgspec.json.encode(now).decode())
    return news
