"""Copyright notices, counter-notices and retractions in the public format of a code host.

About three quarters are question forms (see `notice_forms`), the rest prose. The platform may put its own words in
front, closed by a line `---`: they count for the size of the network, never for what the sender says.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import NamedTuple

from escaltui.intake.found import FoundReport, FoundRequester, FoundSubject, Kind, key_of, one_line, share_filled
from escaltui.intake.hints import asked_times, notice_words
from escaltui.intake.language import languages
from escaltui.intake.laws import laws_in
from escaltui.intake.links import distinct, links, refanged, repositories, repository, subject
from escaltui.intake.names import date_in_path, party_of, sender_in_path, sender_of
from escaltui.intake.notice_elements import REDACTED, counter_elements, notice_elements
from escaltui.intake.notice_forms import answers_of

# Answers that say what is complained of, before any other mention of an item.
_TARGETS = ("files", "scope", "repository", "repository_files", "forks")
_PREFACE = re.compile(
    r"\b(?:processed|contacted|disabled|determined|independently|provided information|takedown notice)\b"
)
_NETWORK = re.compile(
    r"(?:network|total|forks)\s+(?:is\s+|are\s+|consist(?:s|ing)\s+)?of\s+[*_]*(\d[\d,. ]{0,12}\d|\d)[*_]*"
    r"\s+(?:repositor|forks)|(?:entire|whole)\s+network\s+\(?(\d[\d,.]{0,12}\d|\d)\b",
    re.I,
)
_RETRACTS = re.compile(
    r"\b(?:retract(?:ion|ing|s|ed)?|rescind(?:ing)?|revok(?:e|ing)|withdraw(?:ing|al|n)?|(?:in|un)validat(?:e|ing)|cancel(?:ling|ing)?)\b"
    r"[^.\n]{0,80}\b(?:dmca|notices?|claims?|complaints?|takedowns?|take[\s-]downs?|requests?|letter|reports?)\b"
    r"|\b(?:dmca|notice|claim|complaint|takedown|request)s?\b[^.\n]{0,60}\b(?:be\s+)?"
    r"(?:retract(?:ed|ion)|withdrawn|rescinded|revoked)\b"
    r"|\b(?:please|kindly|to|can\s+you|you\s+may|could\s+you)\s+(?:now\s+)?(?:reinstate|restore|re-?enable|unlock|unblock)\b",
    re.I,
)
# The platform itself takes back what it did on an earlier notice, and says where that one is published.
_REVERSED = re.compile(r"\bhas\s+(?:reversed|reconsidered|rescinded)\s+the\b[^\n]{0,80}notice", re.I)
_COUNTERS = (
    re.compile(r"\bcounter[\s-]*(?:notice|notification|claim)", re.I),
    re.compile(
        r"removed\s+or\s+disabled\s+as\s+a\s+result\s+of\s+(?:a\s+)?mistake|mistake\s+or\s+mis-?identification", re.I
    ),
    re.compile(r"consent\s+to\s+(?:the\s+)?(?:local\s+)?jurisdiction|accept\s+service\s+of\s+process", re.I),
    re.compile(
        r"\b(?:dispute|wrongly|wrongful|erroneous|invalid|incorrect)[^.\n]{0,60}\b(?:notice|claim|takedown|dmca)", re.I
    ),
)
_COUNTER_ANSWERS = ("owner", "change_or_dispute", "jurisdiction", "mistake")
_PROSE = 20_000  # characters of a letter read for what it asks; after that come lists of links
_CITING = 6_000  # characters of what the sender says that are read for laws
_KIND_WORDS: dict[str, str] = {
    "notice": "Copyright notice",
    "counter_notice": "Counter-notice",
    "retraction": "Retraction",
}


class Letter(NamedTuple):
    """A notice without the platform's own words: `preface` is what the platform put in front."""

    preface: str
    text: str


def letter_of(text: str) -> Letter:
    """Parts the platform's own words from the sender's: several prefaces may stand there, each closed by `---`."""
    start = 0
    for line in re.finditer(r"^\s{0,3}-{3,}\s*$", text[:6000], re.M):
        part = text[start : line.start()]
        if len(part) < 2500 and "GitHub" in part and _PREFACE.search(part):
            start = line.end()
        else:
            break
    return Letter(text[:start], text[start:])


