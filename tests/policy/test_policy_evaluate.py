"""Scoring of look-up."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from escaltui.policy.evaluate import LabelledQuery, bootstrap, evaluate, is_answer, read_queries
from escaltui.policy.library import PolicyError, PolicyHit

KEY = "facebook-community-guidelines"


def hit(section: str, *path: str, document: str = KEY) -> PolicyHit:
    return PolicyHit(document, section, path[-1], path, "2026-01-01", "", 1.0, "text")


def query(text: str, *sections: str, lang: str = "en", doc: str = "Facebook/Community Guidelines") -> LabelledQuery:
    return LabelledQuery(doc, list(sections), text, lang, "escalation")


def test_a_page_counts_by_its_title_now_or_by_its_id() -> None:
    renamed = hit(f"{KEY}#hate-speech/tier-1", "Hateful Conduct", "Tier 1")
    assert is_answer(query("q", "hateful-conduct"), renamed)
    assert is_answer(query("q", "hate-speech"), renamed)
    assert not is_answer(query("q", "tier-1"), renamed)
    assert is_answer(query("q", "hs.2"), hit("hs.2", "Slurs"))
    assert not is_answer(query("q", "hateful-conduct", doc="Facebook/Ads"), renamed)


def test_recall_rank_and_absent_documents() -> None:
    hits = [hit(f"{KEY}#spam", "Spam"), hit(f"{KEY}#fraud", "Fraud")]
    queries = [query("a", "spam"), query("b", "fraud", lang="fr"), query("c", "nudity"), query("d", "x", doc="Nowhere")]
    result = evaluate(queries, {"text": lambda text: hits, "none": lambda text: []}, [KEY])
    assert (result.queries, result.scored, result.absent) == (4, 3, 1)
    every = result.of("text")
    assert every is not None
    assert (every.n, every.recall_1.value, every.recall_5.value, every.mrr.value) == (3, 0.3333, 0.6667, 0.5)
    french = result.of("text", lang="fr")
    assert french is not None
    assert (french.n, french.recall_1.value, french.mrr.value) == (1, 0.0, 0.5)
    nothing = result.of("none")
    assert nothing is not None
    assert nothing.recall_5.value == 0


def test_the_interval_is_the_same_each_time_and_holds_the_mean() -> None:
    values = [1.0, 0.0] * 20
    one = bootstrap(values)
    assert one == bootstrap(values)
    assert one.low < one.value < one.high
    assert bootstrap([1.0] * 5).low == 1.0


def test_no_query_for_a_held_document_gives_no_score() -> None:
    assert evaluate([query("a", "x", doc="Nowhere")], {"text": lambda text: []}, [KEY]).scores == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [("{broken", "line 2"), ('{"doc": "a", "query": "b"}', "section"), ('{"doc": 1}', "line 2"), ("\xff", "line 2")],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    good = json.dumps({"doc": "a", "section": ["b"], "query": "c", "lang": "en", "kind": "k", "id": 7})
    path = tmp_path / "queries.jsonl"
    path.write_bytes(good.encode() + b"\n" + line.encode("latin-1") + b"\n")
    with pytest.raises(PolicyError, match=reason):
        read_queries(path)
    path.write_text(good + "\n\n")
    assert len(read_queries(path)) == 1


def test_a_missing_or_empty_file_is_a_clear_sentence(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="cannot be read"):
        read_queries(tmp_path / "no.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(PolicyError, match="holds no query"):
        read_queries(tmp_path / "empty.jsonl")
