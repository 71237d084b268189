"""What a case adds to trends: the series it counts in, and what happened on it. Read from its rows, each time whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import msgspec

from escaltui.domain.clock import Clock
from escaltui.domain.decisions import OVERTURNING
from escaltui.domain.query.fold import words
from escaltui.insight import metrics, series
from escaltui.insight.metrics import HOUR, Event
from escaltui.insight.series import Counted, Key
from escaltui.policy.language import ENGLISH_STOP_WORDS, FRENCH_STOP_WORDS, LETTER_WORDS
from escaltui.store.driver import Connection
from escaltui.store.erase import MARK
from escaltui.store.requesters import survivor

CLOSED = "closed"
"""The event of a case that is open no more; its value says nothing."""
SHORTEST, LONGEST, READ = 3, 30, 1000
"""Letters of a keyword at least and at most, and characters of a report that are read for them."""
_STOP = ENGLISH_STOP_WORDS | FRENCH_STOP_WORDS | LETTER_WORDS
_DIGIT = re.compile(r"\d")
_NAMING = re.compile(r"[@/\\]|\w[._:]\w")
"""What is part of a handle, a mail address, a link or the name of a file, and of no plain word."""
_CASE = "SELECT id, received_at, is_open, updated_at, body FROM cases WHERE n = ?"
_REPORT = f"""SELECT coalesce(json_extract(body, '$.channel'), 'manual'),
substr(json_extract(body, '$.body'), 1, {READ}) FROM report WHERE case_id = ? ORDER BY received_at, id LIMIT 1"""
_DECISIONS = "SELECT body FROM decision WHERE case_id = ? AND state IN ('effective', 'superseded') ORDER BY n"
_ANSWERED = "SELECT body FROM consult WHERE case_id = ? AND state = 'answered' ORDER BY n"


class _Case(msgspec.Struct, frozen=True):
    """The fields of a case that count."""

    title: str = ""
    summary: str = ""
    type: str = "user_escalation"
    product: str = ""
    countries: tuple[str, ...] = ()
    requester: str = ""
    requester_kind: str = "user"
    sensitivity: str = "normal"
    pins: dict[str, msgspec.Raw] = {}
    root_cause: str = ""
    outcomes: tuple[str, ...] = ()
    reopened: int = 0
    clocks: dict[str, Clock] = {}


class _Decision(msgspec.Struct, frozen=True):
    needs: tuple[str, ...] = ()
    returned: str = ""
    appeal_outcome: str = ""
    effective_at: int | None = None


class _Consult(msgspec.Struct, frozen=True):
    created_at: int = 0
    answered_at: int | None = None


class Part(NamedTuple):
    """What the case of a number adds: nothing at all where it is gone."""

    n: int
    at: int = 0
    keys: tuple[Key, ...] = ()
    events: tuple[Event, ...] = ()


_case = msgspec.json.Decoder(_Case).decode
_decision = msgspec.json.Decoder(_Decision).decode
_consult = msgspec.json.Decoder(_Consult).decode


def part(connection: Connection, n: int, since: int) -> Part:
    """What the case of a number adds. It counts in series where it was received after `since`."""
    row = connection.execute(_CASE, (n,)).fetchone()
    if row is None:
        return Part(n)
    case_id, at, is_open, updated_at, body = row
    case = _case(body)
    happened = [] if is_open else [Event(CLOSED, _closed(case, updated_at), 1)]
    if case.sensitivity != "privileged":
        happened += [*_clocks(case), *_decided(connection, case_id, at, case), *_answered(connection, case_id)]
    keys = tuple(series.keys(_counted(connection, case_id, case))) if at >= since else ()
    return Part(n, at, keys, tuple(each for each in happened if each.at >= since))


def _counted(connection: Connection, case_id: str, case: _Case) -> Counted:
    channel, text = connection.execute(_REPORT, (case_id,)).fetchone() or ("", "")
    told = f"{case.title}\n{case.summary}\n{text or ''}" if case.sensitivity == "normal" else ""
    return Counted(
        case.sensitivity, case.type, tuple(case.pins), case.countries, case.product,
        survivor(connection, case.requester), case.requester_kind, channel, case.root_cause, case.outcomes,
        tuple(dict.fromkeys(_stems(told))),
    )  # fmt: skip


def _stems(text: str) -> Iterator[str]:
    plain = " ".join(each for each in text.replace(MARK, " ").split() if not _NAMING.search(each))
    for word in words(plain):
        if SHORTEST <= len(word) <= LONGEST and word not in _STOP and not _DIGIT.search(word):
            found = stem(word)
            if len(found) >= SHORTEST and found not in _STOP:
                yield found


@lru_cache(maxsize=1)
def _porter() -> object:
    from escaltui.policy.stems import porter_stem

    return porter_stem()


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A folded word's stem."""
    found: str = _porter()(word)  # type: ignore[operator]
    return found


def _closed(case: _Case, updated_at: int) -> int:
    """When a case that is closed was: its clock to resolve stopped then; without one, when it changed last."""
    stops = [clock.stopped_at for clock in case.clocks.values() if clock.metric == "resolve" and clock.stopped_at]
    return max(stops, default=updated_at)


def _clocks(case: _Case) -> Iterator[Event]:
    """Clocks that were kept, when they stopped, or missed, when that was so."""
    kinds = {"statutory": metrics.LAW, "sla": metrics.SLA}
    for clock in case.clocks.values():
        if clock.kind not in kinds or clock.due_at is None or clock.state == "cancelled":
            continue
        late = clock.breached_at is not None or (clock.stopped_at or 0) > clock.due_at
        if late:
            yield Event(kinds[clock.kind], clock.breached_at or clock.stopped_at or 0, 0)
        elif clock.stopped_at is not None:
            yield Event(kinds[clock.kind], clock.stopped_at, 1)


def _decided(connection: Connection, case_id: str, received: int, case: _Case) -> Iterator[Event]:
    """The first decision in force counts for the time to decide; each for appeals and second deciders."""
    first = True
    for (body,) in connection.execute(_DECISIONS, (case_id,)):
        found = _decision(body)
        if (at := found.effective_at) is None:
            continue
        if first:
            yield Event(metrics.DECIDED, at, round((at - received) / HOUR, 3))
            yield Event(metrics.REOPENED, at, float(case.reopened > 0))
            first = False
        if found.appeal_outcome:
            yield Event(metrics.APPEAL, at, float(found.appeal_outcome in OVERTURNING))
        if found.needs:
            yield Event(metrics.APPROVAL, at, float(not found.returned))


def _answered(connection: Connection, case_id: str) -> Iterator[Event]:
    for (body,) in connection.execute(_ANSWERED, (case_id,)):
        found = _consult(body)
        if found.answered_at is not None:
            yield Event(metrics.CONSULT, found.answered_at, round((found.answered_at - found.created_at) / HOUR, 3))
