"""The documents of the show of the week: versions kept and folded, ids carried over, two versions compared, what cites
a section that changed. All on the real documents; the cases that cite them are made.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import NamedTuple

import in_force
import test_restructured as labelled
from casebench import Clock, open_case, workbench
from first_light import Show, need, objects

from escaltui.domain.changes import Refused
from escaltui.domain.decisions import Cite
from escaltui.domain.entities import Pin
from escaltui.domain.operations import Dismiss, PinSection
from escaltui.policy.library import SUBSTANTIVE, PolicyError, Version
from escaltui.policy.sources import SourceDocument, read_sources
from escaltui.policy.split import split
from escaltui.policy.versions import History, next_version, rejudge
from escaltui.workbench import Workbench

OPEN, DECIDED, AT_RANDOM = 240, 80, 20260101
COMPARED, COMPARE_MOST = 5, 1.0
"""Times that the largest versions are compared; CPU seconds that one may take, in a thread of its own."""
RELEASED = ("facebook-privacy-policy", "2023-01-31")
"""Held at first, since next to nothing of it is in the version before; a person who reads it lets it count."""
Words = Mapping[str, str]


# --- kept and folded


def kept(show: Show) -> Iterator[str]:
    """The eleven real documents: versions kept, folded, held."""
    (found,) = objects(show.desk.run("policy", "import", str(show.data / "policies"), "--json"))
    yield f"{found['documents']} documents, {found['versions']} versions, {found['sections']} sections"
    need((found["documents"], found["versions"]) == (11, 77), "11 documents with 77 versions should be there")
    sums: Counter[str] = Counter()
    for row in objects(show.desk.run("policy", "documents", "--json")):
        rows = objects(show.desk.run("policy", "versions", row["document"], "--json"))
        kinds = Counter(each["kind"] for each in rows)
        sums.update(kinds)
        told = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
        yield f"  {row['document']:44} {len(rows)} versions: {told}"
        names = {each["version"] for each in rows}
        need(all(each["same_as"] in names for each in rows if each["kind"] in ("noop", "flap") and each["same_as"]),
             "a folded version should name the one whose text it has")  # fmt: skip
    yield f"kept {sums[SUBSTANTIVE]}, folded {sums['noop'] + sums['flap']}, held {sums['held']}"
    need(sums.total() == 77, "every version should be listed")
    (again,) = objects(show.desk.run("policy", "import", str(show.data / "policies"), "--json"))
    need(again["added"] == 0, "a second import should add nothing")
    (found,) = objects(show.desk.run("policy", "release", *RELEASED, "--json"))
    yield f"one word of a person releases {' '.join(RELEASED)} and {len(found['versions']) - 1} later ones like it"


# --- carried over


def carried(show: Show) -> Iterator[str]:
    """60 sections of the restructurings of 2024 and 2025, labelled by hand before: right, merged, wrong, lost."""
    sources = read_sources(show.data / "policies")
    every: Counter[str] = Counter()
    for pair in labelled.LABELS["pairs"]:
        made = labelled.versions(sources, pair["document"])
        before, after = made[pair["before"]], made[pair["after"]]
        ids = dict(zip(before[0], (s.stable_id for s in before[1]), strict=True))
        newer = {s.stable_id: name for name, s in zip(*after, strict=True)}
        here: Counter[str] = Counter()
        off = []
        for label in pair["sections"]:
            given = newer.get(ids[label["old"]], "")
            verdict = labelled.judged(label, given)
            here[verdict] += 1
            if verdict != "right":
                off.append(f"    {verdict}: {label['old']} -> {given or '-'}")
        every.update(here)
        told = ", ".join(f"{name} {n}" for name, n in here.most_common())
        yield f"  {pair['document']} {pair['before']} to {pair['after']}, {len(pair['sections'])} sections: {told}"
        yield from off
    told = ", ".join(f"{name} {every[name]}" for name in ("right", "merged", "wrong", "lost"))
    yield f"{every.total()} labelled sections: {told} (merged: carried to the section that took it up)"
    need(every.total() == 60, "60 sections should be labelled")
    need(every["wrong"] <= 1, "a section must not be taken for another")
    need(every["right"] + every["merged"] >= 45, "three in four should be carried over")


# --- compared


def compared(show: Show) -> Iterator[str]:
    """The two largest versions of one document, section by section and word by word: time, off the UI thread."""
    sources = read_sources(show.data / "policies")
    with _library(show, "compared") as bench:
        for found in _largest(sources.documents, bench):
            yield from _timed(bench, *found)


def _largest(documents: Sequence[SourceDocument], bench: Workbench) -> Iterator[tuple[str, str, str, int, int]]:
    """Of the two documents with the largest versions: its two largest that count and differ, older first."""
    ranked = sorted(documents, key=lambda d: max(len(v.text) for v in d.versions), reverse=True)
    for each in ranked[:2]:
        key = each.document.key
        counts = {v.version for v in bench.policy_versions(key) if v.kind == SUBSTANTIVE}
        sizes = {v.version: len(v.text.encode()) for v in each.versions if v.version in counts}
        older, newer = sorted(sorted(sizes, key=lambda name: sizes[name])[-2:])
        yield key, older, newer, sizes[older], sizes[newer]


def _timed(bench: Workbench, document: str, older: str, newer: str, was: int, now: int) -> Iterator[str]:
    cpu, wall = [], []
    for _ in range(COMPARED):
        begun, clock = time.thread_time(), time.monotonic()
        found = bench.policy_diff(document, newer, older)
        cpu.append(time.thread_time() - begun)
        wall.append(time.monotonic() - clock)
    kinds = Counter(each.kind for each in found.sections)
    pieces = sum(len(each.pieces) for each in found.sections)
    told = ", ".join(f"{kind} {n}" for kind, n in kinds.most_common()) or "none"
    sizes = f"{was / 1000:,.0f} and {now / 1000:,.0f} KB"
    yield f"{document} {older} to {newer}, {sizes}: sections {told}; {pieces} pieces"
    yield f"  CPU {median(cpu) * 1000:,.0f} ms (longest {max(cpu) * 1000:,.0f}), wall {median(wall) * 1000:,.0f} ms"
    need(median(cpu) < COMPARE_MOST, f"comparing should take less than {COMPARE_MOST:g} s of CPU")


# --- cited


class Made(NamedTuple):
    """Cases that cite: reference -> sections with the hash of the words read, open ones and decided ones."""

    open: dict[str, Words]
    decided: dict[str, Words]


def cited(show: Show) -> Iterator[str]:
    """Each change between two versions lists exactly the cases that cite other words of it: against brute force."""
    sources = read_sources(show.data / "policies")
    texts = {each.document.key: _counting(each) for each in sources.documents}
    with _library(show, "cited") as bench:
        made = _cases(bench, texts, random.Random(AT_RANDOM))
        yield f"{len(made.open)} open and {len(made.decided)} decided cases cite {_cites(made)} sections; " \
              f"{OPEN // 8} cite nothing, {OPEN // 8} that cite are over"  # fmt: skip
        checked, listed, by_name = 0, 0, 0
        for document, versions in texts.items():
            for (before, was), (name, now) in pairwise(versions):
                changed = {section: now.get(section, "") for section in was if was[section] != now.get(section, "")}
                _whole(bench, made, document, before, name, changed)
                for section, sha in changed.items():
                    wanted = _brute(made, section, sha)
                    if sha or section not in versions[-1][1]:  # a retired one is asked for by itself once it is gone
                        found = _told(bench, section, name if sha else "")
                        need(found == wanted, f"{document} {name} {section}: listed {found}, should be {wanted}")
                    checked, listed = checked + 1, listed + sum(map(len, wanted))
                    by_name += wanted != _brute(made, section, "none")
    yield f"{checked} changes of a section checked, {listed} cases listed: each list is the one of brute force"
    yield f"control: a list by name alone, whatever words were read, differs in {by_name} of them"
    need(checked > 100 and listed > 100, "the check should meet many changes and many cases")
    need(by_name > 0, "the control should differ: else words were not told apart")
    yield from _by_commands(show)


def _counting(found: SourceDocument) -> list[tuple[str, Words]]:
    """The versions of a document that count, oldest first, each as stable id -> hash: no store, no index."""
    history, made = History(found.document.key), {}
    for version in found.versions:
        facts = Version(found.document.key, version.version, version.observed_on or date.min)
        step = next_version(history, split(version.text), facts)
        history = step.history
        made[version.version] = {each.stable_id: each.text_sha256 for each in step.sections}
    released = rejudge(history, RELEASED[1]) if found.document.key == RELEASED[0] else ()
    kinds = {v.version: v.kind for v in (*history.versions, *released)}
    return [(v.version, made[v.version]) for v in history.versions if kinds[v.version] == SUBSTANTIVE]


def _cases(bench: Workbench, texts: Mapping[str, list[tuple[str, Words]]], draw: random.Random) -> Made:
    every = [(section, name, sha) for versions in texts.values() for name, words in versions
             for section, sha in words.items()]  # fmt: skip
    changing = _changing(texts)
    made = Made({}, {})
    for n in range(OPEN + DECIDED):
        case = open_case(bench, f"Case {n}", items=1)
        row = bench.line(case)
        assert row is not None
        pool = changing if n % 3 else every
        some = [draw.choice(pool) for _ in range(draw.randint(1, 3))]
        if n >= OPEN:
            cites = {section: Cite(section, name, sha, "") for section, name, sha in some}
            in_force.decide(bench.store, case, cites=tuple(cites.values()))
            made.decided[row.ref] = {each.section: each.text_sha256 for each in cites.values()}
        elif n % 8:  # one in eight cites nothing
            for section, name, sha in some:
                _done(bench, PinSection(case=case, section=section, pin=Pin(name, sha)))
            if n % 8 == 1:
                _done(bench, Dismiss(case=case, reason="spam"))
            else:
                made.open[row.ref] = {section: sha for section, _name, sha in some}
    return made


def _changing(texts: Mapping[str, list[tuple[str, Words]]]) -> list[tuple[str, str, str]]:
    """Sections with the words that the next version took away or changed: where a citation can rest on old words."""
    return [(section, name, sha) for versions in texts.values() for (name, was), (_next, now) in pairwise(versions)
            for section, sha in was.items() if now.get(section) != sha]  # fmt: skip


def _done(bench: Workbench, op: object) -> None:
    outcome = bench.do(op)  # type: ignore[arg-type]
    need(not isinstance(outcome, Refused), f"{type(op).__name__}: {outcome}")


def _cites(made: Made) -> int:
    return len({section for cases in made for words in cases.values() for section in words})


def _brute(made: Made, section: str, sha: str) -> tuple[set[str], set[str]]:
    """The references whose cases cite other words of a section, by looking at each case."""
    return tuple({ref for ref, words in cases.items() if words.get(section, sha) != sha}  # type: ignore[return-value]
                 for cases in made)  # fmt: skip


def _told(bench: Workbench, section: str, version: str) -> tuple[set[str], set[str]]:
    found = bench.policy_affected(section, version)
    return {each.ref for each in found.open}, {each.ref for each in found.decided}


def _whole(bench: Workbench, made: Made, document: str, before: str, after: str, changed: Words) -> None:
    """All that a version changed at once: the union of the lists of its sections; so are the counts of each."""
    found = bench.policy_affected_by(document, after, before)
    lists = [_brute(made, section, sha) for section, sha in changed.items()]
    wanted = tuple(set().union(*(each[n] for each in lists)) for n in (0, 1))
    need(({e.ref for e in found.open}, {e.ref for e in found.decided}) == wanted, f"{document} {after}, as a whole")
    counts = {e.section: (e.open_cases, e.decided_cases) for e in bench.policy_diff(document, after, before).sections}
    for section, (now, then) in zip(changed, lists, strict=True):
        if counts[section] != (len(now), len(then)):
            raise PolicyError(f"{document} {after} {section}: {counts[section]} are counted, not {len(now), len(then)}")


def _by_commands(show: Show) -> Iterator[str]:
    """The same by plain commands: cite, publish the next version, ask who rests on it."""
    folder, name = show.desk.store.parent / "arriving", "Facebook - Terms of Service"
    source = sorted((show.data / "policies" / name).glob("*.md"))
    desk = type(show.desk)(show.desk.store.parent / "arriving-desk", show.desk.config)
    (folder / name).mkdir(parents=True)
    for file in source[:-2]:
        (folder / name / file.name).write_bytes(file.read_bytes())
    desk.run("policy", "import", str(folder), "--json")
    document = objects(desk.run("policy", "documents", "--json"))[0]["document"]
    sections = [row["section"] for row in objects(desk.run("policy", "documents", "--sections", "--json"))
                if row["section"]]  # fmt: skip
    cases: dict[str, list[str]] = {}
    for section in sections[:8]:
        (made,) = objects(desk.run("new", "--title", f"About {section[-40:]}", "--json"))
        desk.run("cite", made["ref"], section)
        cases.setdefault(section, []).append(made["ref"])
    for file in source[-2:]:
        (folder / name / file.name).write_bytes(file.read_bytes())
    desk.run("policy", "import", str(folder), "--json")
    changed = {row["section"] for row in objects(desk.run("policy", "diff", document, "--json"))
               if row["kind"] in ("changed", "retired")}  # fmt: skip
    before, after = (row["version"] for row in objects(desk.run("policy", "versions", document, "--json"))[-2:])
    told = {}
    for section, refs in cases.items():
        rows = objects(desk.run("policy", "affected", section, "--json"))
        told[section] = [row["ref"] for row in rows]
        was, now = (_shown(desk, section, version) for version in (source[-3].stem, after))
        need((told[section] == refs) == (was != now), f"{section}: listed {told[section]}")
    otherwise = sum(map(bool, told.values()))
    yield f"by commands: {document} to {after} (from {before}): {len(changed)} sections changed in the last step; " \
          f"{otherwise} of {len(cases)} cited sections read otherwise, each lists its own case"  # fmt: skip


def _shown(desk: object, section: str, version: str) -> str:
    """The hash of a section's words in a version, "" where it has none."""
    found = objects(desk.run("policy", "show", section, "--version", version, "--json", code=None))  # type: ignore[attr-defined]
    return str(found[0]["text_sha256"]) if found else ""


@contextmanager
def _library(show: Show, name: str) -> Iterator[Workbench]:
    """A workbench with all real documents, in a folder of its own."""
    folder = Path(show.desk.store.parent / name)
    folder.mkdir()
    with workbench(folder) as bench:
        bench.import_policies(show.data / "policies")
        bench.policy_release(*RELEASED)
        clock = bench.now
        assert isinstance(clock, Clock)
        clock.now = int(time.time() * 1000)  # the newest version is in force
        yield bench
