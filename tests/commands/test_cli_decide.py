"""Deciding by commands: propose, approve, carry out, review, appeal; and what is refused with its mend."""

from __future__ import annotations

import json

import pytest

HOLD = 30_000
REMOVE = ("--outcome", "violation_action", "--action", "remove", "--why", "It praises the attack.")


def one(run, ref):
    return run("show", ref, "--json").row


def removed(library):
    return (*REMOVE, "--section", library["Praise"])


def decided(run, desk, library, clock, *more):
    """A case decided and carried out."""
    ref = desk(*more)
    assert run("decide", ref, *removed(library)).code == 0
    clock.now += HOLD
    assert run("byhand", "done", ref, "--reference", "T-1").code == 0
    return ref


# --- one line


def test_a_case_is_decided_carried_out_and_told_whole(run, desk, library, clock):
    ref = desk()
    said = run("decide", ref, *removed(library), "--facts", "Two posts.", "--json")
    assert said.code == 0, said.err
    assert (said.row["done"], said.row["status"], said.row["approval"]) == ("decide", "decided", "none")
    assert said.row["takes_effect"] == "2026-09-21T14:13:50Z"
    (line,) = one(run, ref)["decisions"][0]["lines"]
    assert (line["own_policy"], line["ground"]) == ("breaks", "incompatible_content")
    assert line["cites"][0]["version"] == "2026-01-29"
    assert len(line["cites"][0]["text_sha256"]) == 64
    assert run("byhand", "--json").rows == []
    clock.now += HOLD
    waits = run("byhand", "list", "--json").rows
    assert [(row["action"], row["state"], row["ref"]) for row in waits] == [("remove", "queued", ref)] * 2
    done = run("byhand", "done", ref, "--reference", "T-77", "--json")
    assert (done.code, done.row["actions"], done.row["status"]) == (0, 2, "resolved")
    shown = run("show", ref).out
    sections = f"sections: {library['Praise']}@2026-01-29"
    told = (
        "outcome: violation_action",
        sections,
        "why: It praises the attack.",
        "reference: T-77",
        "facts: Two posts.",
    )
    assert [part for part in (*told, "state: confirmed") if part not in shown] == []


def test_an_outcome_brings_what_it_usually_says_and_options_say_otherwise(run, desk, library):
    ref = desk()
    assert run("decide", ref, "--outcome", "no_violation", "--section", library["Praise"], "--why", "Satire.").code == 0
    (line,) = one(run, ref)["decisions"][0]["lines"]
    assert (line["own_policy"], line.get("ground", "none")) == ("clear", "none")
    other = desk(title="Other")
    said = run("decide", other, *removed(library), "--ground", "illegal_content", "--own", "breaks", "--claim")
    assert said.code == 0, said.err
    assert one(run, other)["decisions"][0]["lines"][0]["ground"] == "illegal_content"


def test_a_section_may_be_pinned_to_an_older_version(run, desk, library):
    ref = desk()
    assert run("decide", ref, *REMOVE, "--section", f"{library['Praise']}@2024-01-10").code == 0
    assert one(run, ref)["decisions"][0]["lines"][0]["cites"][0]["version"] == "2024-01-10"


def test_who_has_no_claim_is_told_to_claim_and_may_do_both_at_once(run, desk, library):
    ref = desk(claim=False)
    said = run("decide", ref, *removed(library))
    assert (said.code, f"Claim {ref} first" in said.err) == (1, True)
    assert run("decide", ref, "--claim", "--outcome", "no_violation", "--why", "x").code == 1
    assert "lease" not in one(run, ref)["case"]
    assert run("decide", ref, *removed(library), "--claim", "--json").row["status"] == "decided"


def test_a_dry_run_foresees_and_writes_nothing(run, desk, library):
    ref = desk("--type", "legal_removal", claim=False)
    said = run("decide", ref, *removed(library), "--claim", "--dry-run", "--json")
    assert said.code == 0, said.err
    found = said.row
    assert (found["would"], found["approval"], found["needs"]) == ("decide", "pending", ["approver"])
    assert found["rules"] == ["approval.toml: authority"]
    assert len(one(run, ref)["timeline"]) == 1
    assert run("decide", ref, "--outcome", "violation_action", "--claim", "--dry-run").code == 1


