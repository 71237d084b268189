"""`statutory.toml` as a whole: every row of the law page, and a sentence with the mend for every fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from escaltui import rules_loader
from escaltui.domain.calendars import zone
from escaltui.domain.legal_check import REPORT_KINDS
from escaltui.domain.rules.intake import KINDS

RULES = rules_loader.load()
READ = (
    "us-dmca-notice us-dmca-forward us-dmca-restore us-ncii us-csam eu-terror eu-dsa-order eu-dsa-info eu-dsa-notice "
    "eu-dsa-answer eu-dsa-complaint eu-gdpr-erasure in-order in-order-2021 in-ncii in-ncii-2021 in-grievance "
    "in-grievance-2021 au-notice us-emergency eu-dsa-statement eu-dsa-threat eu-dsa-flagger uk-osa"
)
NOT_READ = (
    "br-order br-election tr-order id-takedown sg-direction fr-lcen fr-election ca-notice eu-political-ads"
)  # fmt: skip
ROW = 'title = "T"\njurisdiction = "XX"\nwhen = "type:press"\nsource = "S"\nchecked = "text"\n'


def test_every_row_of_the_law_is_there_and_none_was_reviewed() -> None:
    assert {row.id for row in RULES.statutory.values() if not row.unread} == set(READ.split())
    assert {row.id for row in RULES.statutory.values() if row.unread} == set(NOT_READ.split())
    for row in RULES.statutory.values():
        assert row.reviewed_by == ""
        assert row.url.startswith("https://") or not row.url
        assert zone(row.zone or "UTC")


def test_how_each_was_read_is_told_as_it_is() -> None:
    checked = {row.id: row.checked for row in RULES.statutory.values()}
    assert {checked[name] for name in NOT_READ.split()} == {"unverified"}
    assert {name for name, how in checked.items() if how == "secondary"} == {
        "us-ncii", "eu-terror", "in-order", "in-order-2021", "in-ncii", "in-ncii-2021", "in-grievance",
        "in-grievance-2021",
    }  # fmt: skip
    assert "gazette" in RULES.statutory["in-grievance"].doubt


def test_the_kinds_of_report_are_those_that_are_taken_in() -> None:
    assert REPORT_KINDS == KINDS


FAULTS = [
    ("by = 3\nwording = 'soon'", "it has by, wording; give one of by, opens with closes, wording, no_number"),
    ("", 'it has no time, so it must be checked = "unverified"'),
    ("by = -1", "by must be a whole number above 0, not -1"),
    ("by = 0", "by must be a whole number above 0, not 0"),
    ("opens = 10", "a window has both opens and closes; give the other one"),
    ("opens = 10\ncloses = 10", "opens must be less than closes"),
    ("by = 1\nzone = 'Mars/Olympus'", 'zone "Mars/Olympus" is not known on this machine; write it like Europe/Paris'),
    ("by = 1\nzone = '../etc/passwd'", 'zone "../etc/passwd" is not known'),
    ("by = 1\nunit = 'months'", "months end at midnight somewhere; give zone, like Europe/Paris"),
    ("by = 1\nunit = 'weeks'", 'unit must be "hours", "calendar_days", "business_days" or "months", not "weeks"'),
    ("by = 1\nvalid_from = '2026-02-30'", "valid_from must be a date that exists, not 2026-02-30"),
    ("by = 1\nvalid_from = '2026-03-01'\nvalid_to = '2026-02-01'", "valid_to is before valid_from"),
    ("by = 1\nholds = { coffee = 'resume' }", 'holds "coffee" is not known; there are authority, clarification, court'),
    ("by = 1\nunit = 'business_days'\nzone = 'UTC'\nholidays = ['us-federl']", 'did you mean "us-federal"?'),
    ("by = 1\nholidays = ['us-federal']", "holidays matter to business_days and to roll only"),
    ("by = 1\nroll = 'next_business_day'", "hours never roll; leave roll out, or count days"),
    (
        "by = 1\ntrigger = 'report:counternotice'",
        'trigger "counternotice" is not known; did you mean "counter_notice"?',
    ),
    ("by = 1\nstop = ['letter:requestr']", 'stop "requestr" is not known; did you mean "requester"?'),
    ("by = 1\ntrigger = 'told'\nstop = ['told']", "what starts it cannot end it; take told out of stop"),
    ("wording = 'soon'\nfurther = 2", "further lengthens a time; give by, or leave further out"),
    ("wording = 'soon'\nstays_open = true", "what stays open has an end; give by, or leave stays_open out"),
    ("by = 1\nwhen = 'type:pres flag:terror'", 'when: no flag "terror"; did you mean "terrorism"?'),
    ("by = 1\nwhen = 'country:eueu'", 'when: no country "eueu"; did you mean "eu"?'),
    ("by = 1\nwhen = 'country:ge country:DEU'", 'when: no country "DEU"'),
    ("by = 1\nwhen = 'kolor:red'", 'when: no field "kolor"'),
    ("by = 1\nkeep = -3", "keep must be a whole number above 0, not -3"),
]


@pytest.mark.parametrize(("text", "sentence"), FAULTS)
def test_every_fault_is_a_sentence_with_file_line_and_mend(tmp_path: Path, text: str, sentence: str) -> None:
    own = "\n".join(line for line in ROW.splitlines() if line.split(" = ")[0] not in text)
    (tmp_path / "statutory.toml").write_text(f"[row.own]\n{own}\n{text}\n", "utf-8")
    with pytest.raises(rules_loader.RuleFault) as fault:
        rules_loader.load(tmp_path)
    assert any(sentence in each for each in fault.value.faults), fault.value.faults
    assert all(each.startswith("statutory.toml:") and 'row "own"' in each for each in fault.value.faults)


def test_a_row_twice_is_a_sentence_too(tmp_path: Path) -> None:
    (tmp_path / "statutory.toml").write_text(f"[row.own]\n{ROW}by = 1\n[row.own]\n{ROW}by = 2\n", "utf-8")
    with pytest.raises(rules_loader.RuleFault, match=r"statutory\.toml:8: is no TOML here"):
        rules_loader.load(tmp_path)


def test_a_teams_row_replaces_ours_and_a_good_one_loads(tmp_path: Path) -> None:
    text = f"[row.in-order]\n{ROW}by = 2\n[row.own]\n{ROW}opens = 1\ncloses = 2\nunit = 'calendar_days'\nzone = 'UTC'\n"
    (tmp_path / "statutory.toml").write_text(text, "utf-8")
    rules = rules_loader.load(tmp_path)
    assert (rules.statutory["in-order"].by, rules.statutory["own"].closes) == (2, 2)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('hours = { mon = ["09:00-13:00", "12:00-18:00"] }', "must end after it begins"),
        ('hours = { mon = ["09:00-18:00"] }\nzone = "Nowhere/Town"', 'zone "Nowhere/Town" is not known'),
        ('hours = { mon = ["09:00-18:00"] }\nclosed = ["2027-02-29"]', "2027-02-29 is not a date that exists"),
    ],
)
def test_a_calendar_that_cannot_be_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    (tmp_path / "calendars.toml").write_text(f"[calendar.own]\n{text}\n", "utf-8")
    with pytest.raises(rules_loader.RuleFault, match=sentence):
        rules_loader.load(tmp_path)
