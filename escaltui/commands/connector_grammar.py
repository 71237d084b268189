"""The words and options of the command of the places that cases come from: connector."""

from __future__ import annotations

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import Group

NAME = argument("name", metavar="NAME", help="a connector, as [[connector]] in config.toml names it")
CONNECTOR_GROUPS: dict[str, Group] = {
    "connector": Group("the places that cases come from: mailboxes, moderation services", {
        "list": ("when each last ran, what it brought, what could not be mapped", (
            argument("--problems", type=count, default=0, metavar="N", help="show N things that were not mapped"),)),
        "run": ("fetch what is new and take it in; all of them, or one", (
            argument("name", metavar="NAME", nargs="?", default="", help="this one alone"),
            argument("--follow", action="store_true", help="go on until Ctrl-C: as soon as something is new, where "
                     "the place says so, else each minute"),
            argument("--due", action="store_true", help="only those that are due by their every = \"5m\": for cron "
                     "and timers"),
            argument("--dry-run", "-n", action="store_true", help="tell what would come; nothing is changed"),
            argument("--problems", type=count, default=10, metavar="N", help="show at most N problems (default 10)"))),
        "test": ("ask a place once whether it answers; nothing is kept", (NAME,)),
        "sign-in": ("keep a connector's password or token in the keyring", (
            NAME, argument("--password-stdin", action="store_true", help="read it from standard input"))),
        "sign-out": ("forget a connector's password or token", (NAME,)),
    }),
}  # fmt: skip
CONNECTOR = {name: (group.help, group.head) for name, group in CONNECTOR_GROUPS.items()}
