"""A bad day leaves nothing behind (SAFETY.md row 18): defects wherever they happen, screenshots, logs, core files.

The program runs on a pseudo-terminal with a case's text on its screen. A test-only app in it, told by a signal, raises
with that text in its message and in its values. After the end all that came out after the screen was given back is
searched, and every file outside the store. Each way is tried once more with our defences off: then it must leak.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from desks import Desk
from terminal import Terminal, environment
from textual.app import App, ComposeResult
from textual.widgets import Static

from escaltui import cli
from escaltui.config import Config, Me
from escaltui.crashes import DEFECT, Defects, defect_of, defect_sentence, place_of
from escaltui.domain import ids
from escaltui.domain.operations import OpenCase
from escaltui.opening import drop_textual_variables, guard
from escaltui.recorders import CAN_BE_RECORDED, VARIABLES, focus_events, recorders
from escaltui.safety.text import own
from escaltui.screens.leaving import Leaving
from escaltui.widgets.say import content
from escaltui.workbench import Workbench

CANARY = "Zanzibar canary 4711"
SECRET = "hunter2-secret-token"
GIVEN_BACK = b"\x1b[?1049l"
PROGRAM = f"""
import asyncio, gc, logging, os, signal, sys, threading
WAY, DEFENDED = os.environ["WAY"], os.environ["DEFENDED"] == "1"
TEXT = {CANARY!r} + " " + {SECRET!r}
import escaltui.app, escaltui.cli, escaltui.crashes
from escaltui.screens.leaving import Leaving
from textual.app import App

class Drawn(Exception):
    def __rich__(self):
        return TEXT

over = threading.Event()

class Faulty(escaltui.app.EscaltuiApp):
    CSS_PATH = [os.path.join(os.path.dirname(escaltui.__file__), each) for each in escaltui.app.EscaltuiApp.CSS_PATH]

    def on_mount(self):
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, lambda: getattr(self, "do_" + WAY)())

    def broken(self, text=TEXT):
        held = text
        raise ValueError("about " + held)

    def do_handler(self):
        self.call_later(self.broken)

    def do_timer(self):
        self.set_timer(0.01, self.broken)

    def do_worker(self):
        self.run_worker(self.broken, thread=True)

    def do_drawn(self):
        def draw():
            raise Drawn(TEXT)
        self.call_later(draw)

    def do_render(self):
        for widget in self.screen.walk_children():
            widget.render_lines = lambda *_: self.broken()
            widget.refresh()

    def do_thread(self):
        threading.Thread(target=self.broken).start()

    def do_late_thread(self):
        threading.Thread(target=lambda: (over.wait(), self.broken())).start()
        self.exit()

    def do_task(self):
        async def fails():
            self.broken()
        task = asyncio.ensure_future(fails())
        self.set_timer(0.05, gc.collect)
        del task

    def do_late_task(self):
        async def fails():
            try:
                await asyncio.sleep(1000)
            finally:
                self.broken()
        self.late = asyncio.ensure_future(fails())
        self.exit()

    def do_thrown_away(self):
        class Held:
            def __del__(this):
                self.broken()
        self.held = Held()
        self.exit()

    def do_log(self):
        self.exit()

    def run(self, **how):
        found = super().run(**how)
        over.set()
        if WAY == "thrown_away":
            del self.held
        if WAY == "log":
            logging.getLogger("some.library").error("said: %s", TEXT)
            logging.getLogger("some.library").error("%d", TEXT)
        if WAY == "main":
            raise KeyError(TEXT)
        if WAY == "beyond":
            raise BaseException(TEXT)
        return found

    do_main = do_beyond = do_log

escaltui.app.EscaltuiApp = Faulty
if not DEFENDED:
    escaltui.crashes.Defects.install = escaltui.crashes.Defects.quiet_logs = lambda self: None
    for name in ("_fatal_error", "panic", "on_load", "_handle_exception"):
        if name in vars(Leaving):
            delattr(Leaving, name)
    import escaltui.commands.output
    escaltui.cli._failed = lambda error, *_: (_ for _ in ()).throw(error)