def test_a_retry_decides_once(run, desk, library):
    ref = desk(claim=False)
    for _try in range(2):
        said = run("decide", ref, *removed(library), "--claim", "--op-id", "d-1", "--json")
        assert (said.code, said.row["status"]) == (0, "decided"), said.err
    assert len(one(run, ref)["decisions"]) == 1


def test_an_action_that_ends_has_its_end(run, desk, library):
    ref = desk()
    assert run("decide", ref, "--outcome", "violation_action", "--action", "disable", "--action", "strike", "--until",
               "7d", "--section", library["Praise"], "--why", "x").code == 0  # fmt: skip
    actions = one(run, ref)["decisions"][0]["lines"][0]["actions"]
    assert [(each["name"], bool(each.get("until"))) for each in actions] == [("disable", True), ("strike", False)]


# --- several lines


LINES = """
why = "Two by policy, one by order."
facts = "Three posts."
[[lines]]
outcome = "violation_action"
sections = ["{praise}"]
actions = ["remove"]
[[lines]]
covers = ["https://a.example/Prai/2"]
outcome = "legal_compliance"
sections = ["{court}"]
where = ["de"]
actions = ["geo_block"]
[[lines]]
covers = ["https://a.example/Prai/3"]
outcome = "no_violation"
sections = ["{praise}"]
"""


@pytest.mark.parametrize("form", ["toml", "json"])
def test_several_lines_come_from_a_file(run, desk, library, tmp_path, form):
    import tomllib

    text = LINES.format(praise=library["Praise"], court=library["Court orders"])
    file = tmp_path / f"lines.{form}"
    file.write_text(text if form == "toml" else json.dumps(tomllib.loads(text)))
    ref = desk(items=3)
    said = run("decide", ref, "--lines", file, "--why", "Other words.", "--json")
    assert said.code == 0, said.err
    decision = one(run, ref)["decisions"][0]
    assert (decision["rationale"], decision["facts"]) == ("Other words.", "Three posts.")
    assert [line["outcome"] for line in decision["lines"]] == ["violation_action", "legal_compliance", "no_violation"]
    assert decision["lines"][1]["territory"] == ["DE"]
    assert "items: https://a.example/Prai/2" in run("show", ref).out


def test_a_file_of_lines_that_cannot_be_used_says_why(run, desk, library, tmp_path):
    ref = desk()
    file = tmp_path / "lines.toml"
    for text, code, mend in (
        ("why = ", 2, "is no decision"),
        ("why = 'x'", 2, "lines"),
        ("[[lines]]\noutcome = 'nonsense'", 2, "Outcomes: "),
        ("[[lines]]\noutcome = 'answered'\ncolour = 'red'", 2, "colour"),
        ("[[lines]]\noutcome = 'answered'\ncovers = ['p9']", 1, "has no item p9"),
        ("[[lines]]\noutcome = 'no_violation'\nsections = ['nope']", 1, "nope"),
    ):
        file.write_text(text)
        said = run("decide", ref, "--lines", file)
        assert (said.code, mend in said.err, said.out) == (code, True, ""), said.err
    assert run("decide", ref, "--lines", tmp_path / "gone.toml").code == 1
    said = run("decide", ref, "--lines", file, "--outcome", "answered")
    assert (said.code, "leave --outcome out" in said.err) == (2, True)
    assert not one(run, ref)["decisions"]


# --- bad input


def test_a_section_that_no_longer_exists_is_refused(run, desk, library):
    ref = desk()
    gone = library["Praise"].replace("praise", "old")
    said = run("decide", ref, *REMOVE, "--section", gone)
    assert (said.code, gone in said.err, said.out) == (1, True, ""), said.err
    assert run("decide", ref, *REMOVE, "--section", f"{library['Praise']}@1999-01-01").code == 1
    assert not one(run, ref)["decisions"]


