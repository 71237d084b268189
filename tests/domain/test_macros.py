"""Macros: read from files, checked before they run, filled in once; every packaged one runs on a case it fits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from desk import HOUR, LEAD, NOW, Desk

from escaltui import macro_files
from escaltui.domain import macros
from escaltui.domain import operations as ops
from escaltui.domain.changes import Refused
from escaltui.domain.entities import Consult, Note
from escaltui.domain.macros import Macro, MacroFault
from escaltui.domain.sentences import Fault

PACKAGED, FAULTS = macro_files.load()


def moment(text: str) -> int:
    return NOW + {"2h": 2 * HOUR, "15m": HOUR // 4}[text]


def made(macro: Macro, desk: Desk, case: str, **values: str) -> tuple[Any, ...]:
    return macros.operations(macro, desk.case(case), "ada", values, moment)


def of(text: str) -> Macro:
    return macro_files.parse("m", 'title = "T"\n' + text)


def fault_of(text: str) -> str:
    """What is said of a file, "" where nothing is wrong with it."""
    try:
        of(text)
    except Fault as fault:
        return str(fault)
    return ""


NOTE = '[[steps]]\ndo = "AddNote"\nbody = "{said} by {me} on {ref}"\n'


def test_the_packaged_ones_are_sound_and_in_both_languages() -> None:
    assert FAULTS == ()
    assert len(PACKAGED) >= 4
    assert len({macro.key for macro in PACKAGED}) == len(PACKAGED)
    for macro in PACKAGED:
        assert {"en", "fr"} <= set(macro.title)
        assert all({"en", "fr"} <= set(texts) for texts in macro.ask.values())
        assert macro.titled("fr") != macro.titled("en") == macro.titled("xx")


@pytest.mark.parametrize("macro", PACKAGED, ids=lambda macro: macro.id)
def test_each_packaged_one_runs_on_a_case_it_fits(macro: Macro) -> None:
    desk = Desk()
    case = desk.held(case_type="court_order", severity=2)
    assert macro.fits(desk.case(case))
    for op in made(macro, desk, case, **dict.fromkeys(macro.ask, "some words")):
        found = desk.ask(op, "ada", LEAD)
        assert not isinstance(found, Refused), (op, found)
    assert any("some words" in str(row) for row in [*desk.of(Note), *desk.of(Consult)])


def test_variables_are_filled_in_once_and_never_looked_through() -> None:
    desk = Desk()
    case = desk.open()
    macro = of('ask = { said = "What?" }\n' + NOTE)
    (note,) = made(macro, desk, case, said="{me} {case} {{ref}}")
    assert note == ops.AddNote(case=case, body=f"{{me}} {{case}} {{{{ref}}}} by ada on {desk.case(case).ref}")
    assert macro.questions("fr") == (("said", "What?"),)


def test_what_is_asked_for_must_be_filled_in() -> None:
    desk = Desk()
    case = desk.open()
    macro = of('ask = { said = "What?", more = "And?" }\n' + NOTE)
    with pytest.raises(MacroFault, match="Fill in: said, more"):
        made(macro, desk, case, said=" ")


def test_a_title_that_holds_a_variable_names_nothing() -> None:
    desk = Desk()
    case = desk.open("{me}")
    (note,) = made(of('[[steps]]\ndo = "AddNote"\nbody = "{title}"\n'), desk, case)
    assert note.body == "{me}"


def test_times_are_written_as_people_say_them() -> None:
    desk = Desk()
    case = desk.open()
    task, wait = made(of('[[steps]]\ndo = "AddTask"\ntitle = "t"\ndue = "2h"\n[[steps]]\ndo = "Wait"\nuntil = "15m"\n'),
                      desk, case)  # fmt: skip
    assert (task.due, wait.until) == (NOW + 2 * HOUR, NOW + HOUR // 4)


def test_a_macro_is_for_the_cases_of_its_condition() -> None:
    desk = Desk()
    macro = of('when = "type:press sev:0,1"\n' + NOTE.replace("{said} ", ""))
    assert macro.fits(desk.case(desk.open(case_type="press", severity=1)))
    assert not macro.fits(desk.case(desk.open(case_type="press", severity=2)))
    assert not macro.fits(desk.case(desk.open(severity=1)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NOTE, "step 1: no variable {said}; there are"),
        ("", "it has no steps"),
        ('[[steps]]\ndo = "Explode"\n', "Explode is no operation"),
        ('[[steps]]\ndo = "ReceiveReport"\n', "ReceiveReport is no operation"),
        ('[[steps]]\ndo = "SendMessage"\nmessage = "m"\n', "SendMessage is no operation"),
        ('[[steps]]\ndo = "ApproveDecision"\n', "ApproveDecision is no operation"),
        ('[[steps]]\ndo = "Undo"\noperation = "x"\n', "Undo is no operation"),
        ("[[steps]]\ndo = 3\n", "3 is no operation"),
        ('[[steps]]\ndo = "Tag"\ntag = "x"\n', "Tag has no field tag"),
        ('[[steps]]\ndo = "Tag"\ntags = ["x"]\ncase = "other"\n', "Tag has no field case"),
        ('when = "typ:press"\n' + NOTE, 'no field "typ"'),
        ('key = "ab"\n' + NOTE, "key must be one character"),
        ('colour = "red"\n' + NOTE, "colour"),
        ("steps = 3\n", "array"),
        ("[[steps]\n", "is no TOML here"),
        ('ask = { said = { fr = "Quoi ?" } }\n' + NOTE, "need an English text"),
    ],
)
def test_each_fault_of_a_file_is_told(text: str, said: str) -> None:
    assert said in fault_of(text)


def test_a_value_of_the_wrong_kind_names_its_step() -> None:
    desk = Desk()
    case = desk.open()
    with pytest.raises(MacroFault, match="step 1, SetSeverity"):
        made(of('[[steps]]\ndo = "SetSeverity"\nseverity = "two"\n'), desk, case)


def test_a_persons_own_files_replace_ours_and_their_faults_are_told(tmp_path: Path) -> None:
    folder = tmp_path / macro_files.FOLDER
    folder.mkdir()
    body = 'title = "Mine"\nkey = "l"\n[[steps]]\ndo = "AddNote"\nbody = "b"\n'
    (folder / "press.toml").write_text(body, "utf-8")
    (folder / "twin.toml").write_text(body, "utf-8")
    (folder / "bad.toml").write_text("title = 3\n", "utf-8")
    (folder / "bytes.toml").write_bytes(b"\xff")
    found, faults = macro_files.load(tmp_path)
    by_id = {macro.id: macro for macro in found}
    assert (by_id["press"].titled("en"), by_id["press"].key, by_id["legal"].key) == ("Mine", "l", "")
    assert (by_id["twin"].key, set(by_id)) == ("", {macro.id for macro in PACKAGED} | {"twin"})
    assert [fault.partition(":")[0] for fault in faults] == [
        "macros/bad.toml", "macros/bytes.toml", "macros/twin.toml",
    ]  # fmt: skip
    assert macro_files.load(tmp_path / "nowhere") == (PACKAGED, ())
