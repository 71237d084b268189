"""Laws and articles that a letter cites, in the words it cites them by."""

from __future__ import annotations

import re

_NUMBER = r"(?:[LRDA]\.?\s?)?\d{1,4}(?:[.\-–]\d{1,4}){0,3}[a-z]?(?:\s?\(\w{1,3}\)){0,2}"
_LAWS = (
    re.compile(rf"\b(?:Articles?|Arts?\.|Sections?|Sect?\.)\s+{_NUMBER}", re.I),
    re.compile(rf"\b(?:artículos?|artigos?|articolo|artikel|madde|pasal)\s+{_NUMBER}", re.I),
    re.compile(rf"§{{1,2}}\s?{_NUMBER}"),
    re.compile(r"第[一二三四五六七八九十百千零〇两\d]{1,8}条(?:之[一二三四五六七八九十])?"),
    re.compile(r"\bстат(?:ья|ьи|ье|ью|ей|ьёй|ьями|ьях)\s+\d{1,4}(?:\.\d{1,3}){0,2}", re.I),
    re.compile(r"\bст\.\s?\d{1,4}(?:\.\d{1,3}){0,2}"),
    re.compile(r"(?:№|\bN)\s?\d{1,4}-(?:ФЗ|FZ)\b|\b\d{1,4}-(?:ФЗ|FZ)\b"),
    re.compile(r"\b\d{1,3}\s+U\.?\s?S\.?\s?C\.?(?:ode)?\s+(?:§\s?)?\d{1,5}(?:\([a-z\d]{1,3}\)){0,3}"),
    re.compile(
        r"\b(?:Regulation|Directive|Règlement|Verordnung)\s+\((?:EU|UE|EC|CE)\)\s+(?:No\.?\s+)?\d{2,4}/\d{1,4}", re.I
    ),
    re.compile(
        r"\b(?:[A-Z][a-z]+\s+(?:and\s+|of\s+)?){1,6}(?:Act|Code|Ordinance)(?:,?\s+(?:of\s+)?(?:19|20)\d\d\b|\s+\(Cap\.?\s?\d+\))"
    ),
    re.compile(r"\b(?:Ley|Lei|Loi|Legge)\s+(?:Orgánica\s+)?(?:n[°ºo]\.?\s?)?\d{1,5}[/\-]\d{2,4}", re.I),
    re.compile(r"\b(?:Cap\.?\s?\d{2,4}|Chapter\s+\d{2,4})\b"),
)
_LIMIT = 200


def laws_in(text: str) -> tuple[str, ...]:
    """The citations in `text`, in order of place, each once, with single spaces; at most 200."""
    found: dict[str, int] = {}
    for pattern in _LAWS:
        for match in pattern.finditer(text):
            words = " ".join(match[0].split())
            found[words] = min(found.get(words, match.start()), match.start())
    return tuple(sorted(found, key=lambda words: found[words]))[:_LIMIT]
