"""The key table: no clash, no second verb, no dead key; a person's own keys are checked."""

from __future__ import annotations

from itertools import combinations

import pytest

from escaltui import keys
from escaltui.screens.deciding import Deciding
from escaltui.screens.queue import QueueScreen

PLACES = [action for action in keys.ACTIONS if not action.where & set(keys.MENUS)]


@pytest.mark.parametrize("chain", [*keys.CHAINS, *((menu,) for menu in keys.MENUS)])
def test_no_key_has_two_verbs_in_a_chain(chain: tuple[str, ...]) -> None:
    found: dict[str, str] = {}
    for action in keys.chain(chain):
        for key in action.keys:
            assert found.setdefault(key, action.verb) == action.verb, f"{key} in {chain}"


def test_a_key_means_the_same_verb_in_every_place() -> None:
    for one, other in combinations(PLACES, 2):
        if set(one.keys) & set(other.keys):
            assert one.verb == other.verb, (one.id, other.id)


def test_ids_are_unique_and_every_context_is_known() -> None:
    assert len(keys.BY_ID) == len(keys.ACTIONS)
    places = {"queue", "case", "policy", "outbox", "shift", "incident", "insight", "learning", "viewer", "actor",
              "requester", "connectors", "similar"}  # fmt: skip
    known = {"anywhere", "field", *places, *keys.MENUS}
    assert all(action.where <= known for action in keys.ACTIONS)


def test_nothing_unsendable_is_bound() -> None:
    bound = {key for action in keys.ACTIONS for key in action.keys}
    assert not bound & keys.UNSENDABLE
    assert not any(key.startswith("alt+") for key in bound)


def test_no_key_that_works_while_typing_is_a_printable_one() -> None:
    assert not [action.id for action in keys.ACTIONS if action.in_field for key in action.keys if len(key) == 1]


@pytest.mark.parametrize("context", ["queue", "anywhere", "field", "change", "go"])
def test_no_key_of_the_queue_is_dead(context: str) -> None:
    elsewhere = {"submit", "editor"}
    wanted = {action.verb for action in keys.here(context)} - elsewhere
    dead = {verb for verb in wanted if not hasattr(QueueScreen, f"act_{verb}")}
    assert not dead


def test_every_letter_of_the_change_menu_does_something() -> None:
    assert all(hasattr(Deciding, f"act_{action.verb}") for action in keys.here("change"))


def test_own_keys_that_are_good_are_kept() -> None:
    found = keys.check_own({"note": "F", "redraw": "f5"})
    assert found.keys == {"note": "F", "redraw": "f5"}
    assert found.problems == ()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ({"nite": "F"}, "Did you mean note"),
        ({"note": "n"}, "n is already next. Kept c."),
        ({"open": "F"}, "cannot be changed"),
        ({"note": "ctrl+m"}, "do not send ctrl+m"),
        ({"note": "alt+x"}, "do not send alt+x"),
        ({"submit": "F"}, "swallowed while typing"),
        ({"note": "a b"}, "write one key"),
        ({"note": 3}, "write one key"),
        ({"change.tag": "t"}, "t is already triage. Kept g."),
    ],
)
def test_a_bad_own_key_keeps_its_default_and_says_why(line: dict[str, object], words: str) -> None:
    found = keys.check_own(line)
    assert found.keys == {}
    assert words in str(found.problems[0])


def test_a_key_may_move_to_one_that_another_line_freed() -> None:
    found = keys.check_own({"next": "F", "note": "n"})
    assert found.keys == {"next": "F", "note": "n"}


def test_the_plain_table_shows_own_keys() -> None:
    rows = {row["id"]: row for row in keys.table({"note": "F"})}
    assert rows["note"]["keys"] == "F"
    assert rows["back"]["keys"] == "esc"
    assert len(rows) == len(keys.ACTIONS)
