"""Letter templates: `<id>.<language>.md` files, ours and a team's, each checked whole.

A file is a head of TOML between two lines `+++`, then the text:

    +++
    title = "We have received your request ({{case.ref}})"
    party = "requester"
    variables = ["case.ref", "next_step"]
    role = "counsel"        # only where more is asked than the party asks for
    +++
    Dear ...

The title becomes the mail's subject. `variables` names every placeholder of title and text, no other. A team's file
replaces ours of the same name. A fault is one sentence with file and line; the template is then left out, others stay.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from escaltui import wording
from escaltui.domain import letters
from escaltui.domain.conditions import suggest
from escaltui.domain.letters import Template
from escaltui.domain.sentences import Value, said

PACKAGED = Path(__file__).parent / "rules" / "templates"
FENCE = "+++"
FIELDS = {"title": str, "party": str, "variables": list, "role": str}
_NAME = re.compile(r"([a-z][a-z0-9_-]{0,60})\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?)\.md")
_VARIABLE = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")
_TOML_LINE = re.compile(r"line (\d+)")


class TemplateFault(Exception):
    """Templates that cannot be used. `faults`: one sentence each, with file and line."""

    def __init__(self, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class Library(NamedTuple):
    """All templates that can be used, by id and language; the faults of the others; a hash over all of them."""

    all: tuple[Template, ...]
    faults: tuple[str, ...] = ()
    hash: str = ""

    def find(self, template: str, languages: tuple[str, ...] = ()) -> Template | None:
        """A template in the first of these languages that it has, else in English, which `language_said` tells."""
        return letters.choose(self.all, template, languages)


class FileFault(Exception):
    """What is wrong in one file, and in which line."""

    def __init__(self, line: int, template: str, /, **values: Value) -> None:
        super().__init__(template)
        self.line, self.said = line, said(template, **values)


def load(folder: Path | None = None, given: Mapping[str, bytes] | None = None) -> Library:
    """The packaged templates with those of a team's folder over them; or those `given` by file name, no others.

    Never raises: see `faults`.
    """
    found: dict[str, Template] = {}
    faults: list[str] = []
    digest = hashlib.sha256()
    for name, content in given.items() if given is not None else _files(folder):
        try:
            found[name] = read(name, _text(content))
        except FileFault as fault:
            faults.append(f"{name}:{fault.line}: {wording.told(fault.said)}")
    for name in sorted(found):
        digest.update(repr((name, found[name])).encode("utf-8", "replace"))
    return Library(tuple(found[name] for name in sorted(found)), tuple(faults), digest.hexdigest())


def load_strict(folder: Path | None = None) -> Library:
    """The same; raises TemplateFault where anything is wrong."""
    library = load(folder)
    if library.faults:
        raise TemplateFault(library.faults)
    return library


def _files(folder: Path | None) -> Iterator[tuple[str, bytes | Path]]:
    for where in (PACKAGED, folder):
        for file in sorted(where.glob("*.md")) if where is not None and where.is_dir() else ():
            yield file.name, file


def _text(content: bytes | Path) -> str:
    try:
        return (content if isinstance(content, bytes) else content.read_bytes()).decode("utf-8")
    except UnicodeDecodeError as error:
        raise FileFault(1, "is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise FileFault(1, "cannot be read: {why}", why=str(error.strerror)) from error


def read(name: str, text: str) -> Template:
    """One template out of its file's name and text. Raises a fault with its line, told by `load`."""
    named = _NAME.fullmatch(name)
    if named is None:
        raise FileFault(1, "the name must be like receipt.en.md: an id, a language, md")
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != FENCE:
        raise FileFault(1, "must begin with a line +++ and its head; see another template")
    end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() == FENCE), None)
    if end is None:
        raise FileFault(len(lines), "the head has no end: put a line +++ before the text")
    head = _head("\n".join(lines[1:end]), end)
    body = "\n".join(lines[end + 1 :]).strip("\n") + "\n"
    _checked_head(head, lines)
    _checked_names(head, body, lines, end)
    return Template(named[1], named[2], head["title"], head["party"], body, tuple(head["variables"]),
                    head.get("role", ""))  # fmt: skip


def _head(text: str, lines: int) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = _TOML_LINE.search(str(error))
        raise FileFault(int(at[1]) + 1 if at else lines, "is no TOML here: {why}", why=str(error)) from error


def _line(lines: list[str], field: str) -> int:
    """The line of a field of the head, 1 where it is missing."""
    found = (n for n, line in enumerate(lines, 1) if re.match(rf'\s*"?{re.escape(field)}"?\s*=', line))
    return next(found, 1)


def _checked_head(head: Mapping[str, Any], lines: list[str]) -> None:
    for name, value in head.items():
        if name not in FIELDS:
            raise FileFault(
                _line(lines, name), 'no field "{field}"{hint}', field=name, hint=suggest(name, list(FIELDS))
            )
        if not isinstance(value, FIELDS[name]):
            wanted = said("a list of names" if FIELDS[name] is list else "a text in quotes")
            raise FileFault(_line(lines, name), "{field} must be {wanted}", field=name, wanted=(wanted,))
    for name in ("title", "party", "variables"):
        if name not in head:
            raise FileFault(1, "{field} is missing in the head", field=name)
    if not head["title"].strip() or "\n" in head["title"]:
        raise FileFault(_line(lines, "title"), "the title is one line, the mail's subject")
    for name, known in (("party", letters.PARTIES), ("role", ("", *letters.SIGNERS))):
        if head.get(name, "") not in known:
            raise FileFault(
                _line(lines, name), "{field}: one of {known}", field=name, known=", ".join(filter(None, known))
            )


def _checked_names(head: Mapping[str, Any], body: str, lines: list[str], end: int) -> None:
    """Every placeholder is listed, every listed name is used, and the program knows those with a dot."""
    at = _line(lines, "variables")
    if not body.strip():
        raise FileFault(end + 1, "there is no text under the head")
    listed = head["variables"]
    for name in listed:
        if not isinstance(name, str) or not _VARIABLE.fullmatch(name):
            raise FileFault(at, "a variable is a name like case.ref or next_step, not {name}", name=str(name)[:60])
        if "." in name and name not in letters.KNOWN_VALUES:
            raise FileFault(at, 'the program knows no value "{name}"{hint}', name=name,
                         hint=suggest(name, letters.KNOWN_VALUES))  # fmt: skip
    for number, line in _texts(head["title"], lines, end):
        for name in letters.placeholders(line):
            if name not in listed:
                raise FileFault(number, '"{name}" is not listed in variables{hint}', name=name,
                             hint=suggest(name, listed))  # fmt: skip
        left = letters.unfinished(letters.fill(line, dict.fromkeys(listed, "x")).text)
        if left:
            raise FileFault(number, "this would never be sent: {marks}", marks=", ".join(left))
    used = letters.placeholders(head["title"] + "\n" + body)
    for name in listed:
        if name not in used:
            raise FileFault(at, 'the variable "{name}" is used nowhere; take it out', name=name)


def _texts(title: str, lines: list[str], end: int) -> Iterator[tuple[int, str]]:
    yield _line(lines, "title"), title
    yield from enumerate(lines[end + 1 :], end + 2)
