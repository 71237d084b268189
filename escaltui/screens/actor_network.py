"""What `@` does on the page of an actor: a network of accounts is started, joined, left, named anew, withdrawn.

Each takes a reason, which the whole desk reads.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from escaltui import keys
from escaltui.actor_faces import NETWORK
from escaltui.i18n import _
from escaltui.safety.text import SafeText, line, own
from escaltui.screens.actor_lines import with_texts
from escaltui.screens.rereading import Rereading
from escaltui.widgets.choices import DIGITS, Choice, numbered

if TYPE_CHECKING:
    from escaltui.actor_faces import ActorFace, NetworkFace
    from escaltui.domain.changes import Refused
    from escaltui.store.values import Done
    from escaltui.workbench import Workbench

Row = tuple[SafeText, str]


class ActorNetwork(Rereading):
    """Mixed into the page of an actor, which says what it shows."""

    ref: str
    face: ActorFace | None

    def can(self, action: keys.Action) -> bool:
        if action.verb == "people":
            face = self.face
            return face is not None and not (face.is_network and face.networks[0].withdrawn)
        return super().can(action)

    def act_people(self, argument: str = "") -> None:
        """Which accounts act as one."""
        from escaltui.workbench import networks

        self.read(networks.names, self._offer, group="networks", hold=True)

    def _offer(self, known: list[tuple[str, SafeText]]) -> None:
        face = self.face
        if face is None:
            return
        letters = self._of_network(face.networks[0]) if face.is_network else self._of_account()
        rows = [] if face.is_network else self._joins(face, known)
        rows += self._leaves(face)
        from escaltui.widgets.key_menu import KeyMenu

        choices = (*letters, *numbered(rows[: len(DIGITS)]))
        self.app.push_screen(KeyMenu(own(_("Network")), choices), self._picked_network)

    def _of_account(self) -> list[Choice]:
        return [Choice("n", own(_("start a network with this account")), "start ")]

    def _of_network(self, network: NetworkFace) -> list[Choice]:
        return [
            Choice("a", own(_("add an account")), f"typed {network.id}"),
            Choice("n", own(_("name it anew")), f"name {network.id}"),
            Choice("w", own(_("withdraw it: they are not one after all")), f"withdraw {network.id}"),
        ]

    def _joins(self, face: ActorFace, known: list[tuple[str, SafeText]]) -> list[Row]:
        own_ = {each.id for each in face.networks}
        return [(with_texts(_("add it to {name}"), name=name), f"add {key}") for key, name in known if key not in own_]

    def _leaves(self, face: ActorFace) -> list[Row]:
        """The member under the cursor, else the page's own account, out of the networks it is in."""
        kind, _space, rest = self.passage.cursor.partition(" ")
        network, _blank, member = rest.partition(" ") if kind == "account" else ("", "", "")
        found: list[Row] = []
        for each in face.networks:
            here = member if network == each.id else "" if face.is_network else self.ref
            if here:
                said = with_texts(_("take {account} out of {name}"), account=line(here), name=each.name)
                found.append((said, f"out {each.id} {here}"))
        return found

    # --- one of them

    def _picked_network(self, value: str | None) -> None:
        kind, _space, rest = (value or "").partition(" ")
        network, _blank, member = rest.partition(" ")
        one = own(_("Why are they one? The whole desk reads it."))
        if kind == "start":
            self._say_name(self._start)
        elif kind == "add":
            self._reason(one, lambda why: self._change(network, why, add=(self.ref,)))
        elif kind == "out":
            left = own(_("Why does it not belong to them?"))
            self._reason(left, lambda why: self._change(network, why, remove=(member,)))
        elif kind == "typed":
            hint = own(_("Which account? PLATFORM/ACCOUNT, or its name where a case is about it"))
            self._ask(own(_("Add an account")), hint, lambda typed: self._reason(one, partial(self._add, typed)))
        elif kind == "name":
            why_so = own(_("Why? The whole desk reads it."))
            self._say_name(
                lambda name: self._reason(why_so, lambda why: self._change(network, why, name=name)),
            )
        elif kind == "withdraw":
            gone = own(_("Why are they not one after all?"))
            self._reason(gone, lambda why: self._change(network, why, withdraw=True))

    def _say_name(self, then: Callable[[str], object]) -> None:
        self._ask(own(_("Network")), own(_("What is it called?")), then)

    def _reason(self, hint: SafeText, then: Callable[[str], object]) -> None:
        self._ask(own(_("Network")), hint, then)

    def _ask(self, title: SafeText, hint: SafeText, then: Callable[[str], object]) -> None:
        from escaltui.widgets.ask import Ask

        def answered(typed: str | None) -> None:
            if typed:
                then(typed)

        self.app.push_screen(Ask(title, hint=hint), answered)

    def _start(self, name: str) -> None:
        ref = self.ref

        def start(bench: Workbench, why: str) -> Done | Refused:
            from escaltui.workbench import networks

            return networks.start(bench, name, (ref,), why)

        one = own(_("Why are they one? The whole desk reads it."))
        self._reason(one, lambda why: self.write(lambda bench: start(bench, why), self._changed))

    def _add(self, typed: str, why: str) -> None:
        network = self.ref.removeprefix(NETWORK)

        def add(bench: Workbench) -> Done | Refused:
            from escaltui.workbench import actors, networks

            return networks.change(bench, network, why, add=(actors.an_account(bench, typed),))

        self.write(add, self._changed)

    def _change(
        self, network: str, why: str, *, add: tuple[str, ...] = (), remove: tuple[str, ...] = (), name: str = "",
        withdraw: bool = False,
    ) -> None:  # fmt: skip
        def change(bench: Workbench) -> Done | Refused:
            from escaltui.workbench import networks

            return networks.change(bench, network, why, add=add, remove=remove, name=name, withdraw=withdraw)

        self.write(change, self._changed)

    def _changed(self, outcome: Done | Refused) -> None:
        self.did(outcome, own(_("The network is changed. u takes it back.")))
