"""The words and options of the command `requester`."""

from __future__ import annotations

from escaltui.commands.grammar import argument
from escaltui.commands.work_grammar import Table

REQUESTER: Table = {
    "requester": ("who asks: the page of one; suggest: who may be the same; merge A B: A goes on under B, a reason is "
                  "asked for; apart A B: they are not the same", (
        argument("--reason", "-r", "-m", default="", metavar="TEXT", help="how it is known that they are the same"),)),
}  # fmt: skip
REQUESTER_USAGE = "NAME | suggest | merge A B --reason TEXT | apart A B"
