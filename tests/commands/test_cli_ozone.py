"""escaltui ozone: what waits, its preview, doing it with --yes, and what stops it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

from ozone_place import LABELER, Place

from escaltui.intake.ozone import Ozone

Run = Callable[..., Any]
CONFIG = f"""[me]
name = "ada"
[[connector]]
name = "ozone"
kind = "ozone"
service = "http://127.0.0.1:1"
labeler = "{LABELER}"
handle = "mod.test"
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An Ozone with one report, and settings that name it."""
    found = Place()
    found.add(1)
    (tmp_path / "settings").mkdir(exist_ok=True)
    (tmp_path / "settings" / "config.toml").write_text(CONFIG)
    monkeypatch.setattr(Ozone, "from_settings", classmethod(lambda cls, name, options, secret: found.connect()))
    return found


@pytest.fixture
def ref(run: Run, place: Place) -> str:
    said = run("connector", "run", "--json")
    assert said.row["opened"] == 1, said
    return str(run("ls", "--json").row["ref"])


def test_preview_then_done_then_the_same(run: Run, place: Place, ref: str) -> None:
    (uri,) = place.status
    seen = run("ozone", "act", ref, "label spam", "-m", "Please look", "--json")
    assert (seen.code, seen.row["would"], seen.row["seen"]) == (0, "label spam", 0)
    assert "Nothing was sent." in seen.err
    assert place.of("Label", uri) == []
    done = run("ozone", "act", ref, "label spam", "-m", "Please look", "--yes", "--json")
    assert (done.code, done.row["state"]) == (0, "done")
    again = run("ozone", "act", ref, "label spam", "-m", "Please look", "--yes", "--json")
    assert again.row["reference"] == done.row["reference"]
    assert len(place.of("Label", uri)) == 1
    assert "Please look" in run("show", ref).out


def test_upon_what_somebody_else_did_only_once_it_was_seen(run: Run, place: Place, ref: str) -> None:
    (uri,) = place.status
    place.does("Label", uri, "did:plc:colleague", createLabelVals=["spam"])
    said = run("ozone", "act", ref, "acknowledge", "--yes", "--json")
    assert said.code == 1
    assert "Somebody else acted on it" in said.row["says"]
    number = run("ozone", "act", ref, "acknowledge", "--json").row["seen"]
    assert run("ozone", "act", ref, "acknowledge", "--yes", "--seen", number, "--json").code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("act", "E-NONE0", "acknowledge"), "No case E-NONE0 here."),
        (("send", "{ref}"), "Nothing of {ref} waits to be sent to ozone."),
        (("act", "{ref}", "shout"), "Ozone has nothing for shout."),
        (("act", "{ref}", "label"), "is nothing that Ozone can do"),
        (("list", "--connector", "other"), "Which Ozone? config.toml names: ozone."),
    ],
)
def test_what_cannot_be_done_is_a_sentence(run: Run, ref: str, words: tuple[str, ...], says: str) -> None:
    said = run("ozone", *(each.format(ref=ref) for each in words), "--yes" if words[0] != "list" else "--json")
    assert said.code == 1, said
    assert says.format(ref=ref) in said.out + said.err


def test_without_the_network_it_says_so(run: Run, place: Place, ref: str) -> None:
    place.faults = [httpx.ConnectError("nobody")]
    said = run("ozone", "act", ref, "acknowledge", "--yes")
    assert said.code == 1
    assert "cannot be reached" in said.err


def test_nothing_waits_at_first(run: Run, ref: str) -> None:
    assert run("ozone", "list", "--json").rows == []
