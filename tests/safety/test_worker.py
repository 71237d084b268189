"""The worker's process: what it is held to, what happens when it hangs, dies, lies or grows, and who may end it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pictures
import pytest

from escaltui.protection import Shielding
from escaltui.safety import decode, worker
from escaltui.safety.decode import NotShown, Picture, Reader, Want
from escaltui.safety.shield import Level, Shield

SCRIPTED = r"""
import json, os, socket, struct, sys, time
replies = json.load(open(sys.argv[1]))
link, length = socket.socket(fileno=0), struct.Struct(">I")
def take(n):
    taken = b""
    while len(taken) < n:
        piece = link.recv(n - len(taken))
        if not piece:
            sys.exit()
        taken += piece
    return taken
while True:
    asked = json.loads(take(*length.unpack(take(4))))
    if asked["do"] == "forget":
        continue
    if asked["do"] == "fill":
        take(asked["size"])
    reply = dict(replies.get(asked["do"], replies["*"]))
    if "hang" in reply:
        open(sys.argv[1] + ".hangs", "w").close()
        time.sleep(1000)
    if "die" in reply:
        os.kill(os.getpid(), 9)
    payload, raw = bytes(reply.pop("payload", [])), reply.pop("raw", None)
    if raw is not None:
        link.sendall(bytes(raw))
        continue
    header = {"id": asked["id"], "ok": True, "n": len(payload), "resident": 1, "said": {}}
    header = json.dumps({**header, **reply}).encode()
    link.sendall(length.pack(len(header)) + header + payload)
"""
"""A worker that answers what a test tells it to, whatever it is asked. It is put before the real one as a wrapper."""
FACTS = {"said": {"kind": "picture", "is_": "PNG", "size": 1}}


class Desk:
    """One file before one reader."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shield = Shield(Shielding())
        self.readers: list[Reader] = []

    def reader(self, *wrapper: str) -> Reader:
        made = Reader(wrapper=wrapper, now=lambda: 1.0)
        self.readers.append(made)
        return made

    def scripted(self, **replies: dict[str, Any]) -> Reader:
        script, told = self.folder / "scripted.py", self.folder / f"replies{len(self.readers)}.json"
        script.write_text(SCRIPTED)
        told.write_text(json.dumps({"*": {}, "facts": FACTS, **replies}))
        return self.reader(sys.executable, "-I", str(script), str(told))

    def put(self, reader: Reader, data: bytes = b"", rest: Level = "clear") -> str:
        data = data or pictures.encoded(pictures.photo(64, 48), "PNG")
        path, sha256 = pictures.kept(self.folder, data)
        self.shield.show(sha256, rest, 0.0)
        reader.open(path, sha256, "")
        return sha256

    def view(self, reader: Reader, level: Level = "heavy") -> Picture:
        return reader.view(Want(self.shield.item, level, False, 40, 20), self.shield, None)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    yield made
    for reader in made.readers:
        reader.close()


def refusal(ask: Callable[[], object]) -> str:
    with pytest.raises(NotShown) as caught:
        ask()
    return caught.value.code


# --- what it is held to


def test_limits_surroundings_and_open_files_of_the_running_worker(desk: Desk) -> None:
    reader = desk.reader()
    desk.put(reader)
    desk.view(reader)
    of = Path(f"/proc/{reader.pid}")
    limits = {row[:26].strip(): row[26:].split()[:2] for row in (of / "limits").read_text().splitlines()}
    assert limits["Max address space"] == [str(1 << 30)] * 2
    assert limits["Max file size"] == limits["Max core file size"] == ["0", "0"]
    assert limits["Max open files"] == ["16", "16"]
    if os.geteuid() != 0:  # root is not held by it
        assert limits["Max processes"] == ["0", "0"]
    assert (of / "environ").read_bytes().split(b"\0") == [b"OPENBLAS_NUM_THREADS=1", b""]
    assert (of / "cwd").readlink() == Path("/")
    assert os.getsid(reader.pid or 0) == reader.pid
    opened = {int(each.name): str(each.readlink()) for each in (of / "fd").iterdir()}
    assert opened.pop(0).startswith("socket:")
    assert opened == {1: "/dev/null", 2: "/dev/null"}
    own = Path("/proc/self/limits").read_text()
    assert f"{1 << 30}" not in own.split("Max address space")[1].splitlines()[0], "the control: we are not held by it"


