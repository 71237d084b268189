"""The ledger at a desk: what is a look, when one is reminded, which case `n` takes, and that nothing of it leaves."""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from escaltui import when
from escaltui.domain.media import Attachment
from escaltui.domain.operations import AddNote, Claim, NewSubject, RateMedia, RecordAsked
from escaltui.media_faces import MediaFace, SeenBefore
from escaltui.protection import Exposing
from escaltui.safety.exposure import BREAK, DAY, MINUTE
from escaltui.widgets.media_card import card as media_card
from escaltui.widgets.say import pair, plain
from escaltui.workbench import Workbench, seen
from escaltui.workbench.exposure import Exposure, Offer
from escaltui.workbench.looks import midnight

HOUR = 60 * MINUTE
NOON = round(datetime(2026, 9, 21, 12).timestamp()) * when.SECOND
"""Where the machine is: the day has room before and after."""


@pytest.fixture
def desk(hands: Any) -> Any:
    hands.now = NOON
    return hands


def with_picture(hands: Any, name: str, rating: str = "graphic", item: str = "", **more: Any) -> MediaFace:
    """A case with one picture, rated by a colleague. `item`: what it is of, where one picture is of several."""
    sha256 = hashlib.sha256(name.encode()).hexdigest()
    picture = Attachment(f"{name}.jpg", "image/jpeg", 1000, sha256)
    case = hands.case(name, subjects=(NewSubject(platform="web", item_id=item or name, media=(picture,)),), **more)
    if rating != "unknown":
        hands.done(RateMedia(case=case, holder=hands.bench.media(case)[0].holder, rating=rating))
    (face,) = hands.bench.media(case)
    return face


def look(hands: Any, face: MediaFace, seconds: float = 10.0, bench: Workbench | None = None) -> int:
    exposure = (bench or hands.bench).exposure
    number = exposure.began(face, "clear", False, 0.5)
    hands.now += round(seconds * 1000)
    exposure.ended(number, seconds)
    return number


def settings(bench: Workbench, **changed: Any) -> Exposure:
    """The ledger under other settings."""
    bench.config = msgspec.structs.replace(bench.config, exposure=Exposing(**changed))
    bench.__dict__.pop("exposure", None)
    return bench.exposure


# --- what is a look


def test_only_clear_is_a_look(desk: Any) -> None:
    face, exposure = with_picture(desk, "one"), desk.bench.exposure
    for level in ("curtain", "heavy", "light"):
        assert exposure.began(face, level, False, 0.5) == 0
    assert exposure.began(face._replace(sealed=True), "clear", False, 0.5) == 0
    assert not exposure.ledger.path.exists()
    assert exposure.began(face, "clear", True, 0.25) == 1
    (row,) = exposure.ledger.looks()
    assert (row.sha256, row.rating, row.case_ref, row.colour, row.area) == (
        face.sha256,
        "graphic",
        face.ref,
        True,
        0.25,
    )


def test_a_look_carries_the_picture_hash_that_is_known(desk: Any) -> None:
    face = with_picture(desk, "one")
    desk.bench.store.write(
        lambda c: c.execute("INSERT INTO picture_hash VALUES (?, ?, ?, 90, ?)", (face.sha256, "ab" * 32, "cd" * 32, 1))
    )
    look(desk, face)
    assert desk.bench.exposure.ledger.looks()[0].pdq == "ab" * 32


def test_a_passage_is_its_kinds_and_length_without_its_words(desk: Any) -> None:
    desk.bench.exposure.passage("E-1", ("threat", "slur", "slur"), 120)
    (row,) = desk.bench.exposure.ledger.looks()
    assert (row.kind, row.rating, row.area, row.level, row.seconds) == ("passage", "slur threat", 120.0, "unmasked", 0)


