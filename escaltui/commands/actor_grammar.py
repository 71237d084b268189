"""The words and options of the command of accounts and networks: actor."""

from __future__ import annotations

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import REASON, Table

ACTOR_USAGE = "NAME, or network [start, add, remove, name, withdraw] NETWORK [ACCOUNT ...]"
ACTOR: Table = {
    "actor": ("the page of an account, of a network of accounts, or of the account that a case is about; "
              "actor network: which accounts act as one", (
        argument("--limit", type=count, default=200, metavar="N",
                 help="show at most N cases, the newest (default 200); all are counted"),
        argument("--no-pictures", action="store_true", help="leave out where else its pictures are"), REASON)),
}  # fmt: skip
"""An account is written PLATFORM/ACCOUNT, or by its name where that says which."""
