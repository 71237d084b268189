"""The viewer: the files of one case, each behind its shield; facts and words first.

Keys and levels are told on the design's safety page, sections 2 and 4. `app.look(case_id, at)` opens it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from escaltui import when
from escaltui.i18n import _
from escaltui.safety.decode import NotShown
from escaltui.safety.text import block, own
from escaltui.screens.viewer_keys import ViewerKeys
from escaltui.screens.viewing import PICTURE, WORDS
from escaltui.widgets.bindings import bindings
from escaltui.widgets.contact_sheet import ContactSheet
from escaltui.widgets.media_card import card, placed, transcript
from escaltui.widgets.passage import Block, Passage, blank
from escaltui.widgets.picture import Canvas
from escaltui.widgets.sealed import sealed_card

if TYPE_CHECKING:
    from escaltui.media_faces import MediaFace, SeenBefore
    from escaltui.safety.decode import Facts, Reader

T = TypeVar("T")


class ViewerScreen(ViewerKeys):
    """One file at a time, its card beside it."""

    CONTEXT = "viewer"
    BINDINGS = bindings("viewer")
    CSS_PATH = "viewer.tcss"
    AUTO_FOCUS = ""

    def compose_body(self) -> Iterable[Widget]:
        with Horizontal(id="sides"):
            yield Passage(id="card")
            with Vertical(id="view"):
                yield Canvas()
                yield ContactSheet()
                yield Passage(id="words")

    def opened(self) -> None:
        self.app.shielded.add(self)
        self.ledger = self.app.bench.exposure
        self.turn_to(self.at)

    # --- which file

    def turn_to(self, at: int) -> None:
        """Another file appears: its card first, then what its rest shows."""
        self.stop_fetching()
        self.at, self.facts, self.note, self.seen, self.away = at, None, "", (), False
        self.set_mode(WORDS)
        self.appear()
        self._show_place()
        self.draw_card()
        self.query_one("#words", Passage).show([])
        face = self.face
        self.set_class(face.sealed, "-sealed")
        self.show()
        if face.sealed:
            return
        self.read(lambda bench: bench.seen_before(face), partial(self._seen_before, face), group="seen")
        self._open(face)

    def _show_place(self) -> None:
        now = self.app.bench.now()
        self.place(own(_("Queue")), own(self.face.ref), placed(self.face))
        self.status(right=own(f"{when.time_of(now)} {when.zone_name(now)}"))
        self.refresh_keys()

    def ticked(self) -> None:
        self._show_place()

    def _open(self, face: MediaFace) -> None:
        """Hand the file to the reader and learn its facts."""
        path = self.app.bench.original(face)
        self.away = path is None and self.app.bench.can_fetch(face)
        if path is None:
            here = _("Only its facts came; the file is not here.")
            self.note = _("It lies on the server: f fetches it.") if self.away else here
            self.refresh_keys()
            self.draw_card()
            self._show_words(transcript(face))
            return
        declared = face.type.value
        self.ask(lambda reader: reader.open(path, face.sha256, declared), self._of(face, self._known), "facts")

    def _of(self, face: MediaFace, then: Callable[[T], object]) -> Callable[[T | NotShown], None]:
        """Takes what the reader says of a file: says why there is nothing; drops what comes once another is shown."""

        def came(got: T | NotShown) -> None:
            if face is not self.face:
                return
            if isinstance(got, NotShown):
                self.not_shown(got)
            else:
                then(got)

        return came

    def _known(self, facts: Facts) -> None:
        face, self.facts = self.face, facts
        self.draw_card()
        if facts.kind == "picture":
            self.set_mode(PICTURE)
            self.show()
            self._compare(face)
        elif facts.kind == "video":
            said = _("A film is not played here. # shows stills; O opens it in the platform's own tool.")
            self._show_words([Block((own(said),)), blank(), *transcript(face)])
        elif facts.kind in ("document", "text"):
            self.ask(lambda reader: reader.text(face.sha256), self._of(face, self._read), "text")
        else:
            self.note = _("No safe reader for this type.")
            self.draw_card()
            self._show_words(transcript(face))

    def _read(self, text: str) -> None:
        """A document's text, else the words that came with it; its pages are pictures like any."""
        pages = self.facts is not None and self.facts.kind == "document"
        hint = [blank(), Block(((own(_("] shows its pages at rest, # all of them.")), "quiet"),))] if pages else []
        other = transcript(self.face) or [Block(((own(_("No text in it.")), "quiet"),))]
        found = [Block((block(part),)) for part in text.split("\f")] if text.strip() else other
        self._show_words([*found, *hint])

    def _show_words(self, blocks: list[Block]) -> None:
        self.set_mode(WORDS)
        self.query_one("#words", Passage).show(blocks)
        self.show()

    # --- the card

    def draw_card(self) -> None:
        face, bench = self.face, self.app.bench
        passage = self.query_one("#card", Passage)
        if face.sealed:
            passage.show(sealed_card(face, bench.rules, bench.now()))
            return
        blocks = card(face, self.facts, self.seen, bench.now())
        if self.note:
            blocks += [blank(), Block(((own(self.note), "near"),))]
        if self.recorded and face.id not in self.app.accessed:
            blocks += [blank(), Block(((own(_("Your first look is recorded in the case.")), "near"),))]
        if face.transcript and self.facts is not None and self.facts.kind == "picture":
            blocks += [blank(), *transcript(face)]
        passage.show(blocks, top=False)

    def _seen_before(self, face: MediaFace, seen: tuple[SeenBefore, ...]) -> None:
        if face is self.face and seen != self.seen:
            self.seen = seen
            self.draw_card()
            self.refresh_keys()

    def _compare(self, face: MediaFace) -> None:
        """Learn how the picture looks, so that one like it is told, here and on later cases."""

        def looks(reader: Reader) -> tuple[SeenBefore, ...]:
            hashed = reader.hashes(face.sha256)
            if hashed is not None:
                self.app.bench.keep_looks(face.sha256, *hashed)
            return self.app.bench.seen_before(face)

        def found(seen: tuple[SeenBefore, ...] | NotShown) -> None:
            if not isinstance(seen, NotShown):
                self._seen_before(face, seen)

        self.ask(looks, found, "hashes")

    # --- what changed meanwhile

    def case_changed(self, case_ids: frozenset[str]) -> None:
        self._read_again()

    def wrote(self) -> None:
        self._read_again()

    def _read_again(self) -> None:
        case_id = self.face.case_id
        self.read(lambda bench: bench.media(case_id), self._fresh, group="media")

    def _fresh(self, faces: tuple[MediaFace, ...]) -> None:
        """A seal, or a rating that raises the shield, holds at once; none shows more than before."""
        was = self.face
        at = next((at for at, face in enumerate(faces) if face.id == was.id), None)
        if at is None or faces == self.faces:
            return
        open_ = {face.sha256 for face in faces if not face.sealed}
        if closed := {face.sha256 for face in self.faces if not face.sealed} - open_:
            self.app.gone(frozenset(closed))
        self.faces, self.at = faces, at
        if self.face.sealed != was.sealed:
            self.turn_to(at)
            return
        if self.rest != self.shield.rest:
            self.shield.rate(self.rest)
            self.covered()
        self.draw_card()

    def on_canvas_resized(self, message: Canvas.Resized) -> None:
        message.stop()
        self.covered()

    def on_unmount(self) -> None:
        self.stop_fetching()
        self.app.shielded.discard(self)
