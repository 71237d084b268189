"""The command serve: the backend itself, and its administration on the same database. Opens no workbench."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from escaltui.commands.output import DONE, REFUSED, STORE, At, Column, Output
from escaltui.commands.verbs import UsageError
from escaltui.config import Config
from escaltui.i18n import _, ngettext

if TYPE_CHECKING:
    from escaltui.server.admin import Admin
    from escaltui.server.serve import Started
    from escaltui.server.webhook_admin import Webhooks

EXTRA = ("starlette", "uvicorn", "psycopg", "psycopg_pool", "alembic", "zstandard", "sqlalchemy", "joserfc")
TOKENS = (Column("id", "ID", 14), Column("person", "PERSON", 14), Column("scopes", "FOR", 18),
          Column("until", "UNTIL", 22), Column("revoked", "REVOKED", 22), Column("name", "NAME", 0))  # fmt: skip
WEBHOOKS = (Column("name", "NAME", 20), Column("stream", "STREAM", 18), Column("made", "MADE", 22),
            Column("rotated", "ROTATED", 22), Column("revoked", "REVOKED", 22))  # fmt: skip
AUDITED = (Column("at", "AT", 21), Column("what", "WHAT", 17), Column("who", "BY", 12), Column("of", "OF", 26, 100),
           Column("more", "MORE", 0))  # fmt: skip


def run(config: Config, args: Namespace, output: Output) -> int:
    """Serve, or administer. What cannot be done is told with how to mend it."""
    try:
        import psycopg

        from escaltui.rules_loader import RuleFault
        from escaltui.server import schema, serve
        from escaltui.server.faults import ServeError
        from escaltui.server.programs import PostgresError
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in EXTRA:
            raise
        output.warn(_("The backend needs more than the workbench. Install it: pip install 'escaltui[server]'"))
        return REFUSED
    assert serve
    try:
        if args.action == "db":
            with _dsn(args) as dsn:
                output.record({"changed": schema.upgrade(dsn), "schema": schema.newest()})
            return DONE
        return _administered(config, args, output) if args.action else _served(config, args, output)
    except (ServeError, RuleFault) as error:
        output.warn(str(error))
        return REFUSED
    except PostgresError as error:
        output.warn(str(error))
        return STORE
    except psycopg.Error as error:  # its words may be somebody's
        output.warn(_("The database did not do it ({kind}). Look into its log.").format(kind=type(error).__name__))
        return STORE


def _served(config: Config, args: Namespace, output: Output) -> int:
    from escaltui.server import serve
    from escaltui.server.front import to_stderr
    from escaltui.server.rulebook import Rulebook

    options = serve.Options(
        _folder(args), _db(args), args.host, args.port, args.behind_proxy, args.tls_cert, args.tls_key, args.config,
        args.blobs, args.s3_endpoint,
    )  # fmt: skip

    def started(told: Started) -> None:
        output.record({"serving": told.url} | ({"token": told.token} if told.token else {}))
        if told.token:
            said = _("This token is shown once: it signs the first admin in. escaltui connect {url} --desk global")
            output.say(said.format(url=told.url))
        sys.stdout.flush()

    serve.serve(options, Rulebook(_rules_folder(config, args), to_stderr), started)
    return DONE


def _administered(config: Config, args: Namespace, output: Output) -> int:
    if args.action == "audit":
        return _audit(args, output)
    if args.action == "erase":
        return _erase(config, args, output)
    with _admin(config, args) as admin:
        if args.action == "webhook":
            return _webhook(admin, args, output)
        if args.action == "token":
            return _token(admin, args, output)
        if args.action == "person":
            output.record({"person": args.person, "changed": admin.add_person(args.person, args.name)})
        elif args.action == "desk":
            output.record({"desk": args.desk, "changed": admin.add_desk(args.desk, args.name)})
        elif args.action == "grant":
            admin.grant(args.person, args.desk, args.roles, reason=args.reason, days=args.days or None)
            output.record({"person": args.person, "desk": args.desk, "roles": sorted(set(args.roles))})
        else:
            output.record({"person": args.person, "desk": args.desk, "changed": admin.revoke(args.person, args.desk)})
    return DONE


def _token(admin: Admin, args: Namespace, output: Output) -> int:
    if args.deed == "list":
        output.records(
            [{"id": each.id, "person": each.person, "scopes": each.scopes, "until": At(each.until),
              "revoked": At(each.revoked_at), "name": each.name} for each in admin.tokens()], TOKENS,
        )  # fmt: skip
        return DONE
    if not args.name or (args.deed == "new" and not args.person):
        raise UsageError(_("Write: serve token new NAME --person LOGIN, or serve token revoke ID."))
    if args.deed == "revoke":
        admin.revoke_token(args.name)
        output.record({"revoked": True})
    else:
        output.record({"token": admin.add_token(args.name, args.person, args.scope, args.days)})
        output.say(_("This token is shown once."))
    return DONE


def _webhook(admin: Webhooks, args: Namespace, output: Output) -> int:
    if args.deed != "list" and (not args.name or (args.deed == "new" and not args.stream)):
        raise UsageError(_("Write: serve webhook new NAME --stream desk:ID, or serve webhook rotate or revoke NAME."))
    if args.deed == "list":
        output.records(
            [{"name": each.name, "stream": each.stream, "made": At(each.made_at), "rotated": At(each.rotated_at),
              "earlier_until": At(each.earlier_until), "revoked": At(each.revoked_at)} for each in admin.every()],
            WEBHOOKS,
        )  # fmt: skip
    elif args.deed == "revoke":
        admin.end(args.name)
        output.record({"webhook": args.name, "revoked": True})
    else:
        new = args.deed == "new"
        secret = admin.new(args.name, args.stream) if new else admin.rotate(args.name, args.keep)
        output.record({"webhook": args.name, "path": f"/v1/intake/{args.name}", "secret": secret})
        output.say(_("This secret is shown once: it signs what is sent."))
    return DONE


def _erase(config: Config, args: Namespace, output: Output) -> int:
    from escaltui import rules_loader
    from escaltui.server import erase

    if bool(args.case) == bool(args.stream) or bool(args.stream) != bool(args.seqs):
        raise UsageError(_("Write: serve erase STREAM SEQ,SEQ --reason ..., or serve erase --case REF --reason ..."))
    rules = rules_loader.load(_rules_folder(config, args))
    with _dsn(args) as dsn:
        found = erase.run(dsn, rules, args.reason, case=args.case, stream=args.stream, seqs=args.seqs)
    told = {stream: ",".join(map(str, seqs)) for stream, seqs in found.seqs.items()}
    quotes = ", ".join(f"{stream} {seq}" for stream, seq in found.repeats)
    output.record({"erased": told, "rows": found.rows, "kept": found.kept, "repeats": quotes})
    output.say(_("Every copy blanks the same at its next pull. Old bytes stay in the database until it is vacuumed, "
                 "and in its backups."))  # fmt: skip
    return DONE


def _audit(args: Namespace, output: Output) -> int:
    import psycopg

    from escaltui.server import audit

    if args.deed == "list":
        return _audit_lines(args, output)
    known = audit.witness(args.witness) if args.witness else {}
    with _dsn(args) as dsn, psycopg.connect(dsn) as connection:
        if args.deed == "heads":
            told = {stream: f"{seq} {head}" for stream, (seq, head) in audit.heads(connection).items()}
            output.record({"heads": told})
            return DONE
        found = audit.verify(connection, known)
    broken = f"{found.broken[0]} {found.broken[1]}" if found.broken else ""
    output.record({"changes": found.changes, "sound": found.sound, "broken": broken, "reason": found.reason,
                   "erased": found.blank})  # fmt: skip
    return DONE if found.sound else REFUSED


def _audit_lines(args: Namespace, output: Output) -> int:
    """What auditors read. That it is as it was written is said first; where it is not, only what precedes the fault."""
    from escaltui.server import audit, audit_lines

    asked = audit_lines.Asked(args.person, args.kind, _instant(args.since), _instant(args.until))
    known = audit.witness(args.witness) if args.witness else {}
    with _dsn(args) as dsn:
        report, lines = audit_lines.read(dsn, asked, known)
    if report.broken:
        said = _("From change {seq} on this log is not as it was written ({reason}): nothing from there is told.")
        output.warn(said.format(seq=report.broken[1], reason=report.reason))
    elif output.mode != "json":
        n = report.changes
        said = ngettext("This log is as it was written: {n} change.", "This log is as it was written: {n} changes.", n)
        output.warn(said.format(n=n))
    if output.mode == "json":
        output.record({"sound": report.sound, "changes": report.changes, "told": len(lines)})
    output.records(
        [{"seq": each.seq, "at": At(each.at), "kind": each.kind, "what": each.what, "who": each.who, "of": each.of,
          "device": each.device, "more": each.more} for each in lines], AUDITED,
    )  # fmt: skip
    return REFUSED if report.broken else DONE


def _instant(typed: str) -> int | None:
    import time

    from escaltui.commands.typed import past

    return past(time.time_ns() // 1_000_000, typed) if typed else None


@contextmanager
def _admin(config: Config, args: Namespace) -> Iterator[Webhooks]:
    """The administration of the database that is meant; an empty one gets its schema."""
    from escaltui import rules_loader
    from escaltui.server import database, schema
    from escaltui.server.webhook_admin import Webhooks

    rules = rules_loader.load(_rules_folder(config, args))
    with _dsn(args) as dsn:
        if not schema.stand(dsn):
            schema.upgrade(dsn)
        schema.check(dsn)
        with database.pool(dsn, 2) as pool:
            yield Webhooks(pool, rules)


@contextmanager
def _dsn(args: Namespace) -> Iterator[str]:
    from escaltui.server import database

    with database.reached(_db(args), _folder(args)) as dsn:
        yield dsn


def _db(args: Namespace) -> str:
    return str(args.db or ("" if args.folder else os.environ.get("ESCALTUI_DB", "")))


def _folder(args: Namespace) -> Path:
    from escaltui.server.folders import default_folder

    return Path(args.folder) if args.folder else default_folder()


def _rules_folder(config: Config, args: Namespace) -> Path | None:
    """Where a team's rules lie: the folder that was named, else the one beside the settings, else none. Raises
    ServeError for one that was named and is not there: other rules than were meant decide nothing."""
    from escaltui.server.faults import ServeError

    if args.rules:
        if not Path(args.rules).is_dir():
            raise ServeError(_("There is no folder of rules {folder}.").format(folder=args.rules))
        return Path(args.rules)
    beside = config.folder / "rules"
    return beside if beside.exists() else None
