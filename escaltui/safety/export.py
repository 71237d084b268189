"""Cells of a CSV file that a spreadsheet shows as text and never runs as a formula."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What makes a spreadsheet read a formula (OWASP, "CSV Injection"), in ASCII and full or small width, even after spaces.
_TRIGGER = re.compile("[\\s\u200b\u2060\ufeff]*[-=+@＝＋－＠﹦﹢﹣﹫\t\r\n\0]")


def csv_cell(s: str) -> str:
    """`s`, with `'` in front where a spreadsheet might run it; reads back as `s` less that `'`. Twice is as once."""
    return "'" + s if _TRIGGER.match(s) else s


def csv_row(cells: Iterable[str]) -> str:
    """One record by RFC 4180: each cell guarded by `csv_cell` and quoted, ending in CR LF."""
    return ",".join('"' + csv_cell(cell).replace('"', '""') + '"' for cell in cells) + "\r\n"
