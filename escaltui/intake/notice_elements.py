"""What a copyright notice must hold, and whether it does: 17 U.S.C. 512(c)(3) for a notice, 512(g)(3) for a
counter-notice. Words found are not truth: a person judges; this only fills the checklist."""

from __future__ import annotations

import re

from escaltui.intake.found import Presence

REDACTED = re.compile(r"\[\s*(?:private|invalid|redacted)\s*\]|\*{0,2}\[?REDACTED\]?", re.I)
_BLANKS = re.compile(
    r"[\s,;:./|()\-–_*>#+&\"'’]+|\b(?:e-?mail|phone|tel(?:ephone)?|mobile|address|name|and|or|at|is)\b", re.I
)

_GOOD_FAITH = re.compile(r"good[\s-]+faith\s+beli[ef]+|good\s+belief|bonne\s+foi", re.I)
_PERJURY = re.compile(r"penalt(?:y|ies)\s+of\s+perjury|\bsous\s+peine\s+de\s+parjure|under\s+perjury", re.I)
_AUTHORITY = re.compile(
    r"authori[sz]ed\s+(?:to\s+act|agent|representative)|am\s+the\s+(?:copyright\s+)?(?:owner|holder)|on\s+behalf\s+of",
    re.I,
)
_WORK = re.compile(
    r"copyright(?:ed|s)?\b|original\s+(?:work|code|content)|propri?etary|source\s+code|intellectual\s+property", re.I
)
_SIGNED = re.compile(
    r"(?:\bsincerely|regards|\bsigned|signature|faithfully|respectfully|truly\s+yours|cordially|/s/|best\s+wishes)"
    r"[^\S\n]*[,:.]?\s*(?P<name>[^\n]{2,80})?",
    re.I,
)
_CONTACT = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}\.\w|\b(?:e-?mail|phone|tel(?:ephone)?|mobile|address)\b[^\n:]{0,20}:?\s*(?P<value>[^\n]{0,60})",
    re.I,
)
_MISTAKE = re.compile(r"mistake\s+or\s+mis-?identification|result\s+of\s+(?:a\s+)?mistake", re.I)
_JURISDICTION = re.compile(r"consent\s+to\s+(?:the\s+)?(?:local\s+)?jurisdiction|accept\s+service\s+of\s+process", re.I)


def value_presence(value: str | None) -> Presence:
    """Whether an answer says something: absent when empty, redacted when only a black bar is left."""
    if value is None or not value.strip():
        return "absent"
    if REDACTED.search(value) and not _BLANKS.sub("", REDACTED.sub("", value)):
        return "redacted"
    return "present"


def _said(pattern: re.Pattern[str], text: str) -> Presence:
    return "present" if pattern.search(text) else "absent"


def notice_elements(
    letter: str, answers: dict[str, str], has_target: bool, target_redacted: bool
) -> dict[str, Presence]:
    """The six elements of 512(c)(3)(A): signature, work, material, contact, good_faith, accuracy_authority."""
    target: Presence = "present" if has_target else "redacted" if target_redacted else "absent"
    if answers:
        accuracy = answers.get("accuracy", "")
        return {
            "signature": value_presence(answers.get("signature")),
            "work": value_presence(answers.get("work") or answers.get("original_url") or answers.get("authority")),
            "material": target,
            "contact": _contact_answer(answers),
            "good_faith": _said(_GOOD_FAITH, answers.get("good_faith", "") + answers.get("accuracy", "")),
            "accuracy_authority": _said(_PERJURY, accuracy + answers.get("good_faith", "")),
        }
    sworn = _said(_PERJURY, letter)
    return {
        "signature": _signature(letter),
        "work": _said(_WORK, letter),
        "material": target,
        "contact": _contact(letter),
        "good_faith": _said(_GOOD_FAITH, letter),
        "accuracy_authority": sworn if _AUTHORITY.search(letter) else "absent",
    }


def counter_elements(
    letter: str, answers: dict[str, str], has_target: bool, target_redacted: bool
) -> dict[str, Presence]:
    """The elements of 512(g)(3): signature, material, mistake (under penalty of perjury), jurisdiction, contact."""
    spoken = "\n".join(answers.values()) if answers else letter
    sworn = bool(_PERJURY.search(spoken)) and bool(_MISTAKE.search(spoken))
    return {
        "signature": value_presence(answers.get("signature")) if answers else _signature(letter),
        "material": "present" if has_target else "redacted" if target_redacted else "absent",
        "mistake": "present" if sworn else "absent",
        "jurisdiction": _said(_JURISDICTION, spoken),
        "contact": _contact_answer(answers) if answers else _contact(letter),
    }


def _contact_answer(answers: dict[str, str]) -> Presence:
    return value_presence(answers.get("contact"))


def _signature(letter: str) -> Presence:
    """In prose: the name after a closing formula, else a black bar in the last lines; a bare ending is unknown."""
    found = [match["name"] or "" for match in _SIGNED.finditer(letter[-3000:])]
    named = [value_presence(name) for name in found if name.strip(" ,:._*")]
    if "redacted" in named or (not named and REDACTED.search(letter[-400:])):
        return "redacted"
    return "present" if named else "unknown"


def _contact(letter: str) -> Presence:
    """In prose: an address or number, or the black bar over one."""
    states = {value_presence(m["value"]) if m["value"] is not None else "present" for m in _CONTACT.finditer(letter)}
    if "redacted" in states:
        return "redacted"
    if "present" in states:
        return "present"
    return "redacted" if REDACTED.search(letter) else "absent"
