"""A shift at a workbench: the draft, offering, taking over, what is new, watches counted."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import pytest

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Watch
from escaltui.store.values import Done
from escaltui.workbench import Workbench, shift, watching

if TYPE_CHECKING:
    from conftest import Hands

HOUR, MINUTE = 3_600_000, 60_000


def two(hands: Hands) -> tuple[Workbench, Workbench]:
    giver = hands.colleague("ada", roles=("specialist", "lead"))
    return giver, hands.colleague("grace", roles=("specialist",))


def test_a_draft_is_drawn_offered_and_taken_over_item_by_item(hands: Hands) -> None:
    giver, receiver = two(hands)
    cases = [hands.case(f"Case {n}", giver, severity=1) for n in range(3)]
    for key in cases:
        hands.done(ops.Claim(case=key), giver)
    drawn = shift.draft(giver)
    assert sorted(each.about for each in drawn.items) == sorted(cases)
    assert "S1" in drawn.items[0].says.value
    shift.edit(giver, receiver="grace", left_out=frozenset({cases[2]}), asks={cases[0]: "Call the court"})
    assert len(shift.draft(giver).kept) == 2
    assert isinstance(shift.offer(giver), Done)
    assert shift.edits(giver) == shift.Edits(), "what was edited is in the handover now"
    assert shift.unread(receiver) == 2
    (offered,) = shift.handovers(receiver)
    assert {item.ask.value for item in offered.items} == {"", "Call the court"}
    hands.now += 1000
    (outcome,) = shift.accept(receiver, offered.id, (cases[0],))
    assert isinstance(outcome, Done)
    line = receiver.line(cases[0])
    assert line is not None
    assert (line.owner, line.held_by, line.mine) == ("grace", "grace", True)
    assert isinstance(shift.give_back(receiver, offered.id, cases[1], "I am away"), Done)
    assert shift.unread(receiver) == 0
    back = giver.line(cases[1])
    assert back is not None
    assert back.held_by == "ada"


def test_what_waits_with_somebody_is_not_offered_twice(hands: Hands) -> None:
    giver, receiver = two(hands)
    first, second = (hands.case(f"Case {n}", giver, severity=1) for n in range(2))
    for key in (first, second):
        hands.done(ops.Claim(case=key), giver)
    shift.edit(giver, receiver="grace", left_out=frozenset({second}))
    assert isinstance(shift.offer(giver), Done)
    assert [each.about for each in shift.draft(giver).items] == [second]
    (offered,) = shift.handovers(receiver)
    assert isinstance(shift.give_back(receiver, offered.id, first, "I am away"), Done)
    assert {each.about for each in shift.draft(giver).items} == {first, second}, "it is mine again"


def test_an_offer_that_is_refused_keeps_the_draft(hands: Hands) -> None:
    giver, _receiver = two(hands)
    hands.done(ops.Claim(case=hands.case("A", giver, severity=0)), giver)
    shift.edit(giver, receiver="nobody.here", note="n")
    assert isinstance(shift.offer(giver), Refused)
    assert shift.edits(giver).note == "n"
    shift.edit(giver, receiver="grace")
    assert isinstance(shift.offer(giver), Done)
    assert len(shift.handovers(giver)) == 1, "the one that was kept is the one that was offered"


def test_an_empty_draft_is_refused_in_words(hands: Hands) -> None:
    giver, _receiver = two(hands)
    found = shift.offer(giver, "grace")
    assert isinstance(found, Refused)
    assert found.code == "incomplete"


def test_a_draft_that_cannot_be_read_any_more_is_drawn_anew(hands: Hands) -> None:
    hands.bench.save_draft(shift.EDITS, "{nonsense")
    assert shift.edits(hands.bench) == shift.Edits()


def test_whose_shift_it_is_and_who_comes_next(hands: Hands) -> None:
    (hands.folder / "settings").mkdir(exist_ok=True)
    rota = """
