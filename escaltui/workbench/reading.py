"""What changed in the policies behind the one door: since the last time, between versions, and what rests on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain.changes import Refused
from escaltui.domain.entities import ChangeNote
from escaltui.domain.library import Facts
from escaltui.domain.operations import AcknowledgeVersion, AddTask, DescribeChange, ReadSections
from escaltui.faces import BulkPreview
from escaltui.i18n import _
from escaltui.policy import diff
from escaltui.policy.library import SUBSTANTIVE, Document, PolicyError, Version, in_force
from escaltui.reading_faces import Affected, AffectedCase, SectionDiff, VersionDiff, VersionLine, WordsFace
from escaltui.safety.text import block, line
from escaltui.store import policies, readings
from escaltui.store.policy_reading import sections_of
from escaltui.store.values import Done
from escaltui.workbench.desk import BULK_LIMIT
from escaltui.workbench.library import today, told

if TYPE_CHECKING:
    from escaltui.domain.reading import Impact
    from escaltui.policy.library import Section
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

AT_ONCE = 2_000
"""Sections that one operation tells of at most."""
WORKFLOW = "workflow"
AT_WORK = frozenset({"specialist", "lead", "counsel"})
"""Who is asked to acknowledge: whoever works on cases."""
Stands = Mapping[str, readings.Stand]


class _Shelf(NamedTuple):
    """A document with its versions that count, oldest first, and how its sections stand in each."""

    document: Document
    versions: tuple[Version, ...]
    stands: tuple[Stands, ...]
    now: int
    """Which of them is in force, -1 for none."""


class _Library(NamedTuple):
    """All that the list of changes is made of, as one moment saw it."""

    shelves: tuple[_Shelf, ...]
    receipts: dict[str, str]
    acknowledged: dict[tuple[str, str], frozenset[str]]
    notes: dict[tuple[str, str], ChangeNote]
    facts: dict[tuple[str, str], Facts]


def _gather(bench: Workbench, connection: Connection) -> _Library:
    every, day, shelves = readings.stands(connection), today(bench), []
    for document in policies.documents(connection):
        counting = [v for v in policies.versions_of(connection, document.key) if v.kind == SUBSTANTIVE]
        counting.sort(key=lambda v: (v.day, v.sort_key))
        held = in_force(tuple(counting), day)
        found = tuple(every.get((document.key, each.version), {}) for each in counting)
        shelves.append(_Shelf(document, tuple(counting), found, counting.index(held) if held else -1))
    bulletins = [each.document.key for each in shelves if WORKFLOW in each.document.families]
    return _Library(
        tuple(shelves), readings.receipts(connection, bench.me), readings.acknowledged(connection),
        readings.notes(connection), readings.facts(connection, bulletins),
    )  # fmt: skip


def changes(bench: Workbench, since: date | None = None) -> list[VersionLine]:
    """Every version that changed something, unread ones first, then the newest; a first visit sets the baseline.

    `since`: only those that count from that day on.
    """
    library = bench.store.read(lambda connection: _gather(bench, connection))
    if not library.receipts and baseline(bench, library):
        library = bench.store.read(lambda connection: _gather(bench, connection))
    found = [each for shelf in library.shelves for each in _lines(bench, library, shelf)]
    if since is not None:
        found = [each for each in found if each.day >= since.isoformat()]
    return _ordered(found)


def news(bench: Workbench, since: date) -> list[VersionLine]:
    """What a shift begins with: versions to acknowledge, bulletins, others that I have not read, in this order.

    For a lead also those that colleagues are late with. Before a first visit what counts since a day is unread; this is
    no visit.
    """
    library = bench.store.read(lambda connection: _gather(bench, connection))
    found = [each for shelf in library.shelves for each in _lines(bench, library, shelf)]
    if not library.receipts:
        found = [_unread(bench, each, since.isoformat()) for each in found]
    leads = "lead" in bench.roles
    return _ordered([
        each for each in found
        if each.state != "rests" and (each.owed or each.unread or (leads and each.late and each.waiting))
    ])  # fmt: skip


def _unread(bench: Workbench, each: VersionLine, since: str) -> VersionLine:
    new = each.state == "in_force" and each.day >= since and (each.before or each.bulletin)
    return each._replace(unread=each.changed) if new and _addressed(bench, each.audience) else each


def _ordered(found: list[VersionLine]) -> list[VersionLine]:
    """In the order of need, of equal ones the newest first."""
    found.sort(key=lambda each: (each.day, each.document, each.version), reverse=True)
    return sorted(found, key=_rank)


def _rank(each: VersionLine) -> int:
    """What is overdue, then what is to be acknowledged, new bulletins, other unread ones, all others, what rests."""
    if each.state == "rests":
        return 5
    return 0 if each.overdue else 1 if each.owed else 4 if not each.unread else 2 if each.bulletin else 3


def baseline(bench: Workbench, library: _Library | None = None) -> bool:
    """The first visit: all that is in force today counts as read. Whether that could be kept."""
    known = library or bench.store.read(lambda connection: _gather(bench, connection))
    held = {k: v.text_sha256 for shelf in known.shelves if shelf.now >= 0 for k, v in shelf.stands[shelf.now].items()}
    return bool(held) and _keep(bench, held)


def read_sections(bench: Workbench, sections: Mapping[str, str]) -> bool:
    """These sections (stable id to hash) were before me; whether that could be kept. A first visit is the baseline."""
    if not bench.store.read(lambda connection: readings.receipts(connection, bench.me)):
        baseline(bench)
    return _keep(bench, sections)


def _keep(bench: Workbench, sections: Mapping[str, str]) -> bool:
    if bench.store.read_only:
        return False
    pairs = sorted(sections.items())
    parts = [dict(pairs[at : at + AT_ONCE]) for at in range(0, len(pairs), AT_ONCE)]
    outcomes = bench.do_many([ReadSections(person=bench.me, sections=part) for part in parts])
    return all(isinstance(each, Done) for each in outcomes)


def unread(bench: Workbench) -> int:
    """How many sections in force I have not read in these words: 0 before the first visit."""
    library = bench.store.read(lambda connection: _gather(bench, connection))
    if not library.receipts:
        return 0
    return sum(each.unread for shelf in library.shelves for each in _lines(bench, library, shelf))


def _lines(bench: Workbench, library: _Library, shelf: _Shelf) -> list[VersionLine]:
    found, day = [], today(bench)
    brought = _brought(shelf, library.receipts) if library.receipts else {}
    for at in range(len(shelf.versions)):
        here, before = shelf.stands[at], shelf.stands[at - 1] if at else {}
        count = len(here) if not at else _count(before, here)
        if count:
            found.append(_line(bench, library, shelf, at, day, count, brought.get(at, 0)))
    return found


def _count(before: Stands, after: Stands) -> int:
    """How many sections were added, retired, changed or moved."""
    kept = before.keys() & after.keys()
    return len(before.keys() ^ after.keys()) + sum(before[each] != after[each] for each in kept)


def _brought(shelf: _Shelf, read: Mapping[str, str]) -> dict[int, int]:
    """Which version brought the words in force that were not read: how many sections, by the version's place."""
    found: dict[int, int] = {}
    for section, stand in shelf.stands[shelf.now].items() if shelf.now >= 0 else ():
        if read.get(section) == stand.text_sha256:
            continue
        at = shelf.now
        while at and (was := shelf.stands[at - 1].get(section)) and was.text_sha256 == stand.text_sha256:
            at -= 1
        found[at] = found.get(at, 0) + 1
    return found


