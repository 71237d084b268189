"""Requests by authorities to take something down, as a code host publishes them: letters in several languages.

A file may hold several mails, parted at `---`; old files end their lines with a lone carriage return.
"""

from __future__ import annotations

import re
from datetime import datetime

from escaltui.intake.countries import country_code, official_country
from escaltui.intake.found import FoundReport, FoundRequester, FoundSubject, Kind, key_of, one_line, share_filled
from escaltui.intake.hints import asked_times, notice_words
from escaltui.intake.language import languages
from escaltui.intake.laws import laws_in
from escaltui.intake.letter_dates import date_in_text
from escaltui.intake.links import bare_repositories, distinct, links, refanged, subject, web_subject
from escaltui.intake.names import date_in_path
from escaltui.intake.notices import letter_of

_PART = re.compile(r"^[ \t]*-{3,}[ \t]*$", re.M)
_ADDRESS = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,8}[a-zA-Z]{2,24}")
# An authority names itself near the top or below the text; the words before its name in several languages.
_AUTHORITY = (
    re.compile(
        r"\b(?i:on\s+behalf\s+of|greetings\s+from|this\s+is|we\s+are)\s+(?:the\s+)?"
        r"([A-Z][\w’'&-]*(?:[ ]+(?:[A-Z][\w’'&-]*|of|and|for|the|de|del|la)){0,14})"
    ),
    re.compile(
        r"\b((?:(?:Federal|National|Ministry|Ministerio|Ministère|Department|Bureau|Office|Police|Guardia|Agency|Court|"
        r"Prosecutor|Commission|Authority|Directorate|Cyber)\b[\w’'&-]*)"
        r"(?:[ ]+(?:[A-Z(][\w’'&)-]*|of|the|and|for|in|de|del|la|du|des)){1,14})"
    ),
    re.compile(
        r"\b((?:Роскомнадзор|Федеральн\w+\s+служб\w+(?:\s+по\s+надзору\s+в\s+сфере\s+[^.\n]{5,90})?|Министерств\w+\s+[^.\n,]{4,60}|"
        r"Прокуратур\w+[^.\n,]{0,60}))"
    ),
    re.compile(r"((?:中国|中华人民共和国|北京|国家)?[一-鿿]{2,12}(?:部|局|协会|法院|警察|中心|办公室))"),
)
# Where an authority signs with its system's name alone.
_HOUSES = (
    (
        re.compile(
            r"roskomnadzor|роскомнадзор|\brkn\.gov\.ru|eais#rkn|сфере\s+связи,\s+информационных\s+технологий", re.I
        ),
        "Roskomnadzor",
    ),
    (re.compile(r"\bguardia\s*civil\b", re.I), "Guardia Civil"),
)
_ORDER = re.compile(
    r"\b(?:court\s+order|injunction|hereby\s+order|is\s+ordered|решени\w+\s+суда|ordonnance|auto\s+judicial|判决)\b",
    re.I,
)
_ACT = re.compile(
    r"\b(?:remove|block|delete|take[\s-]?down|take\s+it\s+off|disable|restrict|close|shut|удал\w+|ограничен\w+|запрещен\w+|retir\w+|"
    r"elimin\w+|bloque\w+|supprim\w+)\b|删除|封|断开",
    re.I,
)


def parse_government(
    text: str,
    *,
    path: str = "",
    country: str = "",
    agency: str = "",
    received_at: datetime | None = None,
    source: str = "government",
) -> FoundReport:
    """The report in an authority's raw `text`; `path`, `country`, `agency` as published fill what it does not say."""
    plain = refanged(text.replace("\r\n", "\n").replace("\r", "\n"))
    letter = letter_of(plain).text
    parts = [part.strip() for part in _PART.split(letter) if part.strip()]
    subjects = _subjects(letter)
    authority = _authority(letter) or one_line(agency, 80)
    code = country_code(country) or country_code(path.partition("/")[0]) or official_country(letter)
    received_at = received_at or date_in_path(path) or date_in_text(letter)
    laws = laws_in(letter)
    kind: Kind = "order" if _ORDER.search(letter) else "request"
    problems: tuple[str, ...] = ()
    if country and not country_code(country):
        problems = (f"The country {one_line(country, 40)!r} is not known: set it by hand.",)
    return FoundReport(
        dedupe_key=f"government:{path}" if path else key_of("government", text.encode("utf-8", "replace")),
        source=source,
        kind=kind,
        case_type="court_order" if kind == "order" and _requester_kind(authority) == "court" else "legal_removal",
        received_at=received_at,
        title=_title(authority, code, subjects),
        body=text,
        requester=FoundRequester(
            name=authority,
            kind=_requester_kind(authority),
            organisation=authority,
            country=code,
            contact_points=tuple(dict.fromkeys(_ADDRESS.findall(letter)))[:10],
        ),
        right_claimed="national law" if laws else "",
        subjects=subjects,
        affected_count=len(subjects),
        laws=laws,
        languages=languages(letter),
        country=code,
        asked=asked_times(letter, received_at),
        user_notice=notice_words(letter),
        answers={f"mail {place}": part[:20_000] for place, part in enumerate(parts, 1)} if len(parts) > 1 else {},
        elements={
            "authority": "present" if authority else "absent",
            "subject": "present" if subjects else "absent",
            "legal_basis": "present" if laws else "absent",
            "action_asked": "present" if _ACT.search(letter) else "unknown",
        },
        confidence=share_filled(authority, code, received_at, subjects, laws or _ACT.search(letter)),
        problems=problems,
    )


def _subjects(letter: str) -> tuple[FoundSubject, ...]:
    """Items of a platform first; else bare `user / repo` lines; else other links that are not the sender's own."""
    found = list(dict.fromkeys(links(letter)))
    items = distinct(subject(link) for link in found)
    if items:
        return items
    bare = bare_repositories(letter)
    return bare or distinct(web_subject(link) for link in found if link.path and not official_country(link.host))


def _authority(letter: str) -> str:
    for pattern, name in _HOUSES:
        if pattern.search(letter):
            return name
    for pattern in _AUTHORITY:
        match = pattern.search(letter[:3000]) or pattern.search(letter[-1500:])
        if match and len(match[1]) > 3:
            return one_line(match[1].rstrip(" .,-"), 120)
    first = letter.strip().partition("\n")[0].strip()
    named = (1 < len(first.split()) <= 8 and first.istitle()) or re.match(
        r"(?:[A-Z]\w+|of|and)(?: (?:[A-Z]\w+|of|and)){2,8}$", first
    )
    return first if named and not re.match(r"(?:dear|hello|hi|to)\b", first, re.I) else ""


def _requester_kind(authority: str) -> str:
    plain = authority.lower()
    if re.search(r"\bcourt|tribunal|juzgado|суд\b|法院", plain):
        return "court"
    return (
        "law_enforcement" if re.search(r"police|guardia|prosecut|прокурат|警|public security", plain) else "government"
    )


def _title(authority: str, code: str, subjects: tuple[FoundSubject, ...]) -> str:
    who = authority or "An authority"
    where = f" ({code})" if code else ""
    if not subjects:
        return one_line(f"Removal asked by {who}{where}")
    more = f" and {len(subjects) - 1:,} more" if len(subjects) > 1 else ""
    return one_line(f"Removal asked by {who}{where}: {subjects[0].item_id}{more}")
