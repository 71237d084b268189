"""Receipts, acknowledgements, the author's note: who may, what is refused, and deciding waits where a desk asks."""

from __future__ import annotations

import hashlib
from datetime import date

import msgspec
import pytest
from desk import LEAD, RULES, Desk
from hypothesis import given, settings
from hypothesis import strategies as st

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Cite, Line
from escaltui.domain.entities import Acknowledgement, ChangeNote, Receipt
from escaltui.domain.library import About, Facts, LibraryEntry, entry_id
from escaltui.domain.reading import Asked
from escaltui.domain.rules.undo import NOT_UNDONE

SHA = hashlib.sha256(b"words").hexdigest()


def desk(kind: str = "substantive") -> Desk:
    """A desk whose library has `cs` in version `v1`."""
    made = Desk()
    facts = Facts(observed_on=date(2026, 1, 1), kind=kind, fingerprint="f", source_sha256="s")  # type: ignore[arg-type]
    entry = LibraryEntry(id=entry_id("cs", 1), document="cs", n=1, version="v1", about=About("Conduct"), facts=facts)
    made.rows[entry.NAME, entry.id] = entry
    return made


def test_a_receipt_is_written_once_for_the_same_words_in_the_readers_own_stream() -> None:
    d = desk()
    d.do(ops.ReadSections(person="ada", sections={"cs/1": SHA}))
    (receipt,) = d.of(Receipt)
    assert (receipt.person, receipt.stream, receipt.text_sha256) == ("ada", "user:ada", SHA)
    before = len(d.log)
    d.do(ops.ReadSections(person="ada", sections={"cs/1": SHA}))
    assert len(d.log) == before
    d.do(ops.ReadSections(person="ada", sections={"cs/1": "0" * 64, "cs/2": SHA}))
    assert {each.section: each.text_sha256 for each in d.of(Receipt)} == {"cs/1": "0" * 64, "cs/2": SHA}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.sampled_from("123"), min_size=1), max_size=6))
def test_receipts_are_what_was_read_last(visits: list[dict[str, str]]) -> None:
    d, last = desk(), dict[str, str]()
    for visit in visits:
        d.do(ops.ReadSections(person="ada", sections=visit))
        last |= visit
    assert {each.section: each.text_sha256 for each in d.of(Receipt)} == last


def test_nobody_reads_or_acknowledges_for_somebody_else() -> None:
    d = desk()
    d.no("not_allowed", ops.ReadSections(person="bo", sections={"cs/1": SHA}))
    d.no("not_allowed", ops.AcknowledgeVersion(person="bo", document="cs", version="v1"))
    d.no("incomplete", ops.ReadSections(person="ada", sections={}))
    d.no("invalid", ops.ReadSections(person="ada", sections={str(n): SHA for n in range(2_001)}))
    d.do(ops.ReadSections(person="ada", sections={str(n): SHA for n in range(2_000)}))


def test_a_version_is_acknowledged_once_by_each_in_the_library() -> None:
    d = desk()
    for _again in range(2):
        d.do(ops.AcknowledgeVersion(person="ada", document="cs", version="v1"))
    d.do(ops.AcknowledgeVersion(person="bo", document="cs", version="v1"), "bo")
    assert sorted((each.person, each.stream) for each in d.of(Acknowledgement)) == [
        ("ada", "library"), ("bo", "library"),
    ]  # fmt: skip


@pytest.mark.parametrize(("document", "version"), [("cs", "v2"), ("other", "v1")])
def test_only_a_version_that_is_there_is_acknowledged_or_described(document: str, version: str) -> None:
    d = desk()
    d.no("not_found", ops.AcknowledgeVersion(person="ada", document=document, version=version))
    op = ops.DescribeChange(document=document, version=version, summary="Wider.")
    d.no("not_found", op, "lea", LEAD)


def test_a_held_version_is_not_acknowledged_until_it_is_released() -> None:
    d = desk("suspect")
    op = ops.AcknowledgeVersion(person="ada", document="cs", version="v1")
    d.no("not_found", op)
    released = LibraryEntry(id=entry_id("cs", 2), document="cs", n=2, version="v1", counts={"v1": ("substantive", "")})
    d.rows[released.NAME, released.id] = released
    d.do(op)


def test_the_author_says_what_a_version_does() -> None:
    d = desk()
    op = ops.DescribeChange(document="cs", version="v1", summary="Wider.", impacts={"cs/1": "widens"})
    d.no("not_allowed", op)
    d.do(op, "lea", LEAD)
    d.do(msgspec.structs.replace(op, summary="Much wider.", impacts={"cs/1": "clarifies"}), "lea", LEAD)
    (note,) = d.of(ChangeNote)
    assert (note.summary, note.impacts, note.by, note.stream) == (
        "Much wider.",
        {"cs/1": "clarifies"},
        "lea",
        "library",
    )
    d.no("invalid", msgspec.structs.replace(op, summary="x" * 281), "lea", LEAD)
    d.no("incomplete", msgspec.structs.replace(op, summary=" "), "lea", LEAD)
    d.no("invalid", msgspec.structs.replace(op, impacts={"cs/1": "nicer"}), "lea", LEAD)  # type: ignore[dict-item]


def test_none_of_it_is_undone() -> None:
    assert {"ReadSections", "AcknowledgeVersion", "DescribeChange"} <= NOT_UNDONE.keys()
    d = desk()
    d.do(ops.AcknowledgeVersion(person="ada", document="cs", version="v1"))
    d.no("blocked", ops.Undo(operation=d.last))


# --- deciding waits

STRICT = msgspec.structs.replace(
    RULES, desks=RULES.desks | {"global": msgspec.structs.replace(RULES.desks["global"], require_ack=True)}
)
CITED = (Cite("cs/1", "v1", "0" * 64, "Threats"),)


def proposal(case_id: str, people: frozenset[str], d: Desk) -> ops.ProposeDecision:
    d.asked_for["cs/1@v1"] = (Asked("cs", "v1", "Hateful conduct", people),)
    line = Line("no_violation", own_policy="clear", cites=CITED)
    return ops.ProposeDecision(case=case_id, lines=(line,), rationale="It breaks nothing.")


def test_deciding_waits_for_the_acknowledgement_where_the_desk_asks_for_it() -> None:
    d = Desk()
    case_id = d.held()
    d.put(case_id, status="in_review", type="user_escalation")
    refused = d.no("blocked", proposal(case_id, frozenset({"bo"}), d), rules=STRICT)
    assert refused.reason == 'Acknowledge "Hateful conduct" first.'
    assert "cs v1" in refused.mend.text
    found = d.ask(proposal(case_id, frozenset({"ada"}), d), rules=STRICT)
    assert not isinstance(found, Refused), found


def test_deciding_waits_for_nothing_where_the_desk_does_not_ask() -> None:
    d = Desk()
    case_id = d.held()
    d.put(case_id, status="in_review", type="user_escalation")
    found = d.ask(proposal(case_id, frozenset(), d))
    assert not isinstance(found, Refused), found
    assert not RULES.desks["global"].require_ack