def test_own_looks_are_told_by_case_the_newest_first(desk: Any) -> None:
    one, two = with_picture(desk, "same"), with_picture(desk, "other")
    two = two._replace(sha256=one.sha256)
    look(desk, one)
    first = desk.bench.exposure.ledger.looks()[0].at
    look(desk, two)
    look(desk, two)
    found = desk.bench.exposure.own_looks(one.sha256)
    assert [(seen.case_id, seen.ref, seen.mine, seen.by, seen.distance) for seen in found] == [
        (two.case_id, two.ref, True, desk.bench.me, 0), (one.case_id, one.ref, True, desk.bench.me, 0),
    ]  # fmt: skip
    assert found[1].at == first
    assert desk.bench.exposure.own_looks("f" * 64) == ()


def test_where_i_looked_at_a_picture_before_is_told_to_me_alone(desk: Any) -> None:
    looked, other, here = (with_picture(desk, "same", item=name) for name in ("one", "two", "three"))
    came = {seen.case_id: seen for seen in desk.bench.seen_before(here)}
    assert {seen.mine for seen in came.values()} == {False}
    assert came.keys() == {looked.case_id, other.case_id}
    look(desk, looked)
    desk.now += HOUR
    at = desk.now
    look(desk, looked)
    desk.now += 3 * DAY
    told = {seen.case_id: seen for seen in desk.bench.seen_before(here)}
    mine = told[looked.case_id]
    assert (mine.mine, mine.at, mine.by, mine.ref) == (True, at, desk.bench.me, looked.ref)
    assert told[other.case_id] == came[other.case_id]
    card = " ".join(plain(pair(part)[0]) for block in media_card(here, None, (mine,), desk.now) for part in block.parts)
    assert f"you, {when.brief(at, desk.now)}, {looked.ref}, not decided" in card
    desk.bench.exposure.turn(off=True)
    assert {seen.case_id: seen for seen in desk.bench.seen_before(here)} == came


