"""Which earlier words a section's words of today only clarify: against the definition, over random histories."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.domain.entities import ChangeNote
from escaltui.policy.library import Version
from escaltui.store.policy_reading import SectionVersion
from escaltui.store.readings import only_clarified

FIRST = date(2026, 1, 1)
STEP = st.tuples(st.sampled_from("abc"), st.sampled_from(["clarifies", "narrows", "unknown", ""]),
                 st.sampled_from(["substantive"] * 4 + ["noop"]))  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(STEP, min_size=1, max_size=8), st.integers(0, 8), st.randoms())
def test_back_from_today_every_change_between_clarifies(
    steps: list[tuple[str, str, str]], days: int, random: object
) -> None:  # fmt: skip
    known, told = [], {}
    for n, (words, impact, kind) in enumerate(steps):
        day = FIRST + timedelta(days=n)
        known.append(SectionVersion(Version("doc", day.isoformat(), day, kind, "p"), words))
        if impact:
            note = ChangeNote(id=str(n), document="doc", version=day.isoformat(), impacts={"s": impact})  # type: ignore[dict-item]
            told["doc", day.isoformat()] = note
    today = FIRST + timedelta(days=days)
    random.shuffle(known)  # type: ignore[attr-defined]
    found = set(only_clarified("s", known, told, today))
    counting = [(words, impact) for n, (words, impact, kind) in enumerate(steps) if kind == "substantive" and n <= days]
    expected = {
        counting[at][0]
        for at in range(len(counting))
        if all(
            counting[n][1] == "clarifies"
            for n in range(at + 1, len(counting))
            if counting[n][0] != counting[n - 1][0]
        )
    } - ({counting[-1][0]} if counting else set())  # fmt: skip
    assert found == expected
