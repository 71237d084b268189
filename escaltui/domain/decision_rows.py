"""Rows of `actions.toml`, `approval.toml`, `platforms.toml`, `checklists.toml`: what we do, who agrees, where, how."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from escaltui.domain.decisions import KINDS
from escaltui.domain.rule_rows import Minutes, Named, Names, Row, Text, Yes

Kind = Annotated[str, Meta(description="one of " + " ".join(KINDS))]
Role = Literal["approver", "lead", "counsel", "comms"]
Count = Annotated[int, Meta(ge=0, description="a whole number, 0 or more")]


class ActionRow(Named, frozen=True):
    """What the platform calls one deed, and what it is in the words of the EU's transparency database.

    `items`: the item types it can be done to, all where empty; `by_hand`: a person does it in the platform's own tool;
    `until`: it may have an end; `geo`: it holds in named countries only; `restores`: the actions that it takes back.
    """

    kind: Kind
    items: Names = ()
    by_hand: Yes = True
    until: Yes = False
    geo: Yes = False
    restores: Names = ()


class ApprovalRow(Row, frozen=True):
    """Who must agree to which decisions, before they take effect or within `minutes` after.

    All rows that match make one approval: the union of their `needs`. `sample`: only one in so many, by the decision's
    id. A row with mode "after" wins over those with "before", but for what no rule can waive.
    """

    when: Text
    mode: Annotated[Literal["before", "after"], Meta(description='"before" or "after"')] = "before"
    needs: Annotated[tuple[Role, ...], Meta(description="a list out of approver lead counsel comms")] = ("approver",)
    minutes: Minutes = 120
    sample: Count = 0


class Platform(Named, frozen=True):
    """Where a platform's own tool shows an item: an address by item type, with `{item_id}` and `{url}` in it.

    "*" stands for every item type without an address of its own.
    """

    links: Annotated[dict[str, str], Meta(description='addresses by item type, like { post = "https://..." }')] = {}


class Checklist(Named, frozen=True):
    """What is gone through on cases of certain kinds: element names for a report, or steps that become tasks.

    `event`: it is for planned events of a kind (calendars.toml) instead; its steps are what is to be ready before.
    """

    when: Annotated[str, Meta(description="text")] = ""
    event: Annotated[str, Meta(description="a kind of events in calendars.toml")] = ""
    elements: Names = ()
    steps: Names = ()
