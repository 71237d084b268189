"""How well look-up finds the right page: recall, rank and time over labelled queries, with bootstrap intervals."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from escaltui.i18n import _
from escaltui.policy.library import PolicyError, PolicyHit
from escaltui.policy.words import slug

SearchCallable = Callable[[str], Sequence[PolicyHit]]
RESAMPLES = 1000
SEED = 20260101


class LabelledQuery(msgspec.Struct, frozen=True):
    """One look-up and the pages that answer it: slugs of page titles, or stable ids."""

    doc: str
    section: list[str]
    query: str
    lang: str = ""
    kind: str = ""


class Interval(msgspec.Struct, frozen=True):
    """A mean with its bootstrap 95 % interval."""

    value: float
    low: float
    high: float


class Score(msgspec.Struct, frozen=True):
    """What one method reached on one group of queries; `ms` is the median CPU time a query, `ms_p95` its tail."""

    method: str
    kind: str
    lang: str
    n: int
    recall_1: Interval
    recall_5: Interval
    mrr: Interval
    ms: float
    ms_p95: float


class EvaluationResult(msgspec.Struct, frozen=True):
    """Scores by method and group (`kind`, `lang`; "" = all). `absent`: queries whose document is not held."""

    queries: int
    scored: int
    absent: int
    scores: tuple[Score, ...]

    def of(self, method: str, *, kind: str = "", lang: str = "") -> Score | None:
        """The score of one method on one group, or None where no query is in it."""
        wanted = (method, kind, lang)
        return next((s for s in self.scores if (s.method, s.kind, s.lang) == wanted), None)


class _Outcome(msgspec.Struct, frozen=True):
    rank: int  # from 1; 0 = not among the first five
    ms: float


def read_queries(path: Path) -> list[LabelledQuery]:
    """The queries of a JSON Lines file. Raises PolicyError naming the line that is wrong, and how to mend it."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise PolicyError(
            _("{path} cannot be read ({why}). Name a file of labelled queries.").format(path=path, why=error.strerror)
        ) from None
    decoder = msgspec.json.Decoder(LabelledQuery)
    found: list[LabelledQuery] = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            one = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            said = _("{name}, line {number}: {why}. {form}")
            raise PolicyError(said.format(name=path.name, number=number, why=error, form=_form())) from None
        if not one.query.strip() or not one.section:
            raise PolicyError(
                _("{name}, line {number}: query or section is empty. {form}").format(
                    name=path.name, number=number, form=_form()
                )
            )
        found.append(one)
    if not found:
        raise PolicyError(_("{name} holds no query. {form}").format(name=path.name, form=_form()))
    return found


_EXAMPLE = '{"doc": "...", "section": ["page-slug"], "query": "...", "lang": "en", "kind": "..."}'


def _form() -> str:
    return _("Each line is {example}.").format(example=_EXAMPLE)


def evaluate(
    queries: Sequence[LabelledQuery],
    methods: Mapping[str, SearchCallable],
    documents: Iterable[str],
) -> EvaluationResult:
    """Run each query by each method over all documents and score where the right page came.

    `documents` are the keys held; a query on another one is counted as absent and left out. Recall@k is the share
    of queries whose page is among the first k, MRR the mean of 1/rank (0 beyond the fifth). Intervals: percentile
    bootstrap over queries, 1,000 resamples, fixed seed, so that two runs print the same.
    """
    held = set(documents)
    known = [q for q in queries if slug(q.doc) in held]
    scores: list[Score] = []
    for method, search in methods.items():
        outcomes = [_run(query, search) for query in known]
        for kind, lang in _groups(known):
            members = [o for q, o in zip(known, outcomes, strict=True) if kind in ("", q.kind) and lang in ("", q.lang)]
            scores.append(_score(method, kind, lang, members))
    return EvaluationResult(len(queries), len(known), len(queries) - len(known), tuple(scores))


def is_answer(query: LabelledQuery, hit: PolicyHit) -> bool:
    """Whether a hit is on a page that answers the query.

    The page is known by its title in this version (first of `path`) and by the page part of its stable id, which
    keeps the title the page had when the id was given; a label may also be a stable id itself.
    """
    if hit.document != slug(query.doc):
        return False
    page_of_id = hit.section.partition("#")[2].split("/")[0]
    names = {hit.section, page_of_id, slug(hit.path[0]) if hit.path else ""}
    return not names.isdisjoint(query.section)


def _run(query: LabelledQuery, search: SearchCallable) -> _Outcome:
    before = time.thread_time()
    hits = search(query.query)
    spent = 1000 * (time.thread_time() - before)
    rank = next((n for n, hit in enumerate(hits[:5], 1) if is_answer(query, hit)), 0)
    return _Outcome(rank, spent)


def _groups(known: Sequence[LabelledQuery]) -> list[tuple[str, str]]:
    langs = sorted({("", q.lang) for q in known})
    both = sorted({(q.kind, q.lang) for q in known})
    return list(dict.fromkeys([("", ""), *langs, *both])) if known else []


def _score(method: str, kind: str, lang: str, members: Sequence[_Outcome]) -> Score:
    ranks = [o.rank for o in members]
    times = sorted(o.ms for o in members)
    return Score(
        method=method,
        kind=kind,
        lang=lang,
        n=len(members),
        recall_1=bootstrap([float(r == 1) for r in ranks]),
        recall_5=bootstrap([float(r > 0) for r in ranks]),
        mrr=bootstrap([1 / r if r else 0.0 for r in ranks]),
        ms=round(statistics.median(times), 3),
        ms_p95=round(times[min(len(times) - 1, int(0.95 * len(times)))], 3),
    )


def bootstrap(values: Sequence[float]) -> Interval:
    """Mean and percentile bootstrap 95 % interval of at least one value; the same for the same values."""
    generator = random.Random(SEED)
    count = len(values)
    means = sorted(sum(generator.choices(values, k=count)) / count for _ in range(RESAMPLES))
    low, high = means[int(0.025 * RESAMPLES)], means[int(0.975 * RESAMPLES) - 1]
    return Interval(round(sum(values) / count, 4), round(low, 4), round(high, 4))
