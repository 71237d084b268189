"""Learning at the desk: what a pick keeps and never keeps, what it does to look-up, and how it is put off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import casebench
import msgspec
import pytest
import tiny_model
from in_force import put

from escaltui.config import Policy
from escaltui.domain.changes import Refused
from escaltui.policy.own_synonyms import FILE
from escaltui.store import picks
from escaltui.workbench import Workbench
from escaltui.workbench.meaning_build import build

POLICY = """# Animals

## Trade {#trade}

Reptile and wildlife are not sold here.

## Orders {#orders}

A court order is kept.

## Sponsored posts {#ads}

A campaign is labelled here.
"""


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with casebench.workbench(tmp_path) as found:
        (tmp_path / "texts" / "Animals").mkdir(parents=True)
        (tmp_path / "texts" / "Animals" / "2024-01-10.md").write_text(POLICY)
        found.import_policies(tmp_path / "texts")
        yield found


def stems(bench: Workbench) -> list[tuple[str, ...]]:
    return [each.stems for each in bench.store.read(picks.kept)]


def picked(bench: Workbench, query: str, section: str, *people: str) -> None:
    for person in people:
        bench.me = person
        assert bench.picking.pick(query, section)
    bench.me = "kosei"


def test_a_pick_moves_its_section_up_a_little_and_says_so(bench: Workbench, tmp_path: Path) -> None:
    bench.meaning.use(tiny_model.make(tmp_path / "model"))
    assert build(bench).whole
    before = {hit.section: hit.why for hit in bench.policy_hits("turtles offered", settle=True)}
    picked(bench, "turtles offered", "ads", "ada", "bo", "cy", "kosei")
    after = bench.policy_hits("turtles offered", settle=True)
    assert "picks" not in "".join(before.values())
    assert "4 picks" in {hit.section: hit.why for hit in after}["ads"]
    sure = bench.policy_hits("tortoise wildlife reptile", settle=True)
    assert sure[0].section == "trade"
    picked(bench, "tortoise wildlife reptile", "ads", "ada", "bo", "cy")
    assert bench.policy_hits("tortoise wildlife reptile", settle=True)[0].section == "trade", "a hint, no verdict"


@pytest.mark.parametrize("sensitivity", ["restricted", "privileged"])
def test_a_look_up_for_a_case_that_few_may_see_teaches_nothing(bench: Workbench, sensitivity: str) -> None:
    """CONTROL: the same look-up, while all may see the case, does."""
    case_id = casebench.open_case(bench)
    assert bench.picking.pick("turtles offered", "trade", case_id)
    kept = stems(bench)
    case = bench.store.case(case_id)
    assert case is not None
    put(bench.store, msgspec.structs.replace(case, sensitivity=sensitivity))
    assert not bench.picking.pick("secret turtles", "trade", case_id)
    assert not bench.picking.pick("secret turtles", "trade", "no such case")
    assert stems(bench) == kept
    log = bench.store.read(lambda c: "".join(str(row) for row in c.execute("SELECT body FROM change").fetchall()))
    assert "secret" not in log


def test_the_people_of_a_case_are_no_words(bench: Workbench) -> None:
    case_id = casebench.open_case(bench, "Lovelace", requester="Babbage Engines")
    assert bench.picking.pick("babbage says lovelace sells turtles", "trade", case_id)
    assert stems(bench) == [("sai", "sell", "turtl")]
    assert not bench.picking.pick("kosei", "trade"), "nor a colleague's name"


def test_it_can_be_put_off(bench: Workbench) -> None:
    bench.config = msgspec.structs.replace(bench.config, policy=Policy(learn=False))
    assert not bench.picking.pick("turtles offered", "trade")
    assert stems(bench) == []


def test_suggested_accepted_and_then_found_by_words_alone(bench: Workbench) -> None:
    assert bench.policy_hits("turtles") == []
    picked(bench, "turtles", "trade", "ada", "bo")
    assert bench.picking.suggestions() == []
    picked(bench, "turtles", "trade", "bo")
    (pair,) = bench.picking.suggestions()
    assert (pair.stem, pair.section, pair.times, pair.people) == ("turtl", "trade", 3, 2)
    assert bench.picking.accept("turtl") == ("trade",)
    assert bench.picking.suggestions() == []
    assert bench.policy_hits("turtle")[0].section == "trade"
    assert bench.picking.drop("turtl")
    assert bench.policy_hits("turtle") == []


def test_a_faulty_file_leaves_the_packaged_synonyms_and_is_said(bench: Workbench) -> None:
    bench.config.folder.mkdir(exist_ok=True)
    (bench.config.folder / FILE).write_text("[[synonym]\n")
    assert bench.policy_hits("court")[0].section == "orders"
    assert FILE in bench.picking.fault()
    (bench.config.folder / FILE).unlink()
    assert bench.picking.fault() == ""


def test_what_is_kept_is_listed_and_forgotten(bench: Workbench) -> None:
    picked(bench, "turtles offered", "trade", "ada", "kosei")
    picked(bench, "turtles offered", "ads", "kosei")
    assert {(each.person, each.section) for each in bench.picking.kept()} == {
        ("ada", "trade"), ("kosei", "trade"), ("kosei", "ads")}  # fmt: skip
    assert bench.picking.forget(bench.picking.kept(section="ads")) == 1
    bench.roles = frozenset({"specialist"})
    assert isinstance(bench.picking.forget(bench.picking.kept(person="ada")), Refused)
    assert [each.person for each in bench.picking.kept(section="trade")] == ["ada", "kosei"]
    assert bench.picking.forget(bench.picking.kept(person="kosei")) == 1


def test_undo_passes_picks_over(bench: Workbench) -> None:
    case_id = casebench.open_case(bench)
    bench.cite(case_id, "trade")
    picked(bench, "turtles offered", "trade", "kosei")
    assert not isinstance(bench.undo(), Refused)
    case = bench.store.case(case_id)
    assert case is not None
    assert not case.pins
