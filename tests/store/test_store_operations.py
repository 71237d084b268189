"""Operations become rows, changes and kept operations, durably and once."""

from __future__ import annotations

import json
import sqlite3

import msgspec
import pytest

from escaltui.domain import ids
from escaltui.domain.changes import Refused
from escaltui.domain.entities import ENTITIES, Case, Note
from escaltui.domain.operations import (
    AddNote,
    AddPerson,
    AttachSubject,
    Claim,
    CorrectNote,
    EditCase,
    LinkCases,
    Merge,
    OpenCase,
    ReceiveReport,
    Tag,
    Undo,
    Unmerge,
    Untag,
)
from escaltui.domain.query import facts_of, parse, sets
from escaltui.store import Done, Store, Who, batch, select


def raw(desk, sql, *values):
    """Ask the file itself, past the store."""
    connection = sqlite3.connect(desk.store.folder / "store.db")
    try:
        return connection.execute(sql, values).fetchall()
    finally:
        connection.close()


def alter(desk, sql, *values):
    connection = sqlite3.connect(desk.store.folder / "store.db", isolation_level=None)
    connection.execute(sql, values)
    connection.close()


def found(desk, text):
    return desk.store.ids(parse(text, now=desk.now), "ref")


def test_a_note_is_in_its_case_in_the_log_and_in_the_outbox(desk):
    case_id = desk.open()
    note_id = desk.note(case_id, "Spoke to the sender.")
    assert [note.body for note in desk.store.bundle(case_id).notes] == ["Spoke to the sender."]
    last = desk.store.changes(case_id=case_id)[-1]
    assert (last.verb, last.actor, last.note, last.entity_id) == ("AddNote", "ada", "on her own machine", note_id)
    kept = desk.store.outbox()[-1]
    assert (kept.type, kept.case_id, kept.state, kept.op_id) == ("AddNote", case_id, "settled", last.op_id)
    assert json.loads(kept.body)["body"] == "Spoke to the sender."


def test_what_was_done_is_there_after_reopening(desk, desk_in):
    case_id = desk.open("Kept")
    desk.note(case_id, "A")
    desk.store.close()
    again = desk_in(desk.store.folder).store
    assert again.case(case_id).title == "Kept"
    assert [note.body for note in again.bundle(case_id).notes] == ["A"]
    assert again.device == desk.store.device


def test_the_same_operation_id_has_one_effect_and_one_answer(desk):
    case_id, op_id = desk.open(), desk.new_id()
    first = desk.do(AddNote(case=case_id, body="once"), op_id)
    second = desk.do(AddNote(case=case_id, body="once"), op_id)
    assert second == msgspec.structs.replace(first, changes=second.changes)
    assert [change.fields.keys() for change in second.changes] == [change.fields.keys() for change in first.changes]
    assert len(desk.store.bundle(case_id).notes) == 1


def test_a_refused_operation_of_a_batch_leaves_no_trace_and_the_others_stand(desk):
    case_id = desk.open()
    before = desk.store.last_seq()
    ops = [AddNote(case=case_id, body="one"), AddNote(case="NOWHERE", body="two"), AddNote(case=case_id, body="three")]
    results = desk.store.do_many(ops, desk.who, desk.now, desk.rules)
    assert [isinstance(result, Refused) for result in results] == [False, True, False]
    assert [note.body for note in desk.store.bundle(case_id).notes] == ["one", "three"]
    assert desk.store.last_seq() == before + 2
    assert desk.store.verify().sound


def test_a_fault_inside_a_batch_takes_all_of_it_back(desk, monkeypatch):
    case_id = desk.open()
    whole = batch.Batch.patch

    def patch(self, change, seq):
        whole(self, change, seq)
        if change.fields.get("body", ("", ""))[1] == "two":
            raise ZeroDivisionError

    monkeypatch.setattr(batch.Batch, "patch", patch)
    with pytest.raises(ZeroDivisionError):
        desk.store.do_many([AddNote(case=case_id, body=b) for b in ("one", "two")], desk.who, desk.now, desk.rules)
    monkeypatch.undo()
    assert desk.store.bundle(case_id).notes == ()
    desk.note(case_id, "three")
    assert desk.store.verify().sound