def test_it_runs_without_the_program_s_packages(tmp_path: Path) -> None:
    """Copied alone, it starts; the program's own package is not imported."""
    for name in ("worker.py", "worker_levels.py", "worker_readers.py"):
        (tmp_path / name).write_bytes((Path(worker.__file__).parent / name).read_bytes())
    code = f"import runpy, sys; runpy.run_path({str(tmp_path / 'worker.py')!r}, run_name='__main__')"
    code += "; print([name for name in sys.modules if name.startswith('escaltui')])"
    ran = subprocess.run(
        [sys.executable, "-I", "-c", f"import socket, os; a, b = socket.socketpair(); os.dup2(b.fileno(), 0); "
         f"a.close(); b.close()\n{code}"], capture_output=True, text=True, timeout=30, check=True,
    )  # fmt: skip
    assert ran.stdout.strip() == "[]"


def test_it_ends_when_the_program_is_gone(tmp_path: Path) -> None:
    code = "from escaltui.safety.decode import *; r = Reader(); r._warm(); print(r.pid, flush=True); import os; "
    ran = subprocess.run(
        [sys.executable, "-c", code + "os._exit(0)"], capture_output=True, text=True, timeout=30, check=True
    )
    until = time.monotonic() + 10
    while (Path("/proc") / ran.stdout.strip()).exists() and time.monotonic() < until:
        pass
    assert not (Path("/proc") / ran.stdout.strip()).exists()


# --- time


def test_a_stopped_worker_is_ended_after_5_seconds_and_the_next_request_has_a_new_one(desk: Desk) -> None:
    reader = desk.reader()
    desk.put(reader)
    first = reader.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    begun = time.monotonic()
    assert refusal(lambda: desk.view(reader)) == "timeout"
    assert 4.9 <= time.monotonic() - begun <= 6.0
    assert not Path(f"/proc/{first}/status").exists() or reader.pid != first
    assert desk.view(reader).width
    assert reader.restarts == 1


def test_what_ends_the_worker_twice_is_not_read_a_third_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "REQUEST", 0.3)
    reader = desk.scripted(view={"hang": 1})
    sha256 = desk.put(reader)
    assert refusal(lambda: desk.view(reader)) == "timeout"
    assert refusal(lambda: desk.view(reader)) == "timeout"
    assert refusal(lambda: desk.view(reader)) == "undecodable"
    assert reader.restarts == 1, "nothing was started for it"
    desk.put(reader, pictures.encoded(pictures.photo(8, 8), "PNG"))  # another file is none the worse
    reader.forget(sha256)
    monkeypatch.setattr(decode, "REQUEST", 5.0)
    assert desk.put(reader, pictures.encoded(pictures.photo(64, 48), "PNG")) == sha256


def test_while_a_request_hangs_nobody_else_waits_and_kill_ends_it(desk: Desk) -> None:
    reader = desk.scripted(view={"hang": 1})
    desk.put(reader)
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(refusal(lambda: desk.view(reader))))
    asking.start()
    while not list(desk.folder.glob("*.hangs")):
        pass
    begun = time.monotonic()
    reader.forget_clear()
    reader.forget("another")
    assert reader.pid is not None
    reader.kill()
    assert time.monotonic() - begun < 0.05
    asking.join(5.0)
    assert said == ["revoked"], "it was ended on purpose: no fault of the file"
    assert not reader._strikes[desk.shield.item]


# --- death


def test_a_worker_that_dies_is_started_again_and_gets_the_file_again(desk: Desk) -> None:
    reader = desk.reader()
    desk.put(reader)
    before, first = desk.view(reader), reader.pid
    assert first is not None
    os.killpg(first, signal.SIGKILL)
    while reader.pid is not None:
        pass
    assert desk.view(reader) == before
    assert reader.pid not in (None, first)
    assert reader.restarts == 1


def test_a_worker_that_dies_at_work_is_told_so(desk: Desk) -> None:
    reader = desk.scripted(view={"die": 1}, text={"raw": [0, 0]})
    sha256 = desk.put(reader)
    with pytest.raises(NotShown, match=r"^The reader stopped and was restarted\.$") as caught:
        desk.view(reader)
    assert caught.value.code == "died"
    desk.put(reader)
    assert reader.restarts == 1
    assert refusal(lambda: desk.view(reader)) == "died"
    assert refusal(lambda: reader.text(sha256)) == "undecodable"


def test_kill_is_at_once_and_what_was_held_is_gone(desk: Desk) -> None:
    reader = desk.reader()
    sha256 = desk.put(reader)
    first = reader.pid
    reader.forget(sha256)
    reader.kill()
    assert refusal(lambda: desk.view(reader)) == "revoked", "forgotten: it is not read again"
    assert reader.pid != first
    assert desk.put(reader) == sha256


def test_forget_takes_the_file_out_of_the_worker(desk: Desk) -> None:
    reader = desk.reader()
    sha256 = desk.put(reader)
    path = desk.folder / sha256
    path.unlink()
    assert desk.view(reader).width, "the worker still holds it"
    reader.forget(sha256)
    reader._known[sha256] = path, ""
    assert refusal(lambda: desk.view(reader)) == "damaged_original"


