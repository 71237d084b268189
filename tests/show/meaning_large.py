"""Look-up by meaning with 5,000 sections and 100,000 decided cases: from a query to its settled list, and the encoding.

Sections are the real ones, several times with a word more. Decisions are made in bulk, with words as frequent as
people's and citations of those sections; titles and summaries are the demo's. Vectors that are not encoded are drawn:
comparing takes the same time.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import msgspec
import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "perf"))
from precedents_bench import NOW, fill

from escaltui.config import Config, Me
from escaltui.demo.cases import cases
from escaltui.domain import ids
from escaltui.domain.operations import OpenCase
from escaltui.policy.encoder import Encoder
from escaltui.policy.evaluate import read_queries
from escaltui.policy.model_files import read_model
from escaltui.store import comparing
from escaltui.store import meaning as texts
from escaltui.store.driver import Connection
from escaltui.store.vectors import FOLDER, VectorReader, VectorWriter
from escaltui.workbench import Workbench
from escaltui.workbench.meaning import CASES, SECTIONS

COPIES, MANY = 11, 100_000
SETTLED_MS, CASES_MS = 60.0, 120.0
PART = 5_000
Need = Callable[[bool, str], str]


def fast(folder: Path, data: Path, model: Path, encode: int, need: Need) -> Iterator[str]:
    """How fast a list settles without and with decided cases; before that, what encoding some of these costs."""
    config = Config(folder / "config", me=Me(name="ada", roles=("specialist", "lead")), exists=True)
    queries = [each.query for each in read_queries(data / "policy_queries_dev.jsonl")][:60]
    with Workbench.open(folder / "large", config=config) as bench:
        bench.import_policies(policies(data, folder / "many"))
        chosen = bench.meaning.use(model)
        keys = bench.store.read(texts.sections)
        draw(bench, chosen.id + SECTIONS, chosen.width, keys, 2)
        yield from timed(bench, queries, f"{len(keys)} sections", SETTLED_MS, need)
        decided(bench, encode)
    if encode:
        yield from encoded(folder / "large", encode)
        yield from kept_by_signs(folder / "large", chosen.id + CASES, chosen.width, model, queries)
    with Workbench.open(folder / "large", config=config) as bench:
        if encode < MANY:
            decided(bench, MANY - encode, encode)
            held = {key for key, _words in bench.store.read(lambda connection: list(texts.cases(connection)))}
            with VectorWriter(bench.store.folder, chosen.id + CASES, chosen.width) as writer:
                held -= writer.keys()
            draw(bench, chosen.id + CASES, chosen.width, sorted(held), 1)
        began, before = time.perf_counter(), resident()
        bench.meaning.near("the first look-up")
        yield (f"the first look-up with {MANY} cases: {1000 * (time.perf_counter() - began):.0f} ms,"
               f" {resident() - before} MiB more, model and vectors")  # fmt: skip
        yield from timed(bench, queries, f"{len(keys)} sections and {MANY} decided cases", CASES_MS, need)


def policies(data: Path, place: Path) -> Path:
    """The newest version of each real document, several times, each time with a word more."""
    for n in range(COPIES):
        for document in (data / "policies").iterdir():
            newest = sorted(document.glob("*.md"))[-1]
            copy = place / f"{document.name} {n}"
            copy.mkdir(parents=True)
            text = newest.read_text("utf-8").replace("\n* ", f"\n* copy{n} ").replace(". ", f" copy{n}. ")
            (copy / "2024-01-01.md").write_text(text, "utf-8")
    return place


def draw(bench: Workbench, name: str, width: int, keys: Sequence[str], pieces: int) -> None:
    """Vectors by chance, of length 1."""
    chance = np.random.default_rng(1)
    with VectorWriter(bench.store.folder, name, width) as writer:
        have = writer.keys()
        due = [key for key in keys if key not in have]
        for at in range(0, len(due), PART):
            rows = chance.normal(size=(len(due[at : at + PART]), pieces, width)) / np.sqrt(width)
            writer.add([(key, each.astype(np.float32)) for key, each in zip(due[at : at + PART], rows, strict=True)])


def decided(bench: Workbench, count: int, after: int = 0) -> None:
    """So many decided cases more, that cite the store's sections, with titles and summaries of the demo's."""
    if not count:
        return
    template = ids.entity_id("first", 0)
    if not after:
        bench.do(OpenCase(opens=template, title="A case"))
    told = islice(cases(MANY, datetime.fromtimestamp(NOW / 1000, UTC), past=True), after, after + count)
    words = [(each.title, each.summary, n) for n, each in enumerate(told, after)]

    def job(connection: Connection) -> None:
        named = [row[0] for row in connection.execute("SELECT DISTINCT stable_id FROM policy_section ORDER BY 1")]
        fill(connection, count, template, named, after)
        rows = [(ids.entity_id(f"c/{n}", 0), title, summary) for title, summary, n in words]
        connection.executemany(
            "UPDATE cases SET body = json_set(body, '$.title', ?2, '$.summary', ?3) WHERE id = ?1", rows
        )

    bench.store.write(job)


def encoded(store: Path, count: int) -> Iterator[str]:
    """What the vectors of decided cases cost, made by the command in a process of its own."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "escaltui", "--store", str(store), "policy", "model", "build", "--json"]
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    assert child.stdout is not None
    said = child.stdout.read()
    _pid, status, used = os.wait4(child.pid, 0)
    if status:
        raise SystemExit(f"policy model build ended with {status}")
    seconds, cpu = time.perf_counter() - began, used.ru_utime + used.ru_stime
    made = msgspec.json.decode(said.splitlines()[-1])["made"]
    (file,) = (path for path in (store / FOLDER).glob("*.f16") if CASES in path.name)
    index = file.with_suffix(".db")
    vectors = VectorReader(store, file.stem, 1).count()[1]
    yield (f"{made} decided cases, {vectors} vectors: {seconds:.0f} s by the clock, {cpu:.0f} s CPU,"
           f" {count / seconds:.0f} a second; at most {used.ru_maxrss >> 10} MiB of memory")  # fmt: skip
    yield (f"  {file.stat().st_size / vectors:.0f} bytes a vector and {index.stat().st_size / vectors:.0f} of index;"
           f" {(file.stat().st_size + index.stat().st_size) / 1e6:.0f} MB")  # fmt: skip


