"""Similar cases and likely repeats at the desk: why each is there, what is never shown, and what bad input does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import casebench
import pytest
import tiny_model
from casebench import do, open_case
from in_force import decide, put
from like_desk import LETTER, strangers
from msgspec.structs import replace

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.operations import NewSubject, OpenCase
from escaltui.faces import Similar
from escaltui.policy.encoder import Encoder
from escaltui.store.chosen_model import Chosen
from escaltui.workbench import NotKnown, Workbench, similar
from escaltui.workbench.meaning_build import build


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with casebench.workbench(tmp_path) as found:
        strangers(found, 12)
        yield found


def hit(found: Similar, case_id: str) -> tuple[str, ...]:
    """Why a case is among those found; nothing where it is not."""
    return next((each.why for each in found.cases if each.line.id == case_id), ())


def about(bench: Workbench, *items: str, title: str = "x") -> str:
    """A case about some posts, without a report."""
    op_id = bench.operation_id()
    subjects = tuple(NewSubject(platform="p", item_type="post", item_id=item, author="nn") for item in items)
    opened = OpenCase(title=title, case_type="ads", subjects=subjects, opens=ids.entity_id(op_id, 0))
    outcome = bench.do(opened, op_id=op_id)
    assert not isinstance(outcome, Refused), outcome
    return ids.entity_id(op_id, 0)


def test_each_case_says_why_it_is_there(bench: Workbench) -> None:
    mine = open_case(bench, "Goldfinch", body=LETTER, requester="Brumwald")
    words = open_case(bench, "A later letter", body=LETTER.replace("We ask", "I demand"), requester="A lawyer")
    sender = open_case(bench, "Another matter", body="An advertisement with a wrong price", requester="Brumwald")
    found = bench.similar(mine)
    assert hit(found, words) == ("text",)
    assert hit(found, sender) == ("same_requester",)
    assert mine not in {each.line.id for each in found.cases}
    assert found.cases[0].line.id == words
    assert found.cases[0].close
    assert not next(each for each in found.cases if each.line.id == sender).close
    assert not found.trouble


def test_the_same_item_comes_first_and_tells_what_was_decided(bench: Workbench) -> None:
    earlier = open_case(bench, "One post", body="It insults me", requester="Ann")
    decide(bench.store, earlier)
    later = open_case(bench, "One post", body="Somebody else writes of it", requester="Bob")
    first = bench.similar(later).cases[0]
    assert (first.line.id, first.why[0], first.close) == (earlier, "same_item", True)
    assert "same_account" in first.why


def test_a_text_has_similar_cases_too(bench: Workbench) -> None:
    mine = open_case(bench, "Goldfinch", body=LETTER, requester="Brumwald")
    found = similar.similar_to_text(bench, "counterfeit turbines of Goldfinch")
    assert [each.line.id for each in found.cases][:1] == [mine]
    assert similar.similar_to_text(bench, "").cases == ()
    assert similar.similar_to_text(bench, "\U0001f422").cases == ()


def test_one_that_is_not_there_is_said(bench: Workbench) -> None:
    with pytest.raises(NotKnown, match="E-XXXXX"):
        bench.similar("E-XXXXX")


# --- who may see it


def shut(bench: Workbench, case_id: str, login: str = "akim") -> None:
    """From now on few may see a case; an akim who is not among them sits at the keyboard.

    Written as it stands, since the operation itself also gives it items and a requester of its own: what is shared with
    other cases stays here, and the wall alone is what hides it.
    """
    case = bench.store.case(case_id)
    assert case is not None
    put(bench.store, replace(case, sensitivity="restricted", stream=f"case:{case_id}"))
    do(bench, ops.AddPerson(login="akim", roles=("specialist",)))
    if login:
        bench.act_as(login)


def test_a_case_that_few_may_see_is_not_shown_to_others(bench: Workbench) -> None:
    hidden = open_case(bench, "One post", body=LETTER, requester="Ann", items=0)
    mine = open_case(bench, "One post", body=LETTER, requester="Ann", items=0)
    assert [each.line.id for each in similar.repeated(bench, mine)] == [hidden]  # the control: nothing hides it yet
    assert hit(bench.similar(mine), hidden)
    shut(bench, hidden)
    assert similar.repeated(bench, mine) == ()
    assert not hit(bench.similar(mine), hidden)
    assert hidden not in similar.close_in(bench, mine, "").case_ids
    face, brief = bench.case(mine), bench.brief(mine)
    assert face is not None
    assert brief is not None
    assert face.repeats == ()
    assert "repeats" not in dict(brief.parts)
    assert similar.repeated(bench, hidden) == ()
    with pytest.raises(NotKnown):
        bench.similar(hidden)


def test_the_wall_above_is_what_hides_it(bench: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A seeded defect: without the wall the case is shown, so that the test above proves something."""
    hidden = open_case(bench, "One post", body=LETTER, requester="Ann", items=0)
    mine = open_case(bench, "One post", body=LETTER, requester="Ann", items=0)
    shut(bench, hidden)
    monkeypatch.setattr(similar, "_sees", lambda bench, case: True)
    assert hit(bench.similar(mine), hidden)
    assert [each.line.id for each in similar.repeated(bench, mine)] == [hidden]


