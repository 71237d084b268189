"""Requesters from the keyboard: found by name, one page with all that goes on under a name, who may be the same."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from escaltui.domain import ids
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Requester
from escaltui.requester_faces import RequesterFace
from escaltui.store import requesters as kept
from escaltui.workbench import NotKnown, Workbench, insight, requester_names, requesters

if TYPE_CHECKING:
    from conftest import Hands


def asks(hands: Hands, name: str, title: str = "A case", **more: Any) -> str:
    kind = more.pop("kind", "law_enforcement")
    hands.now += 1000
    op_id = hands.bench.operation_id()
    hands.done(ops.ReceiveReport(requester_name=name, requester_kind=kind, body="b", **more), op_id=op_id)
    return hands.case(title, report=ids.entity_id(op_id, 0))


def page(bench: Workbench, name: str) -> RequesterFace:
    found = requesters.page(bench, requesters.find(bench, name))
    assert found is not None
    return found


def merge(bench: Workbench, one: str, into: str, reason: str = "one office") -> Any:
    return requester_names.merge(bench, requesters.find(bench, one), requesters.find(bench, into), reason)


def alike(bench: Workbench, name: str) -> list[str]:
    return [each.name.value for each in requester_names.like(bench, requesters.find(bench, name))]


def groups(bench: Workbench) -> list[tuple[str, ...]]:
    found = requester_names.suggest(bench)
    return [(each.name.value, *(other.name.value for other in each.others)) for each in found]


# --- finding


def test_a_requester_is_found_by_name_id_or_folded_name(hands: Hands) -> None:
    case = asks(hands, "Société Générale S.A.")
    bench = hands.bench
    key = requesters.of_case(bench, case)
    for typed in ("Société Générale S.A.", "societe generale s.a.", " SOCIETE GENERALE ", "Societe Generale SARL", key):
        assert requesters.find(bench, typed) == key
    with pytest.raises(NotKnown, match=r"no requester Societe Genrale\. Near: Société Générale S\.A\."):
        requesters.find(bench, "Societe Genrale")
    with pytest.raises(NotKnown, match="no requester"):
        requesters.find(bench, "  ")
    with pytest.raises(NotKnown, match="names no requester"):
        requesters.of_case(bench, hands.case("nobody asks"))


def test_a_page_of_nobody_is_none(hands: Hands) -> None:
    assert requesters.page(hands.bench, "nothing") is None


# --- the page


def test_one_page_with_all_that_goes_on_under_a_name(hands: Hands) -> None:
    for name in ("Police", "Police", "Police DE", "Polizei"):
        asks(hands, name, f"from {name}")
    bench = hands.bench
    merge(bench, "Polizei", "Police DE", "a letterhead")
    merge(bench, "Police DE", "Police", "one address")
    found = page(bench, "Polizei")
    assert (found.name.value, found.came_as.value) == ("Police", "Polizei")
    assert (found.total, found.ledger.total.asked, found.ledger.total.open, found.ledger.reports) == (4, 4, 4, 4)
    assert [(each.name.value, each.cases, each.reason.value, each.by) for each in found.held] == [
        ("Police DE", 1, "one address", "ada"), ("Polizei", 1, "a letterhead", "ada"),
    ]  # fmt: skip
    assert {each.line.title.value for each in found.cases} == {"from Police", "from Police DE", "from Polizei"}
    assert bench.count(found.query) == 4
    assert page(bench, "Police").came_as.value == ""


def test_what_was_merged_is_taken_apart_again(hands: Hands) -> None:
    asks(hands, "Police")
    asks(hands, "Polizei")
    bench = hands.bench
    merge(bench, "Polizei", "Police")
    (held,) = page(bench, "Police").held
    other = hands.colleague("bo")
    refused = requester_names.part(other, held)
    assert isinstance(refused, Refused)
    assert refused.code == "not_allowed"
    assert not isinstance(requester_names.part(bench, held), Refused)
    assert (page(bench, "Police").total, page(bench, "Polizei").total) == (1, 1)
    merge(bench, "Polizei", "Police")
    assert not isinstance(bench.undo(), Refused)  # and by the key of the last step
    assert page(bench, "Police").held == ()


def test_letters_and_checks_and_open_cases_come_together(hands: Hands) -> None:
    first, second = asks(hands, "Police", elements={"law": "absent"}), asks(hands, "Polizei")
    bench = hands.bench
    hands.done(ops.VerifyReport(case=first, method="portal"))
    for case, subject in ((first, "Which item?"), (second, "The law?"), (second, "Again")):
        hands.done(ops.DraftMessage(case=case, party="authority", subject=subject, body="b"))
    hands.done(ops.DraftMessage(case=first, party="press", subject="to the press", body="b"))
    merge(bench, "Polizei", "Police")
    found = page(bench, "Police")
    assert [(each.subject.value, each.sent, each.state) for each in found.threads] == [
        ("Again", 0, "awaiting_signoff"), ("Which item?", 0, "awaiting_signoff"),
    ]  # fmt: skip
    assert found.letters == 3
    assert found.ledger.checks == {"verified": 1, "unverified": 1}
    assert (found.ledger.methods, found.ledger.incomplete) == ({"portal": 1}, 1)
    hands.done(ops.Dismiss(case=second, reason="spam"))
    found = page(bench, "Police")
    assert [each.answer for each in found.cases] == ["open", "undecided"]  # open ones first


def test_of_a_restricted_case_the_requester_is_its_own(hands: Hands) -> None:
    """What few may see is not counted where many look: the case took a copy of its requester along."""
    asks(hands, "Police")
    case = asks(hands, "Police")
    hands.done(ops.SetSensitivity(case=case, sensitivity="restricted", reason="named people"))
    bench = hands.bench
    assert page(bench, "Police").total == 1
    own = requesters.page(bench, requesters.of_case(bench, case))
    assert own is not None
    assert (own.few, own.total) == (True, 1)
    assert requester_names.like(bench, own.id) == ()
    assert groups(bench) == []
    refused = requester_names.merge(bench, own.id, requesters.find(bench, "Police"), "r")
    assert isinstance(refused, Refused)
    assert refused.code == "blocked"


# --- who may be the same


def test_spellings_are_suggested_and_never_merged_unasked(hands: Hands) -> None:
    for name in ("Roskomnadzor", "Roskomnadzor", "Rozkomnadzor", "ROSCOMNADZOR Ltd", "Ofcom", "[private]", "Private"):
        asks(hands, name)
    bench = hands.bench
    ((into, *others),) = groups(bench)
    assert (into, set(others)) == ("Roskomnadzor", {"Rozkomnadzor", "ROSCOMNADZOR Ltd"})  # one suggestion
    assert set(alike(bench, "Roskomnadzor")) == {"Rozkomnadzor", "ROSCOMNADZOR Ltd"}
    assert alike(bench, "Ofcom") == alike(bench, "[private]") == []
    assert not any(row.merged_into for row in everybody(bench))
    merge(bench, "Rozkomnadzor", "Roskomnadzor")
    assert groups(bench) == [("Roskomnadzor", "ROSCOMNADZOR Ltd")]


def everybody(bench: Workbench) -> list[Requester]:
    def read(connection: Any) -> list[Requester]:
        keys = [key for (key,) in connection.execute("SELECT id FROM requester")]
        return [row for key in keys if (row := kept.get(connection, key)) is not None]

    return bench.store.read(read)


def test_a_name_it_took_over_suggests_others(hands: Hands) -> None:
    for name in ("Federal Police", "Bundespolizei", "Bundespolizei AG"):
        asks(hands, name)
    bench = hands.bench
    assert alike(bench, "Federal Police") == []
    merge(bench, "Bundespolizei", "Federal Police")
    (found,) = requester_names.like(bench, requesters.find(bench, "Federal Police"))
    assert (found.name.value, found.ratio, found.cases) == ("Bundespolizei AG", 1.0, 1)


def test_who_is_said_to_be_somebody_else_is_not_asked_again(hands: Hands) -> None:
    for name in ("Roskomnadzor", "Rozkomnadzor", "Roscomnadzor"):
        asks(hands, name)
    bench = hands.bench
    find = requesters.find
    requester_names.keep_apart(bench, find(bench, "Rozkomnadzor"), find(bench, "Roskomnadzor"))
    assert alike(bench, "Roskomnadzor") == ["Roscomnadzor"]
    assert "Roskomnadzor" not in alike(bench, "Rozkomnadzor")
    with hands.open() as again:  # it lasts
        assert alike(again, "Roskomnadzor") == ["Roscomnadzor"]
    other = hands.colleague("bo", roles=("specialist",))
    assert "Rozkomnadzor" in alike(other, "Roskomnadzor")  # each says so for themselves
    merge(bench, "Roscomnadzor", "Roskomnadzor")
    assert alike(bench, "Roskomnadzor") == []  # nor where it has taken over a name that is like it


def test_a_spoilt_memory_of_who_is_not_the_same_asks_again(hands: Hands) -> None:
    asks(hands, "Roskomnadzor")
    asks(hands, "Rozkomnadzor")
    hands.bench.save_draft(requester_names.APART, "{broken")
    assert alike(hands.bench, "Roskomnadzor") == ["Rozkomnadzor"]


def test_refusals_come_through(hands: Hands) -> None:
    asks(hands, "Police")
    asks(hands, "Polizei")
    bench = hands.bench
    assert merge(bench, "Police", "Polizei", " ").code == "incomplete"
    assert merge(bench, "Police", "Police").code == "invalid"
    merge(bench, "Polizei", "Police")
    assert merge(bench, "Police", "Polizei").code == "invalid"  # they are one by now, whichever way it is asked


def test_a_line_of_trends_finds_the_cases_of_all_names(hands: Hands) -> None:
    for name in ("Police", "Polizei", "BKA"):
        asks(hands, name)
    bench = hands.bench
    merge(bench, "Polizei", "Police")
    insight.prepare(bench)
    lines = {each.value.value: each for each in insight.page(bench, "requester").lines}
    assert {name: each.now for name, each in lines.items()} == {"Police": 2, "BKA": 1}
    assert {name: bench.count(each.query) for name, each in lines.items()} == {"Police": 2, "BKA": 1}


# --- real material


@pytest.mark.real_data
def test_spellings_of_one_authority_are_one_suggestion(hands: Hands, real_data: Path) -> None:
    with gzip.open(real_data / "government_requests.jsonl.gz", "rt", encoding="utf-8") as file:
        agencies = [json.loads(row)["agency"] for row in file]
    assert len(agencies) == 109
    for agency in agencies:
        hands.done(ops.ReceiveReport(requester_name=agency, requester_kind="government", body="b"))
    bench = hands.bench
    spellings = {name for name in agencies if "nadzor" in name.lower()}
    names = {row.name for row in everybody(bench) if "nadzor" in row.name.lower()}
    assert len(names) >= 3
    (group,) = groups(bench)
    assert set(group) == names <= spellings
    assert not any(row.merged_into or row.aliases for row in everybody(bench))


@pytest.mark.real_data
def test_the_file_as_it_is_taken_in_merges_nobody(hands: Hands, real_data: Path) -> None:
    bench = hands.bench
    bench.import_path(real_data / "government_requests.jsonl.gz")
    found = everybody(bench)
    assert not any(row.merged_into or row.aliases for row in found)
    pages = [requesters.page(bench, row.id) for row in found]
    assert sum(each.total for each in pages if each is not None) == 109
    assert all(len([name for name in group if "nadzor" in name.lower()]) in (0, len(group)) for group in groups(bench))
