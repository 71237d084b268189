"""What was read of the policies, and what rests on words that changed.

Every function takes an open connection and works within the caller's transaction.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from escaltui.domain.crisis import Ruling
from escaltui.domain.decisions import Decision, Line, effective_lines
from escaltui.domain.entities import ChangeNote
from escaltui.domain.library import Facts, LibraryEntry
from escaltui.policy.library import SUBSTANTIVE
from escaltui.store.policy_reading import SectionVersion, versions
from escaltui.store.policy_search import PATH_SEPARATOR
from escaltui.store.rows import decoder

if TYPE_CHECKING:
    from escaltui.store.driver import Connection

_STANDS = """SELECT s.document, s.version, s.stable_id, s.text_sha256, s.path FROM policy_section s
JOIN policy_version v ON v.document = s.document AND v.version = s.version
WHERE v.kind = 'substantive' ORDER BY s.document, s.version, s.position"""
_RECEIPTS = "SELECT key, json_extract(body, '$.text_sha256') FROM receipt WHERE who = ? AND key != ''"
_ACKNOWLEDGED = "SELECT key, state, who FROM acknowledgement"
_PINNED = """SELECT c.id, c.ref FROM case_set s CROSS JOIN cases c ON c.id = s.case_id
JOIN json_each(c.body, '$.pins') p ON p.key = s.value
WHERE s.field = 'policy' AND s.value = ?1 AND c.is_open = 1
AND coalesce(json_extract(p.value, '$.text_sha256'), '') != ?2"""
_PROPOSED = """SELECT c.id, c.ref, d.body FROM decision d JOIN cases c ON c.id = d.case_id
WHERE d.state = 'proposed'"""
_DRAFTED = "SELECT c.id, c.ref, f.body FROM draft f JOIN cases c ON c.id = f.case_id WHERE c.is_open = 1"
_RESTS = """SELECT DISTINCT c.id, c.ref FROM decision_cite e JOIN decision d ON d.n = e.n
JOIN cases c ON c.id = d.case_id WHERE e.section = ? AND e.text_sha256 != ? AND d.state = 'effective'"""
_RESTS_HIDDEN = """SELECT c.id, c.ref, d.body FROM cases c CROSS JOIN decision d ON d.case_id = c.id
WHERE c.sensitivity != 'normal' AND d.state = 'effective'"""
"""Decisions on cases that few may see stand in no index of words: they are read themselves."""
_RULINGS = "SELECT body FROM ruling WHERE state = 'approved'"


class Stand(NamedTuple):
    """A section in a version, without its words."""

    text_sha256: str
    path: tuple[str, ...]


def stands(connection: Connection) -> dict[tuple[str, str], dict[str, Stand]]:
    """(document, version) -> stable id -> how it stands there, in order; versions that count only."""
    found: dict[tuple[str, str], dict[str, Stand]] = {}
    for document, version, stable_id, sha256, path in connection.execute(_STANDS):
        found.setdefault((document, version), {})[stable_id] = Stand(sha256, tuple(path.split(PATH_SEPARATOR)))
    return found


def receipts(connection: Connection, person: str) -> dict[str, str]:
    """Stable id -> the hash of the words that somebody saw last; empty before the first visit."""
    return dict(connection.execute(_RECEIPTS, (person,)).fetchall())


def acknowledged(connection: Connection) -> dict[tuple[str, str], frozenset[str]]:
    """(document, version) -> who acknowledged it."""
    found: dict[tuple[str, str], set[str]] = {}
    for document, version, person in connection.execute(_ACKNOWLEDGED):
        found.setdefault((document, version), set()).add(person)
    return {key: frozenset(people) for key, people in found.items()}


def notes(connection: Connection) -> dict[tuple[str, str], ChangeNote]:
    """(document, version) -> what its author says of it."""
    read = decoder(ChangeNote)
    found = (read(row[0]) for row in connection.execute("SELECT body FROM change_note"))
    return {(each.document, each.version): each for each in found}


def clarified(connection: Connection, sections: Iterable[str], day: date) -> dict[str, frozenset[str]]:
    """Stable id -> the hashes of earlier words which those in force on a day only clarify, by what their authors say.

    Back from today: up to the first version that changed the words otherwise, or of which nothing is said.
    """
    told = notes(connection)
    return {each: frozenset(only_clarified(each, versions(connection, each), told, day)) for each in sections}


def only_clarified(
    section: str, known: Iterable[SectionVersion], told: Mapping[tuple[str, str], ChangeNote], day: date
) -> Iterator[str]:  # fmt: skip
    """The hashes of a section's earlier words from which each change up to today clarifies, in no special order."""
    counting = [each for each in known if each.version.kind == SUBSTANTIVE and each.version.day <= day]
    counting.sort(key=lambda each: (each.version.day, each.version.sort_key), reverse=True)
    for after, before in pairwise(counting):
        if before.text_sha256 == after.text_sha256:
            continue
        note = told.get((after.version.document, after.version.version))
        if note is None or note.impacts.get(section) != "clarifies":
            return
        if before.text_sha256 != counting[0].text_sha256:
            yield before.text_sha256


