"""The command connector: list, run, dry run, test, signing in and out; what it says of bad settings."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

import memory_place
from memory_place import PASSWORD, Memory, Place

from escaltui.intake import connectors as kinds
from escaltui.intake.connector import ConnectorError
from escaltui.store import ring
from escaltui.workbench import scheduling

Run = Callable[..., Any]
TOML = """
[[connector]]
name = "press"
kind = "memory"
shelf = "one"
"""


class Ring:
    """A keyring."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], str] = {}

    def set_password(self, service: str, entry: str, secret: str) -> None:
        self.held[service, entry] = secret

    def get_password(self, service: str, entry: str) -> str | None:
        return self.held.get((service, entry))

    def delete_password(self, service: str, entry: str) -> None:
        del self.held[service, entry]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    made = Place()
    monkeypatch.setitem(memory_place.SHELVES, "one", made)
    monkeypatch.setitem(kinds.KINDS, "memory", f"{Memory.__module__}:Memory")  # type: ignore[arg-type]
    settings(tmp_path, TOML)
    return made


@pytest.fixture
def keyring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(ring, "usable", lambda: [made])
    return made


def settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "settings").mkdir(exist_ok=True)
    (tmp_path / "settings" / "config.toml").write_text(text + '\n[me]\nname = "ada"\n')


def test_signed_in_it_runs_and_lists(run: Run, place: Place, keyring: Ring, typed: Callable[[str], None]) -> None:
    place.add(4)
    said = run("connector", "run", "press", "--json")
    assert (said.code, said.row["state"]) == (1, "failed")
    assert "does not take this password" in said.err
    typed(PASSWORD + "\n")
    assert run("connector", "sign-in", "press", "--json").row == {"connector": "press", "signed_in": True}
    assert list(keyring.held.values()) == [PASSWORD]
    assert run("connector", "test", "press", "--json").row == {
        "connector": "press", "answers": True, "found": 3, "problems": 0, "more": True}  # fmt: skip
    dry = run("connector", "run", "--dry-run", "--json").row
    assert (dry["would_open"], dry["titles"]) == (4, ["item 0", "item 1", "item 2", "item 3"])
    assert run("ls", "--json").rows == []
    assert run("connector", "run", "--json").row["opened"] == 4
    row = run("connector", "--json").row
    assert (row["state"], row["opened"], row["total"]) == ("done", 4, 4)
    assert len(run("ls", "--json").rows) == 4
    assert run("connector", "sign-out", "press", "--json").row["signed_out"]
    assert keyring.held == {}
    assert run("connector", "run", "press").code == 1


def test_without_a_keyring_a_variable_signs_in(
    run: Run, place: Place, monkeypatch: pytest.MonkeyPatch, typed: Callable[[str], None]
) -> None:
    def none() -> list[object]:
        raise ring.RingError("no keyring")

    monkeypatch.setattr(ring, "usable", none)
    typed(PASSWORD)
    said = run("connector", "sign-in", "press")
    assert said.code == 1
    assert "ESCALTUI_CONNECTOR_PRESS" in said.err
    assert PASSWORD not in said.err + said.out
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", PASSWORD)
    place.add(1)
    assert run("connector", "run", "--json").row["opened"] == 1
    assert "it signs in all the same" in run("connector", "sign-out", "press").err


