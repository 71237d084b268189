"""The team's policy library: publishing a version, letting a held one count. Only the authority says yes to these."""

from __future__ import annotations

from escaltui.domain.changes import Key
from escaltui.domain.library import STREAM, About, Counts, Facts, LibraryEntry, Passage, entry_id
from escaltui.domain.operations.base import Operation


class _OnDocument(Operation, frozen=True, kw_only=True):
    """The `n`-th thing that happens to a document: it is refused where a colleague's was the `n`-th already."""

    MODE = "online"
    STREAM = STREAM
    document: str
    version: str
    n: int

    def reads(self) -> tuple[Key, ...]:
        places = (self.n, self.n - 1) if self.n > 1 else (self.n,)
        return (
            *((LibraryEntry.NAME, entry_id(self.document, n)) for n in places),
            ("published", f"{self.document}@{self.version}"),
        )


class PublishPolicyVersion(_OnDocument, frozen=True, kw_only=True):
    """Add a version to the library, with its sections as they were found in its text, and the words new in it.

    `counts`: earlier versions that it shows to have been short excursions.
    """

    about: About
    facts: Facts
    passages: tuple[Passage, ...] = ()
    texts: dict[str, str] = {}
    counts: Counts = {}


class ReleaseVersion(_OnDocument, frozen=True, kw_only=True):
    """Let a held version count; `counts` says how it and those that wait with it are judged now."""

    counts: Counts