def _line(
    bench: Workbench, library: _Library, shelf: _Shelf, at: int, day: date, count: int, new: int
) -> VersionLine:  # fmt: skip
    version, key = shelf.versions[at], shelf.document.key
    facts = library.facts.get((key, version.version))
    audience = facts.audience if facts else ()
    expires = facts.expires_on if facts else None
    state = "past" if at < shelf.now else "in_force" if at == shelf.now else "coming"
    rests = expires is not None and expires < day
    mine = _addressed(bench, audience)
    given = library.acknowledged.get((key, version.version), frozenset())
    wanted = version.must_ack and state != "past" and not rests
    late = wanted and version.ack_by is not None and version.ack_by < day
    note = library.notes.get((key, version.version))
    return VersionLine(
        document=key, title=line(shelf.document.title), version=version.version,
        before=shelf.versions[at - 1].version if at else "", day=version.day.isoformat(),
        state="rests" if rests else state, changed=count, unread=new if mine and not rests else 0,
        must_ack=version.must_ack, ack_by=version.ack_by.isoformat() if version.ack_by else "",
        acked=bench.me in given or not mine, overdue=late and mine and bench.me not in given, late=late,
        waiting=_waiting(bench, audience, given) if wanted else (), note=line(note.summary if note else version.note),
        bulletin=WORKFLOW in shelf.document.families, audience=audience,
        expires=expires.isoformat() if expires else "",
    )  # fmt: skip


