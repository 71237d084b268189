"""Pictures in other programs: private, nameless, logged where the rules say so, and gone at exit."""

from __future__ import annotations

import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest

from escaltui import opening, state
from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, SealMedia
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.safety_rows import OpeningRow
from escaltui.media_faces import MediaFace
from escaltui.protection import Shielding
from escaltui.workbench import outside
from escaltui.workbench.outside import PNG, Outside, OutsideError, open_outside
from escaltui.workbench.protecting import Effective

if TYPE_CHECKING:
    from conftest import Hands

BYTES = PNG + b"a picture that nobody may find later"
SHA = "ab" * 32
SLEEPS = [sys.executable, "-c", "import sys, time; time.sleep(60)"]


class Launched:
    """Stands for the system's program: takes down what it was given, runs for as long as it is told."""

    def __init__(self, argv: Sequence[str] = (sys.executable, "-c", "")) -> None:
        self.argv, self.given, self.held = list(argv), list[str](), b""
        self.modes: tuple[int, int] = (0, 0)
        self.processes: list[subprocess.Popen[bytes]] = []

    def __call__(self, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        self.given = list(argv)
        file = Path(argv[-1])
        self.held = file.read_bytes()
        self.modes = (stat.S_IMODE(file.stat().st_mode), stat.S_IMODE(file.parent.stat().st_mode))
        self.processes.append(subprocess.Popen(self.argv))
        return self.processes[-1]

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(state.FOLDER_VARIABLE, str(tmp_path / "state"))
    return tmp_path / "state" / state.OPENED


@pytest.fixture
def launch() -> Iterator[Launched]:
    made = Launched()
    yield made
    made.end()


@pytest.fixture
def face(hands: Hands) -> MediaFace:
    """A picture of a case's item."""
    photo = Attachment("photo.jpg", "image/jpeg", 10, SHA)
    case = hands.case(subjects=(NewSubject(platform="web", item_id="p1", media=(photo,)),))
    (found,) = hands.bench.media(case)
    return found


def left(folder: Path) -> list[Path]:
    return list(folder.rglob("*.png"))


def accesses(hands: Hands, face: MediaFace) -> list[str]:
    changes = hands.bench.store.changes(case_id=face.case_id)
    return [each.action for each in changes if each.action == "accessed"]


def test_the_bytes_are_private_and_their_name_tells_nothing(
    hands: Hands, face: MediaFace, launch: Launched, folder: Path
) -> None:
    said = open_outside(hands.bench, face, BYTES, 3, launch)
    assert "may keep a copy" in said
    assert (launch.held, launch.modes) == (BYTES, (0o600, 0o700))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    (file,) = left(folder)
    assert launch.given[-1] == str(file)
    assert file.name.endswith(".png")
    assert all(word not in file.name for word in ("photo", face.ref, SHA[:8]))


def test_what_was_opened_is_gone_when_the_workbench_is_left(
    hands: Hands, face: MediaFace, launch: Launched, folder: Path
) -> None:
    open_outside(hands.bench, face, BYTES, 1, launch)
    assert len(left(folder)) == 1
    opening.close_opened(hands.bench)
    assert left(folder) == []
    assert [each for each in folder.iterdir() if each.is_dir()] == []


def test_a_sealed_item_is_never_opened(hands: Hands, face: MediaFace, launch: Launched, folder: Path) -> None:
    with pytest.raises(OutsideError, match="never opened"):
        open_outside(hands.bench, face._replace(sealed=True), BYTES, 1, launch)
    hands.done(SealMedia(case=face.case_id, holder=face.holder, at=face.at, basis="reviewer"))
    with pytest.raises(OutsideError, match="never opened"):  # the face is from before
        open_outside(hands.bench, face, BYTES, 1, launch)
    assert launch.given == []
    assert not folder.exists()


def test_a_seal_removes_what_is_open(hands: Hands, face: MediaFace, launch: Launched, folder: Path) -> None:
    open_outside(hands.bench, face, BYTES, 1, launch)
    hands.bench.outside.show(BYTES, "cd" * 32, 1, ["viewer"], launch)
    assert len(left(folder)) == 2
    hands.bench.seal(face)
    (kept,) = left(folder)
    assert kept.name.startswith(outside.key_of("cd" * 32))
    hands.bench.outside.close_all()


def held(hands: Hands, *operator: str) -> None:
    shield = Shielding(external_open="never")
    config = hands.bench.config
    hands.bench.__dict__["protection"] = Effective(shield, config.masking, config.exposure, frozenset(operator))


@pytest.mark.parametrize(("operator", "file"), [((), "config.toml"), (("external_open",), "safety.toml")])
def test_never_is_never_and_says_whose_it_is(
    hands: Hands, face: MediaFace, launch: Launched, folder: Path, operator: tuple[str, ...], file: str
) -> None:
    held(hands, *operator)
    with pytest.raises(OutsideError, match=f"external_open is never in {file}"):
        open_outside(hands.bench, face, BYTES, 1, launch)
    assert launch.given == []
    assert not folder.exists()


def test_only_what_was_encoded_anew_is_opened(hands: Hands, face: MediaFace, launch: Launched) -> None:
    with pytest.raises(OutsideError, match="encoded anew"):
        open_outside(hands.bench, face, b"\xff\xd8\xff as it came", 1, launch)
    assert launch.given == []


def ruled(rules: RuleSet, *records: str) -> RuleSet:
    rows = {str(at): OpeningRow(id=str(at), record=record) for at, record in enumerate(records)}  # type: ignore[arg-type]
    return msgspec.structs.replace(rules, openings=rows)


@pytest.mark.parametrize(
    ("records", "restricted", "logged"),
    [(("none",), True, 0), (("restricted",), False, 0), (("restricted",), True, 1), (("all",), False, 1),
     (("none", "all"), False, 1), ((), True, 1), ((), False, 0)],
)  # fmt: skip
def test_an_opening_is_logged_as_the_rules_say(
    hands: Hands, face: MediaFace, launch: Launched, records: tuple[str, ...], restricted: bool, logged: int
) -> None:
    hands.bench.__dict__["rules"] = ruled(hands.bench.rules, *records)
    open_outside(hands.bench, face._replace(restricted=restricted), BYTES, 1, launch)
    assert len(accesses(hands, face)) == logged


def test_what_cannot_be_logged_is_not_opened(hands: Hands, face: MediaFace, launch: Launched, folder: Path) -> None:
    hands.bench.__dict__["rules"] = ruled(hands.bench.rules, "all")
    with pytest.raises(OutsideError):
        open_outside(hands.bench, face._replace(case_id="0" * 26), BYTES, 1, launch)
    assert launch.given == []
    assert not folder.exists()


# --- the folder


def run(made: Outside, launch: Launched, argv: Sequence[str] = ("viewer",), sha256: str = SHA) -> None:
    made.show(BYTES, sha256, 1, argv, launch)


def test_a_program_that_fails_leaves_nothing(folder: Path) -> None:
    made, fails = Outside(folder), Launched([sys.executable, "-c", "raise SystemExit(4)"])
    with pytest.raises(OutsideError, match=r"viewer could not open the picture \(4\)"):
        run(made, fails)
    assert left(folder) == []

    def missing(argv: Sequence[str]) -> subprocess.Popen[bytes]:
        raise FileNotFoundError(2, "No such file or directory")

    with pytest.raises(OutsideError, match="cannot be started"):
        made.show(BYTES, SHA, 1, ["viewer"], missing)
    assert left(folder) == []


def test_a_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path, launch: Launched) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutsideError, match="cannot be written"):
        run(Outside(tmp_path / "file"), launch)


