"""Learning from look-ups: picks are kept, feed look-up, suggest synonyms, and can be looked at and forgotten."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from escaltui.domain.changes import Refused
from escaltui.domain.entities import Subject
from escaltui.domain.operations import ForgetPicks, PickSection
from escaltui.domain.picks import Pick
from escaltui.i18n import _
from escaltui.policy import own_synonyms
from escaltui.policy.library import PolicyError
from escaltui.policy.picked import Suggested, Words, stems_of, suggested
from escaltui.policy.query import Synonyms
from escaltui.policy.tables import packaged_synonyms
from escaltui.policy.words import fold
from escaltui.store import picks
from escaltui.store.driver import Connection
from escaltui.store.policy_search import PATH_SEPARATOR
from escaltui.workbench.library import today

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

_WORD = re.compile(r"[^\W\d_]+")
_PATH = """SELECT s.heading, s.path, t.text FROM policy_section s JOIN policy_text t ON t.text_sha256 = s.text_sha256
WHERE s.stable_id = ? ORDER BY s.id DESC LIMIT 1"""


class PickFace(NamedTuple):
    """A pick as it is listed. `pick`: its id."""

    pick: str
    person: str
    section: str
    stems: str
    opened: int
    cited: int
    at: int


class Picking:
    """What look-ups teach one workbench. Calls block, from any thread; PolicyError says what is wrong and the mend."""

    def __init__(self, bench: Workbench) -> None:
        self._bench = bench
        self._file = bench.config.folder / own_synonyms.FILE
        self._read: tuple[tuple[int, int], Synonyms, str] | None = None

    # --- synonyms

    def synonyms(self) -> Synonyms:
        """The team's over the packaged ones; the packaged ones alone where the team's file has a fault."""
        return self._load()[0]

    def fault(self) -> str:
        """What is wrong with the team's file, "" for nothing."""
        return self._load()[1]

    def _load(self) -> tuple[Synonyms, str]:
        try:
            found = self._file.stat()
            mark = (found.st_mtime_ns, found.st_size)
        except OSError:
            return packaged_synonyms(), ""
        if self._read is None or self._read[0] != mark:
            try:
                self._read = (mark, own_synonyms.load(self._file), "")
            except PolicyError as error:
                self._read = (mark, packaged_synonyms(), str(error))
        return self._read[1], self._read[2]

    def own(self) -> list[own_synonyms.Entry]:
        """What the team's file holds."""
        return own_synonyms.entries(self._file)

    def suggestions(self) -> list[Suggested]:
        """Words and the sections that people picked for them, often enough, where no synonym says so yet."""
        known = self.synonyms()

        def look(connection: Connection) -> list[Suggested]:
            return suggested(picks.kept(connection), lambda section: _words(connection, section), known)

        return self._bench.store.read(look)

    def accept(self, stem: str, see: Sequence[str] = ()) -> tuple[str, ...]:
        """Take a suggested word, or any with its own words, into the team's file; gives the words that it adds."""
        words = tuple(see) or next((each.see for each in self.suggestions() if each.stem == fold(stem)), ())
        if not words:
            said = _("{word} is not suggested. Name the words that policies use for it: synonyms accept {word} WORD.")
            raise PolicyError(said.format(word=stem[:40]))
        own_synonyms.accept(self._file, stem, words, self._bench.me, today(self._bench).isoformat())
        return words

    def drop(self, word: str) -> bool:
        """Take a word out of the team's file; whether it was there."""
        return own_synonyms.drop(self._file, word)

    # --- picks

    def pick(self, query: str, section: str, case_id: str = "", *, cited: bool = False) -> bool:
        """Keep that a section was opened or cited after a look-up; whether anything was kept.

        Nothing is where learning is off, no plain word is left, or the look-up was for a case that few may see.
        """
        if not self._bench.config.policy.learn or self._bench.store.read_only:
            return False
        case = self._bench.store.case(case_id) if case_id else None
        if case_id and (case is None or case.sensitivity != "normal"):
            return False
        stems = stems_of(query, self._names(case_id))
        if not stems:
            return False
        op = PickSection(person=self._bench.me, section=section, stems=stems, cited=cited)
        return not isinstance(self._bench.do(op), Refused)

    def _names(self, case_id: str) -> frozenset[str]:
        """The folded words that colleagues, and the people of a case, are called by."""
        told = [self._bench.me, *(word for each in self._bench.people() for word in (each.login, each.name))]
        found = self._bench.store.bundle(case_id) if case_id else None
        if found is not None:
            told += [row.requester_name for row in [self._bench.store.line(case_id)] if row is not None]
            told += [
                text for each in found.subjects if isinstance(each, Subject) for text in (each.author, each.item_id)
            ]
        return frozenset(fold(word) for text in told for word in _WORD.findall(text))

    def kept(self, section: str = "", person: str = "") -> list[PickFace]:
        """The picks that count, the newest first: of a section, of a person, or all."""
        found = self._bench.store.read(picks.kept)
        chosen = [each for each in found if section in ("", each.section) and person in ("", each.person)]
        chosen.sort(key=lambda each: -each.at)
        return [_face(each) for each in chosen]

    def forget(self, faces: Sequence[PickFace]) -> int | Refused:
        """Let picks count no more, and the words go from them; how many they were."""
        ids = tuple(each.pick for each in faces)
        outcomes = [self._bench.do(ForgetPicks(picks=ids[at : at + 1_000])) for at in range(0, len(ids), 1_000)]
        return next((each for each in outcomes if isinstance(each, Refused)), len(ids))


def _face(pick: Pick) -> PickFace:
    return PickFace(pick.id, pick.person, pick.section, " ".join(pick.stems), pick.opened, pick.cited, pick.at)


def _words(connection: Connection, section: str) -> Words:
    row = connection.execute(_PATH, (section,)).fetchone()
    if row is None:
        return Words()
    heading, path, text = row
    titles = (heading, *reversed(path.split(PATH_SEPARATOR)))
    return Words([fold(word) for title in titles for word in _WORD.findall(title)], _WORD.findall(fold(text)))
