"""Speed of the real program over a pty: CPU time and ratios, medians. Published, never asserted.

`python tests/perf/bench.py [--cases 1000000] [--hundred 100000] [--quick] [--where FOLDER] [--only NAME ...]`

The stores are made once by `escaltui demo --cases N --no-open` and used again; a fresh one is made when the folder is
removed. Nothing here is a test: other work on the machine moves every figure but the ratios.

A key that moves the cursor and the preview are told apart. The case is read for the preview once the cursor has rested
for 0.1 s: a key held down never pays for it, and taken with the key it would fall into this sample or the next as the
machine's load has it. So a moving key's sample ends after a short silence, the preview has a row of its own, and the
next key is pressed when it is drawn. What both cost together is the sum of the two rows.

The bar is held against all CPU of the program. Beside it stands how much of that was in the thread that reads keys and
draws, and how much in others, which look at clocks and count views at a time of their own.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import shift
from desks import Desk
from measure import SILENCE, Row, Sample, apart_from_threads, key, machine, row, rows, table, until_painted
from perf_rows import MAPPING, RARE, write_rows
from terminal import PROGRAM, Terminal, environment

from escaltui.workbench import Workbench

SIZE = (120, 40)
BARE = (sys.executable, str(Path(__file__).with_name("bare.py")))
TYPED = ("removal order", "type:press", "from:police", "country:de sev:0,1")
QUEUE_LINE, BARE_LINE = re.compile(rb"E-[0-9A-Z]{5}"), re.compile(rb"E-READY")
SHORT = 0.03
"""Seconds of silence after an arrow: all it draws comes in one piece, and the preview is not yet begun."""
RESTED = 0.12
"""Seconds of silence after which a preview is drawn: longer than the wait for it, in which a clock may tick."""
ASKED = ("court order", "nudity", "trademark counterfeit", "ordonnance du tribunal")


class Bench(NamedTuple):
    """What to measure with: folder of stores, cases in the big one and the middle one, how often."""

    where: Path
    big: int
    middle: int
    small: int
    times: int

    def desk(self, cases: int) -> Desk:
        """A store with so many demo cases, made where it is missing."""
        desk = Desk(self.where / f"desk-{cases}", self.where / "config")
        if not (desk.store / "made").exists():
            shutil.rmtree(desk.store, ignore_errors=True)
            before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
            subprocess.run([*PROGRAM, "demo", "--cases", str(cases), "--no-open", "--store", str(desk.store)],
                           env=environment(desk.environment), check=True, stdout=subprocess.DEVNULL)  # fmt: skip
            wall, cpu = time.monotonic() - begun, _cpu(resource.getrusage(resource.RUSAGE_CHILDREN)) - _cpu(before)
            size = sum(file.stat().st_size for file in desk.store.rglob("*") if file.is_file())
            (desk.store / "made").write_text(f"{wall:.0f} s wall, {cpu:.0f} s CPU, {size / 1e9:.2f} GB")
        settle(desk)
        return desk


def settle(desk: Desk) -> None:
    """Let time's debts be paid first: what fell due since the store was made would be written while we measure."""
    os.environ["ESCALTUI_CONFIG"] = str(desk.config)
    bench = Workbench.open(desk.store)
    while bench.tick():
        pass
    bench.close()
    # the copy of the day counts as made: it would read the whole store in a thread while keys are measured
    (desk.store / "backups" / f"store-{time.strftime('%Y%m%d', time.gmtime())}-000000-000000.db").touch()


def _cpu(usage: resource.struct_rusage) -> float:
    return usage.ru_utime + usage.ru_stime


