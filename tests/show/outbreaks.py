"""Detection on the real notices: alarms a week, made outbreaks found and how late, beside simpler ways.

`python tests/show/outbreaks.py [--trials 200]`. What each way is set by is chosen on the years before 2019 of the daily
counts (2015-2021) and measured on 2019-2021; then the notices by week and requester, where known bursts must come up.
Nothing is tuned on the years it is measured on. Nobody has told which rises of these years were real. All alarms are
counted, and beside it those that no plain burst of one requester stands behind (five or more in that week and none in
the 29 before, as anybody can count): the false ones are at most these. Fails where a bar is missed, or material is.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from statistics import mean, stdev
from typing import NamedTuple

from escaltui.insight import detection
from escaltui.insight.series import GAP, WINDOWS

DATA = Path(os.environ.get("ESCALTUI_REAL_DATA", Path(__file__).resolve().parents[2].parent / "shared" / "data"))
SPLIT, START, END = date(2019, 1, 1), date(2015, 1, 1), date(2022, 1, 1)
SERIES, EXTRA, SPAN = 50, (6, 10, 20, 40), 4
LAST = (END - START).days // 7
NAMED = 20
"""So many of the largest bursts are told by name."""
BUDGET = 0.3
"""Alarms a week, over all series, that each way may raise."""
MONDAY = date(2011, 1, 3)
_NAME = re.compile(r"(\d{4}-\d\d-\d\d)-(.+?)(?:[-_]?\d+)?\.(?:md|markdown)$")
Weeks = dict[str, list[int]]
ROSE = (detection.SPIKE, detection.NOVEL)
RATES, STRICTER = (0.1, 0.05, 0.03, 0.02, 0.01), 0.01
LEVELS = (0.3, 1, 3, 10)
Behind = Mapping[str, set[int]]
Way = Callable[[Mapping[str, Sequence[int]], Behind], set[str]]
"""Names of the series that alarm, from their windows up to a week, and the notices of that week by series."""


class Measured(NamedTuple):
    """What a way came to on the years measured; `unexplained` are alarms that no plain burst stands behind."""

    alarms: float
    unexplained: float
    found: dict[int, float]
    delay: dict[int, float]


class Trial(NamedTuple):
    """One made outbreak: its cases, the mean week of the series it was put into, and when it was found (-1: never)."""

    extra: int
    usual: float
    late: int


class Material(NamedTuple):
    """Weekly counts by series, the notices behind each of them by week, and who sent in plain bursts by week."""

    weeks: Weeks
    behind: list[dict[str, set[int]]]
    plain: list[set[int]]


def named(path: str) -> tuple[date, str] | None:
    """A notice's day and who sent it, by its file name."""
    found = _NAME.match(path.rpartition("/")[2])
    return (date.fromisoformat(found[1]), found[2].lower()) if found else None


def gold() -> dict[str, tuple[str, str]]:
    """The published rows: by file name, type and number affected."""
    found: dict[str, tuple[str, str]] = json.loads((DATA / "dmca_gold_2015_2021.json").read_text())
    return found


