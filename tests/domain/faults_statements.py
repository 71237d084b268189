"""Faults to seed into statements of reasons and precedents, each with the test that must notice it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import decided_store
import msgspec
import pytest
import test_precedents as precedent_tests
import test_statements as statement_tests
from faults import Mutant, entry, nothing, put

from escaltui.domain import personal_data, precedents, statement_rules, statements
from escaltui.domain.rules import stating
from escaltui.domain.statement_rules import FieldRule
from escaltui.store import precedents as rows

PART, PERSONAL, COUNT = statement_rules._part, statements.personal, stating._count


def any_length(name: str, text: str, rule: FieldRule, known: tuple[str, ...]) -> Iterator[Any]:
    return PART(name, text, msgspec.structs.replace(rule, limit=None), known)


def kept_unexplained(fields: Any, names: Any, waived: Any) -> Iterator[Any]:
    for field, found, why in PERSONAL(fields, names, waived):
        yield field, found, why or "kept"


def everywhere(line: Any, actions: Any, schema: Any) -> tuple[str, ...]:
    return schema.values("territorial_scope")  # type: ignore[no-any-return]


def all_counted(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rows, "_IN_FORCE", rows._IN_FORCE.replace("AND state = 'effective'", ""))
    patch.setattr(rows, "_LINES", rows._LINES.replace("d.state = 'effective' AND", ""))


def all_shown(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rows, "_LINES", rows._LINES.replace("c.sensitivity = 'normal' AND", ""))
    patch.setattr(rows, "_open", lambda connection, case_id: True)


def forbidden() -> None:
    statement_tests.test_nothing_is_drafted_exported_or_sent_while_the_user_may_not_be_told(statement_tests.NOTICES[0])


def too_long() -> None:
    for changed, problem in statement_tests.BROKEN[:3]:
        statement_tests.test_a_broken_rule_names_its_field(changed, problem)


FACTS = statement_tests.test_a_statement_with_personal_data_is_valid_once_it_is_mended_or_kept_with_a_reason
STATED: tuple[Mutant, ...] = (
    Mutant("statement drafted and sent where forbidden", put(stating, "may_be_told", nothing), forbidden),
    Mutant("a delay never ends", put(stating, "may_be_told", lambda case, work: stating.need(
        case.user_notice.rule == "allowed", "blocked", "Not yet.", "Wait.")),
        statement_tests.test_a_delay_that_is_over_delays_nothing),
    Mutant("statement of a decision not in force", put(stating, "_in_force", nothing),
           lambda: statement_tests.test_only_a_decision_in_force_has_statements("superseded")),
    Mutant("over-long text is valid", put(statement_rules, "_part", any_length), too_long),
    Mutant("personal data is not looked for", put(statements, "find", lambda text, names: ()), FACTS),
    Mutant("names of the case's people are not looked for", put(statements, "names_of", lambda *_: ()), FACTS),
    Mutant("a last name alone is not found", put(personal_data, "SHORTEST_LAST_NAME", 99),
           lambda: statement_tests.test_personal_data_is_found("Mr BLOGGS asks", "name", "BLOGGS")),
    Mutant("personal data is kept without a reason", put(statements, "personal", kept_unexplained), FACTS),
    Mutant("a geo-block is reported as the whole Union", put(statements, "territory", everywhere),
           statement_tests.test_a_geo_block_is_told_where_it_holds_and_nowhere_else),
    Mutant("a draft with problems leaves", entry(stating.FROM, "exported", frozenset({"draft", "valid"})),
           statement_tests.test_a_draft_with_problems_does_not_leave),
    Mutant("a refused statement is owed by nobody", put(stating, "OWED", frozenset({"draft"})),
           statement_tests.test_what_the_database_answers_is_kept),
    Mutant("an exported statement is drafted over", put(stating, "HERE", frozenset({"draft", "valid", "exported"})),
           statement_tests.test_drafting_again_renews_what_has_not_left),
    Mutant("changed text counts as good", put(precedents, "_reads_the_same", lambda *_: True),
           precedent_tests.test_a_precedent_on_changed_text_is_marked),
    Mutant("four precedents are enough", put(precedents, "ENOUGH", 4),
           precedent_tests.test_fewer_than_five_good_ones_are_only_a_list),
    Mutant("superseded decision counted", all_counted, decided_store.in_force_alone),
    Mutant("reversed decision counted", put(rows, "_REVERSED", "SELECT 0 WHERE ?1 != ''"),
           decided_store.reversed_is_out),
    Mutant("restricted case shown as precedent", all_shown, decided_store.restricted_is_nowhere),
)  # fmt: skip
