"""What goes between people on a case: questions to teams, letters, tasks, updates."""

from __future__ import annotations

from typing import Literal

import msgspec

from escaltui.domain.entity import Entity

Party = Literal["requester", "affected_user", "authority", "press", "partner", "executive", "internal"]


class Consult(Entity, frozen=True, kw_only=True):
    """A question to a team. `binding`: an approval_required answer must be there before a decision is approved."""

    NAME = "consult"

    case: str
    team: str
    question: str = ""
    background: str = ""
    options: tuple[str, ...] = ()
    sensitivity: Literal["normal", "restricted", "privileged"] = "normal"
    binding: Literal["advice", "approval_required"] = "advice"
    due: int | None = None
    answer: str = ""
    source: str = ""
    """Who answered, and how it reached us."""
    answered_by: str = ""
    answered_at: int | None = None
    offered: str = ""
    """An answer that came by mail and waits for one key."""
    offered_by: str = ""
    offered_with: tuple[str, ...] = ()
    """The Message-IDs of the mails that brought answers, so that none is offered twice."""
    acknowledged_by: str = ""
    message_id: str = ""
    """Of the mail that asked; the answer threads to it."""
    reason: str = ""
    state: Literal["asked", "acknowledged", "answered", "declined", "expired", "withdrawn"] = "asked"


class Relayed(msgspec.Struct, frozen=True):
    """Somebody else spoke for us."""

    by: str
    at: int


class Message(Entity, frozen=True, kw_only=True):
    """One letter, out or in. A party's messages on a case are a thread."""

    NAME = "message"
    SETS = frozenset({"signoff_roles", "authors"})

    case: str
    party: Party = "requester"
    direction: Literal["out", "in"] = "out"
    address: str = ""
    subject: str = ""
    template: str = ""
    language: str = "en"
    body: str = ""
    content_sha256: str = ""
    signoff: Literal["none", "needed", "given"] = "none"
    signoff_role: str = ""
    """The role that is asked next to say yes; "" where none is lacking."""
    signoff_roles: tuple[str, ...] = ()
    """All roles that must say yes: the party's, and what its template asks for besides."""
    signed: dict[str, str] = {}
    """Who said yes, by role. An edit empties it."""
    signed_by: str = ""
    signed_sha256: str = ""
    """The content that they said yes to."""
    edition: int = 0
    """Counts what happened to its words (written, signed, sent), so that undoing an earlier step is seen as stale."""
    authors: tuple[str, ...] = ()
    """Everybody whose words are in it: none of them signs."""
    relayed: Relayed | None = None
    message_id: str = ""
    reply_to: str = ""
    """Message-ID of the mail that this one answers."""
    purpose: Literal["letter", "consult", "update"] = "letter"
    about: str = ""
    """The consult or update that it carries."""
    automatic: bool = False
    """Written by a program: an absence note, a bounce. It answers nothing."""
    original: str = ""
    """The sha256 of the kept mail that came in, with everything attached to it."""
    files: tuple[str, ...] = ()
    """The names of what was attached."""
    way: Literal["", "mail", "exported", "relayed", "webhook"] = ""
    """How it leaves, or left."""
    sending_at: int | None = None
    sending_on: str = ""
    """The device that sends it."""
    sent_at: int | None = None
    failure: str = ""
    """Why it was not sent, or that it may have been."""
    state: Literal["draft", "awaiting_signoff", "sending", "sent", "failed", "received", "withdrawn"] = "draft"


class Task(Entity, frozen=True, kw_only=True):
    """Something to do on a case. `checklist` names the row of a checklist that it came from."""

    NAME = "task"

    case: str
    title: str = ""
    assignee: str = ""
    due: int | None = None
    blocked_by: tuple[str, ...] = ()
    checklist: str = ""
    reason: str = ""
    state: Literal["open", "doing", "done", "cancelled"] = "open"


class Update(Entity, frozen=True, kw_only=True):
    """News of a case, or of an incident, for its stakeholders. `numbers` and `upto` let its draft be made again."""

    NAME = "update"

    case: str = ""
    incident: str = ""
    audience: Literal["tactical", "executive", "external"] = "tactical"
    conditions: str = ""
    actions: str = ""
    needs: str = ""
    texts: dict[str, str] = {}
    """By length: line, mail, executive."""
    numbers: dict[str, int] = {}
    upto: int = 0
    promised: int | None = None
    """When the next one was promised."""
    authors: tuple[str, ...] = ()
    """Everybody who wrote on it: none of them approves it."""
    approved_by: str = ""
    published_by: str = ""
    published_at: int | None = None
    state: Literal["draft", "approved", "published"] = "draft"
