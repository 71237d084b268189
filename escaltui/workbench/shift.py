"""A shift from the keyboard: whose it is, what is handed over, and the page that one begins it with."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from escaltui import rota
from escaltui.domain import handover, ids, who
from escaltui.domain.changes import Refused
from escaltui.domain.checklists import TASK_OPEN
from escaltui.domain.crisis import RUNNING
from escaltui.domain.entities import Case, Consult, Handover, Incident, Message, Risk, Task, Update, Watch
from escaltui.domain.handover import Held, Typed
from escaltui.domain.operations import AcceptItem, OfferHandover, ReturnItem, SaveHandover
from escaltui.domain.streams import case_of
from escaltui.safety.text import line
from escaltui.shift_faces import (
    DraftFace,
    HandoverFace,
    Happened,
    IncidentLine,
    ItemFace,
    OnDuty,
    PolicyNews,
    ShiftFace,
    ShiftTime,
)
from escaltui.store import standing
from escaltui.store.values import Done
from escaltui.workbench import shift_news, shift_words, watching

if TYPE_CHECKING:
    from escaltui.domain.shift import Item
    from escaltui.store.driver import Connection
    from escaltui.workbench.door import Workbench

HOUR = 3_600_000
USUAL = 12 * HOUR
"""How long the receiver's shift is taken to be, and how long ago my last one ended, where no rota says so."""
SOON = "is:open due>0m due<2h"
LATE = "is:open due<0m"
AT_MOST = 12
"""Cases of a part of the page: the queue lists the others."""
FIRST = 6
"""Of those whose clock ends soon: the page has other parts, too."""
EDITS = "handover"
"""The key under which edits of the draft are kept."""


class Edits(msgspec.Struct, frozen=True, omit_defaults=True):
    """What somebody changed in their draft; the rest of it is drawn anew each time."""

    receiver: str = ""
    note: str = ""
    left_out: frozenset[str] = frozenset()
    asks: dict[str, str] = {}
    added: tuple[str, ...] = ()
    """Cases that I hand over though I owe nothing on them."""


# --- time


def my_shift(bench: Workbench, person: str = "") -> ShiftTime:
    """The shift of a person (me) that runs now, or whoever's comes next of the teams the rota names them in."""
    person, now, rules = person or bench.me, bench.now(), bench.rules
    shifts, problems = rota.load_or_none(rules, bench.config.folder, bench.store.folder)
    teams = dict.fromkeys((each.team, each.region) for each in shifts if person in (each.login, each.person))
    for team, region in teams:
        of_region = [each for each in shifts if each.region == region]
        found = who.on_call(team, "", now, rules, of_region)
        if found is None or person not in (found.login, found.person):
            continue
        after = who.on_call(team, "", found.until, rules, of_region) or who.next_on_call(
            team, "", found.until, rules, of_region
        )
        return ShiftTime(team, found.since, found.until, after.person if after else "",
                         after.login if after else "", after.until if after else None, problems)  # fmt: skip
    return ShiftTime(problems=problems)


def on_duty(bench: Workbench) -> tuple[OnDuty, ...]:
    """Who is on call now, of each team and region that the rota names; nobody where it cannot be read."""
    now, rules = bench.now(), bench.rules
    shifts, _problems = rota.load_or_none(rules, bench.config.folder, bench.store.folder)
    found = []
    for team, region in sorted({(each.team, each.region) for each in shifts}):
        own = [each for each in shifts if each.region == region]
        if (one := who.on_call(team, "", now, rules, own)) is not None:
            found.append(OnDuty(team, region, one.person or one.login, one.call, one.until))
    return tuple(found)


# --- my draft


def edits(bench: Workbench) -> Edits:
    """What I changed in my draft; nothing where it cannot be read any more."""
    try:
        return msgspec.json.decode(bench.draft(EDITS) or "{}", type=Edits)
    except msgspec.DecodeError:
        return Edits()


def edit(bench: Workbench, **changes: object) -> Edits:
    """Change my draft: receiver, note, left_out, asks, added."""
    made = msgspec.structs.replace(edits(bench), **changes)
    bench.save_draft(EDITS, msgspec.json.encode(made).decode())
    return made


def add(bench: Workbench, refs: Sequence[str]) -> tuple[str, ...]:
    """Put cases into my draft, by reference; those that are not here."""
    found = {typed: bench.line(typed) for typed in refs}
    named = [line.id for line in found.values() if line is not None]
    mine = edits(bench)
    edit(bench, added=tuple(dict.fromkeys((*mine.added, *named))), left_out=mine.left_out - set(named))
    return tuple(typed for typed, line in found.items() if line is None)


