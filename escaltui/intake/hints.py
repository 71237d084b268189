"""Times a letter asks for, and words about telling the account holder: offered with the quoted words, never set.

Only what a letter asks or announces is offered ("within 6 hours", "we publish at 16:00"), not every time it mentions.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from escaltui.intake.calendar_words import NUMBERS
from escaltui.intake.found import FoundNotice, FoundTime, one_line
from escaltui.intake.moments import read_moment

_SPAN = re.compile(
    r"\b(?:within|in\s+(?:no\s+more|less)\s+than|n(?:o|ot)\s+later\s+than|in\s+the\s+next|you\s+have(?:\s+only)?|"
    r"dans\s+(?:un\s+délai\s+(?:maximum\s+|maximal\s+)?de|les|un\s+délai\s+d['’])|sous|au\s+plus\s+tard\s+(?:dans|sous)(?:\s+les)?|d['’]ici|"
    r"vous\s+avez|innerhalb(?:\s+von)?|binnen|en\s+(?:el|un)\s+plazo\s+de|dentro\s+de)\s*"
    r"(?:the\s+next\s+|a\s+maximum\s+of\s+|a\s+period\s+of\s+|at\s+most\s+|les\s+)?"
    rf"(?P<number>\d{{1,4}}(?:[.,]5)?|{'|'.join(NUMBERS)})\b(?:\s*\(\s*[\w-]+\s*\))?[\s-]*"
    r"(?:business|working|calendar|clear)?\s*"
    r"(?P<unit>minute|min\b|mins\b|hour|heure|hr|day|jour|week|semaine|h\b|stunde|tag|woche|hora|día|dia)\w*"
    r"(?:\s+(?:ouvr|ouvr)\w+)?",
    re.I,
)
_LEAD = re.compile(
    r"\b(?:by(?:\s+the\s+latest)?|before|no\s+later\s+than|not\s+later\s+than|deadline(?:\s+(?:is|of|for\s+comment\s+is))?|"
    r"due(?:\s+(?:on|by|at))?|(?:publish(?:es|ing)?|be\s+published|publication|go(?:es|ing)?\s+live|go(?:es)?\s+to\s+press|air(?:s|ing)?|broadcast(?:s|ing)?|"
    r"hearing|court\s+date|launch(?:es)?|embargo(?:ed)?)(?:\s+(?:the|our|this|story|stories|piece|article|report|it|is|are|was|set|"
    r"scheduled|listed|planned|fixed|takes\s+place|will\s+be|online|until|lifts|on|at|for|by|from)){0,6}"
    r"|avant|au\s+plus\s+tard|d['’]ici|date\s+limite(?:\s+(?:est|fixée))?|"
    r"(?:publi(?:ons|erons|cation|é)|parution|paraît(?:ra)?|diffus(?:ons|erons|ion)|audience)(?:\s+(?:est|sera|fixée|prévue|l['’]article|le\s+sujet|"
    r"l['’]enquête|aura\s+lieu)){0,3}|spätestens(?:\s+bis)?|bis\s+(?:zum|spätestens)|antes\s+del?)\b[:\s]*",
    re.I,
)
# What each pattern needs somewhere in a letter: looked for first, as most letters hold none and the patterns are slow.
_SPAN_WORDS = ("within", "than", "next", "you have", "dans", "sous", "d'ici", "d’ici", "vous avez", "innerhalb",
               "binnen", "plazo", "dentro")  # fmt: skip
_MOMENT_SIGN = re.compile(
    r"\d|noon|midnight|midday|midi|minuit|mittag|tomorrow|tonight|today|demain|aujourd|morgen|heute|mañana|hoy|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|"
    r"end of|close of|cob|eod"
)
_GAG_STEMS = ("inform", "notif", "tell", "alert", "contact", "disclos", "advis", "tip", "reveal", "warn", "gag", "seal",
              "confiden", "préven", "prevenir", "averti", "avis", "révél", "divulg", "secret", "benachrich", "être",
              "nicht")  # fmt: skip
_READ = 100_000  # characters of a letter read for hints; after that come lists
_MINUTES = {"m": 1, "h": 60, "d": 1_440, "j": 1_440, "t": 1_440, "w": 10_080}

_TELL = r"(?:inform|notify|notif(?:ies|ied|ying)|tell|alert|contact|disclos\w+|advis\w+|tip|reveal|warn)(?:ing|ed)?"
_WHOM = (
    r"(?:(?:account|page|profile)\s*(?:holder|owner)|user|subscriber|customer|suspect|target|owner|person|seller|merchant|"
    r"advertiser|member|individual|third\s+part|existence|anyone|subject|uploader|poster)"
)
_DIRE = (
    r"(?:informer|informez|prévenir|prévenez|avertir|avertissez|aviser|avisez|notifier|notifiez|révéler|divulguer|contacter|contactez|"
    r"alerter|alertez)"
)
_QUI = r"(?:titulaire|utilisat|client|abonn|intéress|personne|compte|suspect|tiers|vendeu|annonceu|auteur|existence)"
# "do not have the contact of the owner", "may not be disclosed to third parties" (a file): nothing is forbidden to us.
_OTHER_VERBS = r"(?:have|has|be|provide|own|know|possess|want|need|wish|hesitate|believe|think|get|find|see)"
_GAG = re.compile(
    rf"\b(?:do\s+not|don['’]t|must\s+not|shall\s+not|may\s+not|should\s+not|not\s+to|refrain\s+from|cannot|without|"
    rf"prohibited\s+from|forbidden\s+(?:to|from)|neither),?\s+(?:(?!{_OTHER_VERBS}\b)\w+,?\s+){{0,3}}?{_TELL}\b[^.]{{0,60}}?\b{_WHOM}"
    rf"|\b{_WHOM}s?\b[^.]{{0,40}}?\s(?:must|shall|should|may)\s+not\s+be\s+(?:\w+\s+)?{_TELL}"
    r"|\bnon-?disclosure\s+(?:order|obligation|requirement)|\bgag\s+order\b|\b(?:is|are|filed|remains?)\s+under\s+seal\b"
    r"|\b(?:keep|treat|maintain)\s+(?:this|that|our|the)\s+(?:\w+\s+){0,4}(?:strictly\s+)?confidential\b"
    r"|\b(?:request|order|letter|matter|investigation|enquiry|inquiry)\s+(?:is|must\s+remain|remains|shall\s+remain)\s+(?:strictly\s+)?confidential\b"
    rf"|\bne\s+(?:\w+\s+)?pas\s+(?:\w+\s+)?{_DIRE}\b[^.]{{0,60}}?{_QUI}|\bne\s+{_DIRE}\s+pas\b[^.]{{0,60}}?{_QUI}"
    rf"|\bn['’]{_DIRE}\s+pas\b[^.]{{0,60}}?{_QUI}|\b(?:sans|interdit\s+(?:de|d['’])|interdiction\s+(?:de|d['’]))\s*{_DIRE}\b[^.]{{0,60}}?{_QUI}"
    rf"|\b{_QUI}\w*\s+ne\s+(?:doit|doivent|devra|devront)\s+pas\s+être\s+\w+"
    r"|\bsecret\s+de\s+l['’](?:instruction|enquête)|\b(?:réquisition|demande|lettre)\s+(?:est\s+|reste\s+|doit\s+rester\s+)?(?:strictement\s+)?confidentielle"
    r"|\bNutzer\w*\s+(?:darf|dürfen|ist|sind)\s+nicht\s+(?:zu\s+)?(?:informier|benachrichtig)\w*|\bno\s+(?:informar|notificar|avisar)\b[^.\n]{0,40}",
    re.I,
)
# "Have you not contacted the user?" and the like tell what was done, they forbid nothing.
_DELAY = re.compile(
    r"\b(?:until|for\s+(?:a\s+(?:period|term)\s+of\s+)?(?:at\s+least\s+)?(?:\w+\s+\(?)?\d*\)?[\s-]*(?:hours|days?|months?|weeks?)|"
    r"jusqu['’](?:au?|à|en)|pendant\s+(?:une\s+(?:durée|période)\s+de\s+)?\d+\s+(?:heures|jours|mois)|avant\s+le\s+\d|bis\s+zum|hasta)\b",
    re.I,
)


def asked_times(text: str, reference: datetime | None = None) -> tuple[FoundTime, ...]:
    """The times `text` asks for, in order, each once; `reference` is when it was sent, in the sender's own zone.

    A span ("within 6 hours") has minutes, and an instant where `reference` is known; a day of business days is counted
    as a calendar day: in doubt the earliest. Without a reference only full dates have an instant.
    """
    text = text[:_READ]
    lower = text.lower()
    found: list[tuple[int, FoundTime]] = []
    spans: list[tuple[int, int]] = []
    for match in _SPAN.finditer(text) if any(word in lower for word in _SPAN_WORDS) else ():
        spans.append(match.span())
        minutes = _minutes(match["number"], match["unit"])
        words = _quote(text, match.start(), match.end())
        found.append((match.start(), FoundTime(words=words, instant=_later(reference, minutes), minutes=minutes)))
    for match in _LEAD.finditer(text) if _MOMENT_SIGN.search(lower) else ():
        moment = read_moment(text, match.end(), reference)
        if moment and not any(start < moment.end and match.start() < end for start, end in spans):
            words = _quote(text, match.start(), moment.end)
            found.append((match.start(), FoundTime(words=words, instant=moment.instant)))
    ordered = [one for _, one in sorted(found, key=lambda pair: pair[0])]
    return tuple({(one.words, one.instant, one.minutes): one for one in ordered}.values())


def notice_words(text: str) -> FoundNotice | None:
    """The sentence that forbids or delays telling the account holder; None where there is none."""
    text = text[:_READ]
    lower = text.lower()
    match = _GAG.search(text) if any(stem in lower for stem in _GAG_STEMS) else None
    if match is None:
        return None
    sentence = _sentence(text, match.start(), match.end())
    return FoundNotice(words=sentence, state="delayed" if _DELAY.search(sentence) else "forbidden")


def _sentence(text: str, start: int, end: int) -> str:
    """The sentence around a find, at most about 300 characters either side."""
    before = max(text.rfind(mark, max(0, start - 300), start) for mark in (". ", ".\n", "\n\n", "! ", "? ", ": "))
    after = [at for at in (text.find(mark, end, end + 300) for mark in (". ", ".\n", "\n\n", "! ", "? ")) if at >= 0]
    begin = before + 1 if before >= 0 else max(0, start - 300)
    return one_line(text[begin : min(after) + 1 if after else min(len(text), end + 300)], 700)


def _quote(text: str, start: int, end: int) -> str:
    """The words with what stands before them in the sentence (at most 80 characters): what is asked by then."""
    window = text[max(0, start - 80) : start]
    cut = max(window.rfind(mark) for mark in (". ", "\n\n", "! ", "? ", "; "))
    head = window[cut + 2 :] if cut >= 0 else window if start <= 80 else window.partition(" ")[2]
    return one_line(head + text[start:end])


def _minutes(number: str, unit: str) -> int:
    amount = float(number.replace(",", ".")) if number[0].isdigit() else NUMBERS[number.lower()]
    unit = unit.lower()
    if unit.startswith(("semaine", "stunde")):
        return round(amount * (10_080 if unit.startswith("sem") else 60))
    return round(amount * _MINUTES[unit[0]])


def _later(reference: datetime | None, minutes: int) -> datetime | None:
    try:
        return reference.astimezone(UTC) + timedelta(minutes=minutes) if reference else None
    except OverflowError:
        return None
