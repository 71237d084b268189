"""Commands of insight: list, cases, keep, kept, weekly; what becomes of an insight is in `learning`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterator

from escaltui.commands import learning
from escaltui.commands.output import DONE, Column, Output, Value
from escaltui.commands.reading import COLUMNS, facts
from escaltui.commands.verbs import UsageError
from escaltui.domain.entities import Insight
from escaltui.i18n import _
from escaltui.insight.series import SERIES
from escaltui.insight_faces import DIMS, InsightFace, SeriesFace
from escaltui.store import standing
from escaltui.workbench import NotKnown, Workbench, insight, insight_words, report, watching
from escaltui.workbench.insight_telling import usual_word, verdict_word

LINES = 20
SERIES_COLUMNS = (
    Column("dim", "BY", 12), Column("value", "SERIES", 26), Column("now", "NOW", 5), Column("usual_told", "USUAL", 9),
    Column("says", "VERDICT", 0),
)  # fmt: skip
KEPT = (Column("insight", "ID", 26), Column("state", "STATE", 9), Column("observed", "N", 5), Column("says", "WHAT", 0))


def run(bench: Workbench, args: Namespace, output: Output) -> int:
    """What rose; without a sub-command, the table."""
    return _INSIGHT[args.action or "list"](bench, args, output)


def counted(bench: Workbench, output: Output) -> None:
    """Count what is not counted yet, and say so where it may take a while."""
    at = insight.standing(bench)
    if not at.ready and at.total - at.done > 5000:
        output.warn(_("Counting {n} cases for the first time.").format(n=at.total - at.done))
    insight.prepare(bench)


def _listed(bench: Workbench, args: Namespace, output: Output) -> int:
    counted(bench, output)
    page = insight.page(bench, args.by, args.limit or LINES)
    for said in page.said:
        output.say(said)
    output.records(map(_line, page.lines), SERIES_COLUMNS)
    if page.dimmed:
        output.say(_("{n} more lines: --limit shows more, --by one dimension.").format(n=page.dimmed))
    output.records(_beside(page), (Column("part", "WHAT", 9), Column("says", "", 0)), head=False)
    return DONE


def _line(each: SeriesFace) -> dict[str, Value]:
    told = usual_word(each)
    return {"part": "series", "key": each.key, "dim": each.dim, "value": each.value, "now": each.now,
            "usual": each.usual, "usual_told": told, "low": each.low, "high": each.high, "n": each.now,
            "verdict": each.verdict, "verdict_told": verdict_word(each), "says": each.says, "weeks": each.weeks,
            "expected": each.expected, "p": each.p, "windows": list(each.windows), "query": each.query,
            "part_of": each.part}  # fmt: skip


def _beside(page: InsightFace) -> Iterator[dict[str, Value]]:
    """How the queue stands, then every figure."""
    queue = page.queue
    yield {
        "part": "queue",
        "open": queue.open,
        "late": queue.late,
        "backlog": [n for _at, n in queue.backlog],
        "says": _("{open} cases are open, {late} of them late.").format(open=queue.open, late=queue.late),
    }
    for age in queue.ages:
        until = _("{n} h").format(n=age.until) if age.until is not None else _("no end")
        said = _("{n} open from {since} h to {until}.").format(n=age.n, since=age.since, until=until)
        yield {"part": "age", "since": age.since, "until": age.until, "n": age.n, "query": age.query, "says": said}
    for wait in queue.waits:
        said = _("{n} wait, half of them {median} h or more, the longest {longest} h; {late} late.")
        yield {"part": wait.what, "n": wait.n, "median": wait.median, "longest": wait.longest, "late": wait.late,
               "query": wait.query, "says": _("Nothing waits.") if not wait.n else said.format(
                   n=wait.n, median=insight_words.number(wait.median or 0),
                   longest=insight_words.number(wait.longest or 0), late=wait.late)}  # fmt: skip
    for each in page.metrics:
        yield {"part": "figure", "metric": each.metric, "value": each.value, "n": each.n, "before": each.before,
               "before_n": each.before_n, "unit": each.unit, "says": each.says}  # fmt: skip
    share = page.agreement
    yield {"part": "agreement", "agreed": share.agreed, "returned": share.returned, "share": share.share,
           "says": share.says}  # fmt: skip


def _cases(bench: Workbench, args: Namespace, output: Output) -> int:
    _checked(args.key)
    counted(bench, output)
    now = bench.now()
    found = (bench.store.line(key) for key in insight.cases(bench, args.key, args.limit or 1000))
    rows = [facts(row, now) for row in found if row is not None]
    output.records(rows, COLUMNS)
    if not rows:
        output.warn(_("No case of the last 7 days is behind {key}.").format(key=args.key))
    return DONE


def _checked(key: str) -> None:
    """Raises UsageError for what names no line."""
    dim, colon, _value = key.partition(":")
    if not colon or dim not in DIMS:
        raise UsageError(
            _("{key!r} names no line: write country:BR, as escaltui insight --json shows.").format(key=key)
        )


def _keep(bench: Workbench, args: Namespace, output: Output) -> int:
    _checked(args.key)
    counted(bench, output)
    page = insight.page(bench, args.key.partition(":")[0], SERIES)
    found = next((each for each in page.lines if each.key == args.key), None)
    if found is None:
        raise NotKnown(_("There is no line {key} now. escaltui insight --by lists them.").format(key=args.key))
    outcome = insight.keep(bench, found, where=watching.desk_of(bench), op_id=args.op_id)
    return learning.said(outcome, output, "insight keep")


def _kept(bench: Workbench, args: Namespace, output: Output) -> int:
    states = ("open", "linked", "dismissed")
    rows = bench.store.read(lambda connection: standing.standing(connection, Insight, states))
    output.records(({"insight": each.id, "state": each.state, "kind": each.kind, "key": each.key, "series": each.series,
                     "observed": each.observed, "expected": each.expected, "says": each.says, "reason": each.reason,
                     "recommendation": each.recommendation, "cases": list(each.cases)} for each in rows),
                   KEPT)  # fmt: skip
    return DONE


def _weekly(bench: Workbench, args: Namespace, output: Output) -> int:
    counted(bench, output)
    output.write(report.text(bench, args.format))
    return DONE


_INSIGHT: dict[str, Callable[[Workbench, Namespace, Output], int]] = {
    "list": _listed, "cases": _cases, "keep": _keep, "kept": _kept, "weekly": _weekly,
    **learning.INSIGHT,
}  # fmt: skip