def facts(connection: Connection, documents: Iterable[str]) -> dict[tuple[str, str], Facts]:
    """(document, version) -> what was said of the version when it was published."""
    read = decoder(LibraryEntry)
    rows = (
        read(body)
        for document in documents
        for (body,) in connection.execute("SELECT body FROM library_entry WHERE key = ? ORDER BY id", (document,))
    )
    return {(each.document, each.version): each.facts for each in rows if each.facts is not None}


class Rests(NamedTuple):
    """What rests on words that are not in force any more."""

    open: dict[str, dict[str, set[str]]]
    """Case id -> by what -> sections."""
    decided: dict[str, dict[str, set[str]]]
    rulings: dict[str, tuple[Ruling, set[str]]]
    """By id: the standing call, and the sections of its line that read otherwise."""
    refs: dict[str, str]

    def counts(self) -> dict[str, tuple[int, int]]:
        """Section -> how many open cases, and how many decided ones and standing calls, rest on other words of it."""
        now, then = (
            Counter(section for by in cases.values() for section in set().union(*by.values()))
            for cases in (self.open, self.decided)
        )
        then.update(section for _ruling, sections in self.rulings.values() for section in sections)
        return {section: (now[section], then[section]) for section in now.keys() | then.keys()}


def resting(connection: Connection, words: Mapping[str, str], now: int) -> Rests:
    """What rests on other words of some sections than those given (stable id -> hash, "" where it is retired).

    Drafts are those of this device: nobody else's is known here.
    """
    found = Rests({}, {}, {}, {})
    if not words:
        return found
    for case_id, ref, by, section in _open(connection, words):
        found.open.setdefault(case_id, {}).setdefault(by, set()).add(section)
        found.refs[case_id] = ref
    for case_id, ref, section in _decided(connection, words):
        found.decided.setdefault(case_id, {}).setdefault("decision", set()).add(section)
        found.refs[case_id] = ref
    for (body,) in connection.execute(_RULINGS):
        ruling = decoder(Ruling)(body)
        if ruling.holds(now) and (sections := _other_words((ruling.line,), words)):
            found.rulings[ruling.id] = (ruling, sections)
    return found


def _open(connection: Connection, words: Mapping[str, str]) -> Iterator[tuple[str, str, str, str]]:
    for section, sha256 in words.items():
        for case_id, ref in connection.execute(_PINNED, (section, sha256)):
            yield case_id, ref, "pin", section
    named = _naming(words)
    for case_id, ref, body in connection.execute(_PROPOSED):
        for section in _other_words(decoder(Decision)(body).lines, words) if named(body) else ():
            yield case_id, ref, "proposal", section
    for case_id, ref, body in connection.execute(_DRAFTED):
        for section in _drafted(body, words) if named(body) else ():
            yield case_id, ref, "draft", section


def _decided(connection: Connection, words: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    for section, sha256 in words.items():
        for case_id, ref in connection.execute(_RESTS, (section, sha256)):
            yield case_id, ref, section
    named = _naming(words)
    for case_id, ref, body in connection.execute(_RESTS_HIDDEN):
        if named(body):
            decision = decoder(Decision)(body)
            lines = effective_lines(decision.lines, decision.subjects or ("",)).values()
            for section in _other_words(lines, words):
                yield case_id, ref, section


def _naming(words: Mapping[str, str]) -> Callable[[str], object]:
    """Whether a text may name one of the sections: looked for before it is read, which takes far longer."""
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True))).search


def _other_words(lines: Iterable[Line], words: Mapping[str, str]) -> set[str]:
    """The sections that some lines cite in other words."""
    cites = (cite for line in lines for cite in line.cites if cite.section in words)
    return {cite.section for cite in cites if cite.text_sha256 != words[cite.section]}


def _drafted(body: str, words: Mapping[str, str]) -> set[str]:
    """The sections that a kept draft cites in other words; what cannot be read cites nothing."""
    try:
        cites = [cite for line in msgspec.json.decode(body)["lines"] for cite in line["cites"]]
        told = {each["section"]: each.get("text_sha256", "") for each in cites}
        return {section for section, sha256 in told.items() if words.get(section, sha256) != sha256}
    except (msgspec.DecodeError, KeyError, TypeError, AttributeError):
        return set()
