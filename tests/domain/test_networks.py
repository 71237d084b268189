"""Accounts that act together: who is added and taken out, why, what is refused, two at once, and the way back."""

from __future__ import annotations

import pytest
from desk import AUDITOR, Desk
from hypothesis import given
from hypothesis import strategies as st

from escaltui.domain import operations as ops
from escaltui.domain.accounts import Network
from escaltui.domain.rules.accounts import LONGEST, MEMBERS

ONE, TWO, THREE = "web/nn", "web/mm", "shop/a/b.c"
ACCOUNTS = st.sets(st.sampled_from([f"web/{n}" for n in range(6)]), min_size=1)


def started(desk: Desk, *members: str, reason: str = "one phone") -> str:
    desk.do(ops.SetNetwork(name="Ring", members=members or (ONE, TWO), reason=reason))
    return the(desk).id


def the(desk: Desk) -> Network:
    (found,) = desk.of(Network)
    assert isinstance(found, Network)
    return found


def seen(row: Network) -> dict[str, object]:
    return {"name": row.name, "withdrawn": row.withdrawn, "members": list(row.members)}


def test_it_begins_with_a_name_accounts_and_why() -> None:
    desk = Desk()
    started(desk, TWO, ONE, ONE)
    row = the(desk)
    assert (row.name, row.members, row.reason, row.stream) == ("Ring", (TWO, ONE), "one phone", "desk:global")
    assert desk.log[-1].reason == "one phone"


@pytest.mark.parametrize(
    ("code", "more", "field"),
    [
        ("incomplete", {"name": " "}, "name"),
        ("incomplete", {"reason": " "}, "reason"),
        ("incomplete", {"members": ()}, "members"),
        ("invalid", {"name": "x" * 201}, "name"),
        ("invalid", {"members": tuple(f"web/{n}" for n in range(MEMBERS + 1))}, "members"),
        ("invalid", {"members": ("nn",)}, "members"),
        ("invalid", {"members": ("web/ ",)}, "members"),
        ("invalid", {"members": ("web/" + "n" * LONGEST,)}, "members"),
        ("invalid", {"desk": "moon"}, "desk"),
        ("not_found", {"network": "N1"}, ""),
        ("invalid", {"base": {"colour": "red"}}, ""),
        ("invalid", {"base": {"members": 7}}, ""),
        ("invalid", {"base": {"members": [7]}}, ""),
    ],
)
def test_what_is_refused(code: str, more: dict[str, object], field: str) -> None:
    asked: dict[str, object] = {"name": "Ring", "members": (ONE,), "reason": "r"} | more
    refused = Desk().no(code, ops.SetNetwork(**asked))  # type: ignore[arg-type]
    assert field in refused.mend.fields or not field


def test_an_auditor_changes_nothing() -> None:
    Desk().no("not_allowed", ops.SetNetwork(name="Ring", members=(ONE,), reason="r"), "eve", AUDITOR)


def test_the_last_account_is_not_taken_out() -> None:
    desk = Desk()
    key = started(desk, ONE)
    row = the(desk)
    op = ops.SetNetwork(network=key, name="Ring", members=(), reason="r", base=seen(row))
    assert "withdraw" in desk.no("incomplete", op).mend.text


def test_why_they_are_one_outlives_why_one_was_taken_out() -> None:
    desk = Desk()
    key = started(desk, ONE, TWO, THREE)
    desk.do(ops.SetNetwork(network=key, name="Ring", members=(ONE, THREE), reason="another phone"))
    assert (the(desk).members, the(desk).reason) == ((THREE, ONE), "one phone")
    assert desk.log[-1].reason == "another phone"
    desk.do(ops.SetNetwork(network=key, name="Ring", members=(ONE, TWO, THREE), reason="the same pictures"))
    assert the(desk).reason == "the same pictures"
    desk.do(ops.SetNetwork(network=key, name="Ring", members=the(desk).members, reason="mistaken", withdrawn=True))
    assert (the(desk).withdrawn, the(desk).reason) == (True, "the same pictures")


@given(ACCOUNTS, ACCOUNTS, ACCOUNTS)
def test_two_who_change_it_at_once_both_count(first: set[str], ada: set[str], bo: set[str]) -> None:
    desk = Desk()
    key = started(desk, *first)
    base = seen(the(desk))
    wanted = (first | (ada - first) | (bo - first)) - (first - ada) - (first - bo)
    desk.do(ops.SetNetwork(network=key, name="Ring", members=tuple(ada), reason="r", base=base))
    op = ops.SetNetwork(network=key, name="Ring", members=tuple(bo), reason="r", base=base)
    if not wanted:
        desk.no("incomplete", op, "bo")
    else:
        desk.do(op, "bo")
        assert set(the(desk).members) == wanted


def test_control_without_what_was_seen_the_second_one_wins() -> None:
    desk = Desk()
    key = started(desk, ONE)
    for who, added in (("ada", TWO), ("bo", THREE)):
        desk.do(ops.SetNetwork(network=key, name="Ring", members=(ONE, added), reason="r"), who)
    assert set(the(desk).members) == {ONE, THREE}


def test_nobody_adds_to_what_was_withdrawn_meanwhile_or_names_it_over_another() -> None:
    desk = Desk()
    key = started(desk)
    base = seen(the(desk))
    desk.do(ops.SetNetwork(network=key, name="Ring", members=(ONE, TWO), reason="mistaken", withdrawn=True, base=base))
    desk.no("stale", ops.SetNetwork(network=key, name="Ring", members=(ONE, TWO, THREE), reason="r", base=base), "bo")
    desk.no("stale", ops.SetNetwork(network=key, name="Storm", members=(ONE,), reason="r", base={"name": "Rings"}))


def test_all_of_it_is_taken_back_step_by_step() -> None:
    desk = Desk()
    key = started(desk, ONE)
    first, made = desk.last, the(desk)
    added = desk.do(ops.SetNetwork(network=key, name="Storm", members=(ONE, THREE), reason="r", base=seen(made)))
    assert THREE in the(desk).members
    desk.no("stale", ops.Undo(operation=first))  # it was changed since
    desk.undo(added)
    assert (the(desk).members, the(desk).name, the(desk).reason) == ((ONE,), "Ring", "one phone")
    desk.undo(first)
    assert the(desk).withdrawn
    desk.no("stale", ops.Undo(operation=first))


def test_taken_back_of_what_a_colleague_added_to_only_ones_own_goes() -> None:
    desk = Desk()
    key = started(desk, ONE)
    base = seen(the(desk))
    mine = desk.do(ops.SetNetwork(network=key, name="Ring", members=(ONE, TWO), reason="one phone", base=base))
    desk.do(ops.SetNetwork(network=key, name="Ring", members=(ONE, THREE), reason="one phone", base=base), "bo")
    desk.undo(mine)
    assert set(the(desk).members) == {ONE, THREE}
