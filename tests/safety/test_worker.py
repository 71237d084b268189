"""The worker's process: what it is held to, what happens when it hangs, dies or grows, and who may end it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pictures
import pytest
from reading import Desk, refusal, scripted, still

from escaltui.safety import decode, worker
from escaltui.safety.decode import NotShown, Picture, Reader


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(Reader(now=lambda: 1.0), tmp_path)
    yield made
    made.reader.close()


# --- what it is held to


def test_limits_surroundings_and_open_files_of_the_running_worker(desk: Desk) -> None:
    desk.put()
    desk.view()
    of = Path(f"/proc/{desk.reader.pid}")
    limits = {row[:26].strip(): row[26:].split()[:2] for row in (of / "limits").read_text().splitlines()}
    assert limits["Max address space"] == [str(1 << 30)] * 2
    assert limits["Max file size"] == limits["Max core file size"] == ["0", "0"]
    assert limits["Max open files"] == ["16", "16"]
    if os.geteuid() != 0:  # root is not held by it
        assert limits["Max processes"] == ["0", "0"]
    assert (of / "environ").read_bytes().split(b"\0") == [b"OPENBLAS_NUM_THREADS=1", b""]
    assert (of / "cwd").readlink() == Path("/")
    assert os.getsid(desk.reader.pid or 0) == desk.reader.pid
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
    desk.put()
    first = desk.reader.pid
    assert first is not None
    os.kill(first, signal.SIGSTOP)
    begun = time.monotonic()
    assert refusal(lambda: desk.view()) == "timeout"
    assert 4.9 <= time.monotonic() - begun <= 6.0
    assert not Path(f"/proc/{first}/status").exists() or desk.reader.pid != first
    assert desk.view().width
    assert desk.reader.restarts == 1


def test_what_ends_the_worker_twice_is_not_read_a_third_time(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "REQUEST", 0.3)
    desk.reader = scripted(desk.folder, view={"hang": 1})
    sha256 = desk.put().sha256
    assert refusal(lambda: desk.view()) == "timeout"
    assert refusal(lambda: desk.view()) == "timeout"
    assert refusal(lambda: desk.view()) == "undecodable"
    assert desk.reader.restarts == 1, "nothing was started for it"
    desk.put(pictures.encoded(pictures.photo(8, 8), "PNG"))  # another file is none the worse
    desk.reader.forget(sha256)
    monkeypatch.setattr(decode, "REQUEST", 5.0)
    assert desk.put(pictures.encoded(pictures.photo(64, 48), "PNG")).sha256 == sha256


def test_while_a_request_hangs_nobody_else_waits_and_kill_ends_it(desk: Desk) -> None:
    desk.reader = scripted(desk.folder, view={"hang": 1})
    desk.put()
    said: list[str] = []
    asking = threading.Thread(target=lambda: said.append(refusal(lambda: desk.view())))
    asking.start()
    while not list(desk.folder.glob("*.hangs")):
        pass
    begun = time.monotonic()
    desk.reader.forget_clear()
    desk.reader.forget("another")
    assert desk.reader.pid is not None
    desk.reader.kill()
    assert time.monotonic() - begun < 0.05
    asking.join(5.0)
    assert said == ["revoked"], "it was ended on purpose: no fault of the file"
    assert not desk.reader._strikes[desk.shield.item]
    assert not desk.reader._owed, "what was to be forgotten is"


# --- death


def test_a_worker_that_dies_is_started_again_and_gets_the_file_again(desk: Desk) -> None:
    desk.put()
    before, first = desk.view(), desk.reader.pid
    assert first is not None
    os.killpg(first, signal.SIGKILL)
    while desk.reader.pid is not None:
        pass
    assert desk.view() == before
    assert desk.reader.pid not in (None, first)
    assert desk.reader.restarts == 1


def test_a_worker_that_dies_at_work_is_told_so(desk: Desk) -> None:
    desk.reader = scripted(desk.folder, view={"die": 1}, text={"raw": [0, 0]})
    sha256 = desk.put().sha256
    with pytest.raises(NotShown, match=r"^The reader stopped and was restarted\.$") as caught:
        desk.view()
    assert caught.value.code == "died"
    desk.put()
    assert desk.reader.restarts == 1
    assert refusal(lambda: desk.view()) == "died"
    assert refusal(lambda: desk.reader.text(sha256)) == "undecodable"


def test_kill_is_at_once_and_what_was_held_is_gone(desk: Desk) -> None:
    sha256 = desk.put().sha256
    first = desk.reader.pid
    desk.reader.forget(sha256)
    desk.reader.kill()
    assert refusal(lambda: desk.view()) == "revoked", "forgotten: it is not read again"
    assert desk.reader.pid != first
    assert desk.put().sha256 == sha256


def test_forget_takes_the_file_out_of_the_worker(desk: Desk) -> None:
    sha256 = desk.put().sha256
    path = desk.folder / sha256
    path.unlink()
    assert desk.view().width, "the worker still holds it"
    desk.reader.forget(sha256)
    desk.reader._known[sha256] = path, ""
    assert refusal(lambda: desk.view()) == "damaged_original"


def test_close_ends_it(desk: Desk) -> None:
    desk.reader.start()
    desk.put()
    pid = desk.reader.pid
    desk.reader.close()
    assert desk.reader.pid is None
    assert not Path(f"/proc/{pid}").exists()


def test_a_wrapper_that_cannot_be_run_is_a_calm_refusal(desk: Desk) -> None:
    desk.reader = Reader(wrapper=("/nowhere/sandbox",), now=lambda: 1.0)
    desk.reader.start()
    assert refusal(lambda: desk.put()) == "died"


# --- its life


def test_after_200_requests_it_is_replaced_and_nobody_notices(desk: Desk) -> None:
    desk.put()
    pids = set()
    for _ in range(decode.JOBS + 10):
        assert desk.view().width
        pids.add(desk.reader.pid)
    assert len(pids) == 2
    assert desk.reader.restarts == 1


@pytest.mark.parametrize(("resident", "replaced"), [(301, True), (300, False)])
def test_a_worker_that_grew_over_300_mib_is_replaced(desk: Desk, resident: int, replaced: bool) -> None:
    desk.reader = scripted(desk.folder, view={**still(), "resident": resident})
    desk.put()
    pid = desk.reader.pid
    assert desk.view().width
    assert (desk.reader.pid != pid) is replaced


def test_it_holds_four_files_and_takes_a_dropped_one_again(desk: Desk) -> None:
    files = [pictures.encoded(pictures.photo(30 + at, 20), "PNG") for at in range(6)]
    for data in files:
        desk.put(data)
        assert desk.view().width
    jobs = desk.reader._link.jobs if desk.reader._link else 0
    desk.shield.show(pictures.kept(desk.folder, files[5])[1], "clear", 0.0)
    desk.view()
    assert desk.reader._link is not None
    assert desk.reader._link.jobs == jobs + 1, "still held"
    desk.shield.show(pictures.kept(desk.folder, files[0])[1], "clear", 0.0)
    desk.view()
    assert desk.reader._link.jobs == jobs + 1 + 4, "asked, offered, sent, asked again"


def test_threads_take_turns(desk: Desk) -> None:
    desk.put()
    one = desk.view()
    got: list[Picture] = []
    threads = [threading.Thread(target=lambda: got.extend(desk.view() for _ in range(10))) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        desk.reader.forget_clear()
        each.join()
    assert got == [one] * 40


def test_a_missing_extra_says_how_to_install_it(desk: Desk) -> None:
    without = desk.folder / "without.py"
    without.write_text(
        "import runpy, sys\nfor name in ('av', 'pypdfium2', 'pdqhash'):\n    sys.modules[name] = None\n"
        "sys.argv = sys.argv[3:]\nrunpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    desk.reader = Reader(
        wrapper=(
            sys.executable,
            "-I",
            str(without),
        ),
        now=lambda: 1.0,
    )
    desk.put(pictures.film(pictures.greys(3)))
    with pytest.raises(NotShown, match=r"pip install 'escaltui\[media\]'") as caught:
        desk.view()
    assert caught.value.code == "missing_extra"
    picture = desk.put().sha256
    assert desk.view().width
    assert desk.reader.hashes(picture) is None
