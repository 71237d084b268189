"""What can go wrong with a store. Every text is a whole sentence that says how to mend it."""

from __future__ import annotations


class StoreError(Exception):
    """The store could not do what was asked; `str()` is a sentence for people, with the mend."""


class StoreLocked(StoreError):
    """Another program held the store for longer than the waiting time."""


class StoreNewer(StoreError):
    """The store was written by a later version of escaltui."""


class StoreDamaged(StoreError):
    """The file does not hold together; the text names the newest backup."""


class StoreReadOnly(StoreError):
    """The folder or the file cannot be written."""


class DiskFull(StoreError):
    """There is no room, even after the reserve was freed. The caller still has what was to be written."""


class SealedContent(StoreError):
    """The bytes are those of a sealed item: they are not kept."""


class Interrupted(StoreError):
    """A read was stopped by `interrupt_readers`: its result is no longer wanted."""


class KeyMissing(StoreError):
    """The store is encrypted, or is to be, and its key is not available."""


class StorePlain(StoreError):
    """The store is plain where the settings ask for an encrypted one."""
