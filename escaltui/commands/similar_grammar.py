"""The words and options of the commands `similar` and `repeats`."""

from __future__ import annotations

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import Table

SIMILAR: Table = {
    "similar": ("the cases like one, open and decided, the nearest first, and why", (
        argument("ref", metavar="REF", nargs="?", default="", help="a case, as E-7K2QX"),
        argument("--text", metavar="FILE", default="", help="like the text of a file instead; - for standard input"),
        argument("--limit", type=count, default=20, metavar="N", help="at most N (default 20)"))),
    "repeats": ("the cases that likely repeat an earlier one, and why; nothing is done to them", (
        argument("--view", metavar="NAME", default="", help="a saved view by its name; unknown ones are refused"),
        argument("--limit", type=count, default=0, metavar="N", help="look at no more than N cases (default: all)"))),
}  # fmt: skip