def test_an_own_look_is_told_with_what_was_decided_there(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, here = (with_picture(desk, "same", item=name) for name in ("one", "two"))
    look(desk, looked)
    (row,) = desk.bench.exposure.ledger.looks()
    decided = SeenBefore(looked.case_id, looked.ref, "removed", 7, "bo", 12, True)
    monkeypatch.setattr(seen, "_on", lambda *_given: decided)
    assert desk.bench.seen_before(here) == (decided._replace(at=row.at, by=desk.bench.me, mine=True),)


@pytest.mark.parametrize("how", ["settings", "command"])
def test_off_nothing_is_written_counted_or_said(desk: Any, how: str) -> None:
    face, exposure = with_picture(desk, "one"), settings(desk.bench, ledger="off" if how == "settings" else "local")
    if how == "command":
        exposure.turn(off=True)
    before = exposure.ledger.path.read_bytes() if how == "command" else b""
    for _ in range(4):
        assert look(desk, face, 600) == 0
    assert exposure.passage(face.ref, ("slur",), 9) == 0
    exposure.rated(face, "severe")
    exposure.rested(desk.now)
    exposure.leave_out(("violence",))
    assert exposure.nudge(desk.now) == ""
    assert exposure.own_looks(face.sha256) == ()
    assert exposure.left_out(desk.now) == {"violence"}, "a wish of the day is kept in memory"
    assert (exposure.ledger.path.read_bytes() if exposure.ledger.path.exists() else b"") == before


def test_a_ledger_that_cannot_be_used_never_stops_the_work(desk: Any) -> None:
    face, exposure = with_picture(desk, "one"), desk.bench.exposure
    exposure.ledger.path.write_bytes(b"no database" * 100)
    assert look(desk, face) == 0
    assert (exposure.own_looks(face.sha256), exposure.nudge(desk.now), exposure.looked_minutes()) == ((), "", 0)
    assert desk.bench.take_next() is not None


def test_turned_off_in_the_middle_of_a_day_nobody_is_reminded(desk: Any) -> None:
    exposure = desk.bench.exposure
    look(desk, with_picture(desk, "one"), 40 * 60)
    assert exposure.due(desk.now) is not None
    exposure.turn(off=True)
    assert exposure.due(desk.now) is None


# --- reminders and breaks


def test_minutes_are_counted_and_a_whole_break_begins_anew(desk: Any) -> None:
    face, exposure = with_picture(desk, "one"), desk.bench.exposure
    assert exposure.looked_minutes() == 0
    look(desk, face, 250)
    assert exposure.looked_minutes() == 4
    desk.now += BREAK
    exposure.rested(desk.now)
    assert exposure.looked_minutes() == 0
    look(desk, face, 61)
    assert (exposure.looked_minutes(), desk.open().exposure.refresh().seconds) == (1, 61)


def test_the_day_begins_anew_at_midnight(desk: Any) -> None:
    look(desk, with_picture(desk, "one"), 120)
    desk.now += 12 * HOUR
    desk.bench.exposure.refresh()
    assert desk.bench.exposure.looked_minutes() == 0


def test_a_reminder_is_said_once_a_step_and_names_the_way(desk: Any) -> None:
    face, exposure = with_picture(desk, "one"), desk.bench.exposure
    look(desk, face, 14 * 60)
    assert exposure.nudge(desk.now) == ""
    look(desk, face, 60)
    assert exposure.nudge(desk.now) == "15 minutes of clear pictures today. B takes a break. Only you see this."
    assert exposure.nudge(desk.now) == ""
    look(desk, face, 15 * 60)
    found = exposure.due(desk.now)
    assert found is not None
    assert found.step == 2
    desk.now += BREAK
    exposure.rested(desk.now)
    look(desk, face, 15 * 60)
    assert exposure.nudge(desk.now).startswith("15 minutes of clear pictures since your break.")


def test_none_is_said_during_a_look_while_typing_or_near_a_statutory_due(desk: Any) -> None:
    face, exposure = with_picture(desk, "one"), desk.bench.exposure
    look(desk, face, 15 * 60)
    assert exposure.due(desk.now, leased=True) is None
    assert exposure.due(desk.now, typing=True) is None
    running = exposure.began(face, "clear", False, 0.5)
    assert exposure.due(desk.now) is None
    desk.now += 121_000
    assert exposure.due(desk.now) is not None, "a look that nobody ended does not silence for ever"
    exposure.ended(running, 1)
    order = desk.case("Order", case_type="legal_removal", flags=("terrorism",), countries=("FR",), severity=2)
    clocks = desk.bench.store.bundle(order).case.clocks.values()
    (due,) = (clock.due_at for clock in clocks if clock.kind == "statutory" and clock.due_at)
    desk.now = due - 10 * MINUTE
    assert exposure.due(desk.now) is not None, "somebody else's"
    desk.done(Claim(case=order))
    assert [each.due for each in exposure.statutory()] == [due]
    assert exposure.due(desk.now) is None
    desk.now = due - 31 * MINUTE
    assert exposure.due(desk.now) is not None


def test_in_a_break_claims_are_renewed(desk: Any) -> None:
    case, other = desk.case("Mine"), desk.case("Theirs")
    desk.done(Claim(case=case))
    kim = desk.colleague("kim")
    desk.done(Claim(case=other), kim)
    held = desk.bench.line(case).held_until
    desk.now = held - 9 * MINUTE
    desk.bench.exposure.renew()
    assert desk.bench.line(case).held_until == desk.now + 15 * MINUTE
    assert desk.bench.line(other).held_until < desk.now + 15 * MINUTE


# --- what `n` takes


def three(desk: Any, rating: str = "graphic") -> None:
    for name in ("a", "b", "c"):
        face = with_picture(desk, f"seen {name}", rating)
        desk.done(Claim(case=face.case_id))
        look(desk, face)


def test_after_three_graphic_cases_words_alone_are_offered_and_n_again_is_queue_order(desk: Any) -> None:
    three(desk)
    first = with_picture(desk, "the next", severity=3)
    calm = desk.case("words alone", severity=4)
    found = desk.bench.exposure.take_next("is:open", "queue")
    assert isinstance(found, Offer)
    assert (found.line.id, found.after) == (calm, 3)
    assert desk.bench.line(calm).held_by == "", "an offer claims nothing"
    assert desk.bench.exposure.take_next("is:open", "queue", asked=True).id == first.case_id
    assert desk.bench.exposure.take_next("is:open", "queue").id == calm, "asked once, not again before three more"


def test_an_offer_that_is_taken_is_claimed(desk: Any) -> None:
    three(desk)
    with_picture(desk, "the next", severity=3)
    calm = desk.case("words alone", severity=4)
    assert isinstance(desk.bench.exposure.take_next("is:open", "queue"), Offer)
    taken = desk.bench.exposure.take_calm("is:open", "queue")
    assert (taken.id, taken.mine) == (calm, True)


def test_two_graphic_cases_or_three_milder_ones_change_nothing(desk: Any) -> None:
    three(desk, "sensitive")
    first = with_picture(desk, "the next", severity=3)
    desk.case("words alone", severity=4)
    assert desk.bench.exposure.take_next("is:open", "queue").id == first.case_id


def test_what_was_rated_graphic_after_the_look_counts(desk: Any) -> None:
    for name in ("a", "b", "c"):
        face = with_picture(desk, f"seen {name}", "unknown")
        desk.done(Claim(case=face.case_id))
        look(desk, face)
        desk.bench.exposure.rated(face, "severe")
    with_picture(desk, "the next", severity=3)
    desk.case("words alone", severity=4)
    assert isinstance(desk.bench.exposure.take_next("is:open", "queue"), Offer)


def test_auto_takes_it_and_off_never_does(desk: Any) -> None:
    three(desk)
    first = with_picture(desk, "the next", severity=3)
    calm = desk.case("words alone", severity=4)
    assert settings(desk.bench, interleave="off").take_next("is:open", "queue").id == first.case_id
    with_picture(desk, "one more", severity=3)
    assert settings(desk.bench, interleave="auto").take_next("is:open", "queue").id == calm


@pytest.mark.parametrize("how", ["S0", "S1", "within the hour", "control"])
def test_what_presses_is_never_overtaken(desk: Any, how: str) -> None:
    three(desk)
    level = {"S0": 0, "S1": 1}.get(how, 3)
    first = with_picture(desk, "the next", severity=level)
    if how == "within the hour":
        desk.done(RecordAsked(case=first.case_id, words="soon", instant=desk.now + 50 * MINUTE))
    desk.case("words alone", severity=4)
    found = desk.bench.exposure.take_next("is:open", "queue")
    assert isinstance(found, Offer) if how == "control" else found.id == first.case_id


@pytest.mark.parametrize("how", ["S0", "S1", "within the hour", "control"])
def test_a_harm_left_out_today_is_passed_over_unless_it_presses(desk: Any, how: str) -> None:
    level = {"S0": 0, "S1": 1}.get(how, 3)
    harmful = desk.case("hard", severity=level, harm="self_harm")
    if how == "within the hour":
        desk.done(RecordAsked(case=harmful, words="soon", instant=desk.now + 50 * MINUTE))
    other = desk.case("other", severity=4, harm="scams_and_fraud")
    desk.bench.exposure.leave_out(("self_harm",))
    assert desk.bench.next_case().id == (other if how == "control" else harmful)
    assert desk.open().next_case().id == desk.bench.next_case().id, "kept for the next start"
    if how == "control":
        assert desk.bench.take_next().id == other
        assert desk.bench.take_next() is None
        desk.now += 12 * HOUR
        assert desk.bench.next_case().id == harmful, "until midnight"


def test_a_harm_is_taken_back_in(desk: Any) -> None:
    case = desk.case("hard", harm="self_harm")
    desk.bench.exposure.leave_out(("self_harm",))
    assert desk.bench.next_case() is None
    desk.bench.exposure.leave_out(())
    assert desk.bench.next_case().id == case


# --- looking back


def test_the_week_is_seven_days_with_today_last(desk: Any) -> None:
    face = with_picture(desk, "one")
    for back in (8, 6, 1, 0):
        desk.now = NOON - back * 24 * HOUR
        look(desk, face, 60)
    desk.bench.exposure.passage(face.ref, ("slur",), 4)
    week = desk.bench.exposure.week()
    assert [day.day for day in week] == [when.day(NOON - back * 24 * HOUR) for back in range(6, -1, -1)]
    assert [(day.looks, day.graphic, day.passages, day.seconds) for day in week] == [
        (1, 1, 0, 60), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0), (0, 0, 0, 0), (1, 1, 0, 60), (1, 1, 1, 60)
    ]  # fmt: skip


