"""Sync under load: one `escaltui serve` over its private PostgreSQL (fsync on), clients in processes of their own.

`python tests/perf/sync_bench.py [--quick] [--only PART ...] [--cases N ...] [--streams N ...] [--changes N]`

Sign-in, row-level security and the audit chain are on, as ever. Nothing is asserted: figures are published with the
machine that they are of. The clients share its cores with the server and PostgreSQL. Beside Kinto: `kinto_bench.py`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(each) for each in (HERE / "sync", HERE, HERE.parent) if str(each) not in sys.path]

import filling  # noqa: E402
import hearing  # noqa: E402
import pulling  # noqa: E402
import pushing  # noqa: E402
import stalling  # noqa: E402
from measure import Row, machine, table  # noqa: E402
from stores import CLIENTS  # noqa: E402

Part = Callable[[Path, bool], Iterator[Row]]
PARTS: dict[str, Part] = {
    "push": pushing.pushes, "pull": pulling.pulls, "screens": hearing.screens, "fill": filling.fills,
    "stall": stalling.stalls, "backlog": pulling.backlog,
}  # fmt: skip


def sync(folder: Path, quick: bool, parts: Iterable[Part] = PARTS.values()) -> Iterator[Row]:
    """The rows of some parts, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in parts:
        yield from part(folder, quick)
        shutil.rmtree(folder / CLIENTS, ignore_errors=True)


def main() -> int:
    """Measure, and print each part's table as it is there."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--quick", action="store_true", help="small sizes: whether it runs at all")
    ask.add_argument("--where", type=Path, default=Path(tempfile.gettempdir()) / "escaltui-bench")
    ask.add_argument("--only", nargs="*", choices=tuple(PARTS), default=tuple(PARTS))
    ask.add_argument("--cases", nargs="*", type=int, default=(), help="sizes of the desks that are filled")
    ask.add_argument("--streams", nargs="*", type=int, default=(), help="how many event streams (1, 200, 1,000)")
    ask.add_argument("--changes", type=int, default=0, help="how many come while the loop is watched (20,000)")
    args = ask.parse_args()
    parts = PARTS | {
        "screens": partial(hearing.screens, counts=tuple(args.streams)),
        "fill": partial(filling.fills, counts=tuple(args.cases)),
        "stall": partial(stalling.stalls, changes=args.changes),
    }
    print(machine())
    for name in args.only:
        print(table(sync(args.where / "sync", args.quick, [parts[name]])), flush=True)
    print(f"at the end: {machine()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
