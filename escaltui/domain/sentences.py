"""Sentences that can be said in more than one language: a template with named fields, and what goes into them.

The domain speaks English and knows no other language. So it hands up both, and `wording` says them in the reader's.
"""

from __future__ import annotations

import msgspec


class Words(msgspec.Struct, frozen=True):
    """Names of the code, such as `in_review`: told in the words that people read, where a person reads them."""

    names: tuple[str, ...]

    def __str__(self) -> str:
        return ", ".join(self.names)


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence, or a part of one. `str()` is the English of logs and `--json`, with the code's own names."""

    template: str
    values: tuple[tuple[str, Value], ...] = ()

    def __str__(self) -> str:
        return self.template.format(
            **{name: unstopped(self.template, name, _plain(value)) for name, value in self.values}
        )


Value = str | int | Words | tuple[Said, ...]
"""What a field of a template holds. A text or a number is the same in every language; parts stand between commas."""


def _plain(value: Value) -> object:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else value


def unstopped(template: str, name: str, value: object) -> object:
    """What goes into a field: a sentence loses its full stop where the template has one right behind the field."""
    if isinstance(value, str) and value.endswith(".") and not value.endswith("..") and f"{{{name}}}." in template:
        return value[:-1]
    return value


class Fault(ValueError):
    """Something typed or written down cannot be used. `str()` is the English sentence, `said` is for any language."""

    def __init__(self, template: str, /, **values: Value) -> None:
        self.said = said(template, **values)
        super().__init__(str(self.said))


def said(template: str, /, **values: Value) -> Said:
    """A sentence out of a template and what goes into it."""
    return Said(template, tuple(values.items()))


def words(*names: str) -> Words:
    """Names of the code as one value."""
    return Words(names)
