"""What decided cases add to look-up: the labelled queries as decided cases, each asked for with its own left out.

One case a query: its title and the facts of its decision are the query, and it cites the page that the label names. The
more like queries are, in words or in another language, the more this flatters; a desk's past is like its present, too.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))
from casebench import open_case
from in_force import decide

from escaltui.config import Config, Me
from escaltui.domain.decisions import Cite
from escaltui.policy.evaluate import LabelledQuery, evaluate, read_queries
from escaltui.policy.fusion import CASES, MEANING, TEXT, Near
from escaltui.policy.library import PolicyHit
from escaltui.policy.words import slug
from escaltui.store import policies
from escaltui.store.driver import Connection
from escaltui.workbench import Workbench
from escaltui.workbench.library import today
from escaltui.workbench.meaning_build import build

LOWER = 0.02
"""How much lower the MRR may be with them (the design's policy page)."""


def left_out(store: Path, data: Path, need: Callable[[bool, str], str]) -> Iterator[str]:
    """Full text and meaning without and with decided cases, and these alone; by language.

    The design's page asks for as good a recall@5 with them as without, and an MRR that is hardly lower.
    """
    copy = store.parent / "decided"
    shutil.copytree(store, copy)
    queries = read_queries(data / "policy_queries_dev.jsonl")
    config = Config(store.parent / "config", me=Me(name="ada", roles=("specialist", "lead")), exists=True)
    with Workbench.open(copy, config=config) as bench:
        cases = decided(bench, queries)
        build(bench)
        yield f"{len(cases)} of {len(queries)} labelled queries are decided cases; each is asked for without its own"
        ways = {"without": (TEXT, MEANING), "cases": (CASES,), "with": (TEXT, MEANING, CASES)}
        documents = [each.key for each in bench.store.read(policies.documents)]
        with_bench = {name: search(bench, cases, lists) for name, lists in ways.items()}
        found = evaluate(queries, with_bench, documents)
        for lang in ("en", "fr"):
            scores = {name: found.of(name, lang=lang) for name in ways}
            for name, score in scores.items():
                assert score is not None
                shown = "  ".join(
                    f"{what} {each.value:.3f} [{each.low:.2f}, {each.high:.2f}]"
                    for what, each in (("recall_1", score.recall_1), ("recall_5", score.recall_5), ("mrr", score.mrr))
                )
                yield f"  {name:8s} {lang}  n {score.n:3d}  {shown}"
            without, both = scores["without"], scores["with"]
            assert without is not None
            assert both is not None
            yield need(both.recall_5.value >= without.recall_5.value, f"{lang}: recall@5 is no lower with them")
            yield need(both.mrr.value >= without.mrr.value - LOWER, f"{lang}: MRR is at most {LOWER} lower with them")


def decided(bench: Workbench, queries: Sequence[LabelledQuery]) -> dict[str, str]:
    """A decided case for each query whose page is here; its id by the query."""
    found: dict[str, str] = {}
    for query in queries:
        sections = [each for page in query.section if (each := section_of(bench, slug(query.doc), page)) is not None]
        if sections and query.query not in found:
            case_id = open_case(bench, query.query[:200], body="-", requester=f"R {len(found)}", items=0)
            decide(bench.store, case_id, cites=tuple(sections), facts=query.query, rationale="")
            found[query.query] = case_id
    return found


def section_of(bench: Workbench, document: str, page: str) -> Cite | None:
    """The first section in force of a page."""
    for each in bench.policy_outline():
        if each.document == document and page in (each.section, each.section.partition("#")[2].split("/")[0]):
            section = bench.policy_text(each.section)
            return Cite(section.stable_id, section.version, section.text_sha256, section.heading)
    return None


def search(bench: Workbench, cases: Mapping[str, str], lists: Sequence[str]) -> Callable[[str], list[PolicyHit]]:
    """Look-up by some of the lists, without the case that was made of the query."""

    def look(query: str) -> list[PolicyHit]:
        own = cases.get(query, "")
        near = bench.meaning.near(query) or Near()

        def settle(connection: Connection) -> list[PolicyHit]:
            return policies.settle(connection, query, near, on=today(bench), lists=lists, but=own)

        return bench.store.read(settle)

    return look
