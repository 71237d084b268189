"""A store's way to its server, and one round of all that moves on it: who we are, what waits, what is new."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from escaltui.domain.wire import Me, Stream
from escaltui.i18n import _
from escaltui.rules_loader import RuleFault
from escaltui.store import Store, read_marks, rulebook
from escaltui.store.connected import Connected
from escaltui.sync import auth
from escaltui.sync.cycle import Cycle, Moved
from escaltui.sync.net import QUICK, TIMES, NetError, NotOurs, NotSignedIn, Offline, Refusing, Server

if TYPE_CHECKING:
    import httpx

    from escaltui.config_remote import Remote as Settings
    from escaltui.domain.ruleset import RuleSet

SKEW = 30_000
"""Milliseconds that two clocks may differ without a word."""


class Link:
    """One store and its server. `rounds` is held by whoever makes a round: one at a time in a program.

    `skew`: how far our clock is ahead of the server's, `pulled`: when the last pull of this link succeeded, in
    milliseconds.
    """

    def __init__(
        self, store: Store, settings: Settings, rules: RuleSet, clock: Callable[[], int],
        transport: httpx.BaseTransport | None = None, *, quick: bool = False,
    ) -> None:  # fmt: skip
        """`quick`: somebody waits at a prompt, so that a server which does not answer soon counts as away."""
        assert store.remote is not None
        self.store, self.remote, self.now = store, store.remote, clock
        self._settings, self._rules, self._transport = settings, rules, transport
        self._times = QUICK if quick else TIMES
        self.rounds = threading.RLock()
        self.tokens = auth.Tokens(self.remote.connected.url, store.device, settings.token)
        self.skew = 0
        self.pulled: int | None = None
        self.ruled: Callable[[RuleSet], None] = lambda _: None
        """Told when another rule set came."""
        self._unusable: set[str] = set()
        self._notices: list[str] = []
        self._open: tuple[Server, Cycle] | None = None

    def _opened(self) -> tuple[Server, Cycle]:
        with self.rounds:
            if self._open is None:
                try:
                    token = self.tokens.find()
                except auth.SignInError as error:
                    raise NotSignedIn(str(error)) from error
                url, ca = self.remote.connected.url, self._settings.ca
                server = Server(url, token, self.store.device, ca=ca, times=self._times, transport=self._transport)
                self._open = server, Cycle(self.remote, server, self._rules, self.now)
            return self._open

    @property
    def server(self) -> Server:
        """The server. Raises NotSignedIn, NotOurs."""
        return self._opened()[0]

    @property
    def cycle(self) -> Cycle:
        """Push and pull. Raises NotSignedIn, NotOurs."""
        return self._opened()[1]

    def close(self) -> None:
        """Let go of the connections; a token is looked for anew at the next use."""
        opened, self._open = self._open, None
        if opened is not None:
            opened[0].close()

    def hang_up(self) -> None:
        """End what listens for events, from another thread."""
        if self._open is not None:
            self._open[0].hang_up()

    def notices(self) -> list[str]:
        """What a person should be told once; it is not given again."""
        found, self._notices = self._notices, []
        if self._open is not None:
            cycle = self._open[1]
            found, cycle.notices = found + cycle.notices, []
        return found

    # --- a round. Each raises NetError, and gives the cases whose view may have changed.

    def greet(self) -> frozenset[str]:
        """Who we are there by now: streams that ended are dropped. Also how far the clocks are apart (`skew`)."""
        with self.rounds:
            about = self.server.about()
            self.skew = self.now() - about.now if about.now else 0
            self._judge_by(about.rules_hash)
            return self.meet()

    def _judge_by(self, wanted: str) -> None:
        """Judge by the server's rule set from now on. One that cannot be used here changes nothing; it is said once."""
        if wanted in ("", self._rules.hash) or wanted in self._unusable:
            return
        try:
            book = rulebook.keep(self.store, self.server.rules(wanted), wanted)
        except Refusing as error:
            if error.status != 404:
                raise
            return  # another is in force by now, or this process of the server does not have it yet
        except RuleFault as fault:
            self._unusable.add(wanted)
            said = _("The desk has a rule set that cannot be used here; the last one stays. {why}")
            self.tell(said.format(why=fault.faults[0]))
            return
        self.rule(book.rules)
        self.ruled(book.rules)

    def tell(self, sentence: str) -> None:
        """Have a person told something after the next round."""
        self._notices.append(sentence)

    @property
    def rules_hash(self) -> str:
        """By which rule set is judged here."""
        return self._rules.hash

    def rule(self, rules: RuleSet) -> None:
        """Judge by a rule set from now on."""
        self._rules = rules
        if self._open is not None:
            self._open[1].rules = rules

    def meet(self) -> frozenset[str]:
        """Read our memberships anew. What waits for a stream that ended is set aside, what is held of it is dropped."""
        with self.rounds:
            me = self.server.me()
            if me.person != self.remote.connected.me.person:
                said = _("The token is {person}'s, this store is {owner}'s. Sign in as {owner}.")
                raise NotOurs(said.format(person=me.person, owner=self.remote.connected.me.person))
            touched = self._drop(me)  # first: killed in between, a pull would never ask for what ended, nor drop it
            if me != self.remote.connected.me:
                old = self.remote.connected
                self.remote.know(Connected(old.url, old.desk, me))
            return touched

    def _drop(self, me: Me) -> frozenset[str]:
        touched: frozenset[str] = frozenset()
        ended = set(self.remote.stands()) - set(me.streams)
        for stream in sorted(ended):
            self.cycle.leave(stream)
            touched |= self.remote.drop(stream, self.now(), self._rules)
        return touched | self.cycle.part(me.streams)

    def waiting(self) -> bool:
        """Whether there is anything to send; a look at a case is, too."""
        return bool(self.remote.streams()) or self.store.read(read_marks.due)

    def push(self) -> frozenset[str]:
        """What waits leaves. A stream that turned out to be hidden from us has our memberships read anew."""
        with self.rounds:
            read_marks.tell(self.store, self.now(), self._rules)
            touched = self._healing(self.cycle.push)
            if self.cycle.hidden:
                self.cycle.hidden = False
                touched |= self.meet()
            return touched

    def pull(self, streams: Iterable[Stream] = ()) -> frozenset[str]:
        """What is new comes in, of all our streams where none is named."""
        with self.rounds:
            of = list(streams) or list(self.remote.connected.me.streams)
            touched = self._healing(lambda: self.cycle.pull(of))
            if self.cycle.hidden:
                self.cycle.hidden = False
                touched |= self.meet()
            return touched

    def bring(self, stop: Callable[[], bool]) -> int:
        """Bring originals to the server whose cases it has; how many. Rounds go on meanwhile."""
        from escaltui.sync.blobs import Blobs

        return Blobs(self.store, self.server, stop).bring()

    def round(self, *, greet: bool = True, push: bool = True, pull: bool = True) -> frozenset[str]:
        """Who we are, what waits, what is new. What cannot be pushed does not hold up what comes."""
        with self.rounds:
            touched = self.greet() if greet else frozenset[str]()
            failed: NetError | None = None
            try:
                touched |= self.push() if push else frozenset()
            except (Offline, NotSignedIn, NotOurs):
                raise
            except NetError as error:
                failed = error
            if pull:
                touched |= self.pull()
                self.pulled = self.now()
            if failed is not None:
                raise failed
            return touched

    def _healing(self, work: Callable[[], frozenset[str]]) -> frozenset[str]:
        """Some work; where our log turns out not to be theirs, that stream is filled anew first."""
        touched: frozenset[str] = frozenset()
        for _try in range(len(self.remote.connected.me.streams) + 3):
            try:
                return touched | work()
            except Moved as moved:
                touched |= self.cycle.heal(moved.stream)
        raise NetError(_("The server's log changes as it is read. It is tried again."))
