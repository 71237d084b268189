"""Rule files: a team's rows over ours, and every fault as a sentence with file and line."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from escaltui import rules_loader
from escaltui.rules_loader import RuleFault

PACKAGED = rules_loader.load()


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    return folder


def faults(folder: Path, **files: str) -> tuple[str, ...]:
    with pytest.raises(RuleFault) as fault:
        rules_loader.load(write(folder, **files))
    assert str(fault.value) == "\n".join(fault.value.faults)
    return fault.value.faults


def test_the_packaged_rules_are_whole_and_hash_alike() -> None:
    assert rules_loader.load().hash == PACKAGED.hash
    assert len(PACKAGED.hash) == 64


def test_the_hash_is_the_same_in_another_interpreter() -> None:
    code = "from escaltui import rules_loader as r; print(r.load().hash)"
    for seed, zone in (("1", "UTC"), ("2", "Asia/Tokyo")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        found = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True)
        assert found.stdout.strip() == PACKAGED.hash


def test_loading_the_packaged_rules_imports_no_holidays() -> None:
    code = "import sys; from escaltui import rules_loader as r; r.load(); print('holidays' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


def test_a_teams_row_replaces_ours_and_the_rest_stays(tmp_path: Path) -> None:
    rules = rules_loader.load(write(tmp_path, sla='[row]\ns2-ack = { metric = "ack", severity = 2, minutes = 45 }\n'))
    assert rules.budgets("ads", 2, "global")["ack"].minutes == 45
    assert rules.budgets("ads", 1, "global")["ack"].minutes == 15
    assert rules.hash != PACKAGED.hash
    assert rules.types == PACKAGED.types


def test_a_new_row_is_tried_before_ours_and_off_takes_ours_away(tmp_path: Path) -> None:
    desk = '[desk]\nparis = { label = "Paris", calendar = "desk" }\n'
    route = '[route]\nfrench = { when = "lang:fr", desk = "paris" }\npress = { off = true }\n'
    rules = rules_loader.load(write(tmp_path, teams=desk, intake=route))
    assert rules.route(lang=("fr",)).desk == "paris"
    assert rules.route(lang=("en",)).desk == "global"
    assert rules.route(requester="press").type == "user_escalation"


def test_the_order_of_rows_is_part_of_the_hash_where_it_decides(tmp_path: Path) -> None:
    one, other = '{ when = "lang:fr", type = "ads" }', '{ when = "country:FR", type = "press" }'
    hashes = set()
    for name, text in (("one", f"a = {one}\nb = {other}"), ("two", f"b = {other}\na = {one}")):
        (tmp_path / name).mkdir()
        hashes.add(rules_loader.load(write(tmp_path / name, intake=f"[route]\n{text}\n")).hash)
    assert len(hashes) == 2


def test_holidays_become_dates(tmp_path: Path) -> None:
    hours = 'mon = ["09:00-12:00"]'
    text = f'[calendar.berlin]\nholidays = ["DE", "FR-BL"]\nyears = [2027]\nhours = {{ {hours} }}\n'
    closed = rules_loader.load(write(tmp_path, calendars=text)).calendars["berlin"].closed
    assert {"2027-10-03", "2027-07-14"} <= set(closed)
    assert all(day.startswith("2027-") for day in closed)


BAD = [
    ("sla", '[row]\n\ns2-ack = { metric = "ack", severity = 2, minutes = -5 }',
     'sla.toml:3: row "s2-ack": minutes must be a whole number above 0, not -5'),
    ("sla", '[row.mine]\nmetric = "ack"\nminutes = "5m"',
     'sla.toml:3: row "mine": minutes must be a whole number above 0, not "5m"'),
    ("sla", '[row.mine]\nmetric = "ack"\nminuts = 5',
     'sla.toml:3: row "mine": no field "minuts"; did you mean "minutes"?'),
    ("sla", "[row.mine]\nminutes = 5",
     'sla.toml:1: row "mine": metric is missing; it must be a text in quotes'),
    ("sla", '[row.mine]\nmetric = "akc"\nminutes = 5',
     'sla.toml:2: row "mine": metric "akc" is not known; did you mean "ack"?'),
    ("sla", '[row]\ns2-ack = { metric = "ack", severity = 2, minutes = 5000 }',
     'sla.toml:2: row "s2-ack": it gives more time than the milder "s3-ack"; lower minutes, or count the same hours'),
    ("sla", '[row]\ns1-ack = { metric = "ack", severity = 1, minutes = 15, counts = "desk" }',
     'sla.toml:2: row "s1-ack": it gives more time than the milder "s2-ack"; lower minutes, or count the same hours'),
    ("sla", '[row]\nmine = { metric = "ack", type = "pres", minutes = 5 }',
     'sla.toml:2: row "mine": type "pres" is not known; did you mean "press"?'),
    ("sla", '[row]\nmine = { metric = "ack", type = "press" }',
     'sla.toml:2: row "mine": minutes is missing; give a budget, or say by = "asked"'),
    ("sla", "[rows]\nmine = 1", 'sla.toml:1: no table "rows" here; did you mean "row"?'),
    ("sla", "[row]\nmine = 1", 'sla.toml:2: row "mine": a row is a table, like mine = { ... }'),
    ("sla", "[row]\nmine = {", "sla.toml:2: is no TOML here: "),
    ("slaa", "", "slaa.toml:1: no rule file has this name; did you mean sla.toml?"),
    ("types", '[type]\nads = { label = "Ads", authority = "yes" }',
     'types.toml:2: type "ads": authority must be true or false, not "yes"'),
    ("types", '[type]\nads = { label = "Ads", families = ["adds"] }',
     'types.toml:2: type "ads": families must be a list out of community_standards ads commerce ip platform_terms law'),
    ("types", '[type]\nads = { id = "x", label = "Ads" }',
     'types.toml:2: type "ads": the name of the row is its id; leave id out'),
    ("types", "[type]\nuser_escalation = { off = true }",
     'types.toml:2: type "user_escalation": this row is needed; put it back'),
    ("calendars", '[calendar.desk]\nzone = "Europe/Pariss"\nhours = { mon = ["09:00-12:00"] }',
     'calendars.toml:2: calendar "desk": zone "Europe/Pariss" is not known on this machine; write it'),
    ("calendars", '[calendar.desk]\nclosed = ["2027-02-29"]\nhours = { mon = ["09:00-12:00"] }',
     'calendars.toml:2: calendar "desk": closed: 2027-02-29 is not a date that exists'),
    ("calendars", '[calendar.desk]\n[calendar.desk.hours]\ntue = ["12:00-09:00"]',
     'calendars.toml:3: calendar "desk": tue: 12:00-09:00 must end after it begins, within the day, and after the one'),
    ("calendars", '[calendar.desk]\nzone = "UTC"',
     'calendars.toml:1: calendar "desk": it has no hours; give some, like mon = ["09:00-13:00"], or say always = true'),
    ("calendars", '[calendar.desk]\nholidays = ["XX"]\nyears = [2027]\nhours = { mon = ["09:00-12:00"] }',
     'calendars.toml:2: calendar "desk": no holidays are known for "XX"; write a country like DE'),
    ("calendars", '[calendar.desk]\nholidays = ["DE"]\nhours = { mon = ["09:00-12:00"] }',
     'calendars.toml:2: calendar "desk": holidays need years, like years = [2026, 2027]'),
    ("intake", '[floor]\nmine = { when = "flagg:ncii", severity = 1 }',
     'intake.toml:2: floor "mine": when: no field "flagg"; did you mean "flag"?'),
    ("intake", '[floor]\nmine = { when = "flag:ncci", severity = 1 }',
     'intake.toml:2: floor "mine": when: no flag "ncci"; did you mean "ncii"?'),
    ("intake", '[floor]\nmine = { when = "flag:ncii", severity = 5 }',
     'intake.toml:2: floor "mine": severity must be a severity from 0 to 4, not 5'),
    ("intake", '[route]\nmine = { desk = "globl" }',
     'intake.toml:2: route "mine": desk "globl" is not known; did you mean "global"?'),
    ("priority", "[start]\ns0 = { severity = 0, hours = 9 }",
     'priority.toml:2: start "s0": hours must not be more than those of S1'),
    ("severity", '[severity.s5]\nlevel = 4\nlabel = "x"\ndefinition = "x"\nexamples = ["a", "b", "c"]',
     'severity.toml:2: severity "s5": level 4 is also that of s4'),
    ("groups", '[group.eu]\nlabel = "EU"\ncountries = ["Germany"]',
     'groups.toml:3: group "eu": countries must be a list of country codes, like ["DE"], not ["Germany"]'),
]  # fmt: skip


@pytest.mark.parametrize(("file", "text", "sentence"), BAD, ids=lambda value: "" if "\n" in str(value) else None)
def test_a_fault_names_file_line_row_field_and_mend(tmp_path: Path, file: str, text: str, sentence: str) -> None:
    found = faults(tmp_path, **{file: text})
    assert any(fault.startswith(sentence) for fault in found), found


def test_all_faults_are_listed_at_once(tmp_path: Path) -> None:
    found = faults(
        tmp_path,
        sla='[row]\na = { metric = "ack", minutes = 0, severity = 9 }\nb = { metric = 3, minutes = 1 }\n',
        types='[flag]\nnew = { label = "" }\n',
    )
    assert [fault.split(": ")[0] for fault in found] == ["types.toml:2", "sla.toml:2", "sla.toml:2", "sla.toml:3"]


def test_bytes_that_are_no_text_and_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "sla.toml").write_bytes(b"\xff\xfe[row]")
    assert faults(tmp_path) == ("sla.toml:1: is not UTF-8 text; save it as UTF-8",)
    (tmp_path / "sla.toml").unlink()
    (tmp_path / "sla.toml").mkdir()
    assert faults(tmp_path)[0].startswith("sla.toml:1: cannot be read: ")
    (tmp_path / "rules").write_text("")
    assert faults(tmp_path / "rules") == ("rules: is a file; rules lie in a folder of that name",)
    assert rules_loader.load(tmp_path / "none").hash == PACKAGED.hash


def test_a_fault_leaves_the_packaged_rules_in_use(tmp_path: Path) -> None:
    rules, sentences = rules_loader.load_or_last(write(tmp_path, sla="[row]\nmine = { minutes = 1 }\n"))
    assert rules.hash == PACKAGED.hash
    assert sentences == ['sla.toml:2: row "mine": metric is missing; it must be a text in quotes']
    assert rules_loader.load_or_last(None)[1] == []


def test_files_of_later_parts_are_left_alone(tmp_path: Path) -> None:
    assert rules_loader.load(write(tmp_path, rota="[x]\n")).hash == PACKAGED.hash
