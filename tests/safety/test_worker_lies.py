"""A worker taken over by a file can say anything; what cannot be true ends it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from reading import FACTS, Desk, refusal, scripted, still

from escaltui.safety.decode import Reader, Want


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(Reader(now=lambda: 1.0), tmp_path)
    yield made
    made.reader.close()


# --- lies


LIES = {
    "wider than asked": still(wide=121, high=1),
    "higher than asked": still(wide=1, high=81),
    "no sample": still(wide=0, high=0),
    "fewer bytes than samples": still(payload=3),
    "more bytes than samples": still(payload=5),
    "colour where grey was asked": still("RGB"),
    "another mode": still("RGBA"),
    "tones that heavy blur has not": still(value=18),
    "a size that is text": {"said": {"mode": "L", "w": "2", "h": 2}, "payload": [0] * 4},
    "a negative length": {**still(), "n": -4},
    "a huge length": {**still(), "n": 1 << 40},
    "another request's reply": {**still(), "id": 999},
    "a refusal of its own making": {"ok": False, "code": "\u001b[31m"},
    "a refusal with a payload": {"ok": False, "code": "bad_file", "payload": [1]},
    "a header that is no JSON": {"raw": [0, 0, 0, 4, 1, 2, 3, 4]},
    "a header without end": {"raw": [255, 255, 255, 255]},
    "NaN in its header": {"raw": [0, 0, 0, 3, 78, 97, 78]},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_reply_that_cannot_be_true_ends_the_worker(desk: Desk, lie: str) -> None:
    desk.reader = scripted(desk.folder, view=LIES[lie])
    desk.put(rest="heavy")
    pid = desk.reader.pid
    assert refusal(lambda: desk.view()) == "died"
    assert desk.reader.pid != pid


def test_the_scripted_worker_is_believed_where_it_may_be_true(desk: Desk) -> None:
    desk.reader = scripted(desk.folder, view=still())  # the control of the lies above
    desk.put(rest="heavy")
    assert desk.view().data == b"\x11" * 4


@pytest.mark.parametrize(
    ("do", "reply", "ask"),
    [
        ("facts", {"said": {**FACTS["said"], "is_": "\x1b[31m"}}, lambda r, d: r.facts(d.shield.item)),
        ("facts", {"said": {**FACTS["said"], "kind": "evil"}}, lambda r, d: r.facts(d.shield.item)),
        ("facts", {"said": {**FACTS["said"], "width": 1 << 40}}, lambda r, d: r.facts(d.shield.item)),
        ("facts", {**FACTS, "payload": [0]}, lambda r, d: r.facts(d.shield.item)),
        ("facts", {**FACTS, "payload": [91]}, lambda r, d: r.facts(d.shield.item, exif=True)),
        ("hash", {"said": {"pdq": "x" * 64}}, lambda r, d: r.hashes(d.shield.item)),
        ("hash", {"said": {"quality": 101}}, lambda r, d: r.hashes(d.shield.item)),
        ("text", {"payload": [65] * (256 * 1024 + 1)}, lambda r, d: r.text(d.shield.item)),
        ("export", {"payload": [1, 2, 3]}, lambda r, d: r.export(d.shield.item, 0, d.shield, None)),
        (
            "sheet",
            {"said": {"mode": "L", "tiles": [[0, 0, 2, 2]] * 13}, "payload": [0] * 52},
            lambda r, d: r.sheet(Want(d.shield.item, "clear", False, 40, 20), d.shield, None),
        ),
        (
            "sheet",
            {"said": {"mode": "L", "tiles": [[0, 0, 10, 1]]}, "payload": [0] * 10},
            lambda r, d: r.sheet(Want(d.shield.item, "clear", False, 40, 20), d.shield, None),
        ),
    ],
)
def test_the_other_requests_are_not_lied_to_either(
    desk: Desk, do: str, reply: dict[str, Any], ask: Callable[[Reader, Desk], object]
) -> None:
    desk.shield.show("a" * 64, "clear", 0.0)
    desk.reader = scripted(desk.folder, **{do: reply})
    assert refusal(lambda: ask(desk.reader, desk)) == "died"


def test_exif_and_words_come_cleaned_or_as_they_are_but_never_as_a_crash(desk: Desk) -> None:
    exif = list(json.dumps([["Make", "\x1b]52;c;x\x07"]]).encode())
    desk.reader = scripted(desk.folder, facts={**FACTS, "payload": exif}, text={"payload": [0xFF, 0xFE, 27]})
    desk.reader._known["a"] = desk.folder, ""
    assert desk.reader.facts("a", exif=True).exif == (("Make", "␛]52;c;x␇"),)
    assert desk.reader.text("a") == "\ufffd\ufffd\x1b"
