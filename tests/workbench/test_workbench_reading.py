"""What changed in the policies: since I last read, between versions, who owes an acknowledgement, what rests on it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from casebench import Clock, workbench
from casebench import open_case as open_
from in_force import decide, put

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.crisis import Ruling
from escaltui.domain.decisions import Cite, Line
from escaltui.domain.entities import Case
from escaltui.policy.library import PolicyError
from escaltui.reading_faces import VersionLine
from escaltui.workbench import Workbench
from escaltui.workbench.seeding import seed

DAY = 86_400_000
FIRST = """# Conduct

## Threats {#th.1}

We remove threats that could lead to death.

## Insults {#th.2}

We remove insults of a private person.

## Doxxing {#th.3}

We remove a home address.
"""
SECOND = FIRST.replace("lead to death", "lead to death or serious injury").replace("## Insults", "## Abuse")
THIRD = SECOND.partition("## Doxxing")[0] + "## Crowds {#th.4}\n\nWe remove calls to crowd a home.\n"
BULLETIN = """+++
title = "Desk bulletin"
family = "workflow"
must_ack = true
ack_by = {by}
audience = [{audience}]
expires_on = {until}
+++

## Read this {{#bu}}

Ask the lead before you close.
"""


class Shelf:
    """A folder of policies that grows, and the bench that takes it in."""

    def __init__(self, bench: Workbench, folder: Path) -> None:
        self.bench, self.folder = bench, folder

    def add(self, text: str, version: str, document: str = "conduct") -> None:
        (self.folder / document).mkdir(parents=True, exist_ok=True)
        (self.folder / document / f"{version}.md").write_text(text)
        report = self.bench.import_policies(self.folder)
        assert not report.skipped, report

    def line(self, version: str, document: str = "conduct") -> VersionLine:
        found = [e for e in self.bench.policy_changes() if (e.document, e.version) == (document, version)]
        assert len(found) == 1
        return found[0]

    def cite(self, section: str, version: str = "") -> Cite:
        text = self.bench.policy_text(section, version)
        return Cite(section, text.version, text.text_sha256, text.heading)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    with workbench(tmp_path) as bench:
        made = Shelf(bench, tmp_path / "texts")
        made.add(FIRST, "2025-01-01")
        yield made


def clock(bench: Workbench) -> Clock:
    found = bench.now
    assert isinstance(found, Clock)
    return found


def test_the_first_visit_is_the_baseline_and_only_what_comes_later_is_unread(shelf: Shelf) -> None:
    bench = shelf.bench
    assert bench.policy_unread() == 0
    assert [each.unread for each in bench.policy_changes()] == [0]
    shelf.add(SECOND, "2025-06-01")
    assert shelf.line("2025-06-01").unread == 1, "a new heading is no new word"
    assert bench.policy_unread() == 1
    shelf.add(THIRD, "2025-09-01")
    assert (shelf.line("2025-06-01").unread, shelf.line("2025-09-01").unread) == (1, 1)
    assert [each.version for each in bench.policy_changes()][:2] == ["2025-09-01", "2025-06-01"], "unread first"
    section = bench.policy_text("th.1")
    assert bench.read_sections({"th.1": section.text_sha256})
    assert (shelf.line("2025-06-01").unread, bench.policy_unread()) == (0, 1)


def test_a_flap_is_not_unread_and_an_old_version_read_does_not_count(shelf: Shelf) -> None:
    bench = shelf.bench
    bench.policy_changes()
    shelf.add(SECOND, "2025-06-01")
    assert bench.policy_unread() == 1
    shelf.add(FIRST, "2025-06-05")
    assert bench.policy_unread() == 0, "hashes, not dates"
    shelf.add(SECOND, "2026-01-01")
    old = bench.policy_text("th.1", "2025-01-01")
    bench.read_sections({"th.1": old.text_sha256})
    assert bench.policy_unread() == 1, "the words of another version were read"


def test_scraped_back_and_forth_says_no_more_than_the_words(shelf: Shelf) -> None:
    bench = shelf.bench
    bench.policy_changes()
    case = open_(bench)
    bench.cite(case, "th.1")
    for n in range(1, 9):
        shelf.add(SECOND if n % 2 else FIRST, f"2026-02-{n:02}")
        assert bench.policy_unread() == n % 2
        assert bench.policy_affected("th.1").case_ids == ((case,) if n % 2 else ())
    assert [each.version for each in bench.policy_changes()] == ["2025-01-01"], "what went back is folded"


@pytest.mark.parametrize("text", ["", "\n\n\n", "# Conduct\n"])
def test_an_emptied_document_empties_nothing_unseen(shelf: Shelf, text: str) -> None:
    """A capture without the text is held, or skipped with words: what is in force stays, no case is listed."""
    bench = shelf.bench
    bench.policy_changes()
    case = open_(bench)
    bench.cite(case, "th.1")
    (shelf.folder / "conduct" / "2026-02-01.md").write_text(text)
    report = bench.import_policies(shelf.folder)
    assert report.skipped or report.warnings or report.held
    assert bench.policy_text("th.1").version == "2025-01-01"
    assert bench.policy_unread() == 0
    assert bench.policy_affected("th.1").case_ids == ()
    assert all(each.version == "2025-01-01" for each in bench.policy_changes())


def test_a_renamed_document_keeps_what_was_cited_and_says_that_another_is_new(shelf: Shelf) -> None:
    bench = shelf.bench
    bench.policy_changes()
    case = open_(bench)
    bench.cite(case, "th.1")
    shelf.add(FIRST.replace("{#th", "{#co"), "2026-02-01", "rules-of-conduct")
    listed = {each.document: each.unread for each in bench.policy_changes()}
    assert listed["conduct"] == 0
    assert listed["rules-of-conduct"] >= 3
    assert bench.policy_text("th.1").text_sha256, "what was cited is still there"
    assert bench.policy_affected("th.1").case_ids == ()


def test_a_restructured_document_moves_sections_with_their_readers_and_cases(shelf: Shelf) -> None:
    """Other order, other headings, one level deeper: the same words are the same section."""
    bench = shelf.bench
    bench.policy_changes()
    case = open_(bench)
    bench.cite(case, "th.1")
    first, *rest = FIRST.split("## ")
    deeper = first + "## Everything\n\n### " + "### ".join(reversed([each.rstrip() + "\n\n" for each in rest]))
    for sign in ("th.1", "th.2", "th.3"):
        deeper = deeper.replace(f" {{#{sign}}}", "")
    shelf.add(deeper, "2026-02-01")
    assert bench.policy_affected("th.1").case_ids == ()
    assert bench.policy_unread() <= 1, "at most the heading that is new"
    found = {each.section: each.kind for each in bench.policy_diff("conduct").sections}
    assert {found.get(each) for each in ("th.1", "th.2", "th.3")} == {"moved"}


def test_receipts_are_one_persons_own(shelf: Shelf) -> None:
    bench = shelf.bench
    bench.policy_changes()
    shelf.add(SECOND, "2025-06-01")
    bench.do(ops.AddPerson(login="bo", name="Bo", roles=("specialist",)))
    bench.read_sections({"th.1": bench.policy_text("th.1").text_sha256})
    assert bench.policy_unread() == 0
    bench.act_as("bo")
    assert bench.policy_unread() == 0, "no visit yet"
    assert shelf.line("2025-06-01").unread == 0, "the first visit"
    refused = bench.do(ops.ReadSections(person="kosei", sections={"th.1": "0" * 64}))
    assert isinstance(refused, Refused)


def test_undo_passes_over_what_was_read(shelf: Shelf) -> None:
    bench = shelf.bench
    case = open_(bench)
    bench.do(ops.AddNote(case=case, body="Words."))
    bench.policy_changes()
    undone = bench.undo()
    assert getattr(undone, "verb", "") == "AddNote", undone


def test_versions_are_compared_section_by_section_and_word_by_word(shelf: Shelf) -> None:
    bench = shelf.bench
    shelf.add(SECOND, "2025-06-01")
    shelf.add(THIRD, "2025-09-01")
    found = bench.policy_diff("conduct")
    assert (found.line.before, found.line.version) == ("2025-06-01", "2025-09-01")
    assert [(each.section, each.kind) for each in found.sections] == [("th.3", "retired"), ("th.4", "added")]
    whole = bench.policy_diff("conduct", "2025-09-01", "2025-01-01")
    kinds = {each.section: each.kind for each in whole.sections}
    assert kinds == {"th.1": "changed", "th.2": "moved", "th.3": "retired", "th.4": "added"}
    (changed,) = bench.policy_diff("conduct", "2025-06-01", section="th.1").sections
    assert [(each.mark, each.new.value.strip()) for each in changed.pieces if each.mark != "same"] == [
        ("out", ""), ("in", "death or serious injury."),
    ] or "or serious" in "".join(each.new.value for each in changed.pieces if each.mark == "in")  # fmt: skip
    for wrong in (("adds",), ("conduct", "2020-01-01")):
        with pytest.raises(PolicyError):
            bench.policy_diff(*wrong)


def test_who_has_not_acknowledged_and_what_is_overdue(shelf: Shelf) -> None:
    bench = shelf.bench
    bench.do(ops.AddPerson(login="bo", name="Bo", roles=("specialist",)))
    bench.do(ops.AddPerson(login="eve", name="Eve", roles=("auditor",)))
    shelf.add("+++\nmust_ack = true\nack_by = 2026-05-20\n+++\n" + SECOND, "2026-05-01")
    line = shelf.line("2026-05-01")
    assert (line.must_ack, line.acked, line.overdue, line.waiting) == (True, False, True, ("bo", "kosei"))
    assert not isinstance(bench.acknowledge("conduct"), Refused)
    line = shelf.line("2026-05-01")
    assert (line.acked, line.overdue, line.waiting) == (True, False, ("bo",))
    with pytest.raises(PolicyError):
        bench.acknowledge("conduct", "1999-01-01")
    op = ops.AcknowledgeVersion(person="kosei", document="conduct", version="1999-01-01")
    refused = bench.do(op)
    assert isinstance(refused, Refused)
    assert refused.code == "not_found"
    shelf.add(THIRD, "2026-05-25")
    assert shelf.line("2026-05-01").waiting == (), "a newer text is in force"


def test_a_bulletin_is_for_its_audience_and_rests_when_it_has_run_out(shelf: Shelf) -> None:
    bench = shelf.bench
    bench.policy_changes()
    text = BULLETIN.format(by="2026-06-30", audience='"lead"', until="2026-06-30")
    shelf.add(text, "2026-05-20", "bulletin")
    line = shelf.line("2026-05-20", "bulletin")
    assert (line.bulletin, line.unread, line.state, line.expires) == (True, 1, "in_force", "2026-06-30")
    assert bench.policy_changes()[0].document == "bulletin", "what is asked for comes first"
    bench.do(ops.AddPerson(login="bo", name="Bo", roles=("specialist",)))
    bench.act_as("bo")
    assert shelf.line("2026-05-20", "bulletin").unread == 0
    bench.me, bench.roles = "kosei", frozenset({"specialist", "lead"})
    clock(bench).now = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp() * 1000)
    line = shelf.line("2026-05-20", "bulletin")
    assert (line.state, line.unread, line.overdue, line.waiting) == ("rests", 0, False, ())
    assert bench.policy_changes()[-1].document == "bulletin"


def test_a_note_of_the_author_is_shown_with_its_impacts(shelf: Shelf) -> None:
    bench = shelf.bench
    shelf.add(SECOND, "2025-06-01")
    assert not isinstance(bench.describe_change("conduct", "2025-06-01", "Wider.", {"th.1": "widens"}), Refused)
    found = bench.policy_diff("conduct", "2025-06-01")
    assert found.line.note is not None
    assert found.line.note.value == "Wider."
    assert {each.section: each.impact for each in found.sections} == {"th.1": "widens", "th.2": "unknown"}
    assert isinstance(bench.describe_change("conduct", "2025-06-01", "x" * 281), Refused)
    bench.roles = frozenset({"specialist"})
    refused = bench.describe_change("conduct", "2025-06-01", "Mine.")
    assert isinstance(refused, Refused)
    assert refused.code == "not_allowed"


# --- what rests on it


def cases(shelf: Shelf) -> dict[str, str]:
    """Cases that cite th.1 in each way, and others that must never be listed."""
    bench, made = shelf.bench, {}
    for name in ("pin", "other pin", "draft", "decided", "restricted", "other decided", "none", "closed pin"):
        made[name] = open_(bench, name)
    for name, section in (("pin", "th.1"), ("other pin", "th.2"), ("closed pin", "th.1")):
        assert not isinstance(bench.cite(made[name], section), Refused)
    assert not isinstance(bench.do(ops.Dismiss(case=made["closed pin"], reason="duplicate")), Refused)
    body = {"lines": [{"outcome": "violation_action", "cites": [msgspec.to_builtins(shelf.cite("th.1"))]}]}
    bench.save_draft(f"decide/{made['draft']}", msgspec.json.encode(body).decode(), made["draft"])
    bench.save_draft("decide/broken", '{"lines": "th.1"}', made["none"])
    for name, section in (("decided", "th.1"), ("restricted", "th.1"), ("other decided", "th.2")):
        decide(bench.store, made[name], cites=(shelf.cite(section),))
        row = bench.store.case(made[name])
        assert isinstance(row, Case)
        put(bench.store, msgspec.structs.replace(row, status="resolved"))
    bench.do(ops.SetSensitivity(case=made["restricted"], sensitivity="restricted", reason="delicate"))
    line = Line("violation_action", own_policy="breaks", cites=(shelf.cite("th.1"),))
    put(bench.store, Ruling(id="R1", incident="I1", name="praise", line=line, state="approved"),
        Ruling(id="R2", incident="I1", name="ended", line=line, state="revoked"))  # fmt: skip
    return made


def test_a_change_of_a_cited_section_lists_exactly_the_cases_that_cite_it(shelf: Shelf) -> None:
    bench = shelf.bench
    made = cases(shelf)
    nothing = bench.policy_affected("th.1")
    assert (nothing.open, nothing.decided, nothing.rulings) == ((), (), ()), "the control: no word changed yet"
    shelf.add(SECOND, "2025-06-01")
    found = bench.policy_affected("th.1")
    assert {each.case_id: each.by for each in found.open} == {made["pin"]: ("pin",), made["draft"]: ("draft",)}
    assert {each.case_id for each in found.decided} == {made["decided"], made["restricted"]}
    assert [each.value for each in found.rulings] == ["praise"]
    assert bench.policy_affected("th.2").case_ids == (), "only its heading changed"
    assert set(bench.policy_affected_by("conduct").case_ids) == set(found.case_ids)
    (changed,) = [each for each in bench.policy_diff("conduct").sections if each.kind == "changed"]
    assert (changed.open_cases, changed.decided_cases) == (2, 3)


def test_a_retired_section_leaves_whoever_cites_it(shelf: Shelf) -> None:
    bench = shelf.bench
    case = open_(bench)
    bench.cite(case, "th.3")
    shelf.add(THIRD, "2025-09-01")
    assert bench.policy_affected("th.3").case_ids == (case,)
    with pytest.raises(PolicyError):
        bench.policy_affected("nope.1")


def test_what_is_affected_gets_a_task(shelf: Shelf) -> None:
    bench = shelf.bench
    made = cases(shelf)
    shelf.add(SECOND, "2025-06-01")
    found = bench.policy_affected("th.1")
    done = bench.recheck([each.case_id for each in found.open], "th.1")
    assert set(done.will_change) == {bench.case(made[name]).line.ref for name in ("pin", "draft")}  # type: ignore[union-attr]
    titles = [task.title.value for task in bench.my_tasks(None)]
    assert titles == ["Check again: th.1 reads differently now"] * 2


def test_deciding_waits_for_an_acknowledgement_where_the_desk_asks_for_it(tmp_path: Path) -> None:
    """Through the real store: the rules of a team, a version that asks, and a yes."""
    rules = tmp_path / "config" / "rules"
    rules.mkdir(parents=True)
    (rules / "teams.toml").write_text('[desk]\nglobal = { label = "Global", calendar = "desk", require_ack = true }\n')
    with workbench(tmp_path) as bench:
        shelf = Shelf(bench, tmp_path / "texts")
        shelf.add('+++\ntitle = "Hateful conduct"\nmust_ack = true\n+++\n' + FIRST, "2025-01-01")
        case = open_(bench)
        assert not isinstance(bench.do(ops.Claim(case=case)), Refused)
        line = Line("no_violation", own_policy="clear", cites=(shelf.cite("th.1"),))
        op = ops.ProposeDecision(case=case, lines=(line,), rationale="It breaks nothing.")
        refused = bench.do(op)
        assert isinstance(refused, Refused)
        assert refused.reason == 'Acknowledge "Hateful conduct" first.'
        assert not isinstance(bench.acknowledge("conduct"), Refused)
        assert not isinstance(bench.do(op), Refused)


def test_the_demo_desk_has_something_new_to_read(tmp_path: Path) -> None:
    """Two bulletins among it; the one that is late comes first, and two colleagues are done with it."""
    with workbench(tmp_path) as bench:
        clock(bench).now = int(datetime(2026, 11, 20, 13, tzinfo=UTC).timestamp() * 1000)
        seed(bench, 5)
        bench.act_as("rmarin")
        first, second = bench.policy_changes()[:2]
        assert (first.document, first.unread, first.overdue) == ("requests-bulletin", 2, True)
        assert {"lpark", "akim", "kosei"}.isdisjoint(first.waiting), "done, done, and none of the audience"
        assert (second.bulletin, second.unread) == (True, 1)
        assert 3 <= bench.policy_unread() <= 8
