"""What changed in the policies, as values to show: no store, nothing drawn, every text from outside made safe."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from escaltui.safety.text import SafeText


class VersionLine(NamedTuple):
    """A version with what it changed in the one before it, one line of the list of changes."""

    document: str
    title: SafeText
    version: str
    before: str
    """The version it is compared with, "" for a document's first."""
    day: str
    """ISO date: in force from, else observed on."""
    state: str
    """`in_force`, `coming`, or `past`; of a bulletin that has run out: `rests`."""
    changed: int
    """How many sections it added, retired, changed or moved."""
    unread: int
    """How many sections in force that it brought I have not read in these words."""
    must_ack: bool = False
    ack_by: str = ""
    acked: bool = False
    overdue: bool = False
    """Whether I am late with it; `late`: its day is over, whoever is late."""
    late: bool = False
    waiting: tuple[str, ...] = ()
    """Who has not acknowledged it, by login."""
    note: SafeText | None = None
    """What its author says of it."""
    bulletin: bool = False
    audience: tuple[str, ...] = ()
    expires: str = ""

    @property
    def owed(self) -> bool:
        """Whether I am asked to acknowledge it."""
        return self.must_ack and not self.acked and self.state not in ("past", "rests")


class WordsFace(NamedTuple):
    """A stretch of words: `same`, `out` (older text only) or `in` (newer text only)."""

    mark: str
    old: SafeText
    new: SafeText


class SectionDiff(NamedTuple):
    """One section that changed, with its words where both versions have it."""

    section: str
    heading: SafeText
    kind: str
    """`added`, `retired`, `changed` or `moved`."""
    impact: str
    """What the author says it does: `unknown` where nothing is said."""
    moved_from: str
    text_sha256: str
    """Of the newer words, "" where there are none."""
    unread: bool
    open_cases: int
    """Open cases whose draft, proposal or pin rests on other words than the newer version's."""
    decided_cases: int
    """Cases with a line in force, and live standing calls, that rest on such words."""
    pieces: tuple[WordsFace, ...]


class VersionDiff(NamedTuple):
    """Two versions of a document, section by section; what stayed as it was is left out."""

    line: VersionLine
    versions: tuple[str, ...]
    sections: tuple[SectionDiff, ...]


class AffectedCase(NamedTuple):
    """A case that rests on changed words. `by`: `pin`, `proposal`, `draft`, `decision` or `ruling`."""

    case_id: str
    ref: str
    by: tuple[str, ...]
    sections: tuple[str, ...]


class Affected(NamedTuple):
    """What rests on changed words: open cases, decided ones, standing calls (by name)."""

    open: tuple[AffectedCase, ...] = ()
    decided: tuple[AffectedCase, ...] = ()
    rulings: tuple[SafeText, ...] = ()

    @property
    def case_ids(self) -> tuple[str, ...]:
        """Every case once, the open ones first."""
        return tuple(dict.fromkeys(each.case_id for each in (*self.open, *self.decided)))
