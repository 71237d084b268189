"""The only way state moves: changes patched onto rows.

`difference` makes a change's fields from two versions of a row, `patch` puts them onto a stored row. Sets and named
elements differ element by element (`tags.spam`, `clocks.ack`), so that two people who touch different elements both
keep theirs. Rows are patched as plain dicts, so fields that this version does not know stay in them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

import msgspec

from escaltui.domain.changes import Change, Key, State
from escaltui.domain.entities import ENTITIES, Entity

E = TypeVar("E", bound=Entity)
Fields = dict[str, tuple[Any, Any]]
UNTOLD = frozenset({"id", "rev"})
STREAM = "desk:global"
"""Where a row lies that says nothing of it."""


def plain(entity: Entity) -> dict[str, Any]:
    """A row as plain JSON values, defaults left out."""
    found: dict[str, Any] = msgspec.to_builtins(entity)
    return found


def default(kind: type[Entity], name: str) -> Any:
    """The plain value of a field that a row leaves out; None where it has no default."""
    for field in msgspec.structs.fields(kind):
        if field.name == name:
            return None if field.default is msgspec.NODEFAULT else msgspec.to_builtins(field.default)
    return None


def created(entity: Entity) -> Fields:
    """The fields of the change that creates a row."""
    return {name: (None, value) for name, value in plain(entity).items() if name not in UNTOLD}


def whole(before: Entity, after: Entity) -> Fields:
    """All fields of a row that comes into a stream: whoever reads that stream alone builds the row from them.

    Each is set as a whole, one at its default is taken away: so it does not matter what a reader held before. What was
    is told of those alone that differ.
    """
    was, now, fields = plain(before), plain(after), dict[str, tuple[Any, Any]]()
    for name in after.__struct_fields__:
        if name not in UNTOLD:
            same = was.get(name) == now.get(name)
            fields[name] = (None if same else _known(before, name), now.get(name))
    return fields


def _known(row: Entity, name: str) -> Any:
    return msgspec.to_builtins(getattr(row, name))


def leaves(row: Entity | Mapping[str, Any] | None, change: Change) -> bool:
    """Whether a row that is held here goes with a change, because it left the stream it is held in.

    One that says another stream, or a later revision, came with the change that brought it there: it stays. So the two
    changes of a move give the same in either order.
    """
    if change.action != "moved" or row is None:
        return False
    if isinstance(row, Entity):
        stream, rev = row.stream, row.rev
    else:
        stream, rev = row.get("stream", STREAM), row.get("rev", 0)
    return bool(stream == change.stream and rev <= change.rev)


def difference(before: Entity, after: Entity) -> Fields:
    """The fields in which two versions of one row differ; empty where they do not."""
    fields: Fields = {}
    sets = type(after).SETS
    both = zip(after.__struct_fields__, msgspec.structs.astuple(before), msgspec.structs.astuple(after), strict=True)
    for name, was, now in both:
        if was is now or was == now or name in UNTOLD:
            continue
        if name in sets:
            fields.update(_set_difference(name, was, now))
        elif isinstance(now, dict):
            fields.update(_element_difference(name, was, now))
        else:
            fields[name] = (msgspec.to_builtins(was), msgspec.to_builtins(now))
    return fields


def _set_difference(name: str, was: Iterable[str], now: Iterable[str]) -> Fields:
    old, new = set(was), set(now)
    gone: Fields = {f"{name}.{element}": (True, None) for element in sorted(old - new)}
    return gone | {f"{name}.{element}": (None, True) for element in sorted(new - old)}


def _element_difference(name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Fields:
    fields: Fields = {}
    for key in sorted(was.keys() | now.keys()):
        old, new = was.get(key), now.get(key)
        if old != new:
            fields[f"{name}.{key}"] = (msgspec.to_builtins(old), msgspec.to_builtins(new))
    return fields


def patch(row: Mapping[str, Any], fields: Mapping[str, tuple[Any, Any]], sets: frozenset[str]) -> dict[str, Any]:
    """A plain row with a change's fields set. A value of None takes the field away, so that its default holds."""
    new = dict(row)
    for path, (_, value) in fields.items():
        name, dot, element = path.partition(".")
        if not dot:
            _put(new, name, value)
        elif name in sets:
            members = set(new.get(name, ())) - {element} | ({element} if value else set())
            _put(new, name, sorted(members) or None)
        else:
            elements = dict(new.get(name) or {})
            _put(elements, element, value)
            _put(new, name, elements or None)
    return new


def _put(row: dict[str, Any], name: str, value: Any) -> None:
    if value is None:
        row.pop(name, None)
    else:
        row[name] = value


def inverse(fields: Mapping[str, tuple[Any, Any]]) -> Fields:
    """The fields that take a change back."""
    return {path: (now, was) for path, (was, now) in fields.items()}


def value_at(row: Mapping[str, Any], path: str, sets: frozenset[str]) -> Any:
    """What a plain row holds at a change's path; None where nothing."""
    name, dot, element = path.partition(".")
    found = row.get(name)
    if not dot:
        return found
    if name in sets:
        return True if element in (found or ()) else None
    return (found or {}).get(element)


def alike(one: Any, other: Any) -> bool:
    """Whether two plain values are the same; a list that was a tuple before it was stored is."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[key]) for key, value in one.items())
    return bool(one == other)


class _Readers:
    """What reads rows, made once for all kinds by whoever comes first.

    msgspec works a class out when it is first read. Two threads that do so at the same time can meet it half made, and
    the program ends without a word; so one makes all of them while the others wait.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.made: dict[type[Entity], Callable[[str], Entity]] = {}

    def of(self, kind: type[Entity]) -> Callable[[str], Entity]:
        """The reader of a kind's stored text."""
        if not self.made:
            with self._lock:
                if not self.made:
                    self.made = {each: msgspec.json.Decoder(each).decode for each in ENTITIES.values()}
        return self.made[kind]


READERS = _Readers()


def build(entity: str, row: Mapping[str, Any]) -> Entity:
    """A row's Struct from its plain values; unknown fields are left aside."""
    READERS.of(ENTITIES[entity])
    return msgspec.convert(dict(row), ENTITIES[entity])


def fold(state: State, changes: Iterable[Change]) -> State:
    """The state after some changes."""
    rows: dict[Key, Entity] = dict(state.rows)
    for change in changes:
        key = (change.entity, change.entity_id)
        kind = ENTITIES[change.entity]
        before = rows.get(key)
        if leaves(before, change):
            del rows[key]
        if change.action == "moved" or not change.fields:  # a record of who looked moves no row
            continue
        row = plain(before) if before is not None else {"id": change.entity_id}
        row = patch(row, change.fields, kind.SETS) | {"rev": change.rev}
        rows[key] = build(change.entity, row)
    return State(rows, state.lists)