def counted(mixed: bool) -> Material:
    """Weekly series of the daily counts: the 50 requesters who sent most in the first years; or, `mixed`, the 50
    largest of those, the whole, the kinds and the first letters. Chosen by the first years alone."""
    weeks: list[dict[str, set[int]]] = [defaultdict(set) for _week in range(LAST)]
    early: Counter[str] = Counter()
    sent: dict[str, Counter[int]] = defaultdict(Counter)
    for number, (path, (kind, _affected)) in enumerate(gold().items()):
        if (known := named(path)) is None or not 0 <= (week := (known[0] - START).days // 7) < LAST:
            continue
        when, who = known
        plain = re.sub("[^a-z]", "", kind.lower()) or "none"
        keys = [f"requester {who}", *(("all", f"kind {plain}", f"letter {who[0]}") if mixed else ())]
        for key in {*keys, f"requester {who}"}:
            weeks[week][key].add(number)
        sent[who][week] += 1
        early.update(keys if when < SPLIT else ())
    names = [key for key, _n in early.most_common()][:SERIES]
    bursts = [set[int]() for _week in range(LAST)]
    for who, each in sent.items():
        for week, cases in each.items():
            if cases >= detection.ENOUGH and not any(each[week - n] for n in range(1, WINDOWS)):
                bursts[week] |= weeks[week][f"requester {who}"]
    return Material({name: [len(each.get(name, ())) for each in weeks] for name in names}, weeks, bursts)


# --- the ways


def ours(series: Mapping[str, Sequence[int]], behind: Behind, rate: float = detection.RATE) -> set[str]:
    """The program's own detection: what rose by the same cases is one happening."""
    found = detection.judge(series, WINDOWS - 1, rate)
    found = detection.together(found, series, WINDOWS - 1, behind, rate)
    return {name for name, each in found.items() if each.verdict in ROSE and not each.part}


def apart(series: Mapping[str, Sequence[int]], _behind: Behind) -> set[str]:
    """The same, each series by itself."""
    return {name for name, each in detection.judge(series, WINDOWS - 1).items() if each.verdict in ROSE}


def fixed(limit: int) -> Way:
    """More than so many in a week."""
    return lambda series, _behind: {name for name, counts in series.items() if counts[-1] >= limit}


def doubled(times: float) -> Way:
    """A threshold of its own for each series: so many times its mean of the 26 weeks, and five at least."""
    return lambda series, _behind: {
        name for name, counts in series.items() if counts[-1] >= max(5.0, times * mean(counts[: -1 - GAP]))
    }


def ears(k: float) -> Way:
    """EARS C2: more than k standard deviations above the mean of seven before a gap of two (Hutwagner et al. 2003)."""

    def way(series: Mapping[str, Sequence[int]], _behind: Behind) -> set[str]:
        found = set()
        for name, counts in series.items():
            past = counts[-8 - GAP : -1 - GAP]
            if counts[-1] >= detection.ENOUGH and counts[-1] > mean(past) + k * max(stdev(past), 0.5):
                found.add(name)
        return found

    return way


# --- measuring


def alarms(way: Way, held: Material, since: int, until: int) -> tuple[int, int, dict[int, set[str]]]:
    """Alarms over some weeks, those in a row are one; those that no plain burst stands behind; and all by week."""
    told, false, at = 0, 0, {}
    before: set[str] = set()
    for week in range(max(since, WINDOWS - 1), until):
        now = way(_week(held.weeks, "", [], week), held.behind[week])
        told += len(now - before)
        false += sum(len(held.behind[week][name] & held.plain[week]) < detection.ENOUGH for name in now - before)
        before = at[week] = now
    return told, false, at


def outbreak(extra: int, draw: random.Random) -> list[int]:
    """So many cases spread over four weeks by chance."""
    found = [0] * SPAN
    for _case in range(extra):
        found[draw.randrange(SPAN)] += 1
    return found


def injected(way: Way, held: Material, since: int, quiet: dict[int, set[str]], trials: int) -> list[Trial]:
    """Outbreaks put into each series in turn at random weeks that are quiet there, each with the series' weekly mean
    and after how many weeks it is found (0: in the first, -1: not in its four). In turn, since a series of many cases
    hides what one of few shows: drawn by chance, the share found went by which were drawn."""
    draw = random.Random(2019)
    names = sorted(held.weeks)
    found = []
    for extra in EXTRA:
        for trial in range(trials):
            name, begin = names[trial % len(names)], draw.randrange(since, LAST - SPAN)
            if any(name in quiet.get(begin + n, ()) for n in range(SPAN)):
                continue  # it alarms there anyhow: nothing is found by it
            more = outbreak(extra, draw)
            counts = list(held.weeks[name])
            usual = mean(counts[begin - WINDOWS + 1 : begin])
            for n, cases in enumerate(more):
                counts[begin + n] += cases
            late = (n for n in range(SPAN)
                    if name in way(_week(held.weeks, name, counts, begin + n), held.behind[begin + n]))  # fmt: skip
            found.append(Trial(extra, usual, next(late, -1)))
    return found


def _week(weeks: Weeks, name: str, counts: list[int], week: int) -> dict[str, list[int]]:
    return {each: (counts if each == name else found)[week - WINDOWS + 1 : week + 1] for each, found in weeks.items()}


def chosen(make: Callable[[float], Way], options: Sequence[float], held: Material, split: int) -> float:
    """The most sensitive setting whose alarms keep to the budget in the years before; the options as sensitive as they
    come."""
    span = split - WINDOWS + 1
    for option in options:
        if alarms(make(option), held, 0, split)[0] / span <= BUDGET:
            return option
    return options[-1]


def measured(way: Way, held: Material, split: int, trials: int) -> tuple[Measured, list[Trial]]:
    """A way on the years after the split."""
    told, false, quiet = alarms(way, held, split, LAST)
    tried = injected(way, held, split, quiet, trials)
    found, late = {}, {}
    for extra in EXTRA:
        asked = [each.late for each in tried if each.extra == extra]
        hits = [each for each in asked if each >= 0]
        found[extra] = len(hits) / len(asked) if asked else 0.0
        late[extra] = mean(hits) if hits else float("nan")
    span = LAST - split
    return Measured(told / span, false / span, found, late), tried


# --- known bursts


def by_requester(paths: Iterable[str]) -> dict[str, Counter[int]]:
    """Notices by requester and week."""
    weeks: dict[str, Counter[int]] = defaultdict(Counter)
    for path in paths:
        if (known := named(path)) is not None:
            weeks[known[1]][(known[0] - MONDAY).days // 7] += 1
    return weeks


def sampled() -> list[str]:
    """The paths of the notices at hand."""
    with gzip.open(DATA / "notices.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line)["path"] for line in lines]


def bursts(weeks: Mapping[str, Counter[int]]) -> Iterator[tuple[date, str, int, str]]:
    """What comes up, by week and requester, with its cases and verdict."""
    for week in range(WINDOWS, max(max(each) for each in weeks.values()) + 1):
        span = range(week - WINDOWS + 1, week + 1)
        series = {name: [each[n] for n in span] for name, each in weeks.items() if any(each[n] for n in span)}
        for name, each in detection.judge(series, WINDOWS - 1).items():
            if each.verdict in ROSE:
                yield MONDAY + timedelta(days=7 * week), name, series[name][-1], each.verdict


def plain(weeks: Mapping[str, Counter[int]], least: int) -> set[tuple[date, str]]:
    """Bursts that anybody would name: at least so many in a week, and none in the 29 weeks before."""
    return {
        (MONDAY + timedelta(days=7 * week), name)
        for name, each in weeks.items()
        for week, cases in each.items()
        if cases >= least and week >= WINDOWS and not any(each[week - n] for n in range(1, WINDOWS))
    }


def november(weeks: Mapping[str, Counter[int]]) -> str:
    """The burst that is known of November 2024, as far as the sample holds it."""
    span = range((date(2024, 10, 28) - MONDAY).days // 7, (date(2024, 12, 1) - MONDAY).days // 7)
    cases, name = max((each[week], name) for name, each in weeks.items() for week in span)
    told = f"November 2024: at most {cases} of one requester in a week ({name})"
    return told if cases >= 18 else f"{told}; the week of 18 that is known is not in the sample"


def compared(held: Material, what: str, trials: int) -> bool:
    """Every way on the same series, as a table; whether ours holds the bars."""
    split = (SPLIT - START).days // 7
    limit = chosen(lambda n: fixed(int(n)), range(5, 200), held, split)
    times = chosen(doubled, [n / 4 for n in range(4, 60)], held, split)
    k = chosen(ears, [n / 2 for n in range(4, 60)], held, split)
    q = chosen(lambda q: lambda series, behind: ours(series, behind, q), RATES, held, split)
    shipped = f"ours, as it ships (q = {detection.RATE:g})"
    ways: dict[str, Way] = {
        shipped: ours,
        f"ours, stricter (q = {STRICTER:g})": lambda series, behind: ours(series, behind, STRICTER),
        "ours, each series by itself": apart,
        f"fixed: {limit:.0f} in a week": fixed(int(limit)),
        f"fixed for each: {times:g} times its mean": doubled(times),
        "EARS C2, k = 3": ears(3),
        f"EARS C2, k = {k:g}": ears(k),
    }
    print(f"{len(held.weeks)} series ({what}), {LAST - split} weeks from {SPLIT}; set on the {split} weeks before")
    print(f"  of q = {', '.join(map(str, RATES))} the most sensitive within {BUDGET} alarms a week there: {q:g}")
    print(f"{'':40} alarms a week (no plain burst behind); "
          f"of {' / '.join(map(str, EXTRA))} extra in {SPAN} weeks: found (weeks late)")  # fmt: skip
    results = {}
    for name, way in ways.items():
        got, tried = results[name] = measured(way, held, split, trials)
        told = "  ".join(f"{got.found[n]:.2f} ({got.delay[n]:.1f})" for n in EXTRA)
        print(f"{name:40} {got.alarms:5.2f} ({got.unexplained:.2f})         {told}", flush=True)
    own, tried = results[shipped]
    print("  of 20 extra ours finds, by the mean week of the series: " + by_level(tried))
    return own.alarms <= BUDGET and own.found[20] >= 0.90 and own.delay[20] <= 1.5


def by_level(tried: Sequence[Trial]) -> str:
    """The share found of outbreaks of 20, by how much the series has in a week anyhow."""
    told = []
    for low, high in zip((0, *LEVELS), (*LEVELS, float("inf")), strict=True):
        asked = [each.late >= 0 for each in tried if each.extra == 20 and low <= each.usual < high]
        if asked:
            told.append(f"{low:g}-{high:g}: {mean(asked):.2f} (n = {len(asked)})")
    return ", ".join(told)


def main() -> int:
    """Measure, print the table, and say whether the bars are held."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--trials", type=int, default=1000, help="outbreaks of each size (1000)")
    trials = ask.parse_args().trials
    if not (DATA / "notices.jsonl.gz").is_file():
        print(f"no real material in {DATA}: set ESCALTUI_REAL_DATA")
        return 1
    bars = {"requesters": compared(counted(mixed=False), "requesters", trials)}
    bars["mixed series"] = compared(counted(mixed=True), "the whole, kinds, letters, requesters", trials)
    for what, paths in (("sample", sampled()), ("daily counts", list(gold()))):
        weeks = by_requester(paths)
        came = list(bursts(weeks))
        wanted = plain(weeks, 5)
        up = wanted & {(when, name) for when, name, _cases, _verdict in came}
        print(f"{what}: {len(came)} bursts of a requester come up, {len(up)} of the {len(wanted)} that are plain")
        if what == "sample":
            print("\n".join(f"  {when} {name:30} {cases:3} {verdict}" for when, name, cases, verdict in came))
            print(f"  {november(weeks)}")
        else:
            largest = sorted((each for each in came if each[:2] in wanted), key=lambda each: -each[2])[:NAMED]
            print("  " + ", ".join(f"{name} {cases} ({when})" for when, name, cases, _verdict in largest))
        bars[f"plain bursts of the {what}"] = up == wanted
    print("bars: <= 0.3 alarms a week, 20 extra found >= .90, delay <= 1.5 weeks; every plain burst comes up")
    print("; ".join(f"{what} {'held' if held else 'MISSED'}" for what, held in bars.items()))
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