def test_a_long_wait_is_told_with_its_end(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", PASSWORD)
    place.faults = [ConnectorError("The limit is reached.", again=True, wait=3600)]
    said = run("connector", "run", "press", "--json")
    assert said.code == 1
    assert said.row["wait_until"]
    assert "The limit is reached." in said.err
    assert run("connector", "list", "--json").row["state"] == "waits"


class Interrupted(Memory):
    """Somebody presses Ctrl-C while it waits for the second time."""

    waits = 0

    def wait(self, seconds: float, cancelled: Callable[[], bool]) -> bool:
        type(self).waits += 1
        self.place.add(1)
        if self.waits == 2:
            os.kill(os.getpid(), signal.SIGINT)
        return True


def test_it_is_followed_until_somebody_stops_it(run: Run, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", PASSWORD)
    monkeypatch.setitem(kinds.KINDS, "memory", f"{__name__}:Interrupted")  # type: ignore[arg-type]
    monkeypatch.setattr(Interrupted, "waits", 0)
    place.add(2)
    said = run("connector", "run", "press", "--follow", "--json")
    assert said.code == 130, said.err
    assert [each["opened"] for each in said.rows] == [2, 1]
    assert run("connector", "run", "--follow").code == 2
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", "wrong")
    said = run("connector", "run", "press", "--follow")
    assert said.code == 1
    assert "does not take this password" in said.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('connector = "x"', "must be a list of sections"),
        ("[connector]\nname = 'x'", "must be a list of sections"),
        ("[[connector]]\nkind = 'mailbox'", "name must be small letters"),
        ("[[connector]]\nname = 'Big One'\nkind = 'mailbox'", "name must be small letters"),
        ("[[connector]]\nname = 'one'", "one has no kind"),
        ("[[connector]]\nname = 'one'\nkind = 'memory'\npassword = 'x'", "password does not belong in a file"),
        ("[[connector]]\nname = 'one'\nkind = 'memory'\nshelf = 1.5", "shelf must be a text"),
        (TOML + TOML, "there are two connectors press"),
    ],
)
def test_bad_settings_are_told_and_the_rest_works(run: Run, place: Place, tmp_path: Path, text: str, told: str) -> None:
    settings(tmp_path, text)
    said = run("connector", "list", "--json")
    assert said.code == 0
    assert told in said.err
    assert "'x'" not in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[[connector]]\nname = 'one'\nkind = 'pigeon'", "There is no kind of connector pigeon. Known: "),
        (
            "[[connector]]\nname = 'one'\nkind = 'lost'",
            "no connector of kind lost. Upgrade escaltui.",
        ),
        ("[[connector]]\nname = 'one'\nkind = 'needy'", "needs a_library_that_is_not_here, which is not here: pip"),
        ("[[connector]]\nname = 'one'\nkind = 'memory'\nshelv = 'x'", "no such setting shelv"),
        ("", "There is no connector one in config.toml. There: none."),
    ],
)
def test_what_cannot_be_made_says_why(
    run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, told: str
) -> None:
    (tmp_path / "needy_kind.py").write_text("import a_library_that_is_not_here\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(kinds.KINDS, "lost", "escaltui.intake.lost_kind:Lost")  # type: ignore[arg-type]
    monkeypatch.setitem(kinds.KINDS, "needy", "needy_kind:Needy")  # type: ignore[arg-type]
    settings(tmp_path, text)
    for words in (("run", "one"), ("test", "one")):
        said = run("connector", *words)
        assert said.code == 1
        assert told in said.err
    assert run("connector", "sign-in", "nobody").code == 1


def test_nothing_set_up_says_how_to_begin(run: Run) -> None:
    for words in ((), ("list",), ("run",)):
        said = run("connector", *words)
        assert said.code == 0
        assert "No connector is set up" in said.out


# --- run by themselves


def test_what_is_due_runs_for_cron_and_timers(
    run: Run, place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESCALTUI_CONNECTOR_PRESS", PASSWORD)
    said = run("connector", "run", "--due")
    assert (said.code, said.out) == (0, "")
    assert 'Write every = "5m"' in said.err
    settings(tmp_path, TOML + 'every = "1h"\n' + TOML.replace("press", "away"))
    place.add(2)
    monkeypatch.setattr(scheduling.run_due, "__defaults__", (lambda: False, lambda row: False))
    said = run("connector", "run", "--due", "--json")
    assert (said.code, said.rows) == (0, [])
    assert "There is no network. Due, and not asked: press." in said.err
    monkeypatch.setattr(scheduling.run_due, "__defaults__", (lambda: False, lambda row: True))
    assert run("connector", "run", "--due", "--json").row["opened"] == 2
    assert run("connector", "run", "--due", "--json").rows == []
    row, other = run("connector", "list", "--json").rows
    assert row["every"] == 3600
    assert row["next"] > row["ran"]
    assert "next" not in other or other["next"] is None
    assert run("connector", "run", "press", "--due").code == 2
    assert run("connector", "run", "--due", "--dry-run").code == 2


def test_signing_in_anew_makes_it_due_again(
    run: Run, place: Place, tmp_path: Path, keyring: Ring, typed: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings(tmp_path, TOML + 'every = "1m"\n')
    monkeypatch.setattr(scheduling.run_due, "__defaults__", (lambda: False, lambda row: True))
    said = run("connector", "run", "--due", "--json")
    assert (said.code, said.row["state"]) == (1, "failed")
    assert run("connector", "list", "--json").row["next"] is None
    typed(PASSWORD)
    assert run("connector", "sign-in", "press").code == 0
    assert run("connector", "list", "--json").row["next"]
    assert run("connector", "run", "--due", "--json").row["state"] == "done"


@pytest.mark.parametrize("every", ['"5"', '"59m59"', '"30s"', '"8d"', "300", "true", '["5m"]', '""', '"0m"'])
def test_a_time_that_cannot_be_used_leaves_it_to_a_person(run: Run, place: Place, tmp_path: Path, every: str) -> None:
    settings(tmp_path, TOML + f"every = {every}\n")
    said = run("connector", "list", "--json")
    assert "every of press is a time from 1m to 7d" in said.err
    assert said.row["every"] is None
    assert said.row["next"] is None