def test_a_batch_sees_its_own_rows(desk):
    report_op, case_id = desk.new_id(), desk.new_id()
    ops = [
        ReceiveReport(body="b", requester_name="Jo Bloggs", dedupe_key="k"),
        ReceiveReport(body="again", requester_name="jo  BLOGGS", dedupe_key="k"),
        ReceiveReport(body="other", requester_name="jo  BLOGGS", dedupe_key="l"),
        OpenCase(opens=case_id, report=ids.entity_id(report_op, 0), title="T"),
        AddNote(case=case_id, body="n"),
        Tag(case=case_id, tags=("x",)),
    ]
    results = desk.store.do_many(
        ops, desk.who, desk.now, desk.rules, op_ids=[report_op, *(desk.new_id() for _ in ops[1:])]
    )
    assert [len(result.changes) for result in results] == [2, 0, 1, 2, 1, 1]
    case = desk.store.case(case_id)
    assert (case.rev, case.tags, case.requester_name) == (2, ("x",), "Jo Bloggs")
    assert raw(desk, "SELECT count(*) FROM requester") == [(1,)]
    assert desk.store.known_reports(["k", "l", "m"]) == {"k", "l"}


def test_references_that_are_taken_get_longer_also_within_a_batch(desk):
    one, two, three = "A" * 20 + "1VVVVV", "B" * 20 + "2VVVVV", "C" * 20 + "2VVVVV"
    desk.do(OpenCase(opens=one, title="1"))
    ops = [OpenCase(opens=two, title="2"), OpenCase(opens=three, title="3")]
    desk.store.do_many(ops, desk.who, desk.now, desk.rules)
    assert [desk.store.case(each).ref for each in (one, two, three)] == ["E-VVVVV", "E-2VVVVV", "E-C2VVVVV"]
    assert desk.store.case("e-2vvvvv").id == two
    assert desk.store.line("vvvvv").id == one
    assert desk.store.case("E-00000") is None


def test_fields_of_a_later_version_survive_a_change(desk):
    case_id = desk.open()
    alter(
        desk,
        "UPDATE cases SET body = json_set(body, '$.mood', 'stormy', '$.clocks.ack.shade', 3) WHERE id = ?",
        case_id,
    )
    desk.do(Tag(case=case_id, tags=("x",)))
    body = json.loads(raw(desk, "SELECT body FROM cases WHERE id = ?", case_id)[0][0])
    assert (body["mood"], body["tags"]) == ("stormy", ["x"])
    assert body["clocks"]["ack"]["shade"] == 3


def test_the_revision_of_a_field_is_the_number_of_its_last_change(desk):
    case_id = desk.open()
    seq = desk.do(EditCase(case=case_id, fields={"title": "New"})).seqs[0]
    (field_rev,) = raw(desk, "SELECT field_rev FROM cases WHERE id = ?", case_id)[0]
    assert json.loads(field_rev)["title"] == seq
    assert json.loads(field_rev)[""] < seq


def test_full_text_follows_title_report_notes_and_undo(desk):
    case_id = desk.open("Grüne Laterne", report=desk.report("An otter by the river"))
    note_id = desk.note(case_id, "zebra crossing")
    assert found(desk, "grune") == found(desk, "otter") == found(desk, '"zebra crossing"') == [case_id]
    desk.do(EditCase(case=case_id, fields={"title": "Red"}))
    assert found(desk, "grune") == []
    assert found(desk, "otter") == found(desk, "red") == [case_id]
    desk.do(CorrectNote(case=case_id, note=note_id, body="giraffe"))
    assert found(desk, "giraffe") == [case_id]
    last = desk.note(case_id, "walrus")
    op_id = next(each.op_id for each in desk.store.changes(case_id=case_id) if each.entity_id == last)
    desk.do(Undo(operation=op_id))
    assert found(desk, "walrus") == []
    assert found(desk, "giraffe otter") == [case_id]


def test_the_full_text_may_be_made_anew_from_the_rows(desk):
    from escaltui.store import derived

    for number in range(3):
        case_id = desk.open(f"Number {number}", report=desk.report(f"body {number}"))
        desk.note(case_id, f"note {number}")
    sql = "SELECT rowid, words FROM case_fts ORDER BY rowid"
    kept = desk.store.read(lambda connection: connection.execute(sql).fetchall())

    def renew(connection):
        connection.execute("DELETE FROM case_fts")
        derived.fill(connection)

    desk.store.write(renew)
    again = desk.store.read(lambda connection: connection.execute(sql).fetchall())
    assert [(n, words.split()) for n, words in again] == [(n, words.split()) for n, words in kept]


