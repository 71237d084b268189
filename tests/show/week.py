"""Everything under "Show" of keeping current, crisis, shift and insight. Fails where real material or tmux is missing.

`make show-week`, or `python tests/show/week.py [--quick] [--only PART ...]`. Each part prints what it found; the end
says which parts passed, and the exit code is 0 only when all did.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(TESTS), str(HERE), str(TESTS / "policy")]

import first_light  # noqa: E402
import week_bad  # noqa: E402
import week_documents  # noqa: E402
import week_pictures  # noqa: E402
import week_story  # noqa: E402
from first_light import Show, need, suite  # noqa: E402
from sync_rows import Bar, program, run  # noqa: E402

KEY_TESTS = ("tests/screens/test_incident_screen.py", "tests/screens/test_shift_screen.py",
             "tests/screens/test_insight_screen.py", "tests/screens/test_policy_changes_screen.py")  # fmt: skip


def story(show: Show) -> Iterator[str]:
    """The real program in tmux: an alarm, an incident over sixty cases, an update by mail, a handover, a report."""
    tmux = shutil.which("tmux")
    need(tmux is not None, "this part needs tmux")
    with tempfile.TemporaryDirectory(prefix="escaltui-week-") as folder:
        yield from week_story.walk(Path(folder), str(tmux))


def left(show: Show) -> Iterator[str]:
    """A handover to somebody whom the backend lets in no more: it comes back by itself, and says why."""
    with tempfile.TemporaryDirectory(prefix="escaltui-left-") as folder:
        yield from week_story.left(Path(folder), shutil.which("tmux") or "tmux")


PARTS = {
    "documents": week_documents.kept,
    "carried over": week_documents.carried,
    "compared": week_documents.compared,
    "cited": week_documents.cited,
    "outbreaks": program(
        "Detection on the real notices by week and requester: alarms, outbreaks found, how late.",
        run("tests/show/outbreaks.py", quick=("--trials", "200")),
    ),
    "keys": suite("-p", "no:xdist", *KEY_TESTS),
    "story": story,
    "a million": program(
        "The page of trends at 1,000,000 cases: first count, the page after it, what changed counted anew.",
        run("tests/perf/insight_bench.py", quick=("--cases", "20000"),
            bars=[Bar("the page (ms)", r"^the page\s+([\d,]+) ms wall", most=300)]),
    ),
    "pictures": week_pictures.pictures,
    "the report": program(
        "The report of the week in a real browser, at two widths, light and dark, English and French.",
        run("tests/show/report_pictures.py", "--to", str(Path(tempfile.gettempdir()) / "escaltui-report-pictures")),
    ),
    "off the thread": program(
        "The two largest pairs of versions compared off the thread that draws.",
        run("tests/perf/compare_bench.py", quick=("--times", "2")),
    ),
    "bad input": week_bad.table,
    "somebody left": left,
}  # fmt: skip

if __name__ == "__main__":
    sys.exit(first_light.main(PARTS, ("notices.jsonl.gz", "dmca_gold_2015_2021.json", "policies"), "The week"))