def test_looks_of_more_than_ninety_days_ago_are_sums(desk: Any) -> None:
    face = with_picture(desk, "one")
    look(desk, face, 60)
    desk.now += 92 * 24 * HOUR
    look(desk, face, 5)
    assert [row.seconds for row in desk.bench.exposure.ledger.looks()] == [5]
    assert [day.seconds for day in desk.bench.exposure.ledger.sums().values()] == [60]


# --- nothing leaves


CANARY = "ca" * 32
CANARY_REF = "E-CANRY"


def everything(folder: Path) -> bytes:
    """All bytes of a folder but the ledger's own file and the room kept for a full disk."""
    found = [
        path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in ("wellbeing.db", "reserve")
    ]
    return b"".join(path.read_bytes() for path in found)


def test_no_other_file_of_the_store_holds_a_look(desk: Any) -> None:
    face = with_picture(desk, "one")._replace(sha256=CANARY, ref=CANARY_REF)
    look(desk, face, 60)
    desk.bench.exposure.passage(CANARY_REF, ("slur",), 4)
    desk.bench.exposure.rated(face, "severe")
    desk.bench.exposure.leave_out(("violence",))
    desk.bench.store.backup()
    desk.bench.tick()
    place = desk.bench.store.folder
    ledger = place / "wellbeing.db"
    assert ledger.stat().st_mode & 0o777 == 0o600
    assert CANARY.encode() in ledger.read_bytes()
    assert not [word for word in (CANARY.encode(), CANARY_REF.encode()) if word in everything(place)]
    desk.done(AddNote(case=face.case_id, body=f"{CANARY} {CANARY_REF}"))
    desk.bench.store.backup()
    assert CANARY.encode() in everything(place / "backups"), "the control: the search finds what is there"