def test_close_ends_it(desk: Desk) -> None:
    reader = desk.reader()
    reader.start()
    desk.put(reader)
    pid = reader.pid
    reader.close()
    assert reader.pid is None
    assert not Path(f"/proc/{pid}").exists()


def test_a_wrapper_that_cannot_be_run_is_a_calm_refusal(desk: Desk) -> None:
    reader = desk.reader("/nowhere/sandbox")
    reader.start()
    assert refusal(lambda: desk.put(reader)) == "died"


# --- lies


def still(mode: str = "L", wide: int = 2, high: int = 2, payload: int | None = None, value: int = 17) -> dict[str, Any]:
    n = wide * high * len(mode) if payload is None else payload
    return {"said": {"mode": mode, "w": wide, "h": high}, "payload": [value] * n}


LIES = {
    "wider than asked": still(wide=41, high=1),
    "higher than asked": still(wide=1, high=41),
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
    reader = desk.scripted(view=LIES[lie])
    desk.put(reader, rest="heavy")
    pid = reader.pid
    assert refusal(lambda: desk.view(reader)) == "died"
    assert reader.pid != pid


def test_the_scripted_worker_is_believed_where_it_may_be_true(desk: Desk) -> None:
    reader = desk.scripted(view=still())  # the control of the lies above
    desk.put(reader, rest="heavy")
    assert desk.view(reader).data == b"\x11" * 4


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
    honest = desk.scripted()
    desk.put(honest)
    reader = desk.scripted(**{do: reply})
    reader._known[desk.shield.item] = desk.folder / desk.shield.item, ""
    assert refusal(lambda: ask(reader, desk)) == "died"


def test_exif_and_words_come_cleaned_or_as_they_are_but_never_as_a_crash(desk: Desk) -> None:
    exif = list(json.dumps([["Make", "\x1b]52;c;x\x07"]]).encode())
    reader = desk.scripted(facts={**FACTS, "payload": exif}, text={"payload": [0xFF, 0xFE, 27]})
    reader._known["a"] = desk.folder, ""
    assert reader.facts("a", exif=True).exif == (("Make", "␛]52;c;x␇"),)
    assert reader.text("a") == "\ufffd\ufffd\x1b"


# --- its life


def test_after_200_requests_it_is_replaced_and_nobody_notices(desk: Desk) -> None:
    reader = desk.reader()
    desk.put(reader)
    pids = set()
    for _ in range(decode.JOBS + 10):
        assert desk.view(reader).width
        pids.add(reader.pid)
    assert len(pids) == 2
    assert reader.restarts == 1


@pytest.mark.parametrize(("resident", "replaced"), [(301, True), (300, False)])
def test_a_worker_that_grew_over_300_mib_is_replaced(desk: Desk, resident: int, replaced: bool) -> None:
    reader = desk.scripted(view={**still(), "resident": resident})
    desk.put(reader)
    pid = reader.pid
    assert desk.view(reader).width
    assert (reader.pid != pid) is replaced


def test_it_holds_four_files_and_takes_a_dropped_one_again(desk: Desk) -> None:
    reader = desk.reader()
    files = [pictures.encoded(pictures.photo(30 + at, 20), "PNG") for at in range(6)]
    for data in files:
        desk.put(reader, data)
        assert desk.view(reader).width
    jobs = reader._link.jobs if reader._link else 0
    desk.shield.show(pictures.kept(desk.folder, files[5])[1], "clear", 0.0)
    desk.view(reader)
    assert reader._link is not None
    assert reader._link.jobs == jobs + 1, "still held"
    desk.shield.show(pictures.kept(desk.folder, files[0])[1], "clear", 0.0)
    desk.view(reader)
    assert reader._link.jobs == jobs + 1 + 4, "asked, offered, sent, asked again"


def test_threads_take_turns(desk: Desk) -> None:
    reader = desk.reader()
    desk.put(reader)
    one = desk.view(reader)
    got: list[Picture] = []
    threads = [threading.Thread(target=lambda: got.extend(desk.view(reader) for _ in range(10))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        reader.forget_clear()
        each.join()
    assert got == [one] * 40


def test_a_missing_extra_says_how_to_install_it(desk: Desk) -> None:
    without = desk.folder / "without.py"
    without.write_text(
        "import runpy, sys\nfor name in ('av', 'pypdfium2', 'pdqhash'):\n    sys.modules[name] = None\n"
        "sys.argv = sys.argv[3:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    reader = desk.reader(sys.executable, "-I", str(without))
    desk.put(reader, pictures.film(pictures.greys(3)))
    with pytest.raises(NotShown, match=r"pip install 'escaltui\[media\]'") as caught:
        desk.view(reader)
    assert caught.value.code == "missing_extra"
    picture = desk.put(reader)
    assert desk.view(reader).width
    assert reader.hashes(picture) is None