[[shift]]
team = "ops"
person = "Ada L."
login = "ada"
hours = "00:00-{a}"
[[shift]]
team = "ops"
person = "Grace H."
login = "grace"
hours = "{a}-24:00"
"""
    giver, receiver = two(hands)
    team = next(iter(giver.rules.teams))
    (hands.folder / "settings" / "rota.toml").write_text(rota.format(a="18:00").replace('"ops"', f'"{team}"'))
    hands.now = 1_790_000_000_000 // (24 * HOUR) * 24 * HOUR + 10 * HOUR
    mine = shift.my_shift(giver)
    assert (mine.team, mine.following_login) == (team, "grace")
    assert mine.until == hands.now + 8 * HOUR
    assert shift.my_shift(receiver).until is None
    assert shift.receivers(giver, mine)[0] == "grace"
    assert shift.draft(giver).receiver == "grace"
    assert shift.draft(giver).until == hands.now + 14 * HOUR


def test_the_page_tells_what_is_new(hands: Hands) -> None:
    giver, receiver = two(hands)
    watched = hands.case("Watched", giver)
    hands.done(ops.Follow(case=watched), giver)
    hands.done(ops.AddNote(case=watched, body="News of the court"), receiver)
    page = shift.face(giver)
    assert [each.line.id for each in page.followed] == [watched]
    assert page.followed[0].times == 1
    assert page.offers == page.given == page.watches == page.risks == ()
    assert page.time.until is None


def test_a_case_that_few_may_see_is_told_of_to_its_giver_and_not_handed_over(hands: Hands) -> None:
    giver, receiver = two(hands)
    shut, plain = (hands.case(title, giver, severity=1) for title in ("Shut", "Plain"))
    for key in (shut, plain):
        hands.done(ops.Claim(case=key), giver)
    hands.done(ops.SetSensitivity(case=shut, sensitivity="restricted", reason="a source is named"), giver)
    drawn = {each.about: each for each in shift.draft(giver).items}
    assert drawn[shut].left_out
    assert "few may see it" in drawn[shut].says.value
    shift.edit(giver, receiver="grace", asks={shut: "a secret"})
    assert isinstance(shift.offer(giver), Done)
    (offered,) = shift.handovers(receiver)
    assert [item.about for item in offered.items] == [plain]
    row = giver.store.row("handover", offered.id)
    assert shut not in str(row)
    assert "secret" not in str(row)


# --- watches


def keep(hands: Hands, bench: Workbench, **more: Any) -> str:
    fields: dict[str, Any] = {"name": "Wave", "query": "tag:wave", "threshold": 2, "minutes": 60}
    done = hands.done(ops.SetWatch(**(fields | more)), bench)
    return done.changes[0].entity_id


def watch(bench: Workbench, key: str) -> Watch:
    found = bench.store.row("watch", key)
    assert isinstance(found, Watch)
    return found


def tagged(hands: Hands, n: int, tag: str = "wave") -> str:
    return hands.case(f"Case {n}", tags=(tag,))


def test_a_watch_trips_above_its_threshold_and_is_on_again_when_the_window_moved_on(hands: Hands) -> None:
    key = keep(hands, hands.bench)
    for n in range(2):
        tagged(hands, n)
    assert watching.count(hands.bench) == ()
    tagged(hands, 2)
    assert watching.count(hands.bench) == ("Wave",)
    assert watching.count(hands.bench) == (), "once a crossing"
    assert watch(hands.bench, key).state == "tripped"
    (shown,) = watching.watches(hands.bench)
    assert (shown.found, shown.state) == (3, "tripped")
    hands.now += 2 * HOUR
    assert watching.count(hands.bench) == ()
    assert watch(hands.bench, key).state == "on"


def test_alone_the_tick_trips_it_after_three_days_off(hands: Hands) -> None:
    key = keep(hands, hands.bench, minutes=7 * 24 * 60)
    for n in range(3):
        tagged(hands, n)
    assert watch(hands.bench, key).state == "on", "nobody counted yet"
    hands.now += 3 * 24 * HOUR
    again = hands.open()
    again.tick()
    assert watch(again, key).state == "tripped"
    last = again.store.changes(limit=10_000)[-1]
    assert (last.actor, last.verb) == ("system", "TripWatch")


def test_a_query_of_another_release_trips_nothing_and_breaks_nothing(hands: Hands, monkeypatch: Any) -> None:
    keep(hands, hands.bench)
    real = hands.bench.query

    def unknown(text: str, me: str = "") -> Any:
        if text == "tag:wave":
            from escaltui.domain.query import QueryError

            raise QueryError("no field", 1)
        return real(text, me)

    monkeypatch.setattr(hands.bench, "query", unknown)
    assert watching.count(hands.bench) == ()
    assert watching.watches(hands.bench)[0].found == 0


@pytest.mark.parametrize("block", range(4))
def test_any_order_of_changes_trips_once_a_crossing_as_a_full_recount_says(hands: Hands, block: int) -> None:
    """250 random changes a block, 1,000 in all: cases come with and without the tag, lose it, get it, time passes."""
    rng, trips, crossings = random.Random(block), 0, 0
    key = keep(hands, hands.bench, threshold=3, minutes=30)
    known: dict[str, tuple[int, bool]] = {}
    above = False
    for n in range(250):
        _change(hands, rng, known, n)
        tripped = watching.count(hands.bench)
        inside = sum(on for at, on in known.values() if at > hands.now - 30 * MINUTE)
        now = inside > 3
        crossings += now and not above
        trips += len(tripped)
        assert bool(tripped) == (now and not above), (n, inside)
        assert (watch(hands.bench, key).state == "tripped") == now
        above = now
    assert trips == crossings > 3


def _change(hands: Hands, rng: random.Random, known: dict[str, tuple[int, bool]], n: int) -> None:
    what = rng.random()
    if what < 0.45 or not known:
        on = rng.random() < 0.7
        case = tagged(hands, n, "wave" if on else "calm")
        known[case] = (hands.now, on)
    elif what < 0.6:
        hands.now += rng.randrange(1, 20) * MINUTE
    else:
        case = rng.choice(list(known))
        at, on = known[case]
        done = hands.bench.do(ops.Untag(case=case, tags=("wave",)) if on else ops.Tag(case=case, tags=("wave",)))
        assert isinstance(done, Done)
        known[case] = (at, not on)


def test_a_watch_or_risk_becomes_an_incident(hands: Hands) -> None:
    hands.bench.roles = hands.bench.roles | {"lead"}
    key = keep(hands, hands.bench)
    cases = {tagged(hands, n) for n in range(3)}
    found = watching.declare(hands.bench, "watch", key)
    assert isinstance(found, watching.Declared)
    assert (found.joined, found.told) == (3, "Declared over 3 cases.")
    incident: Any = hands.bench.store.row("incident", found.incident)
    assert (incident.name, incident.query) == ("Wave", "tag:wave")
    assert set(hands.bench.matching(f"incident:{incident.ref}")) == cases
    hands.done(ops.SetRisk(title="Election", review_on=hands.now - 1, impact=3))
    (risk,) = watching.risks(hands.bench)
    assert risk.late
    assert isinstance(watching.declare(hands.bench, "risk", risk.id), watching.Declared)
    assert watching.risks(hands.bench) == ()
    assert isinstance(watching.declare(hands.bench, "watch", "nothing"), Refused)
