"""The command line's grammar."""

from __future__ import annotations

import argparse

from escaltui import __version__
from escaltui.commands.verbs import VERBS, severity

EPILOG = "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the store cannot be used, 70 a defect."


def build() -> argparse.ArgumentParser:
    """The parser of every command."""
    common = _common()
    parser = argparse.ArgumentParser(
        prog="escaltui", description="A terminal workbench for escalation specialists in Trust & Safety.",
        epilog=EPILOG, parents=[common],
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"escaltui {__version__}")
    parser.set_defaults(command="open", store="", acting_as="", json=False, plain=False, op_id="", dev=False)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    commands.add_parser("open", parents=[common], help="open the workbench (the default)")
    _reading(commands, common)
    _writing(commands, common)
    for name, verb in VERBS.items():
        one = commands.add_parser(name, parents=[common], help=verb.help)
        one.add_argument("ref", metavar="REF", help="a case, as E-7K2QX; - reads references from standard input")
        for argument in verb.arguments:
            one.add_argument(*argument.names, **argument.settings)  # type: ignore[arg-type]
    _policy(commands, common)
    _care(commands, common)
    return parser


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    quiet = argparse.SUPPRESS
    common.add_argument("--store", metavar="FOLDER", default=quiet, help="the store folder (else ESCALTUI_STORE)")
    common.add_argument("--as", dest="acting_as", metavar="PERSON", default=quiet, help="act as a known colleague")
    common.add_argument("--json", action="store_true", default=quiet, help="one JSON object a line")
    common.add_argument("--plain", action="store_true", default=quiet, help="label: value lines (default when piped)")
    common.add_argument("--op-id", metavar="ID", default=quiet, help="makes a retry harmless")
    common.add_argument("--dev", action="store_true", default=quiet, help=argparse.SUPPRESS)
    return common


Commands = argparse._SubParsersAction


def _reading(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    ls = commands.add_parser("ls", parents=[common], help="list the cases of a view or query")
    ls.add_argument("query", nargs="*", metavar="VIEW or QUERY", help="such as: sev:0,1 due<4h; put -- before a -term")
    ls.add_argument("--limit", type=int, default=0, metavar="N", help="at most N (default: every match)")
    ls.add_argument("--sort", default="", help="queue age newest updated due severity ref")
    for name, text in (("show", "one case, whole"), ("brief", "the five-minute brief of a case")):
        commands.add_parser(name, parents=[common], help=text).add_argument("ref", metavar="REF")
    following = commands.add_parser("next", parents=[common], help="claim the best case for me")
    following.add_argument("query", nargs="*", metavar="QUERY")
    following.add_argument("--peek", action="store_true", help="look, do not claim")
    commands.add_parser("views", parents=[common], help="the saved views with their counts")


def _writing(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    note = commands.add_parser("note", parents=[common], help="write a note")
    note.add_argument("ref", metavar="REF")
    note.add_argument("-m", "--message", metavar="TEXT", help="the text, or - for standard input; bare: $EDITOR")
    note.add_argument("--kind", default="note", choices=("note", "analysis", "quote", "call"))
    cite = commands.add_parser("cite", parents=[common], help="cite a policy section on a case")
    cite.add_argument("ref", metavar="REF")
    cite.add_argument("section")
    cite.add_argument("--version", default="")
    commands.add_parser("undo", parents=[common], help="take back my last operation")
    new = commands.add_parser("new", parents=[common], help="open a case by hand")
    new.add_argument("--title", default="")
    new.add_argument("--type", dest="case_type", default="")
    new.add_argument("--kind", default="request")
    new.add_argument("--severity", type=severity)
    new.add_argument("--from", dest="requester", default="", help="who asks")
    new.add_argument("--requester-kind", default="user")
    new.add_argument("--on-behalf-of", default="")
    new.add_argument("--country", action="append", default=[])
    new.add_argument("--lang", action="append", default=[])
    new.add_argument("--item", action="append", default=[], metavar="URL")
    new.add_argument("--item-type", default="post")
    new.add_argument("--file", metavar="FILE", help="the letter's text; - for standard input")
    take = commands.add_parser("import", parents=[common], help="take in a file of notices, requests, rows or a mail")
    take.add_argument("path")
    take.add_argument("--mapping", metavar="FILE", help="which column is what, as TOML")
    take.add_argument("--problems", type=int, default=10, metavar="N", help="show at most N problems (default 10)")
    out = commands.add_parser("export", parents=[common], help="cases as CSV or JSONL")
    out.add_argument("query", nargs="*")
    out.add_argument("--format", choices=("csv", "jsonl"), default="csv")
    out.add_argument("--out", default="-", metavar="FILE")


def _policy(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    policy = commands.add_parser("policy", parents=[common], help="the policy library")
    actions = policy.add_subparsers(dest="action", metavar="ACTION", required=True)
    actions.add_parser("import", parents=[common], help="publish what a folder or git repository holds").add_argument(
        "path"
    )
    search = actions.add_parser("search", parents=[common], help="look sections up, one JSON object a line")
    search.add_argument("query", nargs="+")
    search.add_argument("--document", default="", metavar="D")
    search.add_argument("--limit", type=int, default=5, metavar="N")
    show = actions.add_parser("show", parents=[common], help="read a section")
    show.add_argument("section")
    show.add_argument("--version", default="")
    documents = actions.add_parser("documents", parents=[common], help="what the library holds")
    documents.add_argument("--sections", action="store_true")
    actions.add_parser("evaluate", parents=[common], help="measure look-up on labelled queries").add_argument("queries")


def _care(commands: Commands[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    demo = commands.add_parser(
        "demo", parents=[common], help="open the workbench on sample cases, in a store of their own"
    )
    demo.add_argument(
        "--cases", type=int, default=0, metavar="N", help="how many (default 320); many make a measuring desk"
    )
    demo.add_argument("--no-open", action="store_true", help="make the desk, do not open it")
    audit = commands.add_parser("audit", parents=[common], help="the change log")
    audit.add_argument("action", choices=("verify",))
    commands.add_parser("doctor", parents=[common], help="whether this installation is well")
    keys = commands.add_parser("keys", parents=[common], help="the key table")
    keys.add_argument("check", nargs="?", choices=("check",), help="check the person's own keys")
    people = commands.add_parser("people", parents=[common], help="colleagues; with LOGIN, make one known")
    people.add_argument("login", nargs="?", default="")
    people.add_argument("--name", default="")
    people.add_argument("--role", action="append", default=[])
    people.add_argument("--lang", action="append", default=[])
