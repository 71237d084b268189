"""What a free letter probably is: case type, kind of report, kind of requester, and the items it names by number.

Proposals from plain words, most specific first; a person triages.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from escaltui.intake.found import FoundSubject, Kind
from escaltui.intake.links import distinct, links, refanged, web_subject


class Sorted(NamedTuple):
    """A proposal: `sure` is False where no word of any type was found."""

    case_type: str
    kind: Kind
    requester_kind: str
    sure: bool


# (case type, kind, requester kind, words). The first whose words occur wins.
_TYPES: tuple[tuple[str, Kind, str, str], ...] = (
    (
        "emergency_disclosure",
        "request",
        "law_enforcement",
        r"emergency\s+(?:data\s+)?disclosure|imminent\s+(?:danger|risk|threat)[^.]{0,80}(?:data|records|disclos)|danger\s+imminent",
    ),
    (
        "preservation_request",
        "request",
        "law_enforcement",
        r"preservation\s+(?:request|letter|order)|preserve\s+(?:all\s+)?(?:records|data|evidence|the\s+account)|gel\s+des\s+données|conservation\s+des\s+données",
    ),
    (
        "data_request",
        "request",
        "law_enforcement",
        r"subpoena|search\s+warrant|production\s+order|subscriber\s+(?:information|data)|basic\s+subscriber|ip\s+logs|réquisition\s+judiciaire|données\s+d['’]identification",
    ),
    (
        "court_order",
        "order",
        "court",
        r"court\s+order|injunction|hereby\s+ordere?d?|ordonnance\s+(?:de\s+référé|du\s+tribunal)|judgment\s+of\s+the|interim\s+order|case\s+no\.?\s+\S{0,40}\d.{0,200}\bcourt",
    ),
    (
        "ip_counterfeit",
        "notice",
        "rights_holder",
        r"counterfeit|replicas?\b|knock-?offs?|contrefa[cç]on|contrefaits?|fake\s+(?:products?|goods|bags?|shoes|watches)|fälschung",
    ),
    ("ip_copyright", "notice", "rights_holder", r"\bdmca\b|copyright|droits?\s+d['’]auteur|512\(c\)|urheberrecht"),
    ("ip_trademark", "notice", "rights_holder", r"trade-?\s?mark|marque\s+(?:déposée|enregistrée)|markenrecht"),
    (
        "regulator_enquiry",
        "enquiry",
        "regulator",
        r"digital\s+services\s+coordinator|ofcom|arcom|bundesnetzagentur|data\s+protection\s+authority|\bcnil\b|regulator|request\s+for\s+information\s+under|formal\s+(?:investigation|notice)\s+(?:under|pursuant)",
    ),
    (
        "government_enquiry",
        "enquiry",
        "government",
        r"member\s+of\s+(?:parliament|congress)|senator|office\s+of\s+the\s+minister|ministerial\s+(?:office|enquiry)|cabinet\s+du\s+ministre|embassy|ambassade",
    ),
    (
        "legal_removal",
        "request",
        "government",
        r"(?:ministry|ministère|ministerio|police|authority|federal\s+service|préfecture|prosecutor|procureur)[^.]{0,400}(?:remove|removal|block|take\s*down|retir|supprim|illegal)",
    ),
    (
        "press",
        "enquiry",
        "press",
        r"journalist|reporter\s+(?:at|for|with)|news\s*(?:desk|room)|we\s+(?:plan\s+to\s+|will\s+|are\s+)?publish|for\s+comment|on\s+the\s+record|my\s+story|an?\s+article|rédaction|nous\s+publions|enquête\s+journalistique",
    ),
    (
        "ads",
        "request",
        "advertiser",
        r"ad\s+account|ads?\s+manager|campaign|rejected\s+ads?|ads?\s+(?:was|were|is|are|has\s+been|have\s+been)\s+(?:rejected|disapproved)|compte\s+publicitaire|campagne|annonce\s+refusée|advertis",
    ),
    (
        "commerce",
        "request",
        "merchant",
        r"\blistings?\b|\bshop\b|\bstore\s+(?:id|was)|merchant|marketplace|boutique|\bseller\b|payouts?",
    ),
    (
        "account_access",
        "request",
        "user",
        r"(?:account|page|profile)\s+(?:\w+\s+){0,3}(?:hacked|hijacked|compromised|locked|disabled|suspended|taken\s+over)|locked\s+out|lost\s+access|cannot\s+(?:log|sign)\s*in|compte\s+(?:piraté|bloqué|désactivé|suspendu)",
    ),
    ("appeal", "appeal", "user", r"\bappeal(?:ing)?\b|reconsider|overturn|faire\s+appel|réexamen"),
    (
        "legal_rights",
        "notice",
        "user",
        r"defamat|libel|right\s+to\s+(?:be\s+forgotten|erasure)|diffam|vie\s+privée|privacy\s+(?:rights|violation)|without\s+my\s+consent",
    ),
    (
        "partner",
        "request",
        "partner",
        r"\bpartner(?:ship)?\s+(?:manager|team)|trusted\s+(?:partner|flagger)|partenaire",
    ),
)
# What the words of a type need somewhere in a letter: looked for first, as most letters hold few of them.
_STEMS = {
    "emergency_disclosure": "emergency imminent",
    "preservation_request": "preserv gel conservation",
    "data_request": "subpoena warrant production subscriber logs réquisition données",
    "court_order": "court injunction hereby ordonnance judgment interim",
    "ip_counterfeit": "counterfeit replica knock contrefa fake fälschung",
    "ip_copyright": "dmca copyright auteur 512(c) urheberrecht",
    "ip_trademark": "mark marque",
    "regulator_enquiry": "coordinator ofcom arcom bundesnetzagentur protection cnil regulator information formal",
    "government_enquiry": "member senator minister cabinet embassy ambassade",
    "legal_removal": "minist police authority federal préfecture prosecutor procureur",
    "press": "journalist reporter news publi comment record story article rédaction",
    "ads": "account manager campaign reject disapproved publicitaire campagne annonce advertis",
    "commerce": "listing shop store merchant marketplace boutique seller payout",
    "account_access": "hacked hijacked compromised locked disabled suspended taken access cannot compte",
    "appeal": "appeal reconsider overturn appel réexamen",
    "legal_rights": "defamat libel right diffam privée privacy consent",
    "partner": "partner trusted partenaire",
}
_PATTERNS = tuple(
    (Sorted(case_type, kind, asker, True), tuple(_STEMS[case_type].split()), re.compile(rf"(?<!\w)(?:{words})", re.S))
    for case_type, kind, asker, words in _TYPES
)

_ID = r"\s*(?:id|no\.?|number|n[°º]|#|nº)?\s*[:#]?\s*([\w-]{0,40}\d[\w-]{3,40})"
_READ = 20_000  # characters that say what a letter is
_ITEMS = (
    (
        "ad_account",
        re.compile(rf"\b(?:ad|ads|advertising|advertiser)\s+account{_ID}|\bcompte\s+publicitaire{_ID}", re.I),
    ),
    ("ad", re.compile(rf"\b(?:campaign|ad)\s+(?:id|no\.?|number|#){_ID}|\bcampagne\s+(?:id|n[°º]){_ID}", re.I)),
    ("listing", re.compile(rf"\blisting{_ID}|\bannonce\s+(?:id|n[°º]){_ID}", re.I)),
    ("shop", re.compile(rf"\b(?:shop|store|boutique)\s+(?:id|no\.?|number|n[°º]|#){_ID}", re.I)),
    ("product", re.compile(rf"\b(?:product|item|sku)\s+(?:id|no\.?|number|#){_ID}", re.I)),
    (
        "account",
        re.compile(
            rf"\b(?:user|account|profile)\s+(?:id|number|#){_ID}|(?<![\w.@/])@([A-Za-z0-9_.]{{3,30}})(?![\w@.])", re.I
        ),
    ),
    ("post", re.compile(rf"\b(?:post|video|reel|photo)\s+(?:id|number|#){_ID}", re.I)),
)
_FACTS = (
    (
        "campaign_start",
        re.compile(
            r"\b(?:campaign|campagne)[^.\n]{0,40}?\b(?:start(?:s|ing)?|launch(?:es|ing)?|goes\s+live|démarre|commence)\b[^.\n]{0,60}",
            re.I,
        ),
    ),
    (
        "rejected_reason",
        re.compile(
            r"\b(?:rejected|disapproved|refusée?s?)\s+(?:for|because|due\s+to|under|with\s+the\s+reason|pour|car)\b[^.\n]{0,120}",
            re.I,
        ),
    ),
)


def sort_letter(text: str) -> Sorted:
    """The case type that the words of `text` suggest; `user_escalation`, not sure, where none does."""
    lower = text[:_READ].lower()  # the patterns are written in small letters: ignoring case is three times slower
    for proposal, stems, pattern in _PATTERNS:
        if any(stem in lower for stem in stems) and pattern.search(lower):
            return proposal
    return Sorted("user_escalation", "request", "user", False)


def named_items(text: str, platform: str = "") -> tuple[FoundSubject, ...]:
    """Items named by number or handle, then by link: ad accounts, campaigns, listings, shops, accounts, posts."""
    found: list[FoundSubject] = []
    for item_type, pattern in _ITEMS:
        for match in pattern.finditer(text):
            item_id = next(filter(None, match.groups()), "")
            found.append(FoundSubject(platform=platform, item_type=item_type, item_id=item_id))
    return distinct([*found, *(web_subject(link) for link in links(refanged(text)) if link.path)])


def named_facts(text: str) -> dict[str, str]:
    """Facts of advertising letters in their own words: when a campaign starts, why an ad was rejected."""
    found = {name: pattern.search(text) for name, pattern in _FACTS}
    return {name: " ".join(match[0].split()) for name, match in found.items() if match}
