"""The pages under docs/ and the README tell what can be typed: each command line is one that the program accepts, each
make target is there, each piece of config.toml is one that can be used."""

from __future__ import annotations

import argparse
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from escaltui import config
from escaltui.commands import grammar, parser
from escaltui.intake import connectors

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = [REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md", *sorted((REPOSITORY / "docs").glob("*.md"))]
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.M | re.S)
INLINE = re.compile(r"(?<!`)`([^`]+)`(?!`)")
OTHER = frozenset({"toml", "json", "python", "text", "http", "yaml"})
"""Languages of blocks that hold no command."""
OURS = frozenset(
    {"me", "ui", "store", "keys", "mail", "webhook", "remote", "shield", "masking", "exposure", "connector"}
)
"""The sections of config.toml."""
ENDS = frozenset({"|", "||", "&&", ";", ">", ">>", "<", "&", "2", ")"})
"""What a shell reads as the end of a command's words."""
UNFINISHED = ("the following arguments are required", "expected one argument", "expected at least one argument")
"""What is wrong with a command that is only named in a sentence."""


def blocks(page: str, *languages: str) -> list[str]:
    """The blocks of a page in some languages, as they stand without their indent."""
    found = ((indent, language, text) for indent, language, text in FENCE.findall(page))
    return [re.sub(f"^{indent}", "", text, flags=re.M) for indent, language, text in found if language in languages]


def lines(page: str) -> Iterator[str]:
    """The command lines of the blocks; one that goes on with a backslash is one."""
    languages = {language for _indent, language, _text in FENCE.findall(page)} - OTHER
    for block in blocks(page, *languages):
        yield from re.sub(r"\\\n\s*", "", block).splitlines()


def spoken(page: str) -> Iterator[str]:
    """What stands as code within sentences."""
    for span in INLINE.findall(FENCE.sub("", page)):
        yield " ".join(span.split())


def commands(line: str) -> Iterator[list[str]]:
    """The words of each call of ours in a line; behind two blanks a block may say what it does."""
    words = shlex.shlex(line.replace("…", "..."), posix=True, punctuation_chars="|&;<>()")
    words.whitespace_split, words.commenters = True, "#"
    found: list[str] | None = None
    for word in words:
        if found is None:
            found = [] if word.rpartition("/")[2] in ("escaltui", "ExecStart=escaltui") else None
        elif word in ENDS or set(word) <= set("|&;<>()"):
            yield found
            found = None
        else:
            found.append(word.strip("[]"))  # what may be left out
    if found is not None:
        yield found


def told(line: str) -> str:
    """A line of a block without what is said of it."""
    head, sign, tail = line.strip().removeprefix("$ ").partition("escaltui ")
    return head + sign + re.split(r"\s{2,}", tail)[0]


@cache
def built(command: str) -> argparse.ArgumentParser:
    return parser.build(command)


def fault(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What the program says to some words, "" where it accepts them."""
    capsys.readouterr()
    try:
        grammar.parse(built(grammar.command_in(words)), words)
    except SystemExit as ended:
        said = capsys.readouterr().err
        return "" if not ended.code else said.strip() or "refused"
    return ""


def faults(page: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Each command that the program does not accept, with what it says."""
    found = []
    for line in lines(page):
        for words in commands(told(line)) if "escaltui" in line else ():
            if said := fault(words, capsys):
                found.append(f"{line.strip()}: {said}")
    for span in spoken(page):
        for words in commands(span) if span.startswith("escaltui ") else ():
            said = fault(words, capsys)
            if said and not any(each in said for each in UNFINISHED):
                found.append(f"{span}: {said}")
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_command_is_one_that_the_program_accepts(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert faults(page.read_text("utf-8"), capsys) == []


def test_there_are_commands_to_look_at() -> None:
    counts = {page.name: sum("escaltui " in each for each in lines(page.read_text("utf-8"))) for page in PAGES}
    assert {"README.md", "connectors.md", "mailbox.md", "webhook.md", "exports.md"} <= {
        k for k, n in counts.items() if n
    }
    assert sum(counts.values()) > 30


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("```\nescaltui conector run\n```\n", "conector"),
        ("```\n* * * * * escaltui connector run --dew >> log 2>&1\n```\n", "--dew"),
        ("```sh\npip install x && escaltui bundle make E-AAAAA \\\n  --for nobody --why x\n```\n", "nobody"),
        ("1. Do\n\n   ```\n   escaltui connector sign-on press\n   ```\n", "sign-on"),
        ("Type `escaltui bundle\nmak` then.", "mak"),
        ("Type `escaltui export --form csv`.", "--form"),
    ],
)
def test_control_a_command_that_is_none_is_found(page: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = faults(page, capsys)
    assert said in found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_make_target_is_there(page: Path) -> None:
    there = set(re.findall(r"^([a-z0-9-]+):", (REPOSITORY / "Makefile").read_text("utf-8"), re.M))
    text = page.read_text("utf-8")
    typed = [each for block in blocks(text, "", "sh", "bash", "console") for each in block.splitlines()]
    named = {found[1] for each in (*typed, *spoken(text)) if (found := re.match(r"make ([a-z][a-z0-9-]*)", each))}
    assert named <= there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_each_piece_of_settings_can_be_used(page: Path, tmp_path: Path) -> None:
    """And each connector that a page sets up can be made, with a password."""
    for block in blocks(page.read_text("utf-8"), "toml"):
        if not set(tomllib.loads(block)) <= OURS:
            continue  # the backend's, or rules
        (tmp_path / config.FILE).write_text(block, "utf-8")
        found = config.load(tmp_path)
        assert found.problems == (), block
        for row in found.connectors:
            connectors.made(row, "secret").close()
