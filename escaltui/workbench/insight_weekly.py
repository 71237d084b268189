"""The report of the week as Markdown: volumes, clocks, what rose and why, incidents, risks, policies that changed.

It may leave the desk, so cells under 5 are suppressed, and where one suppressed cell could be told from the total
another goes with it. No names but authorities': no requester else, no word of a case, no title, no colleague.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from escaltui import wording
from escaltui.domain.entities import Goal, Recommendation, Requester
from escaltui.i18n import N_, _, ngettext
from escaltui.insight.series import SERIES, WEEK
from escaltui.insight_faces import NOVEL, SPIKE, InsightFace, SeriesFace
from escaltui.store import policy_reading, standing
from escaltui.workbench import insight, insight_figures, watching
from escaltui.workbench import insight_words as words

if TYPE_CHECKING:
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

LEAST = 5
"""A cell of fewer is not told."""
AUTHORITIES = frozenset({"government", "law_enforcement", "court", "regulator"})
VOLUMES = ("type", "kind", "country", "area", "product")
UNNAMED = frozenset({"word"})
"""A word of a case may be somebody's name."""
CLOCKS = (("statutory_on_time", N_("set by law")), ("sla_on_time", N_("our own")))


def report(desk: Workbench) -> str:
    """The week up to now as Markdown; `insight.prepare` first. Raises StoreError."""
    page = insight.page(desk, shown=SERIES)
    parts = (_head(page), _volumes(page), _clocks(desk), _rises(desk, page), _incidents(desk), _risks(desk),
             _policies(desk), _loop(desk), _foot())  # fmt: skip
    return "\n".join(line for part in parts for line in part).rstrip() + "\n"


def cell(n: float) -> str:
    """A count, unless it is under 5."""
    return words.number(n) if n >= LEAST else _("under 5")


def _day(instant: int) -> str:
    return datetime.fromtimestamp(instant / 1000, UTC).date().isoformat()


def _plain(text: str) -> str:
    """A text as one cell: nothing of it is Markdown."""
    return "".join("\\" + sign if sign in "\\`*_{}[]<>()#+!|" else sign for sign in text)


