"""Files of every kind through the one door: nothing raises, nothing is lost, every fault is said."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escaltui.intake.files import IntakeError, format_of, read
from escaltui.intake.found import CASE_TYPES, CHANNELS, KINDS, FoundReport

NOW = datetime(2026, 6, 10, tzinfo=UTC)


def found(path: Path, content: bytes | str, mapping: Path | None = None) -> list[FoundReport]:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(read(path, mapping, NOW))


def rows(*values: Any) -> str:
    return "".join(json.dumps(value) + "\n" for value in values)


OWN = {
    "id": "T-1",
    "title": "Listing gone",
    "body": "My listing 445566 was removed.",
    "received_at": "2026-06-01T10:00:00+02:00",
    "case_type": "commerce",
    "requester": {"name": "Ann", "kind": "merchant", "country": "FR"},
    "subjects": [{"platform": "shop", "item_type": "listing", "item_id": "445566"}],
    "colour": "blue",
}


def test_our_own_field_names(tmp_path: Path) -> None:
    (report,) = found(tmp_path / "a.jsonl", rows(OWN))
    assert report.dedupe_key == "a.jsonl:T-1"
    assert (report.title, report.case_type, report.requester.kind) == ("Listing gone", "commerce", "merchant")
    assert report.received_at == datetime(2026, 6, 1, 8, tzinfo=UTC)
    assert [(one.item_type, one.item_id) for one in report.subjects] == [("listing", "445566")]
    assert report.answers == {"colour": "blue"}
    assert report.problems == ()


def test_sniffed_rows_of_the_public_collections(tmp_path: Path) -> None:
    notice = {"path": "2020/01/2020-01-02-x.md", "date": "2020-01-02", "text": "Remove https://github.com/a/b"}
    request = {**notice, "country": "Spain", "agency": "guardiacivil"}
    one, two = found(tmp_path / "a.jsonl", rows(notice, request))
    assert (one.case_type, two.case_type, two.country) == ("ip_copyright", "legal_removal", "ES")


def test_bad_lines_are_kept_by_number(tmp_path: Path) -> None:
    reports = found(tmp_path / "a.jsonl", rows(OWN) + "{broken\n[1, 2]\n\n" + rows({**OWN, "id": "T-2"}))
    assert [report.title for report in reports] == [
        "Listing gone",
        "a.jsonl, line 2: not understood",
        "a.jsonl, line 3: not understood",
        "Listing gone",
    ]
    assert reports[1].body == "{broken"
    assert reports[1].problems[0].startswith("Line 2: not a JSON object")
    assert reports[1].confidence < 0.7


def test_unknown_words_and_values_are_said_and_the_row_stays(tmp_path: Path) -> None:
    (report,) = found(
        tmp_path / "a.jsonl", rows({**OWN, "case_type": "Quarrel", "affected_count": "many", "received_at": "soon"})
    )
    assert report.case_type in CASE_TYPES
    assert report.received_at is None
    said = " ".join(report.problems)
    assert all(word in said for word in ("'Quarrel'", "'many'", "'soon'", "Line 1"))


def test_a_date_in_the_future_is_kept_and_said(tmp_path: Path) -> None:
    (report,) = found(tmp_path / "a.jsonl", rows({**OWN, "received_at": "2030-01-01"}))
    assert report.received_at == datetime(2030, 1, 1, tzinfo=UTC)
    assert "2030-01-01" in report.problems[0]
    assert "future" in report.problems[0]


def test_cut_and_damaged_gzip_keep_what_came_before(tmp_path: Path) -> None:
    content = "".join(rows({**OWN, "id": str(n), "body": f"{n * 7919 % 65521} " * 20}) for n in range(400))
    packed = gzip.compress(content.encode())
    cut = found(tmp_path / "cut.jsonl.gz", packed[: len(packed) // 2])
    assert len(cut) > 100
    assert "cut off" in cut[-1].problems[0]
    damaged = bytearray(packed)
    damaged[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    reports = found(tmp_path / "bad.jsonl.gz", bytes(damaged))
    assert len(reports) > 100
    assert any("damaged" in problem or "cut off" in problem for problem in reports[-1].problems)
    whole = found(tmp_path / "two.jsonl.gz", packed + gzip.compress(rows({**OWN, "id": "last"}).encode()))
    assert len(whole) == 401
    assert whole[-1].dedupe_key == "two.jsonl.gz:last"


def test_encodings(tmp_path: Path) -> None:
    wrong = b'{"id": "1", "body": "caf\xe9"}\n'
    (report,) = found(tmp_path / "a.jsonl", wrong)
    assert report.body == "café"
    assert "Windows-1252" in report.problems[0]
    assert report.attachments[0].content == wrong.rstrip(b"\n")
    (report,) = found(tmp_path / "b.jsonl", rows({"id": "1", "body": "café"}).encode("utf-16"))
    assert report.body == "café"
    (report,) = found(tmp_path / "c.jsonl", b"\xef\xbb\xbf" + rows({"id": "1", "body": "x"}).encode())
    assert report.dedupe_key == "c.jsonl:1"


MAPPING = """
source = "desk"
date_format = "%d/%m/%Y %H:%M"
zone = "+02:00"
split = "|"
[columns]
"Ticket" = "id"
"Text" = "body"
"Created" = "received_at"
"Category" = "case_type"
"Links" = "subjects"
"Sender" = "requester.name"
[constants]
channel = "form"
[values.case_type]
"Ad rejected" = "ads"
"""


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(MAPPING)
    return path


HEAD = "Ticket;Text;Created;Category;Links;Sender;Mood\n"


def test_csv_with_a_mapping(tmp_path: Path, mapping: Path) -> None:
    text = (
        HEAD
        + '7;"two\nlines; ""quoted""";03/06/2026 10:00;Ad rejected;https://a.example/1|https://a.example/2;Ann;calm\n'
    )
    (report,) = found(tmp_path / "a.csv", text, mapping)
    assert report.dedupe_key == "desk:7"
    assert report.body == 'two\nlines; "quoted"'
    assert report.received_at == datetime(2026, 6, 3, 8, tzinfo=UTC)
    assert (report.case_type, report.channel, report.requester.name) == ("ads", "form", "Ann")
    assert len(report.subjects) == 2
    assert report.answers == {"Mood": "calm"}


