"""The schema of the EU's statements of reasons, as the database published it."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import msgspec

from escaltui.domain.statement_rules import Schema
from escaltui.i18n import _
from escaltui.policy.library import PolicyError


def read_schema(text: str, name: str = "dsa_sor.toml") -> Schema:
    """A schema file as a value. Raises PolicyError naming what is wrong with it."""
    try:
        schema = msgspec.toml.decode(text, type=Schema)
    except msgspec.DecodeError as error:
        raise PolicyError(
            _("{name} is no schema of statements: {why}. Mend it.").format(name=name, why=error)
        ) from None
    bounds = (each for rule in schema.field.values() for each in (rule.exactly, rule.only, rule.unless) if each)
    named = {*schema.one_of, *(each.field for each in bounds), *(r.values_of for r in schema.field.values())} - {""}
    if strange := named - schema.field.keys():
        raise PolicyError(
            _("{name}: there is no field {fields}. Mend the name.").format(name=name, fields=", ".join(sorted(strange)))
        )
    return schema


@cache
def packaged_schema() -> Schema:
    """The schema of 2025-07-01 that comes with the program."""
    return read_schema((files("escaltui.policy") / "data" / "dsa_sor.toml").read_text("utf-8"))
