"""Who sends a letter and for whom, and what the place it was published says: the words of the letter first."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import PurePosixPath

from escaltui.intake.found import one_line, word_set
from escaltui.intake.requesters import is_nobody

_PATH_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)")
_SERIAL = re.compile(r"[-_ ](?:\d{1,3}|counter-?notice|retraction|reversal|amended|revised)$", re.I)
# File names that say what was taken, not who wrote.
_NOT_SENDERS = re.compile(
    r"^(?:source|code|software|app|website|web|game|software|material|course|data|image)s?\b|^[\d\W]*$", re.I
)
_NAME = (
    r"((?-i:[A-Z0-9])[\w&.'’\-]*(?:[ ,]{1,2}(?:(?-i:[A-Z(&])[\w&.'’)\-]*|"
    r"(?-i:of|the|and|for|de|du|von|to)(?= (?-i:[A-Z])))){0,8})"
)
_SENDER = (
    re.compile(rf"\bI\s+(?:represent|work\s+for)\s+{_NAME}", re.I),
    re.compile(rf"^\s*(?:This\s+is|We\s+are|I\s+am\s+writing\s+from)\s+(?:the\s+)?{_NAME}", re.I | re.M),
    re.compile(rf"\bemployee\s+of\s+{_NAME}", re.I),
)
_PARTY = (
    re.compile(
        rf"\bon\s+behalf\s+of\s+(?:my\s+|our\s+)?(?:the\s+)?(?:company,?\s+|client,?\s+|copyright\s+owner,?\s+)?{_NAME}",
        re.I,
    ),
    re.compile(rf"\b(?:solicitors|attorneys|agents?|counsel)\s+(?:acting\s+)?for\s+{_NAME}", re.I),
    re.compile(rf"\bour\s+client,?\s+{_NAME}", re.I),
    re.compile(rf"\bcopyright\s+(?:owner|holder),?\s+(?:is\s+)?{_NAME}", re.I),
)
_NOT_NAMES = word_set("i we the our my a an yes no github this it its you your dmca copyright url http https not all")
_OWN_ANSWERS = ("role", "authority", "owner", "work")


def date_in_path(path: str) -> datetime | None:
    """The last full date in a path (`2019/04/2019-04-30-name.md`) as midnight UTC."""
    for year, month, day in reversed(_PATH_DATE.findall(path)):
        try:
            return datetime(int(year), int(month), int(day), tzinfo=UTC)
        except ValueError:
            continue
    return None


def sender_in_path(path: str) -> str:
    """Whom the place of publication names (`2019-04-30-JetBrains-2.md`: JetBrains); "" for a general word."""
    name = PurePosixPath(path).name.removesuffix(".markdown").removesuffix(".md")
    name = _PATH_DATE.sub("", name).strip("-_ ")
    while _SERIAL.search(name):
        name = _SERIAL.sub("", name)
    return "" if _NOT_SENDERS.search(name) or is_nobody(name) else one_line(name.replace("_", " "), 80)


def sender_of(letter: str, answers: dict[str, str]) -> str:
    """Who writes, in the letter's own words; "" where it does not say."""
    return _first(_SENDER, _own_words(letter, answers))


def party_of(letter: str, answers: dict[str, str]) -> str:
    """For whom the letter is written, in its own words; "" where it does not say."""
    return _first(_PARTY, _own_words(letter, answers))


def _own_words(letter: str, answers: dict[str, str]) -> str:
    return "\n".join(answers.get(name, "") for name in _OWN_ANSWERS)[:6000] if answers else letter[:6000]


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> str:
    for pattern in patterns:
        for match in pattern.finditer(text):
            name = one_line(match[1].rstrip(" .,'’-"), 80)
            if name.split(" ", 1)[0].lower() not in _NOT_NAMES and len(name) > 1 and not is_nobody(name):
                return name
    return ""
