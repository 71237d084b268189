"""Lists of terms: the packaged ones are sound, the operator's win, what is wrong in one costs no more than itself."""

from __future__ import annotations

import codecs
import subprocess
import sys
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from escaltui.protection import Masking
from escaltui.safety.folding import fold
from escaltui.safety.lexicon_files import LANGUAGES, load, told
from escaltui.safety.masking import KINDS, Masker

HEAD = 'lang = "de"\nowner = "us"\nversion = "1"\n'
ROW = '[[term]]\ntext = "{text}"\nclass = "{kind}"\nseverity = {severity}\nmatch = "{match}"\n'


def row(text: str, kind: str = "slur", severity: int = 2, match: str = "word") -> str:
    return ROW.format(text=text, kind=kind, severity=severity, match=match)


def put(folder: Path, text: str, name: str = "lexicons/own.toml") -> Path:
    file = folder / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, "utf-8")
    return file


def found(masker: Masker, text: str) -> list[tuple[str, str]]:
    return [(text[start:end], kind) for start, end, kind in masker.spans(text)]


def turned(text: str) -> str:
    return codecs.encode(text, "rot13")


# --- the packaged lists


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_packaged_list_is_sound_and_turned(language: str) -> None:
    text = (files("escaltui.safety") / "lexicons" / f"{language}.toml").read_text("utf-8")
    lexicon = tomllib.loads(text)
    terms = [term.strip() for group in lexicon["term"] for term in group["texts"].split(",")]
    assert lexicon["encoding"] == "rot13"
    assert len(terms) == len(set(terms)) >= 180
    assert {group["class"] for group in lexicon["term"]} == set(KINDS)
    masker = load(Masking(languages=(language,)), Path("nowhere"))
    assert masker.problems == ()
    assert 180 <= masker.coverage[language] <= len(terms)
    never = {" ".join(fold(turned(each)).split()) for each in lexicon["never"]}
    unmasked = [term for term in terms if not masker.spans(turned(term)) and fold(turned(term)) not in never]
    assert unmasked == []


def test_no_term_stands_plain_in_the_packaged_lists() -> None:
    """As a person reads the file: no line of it holds a term, and the control, the same lines turned, do."""
    masker = load(Masking(), Path("nowhere"))
    for language in LANGUAGES:
        lines = (files("escaltui.safety") / "lexicons" / f"{language}.toml").read_text("utf-8").splitlines()
        assert [line for line in lines if masker.spans(line)] == []
        assert sum(bool(masker.spans(turned(line))) for line in lines) > 20


def test_severity_and_language_choose(tmp_path: Path) -> None:
    mild, strong = turned("penc"), turned("phag")
    assert found(load(Masking(), tmp_path), f"{mild} {strong}") == [(mild, "profanity"), (strong, "profanity")]
    assert found(load(Masking(from_severity=3), tmp_path), f"{mild} {strong}") == [(strong, "profanity")]
    assert found(load(Masking(languages=("fr",)), tmp_path), f"{mild} {strong}") == []
    assert found(load(Masking(on=False), tmp_path), f"{mild} {strong}") == []
    assert load(Masking(languages=("en", "xx")), tmp_path).problems == ()


def test_what_is_covered_is_said(tmp_path: Path) -> None:
    masker = load(Masking(), tmp_path)
    en, fr = masker.coverage["en"], masker.coverage["fr"]
    assert told(masker) == f"masked: en {en}, fr {fr} terms; other languages are not"
    assert told(load(Masking(on=False), tmp_path)) == "masked: nothing"


# --- the operator's


def test_own_lists_in_the_folder_and_named(tmp_path: Path) -> None:
    put(tmp_path, HEAD + row("Zörbel") + row("grumf", "threat", 3, "prefix"))
    put(tmp_path, HEAD + 'encoding = "rot13"\n' + row(turned("plonk und plink"), "sexual"), "team.toml")
    masker = load(Masking(lexicons=("team.toml",)), tmp_path)
    assert masker.coverage["de"] == 3
    assert found(masker, "ZORBEL, grumfig; plonk und plink") == [
        ("ZORBEL", "slur"), ("grumfig", "threat"), ("plonk und plink", "sexual")
    ]  # fmt: skip


def test_own_lists_win(tmp_path: Path) -> None:
    mild, strong = turned("penc"), turned("phag")
    put(tmp_path, HEAD + f'never = ["{strong}"]\n' + row(mild, "slur", 3))
    masker = load(Masking(), tmp_path)
    assert found(masker, f"{mild} {strong}") == [(mild, "slur")]
    put(tmp_path, HEAD + row("moby dick", "slur", 3), "lexicons/zz.toml")
    assert ("Moby Dick", "slur") in found(load(Masking(), tmp_path), "Moby Dick")


def test_a_long_text_list_in_one_row(tmp_path: Path) -> None:
    put(tmp_path, HEAD + '[[term]]\ntexts = ["abba", "beeb"]\nclass = "slur"\nseverity = 1\n')
    assert [text for text, _kind in found(load(Masking(), tmp_path), "abba beeb")] == ["abba", "beeb"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("lang = ", "own.toml: "),
        ('owner = "us"\n' + row("zorbel"), "missing required field `lang`"),
        (HEAD + 'encoding = "base64"\n' + row("zorbel"), "encoding"),
        (HEAD + 'more = "1"\n' + row("zorbel"), "more"),
        (HEAD + "term = 3\n", "term"),
        ("x = " + "[" * 5000, "own.toml: "),
    ],
)
def test_a_list_that_cannot_be_used_is_told_and_the_others_hold(tmp_path: Path, text: str, said: str) -> None:
    put(tmp_path, text)
    put(tmp_path, HEAD + row("grumf"), "lexicons/zz.toml")
    masker = load(Masking(), tmp_path)
    (problem,) = masker.problems
    assert said in problem
    assert "Mend it" in problem
    assert [each for each, _kind in found(masker, f"zorbel grumf {turned('phag')}")] == ["grumf", turned("phag")]


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (row("zorbel", "rude"), "Invalid enum value 'rude'"),
        (row("zorbel", severity=4), "<= 3"),
        (row("zorbel", match="infix"), "infix"),
        (row("one two three four five"), "in up to 4 words"),
        (row("ab"), "3 letters or more"),
        (row(""), "text or texts is missing"),
        (row("..."), "3 letters or more"),
        ('[[term]]\ntext = "zorbel"\nclass = "slur"\n', "severity"),
    ],
)
def test_a_bad_row_costs_itself_only(tmp_path: Path, bad: str, said: str) -> None:
    put(tmp_path, HEAD + row("grumf") + bad + row("plonk"))
    masker = load(Masking(), tmp_path)
    (problem,) = masker.problems
    assert said in problem
    assert "own.toml, term 2: " in problem
    assert [text for text, _kind in found(masker, "grumf zorbel plonk")] == ["grumf", "plonk"]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    put(tmp_path, "").write_bytes(b'lang = "de"\n# \xff\xfe')
    masker = load(Masking(lexicons=("gone.toml",)), tmp_path)
    assert len(masker.problems) == 2
    assert "not UTF-8" in masker.problems[0]
    assert "No such file" in masker.problems[1]
    assert masker.coverage["en"] > 180


# --- its price


def test_loading_brings_no_textual() -> None:
    """It is done before the first title is drawn."""
    code = "import sys, escaltui.safety.lexicon_files; print('textual' in sys.modules, 'rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["False", "False"], done.stderr