def test_a_picture_goes_with_the_program_that_waits_for_its_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outside, "FAILS_WITHIN", 0.01)
    made, viewer = Outside(folder), Launched(SLEEPS)
    run(made, viewer, ("open", "-W"))
    assert len(left(folder)) == 1
    viewer.end()
    joined()
    assert left(folder) == []


def test_a_program_that_hands_over_keeps_the_picture(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """xdg-open ends before the program it handed the file to has read it."""
    monkeypatch.setattr(outside, "FAILS_WITHIN", 0.01)
    made, hands_over = Outside(folder), Launched(SLEEPS)
    run(made, hands_over)
    hands_over.end()
    joined()
    assert len(left(folder)) == 1
    monkeypatch.setattr(outside, "FOREGROUND", 0.0)
    run(made, foreground := Launched(SLEEPS))
    foreground.end()
    joined()
    assert len(left(folder)) == 1
    made.close_all()


def joined() -> None:
    for thread in threading.enumerate():
        if thread.name == "outside":
            thread.join(10)


HOLDS = """
import os, sys, time
from pathlib import Path
from escaltui.workbench.outside import PNG, Outside
import subprocess
made = Outside(Path(sys.argv[1]))
made.show(PNG + b"held", "cd" * 32, 1, ["viewer"], lambda argv: subprocess.Popen([sys.executable, "-c", ""]))
print("ready", flush=True)
sys.stdin.read()
"""


def another(folder: Path) -> subprocess.Popen[bytes]:
    """Another workbench that holds a picture open."""
    process = subprocess.Popen([sys.executable, "-c", HOLDS, str(folder)], stdin=-1, stdout=-1)
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def test_a_sweep_takes_what_a_killed_workbench_left_and_nothing_of_a_running_one(folder: Path) -> None:
    other = another(folder)
    try:
        assert len(left(folder)) == 1
        assert outside.sweep(folder) == 0
        assert len(left(folder)) == 1
        other.kill()
        other.wait()
        assert len(left(folder)) == 1, "the kill itself removed it: the sweep is not tried"
        assert outside.sweep(folder) == 1
        assert left(folder) == []
    finally:
        other.kill()
        other.communicate()


def test_a_sealed_file_goes_from_every_workbench(folder: Path, launch: Launched) -> None:
    other = another(folder)
    made = Outside(folder)
    try:
        run(made, launch)
        run(made, launch, sha256="cd" * 32)
        assert len(left(folder)) == 3
        assert outside.forget_all(("cd" * 32,), folder) == 2
        assert len(left(folder)) == 1
        assert outside.forget_all(("cd" * 32,), folder) == 0
    finally:
        other.kill()
        other.communicate()
        made.close_all()


def test_a_link_in_the_folder_is_not_followed(folder: Path, tmp_path: Path) -> None:
    folder.mkdir(parents=True)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "kept").touch()
    (folder / "link").symlink_to(tmp_path / "precious")
    assert outside.sweep(folder) == 0
    assert (tmp_path / "precious" / "kept").exists()
    assert outside.sweep(tmp_path / "nowhere") == 0


