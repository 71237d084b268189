"""The shield: where items rest, what keys lift and for how long, and that nothing is seen without a live permit."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shield_programs import ITEM, KEYS, OTHER, SETTINGS, in_a_row, run

from escaltui.protection import STRICTEST, Shielding
from escaltui.safety import shield as module
from escaltui.safety.shield import DEAF, IN_A_ROW, LEVELS, Permit, Shield, resting

NAMES = sorted(KEYS)
PAUSES = st.sampled_from((0.0, 0.03, 0.2, 0.31, 0.7, 0.8, 1.4, 1.6, 5.0, 19.9, 20.1, 60.0, 119.0, 121.0))
PROGRAMS = st.lists(st.tuples(st.sampled_from(NAMES), PAUSES), max_size=40)


def shown(rest: str = "heavy", settings: Shielding = SETTINGS) -> Shield:
    """A shield over one item that appeared a second ago, at 0; now is 1."""
    shield = Shield(settings)
    shield.show(ITEM, rest, 0.0)  # type: ignore[arg-type]
    return shield


# --- where an item rests


@pytest.mark.parametrize(
    ("rating", "claimed", "minor", "rest"),
    [
        ("unknown", "unknown", False, "heavy"), ("unknown", "none", False, "heavy"),
        ("none", "unknown", False, "clear"), ("none", "severe", True, "clear"),
        ("severe", "none", False, "curtain"), ("unknown", "severe", False, "curtain"),
        ("unknown", "unknown", True, "curtain"), ("graphic", "none", True, "heavy"),
        ("sensitive", "severe", False, "heavy"),
    ],
)  # fmt: skip
def test_where_an_item_rests(rating: str, claimed: str, minor: bool, rest: str) -> None:
    assert resting(rating, claimed, minor, SETTINGS) == rest


def test_settings_that_cannot_be_read_put_the_curtain_over_everything_but_what_the_team_rated_none() -> None:
    for rating in ("unknown", "sensitive", "graphic", "severe"):
        assert resting(rating, "none", False, STRICTEST) == "curtain"
    assert resting("none", "unknown", False, STRICTEST) == "clear"


# --- keys


def test_lifting_goes_step_by_step_and_light_is_lent() -> None:
    shield = shown("curtain")
    assert shield.reveal(1.0) == shield.peek(1.0, held=False) == "curtain"
    assert (shield.lift(1.0), shield.level(1.0), shield.permit(1.0)) == ("changed", "heavy", None)
    assert (shield.lift(1.0), shield.level(1.0)) == ("changed", "light")
    assert shield.left(1.0) == 20.0
    assert shield.level(21.0) == "heavy", "light ended by itself"
    assert (shield.lower(21.0), shield.level(21.0)) == ("changed", "curtain")
    assert shield.lower(21.0) == ""


def test_a_reveal_is_grey_and_ends() -> None:
    shield = shown()
    assert shield.reveal(1.0) == "changed"
    permit = shield.permit(1.0)
    assert permit is not None
    assert (permit.level, permit.colour, permit.expires) == ("clear", False, 21.0)
    assert shield.level(20.9) == "clear"
    assert shield.level(21.0) == "heavy"
    assert not shield.allows(ITEM, "clear", False, permit, 21.0)


def test_a_peek_is_short_and_each_repeat_renews_it_for_less() -> None:
    shield = shown()
    shield.peek(1.0, held=True)
    assert shield.left(1.0) == 1.5
    shield.peek(2.4, held=True)
    assert shield.left(2.4) == pytest.approx(0.75)
    assert shield.level(3.2) == "heavy"


def test_a_renewed_lease_lets_the_reply_to_its_first_request_in() -> None:
    shield = shown()
    shield.peek(1.0, held=True)
    first = shield.permit(1.0)
    shield.peek(2.4, held=True)
    assert shield.permit(2.4) != first
    assert shield.allows(ITEM, "clear", False, first, 2.45)


def test_colour_is_a_second_key_for_this_lease_only() -> None:
    shield = shown()
    assert shield.colour(1.0) == "at_rest"
    shield.reveal(1.0)
    grey = shield.permit(1.0)
    assert not shield.allows(ITEM, "clear", True, grey, 1.1)
    shield.colour(1.2)
    assert shield.allows(ITEM, "clear", True, shield.permit(1.2), 1.3)
    assert not shield.allows(ITEM, "clear", True, grey, 1.3), "a permit for grey stays one"
    shield.reshield()
    shield.reveal(3.0)
    permit = shield.permit(3.0)
    assert permit is not None
    assert not permit.colour


def test_keys_are_deaf_right_after_an_item_appears() -> None:
    shield = Shield(SETTINGS)
    shield.show(ITEM, "heavy", 5.0)
    for act in (shield.lift, shield.reveal, shield.colour, lambda now: shield.peek(now, held=True)):
        assert act(5.0 + DEAF - 0.01) == "deaf"
    assert shield.reveal(5.0 + DEAF + 0.001) == "changed"
    shield.show(OTHER, "heavy", 9.0)
    assert shield.reveal(9.1) == "deaf"


def test_what_rests_clear_needs_no_key_and_b_covers_it_all_the_same() -> None:
    shield = shown("clear")
    assert shield.allows(ITEM, "clear", False, None, 0.0)
    assert not shield.allows(ITEM, "clear", True, None, 0.0), "in grey"
    shield.reshield()
    assert shield.level(1.0) == "clear"
    shield.cover()
    assert shield.level(1.0) == "heavy"
    assert not shield.allows(ITEM, "clear", False, None, 1.0)
    shield.reshield()
    assert shield.level(1.0) == "heavy", "coming back never shows more"
    assert [shield.lift(1.0), shield.lift(1.0), shield.level(1.0), shield.permit(1.0)] == [
        "changed", "changed", "clear", None
    ]  # fmt: skip


def test_a_curtain_let_down_by_hand_stays_down() -> None:
    shield = shown()
    shield.curtain()
    shield.reshield()
    assert shield.level(1.0) == "curtain"
    assert shield.reveal(1.0) == "curtain"


def test_a_rating_alone_never_shows_more() -> None:
    shield = shown("curtain")
    shield.rate("clear")
    assert shield.level(1.0) == "curtain"
    shield = shown()
    shield.reveal(1.0)
    shield.rate("curtain")
    assert (shield.level(1.0), shield.permit(1.0)) == ("curtain", None)


def test_opening_outside_lends_clear_for_that_only() -> None:
    shield = shown("curtain")
    permit = shield.outside(1.0)
    assert shield.allows(ITEM, "clear", True, permit, 1.1)
    assert shield.level(1.1) == "curtain", "nothing shows here"
    shield.reshield()
    assert not shield.allows(ITEM, "clear", True, permit, 1.2)


def test_revoked_and_foreign_permits_open_nothing() -> None:
    shield = shown()
    shield.reveal(1.0)
    permit = shield.permit(1.0)
    shield.reshield()
    shield.reveal(1.5)
    assert not shield.allows(ITEM, "clear", False, permit, 1.6)
    assert not shield.allows(OTHER, "clear", False, shield.permit(1.6), 1.6)
    assert not shield.allows(ITEM, "clear", False, Permit(ITEM, "clear", True, 99.0, 99), 1.6)
    assert not shield.allows(ITEM, "light", False, shield.permit(1.6), 1.6), "a permit is for its own level"


@pytest.mark.parametrize("gap", [0.03, 0.25, 0.5, 0.74])
def test_two_minutes_in_a_row_are_all_that_a_held_key_gives(gap: float) -> None:
    assert IN_A_ROW - 1 <= in_a_row(gap, 400.0) <= IN_A_ROW + gap


def test_after_a_pause_a_new_row_begins() -> None:
    shield = shown()
    now = 1.0
    while shield.reveal(now) != "enough":
        now += 15.0
    assert now == 1.0 + IN_A_ROW
    assert shield.reveal(now + 0.9) == "enough"
    assert shield.reveal(now + 1.8) == "enough", "each press is part of the row"
    assert shield.level(now + 1.8) == "heavy"
    assert shield.reveal(now + 1.9 + module.PAUSE) == "changed"


def test_the_strictest_settings_shorten_every_lease() -> None:
    shield = shown("curtain", STRICTEST)
    shield.lift(1.0)
    shield.reveal(1.0)
    assert shield.left(1.0) == 5.0
    shield.reshield()
    shield.lift(1.0)
    shield.peek(7.0, held=False)
    assert shield.left(7.0) == 0.75


# --- programs, and seeded faults that they must catch


@settings(max_examples=400, deadline=None)
@given(PROGRAMS, st.sampled_from((SETTINGS, STRICTEST, Shielding(level="light"), Shielding(grey=False))))
def test_no_program_of_keys_shows_anything_without_a_live_permit(steps: Any, chosen: Shielding) -> None:
    run(steps, chosen)


def mutants() -> dict[str, Any]:
    """Faults by name: each a function that seeds one."""
    permit, lease, clear = Shield.permit, Shield._lease, Shield._clear

    def patch(name: str, value: Any) -> Any:
        return lambda monkey: monkey.setattr(Shield, name, value)

    def keeps_lifted(self: Shield) -> None:
        self._permit = None

    def keeps_permit(self: Shield) -> None:
        self._lifted = module.stricter(self._lifted, self.rest)

    def forever(self: Shield, now: float) -> Any:
        return self._permit

    def any_item(self: Shield, item: str, level: Any, colour: bool, lent: Any, now: float) -> bool:
        return not module.bare(level, self.level(now))

    def never_checks(self: Shield, item: str, level: Any, colour: bool, lent: Any, now: float) -> bool:
        return item == self.item

    def by_expiry(self: Shield, item: str, level: Any, colour: bool, lent: Any, now: float) -> bool:
        free = not module.bare(level, self.at_rest)
        return item == self.item and ((free and not colour) or (lent is not None and now < lent.expires))

    def below_rest(self: Shield, now: float) -> Any:
        self._lifted = LEVELS[min(3, LEVELS.index(self._lifted) + 1)]
        return "changed"

    def not_deaf(self: Shield, now: float) -> bool:
        return False

    def from_curtain(self: Shield, seconds: float, now: float) -> Any:
        return lease(self, "clear", seconds, now) if self.item else clear(self, seconds, now)

    def rises(self: Shield, rest: Any) -> None:
        self.rest = self._lifted = rest
        self._permit = None if permit(self, 0.0) is None else self._permit

    def endless(self: Shield, level: Any, seconds: float, now: float) -> Any:
        self._permit = Permit(self.item, level, False, now + 1000, 1)
        return "changed"

    return {
        "re-shield leaves a lifted level": patch("reshield", keeps_lifted),
        "re-shield leaves the permit": patch("reshield", keeps_permit),
        "a lease never ends": patch("permit", forever),
        "any item is allowed": patch("allows", any_item),
        "no permit is asked for": patch("allows", never_checks),
        "a revoked permit lives till it expires": patch("allows", by_expiry),
        "lifting goes below rest without a lease": patch("lift", below_rest),
        "keys act at once": patch("_deaf", not_deaf),
        "a reveal works from the curtain": patch("_clear", from_curtain),
        "a pulled rating shows more": patch("rate", rises),
        "a lease of any length": patch("_lease", endless),
    }


def suite() -> None:
    """What the mutants are put before: fixed programs with every key, and the rules that programs do not tell."""
    for first in NAMES:
        for second in NAMES:
            for third in ("held", "reveal", "wait", "lift", "reshield"):
                run([(first, 0.31), ("lift", 0.31), (second, 0.31), ("reveal", 0.0), (third, 0.2), ("wait", 25.0)])
    test_a_curtain_let_down_by_hand_stays_down()
    test_lifting_goes_step_by_step_and_light_is_lent()
    test_a_rating_alone_never_shows_more()
    test_revoked_and_foreign_permits_open_nothing()


def test_every_seeded_fault_is_caught() -> None:
    suite()
    alive = []
    for name, seed in mutants().items():
        with pytest.MonkeyPatch.context() as monkey:
            seed(monkey)
            try:
                suite()
            except AssertionError:
                continue
            alive.append(name)
    assert alive == []


def test_a_row_without_an_end_is_caught() -> None:
    with pytest.MonkeyPatch.context() as monkey:
        monkey.setattr(module, "PAUSE", 0.0)
        monkey.setattr(module, "IN_A_ROW", 1e9)
        assert in_a_row(0.25, 400.0) > IN_A_ROW + 1
