"""A requester's figures in words, for the page and the plain commands."""

from __future__ import annotations

from collections.abc import Iterator

from escaltui import when, wording
from escaltui.i18n import N_, _, ngettext
from escaltui.insight.ledger import ENDED, GRANTED, OPEN, OTHER, PARTLY, REFUSED, Counts, Ledger
from escaltui.requester_faces import ThreadFace
from escaltui.workbench.insight_words import number

ANSWERS = {
    GRANTED: N_("granted"), PARTLY: N_("in part"), REFUSED: N_("not granted"), OTHER: N_("otherwise"),
    ENDED: N_("undecided"), OPEN: N_("open"),
}  # fmt: skip
"""What came of a case, as people read it."""
BAR, REST = "█", "▄"


def answer_word(answer: str) -> str:
    """What came of a case."""
    return _(ANSWERS[answer])


def other(counts: Counts) -> int:
    """What was neither granted, wholly or in part, nor refused, and is settled."""
    return counts.otherwise + counts.undecided


def bar(counts: Counts, most: int, width: int) -> tuple[str, str]:
    """How much was asked, against the most of the lines, as (what was granted, wholly or in part; the rest)."""
    whole = round(counts.asked * width / most) if most else 0
    whole = max(whole, 1 if counts.asked and width > 0 else 0)
    yes = round(whole * (counts.granted + counts.partly) / counts.asked) if counts.asked else 0
    return BAR * yes, REST * (whole - yes)


def asked(found: Ledger) -> str:
    """How much was asked, since when, and what of it is open."""
    if found.first is None or found.last is None:
        return _("Asked for nothing yet.")
    said = ngettext("{n} case since {since}, the last {last}.", "{n} cases since {since}, the last {last}.",
                    found.total.asked)  # fmt: skip
    told = said.format(n=found.total.asked, since=when.day(found.first), last=when.day(found.last))
    if found.total.open:
        still = ngettext("{n} is open, {late} late.", "{n} are open, {late} late.", found.total.open)
        told += " " + still.format(n=found.total.open, late=found.late)
    return told


def checks(found: Ledger) -> Iterator[str]:
    """How its reports were verified, by which methods, and how many were incomplete."""
    if not found.reports:
        yield _("No report of theirs is here.")
        return
    counted = {state: found.checks.get(state, 0) for state in ("verified", "failed", "unverified")}
    said = ngettext("{n} report: {verified} verified, {failed} not genuine, {unverified} not verified.",
                    "{n} reports: {verified} verified, {failed} not genuine, {unverified} not verified.",
                    found.reports)  # fmt: skip
    yield said.format(n=found.reports, **counted)
    if found.methods:
        ways = ", ".join(f"{wording.word(name)} {count}" for name, count in found.methods.items())
        yield _("Verified by: {ways}.").format(ways=ways)
    if found.incomplete:
        said = ngettext("Something was missing from {n} of them.", "Something was missing from {n} of them.",
                        found.incomplete)  # fmt: skip
        yield said.format(n=found.incomplete)


def times(found: Ledger) -> Iterator[str]:
    """How long decisions took, and how many an appeal overturned."""
    if found.median is None or found.slow is None:
        yield _("Nothing was decided yet.")
        return
    said = ngettext("{n} decided: half of them within {median} h of receipt, nine in ten within {slow} h.",
                    "{n} decided: half of them within {median} h of receipt, nine in ten within {slow} h.",
                    found.decided)  # fmt: skip
    yield said.format(n=found.decided, median=number(found.median), slow=number(found.slow))
    if found.reversed:
        said = ngettext("{n} was overturned on appeal.", "{n} were overturned on appeal.", found.reversed)
        yield said.format(n=found.reversed)


def thread(each: ThreadFace, now: int) -> str:
    """How many letters went each way, and how the last one stands."""
    said = _("{sent} sent, {received} received; the last {time}: {state}")
    state = _("not sent") if each.state == "failed" else wording.word(each.state)
    return said.format(sent=each.sent, received=each.received, time=when.brief(each.at, now), state=state)


def share(ratio: float) -> str:
    """How alike two names are."""
    return _("the same name") if ratio >= 1 else _("{n} % alike").format(n=min(99, round(100 * ratio)))
