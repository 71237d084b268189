"""The next case, undo, marked sets, what changed, merged cases, drafts: the work as a person meets it."""

from __future__ import annotations

import pytest

from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddNote, Assign, Claim, Dismiss, Merge, Recuse, Skip, Tag, Triage, Untag
from escaltui.workbench import NotKnown
from escaltui.workbench.bulk import TooMany

HOUR = 3_600_000


def ids_in(bench, count):
    return [bench.take_next().id for _ in range(count)]


# --- next


def test_next_is_the_best_of_the_queue_and_claims_it(hands):
    hands.case("mild", severity=3)
    worst = hands.case("grave", severity=0)
    assert hands.bench.next_case().id == worst
    taken = hands.bench.take_next()
    assert (taken.id, taken.mine, taken.status) == (worst, True, "in_review")


def test_next_knows_languages_recusal_skips_and_what_others_hold(hands):
    french, german, plain = (hands.case(name, languages=langs) for name, langs in
                             (("fr", ("fr",)), ("de", ("de",)), ("", ())))  # fmt: skip
    mine = hands.open(languages=("de",))
    assert set(ids_in(mine, 2)) == {german, plain}
    assert mine.take_next() is None
    kim = hands.colleague("kim")
    assert kim.next_case().id == french
    hands.done(Recuse(case=french, person="kim", reason="knows them"))
    assert kim.next_case() is None
    assert hands.bench.next_case().id == french
    hands.done(Skip(case=french, reason="tired"))
    assert hands.bench.next_case() is None
    hands.now += 5 * HOUR
    hands.bench.tick()
    assert french in {hands.bench.next_case().id, *(row.id for row in hands.bench.rows("is:open"))}
    assert hands.bench.next_case() is not None


def test_next_goes_on_where_the_first_is_taken_in_the_same_moment(hands, monkeypatch):
    first, second = hands.case("one", severity=1), hands.case("two", severity=2)
    kim = hands.colleague("kim")
    offered = type(kim)._offered

    def raced(self, *arguments):
        rows = offered(self, *arguments)
        hands.done(Claim(case=first))
        return rows

    monkeypatch.setattr(type(kim), "_offered", raced)
    assert kim.take_next().id == second


def test_an_unknown_colleague_is_named_with_those_known(hands):
    hands.colleague("kim")
    with pytest.raises(NotKnown, match=r"no colleague 'jo'.*Known: kim\..*people add"):
        hands.open("jo")


# --- undo


def test_undo_steps_back_over_sessions_and_takes_a_newer_step_of_the_same_kind_first(hands):
    case = hands.case()
    hands.done(Tag(case=case, tags=("a",)))
    hands.done(Tag(case=case, tags=("b",)))
    later = hands.open()
    assert later.undo().verb == "Tag"
    hands.done(Tag(case=case, tags=("c",)), later)
    assert [later.undo().verb, later.undo().verb] == ["Tag", "Tag"]
    assert later.store.case(case).tags == ()
    refused = later.undo()
    assert isinstance(refused, Refused)
    assert refused.reason.startswith("OpenCase cannot be undone")


def test_undo_touches_nobody_elses_work(hands):
    case = hands.case()
    hands.done(Tag(case=case, tags=("a",)))
    kim = hands.colleague("kim")
    assert kim.undo().code == "not_found"
    hands.done(Tag(case=case, tags=("b",)), kim)
    assert kim.undo().verb == "Tag"
    assert hands.bench.store.case(case).tags == ("a",)


def test_an_undo_asked_twice_with_one_id_is_one_undo(hands):
    case = hands.case()
    for tag in "ab":
        hands.done(Tag(case=case, tags=(tag,)))
    assert hands.bench.undo(op_id="u") == hands.bench.undo(op_id="u")
    assert hands.bench.store.case(case).tags == ("a",)


# --- many


@pytest.mark.parametrize(
    "make",
    [
        lambda case, _all: Tag(case=case, tags=("x",)),
        lambda case, _all: Claim(case=case),
        lambda case, _all: Dismiss(case=case, reason="spam"),
        lambda case, _all: Triage(case=case, severity=0),
        lambda case, _all: Assign(case=case, person="ada"),
        lambda case, cases: Merge(case=case, into=cases[-1]),
        lambda case, _all: Untag(case=case, tags=("none",)),
    ],
)
def test_a_dry_run_tells_what_the_run_will_do_and_writes_nothing(hands, make):
    cases = [hands.case(str(n)) for n in range(4)]
    kim = hands.colleague("kim")
    hands.done(Claim(case=cases[1]), kim)
    hands.done(Dismiss(case=cases[2], reason="spam"))
    before = hands.bench.store.last_seq()
    foreseen = hands.bench.do_marked(lambda case: make(case, cases), cases, dry_run=True)
    assert hands.bench.store.last_seq() == before
    assert hands.bench.do_marked(lambda case: make(case, cases), cases) == foreseen
    assert len(foreseen.will_change) + len(foreseen.refused) == 4


