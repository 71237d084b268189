"""Large amounts take another way into the store, and leave the same things there."""

from __future__ import annotations

import json

import msgspec
import pytest

from escaltui.intake import apart
from escaltui.workbench import importing, seeding


def rows(path, count):
    words = ("A court order, within 6 hours", "Our ads were rejected", "Un article demain à 16:00")
    lines = [
        {"id": n, "title": f"Letter {n}", "body": f"{words[n % 3]} https://a.example/{n % 9}", "country": "FR",
         "requester": {"name": f"Sender {n % 7}"}, "received_at": f"2026-0{n % 9 + 1}-11T10:00"}
        for n in range(count)
    ]  # fmt: skip
    path.write_text("\n".join(map(json.dumps, lines)))
    return path


def kept(bench):
    """Everything but what is drawn by chance: salts with the hashes over them, the system's operation ids."""
    found = [bench.store.bundle(case) for case in bench.matching("")]
    cases = sorted((msgspec.to_builtins(each._asdict()) for each in found), key=lambda each: each["case"]["id"])
    log = [msgspec.to_builtins(each._replace(device="", op_id="")) for each in bench.store.changes(limit=10_000)]
    lists = [bench.matching(query) for query in ("court", "ads", "from:sender sev:2,3,4", "country:fr")]
    return cases, log, lists


@pytest.fixture
def large(monkeypatch):
    monkeypatch.setattr(apart, "LARGE", 1)
    monkeypatch.setattr(apart.os, "cpu_count", lambda: 2)
    monkeypatch.setattr(importing, "BATCH", 20)
    monkeypatch.setattr(seeding, "LARGE", 1)


def test_a_large_import_leaves_what_a_small_one_does(hands, tmp_path, monkeypatch, request):
    path = rows(tmp_path / "rows.jsonl", 90)
    small = type(hands)(tmp_path / "small")
    assert small.bench.import_path(path).opened == 90
    request.getfixturevalue("large")
    assert hands.bench.import_path(path).opened == 90
    assert kept(hands.bench) == kept(small.bench)
    assert hands.bench.store.verify().sound
    assert hands.bench.import_path(path)[:2] == (0, 90)
    for bench in small.opened:
        bench.close()


def test_a_watched_store_keeps_its_indexes(hands, tmp_path, large, monkeypatch):
    hands.bench.subscribe(lambda touched: None)
    monkeypatch.setattr(importing.derived, "filling", None)  # would not be callable
    assert hands.bench.import_path(rows(tmp_path / "rows.jsonl", 30)).opened == 30


def test_a_cancelled_large_import_goes_on_where_it_stopped(hands, tmp_path, large):
    path, calls = rows(tmp_path / "rows.jsonl", 90), iter([False, False, True])
    assert hands.bench.import_path(path, cancelled=lambda: next(calls)).cancelled
    assert hands.bench.import_path(path)[:2] == (50, 40)


def test_a_measuring_desk_is_sound_and_settled(open_demo, large):
    bench = open_demo(cases=120)
    assert bench.store.count(None) == 120
    assert bench.store.verify().sound
    assert bench.tick() == frozenset()
    assert bench.matching("has:links")
    ids = [line.key for line in bench.page("", "ref", None, 200)]
    assert len(set(ids)) == 120


def test_the_same_clock_gives_the_same_measuring_desk(open_demo, large):
    assert kept(open_demo("one", cases=60)) == kept(open_demo("two", cases=60))
