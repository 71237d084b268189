"""Lines of a policy text as units: one heading candidate, paragraph, list, rule or navigation line each.

Line by line and not by a Markdown tree: captures of web pages are not clean Markdown, and lines are ten times faster.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from escaltui.policy.words import slug

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_RULE = re.compile(r"^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(=+|-{2,})[ \t]*$")
_ATX = re.compile(r"^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_BOLD = re.compile(r"^ {0,3}\*\*(?!\s)((?:[^*]|\*(?!\*))+?)\*\*[ \t]*$")
LIST_ITEM = re.compile(r"^[ \t]*(?:[*+-]|\d{1,3}[.)])(?:[ \t]+|$)")
_NO_UNDERLINE_BELOW = re.compile(r"^[ \t]*(?:[*+-][ \t]|\d{1,3}[.)][ \t]|>|\|)")
_ONE_LINK = r"!?\[(?:[^\[\]]|\[[^\[\]]*\]|\\.)*\]\((?:[^()]|\([^()]*\))*\)"
_LONE_LINKS = re.compile(rf"^[ \t]*{_ONE_LINK}(?:[\s·|,•/›>]*{_ONE_LINK})*[\s·|›>.]*$")
LINK = re.compile(r"\[((?:[^\[\]]|\[[^\[\]]*\]|\\.)+)\]\(([^()\s]*)(?:\s[^()]*)?\)")
_PLAYER = re.compile(r"^\s*\d{1,2}:\d{2}(?::\d{2})?\s*/\s*\d{1,2}:\d{2}(?::\d{2})?\s*$")
_CONTROLS = re.compile(
    r"^(?:log ?in|log in|sign ?up|sign in|change ?log|(?:return|back) to top|read less ?read more|read (?:more|less)"
    r"|see (?:more|less)|show (?:more|less)|skip to (?:main )?content|print|share|menu"
    r"|se connecter|connexion|s.inscrire|retour en haut(?: de page)?|voir (?:plus|moins)|lire la suite|imprimer"
    r"|partager|aller au contenu)$",
    re.IGNORECASE,
)
# Language pickers at the foot of a captured page: names of languages in their own language.
_LANGUAGE_NAMES = re.compile(
    r"^(?:english|deutsch|fran[cç]ais|espa[nñ]ol|italiano|portugu[eê]s|nederlands|polski|t[uü]rk[cç]e|rom[aâ]n[aă]"
    r"|svenska|dansk|norsk|suomi|[cč]e[sš]tina|magyar|bahasa \w+|ti[eế]ng vi[eệ]t|русский|українська|ελληνικά|العربية"
    r"|עברית|हिन्दी|ไทย|日本語|한국어|中文)(?:\s*\([^)]*\))?$",
    re.IGNORECASE,
)


class Kind(Enum):
    """What a unit is; SETEXT, ATX and BOLD are headings by their marks, LINE may turn out to be one."""

    NAVIGATION = "navigation"
    RULE = "rule"
    SETEXT = "setext"
    ATX = "atx"
    BOLD = "bold"
    LINE = "line"
    TEXT = "text"
    LIST = "list"


class Unit(NamedTuple):
    """Consecutive lines of one kind; `first` counts from 1. `level` and `title` are those of marked headings."""

    kind: Kind
    first: int
    lines: tuple[str, ...]
    level: int = 0
    title: str = ""


def is_navigation(line: str) -> bool:
    """A line that a page's frame put there: a lone link, a player's time, a log-in or "read more" control."""
    bare = line.strip()
    return bool(_LONE_LINKS.match(line) or _PLAYER.match(bare) or _CONTROLS.match(bare))


def units(lines: list[str], skip: int = 0) -> list[Unit]:
    """All lines after the first `skip` as units; blank lines belong to none, every other line to exactly one."""
    made: list[Unit] = []
    pending: list[str] = []
    start = fence_from = 0
    fence = ""
    for number, line in enumerate(lines[skip:], skip + 1):
        if fence:
            pending.append(line)
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                made.append(Unit(Kind.TEXT, fence_from, tuple(pending)))
                pending, fence = [], ""
        elif mark := _FENCE.match(line):
            _flush(made, pending, start)
            pending, fence, fence_from = [line], mark[1], number
        elif not line.strip():
            _flush(made, pending, start)
            pending = []
        else:
            marked = _marked(line, number, pending)
            if marked is None:
                start = start if pending else number
                pending.append(line)
                continue
            taken = 1 if marked.kind is Kind.SETEXT else 0
            _flush(made, pending[: len(pending) - taken], start)
            pending = []
            made.append(marked)
    if fence:
        made.append(Unit(Kind.TEXT, fence_from, tuple(pending)))
    else:
        _flush(made, pending, start)
    return _without_frame(made)


def _marked(line: str, number: int, pending: list[str]) -> Unit | None:
    """The unit that this line makes by its marks alone, or None for a line of ordinary text."""
    if pending and _UNDERLINE.match(line) and not _NO_UNDERLINE_BELOW.match(pending[-1]):
        if pending[-1].startswith(("    ", "\t")):
            return None
        level = 1 if line.strip().startswith("=") else 2
        return Unit(Kind.SETEXT, number - 1, (pending[-1], line), level, pending[-1].strip())
    if _RULE.match(line):
        return Unit(Kind.RULE, number, (line,))
    if (atx := _ATX.match(line)) and (atx[2] or "").strip():
        return Unit(Kind.ATX, number, (line,), len(atx[1]), (atx[2] or "").strip())
    if bold := _BOLD.match(line):
        return Unit(Kind.BOLD, number, (line,), 0, bold[1].strip())
    if is_navigation(line):
        return Unit(Kind.NAVIGATION, number, (line,))
    return None


def _flush(made: list[Unit], pending: list[str], start: int) -> None:
    """Add pending text lines: one line alone is a heading candidate, and so is one that leads a list."""
    if not pending:
        return
    first = pending[0]
    if LIST_ITEM.match(first):
        made.append(Unit(Kind.LIST, start, tuple(pending)))
    elif len(pending) == 1:
        made.append(Unit(Kind.LINE, start, (first,), 0, first.strip()))
    elif LIST_ITEM.match(pending[1]):
        made.append(Unit(Kind.LINE, start, (first,), 0, first.strip()))
        made.append(Unit(Kind.LIST, start + 1, tuple(pending[1:])))
    else:
        made.append(Unit(Kind.TEXT, start, tuple(pending)))


def _without_frame(made: list[Unit]) -> list[Unit]:
    """The same units, with breadcrumbs, titles printed twice and language pickers known as navigation."""
    dropped = _language_picker(made)
    for here, unit in enumerate(made):
        if unit.kind in (Kind.SETEXT, Kind.ATX):
            dropped.update(_lines_before_title(made, here))
    return [u._replace(kind=Kind.NAVIGATION) if n in dropped else u for n, u in enumerate(made)]


def _lines_before_title(made: list[Unit], here: int) -> list[int]:
    """Short lines right above a heading that say it again, or that lead to a page's title (breadcrumbs)."""
    found: list[int] = []
    title = slug(made[here].title)
    for n in range(here - 1, -1, -1):
        unit = made[n]
        if unit.kind is Kind.NAVIGATION:
            continue
        if unit.kind is Kind.RULE:
            return found if made[here].level == 1 else [m for m in found if slug(made[m].title) == title]
        if unit.kind is not Kind.LINE or len(unit.title) > 75 or unit.title[-1] in ".!?:;":
            break
        found.append(n)
    else:
        return found if made[here].level == 1 else [m for m in found if slug(made[m].title) == title]
    return [n for n in found if slug(made[n].title) == title]


def _language_picker(made: list[Unit]) -> set[int]:
    """Positions of at least 4 neighbouring lines that each name a language."""
    found: set[int] = set()
    run: list[int] = []
    for n, unit in enumerate([*made, Unit(Kind.RULE, 0, ())]):
        if unit.kind is Kind.LINE and _LANGUAGE_NAMES.match(unit.title):
            run.append(n)
            continue
        if len(run) >= 4:
            found.update(run)
        run = []
    return found
