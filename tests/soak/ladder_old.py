"""Run by an earlier program, found first on PYTHONPATH: fills a store as that program kept it.

Usage: ladder_old.py FOLDER. What every program since the first schema knows, and files and questions where it does.
"""

from __future__ import annotations

import hashlib
import itertools
import sys
from pathlib import Path
from typing import Any

from escaltui import rules_loader
from escaltui.domain import ids, operations
from escaltui.store import Done, Store, Who

NOW, PICTURE = 1_790_000_000_000, b"picture"


def main(folder: str) -> None:
    store, rules, count = Store.open(Path(folder)), rules_loader.load(), itertools.count(1)
    who = Who("ada", frozenset({"specialist", "lead", "admin"}), store.device)

    def do(name: str, /, **fields: Any) -> Any:
        kind = getattr(operations, name, None)
        n = next(count)
        op_id = ids.operation_id(NOW + 1000 * n, hashlib.sha256(str(n).encode()).digest()[:10])
        done = kind and store.do(kind(**fields), who, NOW + 1000 * n, rules, op_id=op_id)
        assert done is None or isinstance(done, Done), done
        return done

    cases = [_case(n, do) for n in range(6)]
    do("LinkCases", case=cases[0], target=cases[1])
    do("Merge", case=cases[2], into=cases[3])
    do("Claim", case=cases[4])
    undone = do("Tag", case=cases[4], tags=("wrong",))
    do("Undo", operation=undone.op_id)
    do("AddPerson", login="bo", name="Bo")
    do("AddTask", case=cases[0], title="Call them back")
    store.save_draft("note", cases[0], "half a sentence", NOW)
    store.mark_seen(cases[0], "ada", 5, NOW)
    store.close()


def _case(n: int, do: Any) -> str:
    report = do("ReceiveReport", requester_name="Police", requester_kind="law_enforcement", body=f"Remove item {n}.",
                dedupe_key=f"mail-{n}")  # fmt: skip
    item = operations.NewSubject(platform="web", item_type="post", item_id=f"p{n}", author="someone")
    case_id = ids.operation_id(NOW + n, hashlib.sha256(f"case {n}".encode()).digest()[:10])
    do("OpenCase", report=ids.entity_id(report.op_id, 0), opens=case_id, title=f"Zebra {n}", subjects=(item,))
    do("AddNote", case=case_id, body=f"Called the registry about walrus {n}.")
    do("Tag", case=case_id, tags=("court", f"t{n}"))
    return case_id


if __name__ == "__main__":
    main(sys.argv[1])
