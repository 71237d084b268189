"""Consults, letters, tasks, stakeholder updates."""

from __future__ import annotations

from typing import Literal

from escaltui.domain.changes import Key
from escaltui.domain.entities import Stakeholder
from escaltui.domain.exchange import Party
from escaltui.domain.operations.base import OnCase


class AskConsult(OnCase, frozen=True, kw_only=True):
    """Ask a team. The answer is due before what the law or the letter asks for."""

    team: str
    question: str
    background: str = ""
    options: tuple[str, ...] = ()
    due: int | None = None
    binding: Literal["advice", "approval_required"] = "advice"
    sensitivity: Literal["normal", "restricted", "privileged"] = "normal"
    wait: bool = False
    """Let the case wait for that team."""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("consults", self.case))


class _OnConsult(OnCase, frozen=True, kw_only=True):
    consult: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("consult", self.consult), ("consults", self.case))


class AckConsult(_OnConsult, frozen=True, kw_only=True):
    """The team has seen it."""


class AnswerConsult(_OnConsult, frozen=True, kw_only=True):
    """Write the answer down: by somebody of the team, or with `source`, who said it and how. "" takes the offered one.

    A case that waits for that team wakes. `by`: the login of whoever answers, where no source is given; it says whose
    team is looked at, and is the actor's own.
    """

    answer: str = ""
    source: str = ""
    by: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("login", self.by)) if self.by else super().reads()


class DeclineConsult(_OnConsult, frozen=True, kw_only=True):
    """The team does not answer, and why."""

    reason: str = ""


class WithdrawConsult(_OnConsult, frozen=True, kw_only=True):
    """The question is settled otherwise."""

    reason: str = ""


class OfferAnswer(_OnConsult, frozen=True, kw_only=True):
    """An answer came by mail: kept beside the question until somebody accepts it with one key."""

    body: str
    sender: str = ""
    message_id: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("message_with", self.message_id))


class DraftMessage(OnCase, frozen=True, kw_only=True):
    """Write a letter, or rewrite one that is not sent (an edit voids its sign-off)."""

    MODE = "free"
    party: Party
    body: str
    message: str = ""
    """The letter to rewrite; "" writes a new one."""
    address: str = ""
    subject: str = ""
    template: str = ""
    language: str = "en"
    signoff_role: str = ""
    reply_to: str = ""
    purpose: Literal["letter", "consult", "update"] = "letter"
    about: str = ""

    def reads(self) -> tuple[Key, ...]:
        found: list[Key] = [("case", self.case)]
        if self.message:
            found.append(("message", self.message))
        if self.purpose == "consult" and self.about:
            found.append(("consult", self.about))
        return tuple(found)


class _OnMessage(OnCase, frozen=True, kw_only=True):
    message: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("message", self.message), ("consults", self.case), ("reports", self.case))


class SignOff(_OnMessage, frozen=True, kw_only=True):
    """Say yes to a letter as the role its party asks for, never as its author. `content_sha256` is of what was read."""

    content_sha256: str


class RelayMessage(_OnMessage, frozen=True, kw_only=True):
    """Somebody else brought it over: who, and when."""

    by: str
    at: int

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("messages", self.case))


class SendMessage(_OnMessage, frozen=True, kw_only=True):
    """Send a letter; `content_sha256` is of what was read. Never queued: it leaves now or stays a draft."""

    MODE = "online"
    content_sha256: str
    again: bool = False
    """Send once more a letter that may have been sent: asked expressly."""
    way: Literal["mail", "exported", "webhook"] = "mail"
    """By our mail server, as a file that somebody sends by other means, or to the team's own system."""
    message_id: str = ""
    """Fixed before the first try, so that a second try is the same mail."""

    def reads(self) -> tuple[Key, ...]:
        return (*super().reads(), ("messages", self.case))


class RecordSent(_OnMessage, frozen=True, kw_only=True):
    """What became of a letter that was being sent. `unknown`: it may have been sent."""

    outcome: Literal["sent", "failed", "unknown", "exported"]
    message_id: str = ""
    failure: str = ""


class WithdrawMessage(_OnMessage, frozen=True, kw_only=True):
    """Give a draft up."""


class RecordInbound(OnCase, frozen=True, kw_only=True):
    """A letter came in on this case, once (by its Message-ID); a case that waits for that party wakes."""

    party: Party
    body: str
    address: str = ""
    subject: str = ""
    message_id: str = ""
    reply_to: str = ""
    received_at: int = 0
    automatic: bool = False
    """Written by a program: kept, but it wakes nothing and proves nothing."""
    bounced: bool = False
    """It says that a letter of ours did not arrive."""
    original: str = ""
    files: tuple[str, ...] = ()

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("message_with", self.message_id), ("message_with", self.reply_to))


class AddTranslation(OnCase, frozen=True, kw_only=True):
    """Put another language's text beside a report, by a person or a machine."""

    MODE = "free"
    report: str
    text: str
    source: str
    target: str
    by: Literal["person", "machine"] = "person"

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("report", self.report))


class AddTask(OnCase, frozen=True, kw_only=True):
    """Something to do on a case. `checklist`: the "row/step" of a checklist that it stands for, once a case."""

    MODE = "free"
    title: str
    assignee: str = ""
    due: int | None = None
    blocked_by: tuple[str, ...] = ()
    checklist: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("tasks", self.case))


class SetTask(OnCase, frozen=True, kw_only=True):
    """Move a task on, or change it. None leaves a field as it is; giving it up needs a reason."""

    task: str
    state: Literal["", "open", "doing", "done", "cancelled"] = ""
    title: str | None = None
    assignee: str | None = None
    due: int | None = None
    blocked_by: tuple[str, ...] | None = None
    reason: str = ""

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("task", self.task), ("tasks", self.case))


class SetElements(OnCase, frozen=True, kw_only=True):
    """Fill a report's checklist: element name to present, absent, redacted or unknown."""

    report: str
    elements: dict[str, str]

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("report", self.report))


class SetStakeholders(OnCase, frozen=True, kw_only=True):
    """Who is kept up to date: by name; None takes somebody off."""

    MODE = "free"
    people: dict[str, Stakeholder | None]


class SaveUpdate(OnCase, frozen=True, kw_only=True):
    """Keep an update to the stakeholders, or rewrite one that is not published."""

    MODE = "free"
    audience: Literal["tactical", "executive", "external"] = "tactical"
    texts: dict[str, str]
    conditions: str = ""
    actions: str = ""
    needs: str = ""
    numbers: dict[str, int] = {}
    upto: int = 0
    promised: int | None = None
    update: str = ""

    def reads(self) -> tuple[Key, ...]:
        found: list[Key] = [("case", self.case)]
        if self.update:
            found.append(("update", self.update))
        return tuple(found)


class _OnUpdate(OnCase, frozen=True, kw_only=True):
    update: str

    def reads(self) -> tuple[Key, ...]:
        return (("case", self.case), ("update", self.update))


class ApproveUpdate(_OnUpdate, frozen=True, kw_only=True):
    """Say yes to an update for executives (a lead) or the outside (comms); never somebody who wrote on it."""

    seen_rev: int = 0
    """Which revision of it was read; 0 is not checked."""


class PublishUpdate(_OnUpdate, frozen=True, kw_only=True):
    """The update goes out to the case's stakeholders, and the next one is promised."""

    MODE = "online"
