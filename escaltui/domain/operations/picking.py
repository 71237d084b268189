"""Learning from look-ups: a section picked after one, and picks forgotten (the design's policy page, 4)."""

from __future__ import annotations

from escaltui.domain.changes import Key
from escaltui.domain.operations.base import Operation
from escaltui.domain.picks import STREAM, pick_id


class PickSection(Operation, frozen=True, kw_only=True):
    """I opened (or cited) this section after a look-up in words of these stems, sorted, each once."""

    MODE = "free"
    STREAM = STREAM
    person: str
    section: str
    stems: tuple[str, ...]
    cited: bool = False

    def reads(self) -> tuple[Key, ...]:
        return (("pick", pick_id(self.person, self.section, self.stems)),)


class ForgetPicks(Operation, frozen=True, kw_only=True):
    """These picks, by id, count no more, and what was typed goes from them: one's own, for a lead anybody's."""

    MODE = "free"
    STREAM = STREAM
    picks: tuple[str, ...]

    def reads(self) -> tuple[Key, ...]:
        return tuple(("pick", each) for each in self.picks)
