"""Clients in processes of their own, neither the server's nor the bench's: `Swarm` on our side, `main` on theirs.

A swarm is one program that loads what its clients need and forks them; a line in asks all of them at once, a line out
has what each answered. A client is a class whose methods are the deeds.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Self

HERE = Path(__file__).resolve().parent
ERROR = "a client failed"


class Swarm:
    """Clients of one kind (`module:Class`), one for each of `given`. A context manager that ends them."""

    def __init__(self, kind: str, given: Sequence[Mapping[str, Any]], **environment: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **environment},
        )  # fmt: skip
        self._told(list(given))

    def ask(self, deed: str, **more: Any) -> list[Any]:
        """Have all do something at once; what each answers. Raises RuntimeError where one failed."""
        return self._told({"do": deed, **more})

    def _told(self, value: Any) -> list[Any]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(value) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the clients are gone")
        found: list[Any] = json.loads(line)
        for each in found:
            if isinstance(each, dict) and ERROR in each:
                raise RuntimeError(f"{ERROR}: {each[ERROR]}")
        return found

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        try:
            self._process.wait(30)
        finally:
            self._process.kill()


def main() -> int:
    """Fork the clients, and pass on what is asked until nobody asks."""
    module, _, name = sys.argv[1].partition(":")
    made = getattr(import_module(module), name)
    context, pipes = multiprocessing.get_context("fork"), []
    for given in json.loads(sys.stdin.readline()):
        ours, theirs = context.Pipe()
        context.Process(target=_client, args=(made, given, theirs), daemon=True).start()
        theirs.close()
        pipes.append(ours)
    _gathered(pipes)
    for line in sys.stdin:
        for pipe in pipes:
            pipe.send(json.loads(line))
        _gathered(pipes)
    return 0


def _gathered(pipes: Sequence[Any]) -> None:
    found = []
    for pipe in pipes:
        try:
            found.append(pipe.recv())
        except EOFError:
            found.append({ERROR: "it ended"})
    print(json.dumps(found), flush=True)


def _client(made: Any, given: dict[str, Any], pipe: Any) -> None:
    try:
        client = made(**given)
        pipe.send("ready")
    except Exception as error:
        pipe.send({ERROR: repr(error)})
        return
    while True:
        try:
            asked = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(getattr(client, asked.pop("do"))(**asked))
        except Exception as error:
            pipe.send({ERROR: repr(error)})


if __name__ == "__main__":
    sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]
    sys.exit(main())
