"""Named orders of cases, and keyset paging: the condition for rows that come after a given one."""

from __future__ import annotations

from typing import NamedTuple

NEVER = 2**63 - 1  # later than any time: what is not due comes last, and no key is null
DUE_OR_NEVER = f"coalesce(c.next_due, {NEVER})"
"""When a case is due, as the indexes hold it."""
_QUEUE = ("c.lane", "c.near", "c.start_by")

Key = tuple[str | int, ...]


class Where(NamedTuple):
    """An SQL condition over `cases c` with its bound parameters. `text`: the full-text expression in it, or ""."""

    sql: str
    parameters: tuple[str | int, ...] = ()
    text: str = ""


class Order(NamedTuple):
    """A named order: its columns as (SQL expression that is never null, whether ascending), ending with the id.

    A row's key is the values of its expressions, in order.
    """

    name: str
    columns: tuple[tuple[str, bool], ...]

    @property
    def keys(self) -> str:
        """The expressions whose values are a row's key, to be selected."""
        return ", ".join(sql for sql, _ in self.columns)

    @property
    def by(self) -> str:
        """What stands after ORDER BY."""
        return ", ".join(sql if ascending else f"{sql} DESC" for sql, ascending in self.columns)


def _order(name: str, *expressions: str, ascending: bool = True) -> Order:
    return Order(name, tuple((sql, ascending) for sql in (*expressions, "c.id")))


ORDERS: dict[str, Order] = {
    order.name: order
    for order in (
        _order("queue", *_QUEUE),
        _order("age", "c.received_at"),
        _order("newest", "c.received_at", ascending=False),
        _order("updated", "c.updated_at", ascending=False),
        _order("due", DUE_OR_NEVER),
        _order("severity", "c.severity", *_QUEUE),
        _order("ref", "c.ref"),
    )
}


def after(order: Order, key: Key) -> Where:
    """The condition for rows strictly after `key` in an order. Raises ValueError where the key has a wrong length."""
    if len(key) != len(order.columns):
        raise ValueError(f"a key of order {order.name} has {len(order.columns)} values, not {len(key)}")
    directions = {ascending for _, ascending in order.columns}
    if len(directions) == 1:  # one row comparison, which SQLite answers from an index
        sign = ">" if directions.pop() else "<"
        return Where(f"({order.keys}) {sign} ({', '.join('?' * len(key))})", key)
    sql, parameters = "", []
    for (expression, ascending), value in reversed(list(zip(order.columns, key, strict=True))):
        sign = ">" if ascending else "<"
        if not sql:
            sql, parameters = f"{expression} {sign} ?", [value]
        else:  # the first half lets an index bound the read; the second is the order itself
            sql = f"({expression} {sign}= ? AND ({expression} {sign} ? OR {sql}))"
            parameters = [value, value, *parameters]
    return Where(sql, tuple(parameters))