def _lines(
    bench: Workbench, mine: Edits, news: tuple[PolicyNews, ...], until: int, now: int
) -> Iterator[handover.Line]:  # fmt: skip
    """What I owe, in the order of need; then what I added. What waits with somebody already is not offered twice."""
    known = {item.about for each in handovers(bench) if each.giver == bench.me
             for item in each.items if item.state == "offered"}  # fmt: skip
    for each in handover.draft(held(bench, news), until, now):
        if each.about not in known:
            known.add(each.about)
            yield each
    for key in mine.added:
        case = bench.store.row(Case.NAME, key)
        if isinstance(case, Case) and key not in known:
            owed = handover.Owed("added", key, "case", case.ref, key)
            yield handover.Line(key, "case", case.ref, (owed,), bool(case_of(case.stream)))


def draft(bench: Workbench, time: ShiftTime | None = None, news: tuple[PolicyNews, ...] | None = None) -> DraftFace:
    """What I would hand over now: drawn from my open obligations, with my changes. `news`: where it is read already."""
    time, mine, news = time or my_shift(bench), edits(bench), shift_news.policies(bench) if news is None else news
    now = bench.now()
    until = time.following_until or max(time.until or 0, now) + USUAL
    items = tuple(
        _face(bench, _item(each, mine, news, now), each.shut or each.about in mine.left_out)
        for each in _lines(bench, mine, news, until, now)
    )
    receiver = mine.receiver or next((each for each in receivers(bench, time) if time.following_login == each), "")
    return DraftFace(receiver, until, line(mine.note), items)


def _item(each: handover.Line, mine: Edits, news: tuple[PolicyNews, ...], now: int) -> Item:
    item = each.item(shift_words.says(each.owed, now))
    if each.shut:
        item = msgspec.structs.replace(item, says=shift_words.shut())
    if (policy := next((one for one in news if one.id == each.about), None)) is not None:
        item = msgspec.structs.replace(item, says=shift_words.policy(policy))
    return msgspec.structs.replace(item, ask=mine.asks.get(each.about, ""))


def receivers(bench: Workbench, time: ShiftTime) -> tuple[str, ...]:
    """Whom I could hand over to: who comes next by the rota first, then the other colleagues."""
    others = [each.login for each in bench.people() if each.login != bench.me and set(each.roles) - {"auditor"}]
    others.sort(key=lambda login: (login != time.following_login, login))
    return tuple(others)


def held(bench: Workbench, news: tuple[PolicyNews, ...]) -> Held:
    """All that I answer for now, with what is new in the policies."""
    typed = tuple(Typed(each.key, each.case_id) for each in bench.store.drafts()
                  if each.case_id and each.key.startswith(f"{bench.me}/"))  # fmt: skip
    me, now, unread = bench.me, bench.now(), shift_news.unread(news)

    def read(connection: Connection) -> Held:
        keys = standing.mine(connection, me, now)
        tasks = standing.standing(connection, Task, TASK_OPEN, me)
        letters = standing.standing(connection, Message, ("draft", "awaiting_signoff", "failed"))
        updates = standing.standing(connection, Update, ("draft",))
        texts: tuple[Message | Update, ...] = (*letters, *updates)
        written = [row.case for row in texts if row.case and me in (row.created_by, *row.authors)]
        on = [*(task.case for task in tasks), *(each.case for each in typed)]
        cases = _cases(connection, (*keys, *on, *written))
        found = standing.on_cases(connection, Consult, ("asked", "acknowledged"), keys)
        return Held(
            person=me, cases=cases, consults=found, tasks=tasks, letters=letters, updates=updates,
            typed=tuple(each for each in typed if any(case.id == each.case for case in cases)),
            watches=standing.standing(connection, Watch, ("on", "tripped"), me),
            unread=unread,
            incidents=standing.standing(connection, Incident, tuple(RUNNING)),
            risks=standing.standing(connection, Risk, ("open",), me),
        )  # fmt: skip

    return bench.store.read(read)


def _cases(connection: Connection, keys: tuple[str, ...]) -> tuple[Case, ...]:
    from escaltui.store import rows

    found = (rows.row(connection, Case.NAME, key) for key in dict.fromkeys(keys))
    return tuple(each for each in found if isinstance(each, Case))


# --- doing


def offer(bench: Workbench, receiver: str = "", *, op_id: str = "") -> Done | Refused:
    """Offer my draft, as it is drawn now, to its receiver. What few may see is not in it: a whole desk reads it."""
    time, news = my_shift(bench), shift_news.policies(bench)
    now, mine = bench.now(), edits(bench)
    found = draft(bench, time, news)
    lines = _lines(bench, mine, news, found.until, now)
    items = tuple(_item(each, mine, news, now) for each in lines if each.about not in mine.left_out and not each.shut)
    own = bench.store.read(lambda connection: standing.standing(connection, Handover, ("draft",)))
    before = next((each.id for each in own if each.giver == bench.me), "")
    first = op_id or bench.operation_id()
    op = SaveHandover(
        handover=before, desk=watching.desk_of(bench), receiver=receiver or found.receiver, since=now,
        until=found.until, note=mine.note, items=items,
    )  # fmt: skip
    saved = bench.do(op, op_id=first)
    if isinstance(saved, Refused):
        return saved
    key = before or next((each.entity_id for each in saved.changes), ids.entity_id(first, 0))
    outcome = bench.do(OfferHandover(handover=key), op_id=f"{op_id}/offer" if op_id else "")
    if isinstance(outcome, Done):
        bench.drop_draft(EDITS)
    return outcome


