"""What a session of the viewer loads, sends to the terminal, and waits for (SAFETY.md, rows 7, 8 and 12)."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import canary_desk
import hostile
import pictures
from desks import Desk
from first_light import Failed, need
from terminal import REPOSITORY, environment

CHILD = Path(__file__).with_name("media_child.py")
MEDIA = REPOSITORY / "escaltui" / "demo" / "data" / "media"
NEVER = {"PIL", "av", "pypdfium2"}
SIZE = (174, 44)
STALL = 50.0
"""The longest that the app may stand still, in ms."""
TRIED = 3
"""Runs until one keeps to that: other work on the machine only ever makes a gap longer, never shorter."""
CLIPBOARD = re.compile(rb"\x1b\]52;c;[A-Za-z0-9+/=]*(?:\x07|\x1b\\)")
"""An address that a person took, as the program's own."""
LINKED = (
    sys.executable, "-c",
    "from textual.drivers.linux_driver import LinuxDriver; write = LinuxDriver.write;"
    "link = '\\x1b]8;;https://evil.example/\\x07';"
    "LinuxDriver.write = lambda self, data: write(self, data.replace('▀', link + '▀', 1));"
    "import sys; from escaltui.cli import main; sys.exit(main())",
)  # fmt: skip
"""The control: a program whose pictures are links."""


def three_kinds() -> list[tuple[str, bytes]]:
    """A picture, a film, a document."""
    picture = canary_desk.png(canary_desk.bits(11))
    names = {"film.mp4": "clock.mp4", "order.pdf": "removal-order.pdf"}
    return [("one.png", picture), *((name, (MEDIA / file).read_bytes()) for name, file in names.items())]


def child(store: Path, what: str, *control: str) -> dict[str, Any]:
    """What a session in a process of its own found."""
    done = subprocess.run([sys.executable, str(CHILD), str(store), what, *control], capture_output=True, text=True,
                          cwd=REPOSITORY, env=environment({"HOME": str(store.parent)}), timeout=300)  # fmt: skip
    if done.returncode:
        raise Failed(f"the session broke: {done.stderr[-800:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def modules(folder: Path) -> Iterator[str]:
    """`sys.modules` after pictures revealed, a film's contact sheet, a document's pages."""
    canary_desk.fill(folder / "desk", three_kinds())
    found = child(folder / "desk", "modules")
    loaded = found.pop("modules")
    yield "session: " + ", ".join(f"{name} {value}" for name, value in found.items())
    yield f"loaded of {', '.join(sorted(NEVER))}: {len(NEVER & set(loaded))} of 3 (bar 0); besides: {loaded or 'none'}"
    need(all(found.values()), "the session did not show all kinds")
    need(not NEVER & set(loaded), f"loaded in the process that draws: {loaded}")
    control = set(child(folder / "desk", "modules", "control")["modules"]) & NEVER
    yield f"control, a size read in the process that draws: {sorted(control)} (must be some)"
    need(bool(control), "the control fails: a decoder that was loaded is not noticed")


# --- what the terminal gets


def grammar(folder: Path) -> Iterator[str]:
    """A session over a pty: each sequence that the program sends is of its own grammar."""
    for name in ("desk", "control"):  # a session seals a picture
        canary_desk.fill(folder / name, three_kinds())
    output = session(Desk(folder / "desk", folder / "config"))
    found, kinds = foreign(output), Counter(kind_of(token) for token in hostile.TOKEN.findall(output))
    yield f"{len(output):,} bytes; " + ", ".join(f"{name} {n:,}" for name, n in kinds.most_common())
    yield f"outside the grammar: {len(found)} (bar 0) {found[:3] or ''}"
    need(not found, f"{len(found)} sequences are not ours")
    control = foreign(session(Desk(folder / "control", folder / "config"), LINKED))
    yield f"control, pictures as links: {len(control)} found, such as {control[0] if control else 'none'}"
    need(any("]8;" in each for each in control), "the control fails: OSC 8 is not noticed")


def session(desk: Desk, program: Sequence[str] | None = None) -> bytes:
    """Every level of a picture, a film's sheet, a document's text and pages, facts, a break, a seal, the end."""
    more = {} if program is None else {"program": program}
    with desk.open(*SIZE, COLORTERM="truecolor", **more) as terminal:  # type: ignore[arg-type]
        terminal.wait_for(lambda text: "Canary" in text, words="queue")
        for key in ("enter", "v", "]", "space", "enter", "o", "+", "+", "right", "b", "[", "]", "i", "escape", "e",
                    "escape", "2", "#", "right", "enter", "enter", "o", "3", "]", "enter", "#", "O", "n", "1", "B",
                    "escape", "!", "y", "]", "enter", "?", "escape"):  # fmt: skip
            terminal.press(key)
            terminal.quiet(0.35, timeout=4)
        need("Sealed item" in terminal.text() or "sealed" in terminal.text().lower(), "the session lost its way")
        terminal.press("ctrl+q")
        terminal.wait_end()
        return terminal.raw()


def foreign(output: bytes) -> list[str]:
    """What of an output is not ours."""
    return hostile.not_ours(CLIPBOARD.sub(b"", output))


def kind_of(token: bytes) -> str:
    """A sequence's family, in a word."""
    if token.startswith(b"\x1b["):
        return {b"m": "SGR", b"H": "CUP", b"h": "mode", b"l": "mode"}.get(token[-1:], f"CSI …{chr(token[-1])}")
    if token.startswith(b"\x1b]"):
        return "OSC " + token[2:].partition(b";")[0].decode("ascii", "replace")
    return repr(token)[2:-1][:8]


# --- what it waits for


def stall(folder: Path) -> Iterator[str]:
    """The longest time between two turns of the app while bombs are opened and a worker hangs."""
    plain = [("one.png", canary_desk.png(canary_desk.bits(n))) for n in (11, 12)]
    bombs = [pictures.png_bomb(), pictures.jpeg_bomb(), pictures.gif_bomb(), pictures.webp_bomb(),
             pictures.encoded(pictures.photo(400, 300), "JPEG")[:3000]]  # fmt: skip
    last = ("last.png", canary_desk.png(canary_desk.bits(13)))
    canary_desk.fill(folder / "desk", [*plain, *((f"{n}.png", each) for n, each in enumerate(bombs)), last])
    worst: list[float] = []
    while len(worst) < TRIED and (not worst or min(worst) > STALL):
        found = child(folder / "desk", "stall")
        yield "longest gap: " + ", ".join(f"{name} {gap:.0f} ms" for name, gap in found["gaps"].items()) + \
              f" (bar {STALL:.0f} ms)"  # fmt: skip
        worst.append(max(found["gaps"].values()))
    yield f"said: {'; '.join(sorted(set(found['notes'])))}; hung worker given up after {found['hung for']} s"
    need(found["back"], "the reader is not back after it hung")
    need(all(found["notes"]), "a file that cannot be shown was not said to be so")
    need(found["hung for"] < 7, "a hanging worker must be ended after 5 s")
    need(min(worst) <= STALL, f"the app stood still for {min(worst):.0f} ms, in the best of {TRIED} runs")
    control = child(folder / "desk", "stall", "control")["gaps"]["a worker that hangs"]
    yield f"control, the reader asked where the screen is drawn: {control:,.0f} ms (must be more)"
    need(control > STALL, "the control fails: an app that stands still is not noticed")
