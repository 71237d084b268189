"""What other programs wrote to a store since we looked last: so that several screens on one store show the same."""

from __future__ import annotations

from escaltui.store.driver import Connection
from escaltui.store.store import Store

_MARKS = """SELECT coalesce((SELECT max(n) FROM change), 0), coalesce((SELECT max(n) FROM pending), 0)"""
_CASES = """SELECT DISTINCT case_id FROM change WHERE n > ? AND case_id != ''
UNION SELECT DISTINCT case_id FROM pending WHERE n > ? AND case_id != ''"""


class Recent:
    """Looks at one store, by one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._version = 0
        self._marks = (0, 0)
        self.skip()

    def moved(self) -> bool:
        """Whether another program has written since the last look."""
        version = self._store.data_version()
        if version == self._version:
            return False
        self._version = version
        return True

    def cases(self) -> frozenset[str]:
        """The cases with changes since then."""

        def read(connection: Connection) -> frozenset[str]:
            found = frozenset(row[0] for row in connection.execute(_CASES, self._marks))
            self._marks = connection.execute(_MARKS).fetchone()
            return found

        return self._store.read(read)

    def skip(self) -> None:
        """What was written until now is known."""
        self._version = self._store.data_version()
        self._marks = self._store.read(lambda connection: connection.execute(_MARKS).fetchone())
