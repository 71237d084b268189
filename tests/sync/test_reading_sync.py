"""Receipts go to their reader's own stream, acknowledgements to the library: a specialist may push both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from shelf import ONE, SPECIALIST, TWO, write
from team import Team

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Cite, Line
from escaltui.workbench import Workbench

Opening = Callable[..., Workbench]
OPEN = ids.entity_id("a case", 0)
ASKING = "+++\nmust_ack = true\nack_by = 2030-01-01\n+++\n" + TWO


def test_a_specialist_reads_and_acknowledges_through_the_server(opening: Opening, team: Team, tmp_path: Path) -> None:
    ada, bo = opening("ada"), opening("bo", SPECIALIST)
    ada.import_policies(write(tmp_path / "one", hate_2025_01_01=ONE))
    bo.link.round()
    assert [each.unread for each in bo.policy_changes()] == [0], "the first visit"
    ada.import_policies(write(tmp_path / "two", hate_2025_01_01=ONE, hate_2025_03_01=ASKING))
    bo.link.round()
    (new, _old) = bo.policy_changes()
    assert (new.version, new.must_ack, new.acked, new.unread > 0) == ("2025-03-01", True, False, True)
    section = bo.policy_text("hs.1")
    assert bo.read_sections({"hs.1": section.text_sha256})
    assert not isinstance(bo.acknowledge("hate", "2025-03-01"), Refused)
    bo.link.round()
    bo.link.round()
    assert bo.store.remote is not None
    assert bo.store.remote.streams() == [], "nothing waits: the server took both"
    assert team.rows("SELECT DISTINCT stream FROM receipt") == [("user:bo",)]
    assert team.rows("SELECT stream, who FROM acknowledgement") == [("library", "bo")]
    ada.link.round()
    assert "bo" not in ada.policy_changes()[0].waiting
    held = ada.store.read(lambda c: c.execute("SELECT count(*) FROM receipt WHERE who = 'bo'").fetchone())
    assert held == (0,), "what somebody read is theirs alone"
    refused = bo.describe_change("hate", "2025-03-01", "Wider.")
    assert isinstance(refused, Refused)
    assert not isinstance(ada.describe_change("hate", "2025-03-01", "Wider."), Refused)
    ada.link.round()
    bo.link.round()
    note = bo.policy_changes()[0].note
    assert note is not None
    assert note.value == "Wider."


def test_the_server_judges_a_decision_by_a_policy_that_asks_for_it(
    opening: Opening, team: Team, tmp_path: Path
) -> None:
    """What a decision rests on is read there by the same words."""
    ada = opening("ada")
    ada.import_policies(write(tmp_path / "one", hate_2025_03_01=ASKING))
    section = ada.policy_text("hs.1")
    line = Line("no_violation", own_policy="clear",
                cites=(Cite("hs.1", section.version, section.text_sha256, section.heading),))  # fmt: skip
    for op in (
        ops.OpenCase(opens=OPEN, title="A case", case_type="user_escalation", severity=3),
        ops.Claim(case=OPEN),
        ops.ProposeDecision(case=OPEN, lines=(line,), rationale="It breaks nothing."),
    ):
        outcome = ada.do(op)
        assert not isinstance(outcome, Refused), outcome
        ada.link.round()
    assert ada.store.remote is not None
    assert (ada.store.remote.streams(), ada.sync_face().parked) == ([], 0)
    assert team.rows("SELECT count(*) FROM decision") == [(1,)]
