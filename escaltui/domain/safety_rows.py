"""Rows of `safety.toml`: how sealed items are routed, what opening evidence leaves in the log, the operator's floor."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from escaltui.domain.rule_rows import Names, Row, Yes

Share = Annotated[float, Meta(ge=0, le=120, description="seconds, from 0 to 120")]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="sha256 hashes in small letters and digits")]


class SealRow(Row, frozen=True):
    """Suspected child sexual abuse material: whom to ask, what they are told, and what seals an item at intake.

    `procedure`: the operator's own text, shown on the sealed card. `labels`: what a reporter or platform calls such
    items. `hashes`: the operator's list of sha256; none is shipped.
    """

    team: str = ""
    question: str = ""
    procedure: str = ""
    labels: Names = ()
    hashes: tuple[Hash, ...] = ()


class OpeningRow(Row, frozen=True):
    """Which first looks at clear evidence are recorded in the case's log, without their length."""

    record: Annotated[Literal["none", "restricted", "all"], Meta(description='"none", "restricted" or "all"')] = (
        "restricted"
    )


class BoundRow(Row, frozen=True):
    """The least that every person's settings must keep to: of `shield`, `masking` or `exposure`. Unset: no bound."""

    level: Annotated[Literal["curtain", "heavy", "light"], Meta(description='"curtain", "heavy" or "light"')] | None = (
        None
    )
    grey: Yes | None = None
    peek: Share | None = None
    peek_repeat: Share | None = None
    reveal: Share | None = None
    external_open: Annotated[Literal["ask", "never"], Meta(description='"ask" or "never"')] | None = None
    on: Yes | None = None
    from_severity: Annotated[int, Meta(ge=1, le=3, description="1, 2 or 3")] | None = None
    languages: Names | None = None
