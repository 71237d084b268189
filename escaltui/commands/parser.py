"""The command line's commands: their words and options. What each does lies in the module that `RUN` names."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from difflib import get_close_matches

from escaltui import __version__
from escaltui.commands.actor_grammar import ACTOR, ACTOR_USAGE
from escaltui.commands.bundle_grammar import BUNDLE, BUNDLE_GROUPS
from escaltui.commands.connector_grammar import CONNECTOR, CONNECTOR_GROUPS
from escaltui.commands.crisis_grammar import CRISIS, CRISIS_GROUPS
from escaltui.commands.grammar import Argument, Parser, argument, common, count, severity
from escaltui.commands.insight_grammar import INSIGHT, INSIGHT_GROUPS
from escaltui.commands.learnt_grammar import LEARNT
from escaltui.commands.meaning_grammar import MODEL
from escaltui.commands.ozone_grammar import OZONE, OZONE_GROUPS
from escaltui.commands.report_grammar import REPORT
from escaltui.commands.requester_grammar import REQUESTER, REQUESTER_USAGE
from escaltui.commands.serve_grammar import HEAD, SERVE
from escaltui.commands.shift_grammar import SHIFT, SHIFT_GROUPS
from escaltui.commands.similar_grammar import SIMILAR
from escaltui.commands.verbs import VERBS
from escaltui.commands.work_grammar import COMMANDS, DRY, GROUPS, Group, several
from escaltui.commands.work_verbs import WORK_VERBS

EPILOG = "Exit codes: 0 done, 1 refused, 2 wrong usage, 3 the store cannot be used, 70 a defect, 130 stopped."
QUERY_HELP = (
    "A view (its name or key) or a query, such as: sev:0,1 due<4h -tag:vip. Without one: all open cases. "
    "Quote < and > for the shell. After --, every word belongs to the query."
)
REF = argument("ref", metavar="REF", help="a case, as E-7K2QX")
REFS = argument("ref", metavar="REF", help="a case, as E-7K2QX; - reads references from standard input")
VIEW = argument("--view", metavar="NAME", default="", help="a saved view by its name; unknown ones are refused")
LIMIT = argument("--limit", type=count, default=0, metavar="N", help="at most N (default: every match)")
SORT = argument("--sort", default="", choices=("queue", "age", "newest", "updated", "due", "severity", "ref"))
TEXT = argument("-m", "--message", metavar="TEXT", help="the text, or - for standard input; bare: $EDITOR")

PLAIN: dict[str, tuple[str, tuple[Argument, ...]]] = {
    "open": ("open the workbench (the default)", ()),
    "demo": ("open the workbench on sample cases, in a store of their own", (
        argument("--cases", type=count, default=0, metavar="N", help="how many (default 320); many measure"),
        argument("--no-open", action="store_true", help="make the desk, do not open it"))),
    "ls": ("list the cases of a view or query", (VIEW, LIMIT, SORT)),
    "show": ("one case, whole", (REF, argument("--raw", action="store_true", help="the original texts alone, as they "
             "came: never to a terminal"))),
    "brief": ("the five-minute brief of a case", (REF,)),
    "next": ("claim the best case for me, of all open ones or of a view or query", (
        VIEW, argument("--peek", action="store_true", help="look, do not claim"))),
    "views": ("the saved views with their counts", ()),
    "note": ("write a note", (REFS, TEXT, argument("--kind", default="note", choices=("note", "analysis", "quote",
             "call")), argument("--corrects", metavar="NOTE", default="", help="the id of the note it replaces"))),
    "cite": ("cite a policy section on a case", (REFS, argument("section"), argument("--version", default=""))),
    "undo": ("take back my last operation; again: the one before", (
        argument("ref", metavar="REF", nargs="?", default="", help="my last one on this case"),)),
    "split": ("give some items of a case a case of their own", (REF, argument("--item", action="append", required=True,
              metavar="ID", help="an item's id as shown, or its link; may be repeated"),
              argument("--title", default="", help="the new case's title (default: the same)"))),
    "new": ("open a case by hand, on behalf of somebody where that is so", (
        argument("--title", default=""), argument("--type", dest="case_type", default="", metavar="T"),
        argument("--kind", default="request", help="request notice counter_notice appeal correction_request ..."),
        argument("--severity", type=severity, metavar="S"),
        argument("--from", dest="requester", default="", metavar="NAME", help="who asks"),
        argument("--requester-kind", default="user", metavar="KIND"),
        argument("--on-behalf-of", default="", metavar="NAME"),
        argument("--country", action="append", default=[]), argument("--lang", action="append", default=[]),
        argument("--item", action="append", default=[], metavar="URL"), argument("--item-type", default="post"),
        argument("--file", metavar="FILE", default="", help="the letter's text; - for standard input"))),
    "import": ("take in a file of notices, requests, rows or a mail", (
        argument("path", metavar="PATH"), argument("--mapping", metavar="FILE", help="which column is what, as TOML"),
        argument("--problems", type=int, default=10, metavar="N", help="show at most N problems (default 10)"))),
    "export": ("cases of a view or query as CSV, JSONL or Markdown; each export is kept in its case's log", (
        VIEW, argument("--format", choices=("csv", "jsonl", "md"), default="csv"),
        argument("--out", default="-", metavar="FILE", help="a new file (default: standard output)"))),
    "audit": ("the change log", (argument("action", choices=("verify",)),)),
    "doctor": ("whether this installation is well", ()),
    "backup": ("copy the store now; the newest seven are kept", ()),
    "keys": ("the key table; keys check: whether the person's own keys are fine", ()),
    "people": ("colleagues; people add LOGIN makes one known; people REF: who is kept up to date on a case", (
        argument("--name", default=""), argument("--role", action="append", default=[]),
        argument("--lang", action="append", default=[]), argument("--team", default="", help="whose answers are its"),
        several("--add", '"NAME, ADDRESS, LENGTH"', "keep somebody up to date on the case"),
        several("--remove", "NAME", "take somebody off"))),
    "policy": ("the policy library", ()),
    "serve": (SERVE.help, HEAD),
    "connect": ("follow a server's desk; the token is read from ESCALTUI_TOKEN or standard input", (
        argument("url", metavar="URL", nargs="?", default="", help="(else url under [remote])"),
        argument("--desk", default="", metavar="D", help="(else desk under [remote])"),
        argument("--token-stdin", action="store_true", help="read the token from standard input"))),
    "sync": ("one whole round with the server, now", ()),
    "signout": ("forget the token", ()),
}  # fmt: skip

POLICY: dict[str, tuple[str, tuple[Argument, ...]]] = {
    "import": ("publish what a folder, a tree or a git repository holds", (argument("path", metavar="PATH"),)),
    "search": ("look sections up, one JSON object a line", (
        argument("--document", default="", metavar="D"), argument("--limit", type=count, default=5, metavar="N"))),
    "show": ("read a section", (argument("section"), argument("--version", default=""))),
    "documents": ("what the library holds", (argument("--sections", action="store_true"),)),
    "versions": ("the versions of a document, held ones too", (argument("document", metavar="DOCUMENT"),)),
    "release": ("let a held version count", (
        argument("document", metavar="DOCUMENT"), argument("version", metavar="VERSION"))),
    "evaluate": ("measure look-up on labelled queries", (argument("queries", metavar="FILE"),)),
    "model": MODEL,
    **LEARNT,
    "changes": ("what changed, unread first", (
        argument("--since", default="", metavar="DAY", help="only what counts from that day on, as 2026-11-01"),)),
    "diff": ("two versions of a document, by default the one in force and the one before", (
        argument("document", metavar="DOCUMENT"), argument("older", nargs="?", default="", metavar="V1"),
        argument("newer", nargs="?", default="", metavar="V2"),
        argument("--section", default="", metavar="S", help="this one alone, word by word"))),
    "ack": ("say that you have read and understood a version", (
        argument("document", metavar="DOCUMENT"), argument("version", metavar="VERSION"))),
    "affected": ("the cases that rest on other words of a section than those in force", (
        argument("section", metavar="SECTION"), argument("--version", default="", metavar="V"),
        argument("--task", action="store_true", help="add a task to each open one: check it again"))),
    "describe": ("what the author says of a version, for a lead", (
        argument("document", metavar="DOCUMENT"), argument("version", metavar="VERSION"),
        argument("summary", metavar="TEXT", help="at most 280 characters"),
        argument("--impact", action="append", default=[], metavar="SECTION=IMPACT",
                 help="unknown, clarifies, narrows, widens, new or retired; may be repeated"))),
}  # fmt: skip

GROUPS_OF = GROUPS | CRISIS_GROUPS | SHIFT_GROUPS | INSIGHT_GROUPS | CONNECTOR_GROUPS | BUNDLE_GROUPS | OZONE_GROUPS | {
    "policy": Group("", POLICY, bare=False), "serve": SERVE,
}  # fmt: skip
USAGE = {
    "ls": "[VIEW or QUERY]", "next": "[VIEW or QUERY]", "export": "[VIEW or QUERY]", "keys": "[check]",
    "people": "[add LOGIN or REF]", "search": "QUERY", "actor": ACTOR_USAGE, "requester": REQUESTER_USAGE,
    "repeats": "[VIEW or QUERY]",
}  # fmt: skip


def build(command: str = "") -> argparse.ArgumentParser:
    """The parser: of one command alone where it is known, which starts faster, else of all."""
    shared = common()
    parser = Parser(
        prog="escaltui", description="A terminal workbench for escalation specialists in Trust & Safety.",
        epilog=EPILOG, parents=[shared], allow_abbrev=False,
    )  # fmt: skip
    parser.add_argument("--version", action="version", version=f"escaltui {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    verbs = {name: (verb.help, (REFS, DRY, *verb.arguments)) for name, verb in (VERBS | WORK_VERBS).items()}
    known = PLAIN | verbs | dict(COMMANDS) | SHIFT | INSIGHT | REPORT | dict(CRISIS) | dict(ACTOR) | dict(REQUESTER)
    known |= CONNECTOR | BUNDLE | OZONE | dict(SIMILAR)
    if command and command not in known:
        near = get_close_matches(command, known, 1)
        parser.error(f"there is no command {command!r}" + (f"; did you mean {near[0]}?" if near else ""))
    for name in (command,) if command in known else known:
        made = _add(commands, shared, "escaltui", name, known)
        if group := GROUPS_OF.get(name):
            actions = made.add_subparsers(dest="action", metavar="ACTION", required=not group.bare)
            for action in group.actions:
                _add(actions, shared, f"escaltui {name}", action, group.actions)
    return parser


def _add(
    commands: argparse._SubParsersAction[Parser], shared: Parser, prog: str, name: str,
    known: Mapping[str, tuple[str, tuple[Argument, ...]]],
) -> Parser:  # fmt: skip
    text, arguments = known[name]
    free = USAGE.get(name, "") if prog == "escaltui" or name == "search" else ""
    made: Parser = commands.add_parser(
        name, parents=[shared], help=text, allow_abbrev=False, description=f"{text[:1].upper()}{text[1:]}.",
        epilog=QUERY_HELP if free == "[VIEW or QUERY]" else EPILOG,
        usage=f"{prog} {name} {free} [options]" if free else None,
    )  # fmt: skip
    for each in arguments:
        made.add_argument(*each.names, **each.settings)
    return made
