"""What leaves the backend: alerts, told to whoever is on call until somebody acknowledges them.

Every process does this work, each its share. An alert that is due makes a telling for each way that is set up; a
telling is marked `sending` and committed before its first byte leaves. What was surely not delivered is tried again,
later each time; what may have been is never sent a second time. After five minutes the next on the rota is told.
"""

from __future__ import annotations

import json
import random
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg_pool import PoolTimeout

from escaltui.crashes import place_of
from escaltui.domain import fold, letters
from escaltui.domain.entities import Case
from escaltui.domain.hashing import hexdigest
from escaltui.outbound import OutboundError, Outcome, command, eml, mail, webhook
from escaltui.server import alert_words, on_call
from escaltui.server.alerts import Cause, stands
from escaltui.server.desk import Desk
from escaltui.server.notify_config import COMMAND, MAIL, WEBHOOK, Settings
from escaltui.server.on_call import Rota
from escaltui.server.rows import Connection

EVERY = 3.0
UNANSWERED = 5 * 60_000
"""Milliseconds without an acknowledgement after which the next one is told."""
LOST_AFTER = 3 * 60_000
"""Milliseconds after which a telling under way has lost its sender: every way gives up sooner."""
OLD = 86_400_000
"""Milliseconds after which an alert that nobody could be told of is over."""
TRIES = 8
PATIENCE, LONGEST = 10_000, 600_000
_ALERTS = """SELECT id, kind, case_id, about, round, at, told, step FROM alert WHERE next_at <= %s ORDER BY next_at, id
LIMIT 20 FOR UPDATE SKIP LOCKED"""
_CASE = "SELECT body FROM cases WHERE id = %s"
_TELL = """INSERT INTO outgoing (id, alert, step, kind, "to", login, message_id, token, state, tries, at, next_try_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, '', 'queued', 0, %s, %s) ON CONFLICT DO NOTHING"""
_NEXT = """SELECT id, alert, kind, "to", message_id, tries, login FROM outgoing WHERE state = 'queued'
AND kind = %s AND next_try_at <= %s ORDER BY next_try_at, id LIMIT 1 FOR UPDATE SKIP LOCKED"""
_ALERT = "SELECT kind, case_id, about, round FROM alert WHERE id = %s AND state = 'open'"
_SENDING = "UPDATE outgoing SET state = 'sending', tries = tries + 1, token = %s, next_try_at = %s WHERE id = %s"
_DROPPED = "UPDATE outgoing SET state = 'dropped', next_try_at = NULL WHERE id = %s"
_BECAME = "UPDATE outgoing SET state = %s, next_try_at = %s WHERE id = %s AND state = 'sending' AND token = %s"
_LOST = """UPDATE outgoing SET state = 'unknown', next_try_at = NULL WHERE id IN (SELECT id FROM outgoing
WHERE state = 'sending' AND next_try_at <= %s FOR UPDATE SKIP LOCKED) RETURNING id, kind"""
Log = Callable[[dict[str, Any]], None]


class Telling(NamedTuple):
    """One telling under way: marked, committed, not sent yet."""

    id: str
    way: str
    to: str
    message_id: str
    tries: int
    token: str
    alert: alert_words.Alert


