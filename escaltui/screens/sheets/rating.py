"""How graphic a file is, and what it shows in words: so that colleagues know before they look, or need not."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, cast

from textual.widget import Widget

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.media import RATINGS, Rating
from escaltui.i18n import _
from escaltui.safety.text import block, own
from escaltui.screens.made import Made
from escaltui.screens.sheets.sheet import Sheet
from escaltui.widgets.field import SafeTextArea
from escaltui.widgets.form import Pick, rows
from escaltui.widgets.media_card import placed
from escaltui.widgets.say import plain
from escaltui.wording import rating_word

if TYPE_CHECKING:
    from escaltui.domain.operations import Operation
    from escaltui.media_faces import MediaFace
    from escaltui.workbench import Workbench


class RatingSheet(Sheet):
    """Rate and describe one file, in one go. A description that was shown cleaned is sent only where it was changed."""

    DRAFT = "describe"
    AUTO_FOCUS = "Pick"
    DEFAULT_CSS = """
    RatingSheet SafeTextArea { height: 4; }
    """

    def __init__(self, face: MediaFace) -> None:
        super().__init__(_("Rate"), None, (face.case_id,))
        self.face = face
        self.heading = own(_("Rate and describe") + " ") + placed(face)

    @property
    def draft_key(self) -> str:
        """One draft for each file."""
        return f"{self.DRAFT} {self.face.id}"

    def fields(self) -> Iterable[Widget]:
        choices = [(own(rating_word(rating)), rating) for rating in RATINGS]
        yield from rows((
            (_("Rating"), Pick(choices, self.face.rating, title=_("Rating"))),
            (_("Shows"), SafeTextArea(self.face.description)),
        ))  # fmt: skip

    def text(self) -> str:
        typed = self.query_one(SafeTextArea).text
        return typed if typed != plain(self.face.description) else ""

    def restore(self, text: str) -> None:
        self.query_one(SafeTextArea).load(block(text))

    def _ops(self, case: str) -> list[Operation]:
        """What was changed, as operations."""
        face, found = self.face, list[ops.Operation]()
        rating, typed = self.query_one(Pick).value, self.text().strip()
        if rating != face.rating:
            found.append(ops.RateMedia(case=case, holder=face.holder, at=face.at, rating=cast("Rating", rating)))
        if typed:
            found.append(ops.DescribeMedia(case=case, holder=face.holder, at=face.at, text=typed))
        return found

    def made(self) -> Made | str:
        wanted = self._ops(self.face.case_id)
        if not wanted:
            return _("Nothing is changed. esc goes back.")
        self._rest, self._rated = wanted[1:], str(self.query_one(Pick).value)
        return Made(lambda _case: wanted[0], own(_("Noted for everybody who handles this case.")))

    def accepted(self, bench: Workbench, outcome: object) -> object:
        """In the thread: the second operation, where both were changed; its refusal is said, what is typed stays."""
        for op in self._rest:
            outcome = bench.do(op)
            if isinstance(outcome, Refused):
                return outcome
        bench.exposure.rated(self.face, self._rated)
        return super().accepted(bench, outcome)

    def _settled(self, outcome: object, made: Made) -> None:
        before = self.app.last_made
        super()._settled(outcome, made)
        self.app.last_made = before  # a rating is of one file: there is nothing to repeat elsewhere
