"""Precedents at the desk: the words of then, and the notice of a departure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import casebench
import msgspec
import pytest
from in_force import decide, put

from escaltui import wording
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Cite, Line
from escaltui.domain.entities import Pin
from escaltui.workbench import Workbench, library
from escaltui.workbench.precedents import departure, precedents

LIKE = "A video praises the bombing of a bridge as admirable."


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with casebench.workbench(tmp_path, policies=True) as found:
        yield found


def section(bench: Workbench, what: str) -> str:
    return next(each.section for each in bench.policy_outline() if each.section.endswith(what))


def cite(bench: Workbench, what: str, version: str = "") -> Cite:
    found = bench.policy_text(section(bench, what), version)
    return Cite(found.stable_id, found.version, found.text_sha256, found.heading)


def decided(bench: Workbench, what: str = "praise", version: str = "", facts: str = LIKE, **more: object) -> str:
    case_id = casebench.open_case(bench, f"Case {len(bench.matching(''))}", body="-")
    decide(bench.store, case_id, cites=(cite(bench, what, version),), facts=facts, **more)  # type: ignore[arg-type]
    return case_id


def test_precedents_of_a_case_are_on_what_it_cites(bench: Workbench) -> None:
    near, _court = decided(bench), decided(bench, "court")
    case_id = casebench.open_case(bench, "Another video", body="It praises a bombing.")
    assert bench.cite(case_id, section(bench, "praise"))
    (found,) = precedents(bench, case_id)
    assert (found.case_id, found.outcome, found.same_text, found.score > 0) == (near, "violation_action", True, True)
    (rested,) = found.rested
    assert rested.heading.value == "Praise of attacks"
    assert rested.words is not None
    assert "presents an attack as admirable" in rested.words.value


def test_the_words_are_those_of_then_and_changed_text_is_marked(bench: Workbench) -> None:
    decided(bench, "court", "2024-01-10", effective_at=1)
    decided(bench, "court", effective_at=2)
    now, then = precedents(bench, sections=[section(bench, "court")], text=LIKE)
    assert (now.same_text, then.same_text) == (True, False)
    assert now.rested[0].words is not None
    assert then.rested[0].words is not None
    assert "once it has been checked" in now.rested[0].words.value
    assert "at once" in then.rested[0].words.value


def test_words_that_the_library_never_had_are_told_as_unknown(bench: Workbench) -> None:
    case_id = casebench.open_case(bench, "Old", body="-")
    lost = Cite("gone/1", "v1", hashlib.sha256(b"gone").hexdigest(), "Gone\x1b")
    decide(bench.store, case_id, cites=(lost,), facts=LIKE)
    (found,) = precedents(bench, sections=["gone/1"])
    assert (found.rested[0].words, found.same_text, found.rested[0].heading.value) == (None, False, "gone/1")


def test_like_cases_are_found_by_their_words_alone(bench: Workbench) -> None:
    near = decided(bench)
    decided(bench, facts="Trade in soup.")
    assert [each.case_id for each in precedents(bench, text="bombing of a bridge")] == [near]
    assert precedents(bench, "nowhere") == ()


def test_a_departure_is_told_until_the_text_changes_or_the_outcome_agrees(bench: Workbench) -> None:
    for n in range(5):
        decided(bench, outcome="no_violation" if n else "violation_action")
    case_id = casebench.open_case(bench, "Another video", body=LIKE)
    remove = Line("violation_action", cites=(cite(bench, "praise"),))
    said = departure(bench, case_id, [remove])
    assert said is not None
    assert str(said) == "4 of the 5 nearest like cases ended in no_violation. Say why this one differs."
    assert wording.told(said).startswith("4 of the 5 nearest like cases ended in no")
    assert departure(bench, case_id, [msgspec.structs.replace(remove, outcome="no_violation")]) is None
    assert departure(bench, case_id, [Line("answered")]) is None
    assert departure(bench, case_id, [remove], text="Soup.") is None


def test_precedents_on_changed_text_make_no_departure(bench: Workbench) -> None:
    for _ in range(5):
        decided(bench, "court", "2024-01-10", outcome="no_violation")
    case_id = casebench.open_case(bench, "Another", body=LIKE)
    assert departure(bench, case_id, [Line("violation_action", cites=(cite(bench, "court"),))]) is None


NEWER = casebench.POLICY.replace("has been checked", "has been checked by counsel")


def described(bench: Workbench, tmp_path: Path, impact: str, version: str = "2026-01-29") -> None:
    outcome = bench.describe_change("orders", version, "Said more plainly.", {section(bench, "court"): impact})  # type: ignore[dict-item]
    assert not isinstance(outcome, Refused), outcome


@pytest.mark.parametrize(("impact", "good"), [("clarifies", True), ("narrows", False), ("unknown", False)])
def test_words_that_were_only_clarified_since_are_good_and_say_so(
    bench: Workbench, tmp_path: Path, impact: str, good: bool
) -> None:  # fmt: skip
    for _ in range(5):
        decided(bench, "court", "2024-01-10", outcome="no_violation")
    case_id = casebench.open_case(bench, "Another", body=LIKE)
    asked = [Line("violation_action", cites=(cite(bench, "court"),))]
    assert departure(bench, case_id, asked) is None, "the control: nothing is said of the change yet"
    described(bench, tmp_path, impact)
    found = precedents(bench, sections=[section(bench, "court")], text=LIKE)
    assert {(each.same_text, *((one.same_text, one.clarified) for one in each.rested)) for each in found} == {
        (good, (False, good))
    }  # fmt: skip
    words = found[0].rested[0].words
    assert words is not None
    assert "at once" in words.value, "the words are still those of then"
    assert (departure(bench, case_id, asked) is not None) == good


def test_clarified_goes_back_as_far_as_every_change_between_clarifies(bench: Workbench, tmp_path: Path) -> None:
    old, middle = decided(bench, "court", "2024-01-10"), decided(bench, "court", "2026-01-29")
    (tmp_path / "policies" / "orders" / "2026-05-01.md").write_text(NEWER)
    bench.import_policies(tmp_path / "policies")

    def good() -> set[str]:
        return {each.case_id for each in precedents(bench, sections=[section(bench, "court")]) if each.same_text}

    described(bench, tmp_path, "clarifies", "2026-01-29")
    assert good() == set(), "the newest change may mean anything"
    described(bench, tmp_path, "clarifies", "2026-05-01")
    assert good() == {old, middle}
    described(bench, tmp_path, "widens", "2026-01-29")
    assert good() == {middle}


def test_a_restricted_case_is_shown_to_nobody(bench: Workbench) -> None:
    case = bench.store.case(decided(bench))
    assert case is not None
    put(bench.store, msgspec.structs.replace(case, sensitivity="restricted", pins={"x": Pin("v", "h")}))
    assert precedents(bench, sections=[section(bench, "praise")], text=LIKE) == ()
    assert library.today(bench)
