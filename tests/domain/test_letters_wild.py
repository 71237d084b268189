"""Long random sequences of everything people do with letters: what must hold after each step holds."""

from __future__ import annotations

import random
from typing import Any

import pytest
from desk import DAY, MINUTE, NOW
from test_letters import SECRET, Letters

from escaltui.domain import letters
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Message, UserNotice

PEOPLE = {"ada": {"specialist"}, "grace": {"comms", "counsel"}, "lin": {"lead", "counsel"}, "kim": {"comms"}}
NOTICES = (UserNotice(), UserNotice("forbidden", source="order"), UserNotice("delayed", NOW + DAY, "court"))
BODIES = ("Plain words.", "More words.", "Other words.", "Dear {{name}}", "TODO", SECRET, "", "\udcff")
SUBJECTS = ("About", "About it", "About us", "", "{{x}}")
ADDRESSES = ("a@b.example", "c@d.example", "e@f.example", "", "no")
STEPS = 300
OPEN = ("draft", "awaiting_signoff", "sending", "failed")
LEFT = ("sending", "sent")


class Play:
    """One sequence on one case, with a privileged consult that is answered."""

    def __init__(self, seed: int) -> None:
        self.draw, self.desk = random.Random(seed), Letters()
        self.desk.do(ops.AskConsult(case=self.desk.case_id, team="legal", question="?", sensitivity="privileged"))
        consult = next(each.entity_id for each in self.desk.log if each.entity == "consult")
        self.desk.do(ops.AnswerConsult(case=self.desk.case_id, consult=consult, answer=SECRET, source="Osei"))

    def step(self) -> None:
        draw, desk = self.draw, self.desk
        desk.now += draw.choice((0, MINUTE, DAY // 3))
        if draw.random() < 0.1:
            desk.put(desk.case_id, user_notice=draw.choice(NOTICES))
        before = {each.id: each for each in desk.of(Message)}
        actor = draw.choice(list(PEOPLE))
        op = self.operation(list(before.values()))
        found = desk.ask(op, actor, frozenset(PEOPLE[actor]), authority=draw.random() < 0.9)
        if not isinstance(found, Refused):
            for each in desk.of(Message):
                self.holds(before.get(each.id), each, op)
            waiting = sum(each.direction == "out" and each.state in OPEN for each in desk.of(Message))
            assert desk.open_letters() == waiting

    def operation(self, known: list[Message]) -> Any:
        draw, case = self.draw, self.desk.case_id
        alive = [each for each in known if each.state in OPEN and draw.random() < 0.9]
        letter = draw.choice(alive or known) if known and draw.random() < 0.9 else None
        key = letter.id if letter else ""
        sha = letter.content_sha256 if letter and draw.random() < 0.9 else "0" * 64
        if letter is None or draw.random() < 0.15:
            return ops.DraftMessage(
                case=case, message=key if draw.random() < 0.6 else "", party=draw.choice(letters.PARTIES),
                body=draw.choice(BODIES), subject=draw.choice(SUBJECTS), address=draw.choice(ADDRESSES),
                signoff_role=draw.choice(("", "", "lead")),
            )  # fmt: skip
        sending = ops.SendMessage(case=case, message=key, content_sha256=sha, again=draw.random() < 0.2)
        outcome: Any = draw.choice(("sent", "failed", "unknown", "exported"))
        became = ops.RecordSent(case=case, message=key, outcome=outcome)
        done = [each for each in self.desk.log[-20:] if each.entity == "message"] or self.desk.log[-1:]
        return draw.choice((
            sending, sending, sending, ops.SignOff(case=case, message=key, content_sha256=sha),
            ops.SignOff(case=case, message=key, content_sha256=sha),
            ops.WithdrawMessage(case=case, message=key) if draw.random() < 0.2 else sending,
            ops.RelayMessage(case=case, message=key, by="Osei", at=self.desk.now),
            became, became, ops.Undo(operation=draw.choice(done).op_id),
            ops.RecordInbound(case=case, party="requester", body="Words.", message_id=f"m{draw.randrange(9)}"),
        ))  # fmt: skip

    def holds(self, was: Message | None, now: Message, op: Any) -> None:
        if now.direction == "in":
            assert now.state == "received"
            return
        if was is not None and was.state in LEFT:
            assert letters.content_hash(now) == letters.content_hash(was)
            assert now.state in (*LEFT, "failed")
            assert was.state == "sending" or now == was
        if now.state not in LEFT or (was is not None and was.state in LEFT):
            return
        if not isinstance(op, ops.RecordSent):  # it leaves by this step
            self.may_leave(was, now, op)

    def may_leave(self, was: Message | None, now: Message, op: Any) -> None:
        assert was is not None
        assert letters.unfinished(now.subject, now.body) == ()
        assert now.subject
        assert now.body
        assert SECRET not in now.body
        assert set(letters.roles_asked(now.party)) <= set(now.signoff_roles) <= set(now.signed)
        assert len(set(now.signed.values())) == len(now.signed)
        assert not set(now.signed.values()) & set(now.authors)
        assert all(role in PEOPLE[person] for role, person in now.signed.items())
        if now.party == "affected_user":
            assert not self.desk.case(self.desk.case_id).user_notice.forbids(self.desk.now)
        if isinstance(op, ops.SendMessage) and was.failure == letters.MAY_HAVE:
            assert op.again


@pytest.mark.parametrize("seed", range(40))
def test_whatever_people_do_with_letters_the_rules_hold(seed: int) -> None:
    play = Play(seed)
    for _step in range(STEPS):
        play.step()


def test_the_sequences_reach_what_they_are_about() -> None:
    states: set[str] = set()
    for seed in range(12):
        play = Play(seed)
        for _step in range(STEPS):
            play.step()
            states |= {each.state for each in play.desk.of(Message)}
    assert states == {"draft", "awaiting_signoff", "sending", "sent", "failed", "received", "withdrawn"}
