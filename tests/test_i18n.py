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

from escaltui import i18n

PACKAGE = Path(i18n.__file__).parent
TOOL = PACKAGE.parent / "tools" / "messages.py"
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
        for text in texts:
            assert _fields(text) == _fields(originals[-1]), message.id


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
