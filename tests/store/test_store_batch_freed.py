"""An import holds one transaction's rows at a time: nobody waits for the garbage collector to give them back."""

from __future__ import annotations

import gc
import sqlite3
import weakref

from escaltui.store.batch import Batch


def test_the_rows_of_a_transaction_are_freed_with_it():
    batch = Batch(sqlite3.connect(":memory:"), 0)
    gone = weakref.ref(batch)
    gc.disable()
    try:
        del batch
        assert gone() is None
    finally:
        gc.enable()
