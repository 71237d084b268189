"""Stable ids: which section of a new version is which section of the versions before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from escaltui.policy.split import ParsedSection
from escaltui.policy.words import jaccard, shingles, slug, text_sha256

SAME_TEXT_SHARE = 0.5
ENOUGH_SHINGLES = 8


class Known(msgspec.Struct, frozen=True):
    """What a document remembers of one id it ever gave: where it stood last, and every text it ever had."""

    place: str
    page_url: str
    text: str
    shas: frozenset[str]


class Assigned(msgspec.Struct, frozen=True):
    """The id of one section, and where it moved from (its own id as it would be new), or ""."""

    stable_id: str
    moved_from: str = ""


def place_on_page(path: Sequence[str]) -> str:
    """Where a section stands on its page: its heading's slug, or "" for the page itself, whose title may change."""
    return slug(path[-1]) if len(path) > 1 else ""


def natural_ids(document: str, sections: Sequence[ParsedSection], reserved: frozenset[str] = frozenset()) -> list[str]:
    """The id that each section would get were it new: `{#id}`, else `document#page/heading`.

    A repeat takes its parent heading in between, then `~2`, `~3`. All are different. An explicit id that another
    document owns (`reserved`), as in a translation, becomes `document#id`.
    """
    made: list[str] = []
    taken: set[str] = set()
    for section in sections:
        chosen = section.explicit_id or _natural(document, section, parent=False)
        if chosen in reserved:
            chosen = f"{document}#{chosen}"
        if chosen in taken and not section.explicit_id:
            chosen = _natural(document, section, parent=True)
        base, count = chosen, 2
        while chosen in taken:
            chosen, count = f"{base}~{count}", count + 1
        taken.add(chosen)
        made.append(chosen)
    return made


def _natural(document: str, section: ParsedSection, *, parent: bool) -> str:
    if section.origin == "preamble":
        return f"{document}#preamble"
    page, own = section.page, slug(section.heading)
    parts = [page]
    if len(section.path) > 1:
        if parent and len(section.path) > 2:
            parts.append(slug(section.path[-2]))
        parts.append(own)
    return f"{document}#" + "/".join(part for part in parts if part)


def assign_ids(
    document: str,
    sections: Sequence[ParsedSection],
    known: Mapping[str, Known],
    aliases: Mapping[str, str] | None = None,
    reserved: frozenset[str] = frozenset(),
) -> list[Assigned]:
    """One id for each section, against every id ever seen in the document; an id is given once.

    In turn: the alias table, the same id, the same page address and heading, the same text, and the most
    similar text (Jaccard of 4-word shingles >= 0.5, at least 8 shingles, best pairs first); else a new id.
    """
    return _Assignment(sections, natural_ids(document, sections, reserved), known, aliases or {}).run()


class _Assignment:
    def __init__(
        self,
        sections: Sequence[ParsedSection],
        natural: list[str],
        known: Mapping[str, Known],
        aliases: Mapping[str, str],
    ) -> None:
        self.sections = sections
        self.known = known
        self.aliases = aliases
        self.natural = natural
        self.given: dict[int, Assigned] = {}
        self.used: set[str] = set()

    def run(self) -> list[Assigned]:
        self._by_name()
        self._by_address()
        self._by_same_text()
        self._by_similar_text()
        for n in self._open():
            self._give(n, self._fresh(self.natural[n]))
        return [self.given[n] for n in range(len(self.sections))]

    def _open(self) -> list[int]:
        return [n for n in range(len(self.sections)) if n not in self.given]

    def _give(self, n: int, stable_id: str, moved_from: str = "") -> None:
        self.given[n] = Assigned(stable_id, moved_from)
        self.used.add(stable_id)

    def _free(self, stable_id: str) -> bool:
        return stable_id in self.known and stable_id not in self.used

    def _by_name(self) -> None:
        for n, natural in enumerate(self.natural):
            if self.sections[n].explicit_id and natural not in self.used:
                self._give(n, natural)
        for n in self._open():
            if (target := self.aliases.get(self.natural[n])) and target not in self.used:
                self._give(n, target)
        for n in self._open():
            if self._free(self.natural[n]):
                self._give(n, self.natural[n])

    def _by_address(self) -> None:
        places: dict[tuple[str, str], str] = {}
        for stable_id, facts in self.known.items():
            if facts.page_url and self._free(stable_id):
                places.setdefault((facts.page_url, facts.place), stable_id)
        for n in self._open():
            address, place = (self.sections[n].page_url, place_on_page(self.sections[n].path))
            if address and (found := places.get((address, place))) and self._free(found):
                self._give(n, found)

    def _by_same_text(self) -> None:
        texts: dict[str, str] = {}
        for stable_id, facts in self.known.items():
            if self._free(stable_id):
                for sha in facts.shas:
                    texts.setdefault(sha, stable_id)
        for n in self._open():
            found = texts.get(text_sha256(self.sections[n].text)) if self.sections[n].text else None
            if found and self._free(found):
                self._give(n, found, self.natural[n])

    def _by_similar_text(self) -> None:
        old = {i: shingles(facts.text) for i, facts in self.known.items() if self._free(i)}
        old = {i: members for i, members in old.items() if len(members) >= ENOUGH_SHINGLES}
        holders: dict[int, list[str]] = {}
        for stable_id, members in old.items():
            for member in members:
                holders.setdefault(member, []).append(stable_id)
        pairs: list[tuple[float, int, str]] = []
        for n in self._open():
            new = shingles(self.sections[n].text)
            if len(new) >= ENOUGH_SHINGLES:
                near = {stable_id for member in new for stable_id in holders.get(member, ())}
                pairs.extend((jaccard(new, old[stable_id]), n, stable_id) for stable_id in near)
        for share, n, stable_id in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
            if share >= SAME_TEXT_SHARE and n not in self.given and self._free(stable_id):
                self._give(n, stable_id, self.natural[n])

    def _fresh(self, wanted: str) -> str:
        chosen, count = wanted, 2
        while chosen in self.used or chosen in self.known:
            chosen, count = f"{wanted}~{count}", count + 1
        return chosen
