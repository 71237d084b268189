"""Alerts of the backend: owed once with the change that causes them, told once, never a word of a case."""

from __future__ import annotations

import email
import hashlib
import hmac
import threading
from email.policy import default
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alerting import MINUTE, URL, Hook, by_hook, by_mail, new_s0, notifier, on_rota, owed, states
from psycopg_pool import ConnectionPool
from smtp_server import CUT, MailServer
from team import DESK, NOW, Member, Team

from escaltui.domain.decisions import Line
from escaltui.domain.operations import (
    AddNote,
    Claim,
    NewSubject,
    OpenCase,
    Promise,
    ProposeDecision,
    ReceiveReport,
    RecordAsked,
    SetSensitivity,
    SetSeverity,
    Triage,
)
from escaltui.domain.wire import Push, Sent, Stand
from escaltui.outbound import Outcome
from escaltui.server import alert_words, notify
from escaltui.server.desk import Desk
from escaltui.server.notify import LOST_AFTER, TRIES, Notifier

# --- what is owed


def test_a_new_s0_is_owed_once_with_the_change_that_makes_it(team: Team) -> None:
    ada = team.member("ada")
    case_id = ada.open("Quiet")
    ada.push()
    assert owed(team) == []
    ada.do(SetSeverity(case=case_id, severity=0, reason="a bomb"))
    ada.push()
    assert owed(team) == [("new_s0", "")]
    ada.do(SetSeverity(case=case_id, severity=1, reason="a toy"))
    ada.do(SetSeverity(case=case_id, severity=0, reason="a bomb all the same"))
    ada.push()
    assert owed(team) == [("new_s0", "")]


