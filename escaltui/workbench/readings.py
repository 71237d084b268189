"""What changed in the policies, as the one door gives it. Loaded with the door; what is done is in `reading`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, cast

from escaltui.workbench.desk import Desk

if TYPE_CHECKING:
    from datetime import date

    from escaltui.domain.changes import Refused
    from escaltui.domain.reading import Impact
    from escaltui.faces import BulkPreview
    from escaltui.reading_faces import Affected, VersionDiff, VersionLine
    from escaltui.store.values import Done
    from escaltui.workbench.door import Workbench


class Readings(Desk):
    """A desk that knows what was read of the policies."""

    @property
    def _bench(self) -> Workbench:
        return cast("Workbench", self)

    def policy_changes(self, since: date | None = None) -> list[VersionLine]:
        """Versions with what they changed, unread first. A first visit sets the baseline of what counts as read."""
        from escaltui.workbench import reading

        return reading.changes(self._bench, since)

    def policy_unread(self) -> int:
        """How many sections in force I have not read in these words."""
        from escaltui.workbench import reading

        return reading.unread(self._bench)

    def policy_diff(self, document: str, after: str = "", before: str = "", section: str = "") -> VersionDiff:
        """Two versions of a document, by default the one in force and the one before. Raises PolicyError."""
        from escaltui.workbench import reading

        return reading.compare(self._bench, document, after, before, section)

    def policy_affected(self, section: str, version: str = "") -> Affected:
        """What rests on other words of a section than those in force (or of a version). Raises PolicyError."""
        from escaltui.workbench import reading

        return reading.affected(self._bench, section, version)

    def policy_affected_by(self, document: str, after: str = "", before: str = "") -> Affected:
        """What rests on words that two versions changed. Raises PolicyError."""
        from escaltui.workbench import reading

        return reading.affected_by(self._bench, document, after, before)

    def read_sections(self, sections: Mapping[str, str]) -> bool:
        """These sections (stable id to hash) were before me."""
        from escaltui.workbench import reading

        return reading.read_sections(self._bench, sections)

    def acknowledge(self, document: str, version: str = "") -> Done | Refused:
        """I have read and understood a version, by default the one in force. Raises PolicyError."""
        from escaltui.workbench import reading

        return reading.acknowledge(self._bench, document, version)

    def describe_change(
        self, document: str, version: str, summary: str, impacts: Mapping[str, Impact] | None = None
    ) -> Done | Refused:
        """What the author says of a version, with an impact a section. Raises PolicyError."""
        from escaltui.workbench import reading

        return reading.describe(self._bench, document, version, summary, impacts)

    def recheck(self, case_ids: Sequence[str], what: str) -> BulkPreview:
        """A task on each case to look at it again, since what it rests on reads differently."""
        from escaltui.workbench import reading

        return reading.recheck(self._bench, case_ids, what)
