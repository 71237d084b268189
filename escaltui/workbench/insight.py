"""Trends for the page, the plain commands and reports: what rose, how the queue stands, what it came to, in words.

Counting is the store's (`store.insights`), the figures are `escaltui.insight`'s. `prepare` counts what is not counted
yet, in a thread, with progress; `page` itself is quick. Everything counts only what is on this device.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import sqrt
from typing import TYPE_CHECKING, Literal

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Insight, Requester
from escaltui.domain.operations import KeepInsight
from escaltui.insight import detection, series
from escaltui.insight.detection import Finding
from escaltui.insight.series import GAP, LATER, WEEK, Key
from escaltui.insight.usual import usual
from escaltui.insight_faces import BuildFace, InsightFace, SeriesFace
from escaltui.safety.text import SafeText, line
from escaltui.store import insight_counts, insight_rows, insights, rows
from escaltui.store.values import Done
from escaltui.workbench import insight_words as words
from escaltui.workbench.insight_figures import agreement, figures, queue
from escaltui.workbench.requesters import by_all_names

if TYPE_CHECKING:
    from escaltui.store.driver import Connection
    from escaltui.store.insight_counts import Counts
    from escaltui.workbench.door import Workbench

SHOWN = 120
"""Lines of the page: the queries find the others."""
SAME = 2 * WEEK
"""An insight kept so long ago at most goes on, where its series is still high."""
EVIDENCE = 200
Kind = Literal["spike", "novel", "manual"]
_ROSE = (detection.SPIKE, detection.NOVEL)
_QUERIES = {"type": "type", "section": "policy", "country": "country", "product": "product", "requester": "requester",
            "kind": "from", "root": "root", "outcome": "outcome"}  # fmt: skip
ALL = ("all", "")
_NAMED = "\n"
"""Between the two parts of a series' name where detection is given it: in neither of them."""
_TELLING = ("requester", "section", "type", "product", "kind_country", "area_country", "area", "kind", "country",
            "channel", "all", "word", "root", "outcome")  # fmt: skip
"""What tells most about cases that several lines rose by: the first of them stands for the others, but all cases for
what nearly all of them are."""
_ORDER = {dim: place for place, dim in enumerate(series.QUOTAS)}


def prepare(
    desk: Workbench, tell: Callable[[BuildFace], None] = lambda at: None, stopped: Callable[[], bool] = lambda: False
) -> bool:
    """Count what is not counted yet; whether all is. For a thread: the first time it takes a while, and it can be
    stopped and gone on with. Raises StoreError."""
    return insights.refresh(desk.store, desk.now(), lambda at: tell(BuildFace(*at)), stopped)


def standing(desk: Workbench) -> BuildFace:
    """How far the first count has come."""
    return BuildFace(*desk.store.read(insights.progress))


def page(desk: Workbench, dim: str = "", shown: int = SHOWN) -> InsightFace:
    """The page as counted so far, `prepare` first; of one dimension where one is named."""
    now = desk.now()
    counts = desk.store.read(lambda connection: _counts(connection, now))
    found = together(desk, counts, judged(counts), now)
    wanted = [key for key in counts.windows if dim in ("", key[0])]
    grown = _grown(found, counts.windows)
    wanted.sort(key=lambda key: _place(key, found[key], counts.windows[key], grown))
    heads = {_key(each.part) for each in found.values() if each.part}
    with_names = desk.store.read(lambda connection: _labels(connection, [*heads, *wanted[:shown]]))
    lines = by_all_names(desk, [_line(key, counts, found[key], with_names) for key in wanted[:shown]])
    rose = [each for each in found.values() if each.verdict in _ROSE]
    parts = sum(bool(each.part) for each in rose)
    done, cases = standing(desk)
    said = () if not found and done < cases else words.page(len(found), len(rose), counts.history, grown, parts,
                                                            cases=cases)  # fmt: skip
    return InsightFace(
        now, now - WEEK, lines, len(found), max(0, len(wanted) - shown), queue(desk), figures(desk), agreement(desk),
        (*words.counted(done, cases), *said),
    )  # fmt: skip


def _counts(connection: Connection, now: int) -> Counts:
    return insight_counts.counts(connection, now) if insight_rows.made(connection) else insight_counts.Counts({}, 0)


def judged(counts: Counts) -> dict[Key, Finding]:
    """What is to be said of each series; what is only known once a case is settled is not tested."""
    found = detection.judge(_tested(counts), counts.history)
    nothing = Finding(detection.USUAL if counts.history - GAP >= series.LEAST else detection.SHORT)
    return {key: found.get(_NAMED.join(key), nothing) for key in counts.windows}


def together(desk: Workbench, counts: Counts, found: Mapping[Key, Finding], now: int) -> dict[Key, Finding]:
    """The same; what rose by the cases of another line is told as a part of that."""
    rose = [key for key, each in found.items() if each.verdict in _ROSE]
    if len(rose) < 2:
        return dict(found)
    behind = desk.store.read(lambda connection: insight_counts.behind(connection, rose, now))
    tested, whole = _tested(counts), len(behind.get(ALL, ()))

    def rank(name: str) -> int:
        dim, cases = _key(name)[0], behind.get(_key(name), ())
        nearly_all = dim != ALL[0] and 10 * len(cases) > 9 * whole > 0
        return len(_TELLING) if nearly_all else _TELLING.index(dim)

    told = detection.together(
        {name: found[_key(name)] for name in tested}, tested, counts.history,
        {_NAMED.join(key): cases for key, cases in behind.items()}, rank=rank,
    )  # fmt: skip
    return {key: told.get(_NAMED.join(key), each) for key, each in found.items()}


