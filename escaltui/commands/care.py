"""Commands that look after the store: audit verify, doctor, backup, keys, people."""

from __future__ import annotations

import os
import platform
from argparse import Namespace
from pathlib import Path

from escaltui import keys
from escaltui.commands import storing
from escaltui.commands.output import DONE, REFUSED, STORE, Column, Output, Value
from escaltui.commands.verbs import UsageError
from escaltui.config import Config
from escaltui.domain.changes import Refused
from escaltui.domain.operations import AddPerson
from escaltui.i18n import N_, _, ngettext
from escaltui.recorders import CAN_BE_RECORDED, focus_events, recorders
from escaltui.store import StoreError, driver
from escaltui.workbench import Workbench

NO_FOCUS = N_(
    "tmux does not tell when you look away, so pictures stay as they are: write `set -g focus-events on` in tmux.conf."
)
PEOPLE = (Column("login", "LOGIN", 12), Column("name", "NAME", 20), Column("languages", "LANGUAGES", 16),
          Column("roles", "ROLES", 0))  # fmt: skip
KEYS = (Column("keys", "KEYS", 14), Column("label", "LABEL", 20), Column("where", "WHERE", 22, least=100),
        Column("help", "WHAT IT DOES", 0))  # fmt: skip


def audit(bench: Workbench, args: Namespace, output: Output) -> int:
    """Recompute the hash chain of the change log; exit 1 where a change is not as it was written."""
    found = bench.store.verify()
    broken = f"{found.broken[0]} {found.broken[1]}" if found.broken else ""
    output.record({"changes": found.changes, "sound": found.sound,
                   "heads": {stream: f"{seq} {digest}" for stream, (seq, digest) in found.heads.items()},
                   "broken": broken, "reason": found.reason, "earlier": found.earlier,
                   "blank": found.blank})  # fmt: skip
    if found.earlier:
        said = ngettext(
            "{count} line from before this store was filled came along to be read; only the backend's chain covers it.",
            "{count} lines from before this store was filled came along to be read; only the backend's chain covers "
            "them.",
            found.earlier,
        )
        output.warn(said.format(count=found.earlier))
    if not found.sound:
        output.warn(
            _("The log is not as it was written, at {broken}: {reason}. Compare a backup.").format(
                broken=broken, reason=found.reason
            )
        )
    return DONE if found.sound else REFUSED


def doctor(folder: Path, config: Config, acting_as: str, output: Output) -> int:
    """What this installation is and whether it is well; a store that cannot be opened is named too."""
    facts = _machine(folder, config)
    try:
        bench = Workbench.open(folder, config=config, acting_as=acting_as)
    except StoreError as error:
        output.record(facts | {"store_opens": False, "problems": [*config.problems, str(error)]})
        output.warn(str(error))
        return STORE
    try:
        return _examined(bench, facts, output)
    finally:
        bench.close()


def _machine(folder: Path, config: Config) -> dict[str, Value]:
    from escaltui import __version__

    found = recorders(os.environ)
    return {"version": __version__, "store": str(folder), "settings": str(config.file), **_encryption(folder),
            "python": platform.python_version(), "sqlite": driver.SQLITE,
            "terminal": os.environ.get("TERM", ""),
            "recorders": found, "recording": _(CAN_BE_RECORDED) if found else "",
            "tmux_focus_events": focus_events(os.environ)}  # fmt: skip


def _encryption(folder: Path) -> dict[str, Value]:
    """Read again once the store is open: the first opening makes it."""
    try:
        return storing.facts(folder)
    except StoreError:  # what is wrong is said where it is opened
        return {"encrypted": True, "key": "", "cipher": ""}


def _masks(bench: Workbench) -> tuple[str, tuple[str, ...]]:
    """What is masked, in a sentence, and what is wrong with the lists of terms."""
    from escaltui.safety.lexicon_files import load, told

    masker = load(bench.masks, bench.config.folder)
    return told(masker), masker.problems


def _examined(bench: Workbench, facts: dict[str, Value], output: Output) -> int:
    bench.views()  # a person's own views are read when they are first asked for
    found = bench.store.verify()
    mode = bench.store.folder.stat().st_mode & 0o777
    masks, faults = _masks(bench)
    problems = [*bench.problems, *faults, *bench.protection.problems]
    if facts["tmux_focus_events"] == "off":
        problems.append(_(NO_FOCUS))
    if mode & 0o077:
        problems.append(_("Others may look into {folder}: chmod 700 closes it.").format(folder=bench.store.folder))
    if not found.sound:
        said = _("The log is not as it was written: {reason}. escaltui audit verify says where.")
        problems.append(said.format(reason=found.reason))
    backups = sorted((bench.store.folder / "backups").glob("store-*.db"))
    facts |= bench.protection.told() | {"masks": masks} | _encryption(bench.store.folder)
    output.record(facts | {"store_opens": True, "read_only": bench.store.read_only, "mode": f"{mode:o}",
                           "person": bench.me, "cases": bench.store.count(None), "changes": found.changes,
                           "log_sound": found.sound, "newest_backup": backups[-1].name if backups else "",
                           "bundle_key": _bundle_key(bench, problems),
                           "problems": problems, "well": not problems})  # fmt: skip
    for problem in problems:
        output.warn(problem)
    return REFUSED if problems else DONE


def _bundle_key(bench: Workbench, problems: list[str]) -> str:
    """The fingerprint of the key that signs bundles, "" where none was made yet."""
    from escaltui.bundling.faults import BundleFault
    from escaltui.workbench import bundle_key

    try:
        return bundle_key.known(bench.store)
    except BundleFault as fault:
        problems.append(str(fault))
        return ""


def backup(bench: Workbench, args: Namespace, output: Output) -> int:
    """Copy the store now."""
    output.record({"done": "backup", "to": str(bench.store.backup())})
    return DONE


def people(bench: Workbench, args: Namespace, output: Output) -> int:
    """Colleagues known here; `people add LOGIN` makes one more. With a case: who is kept up to date on it."""
    if len(args.free) == 1 and (args.add or args.remove or args.free[0] == "-" or bench.store.line(args.free[0])):
        from escaltui.commands.updating import stakeholders

        args.ref = args.free[0]
        return stakeholders(bench, args, output)
    if args.free:
        if args.free[0] != "add" or len(args.free) != 2:
            raise UsageError(
                _("Write: escaltui people, or escaltui people add LOGIN --name NAME --role ROLE --lang en")
            )
        new = AddPerson(login=args.free[1], name=args.name, roles=tuple(args.role) or ("specialist",),
                        languages=tuple(args.lang), team=args.team)  # fmt: skip
        outcome = bench.do(new, op_id=args.op_id)
        if isinstance(outcome, Refused):
            return output.refuse(outcome)
    output.records(({"login": p.login, "name": p.name, "roles": p.roles, "languages": p.languages}
                    for p in bench.people()), PEOPLE)  # fmt: skip
    return DONE


def show_keys(args: Namespace, config: Config, output: Output) -> int:
    """The key table; `keys check` tells what is wrong with the person's own keys."""
    if args.free not in ([], ["check"]):
        raise UsageError(_("Write: escaltui keys, or escaltui keys check"))
    if args.free:
        for problem in config.problems:
            output.warn(problem)
        output.record({"file": str(config.file), "own_keys": len(config.keys), "to_mend": len(config.problems)})
        return REFUSED if config.problems else DONE
    output.records(({name: _cell(value) for name, value in row.items()} for row in keys.table(config.keys)), KEYS)
    return DONE


def _cell(value: object) -> Value:
    return [str(each) for each in value] if isinstance(value, list | tuple) else str(value)
