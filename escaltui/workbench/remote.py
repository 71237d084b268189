"""A desk whose store follows a server: who works there, what waits, what was set aside, and the engine that moves it.

Nothing of the network is loaded where a store is alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from escaltui.domain import operations
from escaltui.domain.changes import Refused, refused
from escaltui.i18n import _
from escaltui.store import outbox
from escaltui.store.values import Done
from escaltui.sync_faces import ALONE, NEVER, ONLINE, STALE, STALE_AFTER, ParkedFace, SyncFace
from escaltui.workbench.desk import Desk

if TYPE_CHECKING:
    from collections.abc import Mapping

    from escaltui.domain.operations import Operation
    from escaltui.domain.ruleset import RuleSet
    from escaltui.rules_packed import Book
    from escaltui.sync.engine import Engine
    from escaltui.sync.link import Link


class Following(Desk):
    """What a desk does beside its work where its store follows a server. `engine` runs while a workbench is open."""

    engine: Engine | None = None

    @cached_property
    def link(self) -> Link:
        """The way to the server; nothing is asked of it yet. Only where there is one."""
        from escaltui.sync.link import Link

        return self._following(Link(self.store, self.config.remote, self.rules, self.now))

    def quick_link(self) -> Link:
        """The same for somebody who waits at a prompt: a server that does not answer at once counts as away."""
        if "link" not in self.__dict__:
            from escaltui.sync.link import Link

            made = Link(self.store, self.config.remote, self.rules, self.now, quick=True)
            self.__dict__["link"] = self._following(made)
        return self.link

    def round_now(self) -> str:
        """A whole round with the server for somebody who waits; why it did not go through, else "". Nothing alone."""
        if self.store.remote is None:
            return ""
        from escaltui.sync.net import NetError

        try:
            self._tell(self.quick_link().round())
        except NetError as error:
            return str(error)
        return ""

    # --- by which rules

    def _read_rules(self) -> RuleSet:
        """The desk's rule set, as it last came from the server; alone, or before it came, those of the settings."""
        book = self._book()
        return super()._read_rules() if book is None else book.rules

    def _book(self) -> Book | None:
        if self.store.remote is None:
            return None
        from escaltui.store import rulebook

        return rulebook.held(self.store)

    @property
    def ruled_by_desk(self) -> bool:
        """Whether the desk's rule set is in use, not the settings' own."""
        from escaltui.store import rulebook

        return self.store.remote is not None and rulebook.in_force(self.store) == self.rules.hash

    def desk_letters(self) -> Mapping[str, bytes] | None:
        """The letters of the desk's rule set by file name; None where the settings' own are in use."""
        book = self._book()
        return None if book is None else book.letters

    def _following(self, link: Link) -> Link:
        link.ruled = self._ruled
        self._own_rules_rest(link)
        return link

    def _ruled(self, rules: RuleSet) -> None:
        """From now on another rule set is in use: no program is started anew for it."""
        self.__dict__["rules"] = rules
        for read in ("protection", "_groups"):  # what was worked out by the old one
            self.__dict__.pop(read, None)
        if "link" in self.__dict__:
            self.link.rule(rules)
            self._own_rules_rest(self.link)
        self._heard(frozenset())

    def _own_rules_rest(self, link: Link) -> None:
        """Say once that rules of the settings are not in use where the desk has its own."""
        folder = self.config.folder / "rules"
        if self.store.read_only or not self.ruled_by_desk or self.store.meta(_RESTS) is not None:
            return
        if any(folder.glob("*.toml")) or any(folder.glob("templates/*.md")):
            said = _("The desk's rules come from {server}. Your own in {folder} are not used for them.")
            server = urlsplit(link.remote.connected.url).hostname or ""
            link.tell(said.format(server=server, folder=folder))
            self.store.set_meta(_RESTS, "said")

    def _look_at_rules(self) -> None:
        """Another program of this store may have fetched a rule set."""
        from escaltui.store import rulebook

        if "rules" in self.__dict__ and rulebook.in_force(self.store) not in ("", self.rules.hash):
            book = self._book()
            if book is not None:
                self._ruled(book.rules)

    def close(self) -> None:
        """Stop what moves, then close the store."""
        if self.engine is not None:
            self.engine.stop()
        if "link" in self.__dict__:
            self.link.close()
        super().close()

    def start_sync(self, say: Callable[[str], None] = lambda sentence: None) -> None:
        """From now on what is done here leaves at once and what others do comes in; a store that is alone stays so.

        `say`: is told, from another thread, what a person should know once.
        """
        if self.store.remote is not None and self.engine is None and not self.store.read_only:
            from escaltui.sync.engine import Engine

            self.engine = Engine(self.link, self._heard, say)
            self.engine.start()

    def _heard(self, cases: frozenset[str]) -> None:
        """Cases changed, or how we stand with the server: then none may have."""
        if cases and not (self.engine is not None and self.engine.leads):
            self._look_at_rules()
        for listener in tuple(self._listeners):
            listener(cases)

    # --- writing

    def do_many(self, ops: Sequence[Operation], op_ids: Sequence[str] = ()) -> list[Done | Refused]:
        """As `Desk.do_many`; where the store follows a server, what only it can judge is asked there at once."""
        if self.store.remote is None:
            return super().do_many(ops, op_ids)
        outcomes: list[Done | Refused] = []
        asked = zip(ops, map(self.named, op_ids or [""] * len(ops)), strict=True)
        for online, pairs in groupby(asked, key=lambda pair: pair[0].MODE == "online"):
            some = list(pairs)
            if online:
                from escaltui.workbench import online as there

                outcomes += [there.ask(self, op, op_id) for op, op_id in some]
            else:
                outcomes += self._queued(some)
        self.poke()
        return outcomes

    def _queued(self, pairs: list[tuple[Operation, str]]) -> list[Done | Refused]:
        decides = [isinstance(op, operations.ProposeDecision) for op, _id in pairs]
        late = any(decides) and self.sync_face().state == STALE
        held = [late and each for each in decides]
        given = [pair for pair, kept in zip(pairs, held, strict=True) if not kept]
        found = iter(super().do_many([op for op, _id in given], [op_id for _op, op_id in given]) if given else ())
        return [_LATE if kept else next(found) for kept in held]

    def named(self, op_id: str) -> str:
        """An operation id that somebody named, made this device's own: others may use the same name."""
        from escaltui.domain import ids

        if not op_id or ids.is_id(op_id) or op_id.startswith(f"{self.store.device}/"):
            return op_id
        return f"{self.store.device}/{op_id}"

    def done(self, op_id: str) -> Done | None:
        """As `Desk.done`."""
        return super().done(self.named(op_id) if self.store.remote is not None else op_id)

    def poke(self) -> None:
        """Something waits to be sent."""
        if self.engine is not None:
            self.engine.poke()

    def keep_claim(self, case_id: str) -> str:
        """Renew my claim on a case that is before me; a sentence where it is not mine any more, else ""."""
        from escaltui.workbench import claims

        return claims.keep(self, case_id)

    # --- what is told

    def sync_face(self) -> SyncFace:
        """How this store stands with its server."""
        remote = self.store.remote
        if remote is None:
            return SyncFace(ALONE)
        from escaltui.sync.standing import read

        waiting, parked = self.store.read(outbox.counts)
        found = read(self.store, self.engine is not None and self.engine.leads)
        state = found.state
        if state != ONLINE and found.since is None:
            state = NEVER if state in (NEVER, "offline") else state
        elif found.since is not None and self.now() - found.since >= STALE_AFTER:
            state = STALE
        host = urlsplit(remote.connected.url).hostname or ""
        return SyncFace(state, host, waiting, parked, found.since, found.said)

    def pending_cases(self) -> frozenset[str]:
        """Ids of the cases with something that the server has not confirmed: drawn hollow."""
        return self.store.read(outbox.unconfirmed) if self.store.remote is not None else frozenset()

    # --- what was set aside

    def parked(self) -> list[ParkedFace]:
        """Operations that the server would not apply and nobody has dealt with, the newest first."""
        from escaltui.workbench.set_aside import faces

        return faces(self) if self.store.remote is not None else []

    def resend(self, op_id: str) -> Done | Refused:
        """Ask for one anew, on what stands today; the old one is closed where that is accepted."""
        from escaltui.workbench.set_aside import resend

        return resend(self, op_id)

    def close_parked(self, op_id: str) -> bool:
        """Somebody has dealt with one. Its words stay in the store. False where it is none of these."""
        return self.store.write(lambda connection: outbox.close(connection, op_id, self.now()))

    def export_parked(self, op_id: str) -> str:
        """One as JSON, whole: what was asked for and what the server said. "" where it is none of these."""
        from escaltui.workbench.set_aside import export

        return export(self, op_id)

    def recall(self, op_id: str) -> bool:
        """Take back what was never sent; False where it may have arrived."""
        remote = self.store.remote
        if remote is None:
            return False
        cases = frozenset(each.case_id for each in self.store.read(lambda c: outbox.waiting(c, -1))
                          if each.op_id == op_id and each.case_id)  # fmt: skip
        taken = remote.recall(op_id, self.now(), self.rules)
        if taken:
            self._tell(cases)
        return taken


_RESTS = "own rules rest"
"""The fact of a store that its owner was told so."""
_LATE = refused(
    "needs_authority", "This desk was not synced for 6 hours: decisions stay drafts.", "Sync first: escaltui sync."
)
