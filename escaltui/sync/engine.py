"""What moves between a store and its server while a workbench is open: two threads, never the screen's.

One thread makes the rounds (push, then pull), the other listens for the server's pokes. One program of a store leads;
the others look on, tell their screens what it brought, and take over when it ends.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from escaltui.i18n import _, ngettext
from escaltui.store import StoreError, recent
from escaltui.sync.cycle import ASK_TO_WAIT
from escaltui.sync.link import SKEW, Link
from escaltui.sync.lock import Lead
from escaltui.sync.net import NetError, NotOurs, NotSignedIn, Offline, Refusing
from escaltui.sync.pace import Due, Pace, Waits
from escaltui.sync.standing import Standing, keep, kept
from escaltui.sync_faces import OFFLINE, ONLINE, SIGNED_OUT, TROUBLE

LOOK = 1.0
"""Seconds between two looks at what other programs wrote to the store."""
FILES = 5.0
"""Seconds between two looks for originals that the server does not have."""
STOP = 10.0
"""Seconds that a stop waits for a round under way; then the thread is left to end by itself."""


class Engine:
    """The threads of one link. `told` is called with cases that changed, `say` with what a person should know once;
    both from these threads. `leads`: this program moves the store."""

    def __init__(
        self, link: Link, told: Callable[[frozenset[str]], None], say: Callable[[str], None] = lambda sentence: None,
        roll: random.Random | None = None,
    ) -> None:  # fmt: skip
        self._link, self._told, self._say = link, told, say
        self._pace, self._waits = Pace(time.monotonic()), Waits(roll or random.Random())
        self._again = Waits(roll or random.Random())
        self._lead = Lead(link.store.folder)
        self._wake, self._ending = threading.Condition(), threading.Event()
        self._whole = True
        self._said: set[str] = set()
        self._skewed = 0
        self._threads: list[threading.Thread] = []
        self._recent = recent.Recent(link.store)

    @property
    def leads(self) -> bool:
        """Whether this program moves what the store has."""
        return self._lead.taken

    def start(self) -> None:
        """Begin. Returns at once."""
        for work, name in ((self._rounds, "sync"), (self._events, "sync-events"), (self._files, "sync-files")):
            thread = threading.Thread(target=work, name=name, daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End; a round under way is waited for, the events are not."""
        self._ending.set()
        with self._wake:
            self._wake.notify_all()
        self._link.hang_up()
        for thread in self._threads:
            thread.join(STOP)
        self._threads.clear()
        self._lead.leave()

    def poke(self) -> None:
        """Something waits to be sent: it leaves at once."""
        with self._wake:
            self._pace.typed()
            self._wake.notify_all()

    def looked(self) -> None:
        """A case was looked at: other devices of the same person are told soon."""
        with self._wake:
            self._pace.looked(time.monotonic())

    # --- files

    def _files(self) -> None:
        """Bring originals, one after the other, in their own time: no round waits for them."""
        while not self._ending.wait(FILES):
            if self.leads and self._link.pulled is not None:
                with suppress(NetError, StoreError, OSError):
                    self._link.bring(self._ending.is_set)

    # --- rounds

    def _rounds(self) -> None:
        while not self._ending.is_set():
            try:
                if self._lead.take():
                    self._next()
                else:
                    self._look(LOOK)
            except StoreError:  # a full disk, a folder that is closed: who types is told; we try again
                self._ending.wait(LOOK)

    def _next(self) -> None:
        """Wait until something is due, then do it."""
        with self._wake:
            left = self._pace.left(time.monotonic())
            if left > 0:
                self._wake.wait(min(left, LOOK))
            if self._ending.is_set():
                return None
            due = self._pace.take(time.monotonic()) if self._pace.left(time.monotonic()) <= 0 else None
        if due is None:
            return self._look(0.0)
        try:
            return self._round(due)
        except StoreError:  # such as a full disk: what the round was for is due again
            with self._wake:
                self._pace.wait(time.monotonic(), LOOK, due)
            raise

    def _look(self, seconds: float) -> None:
        """Tell what other programs wrote to the store, and send what they left."""
        self._ending.wait(seconds)
        if self._ending.is_set() or not self._recent.moved():
            return
        self._told(self._recent.cases())
        if self.leads and self._link.remote.streams():
            self.poke()

    def _round(self, due: Due) -> None:
        try:
            touched = self._made(due)
        except NetError as error:
            self._failed(error, due)
            return
        self._waits.well()
        more = bool(touched) and due.pull and bool(self._link.remote.streams())
        with self._wake:
            self._pace.done(time.monotonic(), due)
            if more:  # it may have waited for what came
                self._pace.typed()
        self._stands(Standing(ONLINE, self._link.pulled))
        self._recent.skip()
        if touched:
            self._told(touched)
        self._tell_once()

    def _made(self, due: Due) -> frozenset[str]:
        link, whole = self._link, self._whole
        self._whole = False
        push = whole or (due.push and link.waiting())
        try:
            touched = link.round(greet=whole, push=push, pull=whole or due.pull)
        except NetError as error:
            self._whole |= whole or isinstance(error, Offline | NotSignedIn | NotOurs)
            raise
        except StoreError:
            self._whole |= whole
            raise
        if push and not due.pull:
            self._poked()  # what was accepted comes back as changes
        return touched

    def _failed(self, error: NetError, due: Due) -> None:
        now = time.monotonic()
        if isinstance(error, Refusing) and error.status in ASK_TO_WAIT:
            wait = self._waits.busy(now, error.retry_after)
        else:
            wait = self._waits.failed()
        with self._wake:
            self._pace.wait(now, wait, due)
        self._recent.skip()
        if isinstance(error, NotSignedIn):
            self._link.close()  # the next try looks for a token anew
        state, since = _state(error), self._link.pulled or kept(self._link.store).since
        self._stands(Standing(state, since, self._sentence(error) if state != OFFLINE else ""))

    def _sentence(self, error: NetError) -> str:
        if not isinstance(error, NotSignedIn):
            return str(error)
        waiting = self._link.remote.count()
        return ngettext(
            "Sign in to go on syncing · {n} op waiting", "Sign in to go on syncing · {n} ops waiting", waiting
        ).format(n=waiting)

    def _stands(self, now: Standing) -> None:
        if keep(self._link.store, now):
            if now.said:
                self._say(now.said)
            self._told(frozenset())

    def _tell_once(self) -> None:
        found = notices(self._link, self._skewed)
        if abs(self._link.skew - self._skewed) > SKEW:
            self._skewed = self._link.skew
        for notice in found:
            if notice not in self._said:
                self._said.add(notice)
                self._say(notice)

    # --- pokes

    def _events(self) -> None:
        while not self._ending.is_set():
            if not self.leads or self._whole:
                self._ending.wait(LOOK / 4)  # the first round tells whether there is anybody to listen to
                continue
            try:
                self._listen()
                wait = self._again.failed()
            except (NetError, StoreError) as error:
                retry = error.retry_after if isinstance(error, Refusing) else None
                wait = self._again.failed() if retry is None else max(retry, 1.0)
            self._live(False)
            self._ending.wait(wait)
            with self._wake:  # whatever was missed is pulled
                self._pace.poked(time.monotonic())
                self._wake.notify_all()

    def _listen(self) -> None:
        first = True
        for name, values in self._link.server.events():
            if self._ending.is_set():
                return
            self._live(True)
            if name == "heads":
                self._heads(values, first)
                first = False
            elif name == "member" or (name == "rules" and values.get("hash") != self._link.rules_hash):
                self._whole = True
                self._poked()
            elif name and name != "rules":
                self._poked()

    def _live(self, live: bool) -> None:
        if live:
            self._again.well()
        with self._wake:
            if live and not self._pace.live:
                self._pace.hurry()
                self._wake.notify_all()
            self._pace.live = live

    def _heads(self, heads: dict[str, object], first: bool = False) -> None:
        """Streams moved. `first`: all that we may see are named; a right to another ended before we listened."""
        stands = self._link.remote.stands()
        if first and any(stand.seq and each not in heads for each, stand in stands.items()):
            self._whole = True
            self._poked()
        known = set(self._link.remote.connected.me.streams)
        self._whole |= bool(set(heads) - known)  # a stream that was granted to us
        if any(stands[each].seq != seq if each in stands else seq for each, seq in heads.items()):
            self._poked()

    def _poked(self) -> None:
        with self._wake:
            self._pace.poked(time.monotonic())
            self._wake.notify_all()