def test_sets_are_what_the_query_language_expects(desk):
    case_id = desk.open(flags=("ncii",), tags=("b", "a"), languages=("fr",), subjects=(desk.subject(1, "acc"),))
    other = desk.open("Other")
    desk.do(Untag(case=case_id, tags=("b",)))
    desk.do(AttachSubject(case=case_id, subject=desk.subject(2)))
    desk.note(case_id, "n")
    desk.do(LinkCases(case=case_id, target=other))
    case = desk.store.case(case_id)
    known = facts_of(case, item_types=["post"], accounts=["acc"], has=["notes", "links"])
    rows = raw(desk, "SELECT field, value FROM case_set WHERE case_id = ?", case_id)
    assert set(rows) == set(sets(known))
    assert found(desk, "has:links") == sorted([case_id, other], key=lambda each: desk.store.case(each).ref)


def test_a_further_note_does_not_write_the_whole_case_again(desk):
    case_id = desk.open(subjects=tuple(desk.subject(number) for number in range(50)))
    desk.note(case_id, "first")
    alter(desk, "UPDATE cases SET title = 'not written again' WHERE id = ?", case_id)
    desk.note(case_id, "second")
    line = desk.store.line(case_id)
    assert (line.title, line.updated_at) == ("not written again", desk.now)
    assert found(desk, "second") == found(desk, "item:post has:notes") == [case_id]


def test_an_undone_link_leaves_no_trace_in_queries(desk):
    one, two = desk.open("1"), desk.open("2")
    done = desk.do(LinkCases(case=one, target=two))
    assert desk.store.bundle(two).links
    desk.do(Undo(operation=done.op_id))
    assert found(desk, "has:links") == []
    assert desk.store.bundle(two).links == ()


def test_merge_and_unmerge_reach_survivor_and_absorbed(desk):
    one, two = desk.open("1"), desk.open("2")
    desk.do(Merge(case=one, into=two))
    assert [case.id for case in desk.store.bundle(two).absorbed] == [one]
    assert found(desk, "is:open") == [two]
    desk.do(Unmerge(case=one))
    assert desk.store.bundle(two).absorbed == ()


def test_a_bundle_holds_what_hangs_on_a_case(desk):
    case_id = desk.open(report=desk.report("b", requester_name="Jo"), subjects=(desk.subject(1, "acc"),))
    near = desk.open("Same account", subjects=(desk.subject(2, "acc"),))
    asks = desk.open("Same requester", report=desk.report("c", requester_name="jo"))
    rows = desk.store.bundle(case_id)
    assert [report.body for report in rows.reports] == ["b"]
    assert [subject.author for subject in rows.subjects] == ["acc"]
    assert rows.requester.name == "Jo"
    assert [line.id for line in desk.store.same_account(case_id)] == [near]
    assert [line.id for line in desk.store.same_requester(case_id)] == [asks]
    assert desk.store.sharing("account", ["acc"]) == [near, case_id]
    assert desk.store.bundle("NOWHERE") is None


def test_a_login_is_known_once(desk):
    desk.do(AddPerson(login="grace"))
    assert desk.ask(AddPerson(login="grace")).changes == ()
    assert [person.login for person in desk.store.people()] == ["grace"]


def test_judge_answers_as_do_would_and_writes_nothing(desk):
    case_id = desk.open()
    before = desk.store.verify()
    outcome = desk.store.judge(Tag(case=case_id, tags=("x",)), desk.who, desk.now, desk.rules, op_id=desk.new_id())
    assert isinstance(outcome, Done)
    assert outcome.changes
    assert desk.store.verify() == before
    assert desk.store.case(case_id).tags == ()
    refused = desk.store.judge(Tag(case="NO", tags=("x",)), desk.who, desk.now, desk.rules, op_id=desk.new_id())
    assert isinstance(refused, Refused)


def test_operations_of_different_people_at_different_times_in_one_batch(desk):
    case_id = desk.open()
    asked = [
        (AddNote(case=case_id, body=name), Who(name, frozenset({"specialist"}), "d"), desk.now + at, "")
        for at, name in ((1, "grace"), (2, "kosei"))
    ]
    desk.store.do_each(asked, desk.rules)
    assert [(c.actor, c.at) for c in desk.store.changes(case_id=case_id)[-2:]] == [
        ("grace", desk.now + 1),
        ("kosei", desk.now + 2),
    ]
    assert desk.store.line(case_id).updated_at == desk.now + 2
    assert [each.type for each in desk.store.own_operations("kosei", 5)] == ["AddNote"]


