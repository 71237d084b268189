"""A program that connects a store and is killed at a step of it, as by `kill -9`.

Usage: connecting.py FOLDER URL TOKEN NOW STEP. STEP: `copy-`, `copy+`, `noted`, `adopt-`, `adopt+`, or `http` with a
number and a sign: the n-th request, before it leaves or after its answer came. "" for none.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from escaltui import rules_loader
from escaltui.config_remote import Remote as Settings
from escaltui.store import Store
from escaltui.store import folder as store_folder
from escaltui.sync.connect import Connecting


def die() -> None:
    os._exit(9)


def dying(kind: type[Any], name: str, after: bool, turn: int = 1) -> None:
    """The turn-th call of a method is the last thing this process does."""
    real: Callable[..., Any] = getattr(kind, name)
    left = [turn]

    def wrapped(*given: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] == 0 and not after:
            die()
        found = real(*given, **more)
        if left[0] == 0:
            if hasattr(found, "read"):
                found.read()
            die()
        return found

    setattr(kind, name, wrapped)


def main(folder: str, url: str, token: str, now: str, step: str) -> None:
    store_folder.RESERVE_SMALLEST = 64 << 10
    after = step.endswith("+")
    if step.startswith("copy"):
        dying(Store, "backup", after)
    elif step == "noted":
        dying(Store, "set_meta", True)
    elif step.startswith("adopt"):
        dying(Store, "adopt", after)
    elif step.startswith("http"):
        dying(httpx.HTTPTransport, "handle_request", after, int(step[4:-1]))
    store = Store.open(Path(folder))
    done = Connecting(store, Settings(token="memory"), rules_loader.load(), lambda: int(now)).run(url, "global", token)
    assert not done.trouble, done.trouble
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