def _addressed(bench: Workbench, audience: Sequence[str]) -> bool:
    """Whether a bulletin is for me: it names nobody, or me, a role of mine, or my team."""
    return not audience or bool({bench.me, *bench.roles} & set(audience)) or _team(bench) in audience


def _team(bench: Workbench) -> str:
    return next((each.team for each in bench.people() if each.login == bench.me), "") or "?"


def _waiting(bench: Workbench, audience: Sequence[str], given: frozenset[str]) -> tuple[str, ...]:
    """The people of the desk who have not acknowledged."""
    wanted = {
        each.login for each in bench.people()
        if AT_WORK & set(each.roles) and (not audience or {each.login, each.team, *each.roles} & set(audience))
    }  # fmt: skip
    if _addressed(bench, audience) and AT_WORK & bench.roles:
        wanted.add(bench.me)
    return tuple(sorted(wanted - given))


# --- between two versions


def compare(
    bench: Workbench, document: str, after: str = "", before: str = "", section: str = "", *, rests: bool = True
) -> VersionDiff:
    """Two versions of a document: by default the one in force (or the newest) and the one before it.

    `section`: that one alone. `rests`: also count what rests on the older words. Raises PolicyError.
    """

    def gather(connection: Connection) -> tuple[_Library, list[Section], list[Section]]:
        library = _gather(bench, connection)
        shelf, new, old = _chosen(library, document, after, before)
        names = (shelf.versions[new].version, shelf.versions[old].version if old >= 0 else "")
        read = [sections_of(connection, document, name, section) if name else [] for name in names]
        return library, read[0], read[1]

    library, newer, older = bench.store.read(gather)
    shelf, new, old = _chosen(library, document, after, before)
    found = diff.sections(older, newer)
    counts = _resting(bench, _words(found)).counts() if rests else {}
    note = library.notes.get((document, shelf.versions[new].version))
    impacts = note.impacts if note else {}
    head = _line(bench, library, shelf, new, today(bench), len(found), 0)
    name = shelf.versions[old].version if old >= 0 else ""
    return VersionDiff(
        head._replace(before=name), tuple(each.version for each in shelf.versions),
        tuple(_face(each, impacts, library.receipts, counts.get(each.stable_id, (0, 0))) for each in found),
    )  # fmt: skip


def _chosen(library: _Library, document: str, after: str, before: str) -> tuple[_Shelf, int, int]:
    """The document, and the places of the newer and the older version; -1 where there is no older one."""
    shelf = next((each for each in library.shelves if each.document.key == document), None)
    if shelf is None or not shelf.versions:
        known = ", ".join(each.document.key for each in library.shelves) or _("none yet")
        said = _("The library has no document {document}. Documents: {known}.")
        raise PolicyError(said.format(document=document, known=known))
    names = [each.version for each in shelf.versions]
    for asked in (after, before):
        if asked and asked not in names:
            said = _("{document} has no version {version} that counts. It has {known}.")
            raise PolicyError(said.format(document=document, version=asked, known=", ".join(names)))
    new = names.index(after) if after else shelf.now if shelf.now >= 0 else len(names) - 1
    return shelf, new, names.index(before) if before else new - 1


def _face(
    change: diff.SectionChange, impacts: Mapping[str, Impact], read: Mapping[str, str], counts: tuple[int, int]
) -> SectionDiff:  # fmt: skip
    shown = change.after or change.before
    assert shown is not None
    words = diff.words(change.before.text if change.before else "", change.after.text if change.after else "")
    new = change.after is not None and change.kind != diff.MOVED and read.get(shown.stable_id) != shown.text_sha256
    return SectionDiff(
        shown.stable_id, line(shown.heading), change.kind, impacts.get(shown.stable_id, "unknown"), change.moved_from,
        change.after.text_sha256 if change.after else "",
        new and bool(read), *counts, tuple(WordsFace(each.mark, block(each.old), block(each.new)) for each in words),
    )  # fmt: skip


