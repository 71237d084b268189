"""The server that a store follows: connect, sync, signout."""

from __future__ import annotations

import os
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from escaltui.commands.grammar import standard_input
from escaltui.commands.output import DONE, REFUSED, At, Output
from escaltui.i18n import _
from escaltui.sync_faces import ONLINE
from escaltui.workbench import Workbench

if TYPE_CHECKING:
    from escaltui.sync.connect import Connecting
    from escaltui.sync.net import Server

TOKEN = "ESCALTUI_TOKEN"
QUICKLY = frozenset({"connect", "sync", "signout", "outbox"})
"""Commands that see to the sending themselves."""
BRINGING = frozenset({"import", "connector"})
"""Commands after which files may have to follow their cases: no workbench need ever be open on this device."""


def connect(bench: Workbench, args: Namespace, output: Output) -> int:
    """Follow a server's desk from now on; what was done here alone is sent there. Tells what was refused."""
    from escaltui.sync import connect as connecting

    token = standard_input().strip() if args.token_stdin else os.environ.get(TOKEN, "")
    url, desk = args.url or bench.config.remote.url, args.desk or bench.config.remote.desk
    if not (url and desk):
        output.warn(_("Say where: escaltui connect URL --desk DESK, or write url and desk under [remote]."))
        return REFUSED
    made = connecting.Connecting(
        bench.store, bench.config.remote, bench.rules, bench.now, _watch(output), _signing_in(bench, output)
    )
    try:
        return _connected(bench, made, (url, desk, token), output)
    except connecting.ConnectError as error:
        output.warn(str(error))
        return REFUSED


def _connected(bench: Workbench, made: Connecting, to: tuple[str, str, str], output: Output) -> int:
    done = made.run(*to)
    bench.be(done.connected)
    face = bench.sync_face()
    output.record({"connected": face.server, "desk": done.connected.desk, "person": done.connected.me.person,
                   "sent": done.sent, "waiting": face.waiting, "refused": face.parked, "copy": done.copy})  # fmt: skip
    for each in bench.parked():
        output.warn(f"{each.op_id} {each.ref} {each.verb}: {each.why} {each.mend}")
    if done.trouble:
        output.warn(done.trouble)
    return REFUSED if done.trouble or face.parked else DONE


def _watch(output: Output) -> Callable[[str], None]:
    return lambda sentence: output.warn(sentence) if sys.stderr.isatty() else None


def _signing_in(bench: Workbench, output: Output) -> Callable[[Server], str]:
    """Sign in by a code that is typed at the provider, on this machine or another. It is shown wherever we run."""
    from escaltui.sync import signin

    def show(address: str, code: str, lasts: int) -> None:
        said = _("To sign in, open {address} and type the code {code} within {n} minutes.")
        output.warn(said.format(address=address, code=code, n=max(1, lasts // 60)))

    return lambda server: signin.sign_in(server, bench.store.device, show, time.sleep).token


def sync(bench: Workbench, args: Namespace, output: Output) -> int:
    """One whole round now: push, then pull. Exit 1 where it did not go through."""
    if bench.store.remote is None:
        return _alone(output)
    from escaltui.sync import engine

    trouble = engine.once(bench.link)
    files = 0 if trouble else _brought(bench)
    face = bench.sync_face()
    output.record({"server": face.server, "state": ONLINE if not trouble else face.state, "waiting": face.waiting,
                   "parked": face.parked, "files": files or None, "pulled": At(face.since)})  # fmt: skip
    for notice in engine.notices(bench.link):
        output.warn(notice)
    if trouble:
        output.warn(trouble)
    if face.parked:
        output.warn(_("{n} set aside: escaltui outbox list shows them.").format(n=face.parked))
    return REFUSED if trouble else DONE


def _brought(bench: Workbench) -> int:
    """Originals whose cases the server has go there, too; how many. What does not leave now leaves the next time."""
    from escaltui.store import StoreError
    from escaltui.sync.net import NetError

    try:
        return bench.link.bring(lambda: False)
    except (NetError, StoreError, OSError):
        return 0


def signout(bench: Workbench, args: Namespace, output: Output) -> int:
    """Forget the token; the store goes on following, and what is done waits."""
    if bench.store.remote is None:
        return _alone(output)
    from escaltui.sync import signin

    ended = signin.sign_out(bench.link)
    forgotten = bench.link.tokens.forget()
    output.record({"signed_out": forgotten, "ended": ended, "waiting": bench.sync_face().waiting})
    if forgotten and not ended:
        output.warn(_("The token is forgotten here, not ended there: one by signing in ends within 12 hours."))
    if os.environ.get(TOKEN):
        output.warn(_("{variable} is set: it signs in all the same.").format(variable=TOKEN))
    return DONE


def _alone(output: Output) -> int:
    output.warn(_("This store follows no server. escaltui connect URL --desk DESK has it follow one."))
    return REFUSED


def leave(bench: Workbench, args: Namespace, output: Output) -> None:
    """After a command: what it did leaves now where that can be soon; else it is said that it waits."""
    if bench.store.remote is None or args.command in QUICKLY or not bench.sync_face().waiting:
        return
    from escaltui.sync.engine import once, settle

    if args.command not in BRINGING:
        settle(bench.quick_link())
    elif not once(bench.quick_link()):  # what is confirmed there may have its files follow
        _brought(bench)
    if waiting := bench.sync_face().waiting:
        output.warn(_("waiting: {n}").format(n=waiting))
