"""The policies to browse: documents that open and close, their sections under them."""

from __future__ import annotations

from collections.abc import Sequence

from escaltui.faces import OutlineLine
from escaltui.safety.text import own
from escaltui.widgets.passage import Block, Passage

DOCUMENT = "document "
SECTION = "section "


class Outline(Passage):
    """The tree. `enter` on a document opens or closes it; on a section it is picked."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.lines: tuple[OutlineLine, ...] = ()
        self.open: set[str] = set()

    def browse(self, lines: Sequence[OutlineLine]) -> None:
        """Show these documents, closed; one document alone is open."""
        self.lines = tuple(lines)
        documents = [line.document for line in lines if not line.section]
        self.open = set(documents) if len(documents) == 1 else self.open & set(documents)
        self._draw()

    def reveal(self, document: str, section: str) -> None:
        """Open a document and put the cursor on one of its sections."""
        if document not in self.open:
            self.open = {document}
            self._draw()
        self.go_to(SECTION + section)

    def pick(self) -> bool:
        """Open or close the document under the cursor, or tell which section was picked."""
        if self.cursor.startswith(DOCUMENT):
            self.open ^= {self.cursor.removeprefix(DOCUMENT)}
            self._draw()
            return True
        return super().pick()

    def _draw(self) -> None:
        self.show(
            [self._block(line) for line in self.lines if not line.section or line.document in self.open], top=False
        )

    def _block(self, line: OutlineLine) -> Block:
        if line.section:
            depth = 2 + 2 * max(1, line.depth)
            return Block((line.heading,), indent=depth, key=SECTION + line.section)
        sign = own("v " if line.document in self.open else "+ ")
        count = own(f" {line.sections}")
        parts = ((line.heading, "heading"), (count, "quiet"))
        return Block(parts, sign, 4, DOCUMENT + line.document, own("  "))
