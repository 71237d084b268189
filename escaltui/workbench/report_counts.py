"""What the report counts: cases received, what rose, clocks, the queue, every metric; each as far as it may be told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from escaltui.i18n import N_, _, ngettext
from escaltui.insight.series import Key
from escaltui.insight_faces import NOVEL, SPIKE, InsightFace, MetricFace, SeriesFace
from escaltui.reporting.content import LEAST, Bar, Figure, Part, Table, Trace
from escaltui.reporting.content import told as count
from escaltui.workbench import insight_figures
from escaltui.workbench import insight_words as words
from escaltui.workbench.insight import ALL
from escaltui.workbench.report_telling import (
    Told,
    apart,
    cell,
    hidden,
    kept,
    name_of,
    part,
    public_name,
    share,
    told,
    value,
)

if TYPE_CHECKING:
    from escaltui.workbench.door import Workbench

VOLUMES = ("type", "kind", "country", "area", "product")
CLOCKS = (("statutory_on_time", N_("set by law")), ("sla_on_time", N_("our own")))
ROWS = 12
"""Rows of a table, at most."""


class Week(NamedTuple):
    """What the report is made from: the page, the cases of each series received since, and how many weeks that is."""

    bench: Workbench
    page: InsightFace
    received: dict[Key, int]
    since: int
    weeks: int

    @property
    def total(self) -> int:
        """All cases received."""
        return self.received.get(ALL, 0)


def tiles(week: Week) -> tuple[tuple[str, str, str], ...]:
    """What matters most."""
    queue, page = week.page.queue, week.page
    law = insight_figures.over(week.bench, CLOCKS[0][0], week.since, page.at)
    whole = _whole(page)
    usual = _("usual in 7 days: {n}").format(n=cell(whole.usual)) if whole is not None else ""
    late = _("late: {n}").format(n=part(queue.late, queue.open))
    rose = sum(each.verdict in (SPIKE, NOVEL) and not each.part for each in page.lines)
    ended = _("of {n} that ended").format(n=cell(law.n))
    return (
        (_("Cases received"), cell(week.total), usual), (_("Open now"), cell(queue.open), late),
        (_("Times set by law that were kept"), share((law.value or 0) * law.n, law.n), ended),
        (_("Lines that rose"), str(rose), _("in the last 7 days")),
    )  # fmt: skip


def _whole(page: InsightFace) -> SeriesFace | None:
    return next((each for each in page.lines if each.dim == "all"), None)


# --- volumes


def volumes(week: Week) -> Part:
    """Cases received: by week as a picture, then by each thing."""
    found: list[Table | Figure] = [*_charts(week)]
    said = () if week.total else (_("No case was received."),)
    for dim in VOLUMES:
        found += _volume(week, dim)
    return Part("volumes", _("Volumes"), said, tuple(found))


def _charts(week: Week) -> Iterator[Figure]:
    whole = _whole(week.page)
    if whole is None or len(whole.windows) < 2:
        return
    newest = min(week.weeks, len(whole.windows))
    gone = hidden(whole.windows[-newest:]) if newest > 1 else frozenset()
    first = len(whole.windows) - newest
    values = [None if at - first in gone else kept(n) for at, n in enumerate(whole.windows)]
    usual = whole.high >= LEAST and whole.verdict != "short"
    says = _("Each column is seven days; those of this report stand out. A faint flat one stands for a count under 5.")
    if usual:
        more = _("The band is what is usual: {low} to {high}.").format(low=cell(whole.low), high=cell(whole.high))
        says = f"{says} {more}"
    days = tuple(_days(week.page.at, len(values)))
    yield Figure("columns", _("Cases received in each seven days"), says, (_("seven days to"), _("cases")),
                 days, tuple(each[5:] for each in days), tuple(values), kept(whole.low) if usual else None,
                 whole.high if usual else None, newest)  # fmt: skip


def _days(at: int, windows: int) -> Iterator[str]:
    """The last day of each window, the oldest first."""
    today: date = datetime.fromtimestamp(at / 1000, UTC).date()
    yield from ((today - timedelta(weeks=back)).isoformat() for back in range(windows - 1, -1, -1))


def _volume(week: Week, dim: str) -> Iterator[Table]:
    lines = [each for each in week.page.lines if each.dim == dim]
    counted = [(each, week.received.get((dim, each.key.partition(":")[2]), 0)) for each in lines]
    shown, left = told([each for each in counted if each[1]])
    more, shown = len(shown[ROWS:]), shown[:ROWS]
    if not shown and not left:
        return
    most = max((each.at_least for each in shown), default=1)
    rows = tuple((name_of(each.line), each.cell, cell(each.line.usual), Bar(each.at_least / most)) for each in shown)
    heads = (words.dim_word(dim), _("cases"), _("usual in 7 days"), "")
    said = (
        ngettext("{n} more is not shown.", "{n} more are not shown.", more).format(n=more) if more else "",
        ngettext("{n} line is not told.", "{n} lines are not told.", left).format(n=left) if left else "",
    )
    yield Table(_("By {dim}").format(dim=words.dim_word(dim)), heads, rows, frozenset({1, 2}),
                " ".join(filter(None, said)))  # fmt: skip


# --- what rose


def rises(week: Week) -> Part:
    """What rose in the last seven days, and why it is said so."""
    page = week.page
    rose = [each for each in page.lines if each.verdict in (SPIKE, NOVEL)]
    names = {each.key: name for each in rose if each.now >= LEAST and (name := public_name(week.bench, each))}
    named = [each for each in rose if each.key in names]
    shown = list(apart(week.bench, named, page.lines))[:ROWS]
    led = _heads(each.line for each in shown)
    heads = (_("what"), _("counted by"), _("now"), _("usual"), _("26 windows"), _("why"))
    rows = tuple(_rise(each, led, names) for each in shown)
    table = Table("", heads, rows, frozenset({2, 3}), _unnamed(len(rose) - len(shown)))
    said = tuple(page.said[-1:] if not rose else page.said)
    return Part("rises", _("What rose in the last 7 days"), said, (table,) if shown else ())


def _heads(shown: Iterable[SeriesFace]) -> dict[str, SeriesFace]:
    """The line that stands for each one by whose cases others rose: itself, or the first of them where it is not
    named."""
    lines = list(shown)
    return {each.part: each for each in reversed(lines) if each.part} | {each.key: each for each in lines}


def _rise(found: Told, heads: Mapping[str, SeriesFace], names: Mapping[str, str]) -> tuple[str | Trace, ...]:
    each = found.line
    counts = [*map(kept, each.windows[:-1]), found.at_least]
    trace = Trace(tuple(counts), _("Cases in each seven days, the oldest first: {counts}.").format(
        counts=", ".join([*map(count, counts[:-1]), found.cell])))  # fmt: skip
    by = "" if each.dim == "all" else words.dim_word(each.dim)
    head = heads[each.part] if each.part else each
    why = _reason(each) if head is each else _("by the same cases as {line}").format(line=names[head.key])
    return (names[each.key], by, found.cell, cell(each.usual), trace, why)


def _reason(each: SeriesFace) -> str:
    if each.verdict == NOVEL:
        return _("new: none in the weeks before")
    if each.weeks < 2:
        return _("more than its own weeks before make likely")
    return _("more than its own weeks before make likely, for {n} weeks").format(n=each.weeks)


def _unnamed(left: int) -> str:
    if not left:
        return ""
    said = ngettext("{n} more line rose that is not named here.", "{n} more lines rose that are not named here.", left)
    return said.format(n=left)


# --- clocks, queue, metrics


def clocks(week: Week) -> Part:
    """Times that ended: kept and missed, beside the stretch before."""
    now, span = week.page.at, week.page.at - week.since
    rows = []
    for metric, name in CLOCKS:
        found, before = (insight_figures.over(week.bench, metric, at - span, at) for at in (now, now - span))
        held, held_before = (round((each.value or 0.0) * each.n) for each in (found, before))
        rows.append((_(name), cell(held), cell(found.n - held), share(held, found.n), share(held_before, before.n)))
    heads = (_("clock"), _("kept"), _("missed"), _("share kept"), _("before that"))
    return Part("clocks", _("Clocks that ended"), (), (Table("", heads, tuple(rows), frozenset({1, 2, 3, 4})),))


def queue(week: Week) -> Part:
    """How the queue stands: backlog by the hour, how old, what waits."""
    found = week.page.queue
    values = tuple(kept(n) for _at, n in found.backlog)
    hours = tuple(f"{datetime.fromtimestamp(at / 1000, UTC):%m-%d %H:%M}" for at, _n in found.backlog)
    marks = tuple(each[-5:] for each in hours)
    says = _("Cases open at the end of each hour of the last two days. The line breaks where they are under 5.")
    blocks: list[Table | Figure] = []
    if any(each is not None for each in values):
        blocks.append(
            Figure("line", _("Open cases by the hour"), says, (_("hour, UTC"), _("open cases")), hours, marks, values)
        )
    if found.open >= LEAST:
        blocks.append(_ages(week))
    waits = tuple(_waits(week))
    heads = (_("waits for"), _("waiting"), _("median, h"), _("longest, h"))
    blocks.append(Table(_("What waits"), heads, waits, frozenset({1, 2, 3})))
    said = _("Open now: {open}; late: {late}.").format(open=cell(found.open), late=part(found.late, found.open))
    return Part("queue", _("The queue"), (said,), tuple(blocks))


def _ages(week: Week) -> Table:
    ages = week.page.queue.ages
    gone = hidden([age.n for age in ages])
    most = max((age.n for at, age in enumerate(ages) if at not in gone), default=1)
    rows = tuple(
        (_age(age.since, age.until), _aged(age.n, gone=at in gone), Bar(None if at in gone else age.n / most))
        for at, age in enumerate(ages)
    )
    return Table(_("Open cases by age"), (_("age"), _("cases"), ""), rows, frozenset({1}))


def _aged(n: int, *, gone: bool) -> str:
    return _("not told") if gone and n >= LEAST else cell(n)


def _age(since: int, until: int | None) -> str:
    if until is None:
        return _("{since} and more").format(since=_span(since))
    return _("{since} to {until}").format(since=_span(since), until=_span(until)) if since else (
        _("under {until}").format(until=_span(until)))  # fmt: skip


def _span(hours: int) -> str:
    return _("{n} h").format(n=hours) if hours < 48 else _("{n} d").format(n=hours // 24)


def _waits(week: Week) -> Iterator[tuple[str, ...]]:
    names = {"approval": _("a second yes"), "consult": _("an answer of a team")}
    for wait in week.page.queue.waits:
        few = wait.n < LEAST
        spans = (words.number(hours or 0) if not few else "-" for hours in (wait.median, wait.longest))
        yield (names[wait.what], cell(wait.n), *spans)


def figures(week: Week) -> Part:
    """Every metric over 28 days beside the 28 before, and how often two deciders agreed."""
    rows = tuple(_metric(week.page.metrics))
    heads = (_("metric"), _("last 28 days"), _("cases"), _("28 days before"), _("cases"))
    both = week.page.agreement
    n = both.agreed + both.returned
    said = _("A second yes came at once in {share} of {n} decisions.").format(share=share(both.agreed, n), n=cell(n))
    return Part("figures", _("What it came to"), (said,) if n >= LEAST else (),
                (Table("", heads, rows, frozenset({1, 2, 3, 4})),))  # fmt: skip


def _metric(found: Iterable[MetricFace]) -> Iterator[tuple[str, ...]]:
    for each in found:
        yield (words.metric_word(each.metric), value(each.metric, each.value, each.n), cell(each.n),
               value(each.metric, each.before, each.before_n), cell(each.before_n))  # fmt: skip
