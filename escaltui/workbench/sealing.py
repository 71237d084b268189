"""Sealing a file, rating and describing one; and what every seal brings with it, whoever made it: the purge.

A seal has no way back (the design's safety page, section 7). What is sealed is removed from this device at once: bytes,
copies, how it looked, what was said of it, backups. Should the program end between the two, the next one purges.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, suppress
from functools import cached_property
from typing import TYPE_CHECKING, cast

from escaltui.domain import operations
from escaltui.domain.changes import Refused, refused
from escaltui.store import StoreError
from escaltui.store.values import Done
from escaltui.workbench.desk import Desk

if TYPE_CHECKING:
    from escaltui.config import Config
    from escaltui.domain.media import Rating
    from escaltui.domain.operations import DescribeMedia, Operation, RateMedia
    from escaltui.media_faces import MediaFace
    from escaltui.store import Store
    from escaltui.workbench.desk import Clock
    from escaltui.workbench.door import Workbench

Gone = Callable[[frozenset[str]], None]
"""Is told the hashes of all that is sealed: to stop a reader, to drop copies that it made."""


class Sealing(Desk):
    """A desk that lets nothing sealed stay."""

    def __init__(self, store: Store, config: Config, me: str, clock: Clock) -> None:
        """What a program that was killed left of something sealed goes first; where it cannot, at the next tick."""
        super().__init__(store, config, me, clock)
        with suppress(StoreError, OSError):
            self._swept()

    @cached_property
    def on_seal(self) -> list[Gone]:
        """Who is told of a purge before it is made. All are told, whatever one of them raises."""
        return []

    def seal(self, face: MediaFace, basis: str = "reviewer", *, op_id: str = "") -> Done | Refused:
        """Seal a file as suspected child sexual abuse material, and remove all that is here of it. No way back.

        What is known of it here is gone when this returns; overwriting the disk's blocks is not promised.
        """
        op = operations.SealMedia(case=face.case_id, holder=face.holder, at=face.at, basis=basis)
        return self.do(op, op_id=op_id)

    def rate(self, face: MediaFace, rating: Rating, *, op_id: str = "") -> Done | Refused:
        """Say how graphic a file is."""
        op = operations.RateMedia(case=face.case_id, holder=face.holder, at=face.at, rating=rating)
        return _stays(op) if face.sealed else self.do(op, op_id=op_id)

    def describe(self, face: MediaFace, text: str, *, op_id: str = "") -> Done | Refused:
        """Say in words what a file shows."""
        op = operations.DescribeMedia(case=face.case_id, holder=face.holder, at=face.at, text=text)
        return _stays(op) if face.sealed else self.do(op, op_id=op_id)

    def do_many(self, ops: Sequence[Operation], op_ids: Sequence[str] = ()) -> list[Done | Refused]:
        """As `Desk.do_many`; what comes to be sealed by any of it is purged before this returns."""
        outcomes = super().do_many(ops, op_ids)
        done = (change for each in outcomes if isinstance(each, Done) for change in each.changes)
        cases = {change.case_id for change in done if change.entity == "media" and "sealed_at" in change.fields}
        if cases:
            self.purge(cases)
            # of what came sealed nothing was ever in a backup
            if any(isinstance(op, operations.SealMedia) for op in ops):
                self.renew_copies()
        return outcomes

    def tick(self, limit: int | None = None) -> frozenset[str]:
        """What time itself owes; also what is left of something that another program sealed."""
        touched = super().tick(limit)
        if not self.store.read_only:
            self._swept()
            if self.store.copies_outlive():
                self.renew_copies()
        return touched

    def purge(self, case_ids: Iterable[str] | None = None) -> None:
        """Remove what is here of all that is sealed; mails that hold some are looked for on these cases, or on all.

        The bytes go whatever else fails; what failed is raised then, and the next tick purges once more.
        """
        from escaltui.workbench import outside, screening

        bench, hashes = cast("Workbench", self), self.store.all_sealed()
        bench.fetched = None
        sealed: list[int] = []
        mails: list[str] = []
        with ExitStack() as stack:  # what comes last here is done first
            stack.callback(lambda: sealed.append(self.store.remove_sealed(mails)))
            stack.callback(lambda: mails.extend(screening.mails_with_sealed(bench, case_ids)))
            for each in hashes:
                stack.callback(bench.exposure.drop_file, each)
            stack.callback(outside.forget_all, hashes)
            for told in self.on_seal:
                stack.callback(told, hashes)
        self.__dict__.pop("pictures", None)  # an index in memory of how pictures look: made anew when asked for
        self.store.forget_sealed(*sealed)

    def renew_copies(self) -> None:
        """All backups away, and a fresh one; where there is no room for that, the next day's is made as ever."""
        with suppress(StoreError, OSError):
            self.store.renew_copies()

    def _swept(self) -> None:
        if not self.store.read_only and self.store.unpurged():
            self.purge()


def _stays(op: RateMedia | DescribeMedia) -> Refused:
    """The refusal for what is sealed on another case: the rules see one case."""
    rule = type(op).__name__
    return refused("blocked", "That item is sealed.", "A sealed item stays sealed, and is not shown.", rule=rule)
