"""A rule set on its way: what a desk's server decides by, as one text that another program builds the same set from.

Rows travel as they are once checked: holidays as dates, a team's rows laid over ours. Whoever receives them trusts
none: every row is read anew, the whole is checked, and its hash must be the one that was asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from escaltui import rules_loader
from escaltui.domain.ruleset import RuleSet
from escaltui.i18n import _
from escaltui.rules_loader import FILES, Content, RuleFault, Source

MOST = 8 << 20
"""Bytes that a rule set never needs."""


class Packed(msgspec.Struct, frozen=True):
    """Rows by `file.table` and id, and letters by file name."""

    tables: dict[str, dict[str, dict[str, Any]]]
    letters: dict[str, bytes]


class Book(NamedTuple):
    """A rule set with its letters, and the text that both came by."""

    rules: RuleSet
    letters: Mapping[str, bytes]
    text: bytes


def read(folder: Path | None) -> Book:
    """The packaged rules with those of a team's folder over them. Raises RuleFault."""
    content = rules_loader.read(folder)
    rules = rules_loader.whole(content)
    tables = {f"{file}.{table}": rows for (file, table), rows in content.tables.items()}
    return Book(rules, content.letters, msgspec.json.encode({"tables": tables, "letters": content.letters}))


def unpack(text: bytes, wanted: str) -> Book:
    """The rule set of a text. Raises RuleFault where it is not whole, or not the one with the hash `wanted`."""
    try:
        packed = msgspec.json.decode(text, type=Packed)
        tables = {
            (file, table): {
                row: msgspec.convert({**fields, "id": row}, kind)
                for row, fields in packed.tables.get(f"{file}.{table}", {}).items()
            }
            for file, kinds in FILES.items()
            for table, kind in kinds.items()
        }
        rules = rules_loader.whole(Content(tables, packed.letters, Source()))
    except RuleFault:
        raise
    except (msgspec.MsgspecError, ValueError, TypeError, RecursionError) as error:
        raise RuleFault([_("The rule set does not hold together. Ask who runs the server to look at it.")]) from error
    if rules.hash != wanted:
        raise RuleFault([_("The rule set has parts that this escaltui does not know. Upgrade it.")])
    return Book(rules, packed.letters, text)
