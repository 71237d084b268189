"""Arguments of the command line: options anywhere, queries with a leading minus, errors that are safe to show."""

from __future__ import annotations

import argparse
import re
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

from escaltui.i18n import _
from escaltui.safety.text import line, storable

VALUED = frozenset({"--store", "--as", "--op-id"})
FREE = frozenset({"ls", "next", "export", "keys", "people", "policy", "actor", "requester", "repeats"})
"""Commands whose further words are a query or a sub-command: options may stand between them."""
DEFAULTS = {
    "command": "open", "action": "", "store": "", "acting_as": "", "json": False, "plain": False, "op_id": "",
    "dev": False, "dry_run": False,
}  # fmt: skip
PATHS = frozenset(
    {
        "store",
        "path",
        "mapping",
        "file",
        "out",
        "queries",
        "lines",
        "folder",
        "export",
        "witness",
        "tls_cert",
        "tls_key",
    }
)
"""Arguments that name files: they keep the exact bytes of the name."""
OWN_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


class Argument(NamedTuple):
    """An argument for argparse: its name or flags, and its settings."""

    names: tuple[str, ...]
    settings: dict[str, Any]


def argument(*names: str, **settings: Any) -> Argument:
    """An argument, written as for `add_argument`."""
    return Argument(names, settings)


class Parser(argparse.ArgumentParser):
    """Says what is wrong without passing what was typed raw to the terminal."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"escaltui: {line(message).value}\n  {self.prog} --help shows how it is written.\n")


def severity(text: str) -> int:
    """`S2` or `2` as a number."""
    bare = text.upper().removeprefix("S")
    if len(bare) != 1 or bare not in "01234":
        raise ArgumentTypeError(_("{text!r} is no severity: S0 to S4").format(text=text))
    return int(bare)


def count(text: str) -> int:
    """A whole number of 1 or more."""
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 10**12):
        raise ArgumentTypeError(_("{text!r} is no number of 1 or more").format(text=text))
    return int(text)


def operation_id(text: str) -> str:
    """An operation id: one of ours as it is, any other in a form that carries no time."""
    if not re.fullmatch(r"[!-~]{1,80}", text):
        raise ArgumentTypeError(
            _("{text!r} is no operation id: 1 to 80 printable characters without spaces").format(text=text)
        )
    return text if OWN_ID.fullmatch(text) else f"op:{text}"


def command_in(arguments: Sequence[str]) -> str:
    """The command among the arguments, "" where there is none."""
    words = iter(arguments)
    for word in words:
        if word in VALUED:
            next(words, "")
        elif not word.startswith("-"):
            return word
    return ""


def parse(parser: argparse.ArgumentParser, arguments: Sequence[str]) -> Namespace:
    """Parse; for a command of free words these come as `free`, one that begins with a minus too (`ls -tag:x`)."""
    free = command_in(arguments) in FREE
    # argparse takes a word with a space for text, so that -has:hidden is not read as -h
    given = [f" {word}" if free and re.match(r"-[^-\s].", word) else word for word in arguments]
    args, more = parser.parse_known_args(given, Namespace(**DEFAULTS))
    args.action = args.action or ""  # a command may do something without its sub-commands
    free = free and (args.command != "policy" or args.action == "search")
    at = more.index("--") if "--" in more else len(more)
    words, literal = more[:at], more[at + 1 :]
    if unknown := [word for word in words if not free or word.startswith("--")]:
        parser.error(f"unrecognized: {' '.join(word.strip() for word in unknown)}")
    args.free = [word.strip() for word in (*words, *literal)]
    for name, value in vars(args).items():
        if name not in PATHS:
            setattr(args, name, _storable(value))
    return args


def _storable(value: Any) -> Any:
    """Words as the store takes them: bytes that are no UTF-8 reach us as lone surrogates."""
    if isinstance(value, list):
        return [_storable(each) for each in value]
    return storable(value) if isinstance(value, str) else value


def common() -> Parser:
    """The options of every command; they may stand before or after it."""
    found = Parser(add_help=False, allow_abbrev=False)
    add, quiet = found.add_argument, argparse.SUPPRESS
    add("--store", metavar="FOLDER", default=quiet, help="the store folder (else ESCALTUI_STORE)")
    add("--as", dest="acting_as", metavar="PERSON", default=quiet, help="act as a known colleague (else ESCALTUI_AS)")
    add("--json", action="store_true", default=quiet, help="one JSON object a line")
    add("--plain", action="store_true", default=quiet, help="label: value lines (default when piped)")
    add("--op-id", metavar="ID", type=operation_id, default=quiet, help="makes a retry harmless")
    add("--dev", action="store_true", default=quiet, help=argparse.SUPPRESS)
    return found


def standard_input() -> str:
    """What is piped in, as text; bytes that are not UTF-8 are marked, not lost to an error."""
    return sys.stdin.buffer.read().decode("utf-8", "replace") if hasattr(sys.stdin, "buffer") else sys.stdin.read()
