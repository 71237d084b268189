"""The words and options of `escaltui serve`."""

from __future__ import annotations

import argparse
from argparse import ArgumentTypeError

from escaltui.commands.grammar import argument, count
from escaltui.commands.work_grammar import Group
from escaltui.i18n import _

KINDS = "sign-in,token,webhook,membership,refused,glass,export,erasure,other"
ROLES = "specialist,approver,lead,counsel,comms,consultant; at org: admin,auditor"


def port(text: str) -> int:
    """A port, 0 for any that is free."""
    if not (text.isascii() and text.isdigit() and int(text) < 65_536):
        raise ArgumentTypeError(_("{text!r} is no port: 0 to 65535").format(text=text))
    return int(text)


def listed(text: str) -> tuple[str, ...]:
    """Words between commas."""
    return tuple(word.strip() for word in text.split(",") if word.strip())


def kinds(text: str) -> tuple[str, ...]:
    """Kinds of what auditors read, between commas."""
    known = listed(KINDS)
    if strange := [word for word in listed(text) if word not in known]:
        raise ArgumentTypeError(_("no kind {kind!r}: one of {known}").format(kind=strange[0], known=KINDS))
    return listed(text)


def hours(text: str) -> int:
    """Hours, 0 to a week."""
    if not (text.isascii() and text.isdigit() and int(text) <= 168):
        raise ArgumentTypeError(_("{text!r} is no number of hours: 0 to 168").format(text=text))
    return int(text)


def numbers(text: str) -> tuple[int, ...]:
    """Numbers of changes between commas."""
    if not all(word.isascii() and word.isdigit() and len(word) < 16 for word in listed(text)):
        raise ArgumentTypeError(_("{text!r} are no numbers of changes: 17 or 17,19").format(text=text))
    return tuple(int(word) for word in listed(text))


HEAD = (
    argument("--db", default="", metavar="URL", help="a team's PostgreSQL, postgresql://... (else ESCALTUI_DB; "
             "default: a private one)"),
    argument("--folder", default="", metavar="FOLDER", help="where the private PostgreSQL lies"),
    argument("--rules", default="", metavar="FOLDER", help="the team's rules (default: rules/ beside the settings)"),
    argument("--host", default="127.0.0.1", metavar="H", help="the address to listen on (default: this machine alone)"),
    argument("--port", default=8787, type=port, metavar="N", help="(default 8787; 0: any that is free)"),
    argument("--config", default="", metavar="FILE", help="settings (TOML): [oidc], [alerts], [mail] ..."),
    argument("--blobs", default="", metavar="PLACE", help="where files are kept: a folder, or s3://bucket/prefix "
             "(default: media in the folder)"),
    argument("--s3-endpoint", default="", metavar="URL", help="of an S3 that is not Amazon's"),
    argument("--behind-proxy", action="store_true", help="a proxy in front of us speaks TLS"),
    argument("--tls-cert", default="", metavar="FILE", help="a certificate with its chain (PEM)"),
    argument("--tls-key", default="", metavar="FILE", help="its key (PEM)"),
)  # fmt: skip
# What stands before a sub-command counts for it; what is not given after it takes nothing away from that.
WHERE = tuple(argument(*each.names, **{**each.settings, "default": argparse.SUPPRESS}) for each in HEAD[:3])
DAYS = argument("--days", type=count, default=0, metavar="N", help="how long it lasts")
PERSON = argument("person", metavar="PERSON", help="their login")
DESK = argument("desk", metavar="DESK", help="a desk, or org for what is held everywhere")
SERVE = Group("the backend that a team's workbenches share; alone it starts one", {
    "db": ("bring the database's schema up: db upgrade", (argument("deed", choices=("upgrade",)), *WHERE)),
    "token": ("token new NAME --person P: made and shown once; token list; token revoke ID", (
        argument("deed", choices=("new", "list", "revoke")),
        argument("name", nargs="?", default="", metavar="NAME|ID", help="what it is for; or which one"),
        argument("--person", default="", metavar="P", help="whose it is"),
        argument("--scope", type=listed, default=("push", "pull"), metavar="S", help="push,pull,metrics"),
        argument("--days", type=count, default=90, metavar="N", help="how long it lasts (default 90)"), *WHERE)),
    "webhook": ("webhook new NAME --stream desk:ID: its secret is shown once; rotate NAME, revoke NAME, list", (
        argument("deed", choices=("new", "rotate", "revoke", "list")),
        argument("name", nargs="?", default="", metavar="NAME", help="as in the address, /v1/intake/NAME"),
        argument("--stream", default="", metavar="S", help="where its reports go, as desk:global"),
        argument("--keep", type=hours, default=24, metavar="HOURS", help="rotate: how long the secret before still "
                 "counts, 0 to 168 (default 24)"), *WHERE)),
    "person": ("make somebody known: person add LOGIN", (
        argument("deed", choices=("add",)), argument("person", metavar="LOGIN"),
        argument("--name", default="", metavar="NAME"), *WHERE)),
    "desk": ("begin a desk that the rules name: desk new ID", (
        argument("deed", choices=("new",)), argument("desk", metavar="ID"),
        argument("--name", default="", metavar="NAME"), *WHERE)),
    "grant": ("let somebody work at a desk", (
        PERSON, DESK, argument("--roles", type=listed, required=True, metavar="R,S", help=ROLES), DAYS,
        argument("--reason", "--why", "-r", default="", help="why"), *WHERE)),
    "revoke": ("somebody works at a desk no more", (PERSON, DESK, *WHERE)),
    "erase": ("what changes say goes for good, everywhere: erase STREAM SEQ,SEQ, or erase --case REF", (
        argument("stream", nargs="?", default="", metavar="STREAM", help="desk:global, case:ID ..."),
        argument("seqs", nargs="?", default=(), type=numbers, metavar="SEQ,SEQ", help="the numbers of changes in it"),
        argument("--case", default="", metavar="REF", help="all that was ever said of a case"),
        argument("--reason", "--why", "-r", default="", help="why; it is kept, so it repeats nothing"), *WHERE)),
    "audit": ("what auditors read: audit; whether the log is as it was written: audit verify; audit heads", (
        argument("deed", nargs="?", default="list", choices=("list", "verify", "heads")),
        argument("--person", default="", metavar="P", help="what they did, and what was done to them"),
        argument("--kind", type=kinds, default=(), metavar="K,L", help=KINDS),
        argument("--since", default="", metavar="T", help="from then on: 2h ago, 14:00, 2026-11-01"),
        argument("--until", default="", metavar="T", help="before then"),
        argument("--witness", default="", metavar="FILE", help="heads that somebody kept, as JSON"), *WHERE)),
})  # fmt: skip
