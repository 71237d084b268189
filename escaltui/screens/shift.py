"""The start of a shift, and its end: what is handed to me, what came up, what I hand over, what is watched.

`A` takes over what has the focus, on the giver's line all of it; `R` gives it back with a reason. Of my own draft `x`
leaves a thing out, `e` says what I ask for, `@` names the receiver, `ctrl+s` offers it. On a watch that tripped `I`
makes an incident of it and `N` a risk.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.containers import Horizontal
from textual.widget import Widget

from escaltui import keys, when
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.i18n import _, ngettext
from escaltui.safety.text import SafeText, own
from escaltui.screens import shift_lines
from escaltui.screens.frame import WIDE
from escaltui.screens.shift_watching import ShiftWatching
from escaltui.widgets.bindings import bindings
from escaltui.widgets.choices import numbered
from escaltui.widgets.passage import Passage

if TYPE_CHECKING:
    from escaltui.line_faces import QueueLine
    from escaltui.shift_faces import HandoverFace, ItemFace, ShiftFace
    from escaltui.store.values import Done
    from escaltui.workbench import Workbench

AT = {"yes": ("offer", "item", "watch", "policy", "back"), "release": ("item", "given"), "mark": ("mine",),
      "change": ("mine", "draft", "watch", "risk"), "incident": ("watch", "risk"),
      "open": ("item", "mine", "case", "policy", "watch", "risk", "back", "incident")}  # fmt: skip
"""Verb -> the kinds of line on which it means something."""


class ShiftScreen(ShiftWatching):
    """One page: two columns where there is room, else one under the other."""

    CONTEXT = "shift"
    BINDINGS = bindings("shift")
    CSS_PATH = "shift.tcss"
    AUTO_FOCUS = "#left"

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="columns"):
            yield Passage(id="left")
            yield Passage(id="right")

    def read_again(self, *, hold: bool = False) -> None:
        """Read the page anew."""
        from escaltui.workbench import shift

        self.read(shift.face, self._show, group="shift", hold=hold)

    def ticked(self) -> None:
        self.read_again()

    # --- drawing

    def _show(self, face: ShiftFace) -> None:
        first, self.face = self.face is None, face
        self.app.offered = sum(each.open for each in face.offers)  # every place says so, from now on
        self.draw(top=first)

    def draw(self, *, top: bool = False) -> None:
        """Draw the page from what was read last."""
        if self.face is None:
            return
        now = self.app.bench.now()
        left = list(shift_lines.left(self.face, now))
        right = list(shift_lines.right(self.face, now))
        wide = self.size.width >= WIDE
        self.query_one("#left", Passage).show(left if wide else left + right, top=top)
        self.query_one("#right", Passage).show(right if wide else [], top=top)
        self.place(own(_("Shift")), right=own(self._until(now)))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

    def _until(self, now: int) -> str:
        assert self.face is not None
        time = self.face.time
        if time.problems:
            return _("the rota cannot be read")
        if time.until is None:
            return _("no shift of yours on the rota")
        until = _("to {time}").format(time=when.brief(time.until, now))
        return until + (_(", then {who}").format(who=time.following) if time.following else "")

    # --- what has the focus

    def _case(self) -> str:
        kind, rest = self.key
        about = rest.rpartition("/")[2] if kind in ("item", "back") else rest
        if kind == "case":
            return about
        known = {item.about for item in self._items() if item.kind == "case"}
        return about if about in known else ""

    def _items(self) -> list[ItemFace]:
        found = self.face
        if found is None:
            return []
        theirs = (item for each in found.offers for item in each.items)
        return [*found.draft.items, *theirs, *(each.item for each in found.back)]

    def targets(self) -> tuple[str, ...]:
        case = self._case()
        return (case,) if case else ()

    def line(self) -> QueueLine | None:
        return None

    def _offer(self) -> HandoverFace | None:
        key = self.key[1].partition("/")[0]
        return next((each for each in (self.face.offers if self.face else ()) if each.id == key), None)

    def can(self, action: keys.Action) -> bool:
        verb, kind = action.verb, self.key[0]
        if verb == "submit":
            return self.face is not None and bool(self.face.draft.kept)
        if verb == "people":
            return self.face is not None and bool(self.face.draft.items)
        if verb == "yes" and kind == "watch":
            watch = self._watch()
            return watch is not None and watch.state == "tripped" and not watch.seen_by
        if verb == "yes" and kind == "policy":
            news = self.face.policies if self.face is not None else ()
            return self.key[1] in {f"{each.document} {each.version}" for each in news if each.owed}
        if verb in AT:
            return kind in AT[verb]
        return super().can(action)

    # --- taking over, giving back

    def act_yes(self, argument: str = "") -> None:
        """Take it over; on the giver's line all of it. What tripped or came back: seen. A policy: understood."""
        from escaltui.workbench import shift_news

        kind, rest = self.key
        if kind == "watch":
            self.do(ops.SeeWatch(watch=rest), own(_("Seen.")))
        elif kind == "back":
            self.write(lambda bench: shift_news.see(bench, rest), lambda _seen: self.did(None, own(_("Seen."))))
        elif kind == "policy":
            document, _blank, version = rest.partition(" ")
            op = ops.AcknowledgeVersion(person=self.app.bench.me, document=document, version=version)
            self.do(op, own(_("Acknowledged.")))
        elif (offer := self._offer()) is not None:
            waiting = tuple(item.about for item in offer.items if item.state == "offered")
            about = waiting if kind == "offer" else (rest.partition("/")[2],)
            self._take(offer.id, about)

    def _take(self, handover: str, about: tuple[str, ...]) -> None:
        from escaltui.workbench import shift

        self.write(lambda bench: shift.accept(bench, handover, about), self._taken)

    def _taken(self, outcomes: list[Done | Refused]) -> None:
        refused = [each for each in outcomes if isinstance(each, Refused)]
        took = len(outcomes) - len(refused)
        said = ngettext("{n} thing taken over.", "{n} things taken over.", took).format(n=took)
        if not refused:
            self.say(own(said), "done")
        else:
            self.refuse(refused[0])
        self.wrote()

    def act_release(self, argument: str = "") -> None:
        """Give the thing back with a reason; of what I gave, take back what nobody took yet."""
        from escaltui.workbench import shift

        kind, rest = self.key
        if kind == "item":
            handover, _slash, about = rest.partition("/")
            self.ask(own(_("Give back")), own(_("Why? The colleague reads it.")),
                     lambda why: self.write(lambda bench: shift.give_back(bench, handover, about, why),
                                            lambda outcome: self.did(outcome, own(_("Given back.")))))  # fmt: skip
        elif kind == "given":
            self.ask(own(_("Take back what is not taken yet")), own(_("Why? The colleague reads it.")),
                     lambda why: self.write(lambda bench: shift.take_back(bench, rest, why),
                                            lambda outcome: self.did(outcome, own(_("Taken back.")))))  # fmt: skip

    # --- my draft

    def act_mark(self, argument: str = "") -> None:
        """Leave a thing out of my draft, or put it in again."""
        from escaltui.workbench import shift

        about = self.key[1]

        def change(bench: Workbench) -> object:
            return shift.edit(bench, left_out=shift.edits(bench).left_out ^ {about})

        self.passage.move("down")
        self.write(change, lambda _edits: self.read_again(hold=True))

    def act_change(self, argument: str = "") -> None:
        """What I ask for of this thing; the note of the whole; a watch's or risk's fields."""
        kind, about = self.key
        if kind == "watch":
            self._sheet(watch=self._watch())
        elif kind == "risk":
            self._sheet(risk=self._risk())
        elif kind == "draft":
            self._handover_sheet()
        else:
            was = next((item.ask for item in self._items() if item.about == about and item.ask), None)
            self.ask_with(own(_("What do you ask for?")), was, lambda typed: self._asked(about, typed))

    def ask_with(self, title: SafeText, value: SafeText | None, then: object) -> None:
        """Ask for one line that may be left empty."""
        from escaltui.widgets.ask import Ask

        def answered(typed: str | None) -> None:
            if typed is not None:
                then(typed)  # type: ignore[operator]

        self.app.push_screen(Ask(title, value=value, empty=True), answered)

    def _asked(self, about: str, typed: str) -> None:
        from escaltui.workbench import shift

        def change(bench: Workbench) -> object:
            return shift.edit(bench, asks=shift.edits(bench).asks | {about: typed})

        self.write(change, lambda _edits: self.read_again(hold=True))

    def _handover_sheet(self) -> None:
        from escaltui.screens.sheets.handover import HandoverSheet

        if self.face is not None:
            self.app.push_screen(HandoverSheet(self.face.draft), lambda _made: self.read_again(hold=True))

    def act_people(self, argument: str = "") -> None:
        """Whom I hand over to: who comes next by the rota first."""
        from escaltui.workbench import shift

        time = self.face.time if self.face is not None else None
        if argument:
            self._to(argument.strip())
        elif time is not None:
            self.read(lambda bench: shift.receivers(bench, time), self._receivers, group="people", hold=True)

    def _receivers(self, logins: tuple[str, ...]) -> None:
        if not logins:
            self.say(own(_("No colleague is known here. escaltui people add LOGIN makes one known.")), "refused")
            return
        self.pick(own(_("Hand over to")), numbered([(own(login), login) for login in logins]), self._to)

    def _to(self, login: str | None) -> None:
        from escaltui.workbench import shift

        if login:
            said = own(_("To {who}. ctrl+s offers it.").format(who=login))
            self.write(lambda bench: shift.edit(bench, receiver=login), lambda _edits: self.did(None, said))

    def act_submit(self, argument: str = "") -> None:
        """Offer my draft."""
        from escaltui.workbench import shift

        assert self.face is not None
        to = self.face.draft.receiver
        if not to:
            self.act_people()
            return
        said = own(_("Offered to {who}. Each thing stays yours until they take it.").format(who=to))
        self.write(lambda bench: shift.offer(bench, to), lambda outcome: self.did(outcome, said))

    # --- opening, moving

    def on_passage_picked(self, message: Passage.Picked) -> None:
        message.stop()
        self.act_open()

    def act_open(self, argument: str = "") -> None:
        """Open the case, what changed in the policy, the incident; of a watch or risk its fields."""
        kind, about = self.key
        if case := self._case():
            self.app.open_case(case, own(_("from the shift")))
            return
        if kind in ("item", "back", "mine"):  # a thing of a handover: what it is, and its own id
            about = about if kind == "mine" else about.partition("/")[2]
            kind = next((each.kind for each in self._items() if each.about == about), "")
        if kind == "policy":
            from escaltui.screens.policy_diff import DiffScreen

            document, _sign, version = about.replace(" ", "@").rpartition("@")
            self.app.push_screen(DiffScreen(document, version))
        elif kind == "incident":
            self.app.go_incident(about)
        elif self.key[0] in ("watch", "risk"):
            self.act_change()

    def act_next_pane(self, argument: str = "") -> None:
        if self.size.width >= WIDE:
            other = "#right" if self.passage.id == "left" else "#left"
            self.query_one(other, Passage).focus()
        else:
            self._next_part(1)

    def act_previous_pane(self, argument: str = "") -> None:
        if self.size.width >= WIDE:
            self.act_next_pane()
        else:
            self._next_part(-1)

    def _next_part(self, by: int) -> None:
        """One column: to the first line of the next part."""
        firsts, part = [], ""
        for block in self.passage.blocks:
            part = "rule" if block.rule else part
            if block.key and part:
                firsts.append(block.key)
                part = ""
        if firsts:
            keys_ = self.passage.picks()
            here = keys_.index(self.passage.cursor) if self.passage.cursor in keys_ else 0
            later = [each for each in firsts if (keys_.index(each) - here) * by > 0]
            to = later[0 if by > 0 else -1] if later else firsts[0 if by > 0 else -1]
            self.passage.go_to(to)
            self.refresh_keys()
