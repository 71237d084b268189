"""The words and options of the commands of incidents: incident, ruling, status."""

from __future__ import annotations

from escaltui.commands.grammar import argument, severity
from escaltui.commands.work_grammar import DRY, LENGTHS, REASON, Group, Table, several
from escaltui.domain.decisions import OUTCOMES

INC = argument("inc", metavar="INC", help="an incident, as I-7K2QX")
RULING = argument("ruling", metavar="INC/N", help="a standing call, as I-7K2QX/3")
STATES = ("active", "monitoring", "resolved", "reviewed")
SAID = (
    argument("--summary", default=None, metavar="TEXT"),
    argument("--severity", type=severity, default=None, metavar="S"),
    argument("--lead", default=None, metavar="LOGIN"), argument("--comms", default=None, metavar="LOGIN"),
    argument("--scribe", default=None, metavar="LOGIN"), several("--country", "CODE"),
    argument("--query", default=None, metavar="QUERY", help="what joins by itself while it runs; empty: nothing"),
)  # fmt: skip
CRISIS_GROUPS: dict[str, Group] = {
    "incident": Group("cases with one cause, worked as one", {
        "list": ("incidents, those that run first", (
            argument("--running", action="store_true", help="those that run alone"),)),
        "show": ("one incident, whole", (INC,)),
        "declare": ("declare one, over cases named, piped in, or of a query", (
            argument("refs", nargs="*", metavar="REF", help="cases that join it; - reads them from standard input"),
            argument("--name", required=True), *SAID, argument("--planned", default="", metavar="EVENT"),
            argument("--from", dest="source", default="", metavar="QUERY", help="the open cases of a query join it"))),
        "set": ("change what is said of it", (INC, argument("--name", default=None), *SAID, REASON)),
        "move": ("on to another state", (
            INC, argument("state", choices=STATES), REASON,
            argument("--review", default="", metavar="TEXT", help="what is to be learnt, or - for standard input"))),
        "join": ("cases join it", (INC, argument("ref", metavar="REF", help="a case; - reads them from standard input"),
                                   DRY)),
        "leave": ("a case does not belong to its incident after all", (
            argument("ref", metavar="REF", help="a case; - reads them from standard input"), REASON, DRY)),
        "note": ("write on it", (
            INC, argument("-m", "--message", default="", metavar="TEXT", help="the text, or - for standard input"),
            argument("--kind", default="note", choices=("note", "analysis", "quote", "call")))),
        "step": ("a step is done", (
            INC, argument("step", metavar="STEP", help="its words, or its number as escaltui incident show gives it"),
            argument("--open", dest="still", action="store_true", help="it is still to be done"))),
        "people": ("who is kept up to date", (
            INC, several("--add", '"NAME, ADDRESS, LENGTH"'), several("--remove", "NAME"))),
        "events": ("planned events that are coming, with what is to be ready", ()),
        "report": ("what happened and what is to be learnt, as Markdown", (
            INC, argument("--out", default="-", metavar="FILE", help="a new file (default: standard output)"))),
    }),
    "ruling": Group("standing calls: an incident's one answer, for a time", {
        "list": ("those of an incident", (INC,)),
        "save": ("write one, or rewrite one that is not approved", (
            INC, argument("--name", required=True), argument("--what", required=True, metavar="TEXT",
                                                             help="what counts as such a case"),
            argument("--outcome", required=True, choices=OUTCOMES, metavar="O", help=", ".join(OUTCOMES)),
            several("--section", "S[@VERSION]"),
            argument("--action", dest="deed", action="append", default=[], metavar="A"),
            argument("--where", default="", metavar="DE,FR"), argument("--why", "-m", default="", metavar="TEXT"),
            argument("--hours", type=int, default=24, metavar="H", help="24 to 72"),
            argument("--ruling", default="", metavar="INC/N", help="rewrite this one"))),
        "propose": ("ask for a yes", (RULING,)),
        "approve": ("say yes to the words that were read", (
            RULING, argument("--read", default="", metavar="HASH", help="the content_sha256 of what was read"))),
        "revoke": ("it holds no longer", (RULING, REASON)),
    }, bare=False),
}  # fmt: skip
CRISIS: Table = {
    "status": ("an update on an incident (or a case): drafted, kept, approved, sent", (
        argument("ref", metavar="INC", help="an incident, as I-7K2QX, or a case, as E-7K2QX"),
        argument("--length", default="", choices=("", *LENGTHS)),
        argument("--audience", default="tactical", choices=("tactical", "executive", "external")),
        argument("--keep", action="store_true", help="keep it as a draft"),
        argument("--publish", action="store_true"), argument("--approve", action="store_true"),
        argument("--update", default="", metavar="ID", help="the one that is kept"),
        argument("--promise", default="", metavar="T", help="when the next one comes"), DRY)),
    **{name: (group.help, group.head) for name, group in CRISIS_GROUPS.items()},
}  # fmt: skip
