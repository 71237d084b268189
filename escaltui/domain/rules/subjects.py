"""The items that a case is about: each known once by (platform, item_type, item_id), attached to many cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from escaltui.domain.entities import SUBJECT_LIMIT, Case, Subject
from escaltui.domain.operations import AttachSubject, DetachSubject, NewSubject
from escaltui.domain.rules.fields import raised_to_floor
from escaltui.domain.rules.guards import count, filled, replaced
from escaltui.domain.rules.sealing import together, with_files
from escaltui.domain.rules.work import Work, need
from escaltui.domain.streams import copy_id

ROLES = ("primary", "related", "evidence_only")
_ROLES = ", ".join(ROLES)
_FILLED = ("url", "author", "reach", "text")
"""What a later report may add to a known item, where it said nothing yet."""


def attach_subject(op: AttachSubject, work: Work) -> None:
    """Add an item; it may bring a severity floor."""
    case, new = work.case(op.case), op.subject
    filled("Attaching an item", item_id=new.item_id or new.url)
    need(new.item_type in work.ctx.rules.item_types, "invalid", "There is no item type {item_type!r}.",
         "Item types are listed in types.toml.", fields=("item_type",), item_type=new.item_type)  # fmt: skip
    after = attached(case, (new,), work)
    work.put(*raised_to_floor(case, after, "", work))


def attached(case: Case, subjects: Iterable[NewSubject], work: Work) -> Case:
    """A case with items put on it. One that is on it already changes its role only; what names nothing is left out."""
    roles, items, reach = dict(case.subjects), dict(case.items), case.reach
    for new in subjects:
        if not (new.item_id or new.url):
            continue
        count(new.reach, "reach")
        need(new.role in ROLES, "invalid", "There is no role {role!r}.", "Roles: {known}.", role=new.role,
             known=_ROLES)  # fmt: skip
        subject = known(new, work, case)
        if subject.id not in roles:
            items[subject.item_type] = items.get(subject.item_type, 0) + 1
            reach += subject.reach
        roles[subject.id] = new.role
        case = with_files(case, subject.media, "subject", subject.id, work)
    need(len(roles) <= SUBJECT_LIMIT, "invalid", "{n:,} subjects; a case has at most {limit:,}.",
         "Split the case.", fields=("subjects",), n=len(roles), limit=SUBJECT_LIMIT)  # fmt: skip
    return replaced(case, subjects=roles, items=items, reach=reach)


def known(new: NewSubject, work: Work, case: Case) -> Subject:
    """An item's row in the stream of a case: made where there is none, filled in where it said nothing.

    A row that lies in another stream is other people's: it is neither shown nor filled in. The case has its own then.
    """
    subject_id, now, stream = new.id, work.ctx.now, case.stream  # the id is a hash: worked out once
    subject = work.find(Subject, subject_id)
    if subject is not None and (subject.stream != stream or subject_id not in case.subjects):
        own = work.find(Subject, copy_id(subject_id, case.id))
        if own is not None and own.stream == stream:
            subject = own
        elif subject.stream != stream:
            subject, subject_id = None, copy_id(subject_id, case.id) if own is None else work.new_id()
    if subject is None:
        subject = Subject(
            id=subject_id, stream=stream, created_at=now, created_by=work.ctx.actor, platform=new.platform,
            item_type=new.item_type, item_id=new.item_id, url=new.url, author=new.author, reach=new.reach,
            text=new.text, captured_at=now if new.text else 0, media=new.media,
        )  # fmt: skip
        work.put(subject)
        return subject
    news = {name: value for name in _FILLED if (value := getattr(new, name)) and not getattr(subject, name)}
    if (media := together(subject.media, new.media)) != subject.media:
        news["media"] = media
    if news:
        subject = msgspec.structs.replace(subject, **news, captured_at=now if "text" in news else subject.captured_at)
        work.put(subject)
    return subject


def detach_subject(op: DetachSubject, work: Work) -> None:
    """Take an item off the case; the item itself stays."""
    case = work.case(op.case)
    need(op.subject in case.subjects, "not_found", "That item is not on the case.", "Look at its list of subjects.")
    subject = work.find(Subject, op.subject)
    items, reach = dict(case.items), case.reach
    if subject is not None:
        items[subject.item_type] = items.get(subject.item_type, 0) - 1
        reach = max(0, reach - subject.reach)
    left = {key: kind for key, kind in case.subjects.items() if key != op.subject}
    work.put(replaced(case, subjects=left, items={kind: n for kind, n in items.items() if n > 0}, reach=reach))


HANDLERS: dict[type[Any], Callable[[Any, Work], None]] = {
    AttachSubject: attach_subject, DetachSubject: detach_subject,
}  # fmt: skip
