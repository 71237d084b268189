"""Two languages: every visible sentence goes through the catalogue, and has a French text with the same fields."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from escaltui import cli, i18n, rules_loader, wording
from escaltui.domain.changes import refused
from escaltui.domain.entities import Case
from escaltui.domain.operations import OPERATIONS
from escaltui.domain.query import QueryError, parse
from escaltui.domain.rules import fields, intake, planning, status, subjects
from escaltui.domain.rules.gate import VERBS
from escaltui.domain.rules.undo import NOT_UNDONE
from escaltui.domain.sentences import Said, said, words
from escaltui.domain.transitions import STATUSES

PACKAGE = Path(i18n.__file__).parent
TOOL = PACKAGE.parent / "tools" / "messages.py"
sys.path.insert(0, str(TOOL.parent))
import messages  # noqa: E402
import sentences  # noqa: E402

SHOWN = {"own", "fail", "say", "Static", "Label", "notify"}
"""Calls whose first argument is drawn."""
NAMES = {"escaltui", "desk"}
WORD = re.compile(r"[A-Za-zÀ-ÿ]{3,}")


def screens() -> list[Path]:
    return [
        *sorted((PACKAGE / "widgets").rglob("*.py")),
        *sorted((PACKAGE / "screens").rglob("*.py")),
        PACKAGE / "app.py",
    ]


def bare_strings(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, words) of literals that are drawn without a look into the catalogue."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) in SHOWN and node.args:
            yield from _words(node.args[0])
        if isinstance(node, ast.Assign) and any(
            _name(each) in ("border_title", "border_subtitle") for each in node.targets
        ):
            yield from _words(node.value)


def _words(node: ast.expr) -> Iterator[tuple[int, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and set(WORD.findall(node.value)) - NAMES:
        yield node.lineno, node.value
    elif isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield from _words(part)
    elif isinstance(node, ast.BinOp):
        yield from _words(node.left)
        yield from _words(node.right)


def _name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


@pytest.mark.parametrize("file", screens(), ids=lambda file: file.name)
def test_no_visible_string_bypasses_the_catalogue(file: Path) -> None:
    assert list(bare_strings(ast.parse(file.read_text("utf-8")))) == []


def test_the_walk_finds_what_it_is_for() -> None:
    assert (
        list(bare_strings(ast.parse('self.say(own("Not so."))\nbox.border_title = "Keys"\nown(f"{x} left")\n'))) != []
    )
    assert list(bare_strings(ast.parse('own(_("So."))\nown("escaltui")\nown(f"S{n}")\n'))) == []


@pytest.mark.parametrize("file", screens(), ids=lambda file: file.name)
def test_no_plain_str_reaches_a_widget(file: Path) -> None:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Call) and _name(node.func) in ("Static", "Label", "notify", "update") and node.args:
            given = node.args[0]
            is_content = isinstance(given, ast.Call) and _name(given.func) in ("content", "rich_text")
            assert is_content or (
                _name(node.func) == "update" and not isinstance(given, (ast.Constant, ast.JoinedStr))
            ), f"{file.name}:{node.lineno}"


def test_the_catalogues_are_up_to_date_and_whole() -> None:
    done = subprocess.run([sys.executable, str(TOOL), "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"run make messages, and write the missing texts:\n{done.stdout}{done.stderr}"


def test_translations_have_the_fields_of_the_original() -> None:
    catalogue = read_po((i18n.FOLDER / "fr" / "LC_MESSAGES" / "escaltui.po").open("rb"))
    for message in catalogue:
        if not message.id:
            continue
        originals = message.id if isinstance(message.id, (list, tuple)) else (message.id,)
        texts = message.string if isinstance(message.string, (list, tuple)) else (message.string,)
        known = [_fields(each) for each in originals]
        assert _fields(texts[-1]) == known[-1], message.id
        assert all(_fields(text) in known for text in texts), message.id


# --- what the code below the catalogues says


@pytest.fixture
def french() -> Iterator[None]:
    i18n.set_language("fr")
    yield
    i18n.set_language("en")


@pytest.fixture(scope="session")
def texts() -> dict[str, str]:
    """French by English, where there is one form."""
    catalogue = read_po((i18n.FOLDER / "fr" / "LC_MESSAGES" / "escaltui.po").open("rb"))
    return {each.id: each.string for each in catalogue if isinstance(each.id, str) and isinstance(each.string, str)}


@pytest.mark.parametrize("file", sentences.files(PACKAGE), ids=lambda file: file.name)
def test_every_template_is_written_down_and_has_a_french_text(file: Path, texts: dict[str, str]) -> None:
    assert [found for found in sentences.templates(file) if found.text not in {**texts, **wording.WORDS}] == []
    assert list(sentences.made_at_run_time(file)) == []


def test_the_walk_over_templates_finds_what_it_is_for(tmp_path: Path) -> None:
    file = tmp_path / "rule.py"
    file.write_text(
        'WAYS = {"a": "By table."}\n'
        'def _way(x): return WAYS.get(x, "Else.")\n'
        'late = "By name." if x else "Or other."\n'
        'need(x, "invalid", late, _way(x))\n'
        'raise Refusal("stale", "Straight.", WAYS["a"])\n'
        'raise QueryError("Typed {n}", at, n=1)\n'
        'for n, looped in ((1, "In a loop."), (2, "In another.")): said(looped, n=n)\n'
        "from escaltui.domain.rules.planning import COMPENSATE\n"
        'need(x, "invalid", COMPENSATE, "")\n'
    )
    assert {found.text for found in sentences.templates(file)} == {
        "By table.", "Else.", "By name.", "Or other.", "Straight.", "Typed {n}", "In a loop.", "In another.",
        planning.COMPENSATE,
    }  # fmt: skip
    assert list(sentences.made_at_run_time(file)) == []
    file.write_text('need(x, "invalid", f"No {x}.", "a" + b)\nraise Refusal("stale", "{x}".format(x=1), "")\n')
    assert set(sentences.made_at_run_time(file)) == {1, 2}


def template_takers(tree: ast.Module) -> Iterator[str]:
    """What is called with a template and its fields: kinds of `Fault`, and whatever asks for `template, **values`."""
    kinds = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    yield from (kind.name for kind in kinds if "Fault" in map(_name, kind.bases))
    for holder in (*kinds, tree):
        asking = (each for each in holder.body if isinstance(each, ast.FunctionDef) and _asks(each))
        yield from (getattr(holder, "name", "") if each.name == "__init__" else each.name for each in asking)


def _asks(node: ast.FunctionDef) -> bool:
    names = {arg.arg for arg in (*node.args.posonlyargs, *node.args.args)}
    return node.args.kwarg is not None and "template" in names


def test_whatever_is_called_with_a_template_is_walked_over() -> None:
    takers = {name for file in sorted(PACKAGE.rglob("*.py")) for name in template_takers(ast.parse(file.read_text()))}
    assert {"said", "QueryError", "FileFault", "OutboundError"} <= takers
    assert takers - sentences.TEMPLATES.keys() == {"Fault"}, "only its kinds are raised"


def test_every_name_that_a_sentence_tells_has_a_word() -> None:
    rules = rules_loader.load()
    editable = set(Case.__struct_fields__) - Case.DERIVED - HOUSEKEEPING
    names = {
        *STATUSES, *VERBS.values(), *NOT_UNDONE, *fields.EDITABLE, *editable, *status.DISMISSALS, *status.REOPENINGS,
        *status.ROOT_CAUSES, *status.PARTIES, *intake.CHANNELS, *intake.METHODS, *subjects.ROLES,
        *(kind for kind, op in OPERATIONS.items() if op.MODE == "online"), "normal", "restricted", "privileged",
    }  # fmt: skip
    tables = (rules.types, rules.flags, rules.requesters, rules.metrics, rules.teams, rules.desks)
    assert sorted((names | {row for table in tables for row in table}) - set(wording.WORDS)) == []
    assert sorted(set(intake.KINDS) - set(wording.REPORTS)) == []


HOUSEKEEPING = frozenset(
    {"id", "stream", "created_at", "created_by", "rev", "ref", "decision", "merged_was", "waiting"}
)
"""Fields of a case that no sentence tells."""


def test_a_packaged_name_is_told_by_its_label() -> None:
    rules = rules_loader.load()
    tables = (rules.types, rules.flags, rules.metrics, rules.teams, rules.desks)
    for name in {row for table in tables for row in table}:
        labels = {table[name].label.lower() for table in tables if name in table}
        assert wording.word(name).lower() in labels, name


def test_a_refusal_is_told_in_french_and_logged_in_english(french: None) -> None:
    no = refused(
        "wrong_state", "{ref} is {status}; {verb} works on: {sources}.", "Reopen it first.",
        ref="E-7K2QX", status=words("in_review"), verb=words("claim"), sources=words("new", "waiting"),
    )  # fmt: skip
    assert no.reason == "E-7K2QX is in_review; claim works on: new, waiting."
    reason, mend = wording.refusal(no)
    assert reason.startswith("E-7K2QX est dans l'état «\u00a0en examen\u00a0»")
    assert reason.endswith("nouveau, en attente.")
    assert mend == "Rouvrez-le d'abord."


def test_a_sentence_begins_with_a_capital_letter_and_parts_do_not(french: None) -> None:
    part = said("{field} is now {value}", field=words("severity"), value="2")
    assert wording.told(said("{field} is a text.", field=words("title"))).startswith("Titre")
    assert wording.told(said("A colleague changed {ref}: {found}.", ref="E-1", found=(part, part))) == (
        "Un collègue a modifié E-1\u00a0: gravité vaut maintenant 2, gravité vaut maintenant 2."
    )


def test_thousands_are_apart_as_the_language_has_it(french: None) -> None:
    sentence = said("The text has {size:,} bytes; the limit is {limit:,}.", size=1_204, limit=1_000)
    assert "1\u00a0204 octets" in wording.told(sentence)
    assert str(sentence) == "The text has 1,204 bytes; the limit is 1,000."


def test_a_query_that_cannot_be_read_says_so_in_french(french: None) -> None:
    with pytest.raises(QueryError) as caught:
        parse("typ:press", now=0)
    assert str(caught.value) == 'no field "typ" at 1: did you mean type?'
    assert wording.fault(caught.value) == (
        "pas de champ «\u00a0typ\u00a0» (caractère 1)\u00a0: vouliez-vous dire type\u00a0?"
    )


def test_what_has_no_template_is_told_as_it_is(french: None) -> None:
    assert wording.told(Said("{english}", (("english", "as {it} was"),))) == "as {it} was"
    assert wording.fault(ValueError("as it was")) == "as it was"


def test_french_punctuation_never_begins_a_line() -> None:
    assert messages.no_break("Pas fait : « x » ; oui ? http://a") == (
        "Pas fait\u00a0: «\u00a0x\u00a0»\u00a0; oui\u00a0? http://a"
    )


def _fields(text: str) -> set[str]:
    return {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name}


def test_french_is_spoken_and_taken_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "fr_FR.UTF-8")
    assert i18n.set_language() == "fr"
    assert i18n._("undo") != "undo"
    assert i18n.ngettext("{n} case", "{n} cases", 0) == i18n.ngettext("{n} case", "{n} cases", 1), (
        "in French 0 is singular"
    )
    assert i18n._("") == ""
    assert i18n.set_language("en") == "en"
    assert i18n._("undo") == "undo"


@pytest.mark.parametrize(
    ("value", "spoken"), [("fr_CA.UTF-8", "fr"), ("fr", "fr"), ("C", "en"), ("de_DE", "en"), ("en-GB", "en")]
)
def test_the_locale_chooses(monkeypatch: pytest.MonkeyPatch, value: str, spoken: str) -> None:
    monkeypatch.delenv("LC_ALL", raising=False)
    monkeypatch.delenv("LC_MESSAGES", raising=False)
    monkeypatch.setenv("LANG", value)
    assert i18n.locale_language() == spoken


@pytest.mark.parametrize(
    ("more", "locale", "said"),
    [
        ([], "fr_FR.UTF-8", "Pas de dossier E-00000 ici. (not_found)"),
        ([], "C", "No case E-00000 here. (not_found)"),
        (["--json"], "fr_FR.UTF-8", "No case E-00000 here. (not_found)"),
    ],
)
def test_plain_commands_speak_to_people_in_their_language_and_to_programs_in_english(
    more: list[str], locale: str, said: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setenv("LC_ALL", locale)
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "config"))
    assert cli.main(["new", "--title", "One", "--store", str(tmp_path / "store")]) == 0
    capsys.readouterr()
    assert cli.main(["claim", "E-00000", "--store", str(tmp_path / "store"), *more]) == 1
    assert said in capsys.readouterr().err


PLAIN = [
    file
    for folder in ("commands", "workbench", "store", "intake", "policy")
    for file in sorted((PACKAGE / folder).rglob("*.py"))
] + [PACKAGE / name for name in ("cli.py", "config.py", "when.py", "drafting.py")]
SAYS = {
    "StoreError", "StoreLocked", "StoreNewer", "StoreDamaged", "StoreReadOnly", "DiskFull", "Interrupted",
    "IntakeError", "PolicyError", "ConfigError", "WhenError", "EditorError", "NotKnown", "UsageError", "TooMany",
    "ArgumentTypeError", "warn", "say",
}  # fmt: skip
"""Calls below the screens whose first argument is a sentence for people."""


@pytest.mark.parametrize("file", PLAIN, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_no_sentence_of_ours_bypasses_the_catalogue(file: Path) -> None:
    said = (
        found
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Call) and _name(node.func) in SAYS and node.args
        for found in _words(node.args[0])
    )
    assert [(line, text) for line, text in said if " " in text.strip()] == []
