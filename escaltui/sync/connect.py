"""Following a server from now on: who we are there, whether it fits, and what was done here alone is sent.

Each step can be repeated: a connecting that was killed anywhere is finished by the next one.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

import msgspec

from escaltui.domain import wire
from escaltui.domain.wire import About, Me
from escaltui.i18n import _
from escaltui.store import Store, adoption, library, policies
from escaltui.store.connected import Connected
from escaltui.store.values import Who
from escaltui.sync import auth, engine
from escaltui.sync.link import Link
from escaltui.sync.net import NetError, NotSignedIn, Server, allowed

if TYPE_CHECKING:
    from escaltui.config_remote import Remote as Settings
    from escaltui.domain.ruleset import RuleSet

COPIED = "connect copy"
"""The fact of a store that says which copy was made before it was connected, and up to which operation."""


MAY_PUBLISH = frozenset({"lead", "admin"})
"""Roles that publish policies."""


class ConnectError(Exception):
    """A store cannot follow a server; str() says why and how to mend it. Nothing was changed."""


class Copy(msgspec.Struct, frozen=True):
    """A copy of the store as it was alone."""

    name: str
    last: int


class Done(NamedTuple):
    """What became of it. `sent`: operations of our past that are to be sent; `copy`: the name of the copy made before;
    `trouble`: why not all is there yet."""

    connected: Connected
    sent: int
    copy: str
    trouble: str


class Connecting:
    """One store on its way to a server. `watch` is told, as it goes, what is done."""

    def __init__(
        self, store: Store, settings: Settings, rules: RuleSet, clock: Callable[[], int],
        watch: Callable[[str], None] = lambda sentence: None, sign_in: Callable[[Server], str] | None = None,
    ) -> None:  # fmt: skip
        """`sign_in` has the person sign in at a server that has a provider; it gives our token (`signin.sign_in`)."""
        self._store, self._settings, self._rules, self._now, self._watch = store, settings, rules, clock, watch
        self._sign_in = sign_in

    def run(self, url: str, desk: str, token: str) -> Done:
        """Do it. Raises ConnectError; what the first round could not do is done by later ones."""
        url, tokens = self._allowed(url), auth.Tokens(url, self._store.device, self._settings.token)
        remote = self._store.remote
        if remote is not None and (remote.connected.url, remote.connected.desk) != (url, desk):
            said = _("This store follows {url} already. Give another folder with --store for another server.")
            raise ConnectError(said.format(url=remote.connected.url))
        token = token or self._found(url, tokens)
        connected = Connected(url, desk, self._asked(url, desk, token))
        self._kept(tokens, token)
        copy, sent = ("", 0) if remote is not None else self._adopted(connected)
        return self._first(connected, token, copy, sent)

    def _allowed(self, url: str) -> str:
        try:
            return allowed(url)
        except NetError as error:
            raise ConnectError(str(error)) from error

    # --- who we are

    def _found(self, url: str, tokens: auth.Tokens) -> str:
        """The token that was kept, as long as the server knows it; else one by signing in. Raises ConnectError."""
        try:
            kept = tokens.find()
        except auth.SignInError as error:
            if made := self._signed_in(url, ""):
                return made
            said = _("Give a token: set {variable}, or pipe it in with --token-stdin. A server's admin makes one.")
            raise ConnectError(said.format(variable=auth.VARIABLE)) from error
        return self._signed_in(url, kept) or kept

    def _signed_in(self, url: str, kept: str) -> str:
        """A token by signing in; "" where the one that was kept is good still, or there is no provider."""
        if self._sign_in is None:
            return ""
        try:
            with closing(Server(url, kept, self._store.device, ca=self._settings.ca)) as server:
                if not server.about().issuer or (kept and _known(server)):
                    return ""
            with closing(Server(url, "", self._store.device, ca=self._settings.ca)) as server:
                return self._sign_in(server)
        except (NetError, auth.SignInError) as error:
            raise ConnectError(str(error)) from error

    # --- whether it fits

    def _asked(self, url: str, desk: str, token: str) -> Me:
        """Who we are there. Raises ConnectError where it does not fit."""
        try:
            server = Server(url, token, self._store.device, ca=self._settings.ca)
            try:
                about, me = server.about(), server.me()
            finally:
                server.close()
        except NotSignedIn as error:
            raise ConnectError(_("{url} does not know this token. Ask its admin for one.").format(url=url)) from error
        except NetError as error:
            raise ConnectError(str(error)) from error
        self._fits(about, urlsplit(url).hostname or url)
        if desk not in me.desks:
            said = _("{person} has no desk {desk!r} there. Desks: {known}.")
            known = ", ".join(me.desks) or _("none yet")
            raise ConnectError(said.format(person=me.person, desk=desk, known=known))
        if self._store.remote is None:
            self._desks_fit(me)
        return me

    def _fits(self, about: About, host: str) -> None:
        if wire.PROTOCOL not in about.protocols:
            said = _("{host} speaks protocol {theirs}, this escaltui {ours}. Upgrade the older one.")
            theirs = ", ".join(map(str, about.protocols))
            raise ConnectError(said.format(host=host, theirs=theirs, ours=wire.PROTOCOL))
        if about.require_encrypted_store and not self._store.encrypted:
            said = _("{host} asks for an encrypted store, this one is plain. escaltui store encrypt encrypts it.")
            raise ConnectError(said.format(host=host))

    def _desks_fit(self, me: Me) -> None:
        lacking = sorted(set(self._store.read(adoption.alone).desks) - set(me.desks))
        if lacking:
            said = _("Cases here are at the desks {desks}, which {person} has not there. Ask its admin for them.")
            raise ConnectError(said.format(desks=", ".join(lacking), person=me.person))

    # --- what is done

    def _kept(self, tokens: auth.Tokens, token: str) -> None:
        try:
            tokens.keep(token)
        except auth.SignInError as error:
            raise ConnectError(str(error)) from error

    def _adopted(self, connected: Connected) -> tuple[str, int]:
        """The store copied, then its history waiting. Gives the copy's name, and how many operations wait."""
        self._library(connected.me)
        found = self._store.read(adoption.alone)
        if not found.operations:
            self._store.follow(connected)
            return "", 0
        fact = self._store.meta(COPIED)
        copy = msgspec.json.decode(fact, type=Copy) if fact else None
        if copy is None or copy.last != found.last or not (self._store.folder / "backups" / copy.name).exists():
            self._watch(_("Copying the store."))
            copy = Copy(self._store.backup().name, found.last)
            self._store.set_meta(COPIED, msgspec.json.encode(copy).decode())
        self._watch(_("{n} operations wait to be sent.").format(n=found.operations))
        return copy.name, self._store.adopt(connected)

    def _library(self, me: Me) -> None:
        """What was published here before that was an operation becomes one: it is sent, too. Of somebody who may not
        publish nothing of the library is sent: theirs stays as it is until the team's comes."""
        past = self._store.read(policies.untold)
        if not MAY_PUBLISH.isdisjoint(me.roles):
            self._store.do_many(past, Who(me.person, MAY_PUBLISH, self._store.device), self._now(), self._rules)
        elif self._store.write(library.keep_back) or past:
            self._watch(_("The policies here are not sent: publishing takes a lead or an admin."))

    def _first(self, connected: Connected, token: str, copy: str, sent: int) -> Done:
        link = Link(self._store, self._settings, self._rules, self._now)
        link.tokens.hold(token)
        try:
            trouble = engine.once(link)
        finally:
            link.close()
        assert self._store.remote is not None
        return Done(self._store.remote.connected, sent, copy, trouble)


def _known(server: Server) -> bool:
    """Whether a server knows our token. Raises NetError."""
    try:
        server.me()
    except NotSignedIn:
        return False
    return True