def test_a_set_has_at_most_200_members(hands):
    with pytest.raises(TooMany, match="at most 200"):
        hands.bench.do_marked(lambda case: Tag(case=case, tags=("x",)), [str(n) for n in range(201)])


def test_listeners_hear_of_a_set_once_and_of_nothing_after_they_stop(hands):
    cases, heard = [hands.case(str(n)) for n in range(3)], []
    stop = hands.bench.subscribe(heard.append)
    hands.bench.do_marked(lambda case: Tag(case=case, tags=("x",)), cases)
    assert heard == [frozenset(cases)]
    stop()
    hands.done(Tag(case=cases[0], tags=("y",)))
    assert len(heard) == 1


# --- one case


def test_what_changed_since_i_looked_is_what_others_did(hands):
    case = hands.case()
    kim = hands.colleague("kim")
    hands.done(AddNote(case=case, body="before"), kim)
    assert hands.bench.case(case).seen_at is None
    assert not any(entry.is_new for entry in hands.bench.case(case).timeline)
    hands.bench.mark_seen(case)
    hands.done(AddNote(case=case, body="after"), kim)
    hands.done(AddNote(case=case, body="my own"))
    face = hands.bench.case(case)
    assert [entry.body.value for entry in face.timeline if entry.is_new] == ["after"]
    hands.done(AddNote(case=case, body="too late to be seen"), kim)
    hands.bench.mark_seen(case, face.timeline[-1].seq)
    again = hands.bench.case(case)
    assert [entry.body.value for entry in again.timeline if entry.is_new] == ["too late to be seen"]
    assert again.seen_at == hands.now


def test_a_long_timeline_keeps_its_newest_end(hands, monkeypatch):
    monkeypatch.setattr("escaltui.workbench.casefile.TIMELINE", 5)
    case = hands.case()
    for number in range(8):
        hands.done(AddNote(case=case, body=str(number)))
    assert [entry.body.value for entry in hands.bench.case(case).timeline] == ["3", "4", "5", "6", "7"]


def test_a_merged_case_and_its_survivor_name_each_other(hands):
    first, second = hands.case("first", subjects=(hands.item(1),)), hands.case("second", subjects=(hands.item(2),))
    hands.done(Merge(case=second, into=first))
    survivor, absorbed = hands.bench.case(first), hands.bench.case(second)
    assert [(each.case_id, each.title.value) for each in survivor.absorbed] == [(second, "second")]
    assert (absorbed.merged_into, absorbed.line.status) == (survivor.line.ref, "merged")


def test_a_split_takes_some_items_and_never_all(hands):
    case = hands.case("both", subjects=(hands.item(1), hands.item(2)))
    bench = hands.bench
    (one,) = bench.items(case, ["https://a.example/1"])
    assert bench.items(case, ["p1", one]) == (one,)
    assert bench.split(case, bench.items(case, ["p1", "p2"])).code == "incomplete"
    assert bench.split(case, []).code == "incomplete"
    done = bench.split(case, [one], "Part")
    new = next(change.entity_id for change in done.changes if change.entity == "case")
    assert [each.item_id.value for each in bench.case(new).subjects] == ["p1"]
    assert [each.item_id.value for each in bench.case(case).subjects] == ["p2"]
    assert [link.kind for link in bench.case(case).links] == ["split_from"]


def test_drafts_belong_to_one_person_and_outlive_the_session(hands):
    kim = hands.colleague("kim")
    hands.bench.save_draft("note x", "mine")
    assert kim.draft("note x") is None
    kim.save_draft("note x", "kim's")
    assert hands.open().draft("note x") == "mine"
    hands.bench.drop_draft("note x")
    assert (hands.bench.draft("note x"), kim.draft("note x")) == (None, "kim's")


def test_time_alone_ends_a_claim(hands):
    case = hands.case()
    hands.done(Claim(case=case))
    hands.now += 16 * 60_000
    assert case in hands.bench.tick()
    assert hands.bench.line(case).held_by == ""
    assert hands.bench.tick() == frozenset()
