"""What a store keeps beside the work itself: drafts, facts, read marks, and operations as they were asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from escaltui.i18n import _
from escaltui.store import local
from escaltui.store.driver import Connection
from escaltui.store.errors import StoreError
from escaltui.store.values import Draft, KeptOperation, OwnOperation

T = TypeVar("T")


class Kept:
    """That part of a store."""

    def read(self, job: Callable[[Connection], T]) -> T:
        """Run a job on a reader."""
        raise NotImplementedError

    def write(self, job: Callable[[Connection], T], durable: bool = True) -> T:
        """Run a job in the writer."""
        raise NotImplementedError

    def save_draft(self, key: str, case_id: str, body: str, at: int) -> None:
        """Keep what is being typed; returns when it is on the disk. Raises StoreError where its case went: a draft does
        not outlive the right to see what it is about."""

        def save(connection: Connection) -> None:
            if local.is_gone(connection, case_id):
                raise StoreError(
                    _("Not kept as a draft: this case is not here any more. Copy your text if you still need it.")
                )
            local.save_draft(connection, Draft(key, case_id, body, at))

        self.write(save)

    def draft(self, key: str) -> str | None:
        """What was being typed under a key."""
        return self.read(lambda connection: local.draft(connection, key))

    def drafts(self) -> list[Draft]:
        """All drafts, the newest first."""
        return self.read(local.drafts)

    def drop_draft(self, key: str) -> None:
        """Forget a draft."""
        self.write(lambda connection: local.drop_draft(connection, key))

    def meta(self, key: str) -> str | None:
        """A fact of this store."""
        return self.read(lambda connection: local.meta(connection, key))

    def set_meta(self, key: str, value: str) -> None:
        """Keep a fact of this store."""
        self.write(lambda connection: local.set_meta(connection, key, value))

    def seen(self, case_id: str, person: str) -> tuple[int, int] | None:
        """The number of the last change of a case that a person has seen, on whatever device of theirs, and when they
        looked; None for never."""
        from escaltui.store import read_marks

        return self.read(lambda connection: read_marks.seen(connection, case_id, person))

    def mark_seen(self, case_id: str, person: str, seq: int, at: int) -> None:
        """Note how far a person has read a case's log: to `seq`, but not beyond its last change."""
        self.write(lambda connection: local.mark_seen(connection, case_id, person, seq, at))

    def own_operations(self, actor: str, limit: int) -> list[OwnOperation]:
        """What a person did, the newest first."""
        return self.read(lambda connection: local.own_operations(connection, actor, limit))

    def known_reports(self, keys: Iterable[str]) -> set[str]:
        """Those of some dedupe keys that a report here has."""
        return self.read(lambda connection: local.known_reports(connection, keys))

    def outbox(self, *, state: str = "", after: int = 0, limit: int = 200) -> list[KeptOperation]:
        """Operations as they were asked for, oldest first."""
        return self.read(lambda connection: local.outbox(connection, state, after, limit))