def kept_by_signs(store: Path, name: str, width: int, model: Path, queries: Sequence[str]) -> Iterator[str]:
    """Of the cases that are really nearest, how many are on a shortlist by signs of the share it has of all."""
    rows = np.fromfile(store / FOLDER / f"{name}.f16", "<f2").reshape(-1, width)
    every, signs, usual = comparing.All(rows), comparing.Signs(rows), comparing.SHORTLIST
    comparing.SHORTLIST = max(30, len(rows) * usual // MANY)
    kept: dict[int, list[float]] = {10: [], 30: []}
    for query in Encoder(read_model(model)).encode(list(queries), query=True):
        short, best = set(signs.scores(query)[0]), np.argsort(-every.scores(query)[1])
        for most, shares in kept.items():
            shares.append(len(short.intersection(best[:most])) / most)
    said = ", ".join(f"{100 * statistics.mean(shares):.1f} % of the {most} nearest" for most, shares in kept.items())
    yield f"  by signs a shortlist of {comparing.SHORTLIST} of {len(rows)} holds {said}"
    comparing.SHORTLIST = usual


def resident() -> int:
    """MiB of memory that this process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() >> 20


def timed(bench: Workbench, queries: Sequence[str], what: str, most: float, need: Need) -> Iterator[str]:
    """Milliseconds for words alone and settled: by the clock, which the bar is on, and CPU of all threads."""
    if (load := os.getloadavg()[0]) > 1:
        yield f"other programs run here: load {load:.1f}"
    for settle in (False, True):
        for query in queries[:3]:
            bench.policy_hits(query, settle=settle)
        times = [measured(bench, query, settle) for query in queries]
        (clock, late), (cpu, cpu_late) = map(middle_and_tail, zip(*times, strict=True))
        yield (f"{what}, {'settled' if settle else 'by words'}: {clock:.1f} ms by the clock, p95 {late:.1f};"
               f" {cpu:.1f} ms CPU, p95 {cpu_late:.1f}")  # fmt: skip
    yield need(clock <= most, f"a query's list is settled within {most:.0f} ms (median, by the clock)")


def measured(bench: Workbench, query: str, settle: bool) -> tuple[float, float]:
    """Milliseconds of a look-up: by the clock, of CPU in all threads."""
    began, before = time.perf_counter(), time.process_time()
    bench.policy_hits(query, settle=settle)
    return 1000 * (time.perf_counter() - began), 1000 * (time.process_time() - before)


def middle_and_tail(times: Sequence[float]) -> tuple[float, float]:
    """The median and the 95th percentile."""
    return statistics.median(times), sorted(times)[int(0.95 * len(times))]
