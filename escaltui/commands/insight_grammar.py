"""The words and options of the commands of insight: insight, recommend, goal."""

from __future__ import annotations

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import Group, several
from escaltui.domain.learning import METRICS
from escaltui.insight_faces import DIMS

KEY = argument("key", metavar="KEY", help="a line, as escaltui insight --json names it: country:BR")
RECOMMENDATION = argument("recommendation", metavar="ID", help="its id, as escaltui recommend shows it")
GOAL = argument("goal", metavar="ID", help="its id, as escaltui goal shows it")
WHY = argument("--reason", "-r", "-m", default="", help="why")
LIMIT = argument("--limit", type=count, default=0, metavar="N", help="at most N")
OWNER = argument("--owner", default=None, metavar="P")
METRIC = argument("--metric", choices=METRICS, default="", help="what it is measured by")
SCOPE = argument("--scope", default="", metavar="QUERY", help="over which cases (default: all)")
INSIGHT_GROUPS: dict[str, Group] = {
    "insight": Group("what rose in the last 7 days, how the queue stands, what it came to", {
        "list": ("the table: now, what is usual, the verdict", (
            argument("--by", choices=DIMS, default="", metavar="DIM", help="one of: " + ", ".join(DIMS)),
            argument("--limit", type=count, default=0, metavar="N", help="at most N lines (default 20)"))),
        "cases": ("the cases behind a line, the newest first", (KEY, LIMIT)),
        "keep": ("keep a line as an insight, with its cases", (KEY,)),
        "kept": ("the insights that are kept", ()),
        "weekly": ("the report of the week", (
            argument("--format", choices=("md",), default="md"),)),
    }, (argument("--by", choices=DIMS, default="", metavar="DIM", help="count by one thing alone"),
        argument("--limit", type=count, default=0, metavar="N", help="at most N lines (default 20)"))),
    "recommend": Group("what should change, and whether it helped", {
        "list": ("recommendations, those that wait first", (
            argument("--all", action="store_true", help="those that are over, too"),)),
        "add": ("propose something; it rests on cases or an insight", (
            argument("claim", metavar="TEXT"),
            argument("--kind", choices=("process", "policy", "product"), default="policy"),
            argument("--says", default=None, metavar="TEXT"), several("--case", "REF", "a case that shows it"),
            several("--section", "S", "a policy section it is about"),
            argument("--insight", default="", metavar="ID", help="the insight it comes from"), OWNER,
            argument("--due", default="", metavar="T", help="by when"), METRIC, SCOPE)),
        "accept": ("accept one (a lead)", (RECOMMENDATION, WHY)),
        "decline": ("decline one, with a reason (a lead)", (RECOMMENDATION, WHY)),
        "ship": ("say that it is done", (RECOMMENDATION, WHY)),
    }),
    "goal": Group("where a metric should get, by when", {
        "list": ("the goals, with what each metric is now", (
            argument("--all", action="store_true", help="those that are over, too"),)),
        "set": ("set a goal, or change one (a lead)", (
            argument("name", metavar="NAME"), argument("--goal", default="", metavar="ID", help="the one to change"),
            METRIC, SCOPE, argument("--target", default="", metavar="X", help="a number, or a share as 95%%"),
            argument("--by", default="", metavar="T", help="by when"), OWNER)),
        "drop": ("give one up, with a reason", (GOAL, WHY)),
    }),
}  # fmt: skip
INSIGHT = {name: (group.help, group.head) for name, group in INSIGHT_GROUPS.items()}
