"""Pictures of the report in a real browser: two widths, light and dark, as PNG files.

`python tests/show/report_pictures.py [REPORT.html ...] [--to FOLDER]`. Without a report it makes one of a desk with a
wave in it, in English and French. Needs Chromium (on Debian: apt-get install chromium); says so where there is none.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE)]

WIDTHS = (390, 1200)
TALLEST = 14_000
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FRAME = """<!DOCTYPE html><meta charset="utf-8"><style>html, body {{ margin: 0 }}
iframe {{ border: 0; width: {width}px; height: {height}px; display: block }}</style>
<iframe src="report.html"></iframe>"""
"""A browser's own window is never as narrow as a telephone: the report stands in a frame of that width."""


def browser() -> str:
    """The browser's path. Ends the program where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        sys.exit(f"No Chromium here: none of {', '.join(NAMES)} is on the path. On Debian: apt-get install chromium.")
    return found


def picture(chromium: str, report: Path, width: int, dark: bool, out: Path) -> None:
    """One picture of a whole report."""
    with tempfile.TemporaryDirectory() as held:
        folder = Path(held)
        shutil.copy(report, folder / "report.html")
        (folder / "frame.html").write_text(FRAME.format(width=width, height=TALLEST))
        told = [chromium, "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
                f"--user-data-dir={folder / 'profile'}", f"--window-size={max(width, 500)},{TALLEST}",
                f"--screenshot={folder / 'whole.png'}", f"--blink-settings=preferredColorScheme={0 if dark else 1}",
                (folder / "frame.html").as_uri()]  # fmt: skip
        done = subprocess.run(told, capture_output=True, text=True, timeout=180)
        if not (folder / "whole.png").exists():
            sys.exit(f"{chromium} made no picture:\n{done.stderr[-2000:]}")
        _cut(folder / "whole.png", out, width)


def _cut(whole: Path, out: Path, width: int) -> None:
    """The report's own width, without the empty end below it."""
    from PIL import Image, ImageChops

    with Image.open(whole) as opened:
        shown = opened.convert("RGB").crop((0, 0, width, TALLEST))
    ground = Image.new("RGB", shown.size, shown.getpixel((2, TALLEST - 2)))
    used = ImageChops.difference(shown, ground).getbbox()
    shown.crop((0, 0, width, min(TALLEST, (used[3] if used else 200) + 24))).save(out)


def made(folder: Path) -> Iterator[Path]:
    """The report of a desk with a wave in it, in both languages."""
    from report_desk import reported

    for language in ("en", "fr"):
        path = folder / f"report-{language}.html"
        path.write_text(reported(folder / f"desk-{language}", language), "utf-8")
        yield path


def main(arguments: Sequence[str] | None = None) -> None:
    """Make every picture, and say where."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("reports", nargs="*", type=Path)
    parser.add_argument("--to", type=Path, default=Path("report-pictures"))
    args = parser.parse_args(arguments)
    chromium = browser()
    args.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for report in args.reports or made(Path(folder)):
            for width in WIDTHS:
                for dark in (False, True):
                    out = args.to / f"{report.stem}-{width}-{'dark' if dark else 'light'}.png"
                    picture(chromium, report, width, dark, out)
                    print(out)


if __name__ == "__main__":
    main()
