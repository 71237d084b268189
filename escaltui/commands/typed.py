"""What people type, read: times, names with values, texts from standard input. Each fault says how it is written."""

from __future__ import annotations

import re
from argparse import Namespace
from collections.abc import Iterable

from escaltui.commands.grammar import standard_input
from escaltui.commands.verbs import UsageError
from escaltui.i18n import _
from escaltui.safety.text import storable
from escaltui.when import DAY, LONGEST, WhenError, parse
from escaltui.workbench import Workbench

_SPAN = re.compile(r"(?:\d+\s*(?!am|pm)[a-z]+\s*)+")
_TIME = re.compile(r"\d{1,2}:\d\d")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def back(bench: Workbench, text: str) -> int:
    """An instant that lies back: `now`, `2h ago`, `14:00` (the last such), an ISO date. Raises UsageError."""
    return past(bench.now(), text)


def past(now: int, text: str) -> int:
    """The same, as it is at an instant."""
    bare = text.strip().lower().removesuffix(" ago")
    try:
        if bare == "now":
            return now
        if _SPAN.fullmatch(bare):
            return now - (parse(bare, now) - now)
        since = DAY if _TIME.fullmatch(bare) else LONGEST if _DATE.match(bare) else 0
        found = parse(bare, now - since) if since else now + 1
    except WhenError as fault:
        raise UsageError(str(fault)) from fault
    if found <= now:
        return found
    said = _("{typed} is no time that has been. Type now, 2h ago, 14:00, or 2026-11-24 14:00.")
    raise UsageError(said.format(typed=text.strip()))


def pairs(typed: Iterable[str]) -> dict[str, str]:
    """NAME=VALUE each. Raises UsageError."""
    found = {}
    for each in typed:
        name, sign, value = each.partition("=")
        if not sign or not name.strip():
            raise UsageError(_("{pair!r} is not NAME=VALUE.").format(pair=each))
        found[name.strip()] = value.strip()
    return found


def parts(typed: str, sign: str = ",") -> tuple[str, ...]:
    """A list with a sign between its members."""
    return tuple(part.strip() for part in typed.split(sign) if part.strip())


def text_of(args: Namespace, typed: str) -> str:
    """A text as typed, or with `-` the one that is piped in. Raises UsageError where the references come from there."""
    if typed != "-":
        return typed
    if getattr(args, "ref", "") == "-":
        raise UsageError(_("References come from standard input, so give the text on the command line."))
    return storable(standard_input()).strip()