def test_who_may_see_it_is_shown_it_but_a_brief_that_is_handed_on_does_not_name_it(bench: Workbench) -> None:
    hidden = open_case(bench, "One post", body=LETTER, requester="Ann", items=0)
    mine = open_case(bench, "One post", body=LETTER, requester="Ann", items=0)
    shut(bench, hidden, login="")
    assert [(each.line.id, each.openly) for each in similar.repeated(bench, mine)] == [(hidden, False)]
    brief = bench.brief(mine)
    assert brief is not None
    assert "repeats" not in dict(brief.parts)


# --- repeats


def test_a_repeat_is_hinted_with_why_until_it_is_linked(bench: Workbench) -> None:
    first = open_case(bench, "One post", body=LETTER, requester="Ann")
    again = open_case(bench, "One post", body=LETTER, requester="Ann")
    (found,) = similar.repeated(bench, again)
    assert similar.repeated(bench, first) == (), "the earlier one repeats nothing"
    assert (found.line.id, found.why) == (first, ("same_item", "same_requester", "text"))
    face = bench.case(again)
    assert face is not None
    assert face.repeats == (found,)
    brief = bench.brief(again)
    assert brief is not None
    assert [what for what, _value in dict(brief.parts)["repeats"]] == [found.line.ref]
    do(bench, ops.LinkCases(case=again, target=first))
    assert similar.repeated(bench, again) == ()


def test_looking_writes_nothing(bench: Workbench) -> None:
    open_case(bench, "One post", body=LETTER, requester="Ann")
    again = open_case(bench, "One post", body=LETTER, requester="Ann")
    before = bench.store.last_seq()
    bench.similar(again)
    similar.repeated(bench, again)
    similar.close_in(bench, again, "")
    assert bench.store.last_seq() == before


def test_an_absorbed_case_repeats_nothing_and_is_not_shown(bench: Workbench) -> None:
    first = open_case(bench, "One post", body=LETTER, requester="Ann")
    again = open_case(bench, "One post", body=LETTER, requester="Ann")
    do(bench, ops.Merge(case=again, into=first))
    assert similar.repeated(bench, again) == ()
    third = open_case(bench, "One post", body=LETTER, requester="Ann")
    assert [each.line.id for each in similar.repeated(bench, third)] == [first]
    assert not hit(bench.similar(third), again)


def test_a_letter_without_items_repeats_one_of_the_same_words_and_sender_alone(bench: Workbench) -> None:
    first = open_case(bench, "A letter", body=LETTER, requester="Ann", items=0)
    again = open_case(bench, "A letter", body="Reminder. " + LETTER, requester="Ann", items=0)
    other = open_case(bench, "A letter", body=LETTER, requester="Bob", items=0)
    assert [each.line.id for each in similar.repeated(bench, again)] == [first]
    assert similar.repeated(bench, other) == ()


