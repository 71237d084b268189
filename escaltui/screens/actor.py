"""The page of an account, or of a network of accounts: its cases and what came of them, its pictures elsewhere, who
asked about it, and which accounts are held to be one with it.

`enter` opens a case, a requester, a member; `@` starts a network, adds to one, takes out of one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from escaltui import keys, when
from escaltui.actor_faces import NETWORK
from escaltui.i18n import N_, _
from escaltui.safety.text import SafeText, own
from escaltui.screens import actor_lines
from escaltui.screens.actor_network import ActorNetwork
from escaltui.screens.paned import Paned
from escaltui.widgets.bindings import bindings
from escaltui.widgets.clocks_line import Flow
from escaltui.widgets.passage import Passage
from escaltui.widgets.section import PaneHead, PaneTabs
from escaltui.widgets.words import number

if TYPE_CHECKING:
    from escaltui.actor_faces import ActorFace, Pictures


class ActorScreen(Paned, ActorNetwork):
    """One actor, by the reference of an account ("platform/account") or of a network ("network:" and its id).

    `back`: how one comes back to where the page was asked from, where that does not lie under it any more.
    """

    CONTEXT = "actor"
    BINDINGS = bindings("actor")
    CSS_PATH = "actor.tcss"
    AUTO_FOCUS = "#cases"
    PANES = (("cases", N_("Cases")), ("alike", N_("Same pictures")), ("requesters", N_("Requesters")),
             ("network", N_("Network")))  # fmt: skip

    def __init__(self, ref: str, back: Callable[[], None] | None = None) -> None:
        super().__init__()
        self.ref, self.back = ref, back
        self.face: ActorFace | None = None
        self.found: Pictures | None = None

    def compose_body(self) -> Iterable[Widget]:
        yield Flow(3, id="head")
        yield PaneTabs(self.PANES)
        with Horizontal(id="panes"):
            with Vertical(id="left"), Vertical(id="cases-pane"):
                yield PaneHead(1, self.PANES[0][1])
                yield Passage(id="cases")
            with Vertical(id="right"):
                for digit, (name, label) in enumerate(self.PANES[1:], 2):
                    with Vertical(id=f"{name}-pane"):
                        yield PaneHead(digit, label)
                        yield Passage(id=name)

    def opened(self) -> None:
        self.turn_to("cases")
        super().opened()
        self.app.gate.release()  # held since `open_actor`

    def read_again(self, *, hold: bool = False) -> None:
        """Read the page anew; its pictures behind it, which takes longer."""
        from escaltui.workbench import actors

        ref = self.ref
        self.read(lambda bench: actors.face(bench, ref), self._show, group="actor", hold=hold)
        self.read(lambda bench: actors.pictures(bench, ref), self._show_pictures, group="alike")

    # --- drawing

    def _show(self, face: ActorFace | None) -> None:
        if face is None:
            self.fail(_("That network is not here any more."))
            return
        first, self.face = self.face is None, face
        now = self.app.bench.now()
        self.query_one("#head", Flow).show(actor_lines.head(face))
        self.query_one("#cases", Passage).show(list(actor_lines.cases(face)), top=first)
        self.query_one("#requesters", Passage).show(list(actor_lines.requesters(face)), top=first)
        self.query_one("#network", Passage).show(list(actor_lines.networks(face, now)), top=first)
        self._draw_pictures(top=first)
        members = face.networks[0].size if face.is_network else len(face.networks)
        for pane, n in (("cases", face.counts.cases), ("requesters", face.requester_count), ("network", members)):
            self._remark(pane, n)
        what = _("Network") if face.is_network else _("Account")
        self.place(own(what), face.name or own("-"), right=face.platform or None)
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

    def _show_pictures(self, found: Pictures) -> None:
        first, self.found = self.found is None, found
        self._draw_pictures(top=first)
        self._remark("alike", len(found.cases) + found.more)
        self.refresh_keys()

    def _draw_pictures(self, *, top: bool) -> None:
        self.query_one("#alike", Passage).show(list(actor_lines.alike(self.found)), top=top)

    def _remark(self, pane: str, n: int) -> None:
        said = own(number(n)) if n else own("")
        self.query_one(PaneTabs).remark(pane, said)
        for head in self.query(PaneHead):
            if self.PANES[head.digit - 1][0] == pane:
                head.remark(said)

    # --- following

    def can(self, action: keys.Action) -> bool:
        if action.verb == "open":
            return self.face is not None and bool(self.passage.cursor)
        return super().can(action)

    def bar_actions(self) -> Iterable[keys.Action]:
        """In 80 columns there is room for what is this page's own, not for what works everywhere."""
        return (each for each in super().bar_actions() if each.verb != "policy")

    def act_open(self, argument: str = "") -> None:
        """Open what the cursor is on."""
        self.passage.pick()

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        kind, _space, rest = message.key.partition(" ")
        if kind == "case":
            self.app.open_case(rest, self._from())
        elif kind == "requester":
            self.app.open_requester(rest)
        elif kind == "network":
            self.app.open_actor(NETWORK + rest)
        elif kind == "account" and (ref := rest.partition(" ")[2]) != self.ref:
            self.app.open_actor(ref)

    def _from(self) -> SafeText:
        return actor_lines.with_texts(_("from {ref}"), ref=self.face.name if self.face is not None else own(""))

    def act_back(self, argument: str = "") -> None:
        """Back to where the page was asked from."""
        under = self.app.screen_stack[-2:-1]
        super().act_back(argument)
        if self.back is not None and self.app.case_screen not in under:
            self.back()