# --- what rests on changed words


def _words(found: Sequence[diff.SectionChange]) -> dict[str, str]:
    """The words that count of each section that has other ones, or none, since."""
    return {
        each.stable_id: each.after.text_sha256 if each.after else ""
        for each in found
        if each.kind in (diff.CHANGED, diff.RETIRED)
    }


def _resting(bench: Workbench, words: Mapping[str, str]) -> readings.Rests:
    return bench.store.read(lambda connection: readings.resting(connection, words, bench.now()))


def affected(bench: Workbench, section: str, version: str = "") -> Affected:
    """What rests on other words of a section than those in force, or those of a version. Raises PolicyError."""

    def words(connection: Connection) -> str:
        known = policies.versions(connection, section)
        if not known:
            said = _("The library has no section {stable_id}. Look it up by its words instead.")
            raise PolicyError(said.format(stable_id=section))
        try:
            return policies.section(connection, section, today(bench), version or None).text_sha256
        except PolicyError:
            if version and version not in {each.version.version for each in known}:
                raise
            return ""  # retired: everything that cites it rests on words that are gone

    sha256 = bench.store.read(words)
    return _affected(_resting(bench, {section: sha256}))


def affected_by(bench: Workbench, document: str, after: str = "", before: str = "") -> Affected:
    """The same for all that changed between two versions. Raises PolicyError."""

    def gather(connection: Connection) -> dict[str, str]:
        shelf, new, old = _chosen(_gather(bench, connection), document, after, before)
        here, was = shelf.stands[new], shelf.stands[old] if old >= 0 else {}
        changed = {each for each in was if each not in here or here[each].text_sha256 != was[each].text_sha256}
        return {each: here[each].text_sha256 if each in here else "" for each in changed}

    return _affected(_resting(bench, bench.store.read(gather)))


def _affected(rests: readings.Rests) -> Affected:
    def cases(found: Mapping[str, Mapping[str, set[str]]]) -> tuple[AffectedCase, ...]:
        rows = (
            AffectedCase(case_id, rests.refs[case_id], tuple(sorted(by)), tuple(sorted(set().union(*by.values()))))
            for case_id, by in found.items()
        )
        return tuple(sorted(rows, key=lambda each: each.ref))

    rulings = tuple(line(each.name) for each, _sections in rests.rulings.values())
    return Affected(cases(rests.open), cases(rests.decided), rulings)


def recheck(bench: Workbench, case_ids: Sequence[str], what: str) -> BulkPreview:
    """A task on each case: look at it again, for the words that it rests on changed."""
    title = _("Check again: {section} reads differently now").format(section=what)
    parts = [case_ids[at : at + BULK_LIMIT] for at in range(0, len(case_ids), BULK_LIMIT)]
    done = [bench.do_marked(lambda case_id: AddTask(case=case_id, title=title), part) for part in parts]
    changed = tuple(ref for each in done for ref in each.will_change)
    return BulkPreview(changed, tuple(row for each in done for row in each.refused))


# --- saying something of a version


def acknowledge(bench: Workbench, document: str, version: str = "") -> Done | Refused:
    """I have read and understood a version, by default the one in force. Raises PolicyError."""
    told(bench)
    library = bench.store.read(lambda connection: _gather(bench, connection))
    shelf, new, _old = _chosen(library, document, version, "")
    return bench.do(AcknowledgeVersion(person=bench.me, document=document, version=shelf.versions[new].version))


def describe(
    bench: Workbench, document: str, version: str, summary: str, impacts: Mapping[str, Impact] | None = None
) -> Done | Refused:
    """What the author says of a version. Raises PolicyError."""
    told(bench)
    library = bench.store.read(lambda connection: _gather(bench, connection))
    shelf, new, _old = _chosen(library, document, version, "")
    return bench.do(DescribeChange(document=document, version=shelf.versions[new].version, summary=summary,
                                   impacts=dict(impacts or {})))  # fmt: skip
