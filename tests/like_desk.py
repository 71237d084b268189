"""A desk with cases that have nothing in common, and a letter that several others may bring."""

from __future__ import annotations

from casebench import open_case

from escaltui.workbench import Workbench

LETTER = ("The shop named Goldfinch sells counterfeit turbines under our registered mark Brumwald. Nobody licensed it. "
          "We ask that all of its offers are taken down.")  # fmt: skip


def strangers(bench: Workbench, count: int) -> None:
    """Cases that are like no other."""
    for n in range(count):
        words = f"alpha{n} beta{n} gamma{n} question about something else entirely"
        open_case(bench, f"Other {n}", body=words, requester=f"Someone {n}")