# --- the program


@pytest.mark.parametrize(
    ("environ", "platform", "words"),
    [
        ({}, "linux", "no desktop"),
        ({"DISPLAY": ":0", "PATH": "/nowhere"}, "linux", "xdg-utils"),
        ({}, "win32", "Windows"),
    ],
)
def test_where_nothing_opens_pictures_it_is_said(environ: dict[str, str], platform: str, words: str) -> None:
    with pytest.raises(OutsideError, match=words):
        outside.program(environ, platform)


def test_the_systems_own_program_is_used(tmp_path: Path) -> None:
    (tmp_path / "xdg-open").write_text("#!/bin/sh\n")
    (tmp_path / "xdg-open").chmod(0o755)
    found = outside.program({"WAYLAND_DISPLAY": "w", "PATH": str(tmp_path)}, "linux")
    assert found == [str(tmp_path / "xdg-open")]
    assert outside.program({}, "darwin") == ["open", "-W"]


def test_a_program_has_no_terminal_and_no_shell(tmp_path: Path) -> None:
    script = "import os, sys; open(sys.argv[1] + '.out', 'w').write(f'{os.isatty(0)} {os.getsid(0) == os.getpid()}')"
    odd = tmp_path / "a; touch broken $(x).png"
    odd.touch()
    assert outside.launched([sys.executable, "-c", script, str(odd)]).wait(20) == 0
    assert Path(f"{odd}.out").read_text() == "False True"
    assert not (tmp_path / "broken").exists()


def test_nothing_waits_long(hands: Hands, face: MediaFace) -> None:
    slow: Callable[[Sequence[str]], subprocess.Popen[bytes]] = Launched(SLEEPS)
    begun = time.monotonic()
    try:
        open_outside(hands.bench, face, BYTES, 1, slow)
        assert time.monotonic() - begun < outside.FAILS_WITHIN + 2
    finally:
        slow.end()  # type: ignore[attr-defined]
        hands.bench.outside.close_all()
