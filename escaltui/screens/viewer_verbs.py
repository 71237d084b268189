"""What the viewer's keys do beside looking: facts, opening outside, rating, sealing, where it was seen before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.i18n import _
from escaltui.safety.decode import NotShown
from escaltui.safety.text import own
from escaltui.screens.fetching import Fetching
from escaltui.screens.viewing import PICTURE
from escaltui.widgets.ask import Confirm
from escaltui.widgets.key_menu import KeyMenu, numbered
from escaltui.widgets.media_card import card, exif_blocks, placed
from escaltui.widgets.passage import blank, heading
from escaltui.widgets.say import plain

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace, SeenBefore
    from escaltui.safety.decode import Facts


class ViewerVerbs(Fetching):
    """`i` `O` `e` `!` `P`, and what the frame asks of a place that belongs to a case."""

    seen: tuple[SeenBefore, ...] = ()

    def targets(self) -> tuple[str, ...]:
        return (self.face.case_id,)

    # --- facts

    def act_inspect(self, argument: str = "") -> None:
        """Everything that is known of the file; what a camera wrote into it is asked for now, and not kept."""
        face = self.face
        if self.facts is None:
            self._tell_facts(face, None)
        else:
            self.ask(
                lambda reader: reader.facts(face.sha256, exif=True), lambda facts: self._tell_facts(face, facts), "exif"
            )

    def _tell_facts(self, face: MediaFace, facts: Facts | NotShown | None) -> None:
        from escaltui.screens.sheets.reading import Reading

        if isinstance(facts, NotShown):
            self.say(own(str(facts)))
            return
        blocks = card(face, facts, self.seen, self.app.bench.now())
        if facts is not None:
            blocks += [blank(), heading(own(_("Written in the file"))), *exif_blocks(facts)]
        self.app.push_screen(Reading(placed(face), [each._replace(key="") for each in blocks]))

    # --- outside

    def act_outside(self, argument: str = "") -> None:
        """A still, frame or page in the system's own program; what cannot be read here in the platform's own tool."""
        face, never = self.face, self.shield.settings.external_open == "never"
        film = self.facts is not None and self.facts.kind == "video"
        readable = self.facts is not None and self.facts.kind in ("picture", "document") and not self.note
        if (film and (face.tool or self.mode != PICTURE)) or not (readable or film):
            self._tool(face)
        elif never:
            self.say(own(_("Opening outside is off in the settings.")), "refused")
        elif face.rating == "none":
            self._open_outside()
        else:
            question = own(_("Opens clear, in colour; that program may keep a copy. Open it?"))
            self.app.push_screen(Confirm(question), self._outside_asked)

    def _outside_asked(self, answer: str | None) -> None:
        if answer == "yes":
            self._open_outside()

    def _open_outside(self) -> None:
        from escaltui.workbench.outside import open_outside

        face, shield, place, bench = self.face, self.shield, self.place_in_file, self.app.bench
        permit = shield.outside(self.app.beat())

        def opened(said: str | NotShown) -> None:
            self.say(own(str(said)), "refused" if isinstance(said, NotShown) else "done")
            if not isinstance(said, NotShown):  # a look: how long, nobody here can know
                self.aside(lambda: self.ledger.ended(self.ledger.began(face, "clear", True, 1.0), 0.0))

        self.ask(
            lambda reader: open_outside(bench, face, reader.export(face.sha256, place, shield, permit), place + 1),
            opened, "outside",
        )  # fmt: skip

    def _tool(self, face: MediaFace) -> None:
        """Where the platform's own tool shows it: the address first; taking it is noted on the case."""
        if not face.tool:
            self.fail(_("No address is known for this item. platforms.toml names them."))
            return

        def picked(address: str | None) -> None:
            if address is not None:
                self.app.copy_to_clipboard(address)
                done = own(_("The address is copied; noted on the case."))
                self.do(ops.RecordAccess(case=face.case_id, what=address), done)

        title = own(_("In the platform's own tool"))
        self.app.push_screen(KeyMenu(title, numbered([(own(face.tool), face.tool)])), picked)

    # --- what is said of it

    def act_change(self, argument: str = "") -> None:
        """Rate and describe it."""
        from escaltui.screens.sheets.rating import RatingSheet

        self.app.push_screen(RatingSheet(self.face))

    def act_seal(self, argument: str = "") -> None:
        """Seal it, after a question."""
        face = self.face
        title = _("Seal {what}?").format(what=plain(placed(face)))
        note = own(_(
            "Suspected child sexual abuse material: it is never shown again, removed from this device, and the team "
            "that the operator named is asked. Nothing undoes a seal."
        ))  # fmt: skip
        self.app.push_screen(Confirm(own(title), note=note), lambda answer: self._seal(face, answer))

    def _seal(self, face: MediaFace, answer: str | None) -> None:
        if answer != "yes":
            return
        self.shield.curtain()
        self.forget_frames()
        self.app.gone(frozenset((face.sha256,)))
        self.write(lambda bench: bench.seal(face), self._sealed)

    def _sealed(self, outcome: object) -> None:
        if isinstance(outcome, Refused):
            self.refuse(outcome)
        else:
            self.did(outcome, own(_("Sealed.")))

    def forget_frames(self) -> None:
        """Nothing of any frame stays here."""
        self.canvas.keep(lambda want: False)
        self.sheet_view.keep(lambda want: False)
        self.covered()

    # --- seen before

    def act_precedents(self, argument: str = "") -> None:
        """Where it was seen before: opens that case."""
        cases = {each.case_id: each for each in self.seen if each.case_id != self.face.case_id}
        if not cases:
            self.say(own(_("Not seen before. Crops and other cuts of a picture are missed.")))
        elif len(cases) == 1:
            self.open_seen(next(iter(cases)))
        else:
            choices = numbered([(own(each.ref), each.case_id) for each in cases.values()])
            self.app.push_screen(KeyMenu(own(_("Seen before")), choices), self.open_seen)

    def open_seen(self, case_id: str | None) -> None:
        """Leave for a case in which it was seen."""
        if case_id:
            self.app.open_case(case_id, own(_("from {ref}").format(ref=self.face.ref)))
