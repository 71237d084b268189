"""Which document an old path leads to: the alias table that `redirect_from` feeds.

Kept among the facts of the store, a row for each path: a path is asked for only where no section has the id.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from escaltui.policy.redirects import old_path
from escaltui.store import local

if TYPE_CHECKING:
    from escaltui.store.driver import Connection

_KEY = "policy.redirect/"


def keep_redirects(connection: Connection, document: str, paths: Iterable[str]) -> None:
    """Let old paths lead to a document; one that led to another leads here now."""
    for path in filter(None, map(old_path, paths)):
        local.set_meta(connection, _KEY + path, document)


def redirected(connection: Connection, path: str) -> str:
    """The key of the document that a path (as `old_path` gives it) leads to; "" where it leads nowhere."""
    return (path and local.meta(connection, _KEY + path)) or ""


def leading_to(connection: Connection, document: str) -> tuple[str, ...]:
    """The old paths that lead to a document."""
    sql = "SELECT substr(key, ?) FROM meta WHERE key LIKE ? AND value = ? ORDER BY key"
    return tuple(row[0] for row in connection.execute(sql, (len(_KEY) + 1, f"{_KEY}%", document)))
