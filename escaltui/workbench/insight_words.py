"""Trends in sentences: what a series did, what a metric came to, what there is too little of to say."""

from __future__ import annotations

from collections.abc import Sequence

from escaltui.i18n import N_, _, language, ngettext
from escaltui.insight import detection
from escaltui.insight.detection import Finding
from escaltui.insight.metrics import MEASURES, Figure
from escaltui.insight.series import GAP, LEAST, WINDOWS
from escaltui.insight.usual import Range

METRICS = {
    "volume": N_("cases received"),
    "decide_p50": N_("from received to in force, half of them within"),
    "decide_p90": N_("from received to in force, nine in ten within"),
    "statutory_on_time": N_("times set by law that were kept"),
    "sla_on_time": N_("times of our own that were kept"),
    "reversal_rate": N_("appeals decided that overturned"),
    "reopen_rate": N_("decided cases that were opened again"),
    "consult_p50": N_("questions to teams, half of them answered within"),
}
"""Metrics as people read them."""
DIMS = {
    "all": N_("all cases"), "type": N_("type"), "area": N_("policy area"), "section": N_("policy section"),
    "country": N_("country"), "product": N_("product"), "requester": N_("requester"), "kind": N_("kind of requester"),
    "channel": N_("channel"), "root": N_("root cause"), "outcome": N_("outcome"), "word": N_("word"),
    "area_country": N_("policy area and country"), "kind_country": N_("kind of requester and country"),
}  # fmt: skip
"""What cases are counted by, as people read it."""


def number(found: float) -> str:
    """A figure with one decimal at most."""
    told = f"{found:.1f}".removesuffix(".0")
    return told.replace(".", ",") if language() == "fr" else told


def dim_word(dim: str) -> str:
    """What a line is counted by."""
    return _(DIMS.get(dim, dim))


def metric_word(metric: str) -> str:
    """A metric as people read it."""
    return _(METRICS.get(metric, metric))


def verdict(windows: Sequence[int], usual: Range, found: Finding, weeks: int) -> str:
    """A line's verdict with its figures; `weeks` is how many windows are usual."""
    figures = {"now": windows[-1], "usual": number(usual.median), "low": usual.low, "high": usual.high, "weeks": weeks}
    match found.verdict:
        case detection.SHORT:
            said = _("{now} in the last 7 days. {weeks} weeks before them are too few to say what is usual.")
        case detection.NOVEL:
            said = _("{now} in the last 7 days, and none in {weeks} weeks before.")
        case detection.SPIKE:
            said = _("{now} in the last 7 days, where {usual} is usual ({low} to {high} in {weeks} weeks).")
        case _:
            said = _("{now} in the last 7 days; {usual} is usual ({low} to {high} in {weeks} weeks).")
    if found.over > 1:
        together = _("What stands out are {total} in the last {n} weeks together.")
        said += " " + together.format(total=sum(windows[-found.over :]), n=found.over)
    lasts = " " + _("It has been so for {n} weeks.").format(n=found.weeks) if found.weeks > 1 else ""
    return said.format(**figures) + lasts


def part_of(dim: str, value: str) -> str:
    """That a line rose by the cases of another."""
    return _("It rose by the cases of another line: {dim} {value}.").format(dim=dim_word(dim), value=value)


def counted(done: int, total: int) -> tuple[str, ...]:
    """That not all is counted yet, where it is so."""
    if done >= total:
        return ()
    return (_("{done} of {total} cases are counted so far.").format(done=done, total=total),)


def page(series: int, rose: int, history: int, grown: float = 1.0, parts: int = 0, *, cases: int) -> tuple[str, ...]:
    """The page in sentences. `parts` of the series that rose did so by the cases of another; `cases`: all there are."""
    if not cases:
        return (_("There are no cases yet."),)
    if not series:
        return (_("No case came in the last {n} weeks.").format(n=WINDOWS),)
    if history - GAP < LEAST:
        said = _("Cases go back {weeks} whole weeks; from {least} on it can be told what is usual.")
        return (said.format(weeks=history, least=LEAST + GAP),)
    if not rose:
        return (_("Nothing rose: {series} series are as usual.").format(series=series),)
    said = ngettext("{n} of {series} series rose.", "{n} of {series} series rose.", rose - parts)
    together = _("Everything together rose {times} times over; the lines that rose more than that come first.")
    told = (together.format(times=number(grown)),) if grown > 1 else ()
    if parts:
        same = ngettext("{n} more rose by the same cases and stands behind.",
                        "{n} more rose by the same cases and stand behind.", parts)  # fmt: skip
        told = (*told, same.format(n=parts))
    return (said.format(n=rose - parts, series=series), *told)


def figure(metric: str, now: Figure, before: Figure) -> str:
    """A metric beside what it was."""
    said = _("{metric}: {value} (n = {n}); before that {before} (n = {before_n}).")
    return said.format(metric=metric_word(metric), value=value(metric, now.value), n=now.n,
                       before=value(metric, before.value), before_n=before.n)  # fmt: skip


def value(metric: str, found: float | None) -> str:
    """A metric's value with its unit."""
    if found is None:
        return _("nothing to count")
    unit = MEASURES[metric][1]
    if unit == "share":
        return _("{share} %").format(share=number(100 * found))
    return _("{hours} h").format(hours=number(found)) if unit == "hours" else number(found)


def effect(metric: str, before: Figure, after: Figure) -> str:
    """A metric before and after something was done."""
    said = _("{metric}: {before} before (n = {before_n}), {after} after (n = {after_n}). There is no control group.")
    return said.format(metric=metric_word(metric), before=value(metric, before.value), before_n=before.n,
                       after=value(metric, after.value), after_n=after.n)  # fmt: skip


def agreement(agreed: int, returned: int) -> str:
    """How often a second decider said yes."""
    if not agreed + returned:
        return _("No second yes was asked for in the last 28 days.")
    said = _("{agreed} of {n} decisions got the second yes without being sent back.")
    return said.format(agreed=agreed, n=agreed + returned)
