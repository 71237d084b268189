"""What was done elsewhere, heard of on two desks that ask the same place: it is told once, and nothing is set aside."""

from __future__ import annotations

import msgspec
from team import Team

from escaltui.domain import operations as ops
from escaltui.domain.entities import Elsewhere, Note

DEED = Elsewhere(source="ozone", key="ozone:did:event:7", act="takedown", who="mod.example", who_id="did:plc:mod", at=5)


def test_two_desks_hear_of_the_same_act(team: Team) -> None:
    ada, bo = team.member("ada"), team.member("bo", ("specialist",))
    case = ada.open("a post")
    team.settle()
    ada.do(ops.RecordElsewhere(case=case, deed=DEED, body="spam"))
    bo.do(ops.RecordElsewhere(case=case, deed=msgspec.structs.replace(DEED, who="renamed.example"), body="spam"))
    team.settle()
    for member in (ada, bo):
        rows = member.store.bundle(case)
        assert rows is not None
        (note,) = rows.notes
        assert isinstance(note, Note)
        assert note.elsewhere == DEED, "the first that arrived"
        assert list(member.store.outbox(state="parked")) == []
