"""Whose permit pixels take, before they are asked for and when they are here; what the program loads of all this."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pictures
import pytest
from reading import COLS, ROWS, Desk, refusal

from escaltui import i18n
from escaltui.protection import Shielding
from escaltui.safety import decode
from escaltui.safety.decode import NotShown, Reader, Want
from escaltui.safety.shield import Shield

# --- permits


class Beat:
    """A clock that goes on by one instant each time it is asked; what happens at an instant is told beforehand."""

    def __init__(self, *instants: float | Callable[[], float]) -> None:
        self.instants = list(instants)

    def __call__(self) -> float:
        now = self.instants.pop(0)
        return now() if callable(now) else now


def leased(folder: Path, beat: Beat) -> tuple[Reader, Shield, Want]:
    """A picture at rest under heavy blur, revealed at 10 for 20 seconds, and the request to see it clear."""
    path, sha256 = pictures.kept(folder, pictures.encoded(pictures.photo(), "PNG"))
    reader, shield = Reader(now=beat), Shield(Shielding())
    shield.show(sha256, "heavy", 0.0)
    shield.reveal(10.0)
    reader.open(path, sha256, "")
    return reader, shield, Want(sha256, "clear", False, COLS, ROWS)


def asked(
    reader: Reader, want: Want, shield: Shield, how: str, tmp: float = 11.0
) -> object:  # one of the three ways that pixels come
    permit = shield.permit(tmp)
    if how == "sheet":
        return reader.sheet(want, shield, permit)
    if how == "export":
        return reader.export(want.sha256, 0, shield, permit)
    return reader.view(want, shield, permit)


@pytest.mark.parametrize("how", ["view", "sheet", "export"])
def test_below_rest_nothing_comes_without_a_live_permit_before_and_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    beat = Beat()
    reader, shield, want = leased(tmp_path, beat)
    assert reader._link is not None
    try:
        beat.instants = [11.0, 12.0]
        assert asked(reader, want, shield, how)
        jobs = reader._link.jobs
        beat.instants = [30.1]
        assert refusal(lambda: asked(reader, want, shield, how)) == "revoked"
        assert reader._link.jobs == jobs, "nothing was asked of the worker"
        beat.instants = [29.9, 30.1]  # it ended while the worker was at it
        assert refusal(lambda: asked(reader, want, shield, how)) == "revoked"
        assert reader._link.jobs == jobs + 1
        monkeypatch.setattr(Reader, "_allowance", lambda *_: lambda: True)  # the control: without the check it comes
        assert asked(reader, want, shield, how)
    finally:
        reader.close()


def test_a_reshield_while_the_worker_reads_drops_the_reply(tmp_path: Path) -> None:
    beat = Beat()
    reader, shield, want = leased(tmp_path, beat)

    def reshield() -> float:
        shield.reshield()
        return 12.0

    def another() -> float:
        shield.show("another", "clear", 12.0)
        return 12.0

    def renewed() -> float:
        shield.reveal(12.0)
        return 12.0

    try:
        beat.instants = [11.0, renewed]
        assert asked(reader, want, shield, "view"), "a lease that was renewed meanwhile lives on"
        beat.instants = [11.0, reshield]
        assert refusal(lambda: asked(reader, want, shield, "view")) == "revoked"
        shield.reveal(10.0)
        beat.instants = [11.0, another]
        assert refusal(lambda: asked(reader, want, shield, "view")) == "revoked"
    finally:
        reader.close()


def test_the_curtain_has_no_pixels_and_another_level_s_permit_does_not_do(desk: Desk) -> None:
    desk.put(pictures.encoded(pictures.photo(), "PNG"), rest="heavy")
    assert desk.view("heavy")
    assert refusal(lambda: desk.view("curtain")) == "revoked"
    assert refusal(lambda: desk.view("light")) == "revoked"
    assert refusal(lambda: desk.view("clear")) == "revoked"
    desk.shield.lift(1.0)
    light = desk.shield.permit(1.0)
    assert light is not None
    want = Want(desk.shield.item, "light", False, COLS, ROWS)
    assert desk.reader.view(want, desk.shield, light)
    assert refusal(lambda: desk.reader.view(want._replace(level="clear"), desk.shield, light)) == "revoked"
    assert refusal(lambda: desk.reader.view(want._replace(colour=True), desk.shield, light)) == "revoked"


# --- the program and its language

SESSION = """
import sys
from pathlib import Path
from escaltui.protection import Shielding
from escaltui.safety.decode import Reader, Want
from escaltui.safety.shield import Shield
reader, shield = Reader(), Shield(Shielding())
for name in sys.argv[2:]:
    path = Path(name)
    shield.show(path.name, "clear", 0.0)
    reader.open(path, path.name, "")
    reader.view(Want(path.name, "clear", False, 80, 24), shield, None)
    reader.sheet(Want(path.name, "clear", False, 80, 24), shield, None)
    reader.hashes(path.name)
reader.close()
exec(sys.argv[1])
print(sorted({"PIL", "av", "pypdfium2", "pdqhash", "numpy", "worker_readers"} & set(sys.modules)))
"""


def test_the_program_that_draws_loads_nothing_that_decodes(tmp_path: Path) -> None:
    data = pictures.encoded(pictures.photo(), "JPEG"), pictures.film(pictures.greys(20)), pictures.pdf("a")
    files = [str(pictures.kept(tmp_path, each)[0]) for each in data]

    def loaded(more: str) -> str:
        command = [sys.executable, "-c", SESSION, more, *files]
        return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.strip()

    assert loaded("") == "[]"
    assert loaded("import PIL.Image") == "['PIL']"  # the control


def test_what_people_read_is_in_their_language(monkeypatch: pytest.MonkeyPatch) -> None:
    assert str(NotShown("too_big", 61, 40, "MP")) == "Not shown: 61 MP is over the 40 MP limit."
    assert str(NotShown("too_big")) == "Not shown: reading it takes more memory than the reader may use."
    monkeypatch.setattr("escaltui.safety.decoded._", lambda text: f"«{text}»")
    assert str(NotShown("timeout", limit=5)) == "«Not shown: reading took over 5 s; stopped.»"
    assert i18n.language() == "en"
    assert decode.REQUEST == 5.0
    assert decode.WHOLE == 10.0
