"""The local store: all SQLite, all originals."""

from escaltui.store.errors import (
    DiskFull,
    Interrupted,
    StoreDamaged,
    StoreError,
    StoreLocked,
    StoreNewer,
    StoreReadOnly,
)
from escaltui.store.store import Store
from escaltui.store.values import CaseRows, ChainReport, Done, Draft, KeptOperation, LineRow, LoggedChange, Who

__all__ = [
    "CaseRows",
    "ChainReport",
    "DiskFull",
    "Done",
    "Draft",
    "Interrupted",
    "KeptOperation",
    "LineRow",
    "LoggedChange",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreLocked",
    "StoreNewer",
    "StoreReadOnly",
    "Who",
]