def test_nothing_is_owed_of_a_push_that_is_not_written(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = team.member("ada")
    ada.open("A threat", severity=0)

    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("escaltui.server.push.Push._number", broken)
    with pytest.raises(RuntimeError):
        ada.push()
    monkeypatch.undo()
    assert owed(team) == []
    ada.push()
    assert owed(team) == [("new_s0", "")]


def test_rungs_90_and_100_are_owed_each_once(team: Team) -> None:
    ada = team.member("ada")
    ada.open(severity=1)  # 15 minutes to acknowledge
    ada.push()
    found = []
    for _ in range(17):
        team.clock.step(MINUTE)
        while team.desk.due():
            pass
        found.append(len(owed(team)))
    assert owed(team) == [("clock", "ack")] * 2
    assert found[12:] == [0, 1, 2, 2, 2]


def test_what_was_slept_through_is_owed_once_and_what_is_long_over_not_at_all(team: Team) -> None:
    ada = team.member("ada")
    ada.open(severity=1)
    ada.push()
    team.clock.step(3 * 86_400_000)
    while team.desk.due():
        pass
    assert owed(team) == [("clock", each) for each in ("ack", "decision", "resolve")]
    ada.open(severity=1, received_at=NOW - 30 * 86_400_000)
    ada.push()
    assert len(owed(team)) == 3


def test_nothing_is_owed_of_what_somebody_brought_along(team: Team) -> None:
    ada = team.member("ada")
    op = msgspec.Raw(msgspec.json.encode(OpenCase(opens=team.new_id(), title="Long ago", severity=0)))
    sent = Sent(team.new_id(), op, NOW - 9 * 86_400_000, imported=True)
    (result,) = team.desk.push(ada.caller, DESK, Push(Stand(), (sent,)))
    assert result.status == "applied"
    assert owed(team) == []
    while team.desk.due():
        pass
    assert owed(team) == []


def test_what_waits_for_approval_is_owed(team: Team) -> None:
    ada = team.member("ada")
    case_id = ada.open(flags=("high_profile",))
    ada.do(Triage(case=case_id))
    ada.do(Claim(case=case_id))
    team.settle()
    op = ProposeDecision(case=case_id, lines=(Line(outcome="answered"),), facts="They ask.", rationale="We answer.")
    ada.do(op)
    team.settle()
    ((kind, about),) = owed(team)
    assert kind == "approval"
    assert team.rows("SELECT id FROM decision") == [(about,)]


# --- told once


def test_an_alert_says_reference_severity_clock_and_nothing_else(team: Team, hook: Hook) -> None:
    new_s0(team.member("ada"))
    assert notifier(team.desk, by_hook(hook)).turn("webhook") == 2
    (facts,) = hook.facts
    ((ref,),) = team.rows("SELECT ref FROM cases")
    assert set(facts) == {"id", "kind", "ref", "severity", "clock", "minutes_left", "to", "acknowledge", "token"}
    assert (facts["kind"], facts["ref"], facts["severity"]) == ("new_s0", ref, 0)
    assert (facts["clock"], facts["minutes_left"]) == ("Acknowledge", 5)
    assert facts["acknowledge"] == f"{URL}/v1/alerts/{facts['id']}/ack"
    head, body = hook.got[0]
    told = next(row.split(b": ")[1] for row in head.split(b"\r\n") if row.lower().startswith(b"x-escaltui-sig"))
    seconds, mark = (part.split(b"=")[1] for part in told.split(b","))
    assert hmac.new(b"hush", seconds + b"." + body, hashlib.sha256).hexdigest().encode() == mark


@pytest.mark.parametrize(
    ("does", "state", "whole"),
    [("before", "unknown", 0), ("in", "unknown", 0), ("after", "unknown", 1), ("502", "unknown", 1), ("ok", "sent", 1)],
)
def test_a_webhook_cut_anywhere_is_never_posted_twice(
    team: Team, hook: Hook, does: str, state: str, whole: int
) -> None:
    new_s0(team.member("ada"))
    work, hook.does = notifier(team.desk, by_hook(hook)), does
    for _ in range(4):
        work.turn("webhook")
        hook.does = "ok"
        team.clock.step(LOST_AFTER)
    assert states(team) == [state]
    assert (len(hook.got), hook.twice()) == (whole, 0)


@pytest.mark.parametrize(
    ("moments", "state", "whole"),
    [({"greeting": CUT}, "sent", 1), ({"DATA": CUT}, "sent", 1), ({"RCPT": b"450 later"}, "sent", 1),
     ({"body": CUT}, "unknown or sent", 1), ({"end": CUT}, "unknown", 1), ({"end": b"451 later"}, "sent", 1)],
)  # fmt: skip
def test_a_mail_cut_anywhere_arrives_once_at_most(
    team: Team, tmp_path: Path, moments: dict[str, bytes], state: str, whole: int
) -> None:
    """What was surely not delivered is tried again, and only that."""
    new_s0(team.member("ada"))
    with MailServer(**moments) as server:
        work = notifier(team.desk, by_mail(server, on_rota(tmp_path / "config")))
        work.turn("mail")
        server.moments = MailServer().moments
        for _ in range(3):
            team.clock.step(40_000)
            work.turn("mail")
        assert states(team)[0] in state
        assert len(server.delivered) <= whole
        if state == "sent":
            assert len(server.delivered) == 1


def test_control_a_telling_that_is_tried_again_when_unknown_arrives_twice(
    team: Team, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = Notifier._hand_over

    def hopeful(self: Notifier, telling: notify.Telling) -> Outcome:
        outcome = honest(self, telling)
        return Outcome("failed") if outcome.outcome == "unknown" else outcome

    monkeypatch.setattr(Notifier, "_hand_over", hopeful)
    new_s0(team.member("ada"))
    work, hook.does = notifier(team.desk, by_hook(hook)), "after"
    for _ in range(2):
        work.turn("webhook")
        team.clock.step(MINUTE)
    assert hook.twice() == 1


def test_control_a_mark_that_is_taken_back_sends_twice(team: Team, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notify, "_LOST", notify._LOST.replace("'unknown', next_try_at = NULL", "'queued'"))
    new_s0(team.member("ada"))
    dying = notifier(team.desk, by_hook(hook))
    team.desk.transaction(dying._tell)
    telling = dying.take("webhook")
    assert telling is not None
    dying._hand_over(telling)
    team.clock.step(LOST_AFTER)
    notifier(team.desk, by_hook(hook)).turn("webhook")
    assert hook.twice() == 1


def test_who_dies_while_sending_leaves_a_mark_and_it_is_not_sent_again(team: Team, hook: Hook) -> None:
    new_s0(team.member("ada"))
    dying = notifier(team.desk, by_hook(hook))
    team.desk.transaction(dying._tell)
    telling = dying.take("webhook")
    assert telling is not None
    assert states(team) == ["sending"]
    dying._hand_over(telling)  # and dies before it is written down
    other = notifier(team.desk, by_hook(hook))
    other.turn("webhook")
    assert states(team) == ["sending"]
    team.clock.step(LOST_AFTER)
    other.turn("webhook")
    assert states(team) == ["unknown"]
    assert len(hook.got) == 1


def test_a_refusal_is_tried_again_ever_later_and_then_given_up(team: Team, hook: Hook) -> None:
    new_s0(team.member("ada"))
    work, hook.does = notifier(team.desk, by_hook(hook)), "503"
    tried = []
    for _ in range(200):
        before = len(hook.got)
        work.turn("webhook")
        tried += [team.clock.now] * (len(hook.got) - before)
        team.clock.step(30_000)
    gaps = [later - earlier for earlier, later in pairwise(tried)]
    assert len(tried) == TRIES
    assert gaps[-1] > 4 * gaps[0]
    assert states(team) == ["failed"]


def test_several_processes_share_the_work_and_tell_each_alert_once(team: Team, database: str, hook: Hook) -> None:
    ada = team.member("ada")
    for n in range(40):
        ada.open(f"Threat {n}", severity=0)
    ada.push(200)
    pools: list[ConnectionPool[Any]] = [ConnectionPool(database, min_size=1, max_size=2, open=True) for _ in range(4)]
    works = [notifier(Desk(pool, team.rules, clock=team.clock), by_hook(hook)) for pool in pools]
    gate = threading.Barrier(4)
    done: list[int] = []

    def work(each: Notifier) -> None:
        gate.wait()
        found = 0
        while turned := each.turn("webhook"):
            found += turned
        done.append(found)

    threads = [threading.Thread(target=work, args=(each,)) for each in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    works[0].turn("webhook")
    for pool in pools:
        pool.close()
    assert len({each["ref"] for each in hook.facts}) == len(hook.got) == 40
    assert states(team) == ["sent"] * 40
    assert sum(each > 0 for each in done) > 1, "one did it all: nothing was shared"


# --- what is never told

CANARIES = {
    name: f"canary{name}"
    for name in ("title", "summary", "content", "tag", "product", "body", "requester", "item", "author", "text",
                 "url", "note", "asked", "promise", "facts", "why")
}  # fmt: skip


def full_of_canaries(ada: Member) -> str:
    c = CANARIES
    received = ada.do(ReceiveReport(body=c["body"], requester_name=c["requester"], dedupe_key=c["body"]))
    report = next(each.entity_id for each in received.changes if each.entity == "report")
    item = NewSubject(
        platform="web", item_id=c["item"], author=c["author"], text=c["text"], url=f"https://{c['url']}.eu"
    )
    case_id = ada.open(c["title"], report=report, summary=c["summary"], content_note=c["content"], tags=(c["tag"],),
                       product=c["product"], subjects=(item,), severity=1, flags=("high_profile",))  # fmt: skip
    ada.do(AddNote(case=case_id, body=c["note"]))
    ada.do(RecordAsked(case=case_id, words=c["asked"], instant=ada.team.clock.now + 20 * MINUTE))
    ada.do(Promise(case=case_id, party="requester", words=c["promise"], instant=ada.team.clock.now + 20 * MINUTE))
    ada.do(SetSeverity(case=case_id, severity=0, reason=c["why"]))
    ada.team.settle()
    ada.do(Claim(case=case_id))
    ada.team.settle()
    ada.do(ProposeDecision(case=case_id, lines=(Line(outcome="answered"),), facts=c["facts"], rationale=c["facts"]))
    ada.team.settle()
    return case_id


def tell_all(team: Team, hook: Hook, folder: Path) -> bytes:
    """Everything that a mail server and a webhook hear of a case full of canaries, as it came and unpacked."""
    full_of_canaries(team.member("ada"))
    kinds: set[str] = set()
    with MailServer() as server:
        both = by_mail(server, on_rota(folder))
        both = msgspec.structs.replace(both, webhook=by_hook(hook).webhook)
        work = notifier(team.desk, both)
        for _ in range(60):
            while team.desk.due():
                pass
            work.turn("mail")
            work.turn("webhook")
            team.clock.step(MINUTE)
        kinds = {row[0] for row in owed(team)}
        mails = [email.message_from_bytes(each, policy=default) for each in server.delivered]
        assert kinds == {"clock", "new_s0", "approval"}
        assert {about for kind, about in owed(team) if kind == "clock"} >= {"asked:1", "promise:1"}
        assert len(mails) > 3
        assert len(hook.got) > 3
        plain = [f"{each['subject']} {each.get_content()}".encode() for each in mails]
        raw = b"".join(server.delivered) + "\n".join(server.heard).encode()
    return raw + b"".join(plain) + b"".join(head + body for head, body in hook.got)


def words_found(heard: bytes) -> set[str]:
    return {name for name, word in CANARIES.items() if word.encode() in heard.lower().replace(b"=\r\n", b"")}


def test_no_word_of_a_case_is_in_an_alert(team: Team, hook: Hook, tmp_path: Path) -> None:
    heard = tell_all(team, hook, tmp_path / "config")
    ((ref,),) = team.rows("SELECT ref FROM cases")
    assert ref.encode() in heard
    assert words_found(heard) == set()
    kept = repr(team.rows("SELECT * FROM alert")) + repr(team.rows("SELECT * FROM outgoing"))
    assert words_found(kept.encode()) == set()


def test_control_a_clock_called_by_its_own_words_is_found(
    team: Team, hook: Hook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alert_words, "called", lambda clock, _rules: clock.words or clock.metric)
    assert words_found(tell_all(team, hook, tmp_path / "config")) == {"asked", "promise"}


def test_of_a_case_that_few_may_see_nobody_else_hears(team: Team, hook: Hook, tmp_path: Path) -> None:
    ada = team.member("ada")
    team.member("bo", ("specialist", "lead"))
    team.member("cy", ("specialist",))
    case_id = ada.open("A threat", severity=1)
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted"))
    ada.do(SetSeverity(case=case_id, severity=0, reason="worse"))
    team.settle()
    work = notifier(team.desk, by_hook(hook, on_rota(tmp_path / "config")))
    work.turn("webhook")
    assert [each["to"] for each in hook.facts] == ["K. Osei"]  # cy is on call, and sees no such case
    open_yet = ada.open("Another threat", severity=0)
    ada.push()
    team.desk.transaction(work._tell)
    ada.do(SetSensitivity(case=open_yet, sensitivity="restricted"))
    ada.push()
    work.turn("webhook")
    assert len(hook.got) == 1, "told after it was shut to them"
