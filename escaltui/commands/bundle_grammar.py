"""The words and options of the commands that hand on: bundle, transparency."""

from __future__ import annotations

from escaltui.commands.grammar import argument
from escaltui.commands.work_grammar import PARTIES, REF, Group

BUNDLE_FILE = argument("path", metavar="FILE", help="a bundle")
BUNDLE_GROUPS: dict[str, Group] = {
    "bundle": Group("one case as a signed file that can be checked without a store", {
        "make": ("put a case into a new file; its log keeps that", (
            REF, argument("--out", required=True, metavar="FILE", help="a new file"),
            argument("--for", dest="reader", required=True, choices=PARTIES, metavar="PARTY", help=", ".join(PARTIES)),
            argument("--why", "-m", default="", metavar="TEXT", help="why it is made"),
            argument("--with", dest="files", action="append", default=[], metavar="N",
                     help="a file of the case by its number (escaltui media show), or all; may be repeated. Without "
                          "it: facts and hashes alone"),
            argument("--redact", default="", metavar="RULES", help="contacts,requester,accounts,colleagues,internal: "
                     "what is kept back (default: all of them), or none"))),
        "verify": ("whether a bundle is as it was signed; needs no store", (
            BUNDLE_FILE, argument("--key", default="", metavar="FINGERPRINT", help="by this key"))),
        "show": ("what a bundle says of itself, once it is checked; needs no store", (
            BUNDLE_FILE, argument("--key", default="", metavar="FINGERPRINT", help="by this key"),
            argument("--part", default="", metavar="NAME", help="one of its texts, such as case.md"))),
        "key": ("the fingerprint of the key that this store signs with", (
            argument("--new", action="store_true", help="make one, in place of the one there is"),)),
    }, bare=False),
}  # fmt: skip
TRANSPARENCY = {
    "transparency": ("what was received and decided in a time, counted so that nobody is told", (
        argument("--from", dest="since", required=True, metavar="DAY", help="the first day, in UTC, as 2026-07-01"),
        argument("--to", dest="until", default="", metavar="DAY", help="the last day (default: yesterday)"),
        argument("--format", choices=("csv", "jsonl", "md"), default="md"),
        argument("--out", default="-", metavar="FILE", help="a new file (default: standard output)"))),
}  # fmt: skip
BUNDLE = {name: (group.help, group.head) for name, group in BUNDLE_GROUPS.items()} | TRANSPARENCY
