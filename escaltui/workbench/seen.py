"""Where a picture was seen before, so that one may decide without looking: the same file, or one that looks like it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from escaltui.domain.decisions import Decision
from escaltui.media_faces import SeenBefore
from escaltui.safety.seen import GOOD, Index
from escaltui.store import evidence, picture_hashes, rows
from escaltui.store.picture_hashes import Looks

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

SHOWN = 20
OVERLAP = 60_000
"""Milliseconds that are read again, for hashes that another program wrote with a clock a little behind."""


class Pictures:
    """The index of all pictures that were looked at here, kept up with the store; made when first asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._index: Index | None = None
        self._known: dict[str, int] = {}
        self._files: list[str] = []
        self._newest = -OVERLAP

    def near(self, connection: Connection, pdq: str) -> list[tuple[str, int]]:
        """The files that look like a hash, as (sha256, distance), the nearest first."""
        with self._lock:
            if self._index is None:
                self._index = Index()
            found = picture_hashes.comparable(connection, GOOD, self._newest - OVERLAP)
            fresh = [each for each in found if each[0] not in self._known]
            for sha256, _pdq, _at in fresh:
                self._known[sha256] = len(self._files)
                self._files.append(sha256)
            if fresh:
                self._index.add([pdq for _sha256, pdq, _at in fresh])
                self._newest = max(self._newest, *(at for _sha256, _pdq, at in fresh))
            return [(self._files[near.at], near.distance) for near in self._index.near(pdq)]


def seen_before(bench: Workbench, face: MediaFace) -> tuple[SeenBefore, ...]:
    """Other cases with the same file, then with pictures that look like it, and what was decided there; of those in
    which I looked at it, when that was.

    It never decides. Crops are missed: a picture that looks alike by this measure is told, another is not.
    """
    if face.sealed or not face.sha256:
        return ()
    found = bench.store.read(lambda connection: tuple(islice(_found(bench, connection, face), SHOWN)))
    return tuple(_with_own_look(bench, sha256, seen) for sha256, seen in found)


def _with_own_look(bench: Workbench, sha256: str, seen: SeenBefore) -> SeenBefore:
    own = next((each for each in bench.exposure.own_looks(sha256) if each.case_id == seen.case_id), None)
    return seen if own is None else seen._replace(at=own.at, by=own.by, mine=True)


def _found(bench: Workbench, connection: Connection, face: MediaFace) -> Iterator[tuple[str, SeenBefore]]:
    told = {face.case_id}
    for sha256, distance, mirrored in alike(bench, connection, face.sha256):
        if evidence.sealed(connection, (sha256,)):
            continue
        for case_id in evidence.holders(connection, sha256):
            if case_id not in told:
                told.add(case_id)
                yield sha256, _on(connection, case_id, distance, mirrored)


def alike(bench: Workbench, connection: Connection, sha256: str) -> Iterator[tuple[str, int, bool]]:
    yield sha256, 0, False
    looks = picture_hashes.of(connection, sha256)
    if looks is None or looks.quality < GOOD:
        return
    found: dict[str, tuple[int, bool]] = {}
    for pdq, mirrored in ((looks.pdq, False), (looks.mirrored, True)):
        for other, distance in bench.pictures.near(connection, pdq) if pdq else ():
            if other != sha256 and distance < found.get(other, (256, False))[0]:
                found[other] = distance, mirrored
    for other, (distance, mirrored) in sorted(found.items(), key=lambda each: each[1][0]):
        yield other, distance, mirrored


def _on(connection: Connection, case_id: str, distance: int, mirrored: bool) -> SeenBefore:
    """One case, with its decision in force where there is one; else with the time at which it came."""
    case = rows.case(connection, case_id)
    came = case.received_at if case is not None else 0
    decided = [each for each in rows.hanging(connection, Decision, case_id) if each.state == "effective"]
    last = decided[-1] if decided else None
    outcome = last.lines[0].outcome if last is not None and last.lines else ""
    at, by = (last.effective_at or came, last.proposed_by) if last is not None else (came, "")
    return SeenBefore(case_id, case.ref if case is not None else "", outcome, at, by, distance, mirrored)


def keep_looks(bench: Workbench, sha256: str, pdq: str, mirrored: str, quality: int) -> None:
    """Keep how a picture looks, so that the next one like it is told."""
    looks = Looks(sha256, pdq, mirrored, quality)
    if not bench.store.read_only:
        bench.store.write(lambda connection: picture_hashes.keep(connection, looks, bench.now()))
