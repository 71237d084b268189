"""The other cases of an account or requester."""

from __future__ import annotations

from escaltui.faces import CaseFace
from escaltui.i18n import _, ngettext
from escaltui.safety.text import join, own
from escaltui.screens.sheets.reading import Reading
from escaltui.widgets.facts import other_block
from escaltui.widgets.passage import Block, blank


class ActorScreen(Reading):
    """Cases of the same item author, then of the same requester. Gives back `case ID` of the one picked."""

    def __init__(self, face: CaseFace) -> None:
        authors = {subject.author for subject in face.subjects if subject.author}
        found = [Block((own(_("Requester:") + " "), (face.line.requester, "heading")))] if face.line.requester else []
        if authors:
            named = join(sorted(authors, key=len)[:5], own(", "))
            found.append(Block((own(_("Account:") + " "), (named, "heading"))))
        count = len(face.others)
        said = ngettext("{n} other case", "{n} other cases", count).format(n=count)
        found += [blank(), *(other_block(other) for other in face.others)]
        super().__init__(own(f"{face.line.ref}: {said}"), found)