sys.exit(escaltui.cli.main())
"""
FATAL = ("handler", "timer", "worker", "drawn", "render")
"""Ends the workbench."""
GOES_ON = ("thread", "task")
"""Is told in the message line. What the interpreter prints meanwhile ends nowhere, so there is no control."""
LATE = {"late_thread": 0, "late_task": 0, "thrown_away": 0, "log": 0, "main": DEFECT, "beyond": 1}
"""After the screen was given back: what the interpreter prints then is seen. The exit code of each."""


@pytest.fixture
def canary_desk(tmp_path: Path) -> Desk:
    """A desk with one case, the canary its title."""
    made = Desk(tmp_path / "store", tmp_path / "config", person="Ada")
    with Workbench.open(made.store, config=Config(tmp_path / "none", me=Me("ada"))) as bench:
        opens = ids.entity_id(bench.operation_id(), 0)
        bench.do(OpenCase(opens=opens, title=CANARY, received_at=bench.now()))
    return made


def bad_day(desk: Desk, way: str, *, defended: bool = True) -> tuple[int, bytes, Path]:
    """The exit code, what came after the screen was given back, and the state folder."""
    state, program = desk.store.parent / "state", desk.store.parent / "faulty.py"
    program.write_text(PROGRAM)
    env = {"WAY": way, "DEFENDED": "1" if defended else "0", "ESCALTUI_STATE": str(state)}
    with desk.open(100, 30, program=(sys.executable, str(program)), **env) as terminal:
        terminal.wait_for(CANARY)
        terminal.quiet(0.2)
        os.kill(terminal.pid, signal.SIGUSR1)
        if way in GOES_ON:
            terminal.wait_for("Something stopped on a defect (ValueError at ")
            assert SECRET not in terminal.text()
            terminal.press("ctrl+q")
        code = terminal.wait_end()
        before, found, after = terminal.raw().rpartition(GIVEN_BACK)
        assert found, "the screen was never given back"
        assert CANARY.encode() in before, "the canary was never on the screen"
        assert SECRET.encode() not in before
        return code, after, state


def written(desk: Desk) -> bytes:
    """Everything in files outside the store, names too."""
    files = [each for each in desk.store.parent.rglob("*") if each.is_file() and desk.store not in each.parents]
    files = [each for each in files if each.name != "faulty.py"]
    return b"\n".join(str(each).encode() + b"\n" + each.read_bytes() for each in files)


def leaks(found: bytes) -> list[str]:
    text = re.sub(rb"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]", b"", found)
    return [each for each in (CANARY, SECRET, "Zanzibar", "hunter2") if each.encode() in text]


@pytest.mark.parametrize("way", [*FATAL, *GOES_ON, *LATE])
def test_a_defect_says_kind_place_and_id_and_nothing_else(canary_desk: Desk, way: str) -> None:
    code, after, state = bad_day(canary_desk, way)
    assert leaks(after + written(canary_desk)) == []
    assert b"Traceback" not in after
    assert code == (DEFECT if way in FATAL else LATE.get(way, 0))
    log = state / "defects.log"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    first = log.read_text().splitlines()[0]
    assert re.fullmatch(r"\S+Z ([0-9a-f]{8}|-) \w+ \S+:\d+ [\w.]+", first), first
    if way in FATAL:
        told = b" ".join(after.split())
        kind = "Drawn" if way == "drawn" else "ValueError"
        assert f"defect ({kind} at ".encode() in told
        assert first.split()[1].encode() in told


@pytest.mark.parametrize("way", [*FATAL, *LATE])
def test_control_without_our_hooks_it_leaks(canary_desk: Desk, way: str) -> None:
    _code, after, _state = bad_day(canary_desk, way, defended=False)
    assert leaks(after) != []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_asked_to_end_it_gives_the_screen_back(canary_desk: Desk, number: signal.Signals) -> None:
    with canary_desk.open(100, 30) as terminal:
        terminal.wait_for(CANARY)
        terminal.quiet(0.2)
        os.kill(terminal.pid, number)
        assert terminal.wait_end() == 128 + number
        _before, found, after = terminal.raw().rpartition(GIVEN_BACK)
        assert found
        assert leaks(after + written(canary_desk)) == []


def test_control_a_kill_leaves_the_screen_as_it_was(canary_desk: Desk) -> None:
    with canary_desk.open(100, 30) as terminal:
        terminal.wait_for(CANARY)
        terminal.quiet(0.2)
        terminal.kill()
        assert GIVEN_BACK not in terminal.raw()


def test_no_core_file_is_written(canary_desk: Desk) -> None:
    with canary_desk.open(100, 30) as terminal:
        terminal.wait_for(CANARY)
        limits = Path(f"/proc/{terminal.pid}/limits")
        if not limits.exists():
            pytest.skip("no /proc here")
        (line,) = [each for each in limits.read_text().splitlines() if each.startswith("Max core file size")]
        assert line.split()[4:6] == ["0", "0"]


@pytest.mark.parametrize("dev", [False, True])
def test_what_textual_would_write_is_switched_off(canary_desk: Desk, dev: bool, tmp_path: Path) -> None:
    """With --dev it is written: the control."""
    out = tmp_path / "out"
    out.mkdir()
    env = {"TEXTUAL": "debug", "TEXTUAL_LOG": str(out / "log"), "TEXTUAL_SCREENSHOT": "1",
           "TEXTUAL_SCREENSHOT_LOCATION": str(out), "TEXTUAL_SCREENSHOT_FILENAME": "shot.svg"}  # fmt: skip
    argv = [sys.executable, "-m", "escaltui", "--store", str(canary_desk.store), *(["--dev"] if dev else [])]
    with Terminal(argv, 100, 30, {**canary_desk.environment, **env}) as terminal:
        terminal.wait_for(CANARY)
        if dev:
            terminal.wait_for(lambda _screen: (out / "shot.svg").exists() or (out / "log").exists())
        else:
            terminal.quiet(1.5, timeout=4)
    assert bool(list(out.iterdir())) is dev


@pytest.mark.parametrize("name", ["", *VARIABLES])
def test_where_it_can_be_recorded_one_line_says_so(canary_desk: Desk, name: str) -> None:
    with canary_desk.open(100, 30, **({name: "x"} if name else {})) as terminal:
        terminal.wait_for(CANARY)
        if name:
            terminal.wait_for(CAN_BE_RECORDED)
        else:
            terminal.quiet(0.3)
            assert CAN_BE_RECORDED not in terminal.text()
        assert b"\x1b]0;" not in terminal.raw()
        assert b"\x1b]2;" not in terminal.raw()
        terminal.press("ctrl+q")
        assert terminal.wait_end() == 0


# --- screenshots


class Clear(Leaving):
    """An app that shows something clear until it is shielded."""

    def compose(self) -> ComposeResult:
        yield Static(content(own(CANARY)))

    def reshield(self) -> None:
        self.query_one(Static).update(content(own("shielded")))


def text_in(svg: str) -> str:
    return re.sub("<[^>]+>", "", svg).replace("&#160;", " ")


async def test_a_screenshot_shows_what_rests(tmp_path: Path) -> None:
    app = Clear()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        assert CANARY in text_in(App.export_screenshot(app)), "control: Textual's own shows it"
        found = text_in(app.export_screenshot(title=CANARY))
        assert CANARY not in found
        assert "shielded" in found


@pytest.mark.parametrize("way", ["save", "deliver", "action"])
async def test_every_way_to_a_screenshot_shields_first(tmp_path: Path, way: str) -> None:
    app = Clear()
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        if way == "save":
            app.save_screenshot("shot.svg", str(tmp_path))
        elif way == "deliver":
            app.deliver_screenshot("shot.svg", str(tmp_path))
        else:
            app.action_screenshot("shot.svg", str(tmp_path))
        for _ in range(200):
            if (tmp_path / "shot.svg").exists() and (tmp_path / "shot.svg").stat().st_size:
                break
            await asyncio.sleep(0.01)
        found = text_in((tmp_path / "shot.svg").read_text("utf-8"))
        assert CANARY not in found
        assert "shielded" in found


# --- the parts


def raised() -> ValueError:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        return error


@pytest.mark.parametrize("from_python", [False, True])
def test_the_hooks_are_installed_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, from_python: bool) -> None:
    """Whoever starts the workbench: the command does it early, and for a caller in Python the opening does."""
    done: list[Defects] = []
    given: list[Defects] = []
    monkeypatch.setattr(Defects, "install", lambda hooks: done.append(hooks))
    monkeypatch.setattr(Defects, "quiet_logs", lambda _self: None)
    monkeypatch.setattr(sys, "argv", ["escaltui"])
    for name in ("STORE", "CONFIG", "STATE"):
        monkeypatch.setenv(f"ESCALTUI_{name}", str(tmp_path / name.lower()))
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(f"sys.{stream}.isatty", lambda: True, raising=False)

    def opened(opening: Any, _config: object, **_how: object) -> int:
        given.append(guard(opening.hooks))
        return 0

    monkeypatch.setattr("escaltui.opening.run", opened)
    assert cli.main([] if from_python else None) == 0
    assert len(done) == 1
    assert done == given, "what hears of defects is what the workbench asks"


def test_what_is_said_of_an_exception() -> None:
    error = raised()
    assert re.fullmatch(r"test_leaks\.py:\d+", place_of(error))
    assert place_of(ValueError(CANARY)) == "?"
    assert CANARY not in defect_sentence(error) + " ".join(defect_of(error))
    with pytest.raises(TypeError) as wrong:
        drop_textual_variables(3)  # type: ignore[arg-type]
    assert re.fullmatch(r"opening\.py:\d+", place_of(wrong.value))


def test_a_log_that_cannot_be_written_hides_no_defect(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert Defects(lambda: tmp_path / "file").note(raised(), "app").kind == "ValueError"


def test_the_log_begins_anew_when_it_is_long(tmp_path: Path) -> None:
    (tmp_path / "defects.log").write_bytes(b"x" * (300 << 10))
    Defects(lambda: tmp_path).note(raised(), "app")
    assert (tmp_path / "defects.log").stat().st_size < 200


def test_nothing_can_forge_a_line_of_the_log(tmp_path: Path) -> None:
    Defects(lambda: tmp_path).write("one\ntwo three", "four")
    assert len((tmp_path / "defects.log").read_text().splitlines()) == 1


def test_a_command_that_fails_says_no_more(tmp_path: Path) -> None:
    code = (
        "import escaltui.cli, sys\n"
        f"def fails(*_): raise RuntimeError({CANARY!r})\n"
        "escaltui.cli._run = fails\nsys.argv = ['escaltui', 'ls']\nsys.exit(escaltui.cli.main())"
    )
    env = environment({"ESCALTUI_STATE": str(tmp_path)})
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.returncode == DEFECT
    assert CANARY not in done.stdout + done.stderr
    (line,) = (tmp_path / "defects.log").read_text().splitlines()
    assert line.split()[1] in done.stderr
    assert CANARY not in line


# --- tmux


@pytest.mark.parametrize(
    ("said", "code", "found"),
    [("focus-events on\n", 0, "on"), ("focus-events off\n", 0, "off"), ("", 1, ""), ("focus-events\n", 0, "")],
)
def test_tmux_is_asked_whether_it_tells_of_the_focus(said: str, code: int, found: str) -> None:
    asked: list[list[str]] = []

    def run(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append(argv)
        return subprocess.CompletedProcess(argv, code, said, "")

    assert focus_events({"TMUX": "/tmp/tmux"}, run) == found
    assert focus_events({}, run) == ""
    assert asked == [["tmux", "show", "-g", "focus-events"]]

    def missing(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        raise FileNotFoundError

    assert focus_events({"TMUX": "x"}, missing) == ""
    assert recorders({"TMUX": "x", "STY": "", "HOME": "/"}) == ["TMUX"]


@pytest.fixture
def tmux(tmp_path: Path) -> Path:
    """A tmux that says what the file beside it says."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "tmux").write_text(f'#!/bin/sh\ncat "{folder}/said"\n')
    (folder / "tmux").chmod(0o755)
    return folder


@pytest.mark.parametrize(("said", "well"), [("focus-events off", False), ("focus-events on", True)])
def test_the_doctor_looks_at_tmux_and_tells_what_protects(canary_desk: Desk, tmux: Path, said: str, well: bool) -> None:
    (tmux / "said").write_text(said + "\n")
    rules = canary_desk.config / "rules"
    rules.mkdir()
    (rules / "safety.toml").write_text('[floor]\nshield = { level = "curtain" }\n')
    env = environment({**canary_desk.environment, "TMUX": "x", "PATH": f"{tmux}:{os.environ['PATH']}"})
    done = subprocess.run(
        [sys.executable, "-m", "escaltui", "--store", str(canary_desk.store), "doctor", "--plain"],
        capture_output=True, text=True, env=env,
    )  # fmt: skip
    assert (done.returncode == 0) is well, done.stderr
    assert ("focus-events on" in done.stderr) is not well
    assert CAN_BE_RECORDED in done.stdout
    assert "shield: level curtain, grey yes" in done.stdout
    assert "set_by_operator: level" in done.stdout
