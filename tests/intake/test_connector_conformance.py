"""The conformance test holds for a connector in memory, and catches each defect that one may have."""

from __future__ import annotations

import inspect

import pytest

from escaltui.intake.connector import ConnectorError, Outcome

from .connector_conformance import Conformance, Rig
from .memory_place import PASSWORD, Memory, Place

CAUGHT_BY = {
    "skips": "test_from_the_beginning_all_is_brought",
    "forgets": "test_a_cut_anywhere_loses_nothing",
    "repeats": "test_from_its_cursor_only_what_is_new_is_brought",
    "drifts": "test_the_same_cursor_twice_gives_the_same",
    "keys": "test_the_same_thing_has_one_key_whoever_asks",
    "stuck": "test_a_cursor_goes_on_where_there_is_more",
    "bare": "test_a_wrong_password_is_a_sentence_without_it",
    "leaks": "test_a_wrong_password_is_a_sentence_without_it",
    "silent": "test_a_limit_says_so_and_how_long",
    "twice": "test_what_is_sent_twice_with_one_id_takes_effect_once",
    "closed": "test_closing_is_safe",
}


def rig_of(*defects: str) -> Rig:
    """A place of its own, and connectors with some defects."""
    place = Place()

    def outcome(id: str) -> Outcome:
        return Outcome(id=id, action="takedown", platform="memory", item_type="post", item_id="item 0")

    def limit(wait: float) -> None:
        place.faults.append(ConnectorError("The place asks to wait.", again=True, wait=wait))

    def away() -> None:
        place.faults.append(ConnectorError("Nobody answers there.", again=True))

    return Rig(
        lambda secret: Memory(place, PASSWORD if secret is None else secret, defects=defects), place.add, limit, away,
        outcome, lambda: place.deeds,
    )  # fmt: skip


class TestMemory(Conformance):
    @pytest.fixture
    def rig(self) -> Rig:
        return rig_of()


@pytest.mark.parametrize("defect", sorted(Memory.DEFECTS))
def test_control_each_defect_is_caught(defect: str) -> None:
    test = getattr(Conformance(), CAUGHT_BY[defect])
    test(rig_of())  # without the defect it holds
    with pytest.raises(BaseException) as caught:  # a failed assertion, or a `pytest.raises` that did not get its error
        test(rig_of(defect))
    assert not isinstance(caught.value, pytest.skip.Exception | KeyboardInterrupt)


def test_a_rig_without_faults_skips_with_a_reason() -> None:
    skipped = 0
    for name, test in inspect.getmembers(Conformance(), inspect.ismethod):
        if name.startswith("test_"):
            try:
                test(rig_of()._replace(limit=None, away=None, outcome=None, effects=None))
            except pytest.skip.Exception as told:
                skipped += bool(str(told))
    assert skipped == 3
