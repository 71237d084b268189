"""The words and options of the command of what is done in Ozone: ozone."""

from __future__ import annotations

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import YES, Group

REF = argument("ref", metavar="REF", help="a case, as E-7K2QX")
PLACE = argument("--connector", default="", metavar="NAME", help="which one, where config.toml names several")
SEEN = argument("--seen", type=count, default=0, metavar="N",
                help="you have seen what others did there, to this number of the preview")  # fmt: skip
OZONE_GROUPS: dict[str, Group] = {
    "ozone": Group("what is decided on items of an Ozone, done there", {
        "list": ("what waits to be sent", (PLACE,)),
        "send": ("show what would be done for a case's decision; with --yes, do it", (REF, PLACE, SEEN, YES)),
        "act": ("the same for what no decision asks for", (
            REF, argument("act", metavar="ACT", help='such as acknowledge, escalate, comment, "label spam", "mute 24"'),
            argument("-m", "--message", default="", metavar="TEXT", help="what Ozone's team reads beside it"),
            PLACE, SEEN, YES)),
    }),
}  # fmt: skip
OZONE = {name: (group.help, group.head) for name, group in OZONE_GROUPS.items()}