def test_what_a_decision_lacks_is_named_all_at_once(run, desk):
    said = run("decide", desk(), "--outcome", "violation_action")
    assert said.code == 1
    for part in ("policy section", "action", "rationale"):
        assert part in said.err, said.err
    assert run("decide", desk(title="Other")).code == 2


def test_the_proposer_does_not_approve(run, desk, library):
    ref = desk("--type", "legal_removal")
    assert run("decide", ref, *removed(library), "--json").row["awaits"] == ["approver"]
    said = run("approve", ref)
    assert (said.code, "(recused)" in said.err) == (1, True)
    assert one(run, ref)["case"]["status"] == "pending_approval"
    said = run("--as", "lee", "approve", ref)
    assert (said.code, "(not_allowed)" in said.err) == (1, True)


def test_an_expired_undo_says_so_and_leaves_the_decision(run, desk, library, clock):
    ref = desk()
    assert run("decide", ref, *removed(library)).code == 0
    clock.now += HOLD + 1
    said = run("undo", ref)
    assert (said.code, "(out_of_window)" in said.err) == (1, True), said.err
    late = run("withdraw", ref, "--why", "too late")
    assert (late.code, "is being carried out" in late.err) == (1, True), late.err
    assert one(run, ref)["decisions"][0]["state"] == "effective"


def test_within_the_window_it_is_undone(run, desk, library, clock):
    ref = desk()
    assert run("decide", ref, *removed(library)).code == 0
    clock.now += HOLD - 1000
    assert run("undo", ref, "--json").row["undone"] == "ProposeDecision"
    assert one(run, ref)["case"]["status"] == "in_review"


def test_half_of_a_set_is_refused_and_the_other_half_stands(run, desk, library, typed):
    mine, closed = desk(), desk(title="Other", claim=False)
    run("dismiss", closed, "-r", "spam")
    typed(f"{mine} {closed} E-NOSUCH")
    said = run("decide", "-", *removed(library), "--claim", "--json", "--op-id", "set")
    assert (said.code, [row["ref"] for row in said.rows]) == (1, [mine])
    assert f"{closed}: " in said.err
    assert "No case E-NOSUCH" in said.err
    typed(f"{mine} {closed}")
    again = run("decide", "-", *removed(library), "--claim", "--json", "--op-id", "set")
    assert [row["ref"] for row in again.rows] == [mine]
    assert len(one(run, mine)["decisions"]) == 1


def test_text_and_references_do_not_both_come_from_standard_input(run, typed):
    typed("E-1")
    assert run("decide", "-", "--outcome", "answered", "--why", "-").code == 2


# --- saying yes and no


def test_a_second_person_approves_what_was_read(run, desk, library):
    ref = desk("--type", "legal_removal")
    run("decide", ref, *removed(library))
    sha = one(run, ref)["decisions"][0]["content_sha256"]
    stale = run("--as", "kim", "approve", ref, "--read", "0" * 64)
    assert (stale.code, "(stale)" in stale.err) == (1, True)
    for _try in range(2):
        said = run("--as", "kim", "approve", ref, "--role", "approver", "--read", sha, "--op-id", "yes", "--json")
        assert (said.code, said.row["status"]) == (0, "decided"), said.err
    assert "approved_by: kim as approver" in run("show", ref).out


def test_a_proposal_is_sent_back_with_a_reason(run, desk, library):
    ref = desk("--type", "legal_removal")
    run("decide", ref, *removed(library))
    assert run("--as", "kim", "send-back", ref).code == 1
    assert run("--as", "kim", "send-back", ref, "--why", "Cite the order.", "--json").row["status"] == "in_review"
    assert "returned: Cite the order." in run("show", ref).out


def test_a_decision_is_taken_back_while_nothing_has_left(run, desk, library):
    ref = desk()
    run("decide", ref, *removed(library))
    assert run("withdraw", ref, "--dry-run", "--json").row == {"would": "withdraw", "ref": ref, "changes": True}
    assert run("withdraw", ref, "--json").row["status"] == "in_review"
    said = run("approve", desk(title="Other"))
    assert (said.code, "No decision stands here" in said.err) == (1, True)