def test_ragged_and_unclosed_csv_rows_cost_one_row(tmp_path: Path, mapping: Path) -> None:
    good = "9;fine;03/06/2026 10:00;Ad rejected;;Bo;x\n"
    reports = found(
        tmp_path / "a.csv", HEAD + "1;short\n" + '2;"never closed;x\n' + good + "3;a;b;c;d;e;f;too;many\n", mapping
    )
    assert [report.dedupe_key for report in reports if report.dedupe_key.startswith("desk")] == [
        "desk:1",
        "desk:9",
        "desk:3",
    ]
    assert "2 cells for 7 columns" in reports[0].problems[-1]
    assert reports[1].body == '2;"never closed;x'
    assert "Line 3: a quote is opened" in reports[1].problems[0]
    assert reports[2].problems == ()
    assert reports[3].answers["extra 1"] == "too"


def test_a_long_notice_in_a_cell_and_a_long_body(tmp_path: Path, mapping: Path) -> None:
    letter = "word " * 80_000
    (report,) = found(tmp_path / "a.csv", HEAD + f'1;"{letter}";;;;;\n', mapping)
    assert report.body == letter
    (report,) = found(tmp_path / "b.jsonl", rows({"id": "1", "body": "x" * 1_500_000}))
    assert len(report.body.encode()) == 1 << 20
    assert report.attachments[0].size == 1_500_000
    assert "attached" in report.problems[0]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("not toml [", "not TOML"),
        ('colums = {a = "b"}', "'colums'"),
        ('[columns]\n"A" = "titel"', "'titel'"),
        ('zone = "Paris"', "'Paris'"),
        ("columns = 3", "does not fit"),
        ('delimiter = "--"', "one character"),
    ],
)
def test_a_mapping_with_a_fault_says_which(tmp_path: Path, text: str, word: str) -> None:
    path = tmp_path / "m.toml"
    path.write_text(text)
    with pytest.raises(IntakeError, match=r"m\.toml") as caught:
        found(tmp_path / "a.csv", "a,b\n1,2\n", path)
    assert word in str(caught.value)


def test_paths_that_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(IntakeError, match=path.name):
            read(path)


def test_formats_by_content(tmp_path: Path) -> None:
    samples = {
        "a": ('{"id": 1}\n', "jsonl"),
        "b": ("From: a@b.example\nSubject: x\n\nhello", "mail"),
        "c.csv": ("a,b\n1,2\n", "csv"),
        "d": ("Dear desk,\nplease help", "text"),
        "e": ("", "empty"),
    }
    for name, (content, kind) in samples.items():
        (tmp_path / name).write_text(content)
        assert format_of(tmp_path / name) == kind


def test_single_texts(tmp_path: Path) -> None:
    (plain,) = found(tmp_path / "a.txt", "Dear desk,\nplease reply within 6 hours.")
    assert plain.confidence < 0.7
    assert plain.title == "Dear desk,"
    assert plain.asked[0].minutes == 360
    sworn = "DMCA notice: https://github.com/a/b. I swear, under penalty of perjury, it is so."
    (notice,) = found(tmp_path / "2020-02-03-x.md", sworn)
    assert (notice.case_type, notice.received_at) == ("ip_copyright", datetime(2020, 2, 3, tzinfo=UTC))
    (empty,) = found(tmp_path / "empty.txt", "")
    assert "empty" in empty.problems[-1]
    (mail,) = found(tmp_path / "x.eml", "From: a@b.example\nSubject: Hi\n\nText")
    assert (mail.source, mail.channel) == ("x.eml", "email")


def test_the_same_file_twice_gives_the_same_keys(tmp_path: Path) -> None:
    content = rows(OWN, {"body": "no id"}) + "{broken\n"
    first = [report.dedupe_key for report in found(tmp_path / "a.jsonl", content)]
    assert first == [report.dedupe_key for report in found(tmp_path / "a.jsonl", content)]
    assert len(set(first)) == 3


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
FIELD_NAMES = (
    "id title body received_at kind case_type subjects requester subject affected_count laws text path date country"
    " answers languages requester.contact_points"
)
names = st.sampled_from(FIELD_NAMES.split())


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(names, values, max_size=8), min_size=1, max_size=4))
def test_any_json_row_is_one_report(tmp_path: Path, given_rows: list[dict[str, Any]]) -> None:
    reports = found(tmp_path / "a.jsonl", rows(*given_rows))
    assert len(reports) == len(given_rows)
    for report in reports:
        assert report.kind in KINDS
        assert report.channel in CHANNELS
        assert len(report.title) <= 200


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=300),
    st.sampled_from(["a.jsonl", "a.csv", "a.eml", "a.txt", "a.jsonl.gz", "a"]),
    st.sampled_from([b"", b"\x1f\x8b\x08\x00", b"a,b\n", b'{"id":', b"From: x\nTo: y\n", b"\xff\xfe"]),
)
def test_any_bytes_are_reports_never_an_exception(tmp_path: Path, content: bytes, name: str, head: bytes) -> None:
    for report in found(tmp_path / name, head + content):
        assert report.dedupe_key
        assert 0 <= report.confidence <= 1