def test_no_operation_is_asked_and_no_change_written(desk: Any) -> None:
    face = with_picture(desk, "one")
    before = (desk.bench.store.last_seq(), len(desk.bench.store.outbox()), everything(desk.bench.store.folder))
    look(desk, face, 60)
    desk.bench.exposure.rested(desk.now)
    desk.bench.exposure.leave_out(("violence",))
    assert (desk.bench.store.last_seq(), len(desk.bench.store.outbox())) == before[:2]
    assert everything(desk.bench.store.folder) == before[2]


def test_emptied_the_raw_file_holds_nothing(desk: Any) -> None:
    face = with_picture(desk, "one")
    look(desk, face, 60)
    desk.bench.exposure.leave_out(("self_harm",))
    path = desk.bench.exposure.ledger.path
    words = (face.sha256.encode(), face.ref.encode(), b"self_harm")
    assert all(word in path.read_bytes() for word in words)
    assert desk.bench.exposure.forget() == 1
    assert not any(word in path.read_bytes() for word in words)
    assert desk.bench.exposure.looked_minutes() == 0
    assert desk.bench.next_case() is not None


def test_midnight_is_the_persons_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/Sao_Paulo")
    time.tzset()
    try:
        assert when.full(midnight(NOON, 0))[11:] == "00:00"
        assert midnight(NOON, 1) - midnight(NOON, 0) == 24 * HOUR
    finally:
        monkeypatch.undo()
        time.tzset()
