"""What leaves as text: cells of a CSV file that no spreadsheet runs, and questions without live links."""

from __future__ import annotations

import re
from collections.abc import Iterable

from escaltui.safety.text import defanged

# What makes a spreadsheet read a formula (OWASP, "CSV Injection"): in ASCII, in full and small width, and the minus and
# plus of mathematics; also behind spaces, controls and what nobody sees, since programs drop some of these on reading.
_UNSEEN = "\\s\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
_UNSEEN += "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff"
_TRIGGER = re.compile(f"[{_UNSEEN}]*[-=+@＝＋－＠﹦﹢﹣﹫−⁼⁺⁻₌₊₋\t\r\n\x00]")
_LINK = re.compile(r"(?i)[a-z][a-z0-9+.-]*:(?://|\\\\)\S+|\bwww\.\S+|\b(?:[\w-]+\.)+(?-i:[a-z]{2,})\b(?:[/?#:]\S*)?")


def csv_cell(s: str) -> str:
    """`s`, with `'` in front where a spreadsheet might run it; reads back as `s` less that `'`. Twice is as once."""
    return "'" + s if _TRIGGER.match(s) else s


def csv_row(cells: Iterable[str]) -> str:
    """One record by RFC 4180: each cell guarded by `csv_cell` and quoted, ending in CR LF."""
    return ",".join('"' + csv_cell(cell).replace('"', '""') + '"' for cell in cells) + "\r\n"


def without_links(text: str) -> str:
    """A text in which every link, with its scheme or bare, is defanged: no mail program makes one of it."""
    return _LINK.sub(lambda found: defanged(found[0]), text)
