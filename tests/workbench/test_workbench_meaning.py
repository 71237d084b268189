"""Look-up by meaning at the desk, with a model of a few kilobytes: what it finds, says, keeps and never keeps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import casebench
import msgspec
import pytest
import tiny_model
from in_force import decide, put

from escaltui.domain.decisions import Cite
from escaltui.policy.model_files import ModelError
from escaltui.policy.pieces import case_of
from escaltui.store import meaning as texts
from escaltui.store.vectors import FOLDER
from escaltui.workbench import Workbench
from escaltui.workbench.meaning_build import build
from escaltui.workbench.precedents import precedents

POLICY = """# Animals

## Trade {#trade}

Reptile and wildlife are not sold here.

## Orders {#orders}

A court order is kept.

## Rifle {#arms}

A rifle is not sold here.
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with casebench.workbench(tmp_path) as found:
        (tmp_path / "texts" / "Animals").mkdir(parents=True)
        (tmp_path / "texts" / "Animals" / "2024-01-10.md").write_text(POLICY)
        found.import_policies(tmp_path / "texts")
        yield found


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model.make(tmp_path / "model")


def ready(bench: Workbench, model: Path) -> None:
    bench.meaning.use(model)
    assert build(bench).whole


def sections(bench: Workbench, query: str) -> list[str]:
    return [hit.section for hit in bench.policy_hits(query, settle=True)]


def decided(bench: Workbench, title: str, section: str) -> str:
    found = bench.policy_text(section)
    case_id = casebench.open_case(bench, title, body="-")
    decide(bench.store, case_id, cites=(Cite(found.stable_id, found.version, found.text_sha256, found.heading),))
    return case_id


def test_meaning_finds_what_no_word_names_and_says_so(bench: Workbench, model: Path) -> None:
    assert bench.policy_hits("tortoise", settle=True) == []
    ready(bench, model)
    hits = bench.policy_hits("tortoise", settle=True)
    assert (hits[0].section, hits[0].why) == ("trade", "meaning")
    assert bench.policy_hits("tortoise") == [], "full text alone is as before"
    both = bench.policy_hits("court", settle=True)[0]
    assert (both.section, both.why) == ("orders", "meaning, text")


def test_without_a_model_all_is_as_before(bench: Workbench) -> None:
    assert bench.policy_hits("court order", settle=True) == bench.policy_hits("court order")
    assert bench.meaning.standing() is None
    assert bench.meaning_prepared() is None
    assert not (bench.store.folder / FOLDER).exists()


