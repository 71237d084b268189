"""A program that writes notes and drafts into a store as fast as it can, and says which ones are acknowledged.

Usage: typist.py FOLDER CASE [COUNT]. Prints `note TEXT ID` and `draft TEXT` once each is on the disk.
"""

from __future__ import annotations

import itertools
import os
import sys
import time
from pathlib import Path

from escaltui import rules_loader
from escaltui.domain.operations import AddNote
from escaltui.store import Done, Store, Who


def main(folder: str, case_id: str, count: str = "") -> None:
    store, rules = Store.open(Path(folder)), rules_loader.load()
    who = Who("ada", frozenset({"specialist"}), store.device)
    for number in itertools.islice(itertools.count(), int(count) if count else None):
        text = f"{os.getpid()}-{number}"
        store.save_draft("note", case_id, text, number)
        print("draft", text, flush=True)
        done = store.do(AddNote(case=case_id, body=text * 20), who, time.time_ns() // 10**6, rules)
        assert isinstance(done, Done), done
        print("note", text, done.changes[0].entity_id, flush=True)
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
