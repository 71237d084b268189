"""The columns of a case list: `SV CLOCK REF TYPE FROM HELD FLAG TITLE`, what came from outside last."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from escaltui.i18n import N_, _
from escaltui.line_faces import QueueLine
from escaltui.safety.text import SafeText, cells, cut, own
from escaltui.widgets.masked import title
from escaltui.widgets.words import clock_words, severity_words, verified_word
from escaltui.wording import word

Cell = tuple[SafeText, str]
HEADS = (N_("SV"), N_("CLOCK"), N_("REF"), N_("TYPE"), N_("FROM"), N_("HELD"), N_("FLAG"), N_("TITLE"))


class Widths(NamedTuple):
    """Cells of each column but the last; the title takes the rest."""

    severity: int
    clock: int
    ref: int
    type: int
    requester: int
    held: int
    flag: int


SLIM = Widths(4, 11, 8, 12, 0, 7, 0)
NARROW = Widths(4, 11, 8, 13, 12, 7, 0)
MIDDLE = Widths(4, 12, 8, 15, 17, 8, 6)
WIDE = Widths(4, 12, 8, 18, 24, 9, 6)
ROOMY = Widths(4, 13, 9, 22, 30, 12, 6)
SIGN = 3
"""Cells for `>` and `x`."""
_NONE = own("-")


def widths(width: int) -> Widths:
    """The columns for a list of `width` cells."""
    if width < 76:
        return SLIM
    if width < 120:
        return NARROW if width < 100 else MIDDLE
    return WIDE if width < 150 else ROOMY


def clock_span(width: int) -> range:
    """The cells of the clock column in a list of `width` cells."""
    columns = widths(width)
    return range(SIGN + columns.severity, SIGN + columns.severity + columns.clock)


def heads(columns: Widths) -> list[tuple[SafeText, str, int]]:
    """The head line as (text, look, cells)."""
    words = [own(_(head)) for head in HEADS]
    return [(own(""), "", SIGN), *((word, "quiet", size) for word, size in zip(words, (*columns, 99), strict=True))]


def row(line: QueueLine, now: int, columns: Widths, *, cursor: bool, marked: bool) -> list[tuple[SafeText, str, int]]:
    """One case as (text, look, cells) for each column."""
    sign = own(f"{'>' if cursor else ' '}{'x' if marked else ' '}")
    severity, clock, flags = severity_words(line.severity), clock_words(line, now), _flags(line)
    return [
        (sign, "mark" if marked else "", SIGN),
        (*severity, columns.severity),
        (*clock, columns.clock),
        (own(line.ref), "", columns.ref),
        (_type_words(line.type, columns.type - 1), "", columns.type),
        (requester(line, columns.requester - 1), "", columns.requester),
        (*_held(line), columns.held),
        (*flags, columns.flag or (cells(flags[0]) + 1 if flags[0] else 0)),
        (title(line.title), "", 999),
    ]


def requester(line: QueueLine, room: int) -> SafeText:
    """Who asks, and whether the report is verified where there is room to say so."""
    word = verified_word(line.verified, line.requester_kind) if room >= 20 else ""
    if not word:
        return cut(line.requester, room)
    return cut(line.requester, room - cells(word) - 1) + own(f" {word}")


def _type_words(case_type: str, room: int) -> SafeText:
    """A case's type in the reader's words."""
    return cut(own(word(case_type)), room)


def _held(line: QueueLine) -> Cell:
    if line.mine:  # hollow while the server has not said yes
        return (own(f"({_('you')})"), "pending") if line.claim_waits else (own(_("you")), "mine")
    return (own(line.held_by), "") if line.held_by else (_NONE, "quiet")


@lru_cache(maxsize=8)
def _flag_words(pending: bool, hidden: bool) -> SafeText:
    return own(("~" if pending else "") + ("?" if hidden else ""))


def _flags(line: QueueLine) -> Cell:
    return _flag_words(line.pending, line.hidden), "hidden" if line.hidden else "pending"


def placeholder() -> Sequence[tuple[SafeText, str, int]]:
    """A row that is not here yet."""
    return [(own(""), "", SIGN), (own("..."), "quiet", 99)]