def first_paint(bench: Bench) -> Iterator[Row]:
    """The queue at the big size beside a bare Textual app, taken in turn; then memory and moving keys."""
    desk = bench.desk(bench.big)
    ours: list[float] = []
    bare: list[float] = []
    for _ in range(max(3, bench.times // 8)):
        with desk.open(*SIZE) as terminal:
            ours.append(cpu_until_sent(terminal, QUEUE_LINE))
        with Terminal(BARE, *SIZE, desk.environment) as terminal:
            bare.append(cpu_until_sent(terminal, BARE_LINE))
    name = f"{bench.big:,} cases: first paint"
    yield row(f"{name}: CPU", ours, 0.65, "s", f"n={len(ours)}")
    yield row("a bare Textual app: CPU", bare, 0, "s", f"n={len(bare)}")
    ratio = row("", ours).median / row("", bare).median
    yield Row(f"{name}: times the CPU of a bare app", 1.3, "x", ratio, max(ours) / min(bare))


def cpu_until_sent(terminal: Terminal, mark: re.Pattern[bytes]) -> float:
    """Seconds of CPU until a mark was sent. Taken as the bytes come: drawing them here takes some ms, in which the
    program counts its views."""
    end = time.monotonic() + 60
    while not mark.search(terminal.raw()):
        if time.monotonic() > end:
            raise AssertionError(f"no {mark.pattern!r} within a minute")
        time.sleep(0.0005)
    return terminal.cpu()


def at_rest(terminal: Terminal) -> None:
    """Wait until a program that was just opened has read ahead all it wants, such as the counts of its views: at a
    million cases, with nothing in the system's cache, that takes seconds, and is no key's cost."""
    end, was = time.monotonic() + 120, -1.0
    while time.monotonic() < end and (now := terminal.cpu()) - was > 0.03:
        was = now
        terminal.quiet(1, timeout=1)


def moving(bench: Bench) -> Iterator[Row]:
    """Arrow, page, end at the big size, and the preview that follows each; and memory before any write."""
    name = f"{bench.big:,} cases:"
    for what, pressed, budget, back, silence in (
        ("arrow key", "down", 5, (), SHORT), ("page", "pagedown", 25, (), SILENCE),
        ("jump to end", "end", 35, ("home",), SILENCE),
    ):  # fmt: skip
        with bench.desk(bench.big).open(*SIZE) as terminal:  # opened anew: within ten seconds nothing is written
            terminal.wait_for(shift.at_queue, timeout=60, words="queue")
            first = terminal.memory()
            at_rest(terminal)
            moved, previews = apart(terminal, pressed, bench.times // (2 if back else 1), back=back, silence=silence)
            yield from rows(f"{name} {what}", moved, cpu=budget)
            yield from apart_from_threads(f"{name} {what}", moved)
            yield rows(f"{name} preview after {what}", previews)[0]
            yield row(f"{name} memory at first paint, after {what}", [first, terminal.memory()], 60, "MiB")


def apart(
    terminal: Terminal, pressed: str, times: int, *, back: tuple[str, ...] = (), silence: float = SILENCE
) -> tuple[list[Sample], list[Sample]]:
    """A moving key so many times, and apart from it the preview that comes when the cursor rests."""
    moved, previews = [], []
    preview(terminal)
    for _ in range(max(3, times)):
        moved.append(key(terminal, pressed, silence=silence))
        previews.append(preview(terminal))
        for each in back:
            key(terminal, each, silence=silence)
            preview(terminal)
    return moved, previews


def preview(terminal: Terminal) -> Sample:
    """What the program does by itself after a moving key, until it rests."""
    cpu, sent, begun = terminal.cpu(), len(terminal.raw()), time.monotonic()
    last = terminal.answered(RESTED, timeout=0.4)
    return Sample(terminal.cpu() - cpu, last - begun, len(terminal.raw()) - sent)


def keys(
    terminal: Terminal, what: str, pressed: tuple[str, ...], times: int, *, cpu: float = 0, wall: float = 0,
    back: tuple[str, ...] = (), silence: float = 0.05,
) -> list[Row]:  # fmt: skip
    """A key so many times, each followed by the way back where one is given."""
    samples = []
    for _ in range(max(3, times)):
        samples.append(key(terminal, *pressed, silence=silence))
        for each in back:
            key(terminal, each, silence=silence)
    return rows(what, samples, cpu=cpu, wall=wall)


def work(bench: Bench) -> Iterator[Row]:
    """At the middle size: next and open to the painted case, menus, sheets, places, filter and look-up keystrokes."""
    with bench.desk(bench.middle).open(*SIZE) as terminal:
        terminal.wait_for(shift.at_queue, timeout=60, words="queue")
        terminal.quiet(0.3, timeout=3)
        name = f"{bench.middle:,} cases:"
        shift.take_next(terminal)  # what is loaded at first use is not a key's cost
        yield from keys(terminal, f"{name} next to painted case", ("n",), bench.times // 2, wall=50, silence=0.15)
        key(terminal, "escape", silence=0.3)
        yield from keys(terminal, f"{name} enter to painted case", ("enter",), bench.times // 2, wall=50,
                        back=("escape",), silence=0.15)  # fmt: skip
        key(terminal, "escape", silence=0.3)
        for what, pressed in (("menu", ("e",)), ("note sheet", ("c",))):
            yield from keys(terminal, f"{name} {what}", pressed, bench.times // 2, wall=50, back=("escape",),
                            silence=0.15)  # fmt: skip
        yield from typed(terminal, f"{name} filter keystroke", "/", TYPED, wall=30)
        shift.look_up(terminal)
        key(terminal, "escape", silence=0.3)
        yield from typed(terminal, f"{name} policy look-up keystroke", "/", ASKED, wall=20)


def typed(terminal: Terminal, what: str, opens: str, texts: tuple[str, ...], *, wall: float) -> list[Row]:
    """Texts typed letter by letter into the field that a key opens, and taken away again."""
    samples = []
    for text in texts:
        key(terminal, opens, silence=0.2)
        samples += [key(terminal, letter, silence=0.1) for letter in text]
        terminal.press(*["backspace"] * len(text))
        empty_field(terminal)
        terminal.press("enter")
        terminal.quiet(0.2)
    return rows(what, samples, wall=wall)


def empty_field(terminal: Terminal) -> None:
    """Wait until what was typed after the slash is gone; a slow list may take its time."""
    terminal.wait_for(
        lambda shown: not any(line.startswith("/ ") and line[2:3].isalpha() and "words, a section" not in line
                              for line in shown.split("\n")),
        timeout=120, words="empty field",
    )  # fmt: skip


def beside_datatable(bench: Bench) -> Iterator[Row]:
    """The same list in Textual's DataTable, taken in turn."""
    desk = bench.desk(bench.small)
    starts: dict[str, Callable[[], Terminal]] = {
        "escaltui": lambda: desk.open(*SIZE),
        "DataTable": lambda: Terminal([*BARE, str(desk.store), str(bench.small)], *SIZE, desk.environment),
    }
    paints: dict[str, list[float]] = {name: [] for name in starts}
    costs: dict[str, dict[str, list[float]]] = {name: {"down": [], "pagedown": [], "end": []} for name in starts}
    for _ in range(3):
        for name, start in starts.items():
            cpu, _wall, terminal = until_painted(start, lambda text: shift.REF.search(text) is not None)
            with terminal:
                paints[name].append(cpu)
                terminal.quiet(0.5)
                for pressed, found in costs[name].items():
                    found += [sample.cpu * 1000 for sample in apart(terminal, pressed, bench.times // 4)[0]]
    for name in starts:
        yield row(f"{bench.small:,} cases in {name}: first paint: CPU", paints[name], 0, "s")
        for pressed, found in costs[name].items():
            yield row(f"{bench.small:,} cases in {name}: {pressed}: CPU", found)


def import_rows(bench: Bench) -> Iterator[Row]:
    """A CSV file of the middle size, full-text search on."""
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=bench.where))
    try:
        (folder / "rows.toml").write_text(MAPPING)
        write_rows(folder / "rows.csv", bench.middle)
        desk = Desk(folder / "desk", bench.where / "config")
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        desk.run("import", str(folder / "rows.csv"), "--mapping", str(folder / "rows.toml"))
        wall, cpu = time.monotonic() - begun, _cpu(resource.getrusage(resource.RUSAGE_CHILDREN)) - _cpu(before)
        found = desk.run("ls", RARE, "--json").count("\n")
        remark = f"{bench.middle / wall:,.0f} a second; {found} found by a word"
        yield row(f"import of {bench.middle:,} rows: wall", [wall], 60 * bench.middle / 100_000, "s", remark)
        yield row(f"import of {bench.middle:,} rows: CPU", [cpu], 0, "s")
    finally:
        shutil.rmtree(folder)


def idle(bench: Bench) -> Iterator[Row]:
    """A quarter of a minute in which nobody does anything."""
    with bench.desk(bench.middle).open(*SIZE) as terminal:
        terminal.wait_for(shift.at_queue, timeout=60, words="queue")
        terminal.quiet(0.9, timeout=10)
        cpu, sent, end = terminal.cpu(), len(terminal.raw()), time.monotonic() + 15
        while time.monotonic() < end:
            terminal.quiet(0.5, timeout=0.5)
        yield row("an idle minute: KB sent", [(len(terminal.raw()) - sent) * 4 / 1000], 2, "KB", "15 s, times 4")
        yield row("an idle minute: CPU", [(terminal.cpu() - cpu) * 4000], 0, "ms")


def media(bench: Bench) -> Iterator[Row]:
    """Pictures, films and words behind the shield; the same photo by textual-image beside it."""
    import media_bench

    return media_bench.media(bench.where / "media", bench.times // 2, bench.big)


def sync(bench: Bench) -> Iterator[Row]:
    """Push, pull, event streams, fills, stalls and a backlog, at one backend over its private PostgreSQL."""
    import sync_bench

    return sync_bench.sync(bench.where / "sync", bench.times < 10)


PARTS = {"paint": first_paint, "moving": moving, "work": work, "datatable": beside_datatable, "import": import_rows,
         "idle": idle, "media": media, "sync": sync}  # fmt: skip


def main() -> int:
    """Measure, and print the table as it grows."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--cases", type=int, default=1_000_000)
    ask.add_argument("--hundred", type=int, default=100_000, metavar="N", help="the middle size (100,000)")
    ask.add_argument("--quick", action="store_true", help="small stores and few keys: whether it runs at all")
    ask.add_argument("--where", type=Path, default=Path(tempfile.gettempdir()) / "escaltui-bench")
    ask.add_argument("--only", nargs="*", choices=tuple(PARTS), default=tuple(PARTS))
    args = ask.parse_args()
    bench = Bench(args.where, 3000, 1000, 500, 6) if args.quick else Bench(
        args.where, args.cases, args.hundred, 10_000, 40
    )  # fmt: skip
    args.where.mkdir(parents=True, exist_ok=True)
    print(machine())
    for name in args.only:
        print(table(PARTS[name](bench)), flush=True)
    for made in sorted(args.where.glob("desk-*/made")):
        print(f"{made.parent.name} was made in {made.read_text()}; {os.path.getmtime(made):.0f}")
    print(f"at the end: {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
