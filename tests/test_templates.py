"""Letter templates: the packaged ones are whole in both languages; a fault is one sentence with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from escaltui import templates
from escaltui.domain import letters

GOOD = '+++\ntitle = "About {{case.ref}}"\nparty = "press"\nvariables = ["case.ref", "line"]\n+++\nHello,\n\n{{line}}\n'


def faults(folder: Path, text: str, name: str = "ours.en.md") -> tuple[str, ...]:
    (folder / name).write_text(text, "utf-8")
    return templates.load(folder).faults


def test_the_packaged_letters_are_whole_and_in_both_languages() -> None:
    library = templates.load_strict()
    by_id: dict[str, dict[str, letters.Template]] = {}
    for each in library.all:
        by_id.setdefault(each.id, {})[each.language] = each
    assert len(by_id) >= 12
    for texts in by_id.values():
        assert set(texts) == {"en", "fr"}
        english, french = texts["en"], texts["fr"]
        assert (english.party, english.role, set(english.variables)) == (
            french.party,
            french.role,
            set(french.variables),
        )
        assert english.body != french.body
        assert "case.ref" in english.variables
        for text in texts.values():
            values = dict.fromkeys(text.variables, "x")
            assert letters.unfinished(letters.fill(text.title + text.body, values).text) == ()
            assert len(letters.fill(text.title, values).text) <= letters.SUBJECT_LIMIT


def test_a_teams_letter_replaces_ours_and_moves_the_hash(tmp_path: Path) -> None:
    before = templates.load_strict(tmp_path / "none")
    (tmp_path / "receipt.en.md").write_text(GOOD)
    (tmp_path / "own.de.md").write_text(GOOD)
    after = templates.load_strict(tmp_path)
    found = after.find("receipt")
    assert found is not None
    assert (found.title, found.party) == ("About {{case.ref}}", "press")
    assert after.find("own", ("fr",)) is not None
    assert len(after.all) == len(before.all) + 1
    assert after.hash != before.hash
    assert templates.load_strict(tmp_path).hash == after.hash


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("Hello", 1, "must begin with a line +++"),
        ("+++\ntitle = 'x'\n", 3, "the head has no end"),
        (GOOD.replace('"press"', "press"), 3, "is no TOML here"),
        (GOOD.replace('party = "press"\n', ""), 1, "party is missing"),
        (GOOD.replace('"press"', '"pres"'), 3, "party: one of requester"),
        (GOOD.replace("party", "partey"), 3, 'no field "partey"; did you mean "party"?'),
        (GOOD.replace('["case.ref", "line"]', '"line"'), 4, "variables must be a list of names"),
        (GOOD.replace('"line"]', '"line", 3]'), 4, "a variable is a name like case.ref"),
        (GOOD.replace('"line"]', '"line", "more"]'), 4, '"more" is used nowhere'),
        (GOOD.replace("{{line}}", "{{lime}}"), 8, '"lime" is not listed in variables; did you mean "line"?'),
        (GOOD.replace("{{case.ref}}", "{{case.reff}}"), 2, '"case.reff" is not listed'),
        (GOOD.replace("case.ref", "case.secret"), 4, 'the program knows no value "case.secret"'),
        (GOOD.replace("Hello", "[[say hello]]"), 6, "this would never be sent: [[say hello]]"),
        (GOOD.replace("Hello", "TODO"), 6, "this would never be sent: TODO"),
        (GOOD.replace("{{line}}", "{{line}"), 8, "this would never be sent"),
        (GOOD.replace("Hello,\n\n{{line}}\n", ""), 5, "there is no text"),
        (GOOD.replace('+++\nHello', 'role = "nobody"\n+++\nHello'), 5, "role: one of lead"),
        (GOOD.replace("About {{case.ref}}", " "), 2, "the title is one line"),
    ],
)  # fmt: skip
def test_a_fault_names_file_line_and_mend(tmp_path: Path, text: str, line: int, words: str) -> None:
    (found,) = faults(tmp_path, text)
    assert found.startswith(f"ours.en.md:{line}: ")
    assert words in found
    assert templates.load(tmp_path).find("receipt") is not None
    with pytest.raises(templates.TemplateFault, match=r"ours\.en\.md"):
        templates.load_strict(tmp_path)


@pytest.mark.parametrize("name", ["ours.md", "Ours.en.md", "ours.english-text-x.md", "..en.md"])
def test_a_file_name_says_id_and_language(tmp_path: Path, name: str) -> None:
    assert "receipt.en.md" in faults(tmp_path, GOOD, name)[0]


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    (tmp_path / "ours.en.md").write_bytes(b"+++\n\xff\xfe")
    (tmp_path / "folder.en.md").mkdir()
    assert ["UTF-8" in each or "cannot be read" in each for each in templates.load(tmp_path).faults] == [True, True]


@given(st.text("+\n={}[]\"' abcrefpty.title#TODO1", max_size=120))
def test_any_text_is_a_template_or_one_sentence(text: str) -> None:
    found = said = None
    try:
        found = templates.read("ours.en.md", text)
    except templates.FileFault as fault:
        said = fault
    if found is None:
        assert said is not None
        assert said.line >= 1
        assert str(said.said).strip()
    else:
        assert letters.unfinished(letters.fill(found.body, dict.fromkeys(found.variables, "x")).text) == ()
