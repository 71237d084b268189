"""`POST /v1/intake/{name}`: a signed report becomes a case, by the rules that everybody works by.

Nothing of a body is read before its signature is found good, and until then every fault is answered alike. A request
that is sent again, be it by its sender or by somebody who overheard it, has no second effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import msgspec
from msgspec.structs import replace
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from escaltui.domain.hashing import hexdigest
from escaltui.domain.operations import OpenCase, ReceiveReport
from escaltui.domain.webhook import SentReport, Taken
from escaltui.domain.wire import Sent
from escaltui.intake.found import FoundReport, FoundRequester, FoundSubject, checked, one_line, share_filled
from escaltui.intake.language import languages
from escaltui.intake.pairs import Pair, named, of_unknown_type, pair
from escaltui.server import bodies, push, webhooks
from escaltui.server.desk import Desk
from escaltui.server.front import told
from escaltui.server.limits import Limits
from escaltui.server.people import Caller, Rights
from escaltui.server.problems import Problem, too_many
from escaltui.server.rows import Connection
from escaltui.server.signin import address
from escaltui.server.webhooks import Signed, Webhook

NOT_SIGNED = Problem(401, "not_signed", "This request is not signed by a webhook that counts here.",
                     "Sign webhook-id.webhook-timestamp.body with its secret: see docs/webhook.md.")  # fmt: skip
STALE = Problem(401, "stale", "The timestamp of this request is more than 5 minutes away from our clock.",
                "Sign it anew with the time of now; set the sender's clock.")  # fmt: skip
REUSED = Problem(409, "id_reused", "This webhook-id came before with another body.", "Give each message its own id.")
_TAKE = """INSERT INTO webhook_taken (webhook, id, sha256, key, at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (webhook, id) DO NOTHING"""
_TAKEN = "SELECT sha256 FROM webhook_taken WHERE webhook = %s AND id = %s"
_KEY = "SELECT 1 FROM webhook_taken WHERE webhook = %s AND key = %s AND id <> %s LIMIT 1"
State = Literal["taken", "known"]
_DECODER = msgspec.json.Decoder(SentReport)


class Delivery(NamedTuple):
    """One request whose signature is good."""

    webhook: Webhook
    id: str
    body: bytes
    report: SentReport


class Intake:
    """The route over one desk."""

    def __init__(self, desk: Desk, limits: Limits) -> None:
        self._desk, self._limits = desk, limits

    async def take(self, request: Request) -> Response:
        """Take a report in. Raises Problem."""
        if wait := self._limits.requests.wait("intake " + address(request.client.host if request.client else "")):
            raise too_many("an address may send", wait)
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Problem(400, "unreadable", "A webhook's body is sent as it is, not packed.", "Send plain JSON.")
        body = await bodies.unpacked(request)
        webhook, signed = await self._signed(request, body)
        about = told(request)
        about.person, about.stream = f"webhook:{webhook.name}", webhook.stream
        delivery = Delivery(webhook, signed.id, body, understood(body))
        state = await run_in_threadpool(self._taken, delivery)
        about.results[state] += 1
        return bodies.packed(request, msgspec.json.encode(Taken(signed.id, state)), 200)

    async def _signed(self, request: Request, body: bytes) -> tuple[Webhook, Signed]:
        """Whose a request is. Raises Problem: the same one for no such webhook, none any more, a wrong signature."""
        signed = Signed(*(request.headers.get(f"webhook-{each}", "") for each in ("id", "timestamp", "signature")))
        name, now = request.path_params["name"], self._desk.now()
        webhook = await run_in_threadpool(self._desk.transaction, lambda connection: webhooks.find(connection, name))
        if not webhooks.is_signed(webhook, signed, body, now) or not webhooks.ID.fullmatch(signed.id):
            raise NOT_SIGNED
        if not webhooks.in_time(signed.timestamp, now):
            raise STALE
        assert webhook is not None
        return webhook, signed

    def _taken(self, delivery: Delivery) -> State:
        """Write it, once: what was seen, report and case are one transaction. Raises Problem."""

        def write(connection: Connection) -> tuple[State, Sequence[str]]:
            return write_one(connection, self._desk, delivery)

        state, touched = self._desk.transaction(write)
        self._desk.told(touched)
        return state


def understood(body: bytes) -> SentReport:
    """A body as the report it should be. Raises Problem."""
    try:
        return _DECODER.decode(body)
    except msgspec.ValidationError as error:
        said = f"A field is not as the form has it: {str(error)[:200]}."
        raise Problem(422, "form", said, "See docs/webhook.md or /v1/openapi.json.") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "unreadable", "The body is not JSON in UTF-8.", "Send one JSON object.") from error


def write_one(connection: Connection, desk: Desk, delivery: Delivery) -> tuple[State, Sequence[str]]:
    """What becomes of a delivery, and the streams that changed. Raises Problem."""
    name, sha, now = delivery.webhook.name, hexdigest(delivery.body), desk.now()
    id_hash, key_hash = hexdigest(delivery.id.encode()), hexdigest(delivery.report.key.encode("utf-8", "replace"))
    if not connection.execute(_TAKE, (name, id_hash, sha, key_hash, now)).rowcount:
        row = connection.execute(_TAKEN, (name, id_hash)).fetchone()
        if row is not None and row[0] != sha:
            raise REUSED
        return "known", ()
    if connection.execute(_KEY, (name, key_hash, id_hash)).fetchone():
        return "known", ()
    found = found_report(delivery.report, name)
    pair_ = _fitting(pair(checked(found, datetime.fromtimestamp(now / 1000, UTC))), delivery.webhook, desk)
    return _written(connection, desk, pair_, name, now)


def found_report(sent: SentReport, name: str) -> FoundReport:
    """A sender's form as what any parser finds; `name` is the webhook's. Keys of two webhooks never meet."""
    asks = sent.requester
    return FoundReport(
        dedupe_key=f"webhook:{name}:{sent.key}", source=f"webhook {name}", kind=sent.kind, case_type=sent.case_type,
        channel="api", received_at=sent.received_at, title=one_line(sent.title or sent.body), body=sent.body,
        requester=FoundRequester(name=asks.name, kind=asks.kind, organisation=asks.organisation,
                                 country=asks.country, contact_points=asks.contact_points),
        on_behalf_of=sent.on_behalf_of, right_claimed=sent.right_claimed,
        subjects=tuple(FoundSubject(platform=each.platform, item_type=each.item_type, item_id=each.item_id,
                                    url=each.url, author=each.author) for each in sent.subjects),
        affected_count=len(sent.subjects), answers=dict(sent.answers), laws=sent.laws,
        languages=sent.languages or languages(sent.body), country=sent.country,
        confidence=share_filled(sent.title, sent.body, sent.case_type, asks.name, sent.subjects),
    )  # fmt: skip


def _fitting(found: Pair, webhook: Webhook, desk: Desk) -> Pair:
    """The case goes to the webhook's desk; a type or a kind of requester that no rule knows is left to a person."""
    rules, report = desk.rules, found.report
    if found.case.case_type and found.case.case_type not in rules.types:
        found = of_unknown_type(found)
    if report.requester_kind not in rules.requesters:
        said = f"There is no kind of requester {report.requester_kind} in the rules: check who asks."
        found = replace(found, report=replace(found.report, requester_kind="user",
                                              problems=(*found.report.problems, said)))  # fmt: skip
    return replace(found, case=replace(found.case, desk=webhook.stream.removeprefix("desk:")))


def _written(connection: Connection, desk: Desk, found: Pair, name: str, now: int) -> tuple[State, Sequence[str]]:
    """Judge report and case as the system's, marked with the webhook's name. Raises Problem, and all is as before."""
    new = named(found, now)
    asked: tuple[tuple[ReceiveReport | OpenCase, str], ...] = ((new.report, new.report_op), (new.case, new.case_op))
    work = push.Push(connection, Caller("system", f"webhook:{name}", frozenset()), Rights(frozenset(), {}), "", now,
                     desk.rules)  # fmt: skip
    sent = [Sent(op_id, msgspec.Raw(msgspec.json.encode(op)), now) for op, op_id in asked]
    for result in work.run(sent):
        if result.refused is not None:
            raise Problem(422, "refused", str(result.refused.reason), str(result.refused.mend))
    return "taken", tuple(work.touched)
