"""Reports that come by webhook: signed, in time, once; each fault a problem of its own that says nothing of ours."""

from __future__ import annotations

import base64
import hmac
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from live import serving
from team import Team

from escaltui import cli
from escaltui.server import webhook_routes, webhooks
from escaltui.server.faults import ServeError
from escaltui.server.limits import Limits, Rate
from escaltui.server.tables import ROLE
from escaltui.server.webhook_admin import Webhooks
from escaltui.server.webhooks import Signed, Webhook

REPORT = {
    "key": "ticket-81", "title": "Posts that name a witness", "body": "Please look at these two posts.",
    "kind": "request", "case_type": "user_escalation", "received_at": "2026-05-01T10:00:00+02:00",
    "requester": {"name": "Ann Example", "kind": "user", "country": "DE", "contact_points": ["ann@example.org"]},
    "subjects": [{"platform": "forum", "item_type": "post", "item_id": "p1", "url": "https://forum.example/p1"},
                 {"platform": "forum", "item_id": "p2", "author": "somebody"}],
    "answers": {"When": "yesterday"}, "languages": ["en"], "country": "DE",
}  # fmt: skip


class Sender:
    """Somebody who has a secret, and a clock."""

    def __init__(self, team: Team, url: str, secret: str, name: str = "forum") -> None:
        self.team, self.url, self.secret, self.name = team, url, secret, name
        self.number = 0

    def send(self, report: Any, *, id: str = "", at: int | None = None, body: bytes | None = None,
             **headers: str | None) -> httpx.Response:  # fmt: skip
        """Sign by the specification itself, without our own code, and post."""
        self.number += 1
        sent = json.dumps(report).encode() if body is None else body
        told = id or f"msg_{self.number}"
        seconds = str(self.team.clock.now // 1000 if at is None else at)
        key = base64.b64decode(self.secret.removeprefix("whsec_"))
        mark = hmac.new(key, f"{told}.{seconds}.".encode() + sent, sha256).digest()
        made: dict[str, str | None] = {
            "webhook-id": told, "webhook-timestamp": seconds,
            "webhook-signature": "v1," + base64.b64encode(mark).decode(),
            "content-type": "application/json",
        } | {name.replace("_", "-"): value for name, value in headers.items()}  # fmt: skip
        given = {name: value for name, value in made.items() if value is not None}
        return httpx.post(f"{self.url}/v1/intake/{self.name}", content=sent, headers=given, timeout=20)


@pytest.fixture
def admin(team: Team) -> Webhooks:
    made = Webhooks(team.pool, team.rules)
    made._desk.now = made.now = team.clock
    made.add_desk("global")
    return made


@pytest.fixture
def sender(team: Team, admin: Webhooks, database: str) -> Iterator[Sender]:
    with serving(team, database, log=LOG.append) as url:
        LOG.clear()
        yield Sender(team, url, admin.new("forum", "desk:global"))


LOG: list[dict[str, Any]] = []


def counts(team: Team) -> tuple[int, int]:
    """Cases and reports."""
    return team.rows("SELECT count(*) FROM cases")[0][0], team.rows("SELECT count(*) FROM report")[0][0]


def test_a_signed_report_becomes_a_case_on_the_desk(team: Team, sender: Sender) -> None:
    answer = sender.send(REPORT)
    assert (answer.status_code, answer.json()) == (200, {"id": "msg_1", "state": "taken"})
    ada = team.member("ada")
    team.settle()
    (line,) = ada.store.page(None, "queue")
    assert (line.title, line.type) == ("Posts that name a witness", "user_escalation")
    rows = ada.store.bundle(line.key if isinstance(line.key, str) else line.id)
    assert rows is not None
    (report,) = rows.reports
    assert (report.channel, report.source, report.requester_name) == ("api", "webhook forum", "Ann Example")
    assert report.received_at == 1_777_622_400_000
    assert dict(report.answers) == {"When": "yesterday"}
    assert report.verification.state == "unverified"
    assert {(each.item_type, each.item_id) for each in rows.subjects} == {("post", "p1"), ("post", "p2")}
    first = team.rows("SELECT actor, device FROM change WHERE entity = 'case' ORDER BY n LIMIT 1")
    assert first == [("system", "webhook:forum")]
    assert ada.store.verify().sound


def test_sent_again_it_changes_nothing(team: Team, sender: Sender) -> None:
    assert sender.send(REPORT, id="a").json()["state"] == "taken"
    assert sender.send(REPORT, id="a").json() == {"id": "a", "state": "known"}  # the sender heard no answer
    assert sender.send(REPORT, id="b").json()["state"] == "known"  # the same key under another id
    assert sender.send({**REPORT, "key": "ticket-82"}, id="c").json()["state"] == "taken"
    assert counts(team) == (2, 2)


def test_many_at_once_take_effect_once(team: Team, sender: Sender) -> None:
    """The same message eight times at the same moment, and the same key under eight ids."""
    states: list[Any] = []

    def send(id: str) -> None:
        states.append(sender.send(REPORT, id=id).json().get("state"))

    for ids in (["same"] * 8, [f"own-{n}" for n in range(8)]):
        threads = [threading.Thread(target=send, args=(each,)) for each in ids]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
    assert counts(team) == (1, 1)
    assert Counter(states)["taken"] == 1
    assert set(states) == {"taken", "known"}


def faults() -> list[tuple[str, dict[str, Any], int, str]]:
    """What is sent, and what is answered."""
    good = json.dumps(REPORT).encode()
    return [
        ("no signature", {"webhook_signature": None}, 401, "not_signed"),
        ("no id", {"webhook_id": None}, 401, "not_signed"),
        ("no timestamp", {"webhook_timestamp": None}, 401, "not_signed"),
        ("wrong signature", {"webhook_signature": "v1," + base64.b64encode(b"0" * 32).decode()}, 401, "not_signed"),
        ("no base64", {"webhook_signature": "v1,%%%"}, 401, "not_signed"),
        ("another version", {"webhook_signature": "v2," + base64.b64encode(b"0" * 32).decode()}, 401, "not_signed"),
        ("another id", {"webhook_id": "other"}, 401, "not_signed"),
        ("another timestamp", {"webhook_timestamp": "1"}, 401, "not_signed"),
        ("a replay after 5 minutes", {"at": 1_790_000_000 - 301}, 401, "stale"),
        ("from the future", {"at": 1_790_000_000 + 301}, 401, "stale"),
        ("an id with a blank", {"id": "a b"}, 401, "not_signed"),
        ("packed", {"content_encoding": "zstd"}, 400, "unreadable"),
        ("no JSON", {"body": b"{"}, 400, "unreadable"),
        ("no UTF-8", {"body": b'{"key": "\xff"}'}, 400, "unreadable"),
        ("deep", {"body": b'{"answers": ' + b"[" * 100_000}, 422, "form"),
        ("an unknown field", {"report": {**REPORT, "owner": "me"}}, 422, "form"),
        ("an unknown field within", {"report": {**REPORT, "requester": {"nam": "x"}}}, 422, "form"),
        ("no key", {"report": {"body": "x"}}, 422, "form"),
        ("another kind", {"report": {**REPORT, "kind": "rant"}}, 422, "form"),
        ("no zone", {"report": {**REPORT, "received_at": "2026-05-01T10:00:00"}}, 422, "form"),
        ("many subjects", {"report": {**REPORT, "subjects": [{"platform": "f", "item_id": str(n)}
                                                              for n in range(501)]}}, 422, "form"),
        ("a number", {"body": b"17"}, 422, "form"),
        ("too large", {"body": good[:-1] + b" " * (1 << 20) + b"}"}, 413, "too_large"),
    ]  # fmt: skip


def test_each_fault_is_answered_in_words_and_leaves_nothing(team: Team, sender: Sender) -> None:
    for name, more, status, code in faults():
        answer = sender.send(more.pop("report", REPORT), **more)
        assert (answer.status_code, answer.json()["code"]) == (status, code), name
        assert answer.json()["reason"].endswith("."), name
        assert sender.secret not in answer.text
        assert "witness" not in answer.text, name
        assert counts(team) == (0, 0), name
        assert team.rows("SELECT count(*) FROM webhook_taken") == [(0,)], name
    assert sender.send(REPORT).json()["state"] == "taken"  # it goes on
    log = json.dumps(LOG)
    assert "webhook:forum" in log
    for words in ("witness", "ticket-81", "Ann", sender.secret.removeprefix("whsec_")[:12]):
        assert words not in log


def test_within_five_minutes_either_way_it_counts(team: Team, sender: Sender) -> None:
    now = team.clock.now // 1000
    for n, at in enumerate((now - 300, now + 300)):
        assert sender.send({**REPORT, "key": f"k{n}"}, at=at).status_code == 200


def test_an_id_with_another_body_is_a_conflict(team: Team, sender: Sender) -> None:
    sender.send(REPORT, id="a")
    answer = sender.send({**REPORT, "key": "other"}, id="a")
    assert (answer.status_code, answer.json()["code"]) == (409, "id_reused")
    assert counts(team) == (1, 1)


def test_nobody_learns_which_webhooks_there_are(team: Team, sender: Sender, admin: Webhooks) -> None:
    admin.new("gone", "desk:global")
    admin.end("gone")
    answers = []
    for name in ("forum", "gone", "never", "X" * 30, "..%2f"):
        other = Sender(team, sender.url, webhooks.fresh(), name)
        answer = other.send(REPORT)
        found = {key: value for key, value in answer.json().items() if key != "request"}
        answers.append((answer.status_code, found))
    assert answers[0][0] == 401
    assert answers[:4] == [answers[0]] * 4


def test_a_rotated_secret_and_the_one_before(team: Team, sender: Sender, admin: Webhooks) -> None:
    before = sender.secret
    sender.secret = admin.rotate("forum", hours=2)
    assert sender.send({**REPORT, "key": "new"}).status_code == 200
    old = Sender(team, sender.url, before)
    assert old.send({**REPORT, "key": "old"}, id="x").status_code == 200
    team.clock.step(2 * 3_600_000 + 1)
    assert old.send({**REPORT, "key": "late"}, id="y").status_code == 401
    assert sender.send({**REPORT, "key": "later"}, id="z").status_code == 200
    at_once = admin.rotate("forum", hours=0)
    assert sender.send({**REPORT, "key": "last"}, id="q").status_code == 401
    sender.secret = at_once
    assert sender.send({**REPORT, "key": "last"}, id="r").status_code == 200


def test_several_signatures_in_one_header(team: Team, sender: Sender) -> None:
    """As a sender writes them while it rotates."""
    wrong = "v1," + base64.b64encode(b"0" * 32).decode()
    now = str(team.clock.now // 1000)
    right = webhooks.signature(sender.secret, "m", now, json.dumps(REPORT).encode())
    assert sender.send(REPORT, id="m", webhook_signature=f"{wrong} v1a,x {right}").status_code == 200


def test_a_revoked_one_counts_no_more_and_keeps_no_secret(team: Team, sender: Sender, admin: Webhooks) -> None:
    admin.end("forum")
    assert sender.send(REPORT).status_code == 401
    assert team.rows("SELECT secret, earlier FROM webhook") == [("", "")]
    for call in (lambda: admin.end("forum"), lambda: admin.rotate("forum"), lambda: admin.new("forum", "global")):
        with pytest.raises(ServeError, match=r"webhook forum|webhook 'forum'"):
            call()


@pytest.mark.parametrize(("name", "stream"), [("A", "desk:global"), ("a b", "global"), ("", "global"), ("a", "org"),
                                              ("a", "desk:nowhere"), ("x" * 41, "global")])  # fmt: skip
def test_what_cannot_be_made_says_why(admin: Webhooks, name: str, stream: str) -> None:
    with pytest.raises(ServeError, match=r"\.|org"):
        admin.new(name, stream)
    assert admin.every() == []


def test_auditors_read_of_it_and_requests_do_not_see_the_secret(team: Team, sender: Sender, admin: Webhooks) -> None:
    admin.rotate("forum")
    admin.end("forum")
    told = team.rows("SELECT verb, entity_id FROM change WHERE stream = 'org:audit' ORDER BY seq")
    assert told[-3:] == [("WebhookMade", "forum"), ("WebhookRotated", "forum"), ("WebhookRevoked", "forum")]
    assert sender.secret not in json.dumps(team.rows("SELECT body FROM change WHERE stream = 'org:audit'"))
    with team.pool.connection() as connection, connection.transaction(force_rollback=True):
        connection.execute(f"SET LOCAL ROLE {ROLE}".encode())
        for table in ("webhook", "webhook_taken"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), connection.transaction():
                connection.execute(f"SELECT * FROM {table}".encode())


def test_what_rules_do_not_know_is_left_to_a_person(team: Team, sender: Sender) -> None:
    odd = {
        **REPORT,
        "case_type": "tea_party",
        "requester": {"name": "X", "kind": "martian"},
        "title": "\x1b[31mRed\u202e",
    }
    assert sender.send(odd).json()["state"] == "taken"
    ada = team.member("ada")
    team.settle()
    (line,) = ada.store.page(None, "queue")
    found = ada.store.bundle(line.id)
    assert found is not None
    assert "check-intake" in found.case.tags
    assert len(found.reports[0].problems) == 2


def test_a_case_that_moved_away_still_knows_its_key(team: Team, sender: Sender) -> None:
    sender.send(REPORT)
    team.rows("UPDATE report SET stream = 'case:elsewhere' RETURNING 1")
    assert sender.send(REPORT, id="again").json()["state"] == "known"
    assert counts(team) == (1, 1)


def test_a_flood_is_slowed_down(team: Team, database: str, admin: Webhooks) -> None:
    secret = admin.new("forum", "desk:global")
    limits = Limits()
    limits.requests = Rate(3, 0.01)  # the bucket does not fill again meanwhile
    with serving(team, database, limits=limits) as url:
        sender = Sender(team, url, secret)
        found = [sender.send({**REPORT, "key": str(n)}).status_code for n in range(6)]
    assert found == [200] * 3 + [429] * 3


def test_the_commands_make_rotate_list_and_revoke(
    team: Team, admin: Webhooks, database: str, capsys: pytest.CaptureFixture[str], tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "config"))

    def serve(*words: str, code: int = 0) -> list[dict[str, Any]]:
        capsys.readouterr()
        assert cli.main(["serve", "webhook", *words, "--db", database, "--json"]) == code
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    (made,) = serve("new", "forum", "--stream", "desk:global")
    assert (made["webhook"], made["path"]) == ("forum", "/v1/intake/forum")
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    (turned,) = serve("rotate", "forum")
    assert turned["secret"] != made["secret"]
    (told,) = serve("list")
    assert (told["name"], told["stream"], told["revoked"]) == ("forum", "desk:global", None)
    assert not {"secret", "earlier"} & told.keys()
    assert serve("revoke", "forum") == [{"webhook": "forum", "revoked": True}]
    for words, code in ((("revoke", "forum"), 1), (("new", "forum"), 2), (("rotate",), 2)):
        assert serve(*words, code=code) == []


# --- signatures by themselves


def test_it_is_the_specifications_own_example() -> None:
    """The example of Standard Webhooks 1.0.0, as its reference libraries test it."""
    secret, id, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330"
    body = b'{"test": 2432232314}'
    assert webhooks.signature(secret, id, at, body) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(id=st.text("abc-_.19", min_size=1), at=st.integers(1, 10**10), body=st.binary(), other=st.binary())
@settings(max_examples=80)
def test_only_the_very_same_is_signed(id: str, at: int, body: bytes, other: bytes) -> None:
    secret = webhooks.fresh()
    hook = Webhook("a", "desk:global", secret, "", None)
    mark = webhooks.signature(secret, id, str(at), body)
    assert webhooks.is_signed(hook, Signed(id, str(at), mark), body, 0)
    assert not webhooks.is_signed(None, Signed(id, str(at), mark), body, 0)
    assert not webhooks.is_signed(hook, Signed(id, str(at + 1), mark), body, 0)
    assert not webhooks.is_signed(hook, Signed(id + "x", str(at), mark), body, 0)
    if other != body:
        assert not webhooks.is_signed(hook, Signed(id, str(at), mark), other, 0)


# --- controls: what these tests are for


def test_control_without_the_memory_of_ids_and_keys_it_would_be_there_twice(
    team: Team, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook_routes, "_TAKE", "SELECT %s, %s, %s, %s, %s")
    monkeypatch.setattr(webhook_routes, "_KEY", "SELECT 1 WHERE %s || %s || %s = ''")
    monkeypatch.setattr(webhook_routes, "found_report", lambda sent, name: _without_key(sent, name))
    sender.send(REPORT, id="a")
    sender.send(REPORT, id="a")
    assert counts(team)[0] == 2


def _without_key(sent: Any, name: str) -> Any:
    from msgspec.structs import replace

    return replace(_FOUND(sent, name), dedupe_key=f"{time.monotonic_ns()}")


_FOUND = webhook_routes.found_report


def test_control_a_signature_that_is_not_looked_at_lets_anybody_in(
    team: Team, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "is_signed", lambda *_given: True)
    assert sender.send(REPORT, webhook_signature="v1,x").status_code == 200
    assert counts(team) == (1, 1)
