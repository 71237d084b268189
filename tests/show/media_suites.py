"""Rows of the safety page that tests show: their files, which tests are the controls, and what they printed."""

from __future__ import annotations

import re
import tempfile
import xml.etree.ElementTree as xml
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from first_light import Show, need, suite
from terminal import REPOSITORY

PRINTED = 14
"""So many lines that tests printed are told."""


class Ran(NamedTuple):
    """What a run of pytest did."""

    passed: tuple[str, ...]
    skipped: tuple[tuple[str, str], ...]
    """Each with the reason."""
    printed: tuple[str, ...]


def covered(show: Show, files: Sequence[str], controls: Sequence[str] = (), *, chosen: str = "", together: int = 1,
            **env: str) -> Iterator[str]:  # fmt: skip
    """Files of tests, all of which must be there, pass and not be skipped (but for root); controls are named apart.

    `chosen` is pytest's -k; `together`: in so many processes. Where a look is not quick, `env` is set, and
    ESCALTUI_THOROUGH with it.
    """
    missing = [each for each in files if not (REPOSITORY / each).is_file()]
    need(not missing, f"the tests of this row are not there: {', '.join(missing)}")
    split = ["-n", str(together), "--dist", "load"] if together > 1 else ["-p", "no:xdist"]
    with tempfile.TemporaryDirectory(prefix="suite-") as folder:
        report = Path(folder) / "report.xml"
        arguments = [*split, "-m", "not real_data", "-o", "junit_logging=system-out", f"--junitxml={report}", *files]
        arguments += ["-k", chosen] if chosen else []
        yield from suite(*arguments, **{"ESCALTUI_THOROUGH": "1", **env})(show)
        ran = _read(report)
    for line in ran.printed[:PRINTED]:
        yield f"  {line}"
    for name, why in ran.skipped:
        need("root" in why, f"skipped, so not shown: {name} ({why})")
        yield f"NOT SHOWN HERE: {_words(name)} ({why})"
    need(bool(ran.passed), "no test of this row was found")
    lacking = [each for each in controls if not any(re.match(rf"{each}\b", name) for name in ran.passed)]
    need(not lacking, f"the control is missing: {', '.join(lacking)}")
    if controls:
        yield f"controls that a seeded defect is caught: {', '.join(_words(each) for each in controls)}"


def _read(report: Path) -> Ran:
    passed, skipped, printed = [], [], []
    for case in xml.parse(report).iter("testcase"):
        name = case.get("name", "")
        why = case.find("skipped")
        if why is None:
            passed.append(name)
        else:
            skipped.append((name, why.get("message", "")))
        text = (case.findtext("system-out") or "").splitlines()
        printed += [line for line in text if line.strip() and not line.startswith("---")]
    return Ran(tuple(passed), tuple(skipped), tuple(printed))


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def row(claim: str, files: Sequence[str], controls: Sequence[str] = (), *, chosen: str = "", together: int = 1,
        unshown: str = "", **env: str) -> Callable[[Show], Iterator[str]]:  # fmt: skip
    """A part that is tests and nothing else. `unshown`: what of the row they do not show, said plainly."""

    def part(show: Show) -> Iterator[str]:
        yield from covered(show, files, controls, chosen=chosen, together=together, **env)
        if unshown:
            yield f"NOT SHOWN HERE: {unshown}"

    part.__doc__ = claim
    return part
