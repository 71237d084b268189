"""`Workbench`: everything that screens and plain commands may ask of the work.

Reads and writes block; screens call them from worker threads. Whoever wants to know what changed subscribes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from escaltui.domain.changes import Refused
from escaltui.store.values import Done
from escaltui.workbench.crisis import Crisis
from escaltui.workbench.desk import Undone
from escaltui.workbench.evidence import Evidence
from escaltui.workbench.lists import Lists
from escaltui.workbench.readings import Readings
from escaltui.workbench.remote import Following
from escaltui.workbench.sealing import Sealing
from escaltui.workbench.worklists import Worklists

if TYPE_CHECKING:
    from escaltui.domain.operations import OpenCase, Operation, ReceiveReport
    from escaltui.faces import Brief, BulkPreview, CaseFace, Hit, OutlineLine, Progress, SectionFace, Similar
    from escaltui.policy.library import ImportReport as PolicyImport
    from escaltui.policy.library import PolicyHit, Section, Version
    from escaltui.policy.query import Synonyms
    from escaltui.protection import Masking, Shielding
    from escaltui.workbench.importing import ImportSummary
    from escaltui.workbench.meaning import Meaning
    from escaltui.workbench.meaning_build import Beside
    from escaltui.workbench.outside import Outside
    from escaltui.workbench.picking import Picking
    from escaltui.workbench.protecting import Effective
    from escaltui.workbench.scheduling import Schedule


class Workbench(Lists, Worklists, Evidence, Readings, Crisis, Sealing, Following):
    """The one door from people to the work: a desk, its lists, and what follows. What is seldom used loads late."""

    schedule: Schedule | None = None
    """What runs connectors by itself, while a workbench is open and one of them wants that."""
    without_network: frozenset[str] = frozenset()
    """Names of connectors that are due, and wait for a network."""

    def start_schedule(self, say: Callable[[str], None] = lambda sentence: None) -> None:
        """From now on connectors with `every` in their settings are run when they are due; where none has, nothing is
        loaded. Nor for somebody who only plays a colleague (`--as`, the demo). `say`: told what a person should know.
        """
        wanted = any(each.every for each in self.config.connectors)
        if wanted and self.schedule is None and not self.playing and not self.store.read_only:
            from escaltui.workbench.scheduling import Schedule

            self.schedule = Schedule(self, say)
            self.schedule.start()

    def close(self) -> None:
        """End what runs by itself, close what was opened late, then the store."""
        if self.schedule is not None:
            self.schedule.stop()
        if "meaning" in self.__dict__:
            self.meaning.close()
        super().close()

    # --- one case

    def case(self, ref: str) -> CaseFace | None:
        """Everything about one case, by id or reference. Does not count as a look."""
        from escaltui.workbench.casefile import case_face

        return case_face(self, ref)

    def mark_seen(self, case_id: str, upto: int | None = None) -> None:
        """What changed since I last looked starts anew, after the change `upto` (a timeline's `seq`) or after all."""
        self.store.mark_seen(case_id, self.me, self.store.last_seq() if upto is None else upto, self.now())
        if self.engine is not None:
            self.engine.looked()

    # --- what protects whoever sits here

    @cached_property
    def protection(self) -> Effective:
        """The settings that protect the person, each the stricter of their own and the operator's. Reads the rules."""
        from escaltui.workbench import protecting

        return protecting.protection(self)

    @property
    def shielding(self) -> Shielding:
        """How pictures rest, and how long a look lasts."""
        return self.protection.shield

    @property
    def masks(self) -> Masking:
        """Which words are masked."""
        return self.protection.masking

    @cached_property
    def outside(self) -> Outside:
        """The pictures that are open in other programs."""
        from escaltui.workbench.outside import Outside

        return Outside()

    # --- what time owes

    def tick(self, limit: int | None = None) -> frozenset[str]:
        """What time itself owes; also letters of ours that were on their way when the program ended."""
        touched = super().tick(limit)
        if not self.store.read_only and self.store.sending():
            from escaltui.workbench import letters

            touched |= frozenset(letters.recover(self))
        touched |= self.join_by_rule()
        self.remind()
        self.count_watches()
        return touched

    def count_watches(self) -> tuple[str, ...]:
        """Count the watches that are this workbench's to count; the names of those that tripped just now."""
        from escaltui.workbench import watching

        tripped = watching.count(self)
        for listener in tuple(self.on_trip) if tripped else ():
            listener(tripped)
        return tripped

    @cached_property
    def on_trip(self) -> list[Callable[[tuple[str, ...]], None]]:
        """Who is told the names of watches that tripped, from whatever thread counted them."""
        return []

    # --- writing, beside `do` and `do_many`

    def do_marked(
        self, make: Callable[[str], Operation], case_ids: Sequence[str], *, dry_run: bool = False
    ) -> BulkPreview:
        """The same verb on many cases (at most 200): what changes, what is refused. `dry_run` writes nothing."""
        from escaltui.workbench.bulk import do_marked

        return do_marked(self, make, case_ids, dry_run=dry_run)

    def undo(self, *, case_id: str = "", op_id: str = "") -> Undone | Refused:
        """Take back my last operation that is not undone yet, on a case or at all; again: the one before."""
        from escaltui.workbench.undoing import undo_last

        return undo_last(self, case_id, op_id)

    def items(self, case_id: str, named: Sequence[str]) -> tuple[str, ...]:
        """The row ids of a case's items, each named by row id, item id or link. Raises NotKnown."""
        from escaltui.workbench.splitting import items

        return items(self, case_id, named)

    def split(self, case_id: str, subjects: Sequence[str], title: str = "", *, op_id: str = "") -> Done | Refused:
        """Give some items of a case (by row id) a case of their own, in one transaction; the two stay linked."""
        from escaltui.workbench.splitting import split

        return split(self, case_id, subjects, title, op_id)

    def open_by_hand(self, received: ReceiveReport, opened: OpenCase) -> str | Refused:
        """A report and its case in one transaction. Gives the new case's id, or the first refusal."""
        from escaltui.workbench.handwork import open_by_hand

        return open_by_hand(self, received, opened)

    # --- policy: look-up, reading, citing

    @cached_property
    def meaning(self) -> Meaning:
        """Look-up by meaning, for whoever chose a model."""
        from escaltui.workbench.meaning import Meaning

        return Meaning(self)

    @cached_property
    def meaning_beside(self) -> Beside:
        """The making of its vectors in a process beside this one."""
        from escaltui.workbench.meaning_build import Beside

        return Beside(self)

    @cached_property
    def picking(self) -> Picking:
        """What look-ups teach: picks, and the team's own synonyms."""
        from escaltui.workbench.picking import Picking

        return Picking(self)

    @property
    def synonyms(self) -> Synonyms:
        """The words that look-up adds: the team's over those that come with the program."""
        return self.picking.synonyms()

    def meaning_prepared(self) -> int | None:
        """See to it that look-up by meaning knows all it should; how many texts in a hundred it knows by now.

        None where no model is chosen. What is missing is made in a process beside this one.
        """
        if self.meaning.chosen() is None:
            return None
        return self.meaning.share() if self.meaning_beside.refresh() else 100

    def policy_search(
        self, query: str, *, document: str = "", limit: int = 5, typing: bool = False, case_id: str = "",
        stopped: Callable[[], bool] | None = None, settle: bool = False,
    ) -> list[Hit]:  # fmt: skip
        """The sections that best answer a query. Raises Interrupted once `stopped` says so.

        `settle`: by meaning, too, where a model is chosen; raises ModelError where it cannot be used.
        """
        from escaltui.workbench import library

        return library.search(
            self, query, document=document, limit=limit, typing=typing, case_id=case_id, stopped=stopped, settle=settle
        )

    def policy_hits(
        self, query: str, *, document: str = "", limit: int = 5, settle: bool = False
    ) -> list[PolicyHit]:  # fmt: skip
        """The same as they are kept: their texts raw."""
        from escaltui.workbench import library

        return library.hits(self, query, document=document, limit=limit, settle=settle)

    def policy_text(self, section: str, version: str = "") -> Section:
        """One section as it is kept, its text raw. Raises PolicyError with the reason and the mend."""
        from escaltui.workbench import library

        return library.text(self, section, version)

    def policy_versions(self, document: str) -> list[Version]:
        """All versions of a document, held and folded ones too. Raises PolicyError."""
        from escaltui.workbench import library

        return library.versions(self, document)

    def policy_release(self, document: str, version: str) -> tuple[str, ...]:
        """Let a held version count, and later ones that match it; gives their names. Raises PolicyError."""
        from escaltui.workbench import library

        return library.release(self, document, version)

    def policy_outline(self) -> list[OutlineLine]:
        """Documents and their sections, in order."""
        from escaltui.workbench import library

        return library.outline(self)

    def policy_section(self, section: str, version: str = "") -> SectionFace | None:
        """One section, by default in the version in force."""
        from escaltui.workbench import library

        return library.section_face(self, section, version)

    def cite(self, case_id: str, section: str, version: str = "") -> Done | Refused:
        """Cite a section on a case, pinned to the words read. Raises PolicyError where there are none."""
        from escaltui.workbench import library

        return library.cite(self, case_id, section, version)

    def citation(self, section: str, version: str = "") -> str:
        """A citation to copy."""
        from escaltui.workbench import library

        return library.citation(self, section, version)

    def policy_evaluate(self, queries: Path) -> list[dict[str, object]]:
        """Look-up measured on labelled queries: one row a language and method. Raises PolicyError for a bad file."""
        from escaltui.workbench import library

        return library.evaluate(self, queries)

    def import_policies(self, path: Path, on_progress: Callable[[str], None] = lambda text: None) -> PolicyImport:
        """Publish the policy versions that a path holds. Raises PolicyError."""
        from escaltui.workbench import library

        return library.import_policies(self, path, on_progress)

    # --- intake

    def import_path(
        self, path: Path, mapping: Path | None = None, on_progress: Callable[[Progress], None] = lambda progress: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> ImportSummary:  # fmt: skip
        """Every report of a file as a case. Raises IntakeError where the file cannot be read at all."""
        from escaltui.workbench import importing

        return importing.import_path(self, path, mapping, on_progress, cancelled)

    # --- looking closer

    def brief(self, ref: str) -> Brief | None:
        """The five-minute brief of a case."""
        from escaltui.workbench.casefile import brief

        return brief(self, ref)

    def raw(self, ref: str) -> str:
        """The original text of a case's reports, escaped: what hidden characters really are."""
        from escaltui.workbench.casefile import raw

        return raw(self, ref)

    def ids_like(self, ref: str, what: str) -> list[str]:
        """Cases like one: with the same `subject`, `requester`, or cited `section`."""
        from escaltui.workbench.casefile import ids_like

        return ids_like(self, ref, what)

    def similar(self, ref: str, limit: int = 50) -> Similar:
        """The cases like one, open and decided, the nearest first, and why each is there. Raises NotKnown."""
        from escaltui.workbench import similar

        return similar.similar_to(self, ref, limit)

    # --- drafts

    def save_draft(self, key: str, body: str, case_id: str = "") -> None:
        """Keep what is being typed."""
        self.store.save_draft(self._draft_key(key), case_id, body, self.now())

    def draft(self, key: str) -> str | None:
        """What was being typed under a key."""
        return self.store.draft(self._draft_key(key))

    def drop_draft(self, key: str) -> None:
        """Forget a draft: it was saved as something, or given up."""
        self.store.drop_draft(self._draft_key(key))

    def _draft_key(self, key: str) -> str:
        return f"{self.me}/{key}"