def test_what_is_not_loaded_without_a_model(tmp_path: Path) -> None:
    code = (
        "import sys; from escaltui import cli;"
        f"cli.main(['--store', {str(tmp_path / 's')!r}, 'policy', 'search', 'court']);"
        "print(sorted({'numpy', 'onnxruntime', 'tokenizers'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip().endswith("[]")


def test_only_what_changed_is_made_and_what_is_gone_goes(bench: Workbench, model: Path, tmp_path: Path) -> None:
    ready(bench, model)
    count = len(bench.store.read(texts.sections))
    assert build(bench) == (0, count, 0, True)
    changed = POLICY.replace("A rifle is not sold here.", "A forged rifle is not sold here.")
    (tmp_path / "texts" / "Animals" / "2025-01-10.md").write_text(changed)
    bench.import_policies(tmp_path / "texts")
    assert bench.meaning.is_due()
    assert build(bench) == (1, count - 1, 1, True)
    assert not bench.meaning.is_due()
    assert sections(bench, "counterfeit weapon")[0] == "arms"


def test_it_stops_between_two_steps_and_goes_on_there(bench: Workbench, model: Path) -> None:
    bench.meaning.use(model)
    assert not build(bench, stopped=lambda: True).whole
    assert bench.meaning.is_due()
    told = []
    assert build(bench, told.append).whole
    assert told[-1].finished
    assert [each.done for each in told] == sorted(each.done for each in told)


def test_decided_cases_vote_by_what_they_mean(bench: Workbench, model: Path) -> None:
    decided(bench, "Gun and alligator", "orders")
    ready(bench, model)
    assert bench.meaning.standing().cases_ready == 1  # type: ignore[union-attr]
    near = bench.meaning.near("wildlife weapon")
    assert near is not None
    assert len(near.cases) == 1
    hits = {hit.section: hit.why for hit in bench.policy_hits("wildlife weapon", settle=True)}
    assert "1 cases" in hits["orders"], hits


@pytest.mark.parametrize("sensitivity", ["restricted", "privileged"])
def test_a_case_that_few_may_see_has_no_vector_and_no_vote(bench: Workbench, model: Path, sensitivity: str) -> None:
    """CONTROL: the same case, while all may see it, has one and votes."""
    case_id = decided(bench, "Gun and alligator", "orders")
    ready(bench, model)
    before = bench.policy_hits("wildlife weapon", settle=True)
    assert any("cases" in hit.why for hit in before)
    case = bench.store.case(case_id)
    assert case is not None
    put(bench.store, msgspec.structs.replace(case, sensitivity=sensitivity))
    hidden = bench.policy_hits("wildlife weapon", settle=True)
    assert not any("cases" in hit.why for hit in hidden), "at once, before its vector is gone"
    assert build(bench).removed == 1
    assert case_id not in [case_of(key) for key, _words in bench.store.read(lambda c: list(texts.cases(c)))]
    near = bench.meaning.near("wildlife weapon")
    assert near is not None
    assert near.cases == ()


def test_a_model_swapped_under_the_store_is_told(bench: Workbench, model: Path, tmp_path: Path) -> None:
    ready(bench, model)
    tiny_model.make(model, salt="another")
    again = Workbench.open(bench.store.folder, config=bench.config, clock=bench.now)
    try:
        with pytest.raises(ModelError, match="another than the one chosen"):
            again.policy_hits("tortoise", settle=True)
        standing = again.meaning.standing()
        assert standing is not None
        assert "policy model use" in standing.why
        again.meaning.use(model)
        assert sections(again, "tortoise") == [], "none of the old model's vectors is compared with the new one's"
        assert build(again).made == len(again.store.read(texts.sections))
        assert sections(again, "tortoise")[0] == "trade"
    finally:
        again.close()


def test_off_leaves_nothing(bench: Workbench, model: Path) -> None:
    ready(bench, model)
    assert bench.meaning.off()
    assert not bench.meaning.off()
    assert {path.name for path in (bench.store.folder / FOLDER).iterdir()} <= {"lock"}
    assert bench.policy_hits("tortoise", settle=True) == []


@pytest.mark.parametrize("query", ["\U0001f422", "", "doc:animals", "word " * 10_000, '"', "\x00"])
def test_any_query_has_an_answer(bench: Workbench, model: Path, query: str) -> None:
    ready(bench, model)
    assert len(bench.policy_hits(query, settle=True)) <= 5


def test_filters_hold_for_what_meaning_finds(bench: Workbench, model: Path) -> None:
    ready(bench, model)
    assert sections(bench, "tortoise doc:animals")[0] == "trade"
    assert sections(bench, "tortoise doc:elsewhere") == []
    assert sections(bench, "tortoise lang:fr") == []


def test_a_hit_named_by_its_id_stays_first(bench: Workbench, model: Path) -> None:
    ready(bench, model)
    hits = bench.policy_hits("animals#x tortoise", settle=True)
    assert hits[0].section == "trade"


def test_the_process_beside_makes_them(bench: Workbench, model: Path) -> None:
    bench.meaning.use(model)
    beside = bench.meaning_beside
    assert beside.refresh()
    assert beside._process is not None
    assert beside._process.wait(60) == 0
    assert bench.meaning.near("tortoise")
    assert sections(bench, "tortoise")[0] == "trade"
    assert not beside.refresh()


def test_precedents_are_found_by_meaning_too(bench: Workbench, model: Path) -> None:
    like, other = decided(bench, "Gun and alligator", "orders"), decided(bench, "Forged campaign", "orders")
    assert precedents(bench, text="rifle") == ()
    ready(bench, model)
    found = precedents(bench, text="rifle")
    assert [each.case_id for each in found][:2] == [like, other]
    assert [each.why for each in found][:2] == ["meaning", "meaning"], "and says by what"
    assert precedents(bench, text="rifle", sections=["trade"]) == ()


@pytest.mark.parametrize("sensitivity", ["restricted", "privileged"])
def test_no_precedent_by_meaning_is_of_a_case_that_few_may_see(bench: Workbench, model: Path, sensitivity: str) -> None:
    case_id = decided(bench, "Gun and alligator", "orders")
    ready(bench, model)
    assert precedents(bench, text="rifle")
    case = bench.store.case(case_id)
    assert case is not None
    put(bench.store, msgspec.structs.replace(case, sensitivity=sensitivity))
    assert precedents(bench, text="rifle") == ()


def test_precedents_go_on_by_words_where_the_model_is_gone(bench: Workbench, model: Path) -> None:
    case_id = decided(bench, "Gun and alligator", "orders")
    ready(bench, model)
    (model / "model.onnx").unlink()
    again = Workbench.open(bench.store.folder, config=bench.config, clock=bench.now)
    try:
        assert [each.case_id for each in precedents(again, sections=["orders"], text="rifle")] == [case_id]
    finally:
        again.close()