def _table(*heads: str, body: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|" + " --- |" * len(heads)
    for row in body:
        yield "| " + " | ".join(row) + " |"


def _head(page: InsightFace) -> Iterator[str]:
    yield "# " + _("Week to {day}").format(day=_day(page.at))
    yield ""
    yield _("Seven days from {since} to {until}, in UTC.").format(since=_day(page.since), until=_day(page.at))
    yield ""


def _volumes(page: InsightFace) -> Iterator[str]:
    total = next((each.now for each in page.lines if each.dim == "all"), 0)
    yield "## " + _("Volumes")
    yield ""
    yield _("Cases received: {n}. Open now: {open}, late: {late}.").format(
        n=cell(total), open=cell(page.queue.open), late=cell(page.queue.late))  # fmt: skip
    yield ""
    for dim in VOLUMES:
        yield from _volume(dim, [each for each in page.lines if each.dim == dim and each.now])


def _volume(dim: str, found: list[SeriesFace]) -> Iterator[str]:
    shown, left = told(sorted(found, key=lambda each: -each.now))
    if shown:
        heads = (words.dim_word(dim), _("cases"), _("usual"))
        yield from _table(*heads, body=((_plain(each.value.value), cell(each.now), cell(each.usual)) for each in shown))
        yield ""
    if left:
        said = ngettext("By {dim}: {n} line is not told.", "By {dim}: {n} lines are not told.", left)
        yield said.format(dim=words.dim_word(dim), n=left)
        yield ""


def told(found: Sequence[SeriesFace]) -> tuple[list[SeriesFace], int]:
    """The lines that may be told, the most first, and how many are not: never so few that the total gives them away."""
    shown = [each for each in found if each.now >= LEAST]
    left = [each.now for each in found if each.now < LEAST]
    while shown and left and (len(left) == 1 or sum(left) < LEAST):
        left.append(shown.pop().now)
    return shown, len(left)


def _clocks(desk: Workbench) -> Iterator[str]:
    now, body = desk.now(), []
    for metric, name in CLOCKS:
        found = insight_figures.over(desk, metric, now - WEEK, now)
        kept = round((found.value or 0.0) * found.n)
        body.append((_(name), cell(kept), cell(found.n - kept)))
    yield "## " + _("Clocks that ended")
    yield ""
    yield from _table(_("clock"), _("kept"), _("missed"), body=body)
    yield ""


def _rises(desk: Workbench, page: InsightFace) -> Iterator[str]:
    rose = [each for each in page.lines if each.verdict in (SPIKE, NOVEL) and each.now >= LEAST]
    shown = [each for each in rose if _may_name(desk, each)]
    yield "## " + _("What rose")
    yield ""
    if not rose:
        yield page.said[-1] if page.said else ""
    if shown:
        heads = (_("counted by"), _("what"), _("now"), _("usual"), _("why"))
        yield from _table(*heads, body=(
            (words.dim_word(each.dim), _plain(each.value.value), cell(each.now), cell(each.usual), _reason(each))
            for each in shown))  # fmt: skip
    if len(rose) > len(shown):
        yield ""
        left = len(rose) - len(shown)
        said = ngettext("{n} more line rose that is not named here.", "{n} more lines rose that are not named here.",
                        left)  # fmt: skip
        yield said.format(n=left)
    yield ""


def _may_name(desk: Workbench, each: SeriesFace) -> bool:
    if each.dim != "requester":
        return each.dim not in UNNAMED
    found = desk.store.row(Requester.NAME, each.key.partition(":")[2])
    return isinstance(found, Requester) and found.kind in AUTHORITIES


def _reason(each: SeriesFace) -> str:
    if each.verdict == NOVEL:
        return _("new: none in the weeks before")
    said = ngettext("more than its own weeks before make likely, for {n} week",
                    "more than its own weeks before make likely, for {n} weeks", max(1, each.weeks))  # fmt: skip
    return said.format(n=max(1, each.weeks))


def _incidents(desk: Workbench) -> Iterator[str]:
    found = desk.incidents(running=True)
    yield "## " + _("Incidents")
    yield ""
    if found:
        body = ((each.ref, f"S{each.severity}", wording.word(each.state), cell(each.cases)) for each in found)
        yield from _table(_("incident"), _("severity"), _("state"), _("cases"), body=body)
    else:
        yield _("No incident runs.")
    yield ""


def _risks(desk: Workbench) -> Iterator[str]:
    found = watching.risks(desk, "open")
    yield "## " + _("Risks")
    yield ""
    said = _("Open: {n}. Their review is overdue: {late}. Likelihood times impact is 6 or more: {high}.")
    yield said.format(n=len(found), late=sum(each.late for each in found),
                      high=sum(each.likelihood * each.impact >= 6 for each in found))  # fmt: skip
    yield ""


def _policies(desk: Workbench) -> Iterator[str]:
    since = datetime.fromtimestamp((desk.now() - WEEK) / 1000, UTC).date()

    def count(connection: Connection) -> tuple[int, int]:
        new = [sum(each.observed_on > since and each.kind == "substantive" and not each.same_as
                   for each in policy_reading.versions_of(connection, document.key))
               for document in policy_reading.documents(connection)]  # fmt: skip
        return sum(new), sum(map(bool, new))

    versions, documents = desk.store.read(count)
    yield "## " + _("Policy changes")
    yield ""
    yield _("New versions: {versions}, of {documents} documents.").format(versions=versions, documents=documents)
    yield ""


def _loop(desk: Workbench) -> Iterator[str]:
    waiting, accepted, goals = desk.store.read(lambda connection: (
        len(standing.standing(connection, Recommendation, ("proposed",))),
        len(standing.standing(connection, Recommendation, ("accepted",))),
        len(standing.standing(connection, Goal, ("open",)))))  # fmt: skip
    yield "## " + _("Recommendations and goals")
    yield ""
    said = _(
        "Recommendations that wait for a lead: {waiting}, accepted and not shipped: {accepted}. Open goals: {goals}."
    )
    yield said.format(waiting=waiting, accepted=accepted, goals=goals)
    yield ""


def _foot() -> Iterator[str]:
    yield _("Counts under 5 are not told, nor what they could be told from. No names but authorities'.")
