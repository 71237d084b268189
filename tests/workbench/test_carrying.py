"""Decisions carried out at a place: sent once, written down, never lost in between; what others do is told."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from casebench import do, import_policies, workbench

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "intake"))

from ozone_place import Place, said

from escaltui.config_connectors import ConnectorRow
from escaltui.domain import operations as ops
from escaltui.domain.decisions import Action, Cite, Line, LineAction
from escaltui.domain.entities import Elsewhere
from escaltui.intake.connector import Answer, ConnectorError, Happened
from escaltui.store import erase, items
from escaltui.wording_elsewhere import told
from escaltui.workbench import Workbench, carrying, connecting, happening
from escaltui.workbench.carrying import Deed

HOLD = 31_000


class Desk:
    """A workbench with the cases of an Ozone in memory."""

    def __init__(self, bench: Workbench) -> None:
        self.bench, self.place = bench, Place()
        self.uris = self.place.add(2)
        self.ozone = self.place.connect()
        self.fetch()

    def fetch(self) -> connecting.ConnectorRun:
        return connecting.run(self.bench, self.ozone, pause=lambda _s: None)

    def case(self, uri: str) -> str:
        (found,) = self.bench.store.read(lambda connection: items.cases_on(connection, "ozone", uri))
        return found

    def decide(self, uri: str, action: str = "remove", territory: tuple[str, ...] = ()) -> Deed:
        case = self.case(uri)
        do(self.bench, ops.Claim(case=case))
        cite = Cite("court", *self._pin())
        line = Line(outcome="violation_action", own_policy="breaks", ground="incompatible_content", cites=(cite,),
                    actions=(LineAction(action),), territory=territory)  # fmt: skip
        do(self.bench, ops.ProposeDecision(case=case, lines=(line,), rationale="It breaks the rule."))
        self.bench.now.now += HOLD  # type: ignore[attr-defined]
        self.bench.tick()
        (deed,) = carrying.waiting(self.bench, "ozone", case)
        return deed

    def _pin(self) -> tuple[str, str]:
        found = self.bench.policy_text("court")
        return found.version, found.text_sha256

    def action(self, deed: Deed) -> Action:
        row = self.bench.store.row(Action.NAME, deed.action)
        assert isinstance(row, Action)
        return row

    def notes(self, uri: str) -> list[str]:
        rows = self.bench.store.bundle(self.case(uri))
        assert rows is not None
        return [f"{told(note.elsewhere)}: {note.body}" for note in rows.notes if note.elsewhere is not None]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with workbench(tmp_path) as bench:
        import_policies(bench, tmp_path / "policies")
        yield Desk(bench)


def test_a_decision_waits_and_is_sent_once(desk: Desk) -> None:
    uri, other = desk.uris
    deed = desk.decide(uri)
    assert carrying.waiting(desk.bench, "elsewhere") == ()
    assert carrying.waiting(desk.bench, "ozone", desk.case(other)) == ()
    assert desk.place.of("Takedown", uri) == [], "nothing leaves by itself"
    answer = carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    assert isinstance(answer, Answer)
    assert answer.state == "done"
    row = desk.action(deed)
    assert (row.state, row.external_ref) == ("confirmed", answer.reference)
    assert len(desk.place.of("Takedown", uri)) == 1
    assert carrying.waiting(desk.bench, "ozone") == ()
    desk.fetch()
    assert desk.notes(uri) == [], "our own is in the timeline already"


def test_who_dies_between_sending_and_writing_down_finds_it_done(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = desk.uris[0]
    deed = desk.decide(uri)

    def dies(*_arguments: Any, **_more: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(desk.bench, "do", dies)
        with pytest.raises(KeyboardInterrupt):
            carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    assert desk.action(deed).state == "queued"
    assert len(desk.place.of("Takedown", uri)) == 1
    carrying.carry_out(desk.bench, desk.place.connect(), deed, 0)
    assert desk.action(deed).state == "confirmed"
    assert len(desk.place.of("Takedown", uri)) == 1


def test_a_refusal_of_the_place_is_a_failure_with_its_words(desk: Desk) -> None:
    uri = desk.uris[0]
    deed = desk.decide(uri)
    desk.place.does("Takedown", uri, "did:plc:colleague")
    answer = carrying.carry_out(desk.bench, desk.ozone, deed, None)
    assert isinstance(answer, Answer)
    assert answer.state == "refused"
    row = desk.action(deed)
    assert row.state == "failed"
    assert row.reason.startswith("It is taken down already.")


def test_who_merely_has_to_look_again_keeps_the_deed_waiting(desk: Desk) -> None:
    uri = desk.uris[0]
    deed = desk.decide(uri)
    desk.place.does("Label", uri, "did:plc:colleague", createLabelVals=["spam"])
    answer = carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    assert isinstance(answer, Answer)
    assert answer.state == "refused"
    assert desk.action(deed).state == "queued"
    seen = desk.ozone.preview(deed.outcome).seen
    carrying.carry_out(desk.bench, desk.ozone, deed, seen)
    assert desk.action(deed).state == "confirmed"


def test_without_an_answer_or_the_network_it_waits(desk: Desk) -> None:
    uri = desk.uris[0]
    deed = desk.decide(uri)
    desk.place.faults_of["emitEvent"] = [httpx.ReadTimeout("cut")]
    answer = carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    assert isinstance(answer, Answer)
    assert answer.state == "unknown"
    desk.place.faults_of["queryEvents"] = [httpx.ConnectError("nobody")]
    with pytest.raises(ConnectorError):
        carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    desk.place.faults_of["emitEvent"] = [said(429, "RateLimitExceeded", "slow")]
    with pytest.raises(ConnectorError):
        carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    assert desk.action(deed).state == "sent", "nobody knows yet, and everybody sees that"
    assert carrying.waiting(desk.bench, "ozone") == (deed,)
    assert [each.state for each in desk.bench.by_hand()] == ["sent"]
    carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    assert desk.action(deed).state == "confirmed"
    assert len(desk.place.of("Takedown", uri)) == 1


def test_what_holds_in_some_countries_only_is_not_done_everywhere(desk: Desk) -> None:
    uri = desk.uris[0]
    deed = desk.decide(uri, territory=("DE", "FR"))
    assert "Ozone has nothing for remove in DE FR." in desk.ozone.preview(deed.outcome).refusal
    carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    assert desk.place.of("Takedown", uri) == []
    assert desk.action(deed).state == "failed"


def test_an_act_without_a_decision_is_told_once(desk: Desk) -> None:
    uri = desk.uris[0]
    row = desk.bench.store.line(desk.case(uri))
    assert row is not None
    (deed,) = carrying.asked(desk.bench, row, "ozone", "acknowledge", "Fine")
    assert carrying.asked(desk.bench, row, "ozone", "acknowledge", "Fine") == (deed,)
    assert carrying.asked(desk.bench, row, "ozone", "acknowledge", "Other")[0].outcome.id != deed.outcome.id
    for _again in range(2):
        carrying.carry_out(desk.bench, desk.ozone, deed, 0)
    desk.fetch()
    assert len(desk.place.of("Acknowledge", uri)) == 1
    (note,) = desk.notes(uri)
    assert note == "In ozone, mod.test acknowledged it.: Fine"


def test_what_others_do_is_told_once_and_only_on_its_case(desk: Desk) -> None:
    uri, other = desk.uris
    desk.place.does("Comment", uri, "did:plc:colleague", comment="\x1b[31mred\u202e herring")
    found = desk.fetch()
    assert found.problems == ()
    desk.bench.store.write(lambda c: c.execute("UPDATE connector SET cursor = ''"))  # all of it again
    desk.fetch()
    (note,) = desk.notes(uri)
    assert note.startswith("In ozone, colleague commented on it.: ")
    assert desk.notes(other) == []
    face = desk.bench.case(desk.case(uri))
    assert face is not None
    assert "\x1b" not in str(face.timeline)


def test_a_further_report_is_told_what_the_case_tells_is_not(desk: Desk) -> None:
    uri = desk.uris[0]
    number = str(desk.place.of("Report", uri)[0]["id"])
    one = Happened(platform="ozone", deed=Elsewhere(source="ozone", key="k", act="report", item=uri, number=number))
    assert happening.told(desk.bench, [one]) == 0
    desk.place.does("Report", uri, "did:plc:second", comment="Mine too", reportType="x#reasonRude")
    found = desk.fetch()
    assert (found.opened, found.known) == (0, 1)
    (note,) = desk.notes(uri)
    assert note == "In ozone, second reported it as rude.: Mine too"


def test_who_did_it_elsewhere_can_be_erased() -> None:
    deed = Elsewhere(source="ozone", key="k", act="takedown", who="mod.example", who_id="did:plc:mod", item="at://x")
    assert erase.words_of("note", {"body": "spam", "elsewhere": msgspec.to_builtins(deed)}) == {
        "spam", "mod.example", "did:plc:mod",
    }  # fmt: skip


def test_several_are_sent_and_what_was_not_reached_stays(desk: Desk) -> None:
    one, other = (desk.decide(uri) for uri in desk.uris)
    desk.bench.config = msgspec.structs.replace(desk.bench.config, connectors=(ConnectorRow("ozone", "ozone"),))
    shown = carrying.show(desk.bench, (one, other), {"ozone": desk.ozone})
    desk.place.faults_of["emitEvent"] = [said(429, "RateLimitExceeded", "slow", **{"retry-after": "9"})]
    came = carrying.send(desk.bench, shown)
    assert (came.done, came.left, came.planned) == (0, 2, True)
    came = carrying.send(desk.bench, carrying.show(desk.bench, (one, other), {"ozone": desk.ozone}))
    assert (came.done, came.left, came.words) == (2, 0, ())
    assert [len(desk.place.of("Takedown", uri)) for uri in desk.uris] == [1, 1]