def test_a_review_says_agree_or_disagree(run, desk):
    ref = desk()
    assert run("review", ref).code == 2
    assert run("review", ref, "--agree", "--disagree").code == 2
    assert run("review", ref, "--agree").code == 1


def acted_at_once(run, desk, library, title):
    """A decision on an urgent case that took effect at once and is looked at afterwards."""
    ref = desk("--type", "user_escalation", "--severity", "S0", title=title)
    said = run("decide", ref, "--outcome", "violation_action", "--action", "disable", "--section", library["Praise"],
               "--why", "It cannot wait.", "--json")  # fmt: skip
    assert (said.code, said.row["approval"]) == (0, "review_due"), said.err
    return ref


def test_what_took_effect_at_once_is_reviewed_by_somebody_else(run, desk, library, clock):
    ref = acted_at_once(run, desk, library, "Praise one")
    clock.now += 1000
    own = run("review", ref, "--agree")
    assert (own.code, "(recused)" in own.err) == (1, True), own.err
    agreed = run("--as", "kim", "review", ref, "--agree", "--json")
    assert agreed.code == 0, agreed.err
    assert "approval: reviewed" in run("show", ref).out
    assert run("--as", "kim", "review", ref, "--agree").code == 1


def test_an_appeal_is_a_case_of_its_own_and_its_reviewer_another_person(run, desk, library, clock):
    ref = decided(run, desk, library, clock)
    how = ("--level", "internal", "--grounds", "It was satire.", "--by", "The author", "--op-id", "a", "--json")
    said = run("appeal", ref, *how)
    assert said.code == 0, said.err
    new = said.row["new"]
    assert run("appeal", ref, *how).row["new"] == new
    part = run("appeal", ref, "--grounds", "Only this one.", "--item", "https://a.example/Prai/2", "--json").row["new"]
    assert [each["url"] for each in one(run, part)["subjects"]] == ["https://a.example/Prai/2"]
    assert run("appeal", ref, "--grounds", "x", "--item", "nothing").code == 1
    assert f"appeal_of {ref}" in run("show", new).out
    assert "appeal_grounds: It was satire." in run("show", new).out
    assert run("claim", new).code == 1
    back = ("--outcome", "enforcement_error", "--section", library["Praise"], "--action", "restore", "--why", "Satire.",
            "--appeal-outcome", "overturned", "--reverses", ref, "--claim")  # fmt: skip
    said = run("--as", "lee", "decide", new, *back, "--json")
    assert said.code == 0, said.err
    assert one(run, new)["decisions"][0]["reverses"] == one(run, ref)["case"]["decision"]
    assert run("appeal", desk(title="Other"), "--grounds", "x").code == 1


# --- deeds by hand


def test_deeds_fail_are_tried_again_and_let_go(run, desk, library, clock):
    ref = desk()
    run("decide", ref, *removed(library))
    clock.now += HOLD
    first, second = [row["id"] for row in run("byhand", "--json").rows]
    assert run("byhand", "done", first).code == 1
    for _try in range(2):
        assert run("byhand", "done", first, "--reference", "T-1", "--op-id", "first", "--json").row["actions"] == 1
    assert run("byhand", "failed", second).code == 1
    assert run("byhand", "failed", second, "--why", "gone").code == 0
    assert run("byhand", "retry", ref, "--json").row["actions"] == 1
    assert run("byhand", "failed", ref, "--why", "gone again").code == 0
    assert run("byhand", "waive", second, "--why", "the platform lost it", "--json").row["status"] == "resolved"
    said = run("byhand", "done", ref, "nothing", "--reference", "x")
    assert (said.code, said.err.count("nothing by hand waits")) == (1, 2)
    assert run("byhand", "done", "--reference", "x").code == 2


def test_one_reference_for_the_deeds_of_many_cases_once(run, desk, library, clock, typed):
    refs = [desk(), desk(title="Other")]
    for ref in refs:
        run("decide", ref, *removed(library))
    clock.now += HOLD
    for _try in range(2):
        typed(" ".join(refs))
        said = run("byhand", "done", "-", "--reference", "T-9", "--op-id", "t9", "--json")
        assert (said.code, [row["actions"] for row in said.rows]) == (0, [2, 2]), said.err
    assert [one(run, ref)["actions"][0]["external_ref"] for ref in refs] == ["T-9", "T-9"]


