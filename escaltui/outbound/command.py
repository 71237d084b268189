"""Telling something by a command of the house's own, such as a pager's: facts as JSON on its standard input.

No shell reads them, and it learns nothing else from us: of our environment it gets where programs lie and the language.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

import msgspec

from escaltui.domain.sentences import said
from escaltui.outbound import OutboundError, Outcome

_GIVEN = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


class Command(msgspec.Struct, frozen=True):
    """A program with its arguments, none as long as `run` is empty. `timeout`: seconds, then it is ended."""

    run: tuple[str, ...] = ()
    timeout: int = 10


def check(command: Command) -> None:
    """Raises OutboundError where nothing can be run."""
    if not command.run:
        raise OutboundError('No command is set. Name one: [command] run = ["/usr/local/bin/page"].')
    if not os.path.isabs(command.run[0]) or not os.access(command.run[0], os.X_OK):
        raise OutboundError("{program} is no program that can be run. Name it by its whole path in [command] run.",
                            program=command.run[0])  # fmt: skip


def run(facts: Mapping[str, Any], command: Command, *, key: str) -> Outcome:
    """Run it once with the facts, and `key` as `id`. Exit 0: told; any other: surely not told; ended by us or by a
    signal: unknown. Raises OutboundError where nothing was run."""
    check(command)
    body = json.dumps({"id": key, **facts}, ensure_ascii=False, sort_keys=True).encode()
    environment = {name: os.environ[name] for name in _GIVEN if name in os.environ}
    try:
        process = subprocess.Popen(
            command.run, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment,
            cwd="/", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        return Outcome("failed", said("the command cannot be run ({why})", why=str(error.strerror)))
    try:
        process.communicate(body, timeout=command.timeout)
    except subprocess.TimeoutExpired:
        _end(process)
        return Outcome("unknown", said("the command did not end in {seconds} s", seconds=command.timeout))
    except BaseException:
        _end(process)
        raise
    if process.returncode < 0:
        return Outcome("unknown", said("the command was ended by signal {number}", number=-process.returncode))
    if process.returncode:
        return Outcome("failed", said("the command ended with {code}", code=process.returncode))
    return Outcome("sent")


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the program and what it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()
