"""Every address of the backend under machine-made requests, good and bad, by a team, by strangers, with a token for
something else and by nobody: none may answer 5xx, with another shape than described, or with a word of the inside.

`python tests/show/api.py [--examples N] [--where FOLDER]`: a backend of its own on a private PostgreSQL, in which
somebody has worked. Schemathesis comes by pip into an environment of its own (api-requirements.txt). Two controls show
that a stack trace and a wrong shape are found.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import venv
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(HERE), str(TESTS), str(TESTS / "server")]

from api_ground import Ground, ground  # noqa: E402

NEEDED = HERE / "api-requirements.txt"
CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
          "unsupported_method", "nothing_of_the_inside", "a_failure_says_why", "each_line_is_as_described",
          "only_who_may")  # fmt: skip
EVENTS = "/v1/events"
"""It never ends for who may listen; who may not is answered at once."""
WHO: dict[str, list[str] | None] = {"a team": ["push", "pull"], "strangers": ["push", "pull"], "metrics": ["metrics"],
                                    "nobody": None}  # fmt: skip


def environment(folder: Path) -> Path:
    """The program of a virtual environment with Schemathesis, made once. Raises RuntimeError with pip's last words."""
    place = folder / "api-venv"
    if not (place / "made").exists():
        venv.create(place, clear=True, with_pip=True)
        words = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(NEEDED)]
        done = subprocess.run(words, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError("Schemathesis could not be installed: " + done.stderr.strip()[-600:])
        (place / "made").touch()
    return place / "bin" / "schemathesis"


class Asking:
    """Schemathesis over a description."""

    def __init__(self, program: Path, folder: Path) -> None:
        self._program, self._folder = program, folder

    def ask(self, description: dict[str, Any], url: str, tokens: Sequence[str], allowed: list[str] | None,
            *words: str) -> tuple[int, str]:  # fmt: skip
        """Its exit code and what it said."""
        file = self._folder / "described.json"
        file.write_text(json.dumps(description))
        told = {"SCHEMATHESIS_HOOKS": str(HERE / "api_checks.py"), "ESCALTUI_TOKENS": json.dumps(tokens),
                "ESCALTUI_ALLOWED": json.dumps(allowed)}  # fmt: skip
        done = subprocess.run(
            [str(self._program), "run", str(file), "--url", url, "--checks", ",".join(CHECKS), "--no-color",
             "--suppress-health-check", "all", "--request-timeout", "30", *words],
            cwd=self._folder, env={**os.environ, **told}, capture_output=True, text=True,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr


def run(asking: Asking, at: Ground, examples: int) -> bool:
    """Everybody asks everything; whether nothing was found."""
    good = True
    described = at.description()
    plain = json.loads(json.dumps(described))
    plain["components"]["schemas"]["Operation"] = {"type": "object"}  # else each field of 100 kinds is walked
    for who, allowed in WHO.items():
        count = str(examples if who == "a team" else max(10, examples // 4))
        out = ["--exclude-path", EVENTS] if allowed and "pull" in allowed else []
        for phases, of in (("fuzzing,stateful", described), ("coverage", plain)):
            before = len(at.backend.log())
            code, said = asking.ask(of, at.backend.url, at.tokens[who], allowed, "--phases", phases,
                                    "--max-examples", count, *out)  # fmt: skip
            print(f"{who}, {phases}: {told(at.backend.log()[before:])}", flush=True)
            if code:
                print(said[-6000:])
            good = good and not code
    return good


def told(lines: Sequence[dict[str, Any]]) -> str:
    """What the backend's own log says of some requests."""
    statuses = Counter(line["status"] for line in lines)
    results: Counter[str] = Counter()
    kinds: set[str] = set()
    for line in lines:
        results.update(line.get("results", {}))
        kinds |= set(line.get("ops", {})) - {"unknown", "unreadable"}
    by = ", ".join(f"{status}: {count:,}" for status, count in sorted(statuses.items()))
    ops = ", ".join(f"{count:,} {name}" for name, count in sorted(results.items()))
    return f"{len(lines):,} requests ({by})" + (f"; operations of {len(kinds)} kinds: {ops}" if ops else "")


class Broken(BaseHTTPRequestHandler):
    """A backend that answers with what it should not."""

    status, said = 500, ""

    def do_GET(self) -> None:
        body = self.said.encode()
        self.send_response(self.status)
        for name, value in (("content-type", "application/json"), ("x-request-id", "1"), ("content-length", len(body))):
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def broken(status: int, value: Any) -> Iterator[str]:
    """The address of one."""
    seeded = type("Seeded", (Broken,), {"status": status, "said": json.dumps(value)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), seeded)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def controls(asking: Asking, described: dict[str, Any]) -> bool:
    """A stack trace and a wrong shape are found where they are there."""
    trace = {"code": "x", "reason": 'Traceback (most recent call last): File "x.py"', "request": "1"}
    good = True
    for status, value, words in ((500, trace, ("Server error", "tells of the inside")),
                                 (200, {"now": "yesterday"}, ("violates schema",))):  # fmt: skip
        with broken(status, value) as url:
            code, said = asking.ask(described, url, [""], None, "--include-path", "/v1/about", "--max-examples", "3",
                                    "--phases", "fuzzing")  # fmt: skip
        found = code != 0 and all(word in said for word in words)
        print(f"control, a seeded {status}: {'found' if found else 'NOT FOUND' + said[-1500:]}")
        good = good and found
    return good


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="for each address, of a team; of others a quarter")
    parser.add_argument("--where", type=Path, default=Path(tempfile.gettempdir()) / "escaltui-bench")
    args = parser.parse_args()
    args.where.mkdir(parents=True, exist_ok=True)
    try:
        program = environment(args.where)
    except (RuntimeError, OSError) as error:
        print(error)
        return 2
    folder = Path(tempfile.mkdtemp(prefix="escaltui-show-"))
    folder.chmod(0o755)
    try:
        with ground(folder / "server") as at:
            asking = Asking(program, folder)
            good = controls(asking, at.description())
            good = run(asking, at, args.examples) and good
            lines = at.backend.log()
        bad = [line for line in lines if line["status"] >= 500 or "defect" in line]
        print("\n".join(map(json.dumps, bad[:20])))
        print(f"{len(lines):,} requests, {len(bad)} answered 5xx or by a defect (bar 0)")
        return int(not good or bool(bad))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