# --- bad input


def test_a_case_without_any_text_and_a_huge_one(bench: Workbench) -> None:
    empty = about(bench, title="")
    assert similar.repeated(bench, empty) == ()
    assert bench.similar(empty).cases == ()
    huge = open_case(bench, "Huge", body=LETTER + " ".join(f"word{n}" for n in range(40_000)), requester="Ann")
    twin = open_case(bench, "Huge", body=LETTER + " ".join(f"word{n}" for n in range(40_000)), requester="Ann")
    assert hit(bench.similar(twin), huge)[0] == "same_item"
    assert [each.line.id for each in similar.repeated(bench, twin)] == [huge]


def test_a_great_many_alike_are_cut_off_and_that_is_said(bench: Workbench) -> None:
    mine = [about(bench, "one", title=f"{LETTER} {n}") for n in range(430)][-1]
    found = bench.similar(mine)
    assert len(found.cases) == similar.SHOWN
    assert found.more
    marks = similar.close_in(bench, mine, "type:ads")
    assert len(marks.case_ids) == 200, "as many as one verb may touch"
    assert marks.more
    assert len(similar.repeated(bench, mine)) <= similar.HINTS
    assert similar.similar_to_text(bench, LETTER).cases, "no word of it is rare any more"


def test_marks_are_of_the_list_alone_and_open(bench: Workbench) -> None:
    mine = open_case(bench, "One post", body=LETTER, requester="Ann")
    near = open_case(bench, "One post", body=LETTER, requester="Ann", severity=1)
    done = open_case(bench, "One post", body=LETTER, requester="Ann")
    do(bench, ops.Dismiss(case=done, reason="spam"))
    assert set(similar.close_in(bench, mine, "").case_ids) == {mine, near}
    assert similar.close_in(bench, mine, "sev:3").case_ids == (mine,)
    assert similar.close_in(bench, mine, "").reasons == (("same_item", 1),)


# --- meaning


def test_meaning_helps_where_there_is_a_model_and_goes_without_one(bench: Workbench, tmp_path: Path) -> None:
    told = decide_reptiles(bench)
    mine = open_case(bench, "tortoise", body="tortoise", requester="Ann")
    assert not hit(bench.similar(mine), told)
    model = tiny_model.make(tmp_path / "model")
    bench.meaning.use(model)
    assert build(bench).whole
    assert hit(bench.similar(mine), told) == ("meaning",)
    bench.meaning.off()
    assert not hit(bench.similar(mine), told)


def test_a_model_that_went_away_is_said_and_words_go_on(bench: Workbench, tmp_path: Path) -> None:
    decide_reptiles(bench)
    words = open_case(bench, "Goldfinch", body=LETTER, requester="A lawyer")
    mine = open_case(bench, "Goldfinch", body=LETTER, requester="Ann")
    model = tiny_model.make(tmp_path / "model")
    bench.meaning.use(model)
    assert build(bench).whole
    (model / "model.onnx").unlink()
    bench.meaning._encoder = None
    found = bench.similar(mine)
    assert hit(found, words)
    assert "model" in found.trouble


def decide_reptiles(bench: Workbench) -> str:
    """A decided case whose words mean what "tortoise" means to the tiny model."""
    case_id = open_case(bench, "reptile", body="reptile", requester="Zoo")
    decide(bench.store, case_id)
    return case_id


def test_a_model_put_off_in_the_middle_leaves_words(
    bench: Workbench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decide_reptiles(bench)
    words = open_case(bench, "Goldfinch", body=LETTER, requester="A lawyer")
    mine = open_case(bench, "Goldfinch", body=LETTER, requester="Ann")
    bench.meaning.use(tiny_model.make(tmp_path / "model"))
    assert build(bench).whole
    loaded = bench.meaning.encoder

    def put_off(chosen: Chosen) -> Encoder:
        bench.meaning.off()
        return loaded(chosen)

    monkeypatch.setattr(bench.meaning, "encoder", put_off)
    assert hit(bench.similar(mine), words)
    assert bench.meaning.chosen() is None
