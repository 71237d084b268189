"""Ways in which a request gets no answer but why: each has a status, a code, a sentence and how to mend it."""

from __future__ import annotations

import psycopg
from psycopg import errors as database
from psycopg_pool import PoolTimeout
from starlette.exceptions import HTTPException

from escaltui.domain.wire import PROTOCOL, Failure
from escaltui.server import bodies
from escaltui.server.desk import Forked, NotAllowed

OLDEST = 1
"""The oldest protocol that is still spoken here."""


class Problem(Exception):
    """A request that gets no answer but why. `after`: seconds after which it may be tried again."""

    def __init__(self, status: int, code: str, reason: str, mend: str = "", after: int = 0) -> None:
        super().__init__(reason)
        self.status, self.failure, self.after = status, Failure(code, reason, mend), after


UNKNOWN = Problem(401, "not_signed_in", "Nobody is signed in.", "Sign in: escaltui connect URL")
NOT_YOURS = Problem(404, "not_found", "There is no such thing, or it is not yours to see.", "Ask a lead of your desk.")
NO_ROUTE = Problem(404, "no_route", "There is nothing at this address.", "See /v1/openapi.json.")
FORKED = Problem(412, "forked", "Your log is not the beginning of ours.", "Fill the stream anew.")
UNUSABLE = Problem(422, "unusable", "A value in the body cannot be kept.", "Send the operations one at a time.")
BUSY = Problem(503, "busy", "The backend is busy.", "Try again in a moment.", after=1)
FULL = Problem(503, "disk_full", "The backend's disk is full: it takes nothing in until there is room.",
               "What you write is kept here and sent by itself then. Tell whoever runs the backend.",
               after=5)  # fmt: skip
DEFECT = Problem(500, "defect", "Something went wrong here; what you sent may have arrived.",
                 "Send the same again. If it stays, tell whoever runs the backend the request's id.")  # fmt: skip
_AWAY = (PoolTimeout, psycopg.OperationalError, psycopg.InterfaceError, database.ReadOnlySqlTransaction)
"""The last: a standby that nobody promoted yet."""
_IN_THE_WAY = (database.SerializationFailure, database.DeadlockDetected, database.UniqueViolation)


def too_many(what: str, after: int) -> Problem:
    """Somebody asks for more than they may."""
    return Problem(429, "too_many", f"This is more than {what} at once.", "Wait a moment.", after=after)


def problem_of(error: Exception) -> Problem | None:
    """What is said of an exception; None for one that nobody foresaw."""
    match error:
        case Problem():
            return error
        case bodies.TooLarge():
            return Problem(413, "too_large", str(error), "Send less at once.")
        case bodies.Unreadable():
            return Problem(400, "unreadable", str(error), "Send it packed with zstd, or as it is.")
        case bodies.TooSlow():
            return Problem(408, "too_slow", str(error), "Send it again.")
        case NotAllowed():
            return NOT_YOURS
        case Forked():
            return FORKED
        case database.DiskFull():
            return FULL
        case psycopg.DataError() | UnicodeEncodeError():
            return UNUSABLE
    return BUSY if isinstance(error, (*_AWAY, *_IN_THE_WAY)) else None


def of_starlette(error: HTTPException) -> Problem:
    """What the router says of an address or a method."""
    if error.status_code == 405:
        return Problem(405, "method", "This address does not take this method.", "See /v1/openapi.json.")
    return NO_ROUTE if error.status_code == 404 else Problem(error.status_code, "http", "The request is not HTTP.")


def protocol(asked: str) -> Problem | None:
    """Whether we speak the protocol that somebody asks for; none named is ours."""
    if not asked:
        return None
    if not asked.isascii() or not asked.isdigit() or len(asked) > 6:
        return Problem(400, "protocol", "Escaltui-Protocol is a number.", f"Send Escaltui-Protocol: {PROTOCOL}.")
    if int(asked) < OLDEST:
        reason = f"This escaltui is too old: it speaks protocol {int(asked)}, the backend {OLDEST} to {PROTOCOL}."
        return Problem(426, "client_too_old", reason, "Upgrade escaltui; what you write meanwhile is kept.")
    if int(asked) > PROTOCOL:
        reason = f"The backend is older than this escaltui: it speaks protocol {PROTOCOL}, you ask for {int(asked)}."
        return Problem(426, "server_too_old", reason, "Upgrade the backend; what you write meanwhile is kept.")
    return None