def accept(bench: Workbench, handover_id: str, about: tuple[str, ...]) -> list[Done | Refused]:
    """Take things of a handover over, each by itself: what is refused stays offered."""
    return bench.do_many([AcceptItem(handover=handover_id, about=each) for each in about])


def give_back(bench: Workbench, handover_id: str, about: str, reason: str) -> Done | Refused:
    """Give one thing back, and why."""
    return bench.do(ReturnItem(handover=handover_id, about=about, reason=reason))


def take_back(bench: Workbench, handover_id: str, reason: str) -> Done | Refused | None:
    """Take back whatever of a handover nobody took yet; the first refusal, where there is one, None for nothing."""
    found = next((each for each in handovers(bench) if each.id == handover_id), None)
    items = found.items if found is not None else ()
    outcomes = [give_back(bench, handover_id, item.about, reason) for item in items if item.state == "offered"]
    return next((each for each in outcomes if isinstance(each, Refused)), outcomes[0] if outcomes else None)


# --- reading


def handovers(bench: Workbench, *states: str) -> tuple[HandoverFace, ...]:
    """Handovers to me or from me, in some states (by default those offered), the oldest first."""
    found = bench.store.read(lambda connection: standing.standing(connection, Handover, states or ("offered",)))
    return tuple(handover_face(bench, each) for each in found if bench.me in (each.giver, each.receiver))


def unread(bench: Workbench) -> int:
    """How many things are offered to me."""
    found = bench.store.read(lambda connection: standing.standing(connection, Handover, ("offered",), bench.me))
    return sum(item.state == "offered" for each in found for item in each.items.values())


def handover_face(bench: Workbench, row: Handover) -> HandoverFace:
    """One handover, ready to show."""
    items = tuple(_face(bench, row.items[about]) for about in row.order if about in row.items)
    return HandoverFace(row.id, row.giver, row.receiver, row.since, row.until, line(row.note), row.state,
                        row.offered_at, items)  # fmt: skip


def _face(bench: Workbench, item: Item, left_out: bool = False) -> ItemFace:
    case = bench.store.line(item.about) if item.kind == "case" else None
    name = line(case.title if case is not None else "" if item.kind == "case" else item.ref)
    return ItemFace(item.about, item.kind, item.ref, name, item.why, line(item.says), line(item.ask), item.due,
                    item.state, item.by, line(item.reason), left_out, item.ids)  # fmt: skip


def face(bench: Workbench) -> ShiftFace:
    """The page that a shift begins with."""
    time = my_shift(bench)
    since = bench.now() - USUAL - (bench.now() - time.since if time.since is not None else 0)
    mine, news = handovers(bench), shift_news.policies(bench)
    incidents = bench.store.read(lambda connection: standing.standing(connection, Incident, tuple(RUNNING)))
    return ShiftFace(
        time=time, offers=tuple(each for each in mine if each.receiver == bench.me),
        given=tuple(each for each in mine if each.giver == bench.me), back=shift_news.back(bench),
        soon=tuple(bench.page(SOON, "due", limit=FIRST)), more=max(0, bench.count(SOON) - FIRST),
        late=bench.count(LATE), policies=news,
        incidents=tuple(incident_line(each) for each in incidents), followed=followed(bench, since),
        watches=watching.watches(bench), risks=watching.risks(bench), draft=draft(bench, time, news), since=since,
        on_duty=on_duty(bench),
    )  # fmt: skip


def incident_line(row: Incident) -> IncidentLine:
    """One incident in a line."""
    return IncidentLine(row.id, row.ref, line(row.name), row.severity, row.state, row.lead, row.promised)


def followed(bench: Workbench, since: int) -> tuple[Happened, ...]:
    """What others did since an instant to the cases that I watch or own, the newest first."""
    from escaltui.workbench.phrases import sentence

    pages = [bench.page(f"{field}:{bench.me}", "updated", limit=4 * AT_MOST) for field in ("watcher", "owner")]
    lines = {each.id: each for page in pages for each in page if each.updated > since}
    found = []
    for each in lines.values():
        log = [change for change in bench.store.changes(case_id=each.id, before_seq=1 << 62, limit=50)
               if change.at > since and change.actor != bench.me]  # fmt: skip
        told = [(change.at, words) for change in log if (words := sentence([change], each.id))]
        if told:
            at, words = max(told, key=lambda one: one[0])
            found.append(Happened(each, len({change.op_id for change in log}), line(words), at))
    return tuple(sorted(found, key=lambda one: -one.at)[:AT_MOST])
