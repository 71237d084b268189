"""The words and options of the commands of a shift: handover, watch, risk."""

from __future__ import annotations

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import Group

THINGS = argument("thing", nargs="+", metavar="REF", help="what is handed over, by reference or id; all takes all")
OF = argument("--handover", default="", metavar="ID", help="which one, where more than one is offered")
WHY = argument("--reason", "-r", "-m", default="", help="why")
QUERY = argument("--query", default="", metavar="Q", help="which cases, as: country:BR tag:names")
MOST = argument("--over", type=int, default=None, metavar="N", help="trips above so many (default 3)")
WITHIN = argument("--within", default="", metavar="T", help="received within 30m, 1h, 2d (default 1h)")
SCALE = (1, 2, 3)
WATCH = argument("watch", metavar="ID", help="its id, as escaltui watch shows it")
RISK = argument("risk", metavar="ID", help="its id, as escaltui risk shows it")
_RISK_FIELDS = (
    argument("--says", default=None, metavar="TEXT"),
    argument("--likelihood", type=count, choices=SCALE, default=None),
    argument("--impact", type=count, choices=SCALE, default=None),
    argument("--owner", default=None, metavar="P"),
    argument("--review", default="", metavar="T", help="when it is looked at again"),
)
SHIFT_GROUPS: dict[str, Group] = {
    "handover": Group("what is handed over at the end of a shift", {
        "list": ("what is offered to me, what I offered, and what came back", (
            argument("--all", action="store_true", help="those that are over, too"),)),
        "draft": ("what I would hand over now, in the order of need", (
            argument("--to", default="", metavar="P"), argument("--note", default="", metavar="TEXT"),
            argument("--without", action="append", default=[], metavar="REF", help="leave it out; may be repeated"),
            argument("--with", dest="added", action="append", default=[], metavar="REF",
                     help="a case that is not in it; may be repeated"),
            argument("--ask", action="append", default=[], metavar="REF=TEXT", help="may be repeated"))),
        "offer": ("offer my draft", (argument("--to", default="", metavar="P"),)),
        "accept": ("take things over", (THINGS, OF)),
        "return": ("give things back, or take back what nobody took, and why", (THINGS, OF, WHY)),
        "seen": ("say that what came back was seen", (THINGS,)),
    }),
    "watch": Group("views that tell when too many cases come", {
        "list": ("what is watched, and what each counts now", ()),
        "add": ("keep a watch", (argument("name", metavar="NAME"), QUERY, MOST, WITHIN)),
        "set": ("change one", (WATCH, argument("--name", default="", metavar="NAME"), QUERY, MOST, WITHIN)),
        "off": ("end one", (WATCH,)),
        "seen": ("say that one that tripped was seen", (WATCH,)),
        "incident": ("make one an incident (a lead)", (WATCH,)),
    }),
    "risk": Group("what may come", {
        "list": ("the open risks, overdue reviews first", (
            argument("--all", action="store_true", help="those that are over, too"),)),
        "add": ("write one down", (argument("title", metavar="TITLE"), *_RISK_FIELDS)),
        "set": ("change one", (RISK, argument("--title", default=None, metavar="TITLE"), *_RISK_FIELDS)),
        "close": ("end one, with a reason", (RISK, WHY)),
        "incident": ("make one an incident (a lead)", (RISK,)),
    }),
}  # fmt: skip
SHIFT = {name: (group.help, group.head) for name, group in SHIFT_GROUPS.items()}
