"""The words and options of the command report."""

from __future__ import annotations

from escaltui.commands.grammar import Argument, argument, count

FORMAT = argument("--format", choices=("md", "html"), default="html", help="html (default): one file with pictures")
REPORT: dict[str, tuple[str, tuple[Argument, ...]]] = {
    "report": ("what the last week came to, in one file that may be sent on", (
        argument("--weeks", type=count, default=1, metavar="N", help="over the last N weeks, 26 at most (default 1)"),
        FORMAT,
        argument("--out", default="", metavar="FILE",
                 help="a new file; - for standard output (default: reports/ in the store's folder)"))),
}  # fmt: skip