def settle(link: Link) -> None:
    """What waits leaves, if that can be soon. Nothing is raised: it waits on."""
    with suppress(NetError, StoreError):
        link.push()


def once(link: Link) -> str:
    """One whole round now, noted as an engine's. A sentence where it did not go through, else ""."""
    try:
        link.round()
    except NetError as error:
        keep(link.store, Standing(_state(error), link.pulled or kept(link.store).since, str(error)))
        return str(error)
    keep(link.store, Standing(ONLINE, link.pulled))
    return ""


def notices(link: Link, skewed: int = 0) -> list[str]:
    """What a person should be told once after a round. `skewed`: of which difference of the clocks they were told, in
    milliseconds: about the same is no news."""
    found = link.notices()
    if abs(link.skew) > SKEW and abs(link.skew - skewed) > SKEW:
        ahead = _("This clock is {n} seconds ahead of the server's. Deadlines go by the server's.")
        behind = _("This clock is {n} seconds behind the server's. Deadlines go by the server's.")
        found.append((ahead if link.skew > 0 else behind).format(n=abs(round(link.skew / 1000))))
    return found


def _state(error: NetError) -> str:
    if isinstance(error, NotSignedIn):
        return SIGNED_OUT
    busy = isinstance(error, Refusing) and error.status in ASK_TO_WAIT and error.failure.code != "disk_full"
    return TROUBLE if isinstance(error, NotOurs) or (isinstance(error, Refusing) and not busy) else OFFLINE
