"""What a shift begins with: policies that are owed or new, late colleagues for a lead, what came back of a handover."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from casebench import HOUR, Clock, do, open_case, workbench

from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.handover import ORDER
from escaltui.store.values import Done
from escaltui.workbench import Workbench, shift, shift_news

TEXT = "# Conduct\n\n## Threats {#th.1}\n\nWe remove threats that could lead to death.\n"
WIDER = TEXT.replace("death", "death or injury")
OWED = "+++\nmust_ack = true\nack_by = {by}\n+++\n"
BULLETIN = """+++
title = "Desk bulletin"
family = "workflow"
{more}
+++

## Read this {{#bu}}

Ask the lead before you close.
"""
TODAY = "2026-05-28"
LATE, SOON = "2026-05-20", "2026-06-10"


class Library:
    """Policies on a bench, taken in one version after another."""

    def __init__(self, bench: Workbench, folder: Path) -> None:
        self.bench, self.folder = bench, folder

    def add(self, document: str, version: str, text: str) -> None:
        (self.folder / document).mkdir(parents=True, exist_ok=True)
        (self.folder / document / f"{version}.md").write_text(text.replace("#th", f"#{document}"))
        assert not self.bench.import_policies(self.folder).skipped


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with workbench(tmp_path) as bench:
        for login, roles in {"kosei": ("specialist", "lead"), "akim": ("specialist",), "lin": ("specialist",)}.items():
            do(bench, ops.AddPerson(login=login, roles=roles))
        bench.act_as("kosei")
        yield Library(bench, tmp_path / "texts")


def names(bench: Workbench) -> list[str]:
    return [each.document for each in shift_news.policies(bench)]


def by_document(bench: Workbench, document: str) -> shift_news.PolicyNews:
    return next(each for each in shift_news.policies(bench) if each.document == document)


def all_kinds(library: Library) -> None:
    """One of each kind; the first visit lies before them."""
    for document in ("calm", "plain", "owed", "late"):
        library.add(document, "2025-01-01", TEXT)
    library.bench.policy_changes()
    library.add("plain", "2026-05-25", WIDER)
    library.add("bulletin", "2026-05-24", BULLETIN.format(more=""))
    library.add("owed", "2026-05-23", OWED.format(by=SOON) + WIDER)
    library.add("late", "2026-05-01", OWED.format(by=LATE) + WIDER)


def test_what_is_late_comes_first_then_what_is_owed_bulletins_and_the_unread(library: Library) -> None:
    all_kinds(library)
    bench = library.bench
    assert names(bench) == ["late", "owed", "bulletin", "plain"]
    late, owed, bulletin, plain = shift_news.policies(bench)
    assert (late.owed, late.overdue, owed.owed, owed.overdue) == (True, True, True, False)
    assert (bulletin.bulletin, bulletin.owed, plain.unread, plain.owed) == (True, False, 1, False)


def test_what_was_read_or_acknowledged_is_told_no_more(library: Library) -> None:
    all_kinds(library)
    bench = library.bench
    for document in ("plain", "bulletin"):
        bench.read_sections({each.section: each.text_sha256 for each in bench.policy_diff(document).sections})
    bench.acknowledge("owed")
    assert set(names(bench)) <= {"late", "owed"}
    assert by_document(bench, "late").waiting != ()


def test_a_lead_is_told_who_is_late_and_nobody_else_is(library: Library) -> None:
    all_kinds(library)
    bench = library.bench
    assert by_document(bench, "late").waiting == ("akim", "lin")
    assert by_document(bench, "owed").waiting == (), "nobody is late yet"
    bench.acknowledge("late")
    bench.read_sections({each.section: each.text_sha256 for each in bench.policy_diff("late").sections})
    mine = by_document(bench, "late")
    assert (mine.owed, mine.overdue, mine.waiting) == (False, True, ("akim", "lin"))
    bench.act_as("akim")
    assert by_document(bench, "late").waiting == ()
    assert not isinstance(bench.acknowledge("late"), Refused)
    bench.act_as("kosei")
    assert by_document(bench, "late").waiting == ("lin",)


def test_before_a_first_visit_a_week_is_new_and_the_page_is_no_visit(library: Library) -> None:
    bench = library.bench
    library.add("old", "2024-01-01", TEXT)
    library.add("old", "2025-06-01", WIDER)
    library.add("new", "2024-01-01", TEXT)
    library.add("new", "2026-05-25", WIDER)
    library.add("first", "2026-05-26", TEXT)
    assert names(bench) == ["new"]
    assert bench.policy_unread() == 0
    shift.face(bench)
    assert names(bench) == ["new"], "nothing was counted as read"


def test_a_bulletin_for_others_or_that_has_run_out_is_not_told(library: Library) -> None:
    library.add("theirs", "2026-05-24", BULLETIN.format(more='audience = ["akim"]'))
    library.add("over", "2026-05-10", BULLETIN.format(more="expires_on = 2026-05-27"))
    library.add("mine", "2026-05-24", BULLETIN.format(more='audience = ["lead"]'))
    assert names(library.bench) == ["mine"]
    library.bench.act_as("akim")
    assert names(library.bench) == ["theirs"]


def test_an_empty_library_has_no_news(library: Library) -> None:
    assert shift_news.policies(library.bench) == ()
    assert shift.draft(library.bench).items == ()


def test_the_draft_has_them_in_the_order_of_need_with_what_they_ask_for(library: Library) -> None:
    all_kinds(library)
    bench = library.bench
    case = open_case(bench, severity=1)
    do(bench, ops.Claim(case=case))
    do(bench, ops.SetWatch(name="Wave", query="tag:wave"))
    do(bench, ops.SetRisk(title="Vote", review_on=bench.now() - HOUR))
    drawn = shift.draft(bench)
    places = [ORDER.index(item.why) for item in drawn.items]  # type: ignore[arg-type]
    assert places == sorted(places)
    says = {item.name.value if item.kind == "policy" else item.kind: item.says.value for item in drawn.items}
    policies = [item for item in drawn.items if item.kind == "policy"]
    assert [item.about.partition("@")[0] for item in policies][:2] == ["late", "owed"], "by when it was due"
    assert f"to be acknowledged, late since {LATE}; 2 colleagues are late: akim, lin" in says.values()
    assert f"to be acknowledged by {SOON}" in says.values()
    assert "bulletin; to be read" in says.values()
    shift.edit(bench, receiver="akim")
    assert isinstance(shift.offer(bench), Done)
    (offered,) = shift.handovers(bench)
    assert {item.says.value for item in offered.items if item.kind == "policy"} == {
        each.says.value for each in policies
    }


# --- what came back


def handed(bench: Workbench, *titles: str) -> list[str]:
    cases = [open_case(bench, title, severity=1) for title in titles]
    for each in cases:
        do(bench, ops.Claim(case=each))
    shift.edit(bench, receiver="akim")
    assert isinstance(shift.offer(bench), Done)
    return cases


def give_back(bench: Workbench, about: str, why: str, who: str = "akim") -> None:
    bench.act_as(who)
    handover = next(each for each in shift.handovers(bench) if any(item.about == about for item in each.items))
    assert isinstance(shift.give_back(bench, handover.id, about, why), Done)
    bench.act_as("kosei")


def test_what_is_given_back_is_told_with_the_reason_until_it_is_seen(library: Library) -> None:
    bench = library.bench
    first, second = handed(bench, "First", "Second")
    assert shift_news.back(bench) == ()
    give_back(bench, first, "on leave")
    (back,) = shift_news.back(bench)
    assert (back.item.about, back.item.by, back.item.reason.value) == (first, "akim", "on leave")
    in_order = [each.about for each in shift.handovers(bench)[0].items]
    give_back(bench, second, "no access")
    assert [each.item.about for each in shift_news.back(bench)] == in_order, "settled, and told all the same"
    shift_news.see(bench, back.id)
    assert [each.item.about for each in shift_news.back(bench)] == [second]
    bench.act_as("akim")
    assert shift_news.back(bench) == (), "the giver's own"


def test_what_ended_or_was_taken_since_or_taken_back_by_me_is_not_told(library: Library) -> None:
    bench = library.bench
    ended, taken, mine = handed(bench, "Ended", "Taken", "Mine")
    for each in (ended, taken):
        give_back(bench, each, "no time")
    give_back(bench, mine, "I stay", "kosei")
    assert {each.item.about for each in shift_news.back(bench)} == {ended, taken}
    do(bench, ops.Dismiss(case=ended, reason="duplicate"))
    do(bench, ops.Release(case=taken))
    do(bench, ops.Assign(case=taken, person="lin"))
    assert shift_news.back(bench) == ()


def test_what_was_seen_is_forgotten_with_its_handover(library: Library) -> None:
    bench = library.bench
    (case,) = handed(bench, "First")
    give_back(bench, case, "no time")
    shift_news.see(bench, shift_news.back(bench)[0].id)
    assert len(shift_news.seen(bench)) == 1
    clock = bench.now
    assert isinstance(clock, Clock)
    clock.now += 8 * 24 * HOUR
    shift_news.see(bench)
    assert shift_news.seen(bench) == frozenset()
    bench.save_draft(shift_news.SEEN, "{nonsense")
    assert shift_news.seen(bench) == frozenset()


def test_what_was_withdrawn_cannot_be_accepted_and_says_who_took_it_back(library: Library) -> None:
    bench = library.bench
    (case,) = handed(bench, "First")
    (offered,) = shift.handovers(bench)
    shift.take_back(bench, offered.id, "I stay")
    bench.act_as("akim")
    (outcome,) = shift.accept(bench, offered.id, (case,))
    assert isinstance(outcome, Refused)
    assert outcome.reason == "kosei took that back: it is no longer offered."
    line = bench.line(case)
    assert line is not None
    assert line.owner == "kosei"