def _tested(counts: Counts) -> dict[str, list[int]]:
    return {_NAMED.join(key): windows for key, windows in counts.windows.items() if key[0] not in LATER}


def _key(name: str) -> Key:
    dim, _sign, value = name.partition(_NAMED)
    return dim, value


def _grown(found: Mapping[Key, Finding], windows: Mapping[Key, Sequence[int]]) -> float:
    """By how much everything together rose; 1 where it did not."""
    whole = found.get(ALL, Finding(detection.USUAL))
    rose = whole.verdict in _ROSE and not whole.part and whole.expected
    return max(1.0, windows[ALL][-1] / whole.expected) if rose and whole.expected else 1.0


def _place(key: Key, found: Finding, windows: Sequence[int], grown: float) -> tuple[object, ...]:
    """What rose first: where everything rose together that, and then what rose more than it; else the least likely,
    words behind the others; then what rose by the cases of another. Behind it what did not rise, by dimension, the most
    cases first."""
    if found.part:
        return (1, found.p, _ORDER.get(key[0], 99), -windows[-1], key[1])
    if found.verdict not in _ROSE or found.p is None or found.expected is None:
        return (2, 0.0, _ORDER.get(key[0], 99), -windows[-1], key[1])
    if grown == 1:
        return (0, float(key[0] == "word"), found.p, _ORDER.get(key[0], 99), -windows[-1], key[1])
    shared = found.expected * grown
    return (0, 0.0 if key == ALL else 1.0, (shared - windows[-1]) / sqrt(shared), -windows[-1], key[1])


def _line(key: Key, counts: Counts, found: Finding, names: Mapping[Key, SafeText]) -> SeriesFace:
    windows = counts.windows[key]
    before = detection.before(windows, counts.history) if counts.history > GAP else []
    range_ = usual(before)
    rose = found.verdict in _ROSE
    said = words.verdict(windows, range_, found, len(before) or counts.history)
    head = _key(found.part)
    if found.part:
        said = f"{said} {words.part_of(head[0], names[head].value)}"
    return SeriesFace(
        ":".join(key), key[0], names[key], query_of(key), windows[-1], range_.median, range_.low, range_.high,
        tuple(windows[len(windows) - 1 - counts.history :]), found.expected, found.p, found.verdict,
        found.weeks if rose else 0, said, ":".join(head) if found.part else "",
    )  # fmt: skip


def _labels(connection: Connection, keys: Sequence[Key]) -> Mapping[Key, SafeText]:
    """The values of series as people read them."""
    return {key: _label(connection, *key) for key in keys}


def _label(connection: Connection, dim: str, value: str) -> SafeText:
    if dim == "all":
        return line(words.dim_word(dim))
    if dim == "requester":
        found = rows.row(connection, Requester.NAME, value)
        return line(found.name if isinstance(found, Requester) else value)
    if dim in ("type", "kind", "root", "outcome", "channel"):
        return line(wording.word(value))
    if dim == "kind_country":
        kind, _blank, country = value.rpartition(" ")
        return line(f"{wording.word(kind)} {country}")
    return line(value)


def label(desk: Workbench, key: str) -> SafeText:
    """The value of a line, `dim:value`, as people read it."""
    dim, _colon, value = key.partition(":")
    return desk.store.read(lambda connection: _label(connection, dim, value))


def query_of(key: Key) -> str:
    """The cases of a series' newest window as a query of the queue; "" where no query says it."""
    dim, value = key
    if dim == "all":
        return "age<7d"
    if dim == "kind_country" and " " in value:
        kind, _blank, country = value.rpartition(" ")
        return f'from:"{kind}" country:"{country}" age<7d'
    if dim not in _QUERIES or '"' in value:
        return ""
    return f'{_QUERIES[dim]}:"{value}" age<7d'


def cases(desk: Workbench, key: str, limit: int = 1000) -> list[str]:
    """Ids of the cases behind a line, the newest first. Privileged ones are never among them."""
    dim, _colon, value = key.partition(":")
    now = desk.now()
    return desk.store.read(lambda connection: _behind(connection, (dim, value), now, limit))


def _behind(connection: Connection, key: Key, now: int, limit: int) -> list[str]:
    return insight_counts.cases(connection, key, now - WEEK, now, limit) if insight_rows.made(connection) else []


def keep(desk: Workbench, found: SeriesFace, *, where: str = "global", op_id: str = "") -> Done | Refused:
    """Keep a line as an insight, with the cases behind it; once, as long as it goes on."""
    now = desk.now()
    before = desk.store.read(lambda connection: _kept(connection, found.key, now))
    op = KeepInsight(
        desk=where, kind=_kind(found.verdict), key=before or f"{found.key}@{series.day(now)}",
        series=found.query or found.key, since=now - max(1, found.weeks) * WEEK, until=now, observed=found.now,
        expected=found.expected or found.usual, p=found.p, says=found.says,
        cases=tuple(cases(desk, found.key, EVIDENCE)),
        sections=(found.key.partition(":")[2],) if found.dim == "section" else (),
    )  # fmt: skip
    return desk.do(op, op_id=op_id)


def _kind(verdict: str) -> Kind:
    return "spike" if verdict == detection.SPIKE else "novel" if verdict == detection.NOVEL else "manual"


def _kept(connection: Connection, key: str, now: int) -> str:
    """The key of the insight that a series has already, where it was kept a short while ago."""
    sql = "SELECT body FROM insight WHERE key >= ? AND key < ? ORDER BY n DESC LIMIT 1"
    row = connection.execute(sql, (f"{key}@", f"{key}A")).fetchone()
    found = rows.decoder(Insight)(row[0]) if row else None
    return found.key if found is not None and found.until >= now - SAME else ""
