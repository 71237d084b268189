"""What every operation is. They are stored and sent as JSON with their class name as `type`.

An operation is what somebody asks for; `rules.apply` turns it into changes or a refusal."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import msgspec

from escaltui.domain.changes import Key

Mode = Literal["free", "checked", "online"]


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type", tag=True):
    """One intent. `MODE`: free (final offline), checked (decided again by the authority), online (never queued)."""

    MODE: ClassVar[Mode] = "checked"
    STREAM: ClassVar[str] = "org"
    """Where an online one that is on no case goes."""

    def reads(self) -> tuple[Key, ...]:
        """The rows and lists that must be loaded before this can be judged."""
        return ()


class OnCase(Operation, frozen=True, kw_only=True):
    """An operation on one case. `base`: what a field was when the person looked, to notice a colleague's change."""

    case: str
    base: dict[str, Any] = {}

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case),)


def with_holdings(case_id: str) -> tuple[Key, ...]:
    """A case with all that moves with it when other people may see it from now on."""
    return (("case", case_id), ("holdings", case_id), ("shared", case_id))
