"""The rules give an answer to everything, and everywhere the same one."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import msgspec
from desk import Desk
from hypothesis import given, settings
from hypothesis import strategies as st
from wild import Wild

from escaltui.domain.changes import Change, Refused

THOROUGH = bool(os.environ.get("ESCALTUI_THOROUGH"))
STEPS = 25
STORIES = 4000 if THOROUGH else 160
COMPARED = 400 if THOROUGH else 60
SCRIPT = """
import sys
sys.path[:0] = {path!r}
from test_determinism import digest
print(digest(int(sys.argv[1])))
"""


def tell(seed: int, steps: int = STEPS) -> list[bytes]:
    """What the rules say to a story of wild operations, as bytes."""
    desk = Desk()
    desk.open(report=desk.report(requester_name="Jo Bloggs"))
    desk.open(report=desk.report(kind="order", requester_name="Court", requester_kind="court"))
    wild = Wild(desk, random.Random(seed))
    said = []
    for _ in range(steps):
        _op, found = wild.step()
        if isinstance(found, Refused):
            assert found.reason.strip(), found
            assert found.mend.text.strip(), found
            assert found.rule, found
        else:
            assert all(isinstance(change, Change) for change in found)
        said.append(msgspec.json.encode(found))
    return said


def digest(stories: int) -> str:
    """One hash over the answers to many stories."""
    seen = hashlib.sha256()
    for seed in range(stories):
        for each in tell(seed):
            seen.update(each)
    return seen.hexdigest()


@given(st.integers(0, 2**48))
@settings(max_examples=STORIES, deadline=None)
def test_there_is_an_answer_to_everything(seed: int) -> None:
    assert len(tell(seed)) == STEPS


def test_the_same_question_has_the_same_answer() -> None:
    assert tell(7) == tell(7)
    assert tell(7) != tell(8)


def test_other_interpreters_give_the_same_bytes() -> None:
    path = [str(Path(__file__).parent)]
    places = ({"PYTHONHASHSEED": "1", "TZ": "Pacific/Kiritimati"}, {"PYTHONHASHSEED": "2", "TZ": "America/Los_Angeles"})
    asked = [sys.executable, "-c", SCRIPT.format(path=path), str(COMPARED)]
    started = [
        subprocess.Popen(asked, env=os.environ | place, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for place in places
    ]
    told = [each.communicate(timeout=600) for each in started]
    assert [each.returncode for each in started] == [0, 0], told
    assert told[0][0].strip() == told[1][0].strip() == digest(COMPARED)