def test_own_operations_tell_what_an_undo_took_back(desk):
    case_id = desk.open()
    done = desk.do(Tag(case=case_id, tags=("x",)))
    desk.do(Undo(operation=done.op_id))
    last, before = desk.store.own_operations("ada", 2)
    assert (last.type, last.undoes, before.op_id, before.undoes) == ("Undo", done.op_id, done.op_id, "")
    assert desk.store.case(case_id).tags == ()


def test_a_requesters_other_cases_come_newest_first_and_are_walked_in_an_index(desk):
    report = [desk.report(requester_name="Ada Court") for _ in range(5)]
    cases = [desk.open(report=each, received_at=desk.now - 1000 * (number % 3)) for number, each in enumerate(report)]
    other = desk.open(report=desk.report(requester_name="Somebody else"))
    received = {case_id: desk.store.line(case_id).received_at for case_id in cases}
    expected = sorted(cases[1:], key=lambda case_id: (-received[case_id], case_id))
    assert [line.id for line in desk.store.same_requester(cases[0])] == expected
    assert [line.id for line in desk.store.same_requester(cases[0], 2)] == expected[:2]
    assert desk.store.same_requester(other) == []
    assert desk.store.same_requester(desk.open()) == []
    sql = f"SELECT c.title FROM cases c WHERE {select.SAME_REQUESTER} ORDER BY c.received_at DESC, c.id"
    plan = desk.store.read(
        lambda connection: [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", ("x",))]
    )
    assert any("cases_requester " in step for step in plan)
    assert not any("TEMP B-TREE" in step for step in plan), plan


def test_columns_say_what_the_body_says(desk):
    case_id = desk.open(flags=("ncii",), tags=("x", "y"), languages=("fr",))
    desk.do(Claim(case=case_id))
    line, case = desk.store.line(case_id), desk.store.case(case_id)
    for name in ("ref", "severity", "type", "status", "title", "owner", "next_clock", "next_due", "lane", "start_by"):
        assert getattr(line, name) == getattr(case, name), name
    clock = case.clocks[case.next_clock]
    assert (line.next_kind, line.next_state) == (clock.kind, clock.state)
    assert (line.flags, line.tags, line.lease_until) == ("ncii", "x y", case.lease.expires_at)


@pytest.mark.parametrize("name", sorted(ENTITIES))
def test_the_declared_tables_have_the_columns_that_are_written(store: Store, name):
    from escaltui.store import columns

    sql = f"PRAGMA table_info({columns.TABLE.get(name, name)})"
    declared = [row[1] for row in store.read(lambda connection: connection.execute(sql).fetchall())]
    assert set(declared) - {"n"} == {"id", *columns.names(name)}
    assert declared[-1] == "body"


def test_read_marks_and_drafts_and_facts(desk):
    one, two = desk.open(), desk.open()
    assert desk.store.seen(one, "ada") is None
    desk.store.mark_seen(one, "ada", 10_000, 5)
    assert desk.store.seen(one, "ada") == (desk.store.last_seq(one), 5)
    assert desk.store.seen(two, "ada") is None
    desk.store.save_draft("note/1", one, "half a sent", 7)
    desk.store.save_draft("note/1", one, "half a sentence", 8)
    assert desk.store.draft("note/1") == "half a sentence"
    assert [draft.at for draft in desk.store.drafts()] == [8]
    desk.store.drop_draft("note/1")
    assert desk.store.draft("note/1") is None
    desk.store.set_meta("a", "1")
    desk.store.set_meta("a", "2")
    assert (desk.store.meta("a"), desk.store.meta("b")) == ("2", None)


def test_changes_page_both_ways(desk):
    case_id = desk.open()
    for number in range(5):
        desk.note(case_id, str(number))
    every = desk.store.changes(case_id=case_id)
    assert [change.seq for change in every] == sorted(change.seq for change in every)
    assert desk.store.changes(case_id=case_id, after_seq=every[1].seq, limit=2) == every[2:4]
    assert desk.store.changes(case_id=case_id, before_seq=every[-1].seq, limit=2) == every[-3:-1]
    assert desk.store.changes(limit=3)[0].verb == "OpenCase"


def test_rows_are_given_as_entities(desk):
    case_id = desk.open()
    note_id = desk.note(case_id, "n")
    assert isinstance(desk.store.row("case", case_id), Case)
    assert isinstance(desk.store.row("note", note_id), Note)
    assert desk.store.row("note", "NONE") is None


def test_originals_are_kept_once_under_their_hash(store: Store):
    name = store.keep_original(b"\x00evidence")
    assert store.keep_original(b"\x00evidence") == name
    path = store.original(name)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"\x00evidence", 0o600)
    assert list(path.parent.iterdir()) == [path]