# --- precedents


def test_precedents_are_found_by_case_section_and_text(run, desk, library, clock):
    ref = decided(run, desk, library, clock)
    other = desk(title="Praise again")
    run("cite", other, library["Praise"])
    (found,) = run("precedents", other, "--json").rows
    assert (found["ref"], found["outcome"], found["same_text"]) == (ref, "violation_action", True)
    assert run("precedents", "--section", library["Praise"], "--text", "attack", "--json").row["ref"] == ref
    assert run("precedents").code == 2
    assert run("precedents", "E-NOSUCH").code == 1
    assert "No earlier decision" in run("precedents", "--section", library["Court orders"]).err


def test_a_decision_against_most_like_cases_is_told_so(run, desk, library, clock, typed):
    refs = [desk(title="Praise of an attack", items=1) for _n in range(5)]
    typed(" ".join(refs))
    said = run("decide", "-", *removed(library), "--facts", "A post praises an attack.")
    assert (said.code, said.err) == (0, "")
    clock.now += HOLD
    keep = (
        "--outcome",
        "no_violation",
        "--section",
        library["Praise"],
        "--why",
        "x",
        "--facts",
        "It praises an attack.",
    )
    other = desk(title="Praise of an attack", items=1)
    warned = run("decide", other, *keep, "--dry-run")
    assert (warned.code, "5 of the 5 nearest like cases" in warned.err) == (0, True), warned.err
    assert run("decide", other, *keep, "--departs", "This one is satire.").err == ""
    decision = one(run, other)["decisions"][0]
    assert (decision["departs"], decision["departure_reason"]) == (True, "This one is satire.")


# --- what people read


def test_lists_are_tables_at_a_terminal_and_sentences_are_french_where_that_is_spoken(
    run, desk, library, clock, monkeypatch, tmp_path
):
    ref = desk()
    run("decide", ref, *removed(library))
    clock.now += HOLD
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "80")
    lines = run("byhand").out.splitlines()
    assert lines[0].split() == ["REF", "ACTION", "STATE", "ITEM"]
    assert len(lines) == 3
    assert all(len(line) <= 80 for line in lines)
    (tmp_path / "settings").mkdir(exist_ok=True)
    (tmp_path / "settings" / "config.toml").write_text('[ui]\nlanguage = "fr"\n')
    said = run("decide", desk(title="Autre", claim=False), "--outcome", "answered", "--why", "x")
    assert (said.code, "Prenez d'abord" in said.err) == (1, True), said.err


def test_text_from_outside_never_commands_the_terminal(run, desk, clock):
    ref = desk()
    evil = "\x1b[2J\x1b]0;owned\x07 red\u202etxt"
    assert run("consult", ref, "--to", "legal", "--ask", evil, "--background", evil).code == 0
    assert run("task", ref, evil).code == 0
    assert (
        run("reply", ref, "--to", "requester", "--subject", "S", "--body", evil, "--address", "a@b.example").code == 0
    )
    for said in (run("show", ref), run("consult", ref), run("tasks", "--all"), run("letters", ref), run("letters")):
        assert said.code == 0
        assert not {"\x1b", "\x07", "\u202e"} & set(said.out)


def test_fifty_cases_are_decided_by_one_command(run, bench_of, clock, typed):
    from escaltui.domain import ids
    from escaltui.domain.operations import OpenCase

    with bench_of() as bench:
        keys = [bench.operation_id() for _n in range(50)]
        cases = [OpenCase(title="A case", severity=3, opens=ids.entity_id(key, 0)) for key in keys]
        bench.do_many(cases, keys)
        refs = [bench.store.line(case.opens).ref for case in cases]
    typed("\n".join(refs))
    said = run("decide", "-", "--outcome", "answered", "--why", "Told them.", "--claim", "--json")
    assert (said.code, [row["ref"] for row in said.rows]) == (0, refs), said.err
    assert {row["status"] for row in said.rows} == {"decided"}
