"""What Ozone says, as far as we read it; a field that we do not know is passed over, one that is missing is empty.

After the public lexicons `tools.ozone.moderation.*` and `com.atproto.*` of the AT Protocol.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

DEFS = "tools.ozone.moderation.defs#"
RECORD = "com.atproto.repo.strongRef"
ACCOUNT = "com.atproto.admin.defs#repoRef"
T = TypeVar("T")


class Ref(msgspec.Struct, frozen=True, rename="camel"):
    """What something is about: an account (`did`), a record (`uri` and `cid`), a message of a chat."""

    type: str = msgspec.field(name="$type", default="")
    did: str = ""
    uri: str = ""
    cid: str = ""
    message_id: str = ""
    convo_id: str = ""

    @property
    def item_id(self) -> str:
        """How we name it."""
        chat = "/".join(each for each in (self.did, self.convo_id, self.message_id) if each)
        return self.uri or chat

    @property
    def owner(self) -> str:
        """The account that it is of."""
        return self.did or self.uri.removeprefix("at://").partition("/")[0]


class Status(msgspec.Struct, frozen=True, rename="camel"):
    """How a subject stands in the queue."""

    subject: Ref
    id: int = 0
    review_state: str = ""
    created_at: str = ""
    updated_at: str = ""
    last_reported_at: str = ""
    last_reviewed_at: str = ""
    last_reviewed_by: str = ""
    mute_until: str = ""
    subject_repo_handle: str = ""
    takendown: bool = False
    appealed: bool = False
    tags: tuple[str, ...] = ()
    comment: str = ""

    @property
    def state(self) -> str:
        """Its review state in one word: Open, Escalated, Closed, None."""
        return self.review_state.rpartition("#review")[2]


class Tool(msgspec.Struct, frozen=True):
    """The program that something was done with."""

    name: str = ""
    meta: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """Something that was done. `event` is as it came: its fields depend on its type."""

    id: int
    event: dict[str, Any]
    subject: Ref
    created_by: str = ""
    created_at: str = ""
    creator_handle: str = ""
    subject_handle: str = ""
    mod_tool: Tool | None = None

    @property
    def kind(self) -> str:
        """Its type in one word: Report, Label, Takedown …, as the lexicon calls it."""
        return str(self.event.get("$type", "")).rpartition("#")[2].removeprefix("modEvent")

    @property
    def who(self) -> str:
        """Who did it, by handle where there is one."""
        return self.creator_handle or self.created_by

    @property
    def ours(self) -> str:
        """The id of the action that it carries out, where a program of ours did it."""
        tool = self.mod_tool
        return str(tool.meta.get("batchId", "")) if tool is not None and tool.name == TOOL else ""

    def text(self, name: str) -> str:
        """A field that is a text, "" where it is none."""
        found = self.event.get(name)
        return found if isinstance(found, str) else ""

    def texts(self, name: str) -> tuple[str, ...]:
        """A field that is a list of texts."""
        found = self.event.get(name)
        return tuple(each for each in found if isinstance(each, str)) if isinstance(found, list) else ()


TOOL = "escaltui"


class Label(msgspec.Struct, frozen=True):
    """A label that stands on something; `neg`: it is taken off."""

    val: str = ""
    src: str = ""
    neg: bool = False


class View(msgspec.Struct, frozen=True, rename="camel"):
    """A record or an account as Ozone shows it."""

    type: str = msgspec.field(name="$type", default="")
    uri: str = ""
    did: str = ""
    cid: str = ""
    handle: str = ""
    value: dict[str, Any] = {}
    labels: tuple[Label, ...] = ()
    related_records: tuple[dict[str, Any], ...] = ()

    @property
    def gone(self) -> bool:
        """Whether it is not there any more."""
        return self.type.endswith("NotFound")


def read(kind: type[T], found: object) -> T:
    """A value of what came. null counts as missing. Raises msgspec.ValidationError."""
    given = {key: value for key, value in found.items() if value is not None} if isinstance(found, dict) else found
    return msgspec.convert(given, kind)
