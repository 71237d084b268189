"""The splitter: a policy text as sections, by lines."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import msgspec

from escaltui.policy.frontmatter import read_front_matter
from escaltui.policy.units import LINK, Kind, Unit, units
from escaltui.policy.words import fold, heading_text, slug, tidy

ORPHAN_LENGTH = 75
LONG_BODY = 90

# Rank of a heading: smaller is higher. ATX and Setext headings have their own level, 1 to 6.
_NUMBERED, _RULE_TITLE, _RUBRIC, _ORPHAN, _BOLD, _BULLET = 7, 8, 9, 10, 11, 12

_ATTRIBUTES = re.compile(r"\s*\{#([^\s{}]+)((?:\s+\w+=\w+)*)\s*\}\s*$")
_NUMBERED_TITLE = re.compile(r"^\d+(?:\.\d+)*\\[.)]\s+\S")
_BULLET_LEAD = re.compile(r"^[*+-]\s+\*\*((?:[^*]|\*(?!\*))+?)\*\*")
_RUBRICS = re.compile(
    r"^(?:policy (?:rationale|details)|overview|we (?:do not |don.t )?(?:allow|remove|prohibit)\s*:?"
    r"|we (?:may )?also (?:remove|restrict)\s*:?|do not post\s*:?|for the following .{5,120}:|tier \d\w?\b[^.]{0,60}"
    r"|user experiences?|data|(?:raison d.etre|justification|fondement) de (?:la|cette) (?:politique|regle)"
    r"|nous (?:supprimons|interdisons|n.autorisons pas)\s*:?|ne publiez pas\s*:?|pour les .{5,120}:"
    r"|niveau \d\w?\b[^.]{0,60})$"
)
_TAIL = re.compile(r"^(?:user experiences?|data|experiences? utilisateur|donnees)$")
_EXCEPTIONS = {
    "newsworthy": re.compile(r"newsworth|public interest|interet public|valeur informative"),
    "awareness": re.compile(r"awareness|condemn|sensibilisation"),
    "satire": re.compile(r"satir|parod|humou?r"),
    "other": re.compile(r"\bexceptions?\b|\bexemptions?\b"),
}


class ParsedSection(msgspec.Struct, frozen=True):
    """One section as split. `lines` are the numbers (from 1) of its source lines, heading included."""

    heading: str
    path: tuple[str, ...]
    level: int
    origin: str
    text: str
    lines: tuple[int, ...]
    page: str
    explicit_id: str = ""
    page_url: str = ""
    exception: str = ""
    indexed: bool = True


class Parsed(msgspec.Struct, frozen=True):
    """A text as split: sections in order; numbers of lines that belong to none (frame and separators)."""

    title: str
    sections: tuple[ParsedSection, ...]
    navigation: tuple[int, ...] = ()
    front: dict[str, Any] = {}
    warnings: tuple[str, ...] = ()


class _Heading(msgspec.Struct, frozen=True):
    text: str
    rank: int
    origin: str
    explicit_id: str = ""
    exception: str = ""


class _Open(msgspec.Struct):
    """The section being filled."""

    heading: _Heading
    path: tuple[str, ...]
    page: str
    lines: list[int]
    body: list[str]


def split(text: str) -> Parsed:
    """Split a policy text into sections; a text without headings is one section. Never raises.

    Each line that is neither blank nor navigation lies in exactly one section.
    """
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    front = read_front_matter(lines)
    found = units(lines, front.lines)
    headings = _headings(found)
    title = str(front.fields.get("title") or "") or next((h.text for h in headings.values()), "")
    sections = _Assembly(title, found, headings).run()
    return Parsed(title, sections, _numbers(found, Kind.NAVIGATION, Kind.RULE), front.fields, front.warnings)


def _numbers(found: list[Unit], *kinds: Kind) -> tuple[int, ...]:
    return tuple(u.first + n for u in found if u.kind in kinds for n in range(len(u.lines)))


def _headings(found: list[Unit]) -> dict[int, _Heading]:
    """Which units are headings: position -> heading. The rules in the order of the design, first match wins."""
    numbered = sum(u.kind is Kind.LINE and bool(_NUMBERED_TITLE.match(u.title)) for u in found) >= 3
    pages = sum(u.kind in (Kind.SETEXT, Kind.ATX) and u.level == 1 for u in found) >= 2
    made: dict[int, _Heading] = {}
    after_rule = False
    for n, unit in enumerate(found):
        if unit.kind is Kind.NAVIGATION:
            continue
        if heading := _heading(unit, numbered, after_rule and pages, _follower(found, n), after_rule):
            made[n] = heading
        after_rule = unit.kind is Kind.RULE
    if len(made) < 3:
        for n, unit in enumerate(found):
            if unit.kind is Kind.LIST and (lead := _BULLET_LEAD.match(unit.lines[0])):
                made[n] = _Heading(heading_text(lead[1]).rstrip(" :."), _BULLET, "bullet")
    return dict(sorted(made.items()))


def _follower(found: list[Unit], here: int) -> Unit | None:
    return next((u for u in found[here + 1 :] if u.kind is not Kind.NAVIGATION), None)


def _heading(unit: Unit, numbered: bool, page_part: bool, after: Unit | None, after_rule: bool) -> _Heading | None:
    if unit.kind in (Kind.SETEXT, Kind.ATX):
        title, explicit_id, exception = _attributes(unit.title)
        return _Heading(heading_text(title), unit.level, "heading", explicit_id, exception)
    if unit.kind not in (Kind.LINE, Kind.BOLD):
        return None
    text = heading_text(unit.title)
    if not text or unit.lines[0].startswith(("  ", "\t", ">", "|")):
        return None
    if numbered and _NUMBERED_TITLE.match(unit.title) and len(text) <= ORPHAN_LENGTH and text[-1] not in ".!?:;,":
        return _Heading(text, _NUMBERED, "number")
    if unit.kind is Kind.BOLD:
        short = len(text) <= 2 * ORPHAN_LENGTH and text[-1] not in ".!?;,"
        return _Heading(text.rstrip(" :"), _BOLD, "bold") if short and after is not None else None
    if _RUBRICS.match(fold(text)):
        return _Heading(text.rstrip(" :"), _RUBRIC, "rubric")
    return _orphan(unit, text, page_part, after, after_rule)


def _orphan(unit: Unit, text: str, page_part: bool, after: Unit | None, after_rule: bool) -> _Heading | None:
    """A short line without end punctuation, before a list or a long body, in capitals, or opening a page."""
    if after is None or len(text) > ORPHAN_LENGTH or text[-1] in ".!?:;," or LINK.search(unit.lines[0]):
        return None
    if not any(c.isalpha() for c in text):
        return None
    long_body = after.kind in (Kind.TEXT, Kind.LINE) and len(" ".join(after.lines)) > LONG_BODY
    capitals = len(text) > 8 and text == text.upper() and after.kind is Kind.LINE and after.title[-1] in ".!?:"
    if after.kind is Kind.LIST or long_body or capitals or (after_rule and after.kind is not Kind.RULE):
        return _Heading(text, _RULE_TITLE if page_part and after_rule else _ORPHAN, "orphan")
    return None


def _attributes(title: str) -> tuple[str, str, str]:
    """(title, id, exception) of a heading that may end in `{#id exception=kind}`."""
    found = _ATTRIBUTES.search(title)
    if not found:
        return title, "", ""
    named = dict(pair.split("=", 1) for pair in found[2].split())
    return title[: found.start()], found[1], named.get("exception", "")


class _Assembly:
    """Puts units into sections under the headings that are open."""

    def __init__(self, title: str, found: list[Unit], headings: dict[int, _Heading]) -> None:
        self.title = title
        self.found = found
        self.headings = headings
        self.urls = _index_urls(found)
        ranks = Counter(h.rank for h in headings.values())
        first = next(iter(headings.values()), None)
        top = min(ranks, default=0)
        # One single highest heading at the start is the document's title, not a page of it.
        self.title_heading = first if first and first.rank == top and ranks[top] == 1 and len(headings) > 1 else None
        self.pages = ranks[1] >= 2
        tails = Counter(fold(h.text) for h in headings.values() if _TAIL.match(fold(h.text)))
        self.tails = {text for text, count in tails.items() if count >= 3}
        self.stack: list[_Heading] = []
        self.made: list[ParsedSection] = []
        self.open = _Open(_Heading(title, 0, "preamble"), (), "", [], [])

    def run(self) -> tuple[ParsedSection, ...]:
        in_tail = False
        for n, unit in enumerate(self.found):
            if unit.kind is Kind.NAVIGATION:
                continue
            if unit.kind is Kind.RULE:
                if in_tail:
                    self._close(True)
                self._new_page()
                in_tail = False
                continue
            if heading := self.headings.get(n):
                self._close(in_tail)
                in_tail = (in_tail and heading.rank >= _RUBRIC) or fold(heading.text) in self.tails
                self._start(heading)
            self._take(unit, n in self.headings)
        self._close(in_tail)
        return tuple(self.made)

    def _new_page(self) -> None:
        """A rule ends what is open; where pages have titles of their own, it does not leave the page."""
        keep = 1 if self.pages else 0
        self.stack = [h for h in self.stack if h.rank <= keep]

    def _start(self, heading: _Heading) -> None:
        while self.stack and self.stack[-1].rank >= heading.rank:
            self.stack.pop()
        if heading is not self.title_heading:
            self.stack.append(heading)
        path = tuple(h.text for h in self.stack) or (heading.text,)
        self.open = _Open(heading, path, path[0], [], [])

    def _take(self, unit: Unit, is_heading: bool) -> None:
        numbers = range(unit.first, unit.first + len(unit.lines))
        if is_heading and self.open.heading.rank != _BULLET:
            self.open.lines.extend(numbers)
            return
        if self.open.body:
            self.open.body.append("")
        self.open.lines.extend(numbers)
        self.open.body.extend(unit.lines)

    def _close(self, in_tail: bool) -> None:
        done = self.open
        if not done.lines:
            return
        text = tidy(done.body)
        path = done.path or ((self.title,) if self.title else ())
        self.made.append(
            ParsedSection(
                heading=done.heading.text,
                path=path,
                level=max(1, len(path)),
                origin=done.heading.origin,
                text=text,
                lines=tuple(done.lines),
                page=slug(done.page) if done.page else "",
                explicit_id=done.heading.explicit_id,
                page_url=self.urls.get(slug(done.page), "") if done.page else "",
                exception=done.heading.exception or _exception(done.heading.text),
                indexed=not in_tail,
            )
        )
        self.open = _Open(done.heading, done.path, done.page, [], [])


def _exception(heading: str) -> str:
    folded = fold(heading)
    return next((name for name, pattern in _EXCEPTIONS.items() if pattern.search(folded)), "")


def _index_urls(found: list[Unit]) -> dict[str, str]:
    """Page title slug -> last part of its address, from the navigation lines that link to pages."""
    urls: dict[str, str] = {}
    for unit in found:
        if unit.kind is Kind.NAVIGATION:
            for label, target in LINK.findall(unit.lines[0]):
                last = target.split("#")[0].split("?")[0].rstrip("/").rsplit("/", 1)[-1]
                if "://" in target and last and "." not in last:
                    urls.setdefault(slug(heading_text(label)), slug(last))
    return urls
