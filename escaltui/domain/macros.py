"""Macros: several operations under one name, with words filled in. Pure; `escaltui.macro_files` reads the files.

In a step's texts `{name}` stands for a variable: what the person is asked for (`ask`), or something of the case. It is
put in as it is: a value is never looked through for further variables.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from escaltui.domain.conditions import Fact, holds, parse
from escaltui.domain.consults import facts
from escaltui.domain.entities import Case
from escaltui.domain.operations import OPERATIONS, OnCase
from escaltui.domain.sentences import Fault

GIVEN = ("case", "ref", "title", "requester", "owner", "me", "severity", "type")
"""Variables that the case itself fills."""
NEVER = frozenset(
    {"ApproveDecision", "ReviewDecision", "SignOff", "ApproveUpdate", "SettleCase", "Skip", "SendStatement", "Undo"}
)
"""What each case wants a thought of its own for; and whatever leaves the house at once is no step of a macro either."""
MOMENTS = frozenset({"due", "until", "instant", "promised", "received_at", "at"})
"""Fields that hold an instant: a step says them as people do, `2h` or `fri 16:00`."""
_NAME = re.compile(r"\{([a-z_]+)\}")
Texts = dict[str, str]


class MacroFault(Fault):
    """A macro that cannot be used; its text says which step, which field, and the mend."""


class Macro(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """One macro. `title` and each question of `ask` by language, English always there; `key` picks it from the list;
    `when`: the cases it is for, all where empty; `steps`: an operation's name as `do` and its fields."""

    id: str
    title: Texts
    steps: tuple[dict[str, Any], ...] = ()
    key: str = ""
    when: str = ""
    ask: dict[str, Texts] = {}

    def titled(self, language: str) -> str:
        """The title in a language, else in English."""
        return self.title.get(language) or self.title["en"]

    def questions(self, language: str) -> tuple[tuple[str, str], ...]:
        """(variable, question) for each thing to ask, in order."""
        return tuple((name, texts.get(language) or texts["en"]) for name, texts in self.ask.items())

    def fits(self, case: Case) -> bool:
        """Whether it is for such a case."""
        known: dict[str, Fact] = facts(case)
        return holds(parse(self.when), known)


def check(macro: Macro) -> None:
    """Raise MacroFault for a macro that could never run."""
    if not macro.title.get("en", "").strip() or not all(texts.get("en", "").strip() for texts in macro.ask.values()):
        raise MacroFault("title and every question need an English text (en)")
    if not macro.steps:
        raise MacroFault("it has no steps; write each as [[steps]]")
    parse(macro.when)
    known = {*GIVEN, *macro.ask}
    for number, step in enumerate(macro.steps, 1):
        _kind(step, number)
        for name in _named(step):
            if name not in known:
                raise MacroFault("step {n}: no variable {name}; there are {known}", n=number, name=f"{{{name}}}",
                                 known=", ".join(sorted(known)))  # fmt: skip


def operations(
    macro: Macro, case: Case, me: str, values: Mapping[str, str], moment: Callable[[str], int]
) -> tuple[OnCase, ...]:
    """The operations of a macro on a case. `moment` reads a time as people write it.

    Raises MacroFault where something asked for is empty, or a step cannot be made with these values.
    """
    empty = [name for name in macro.ask if not values.get(name, "").strip()]
    if empty:
        raise MacroFault("Fill in: {fields_to_fill}.", fields_to_fill=", ".join(empty))
    filled = {name: values[name].strip() for name in macro.ask} | _given(case, me)
    return tuple(_operation(step, number, case, filled, moment) for number, step in enumerate(macro.steps, 1))


def _given(case: Case, me: str) -> dict[str, str]:
    return {
        "case": case.id, "ref": case.ref, "title": case.title, "requester": case.requester_name, "owner": case.owner,
        "me": me, "severity": f"S{case.severity}", "type": case.type,
    }  # fmt: skip


def _kind(step: Mapping[str, Any], number: int) -> type[OnCase]:
    name = step.get("do", "")
    kind = OPERATIONS.get(name) if isinstance(name, str) else None
    if kind is None or not issubclass(kind, OnCase) or name in NEVER or kind.MODE == "online":
        raise MacroFault("step {n}: {name} is no operation that a macro may do", n=number, name=str(name)[:40])
    for field in step:
        if field not in ("do", *kind.__struct_fields__) or field in ("case", "base"):
            raise MacroFault("step {n}: {name} has no field {field}", n=number, name=name, field=field)
    return kind


def _named(value: Any) -> Iterator[str]:
    """The variables in a step's texts."""
    if isinstance(value, str):
        yield from _NAME.findall(value)
    elif isinstance(value, dict):
        for each in value.values():
            yield from _named(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _named(each)


def _operation(
    step: Mapping[str, Any], number: int, case: Case, values: Mapping[str, str], moment: Callable[[str], int]
) -> OnCase:
    kind = _kind(step, number)
    fields = {name: _put(value, values) for name, value in step.items() if name != "do"}
    for name in MOMENTS & fields.keys():
        if isinstance(fields[name], str):
            fields[name] = moment(fields[name])
    try:
        return msgspec.convert({**fields, "case": case.id, "type": kind.__name__}, kind)
    except msgspec.ValidationError as error:
        raise MacroFault("step {n}, {name}: {why}", n=number, name=kind.__name__, why=str(error)) from error


def _put(value: Any, values: Mapping[str, str]) -> Any:
    """A step's value with its variables filled in, once."""
    if isinstance(value, str):
        return _NAME.sub(lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {name: _put(each, values) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_put(each, values) for each in value]
    return value
