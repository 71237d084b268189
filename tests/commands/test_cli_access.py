"""Who may see a case, by the plain commands: restrict, member, breakglass; on a real store."""

from __future__ import annotations

import pytest

WHY = "a child may be in danger at once"


@pytest.fixture
def people(run):
    run("people", "add", "grace", "--role", "lead")
    run("people", "add", "bo", "--role", "specialist")


def shown(run, case):
    return run("show", case, "--json").row


def seen(run, case):
    return shown(run, case)["case"].get("sensitivity", "normal")


def test_a_case_is_restricted_and_opened_again(run, case, people):
    run("note", case, "-m", "They called.")
    assert run("restrict", case, "-m", "a minor").code == 0
    assert seen(run, case) == "restricted"
    assert run("restrict", case, "--privileged").code == 0
    assert seen(run, case) == "privileged"
    refused = run("restrict", case, "--normal", "--as", "bo")
    assert (refused.code, "Opening a case to more people needs" in refused.err) == (1, True)
    refused = run("restrict", case, "--normal", "--as", "grace")
    assert (refused.code, "needs a reason" in refused.err) == (1, True)
    assert run("restrict", case, "--normal", "-m", "it was a mistake", "--as", "grace").code == 0
    assert seen(run, case) == "normal"
    assert run("audit", "verify").code == 0


def test_the_timeline_says_who_may_see_it_and_nothing_besides(run, case, people):
    run("severity", case, "1")
    run("restrict", case, "-m", "a minor")
    run("transfer", case, "global", "-r", "x")
    told = [line["what"] for line in shown(run, case)["timeline"]]
    assert 'who may see it: restricted: "a minor"' in told
    assert sum("severity" in each for each in told) == 1
    assert not [each for each in told if "moved" in each]


def test_queries_find_what_few_may_see(run, case):
    other = run("new", "--title", "Plain", "--json").row["ref"]
    run("restrict", case)

    def found(query):
        return [row["ref"] for row in run("ls", query, "--json").rows]

    assert found("is:restricted") == found("sensitivity:restricted") == [case]
    assert found("sensitivity:normal") == found("-is:restricted") == [other]
    run("restrict", case, "--privileged")
    assert found("is:restricted") == found("is:privileged") == found("sensitivity:privileged") == [case]
    assert found("sensitivity:restricted") == []
    assert run("ls", "sensitivity:secret").code == 2


def test_members_come_and_go(run, case, people):
    run("claim", case)
    run("restrict", case)
    assert run("member", "add", case, "bo", "--until", "2h").code == 0
    assert run("member", "add", case, "grace", "--dry-run").code == 0
    refused = run("member", "add", case, "nobody")
    assert (refused.code, "There is no colleague 'nobody'" in refused.err) == (1, True)
    refused = run("member", "remove", case, "bo")
    assert (refused.code, "needs a reason" in refused.err) == (1, True)
    assert run("member", "remove", case, "bo", "-m", "done").code == 0
    refused = run("member", "remove", case, "grace", "-m", "done")
    assert (refused.code, "grace is no member" in refused.err) == (1, True)
    told = [line["what"] for line in shown(run, case)["timeline"]]
    assert "member named: bo" in told
    assert 'member taken off: bo: "done"' in told


def test_the_glass_is_broken_in_sight_of_everybody(run, case, people):
    refused = run("breakglass", case, "-m", WHY, "--as", "grace")
    assert (refused.code, "is open to its desk" in refused.err) == (1, True)
    run("restrict", case)
    refused = run("breakglass", case, "-m", "curious", "--as", "grace")
    assert (refused.code, "at least 20 characters" in refused.err) == (1, True)
    refused = run("breakglass", case, "-m", WHY, "--as", "bo")
    assert (refused.code, "needs a lead or an admin" in refused.err) == (1, True)
    assert run("breakglass", case, "-m", WHY, "--as", "grace").code == 0
    assert f'broke the glass: grace: "{WHY}"' in [line["what"] for line in shown(run, case)["timeline"]]
    found = run("audit", "verify", "--json")
    assert (found.code, "org:audit" in found.row["heads"]) == (0, True)


def test_all_of_a_case_lies_in_its_stream_on_disk(run, case, people, bench_of):
    run("note", case, "-m", "They called.")
    run("attach", case, "--url", "https://x.example/1")
    run("task", case, "call", "them")
    other = run("new", "--title", "Plain", "--json").row["ref"]
    run("attach", other, "--url", "https://x.example/1")
    run("link", case, other)
    run("restrict", case)
    with bench_of() as bench:
        rows = bench.store.bundle(bench.store.line(case).id)
        plain = bench.store.bundle(bench.store.line(other).id)
    stream = f"case:{rows.case.id}"
    everything = [rows.case, *rows.reports, *rows.notes, *rows.links, *rows.subjects, *rows.tasks]
    assert {row.stream for row in everything} == {stream}
    assert min(map(len, (rows.reports, rows.notes, rows.links, rows.subjects, rows.tasks))) == 1
    assert {row.stream for row in plain.subjects} == {"desk:global"}
    assert [row.url for row in plain.subjects] == [row.url for row in rows.subjects]
    assert run("ls", "Impostor", "--json").row["ref"] == case
    assert run("audit", "verify").code == 0
