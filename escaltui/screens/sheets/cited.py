"""What a decision rests on is read in full once before it is submitted, where words of it are masked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from escaltui.i18n import ngettext
from escaltui.safety.text import SafeText, own
from escaltui.screens.sheets.reading import Reading
from escaltui.widgets.masked import masks_of
from escaltui.widgets.passage import Block, Passage

if TYPE_CHECKING:
    from escaltui.app import EscaltuiApp
    from escaltui.faces import CaseFace
    from escaltui.screens.sheets.decision_draft import DecisionDraft


class CitedBox(Reading):
    """The masked passages that are cited; `enter` shows them, and they count as read."""

    def __init__(self, count: int, blocks: Sequence[Block]) -> None:
        said = ngettext(
            "{n} masked term in what you cite; enter shows it", "{n} masked terms in what you cite; enter shows them",
            count,
        )  # fmt: skip
        super().__init__(own(said.format(n=count)), blocks)

    def act_open(self, argument: str = "") -> None:
        """Show all of it; again: back to the decision."""
        passage = self.query_one(Passage)
        if not passage.unmask_all():
            self.dismiss(None)


def hold(app: EscaltuiApp, face: CaseFace | None, draft: DecisionDraft) -> bool:
    """Whether something cited is still to be read in full; then it is opened."""
    unread = masks_of(app).unread(cited(face, draft)) if face is not None else []
    if unread:
        count = sum(len(spans) for _text, spans in unread)
        app.push_screen(CitedBox(count, [Block((text,), own("- "), 2) for text, _spans in unread]))
    return bool(unread)


def cited(face: CaseFace, draft: DecisionDraft) -> Iterator[SafeText]:
    """The texts of the items that are decided on, else of the reports, and the answers that are cited."""
    items = [subject.text for subject in face.subjects if subject.text]
    yield from items or [report.body for report in face.reports if report.body]
    for consult in face.work.consults:
        if consult.id in draft.consults:
            yield consult.answer
