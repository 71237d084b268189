"""The words and options of the commands of insight: insight, recommend, goal."""

from __future__ import annotations

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import Group, several
from escaltui.domain.learning import METRICS
from escaltui.insight_faces import DIMS

INSIGHT_ID = argument("insight", metavar="ID", help="its id, as escaltui insight kept shows it")
KEY = argument("key", metavar="KEY", help="a line, as escaltui insight --json names it: country:BR")
RECOMMENDATION = argument("recommendation", metavar="ID", help="its id, as escaltui recommend shows it")
GOAL = argument("goal", metavar="ID", help="its id, as escaltui goal shows it")
WHY = argument("--reason", "-r", "-m", default="", help="why")
LIMIT = argument("--limit", type=count, default=0, metavar="N", help="at most N")
OWNER = argument("--owner", default=None, metavar="P")
METRIC = argument("--metric", choices=METRICS, default="", help="what it is measured by")
SCOPE = argument("--scope", default=None, metavar="QUERY", help="over which cases (default: all)")
KIND = argument("--kind", choices=("process", "policy", "product"), default="policy")
PROPOSED = (
    argument("--says", default=None, metavar="TEXT", help="why, in full"),
    several("--case", "REF", 'a case that shows it; "REF words" quotes words of it'),
    several("--section", "S", "a policy section it is about"),
    argument("--insight", default="", metavar="ID", help="the insight it comes from"),
    argument("--incident", default="", metavar="INC", help="the incident whose review it comes from"), OWNER,
    argument("--due", default="", metavar="T", help="by when; none takes it away"), METRIC, SCOPE,
)  # fmt: skip
INSIGHT_GROUPS: dict[str, Group] = {
    "insight": Group("what rose in the last 7 days, how the queue stands, what it came to", {
        "list": ("the table: now, what is usual, the verdict", (
            argument("--by", choices=DIMS, default="", metavar="DIM", help="one of: " + ", ".join(DIMS)),
            argument("--limit", type=count, default=0, metavar="N", help="at most N lines (default 20)"))),
        "cases": ("the cases behind a line, the newest first", (KEY, LIMIT)),
        "keep": ("keep a line as an insight, with its cases", (KEY,)),
        "kept": ("the insights that are kept", ()),
        "dismiss": ("say that one leads to nothing, with a reason (a lead)", (INSIGHT_ID, WHY)),
        "link": ("say to which recommendation one led", (INSIGHT_ID, RECOMMENDATION)),
        "reopen": ("open one that was settled again (a lead)", (INSIGHT_ID, WHY)),
        "weekly": ("the report of the week", (
            argument("--format", choices=("md", "html"), default="md", help="html: one file with pictures"),)),
    }, (argument("--by", choices=DIMS, default="", metavar="DIM", help="count by one thing alone"),
        argument("--limit", type=count, default=0, metavar="N", help="at most N lines (default 20)"))),
    "recommend": Group("what should change, and whether it helped", {
        "list": ("recommendations, those that wait first", (
            argument("--all", action="store_true", help="those that are over, too"),)),
        "show": ("one whole: its cases, and what came of it", (RECOMMENDATION,)),
        "add": ("propose something; it rests on cases or an insight", (
            argument("claim", metavar="TEXT"), KIND, *PROPOSED)),
        "change": ("change a proposal of one's own; what is not named stays", (
            RECOMMENDATION, argument("--claim", default=None, metavar="TEXT"),
            argument("--kind", choices=("process", "policy", "product"), default=""), *PROPOSED)),
        "accept": ("accept one (a lead)", (RECOMMENDATION, WHY)),
        "return": ("send one back to be changed, with a reason (a lead)", (RECOMMENDATION, WHY)),
        "decline": ("decline one, with a reason (a lead)", (RECOMMENDATION, WHY)),
        "withdraw": ("take one's own proposal back", (RECOMMENDATION, WHY)),
        "ship": ("say that it is done", (RECOMMENDATION, WHY)),
        "measure": ("write down what came of it in the 28 days after", (RECOMMENDATION,)),
    }),
    "goal": Group("where a metric should get, by when", {
        "list": ("the goals, with what each metric is now", (
            argument("--all", action="store_true", help="those that are over, too"),)),
        "set": ("set a goal, or change one (a lead)", (
            argument("name", metavar="NAME"), argument("--goal", default="", metavar="ID", help="the one to change"),
            METRIC, SCOPE, argument("--target", default="", metavar="X", help="a number, or a share as 95%%"),
            argument("--by", default="", metavar="T", help="by when"), OWNER)),
        "show": ("one whole: how it stands, week by week", (GOAL,)),
        "met": ("say that one is reached, and how", (GOAL, WHY)),
        "missed": ("say that one is missed, and why", (GOAL, WHY)),
        "drop": ("give one up, with a reason", (GOAL, WHY)),
        "reopen": ("go on with one that ended (a lead)", (GOAL, WHY)),
    }),
}  # fmt: skip
INSIGHT = {name: (group.help, group.head) for name, group in INSIGHT_GROUPS.items()}