class Notifier:
    """The work of one process. `turn` does what is due now; everything blocks."""

    def __init__(self, desk: Desk, settings: Settings, rota: Rota, log: Log = lambda _: None) -> None:
        self._desk, self._settings, self._rota, self._log = desk, settings, rota, log

    def turn(self, way: str) -> int:
        """Do what is due, and send what leaves one way; how much there was."""
        now = self._desk.now()
        for lost, kind in self._desk.transaction(lambda connection: connection.execute(_LOST, (now,)).fetchall()):
            self._told(lost, kind, "unknown")
        done = self._desk.transaction(self._tell)
        while (telling := self.take(way)) is not None:
            self.send(telling)
            done += 1
        return done

    # --- whom to tell

    def _tell(self, connection: Connection) -> int:
        found = connection.execute(_ALERTS, (self._desk.now(),)).fetchall()
        for row in found:
            self._climb(connection, row)
        return len(found)

    def _climb(self, connection: Connection, row: tuple[Any, ...]) -> None:
        """One step of an alert: the next on the rota is told, or it is over."""
        alert, kind, case_id, about, round_, at, told, step = row
        now, case = self._desk.now(), case_of(connection, case_id)
        cause = Cause(kind, case_id, about, round_)
        if case is None or not stands(cause, case) or (not step and now - at > OLD):
            connection.execute("UPDATE alert SET state = 'over', next_at = NULL WHERE id = %s", (alert,))
            return
        known = json.loads(told)
        for person in self._rota.line(connection, cause, case, now):
            if person.name in known:
                continue
            known.append(person.name)
            if self._queue(connection, alert, step, person, now):
                sql = "UPDATE alert SET told = %s, step = step + 1, next_at = %s WHERE id = %s"
                connection.execute(sql, (json.dumps(known), now + UNANSWERED, alert))
                return
        later = None if step else now + UNANSWERED
        connection.execute("UPDATE alert SET next_at = %s WHERE id = %s", (later, alert))

    def _queue(self, connection: Connection, alert: str, step: int, person: on_call.Person, now: int) -> bool:
        """A telling by each way that reaches somebody; whether there is any."""
        reaching = {MAIL: person.address, WEBHOOK: person.name, COMMAND: person.name}
        ways = [way for way in self._settings.ways if way != MAIL or person.address]
        for way in ways:
            own = secrets.token_hex(12)
            message_id = letters.message_id(own, self._settings.mail.sender) if way == MAIL else ""
            connection.execute(_TELL, (own, alert, step, way, reaching[way], person.login, message_id, now, now))
        return bool(ways)

    # --- sending

    def take(self, way: str) -> Telling | None:
        """Mark the next telling as under way, for good: from here on it is sent once or not at all."""

        def mark(connection: Connection) -> Telling | bool:
            now = self._desk.now()
            row = connection.execute(_NEXT, (way, now)).fetchone()
            if row is None:
                return False
            found = connection.execute(_ALERT, (row[1],)).fetchone()
            cause = Cause(*found) if found is not None else None
            case = case_of(connection, cause.case) if cause is not None else None
            owed = cause and case and stands(cause, case) and on_call.may_hear(connection, row[6], case, now)
            if cause is None or case is None or not owed:
                connection.execute(_DROPPED, (row[0],))
                return True
            token = secrets.token_urlsafe(32)
            url = f"{self._settings.alerts.url.rstrip('/')}/v1/alerts/{row[0]}"
            told = alert_words.made(cause, case, now, self._desk.rules, to=row[3], url=url, token=token)
            connection.execute(_SENDING, (hexdigest(token.encode()), now + LOST_AFTER, row[0]))
            return Telling(row[0], row[2], row[3], row[4], row[5] + 1, token, told)

        while (taken := self._desk.transaction(mark)) is True:
            pass
        return taken or None

    def send(self, telling: Telling) -> None:
        """Send once, and write down what became of it. Whoever dies here leaves the mark behind."""
        try:
            outcome = self._hand_over(telling)
        except OutboundError as error:  # before anything was tried
            outcome = Outcome("failed", error.said)
        state, later = outcome.outcome, None
        if state == "failed" and not sure(outcome):
            state = "unknown"
        now = self._desk.now()
        became: str = state
        if state == "failed" and telling.tries < TRIES:
            became, later = "queued", now + wait(telling.tries)
        values = (became, later, telling.id, hexdigest(telling.token.encode()))
        self._desk.transaction(lambda connection: connection.execute(_BECAME, values).close())
        self._told(telling.id, telling.way, state)

    def _hand_over(self, telling: Telling) -> Outcome:
        now, ours = self._desk.now(), self._settings
        match telling.way:
            case "mail":
                letter = eml.Letter(
                    sender=ours.mail.sender, to=telling.to, subject=telling.alert.subject, body=telling.alert.body,
                    message_id=telling.message_id, at=now, automatic=True,
                )  # fmt: skip
                return mail.send(letter, ours.mail, mail.check(ours.mail))
            case "webhook":
                return webhook.post(telling.alert.facts, ours.webhook, key=telling.id, now=now)
        return command.run(telling.alert.facts, ours.command, key=telling.id)

    def failed(self, error: Exception) -> None:
        """Something that nobody foresaw: its kind and place go into the log, its words may be a case's."""
        self._log({"at": _at(), "defect": f"{type(error).__name__} at {place_of(error)}"})

    def _told(self, telling: str, way: str, state: str) -> None:
        self._log({"at": _at(), "alert": telling, "way": way, "state": state})


def sure(outcome: Outcome) -> bool:
    """Whether a refusal is one: a webhook's 5xx may stand before somebody who has it already, but for 503."""
    code = dict(outcome.why.values).get("code", 0)
    by_webhook = outcome.why.template.startswith("the webhook answered")
    return not by_webhook or (isinstance(code, int) and (code < 500 or code == 503))


def wait(tries: int) -> int:
    """Milliseconds until the next try: twice as long each time, and never in step with others."""
    return int(min(LONGEST, PATIENCE * 2 ** (tries - 1)) * random.uniform(0.75, 1.25))


def case_of(connection: Connection, case_id: str) -> Case | None:
    """A case as it is now."""
    row = connection.execute(_CASE, (case_id,)).fetchone()
    found = fold.build(Case.NAME, json.loads(row[0])) if row is not None else None
    return found if isinstance(found, Case) else None


def _at() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


@contextmanager
def working(desk: Desk, settings: Settings, log: Log = lambda _: None) -> Iterator[None]:
    """Do the work in threads, one for each way that is set up, as long as this lasts; none where nothing is."""
    over = threading.Event()
    notifier = Notifier(desk, settings, Rota(settings, desk.rules, log), log)
    threads = [threading.Thread(target=_work, args=(notifier, way, over), daemon=True) for way in settings.ways]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join(5)


def _work(notifier: Notifier, way: str, over: threading.Event) -> None:
    while not over.wait(EVERY):
        try:
            while notifier.turn(way) and not over.is_set():
                pass
        except (psycopg.Error, PoolTimeout):
            pass  # the database is away: the next turn finds it, or the one after
        except Exception as error:  # this work must not end: what was under way is not sent again
            notifier.failed(error)