def kind_of(letter: str, answers: dict[str, str]) -> Kind:
    """What the sender does, from what they write: notice, counter_notice or retraction."""
    if answers:
        counter = sum(name in answers for name in _COUNTER_ANSWERS)
        notice = sum(name in answers for name in ("role", "good_faith", "infringer"))
        return "counter_notice" if counter > notice else "notice"
    opening = letter[:1500]
    if _REVERSED.search(opening):
        return "retraction"
    if sum(bool(sign.search(letter)) for sign in _COUNTERS) >= 2:
        return "counter_notice"
    claims = re.search(r"good[\s-]+faith\s+belief|penalty\s+of\s+perjury", letter, re.I)
    if _RETRACTS.search(opening) and not claims:
        return "retraction"
    if _COUNTERS[0].search(opening) and not claims:
        return "counter_notice"
    return "notice"


def affected_count(text: str, subjects: tuple[FoundSubject, ...], redacted: bool) -> int:
    """Distinct repositories named, or the network's stated size where larger.

    An account or black bar in place of a repository stands for one.
    """
    named = len(repositories(text)) or int(bool(subjects) or redacted)
    if "etwork" not in text and "orks of" not in text:
        return named
    sizes = [int(re.sub(r"\D", "", match[1] or match[2])) for match in _NETWORK.finditer(text)]
    return max([named, *(size for size in sizes if size < 10_000_000)])


def parse_notice(
    text: str, *, path: str = "", received_at: datetime | None = None, source: str = "notice"
) -> FoundReport:
    """The report in a notice's raw `text`. `path`, where the notice was published, names it and dates it."""
    preface, letter = letter_of(text)
    answers = answers_of(letter)
    kind = kind_of(letter, answers)
    target = "\n".join(answers.get(name, "") for name in _TARGETS) if answers else letter
    subjects = _subjects(target) or _subjects(letter)
    redacted = bool(REDACTED.search(target))
    elements = (counter_elements if kind == "counter_notice" else notice_elements)(
        letter, answers, bool(subjects), redacted
    )
    sender = sender_of(letter, answers) or sender_in_path(path)
    party = party_of(letter, answers)
    received_at = received_at or date_in_path(path)
    said = answers.get("work", "") or letter
    counted = affected_count(text, subjects, redacted)
    return FoundReport(
        dedupe_key=f"notice:{path}" if path else key_of("notice", text.encode("utf-8", "replace")),
        source=source,
        kind=kind,
        case_type="ip_copyright",
        channel="form" if answers else "import",
        received_at=received_at,
        title=_title(kind, sender or party, subjects, counted),
        body=text,
        requester=FoundRequester(name=sender, kind="user" if kind == "counter_notice" else "rights_holder"),
        on_behalf_of=party,
        right_claimed=_right(answers, letter),
        subjects=subjects,
        affected_count=counted,
        answers=answers | ({"platform_preface": preface.strip()} if preface else {}),
        elements=elements,
        laws=laws_in(said[:_CITING]),
        languages=languages(said),
        asked=() if answers else asked_times(letter[:_PROSE], received_at),
        user_notice=None if answers else notice_words(letter[:_PROSE]),
        parent_hint=_parent(kind, subjects, letter),
        confidence=share_filled(
            *(state != "absent" and state != "unknown" for state in elements.values()),
            received_at,
            subjects or redacted,
            counted,
        ),
    )


def _subjects(text: str) -> tuple[FoundSubject, ...]:
    """The items `text` names; an account only where no repository is named (a profile is mostly just the author)."""
    found = list(dict.fromkeys(links(refanged(text))))
    items = distinct(subject(link) for link in found if repository(link) or link.host.endswith("npmjs.com"))
    return items or distinct(map(subject, found))


def _right(answers: dict[str, str], letter: str) -> str:
    """copyright, or circumvention of a technical measure where the sender (not the form) claims one."""
    if answers:
        measured = re.match(r"\W*yes\b", answers.get("technical_measures", ""), re.I)
        return "copyright, technical measures" if measured else "copyright"
    measured = re.search(r"\banti-?circumvention\b|\b1201\b|\bcircumvent(?:s|ing)?\b", letter, re.I)
    return "copyright, technical measures" if measured else "copyright"


def _parent(kind: Kind, subjects: tuple[FoundSubject, ...], letter: str) -> str:
    """Where to look for the notice that this one answers: where it is published, else the first item it names."""
    if kind == "notice":
        return ""
    published = re.search(r"/dmca/blob/\w+/(\S+\.(?:md|markdown))", letter)
    return published[1] if published else subjects[0].item_id if subjects else ""


def _title(kind: Kind, sender: str, subjects: tuple[FoundSubject, ...], counted: int) -> str:
    head = _KIND_WORDS.get(kind, "Copyright notice") + (f", {sender}" if sender else "")
    if not subjects:
        return one_line(head)
    more = f" and {counted - 1:,} more" if counted > 1 else ""
    name = "/".join(subjects[0].item_id.split("/")[:2])
    return one_line(f"{head}: {name}{more}")
