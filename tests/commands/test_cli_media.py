"""`media` as a person types it: facts and words, never pixels; a seal asks twice, and nothing of it is exported."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CANARY = b"\x89PNG\r\n\x1a\n" + b"canary-picture-91c4" * 50
NAME, WORDS, SAID = "canary-name.png", "canary-transcript", "canary-description"


@pytest.fixture
def ref(run: Callable[..., Any], tmp_path: Path) -> str:
    """A case with two files, one of them the canary."""
    (tmp_path / NAME).write_bytes(CANARY)
    rows = tmp_path / "rows.jsonl"
    media = [{"path": NAME, "rating": "none", "transcript": WORDS}, {"name": "other.png", "type": "image/png"}]
    row = {"id": "T-1", "title": "A post", "body": "Look.", "media": media, "subjects": [{"item_id": "p1"}]}
    rows.write_text(json.dumps(row) + "\n")
    assert run("import", rows, "--json").row["opened"] == 1
    return str(run("ls", "--json").row["ref"])


def sha256(run: Callable[..., Any], ref: str) -> str:
    return str(run("media", "show", ref, "--json").rows[0]["sha256"])


def test_show_tells_facts_and_words_and_no_pixels(run: Callable[..., Any], ref: str) -> None:
    assert run("media", "rate", ref, 1, "graphic", "--json").row["changed"]
    assert run("media", "describe", ref, 1, "a", "road").code == 0
    one, two = run("media", "show", ref, "--json").rows
    assert (one["name"], one["bytes"], one["kept"], one["words"]) == (NAME, len(CANARY), True, WORDS)
    assert (one["rating"], one["rated_by"], one["reporter_rates"]) == ("graphic", "ada", "none")
    assert (one["description"], one["described_by"]) == ("a road", "ada")
    assert (two["file"], two["of"], two["kept"], two["rating"]) == (2, 2, False, "unknown")
    plain = run("media", "show", ref, "--plain").out
    assert f"name: {NAME}" in plain
    for text in (plain, json.dumps([one, two])):
        assert "canary-picture" not in text
        assert base64.b64encode(CANARY)[:40].decode() not in text


def test_a_seal_asks_for_a_yes(run: Callable[..., Any], ref: str) -> None:
    said = run("media", "seal", ref, 1)
    assert said.code == 2
    assert "--yes" in said.err
    assert "sealed" not in run("media", "show", ref, "--json").rows[0]


def test_a_sealed_file_is_its_id_who_when_and_why(run: Callable[..., Any], ref: str) -> None:
    before = run("media", "show", ref, "--json").rows[0]
    assert run("media", "seal", ref, 1, "--yes", "--basis", "it was said so", "--json").row["id"] == before["id"]
    one, two = run("media", "show", ref, "--json").rows
    assert set(one) == {"file", "of", "id", "sealed", "sealed_by", "sealed_at", "basis", "team", "procedure", "route"}
    assert (one["id"], one["sealed_by"], one["basis"], one["team"]) == (
        before["id"], "ada", "it was said so", "child_safety")  # fmt: skip
    assert two["name"] == "other.png"
    for words in (("rate", ref, 1, "none"), ("describe", ref, 1, "x"), ("seal", ref, 1, "--yes")):
        said = run("media", *words)
        assert said.code == 1
        assert "sealed" in said.err
    assert run("undo", ref).code == 1
    assert run("audit", "verify", "--json").row["sound"]


def test_without_a_team_it_says_whom_to_call(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    rules = tmp_path / "settings" / "rules"
    rules.mkdir(parents=True)
    (rules / "safety.toml").write_text("[seal.suspected]\noff = true\n")
    assert run("media", "seal", ref, 1, "--yes").code == 0
    assert run("media", "show", ref, "--json").rows[0]["route"] == "No route is set. Stop, and call your lead."


def everything(run: Callable[..., Any], ref: str, tmp_path: Path) -> str:
    """All that the plain commands give out of a case."""
    given = [
        run("export", "--format", "jsonl").out, run("export", "--format", "csv").out, run("show", ref, "--json").out,
        run("show", ref, "--plain").out, run("show", ref, "--raw").out, run("brief", ref, "--json").out,
        run("media", "show", ref, "--json").out, run("media", "show", ref).out, run("ls", "--json").out,
        run("update", ref, "--length", "mail").out, run("doctor", "--json").out, run("letters", ref, "--json").out,
    ]  # fmt: skip
    return "\n".join(given)


def test_no_export_names_a_sealed_file(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    hidden = (NAME, WORDS, SAID, sha256(run, ref))
    assert run("media", "describe", ref, 1, SAID).code == 0
    before = everything(run, ref, tmp_path)
    assert all(each in before for each in hidden), "the control: before the seal each is told"
    assert run("media", "seal", ref, 1, "--yes").code == 0
    after = everything(run, ref, tmp_path)
    assert [each for each in hidden if each in after] == []
    row = json.loads(run("export", "--format", "jsonl").out)
    (said,) = row["media"]
    assert (said["state"], said["sealed_by"], said.get("sha256", "")) == ("sealed", "ada", "")
    assert said["id"] == run("media", "show", ref, "--json").rows[0]["id"]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("show", "E-NONE"), 1, "E-NONE"),
        (("rate", "REF", "9", "none"), 1, "has no file 9"),
        (("rate", "REF", "1", "mild"), 2, "mild"),
        (("rate", "REF", "x", "none"), 2, "x"),
        (("describe", "REF", "1", " "), 1, "incomplete"),
        (("purge", "--before", "soon"), 2, "soon"),
        ((), 2, "ACTION"),
    ],
)
def test_what_cannot_be_done_is_said(
    run: Callable[..., Any], ref: str, words: tuple[str, ...], code: int, told: str
) -> None:
    said = run("media", *(ref if each == "REF" else each for each in words))
    assert said.code == code
    assert told in said.err


def test_a_case_without_files_says_so(run: Callable[..., Any], case: str) -> None:
    said = run("media", "show", case)
    assert (said.code, "No file" in said.err) == (0, True)


def test_purge_takes_originals_of_cases_closed_long_ago(
    run: Callable[..., Any], ref: str, tmp_path: Path, bench_of: Callable[[], Any]
) -> None:
    kept = tmp_path / "store" / "media" / sha256(run, ref)
    day = ("--before", "2199-01-01")
    assert run("media", "purge", *day, "--dry-run", "--json").row["originals"] == 0, "it is open"
    assert run("dismiss", ref, "--reason", "spam").code == 0
    assert run("close", ref, "--root-cause", "none").code == 0
    assert run("media", "purge", "--before", "2001-01-01", "--dry-run", "--json").row["originals"] == 0, "not long ago"
    dry = run("media", "purge", *day, "--dry-run", "--json").row
    assert (dry["originals"], dry["cases"], dry["bytes"]) == (1, 1, len(CANARY))
    assert run("media", "purge", *day).code == 1, "without --yes"
    assert kept.exists()
    assert run("media", "purge", *day, "--yes", "--json").row["done"] == "media purge"
    assert not kept.exists()
    assert "Originals of this case were removed" in run("show", ref, "--plain").out
    assert run("media", "show", ref, "--json").rows[0]["kept"] is False
