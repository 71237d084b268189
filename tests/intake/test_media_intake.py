"""Files that come in: taken from beside the imported file only, claims kept as claims, what is labelled never kept."""

from __future__ import annotations

import hashlib
import json
import os
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

from escaltui.config import Config, Me
from escaltui.intake import files, media_rows
from escaltui.intake.found import FoundAttachment, FoundReport
from escaltui.media_faces import MediaFace
from escaltui.store import folder as store_folder
from escaltui.workbench import Workbench

CANARY = b"\x89PNG\r\n\x1a\n" + b"canary-picture-55d1" * 60
HARMLESS = b"\xff\xd8\xff" + b"harmless-picture" * 60
SUM = hashlib.sha256(CANARY).hexdigest()


@pytest.fixture(autouse=True)
def small_reserve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_folder, "RESERVE_SMALLEST", 64 << 10)


class Inbox:
    """A folder with files to import, and a store beside it."""

    def __init__(self, place: Path) -> None:
        self.place, self.inbox, self.rules = place, place / "inbox", place / "settings" / "rules"
        self.inbox.mkdir()
        self.rules.mkdir(parents=True)
        self.picture("canary.png", CANARY)
        self.picture("plain.jpg", HARMLESS)

    def picture(self, name: str, content: bytes) -> None:
        (self.inbox / name).parent.mkdir(exist_ok=True)
        (self.inbox / name).write_bytes(content)

    def listed(self, *hashes: str) -> None:
        """Hashes on the operator's list."""
        (self.rules / "safety.toml").write_text(f"[seal.suspected]\nhashes = {json.dumps(hashes)}\n")

    def open(self) -> Workbench:
        return Workbench.open(self.place / "store", config=Config(self.place / "settings", me=Me(name="Ada")))

    def jsonl(self, *rows: dict[str, Any]) -> Path:
        path = self.inbox / "rows.jsonl"
        path.write_text("".join(json.dumps({"id": f"T-{n}", "title": "A", "body": "Look at it.", **row}) + "\n"
                                for n, row in enumerate(rows)))  # fmt: skip
        return path

    def read(self, **row: Any) -> FoundReport:
        (report,) = files.read(self.jsonl(row))
        return report

    def taken(self, path: Path) -> tuple[MediaFace, ...]:
        """What became of the one case of a file, in a store that holds nothing else."""
        with self.open() as bench:
            summary = bench.import_path(path)
            assert summary.opened == 1, summary
            self.problems = [each.value for each in summary.problems]
            (line,) = bench.page("is:open")
            self.case = bench.store.case(line.id)
            return bench.media(line.id)

    def traces(self, content: bytes = CANARY) -> list[str]:
        """The files of the store that hold a picture's bytes."""
        return [each.name for each in (self.place / "store").rglob("*") if each.is_file()
                and content[:40] in each.read_bytes()]  # fmt: skip


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path)


ITEM = {"platform": "web", "item_type": "post", "item_id": "p1"}


def only(report: FoundReport) -> FoundAttachment:
    found = [*report.attachments, *(each for item in report.subjects for each in item.media)]
    (one,) = found
    return one


def test_a_file_beside_the_rows_is_read_with_what_is_claimed(inbox: Inbox) -> None:
    one = {"path": "plain.jpg", "type": "image/png", "rating": "Graphic", "transcript": "a song", "label": "Spam, x-y"}
    found = only(inbox.read(media=[one], subjects=[ITEM]))
    assert (found.name, found.declared_type, found.claimed) == ("plain.jpg", "image/png", "graphic")
    assert (found.size, found.sha256) == (len(HARMLESS), hashlib.sha256(HARMLESS).hexdigest())
    assert (found.transcript, found.labels, found.content) == ("a song", ("spam", "x_y"), b"")


def test_kept_as_it_came_with_the_claim_beside_it(inbox: Inbox) -> None:
    (face,) = inbox.taken(inbox.jsonl({"media": [{"path": "plain.jpg", "rating": "none"}], "subjects": [ITEM]}))
    assert (face.kept, face.claimed, face.rating, face.type.value) == (True, "none", "unknown", "image/jpeg")
    assert face.subject
    assert inbox.traces(HARMLESS) == [hashlib.sha256(HARMLESS).hexdigest()]


def test_csv_columns_and_a_mapping_name_files_too(inbox: Inbox) -> None:
    path = inbox.inbox / "t.csv"
    path.write_text("title,media,rating,subject.item_id\nA,plain.jpg; canary.png,severe,p1\n")
    (report,) = files.read(path)
    assert [each.name for each in report.subjects[0].media] == ["plain.jpg", "canary.png"]
    assert {each.claimed for each in report.subjects[0].media} == {"severe"}
    path.write_text("Was,Bild,Art\nA,plain.jpg,CSAM\n")
    mapping = inbox.place / "m.toml"
    mapping.write_text('[columns]\nWas = "title"\nBild = "media"\nArt = "label"\n')
    (report,) = files.read(path, mapping)
    assert (report.labels, only(report).name, report.answers) == (("csam",), "plain.jpg", {})


def outside(inbox: Inbox) -> dict[str, str]:
    secret = inbox.place / "secret.png"
    secret.write_bytes(CANARY)
    (inbox.inbox / "link.png").symlink_to(secret)
    (inbox.inbox / "folder").symlink_to(inbox.place)
    os.mkfifo(inbox.inbox / "pipe.png")
    (inbox.inbox / "real").mkdir()
    return {
        "../secret.png": "outside", str(secret): "outside", "link.png": "outside", "folder/secret.png": "outside",
        "real": "no regular file", "pipe.png": "no regular file", "/dev/zero": "outside", "nothing.png": "No such file",
        "https://a.example/p.png": "address", "file:///etc/passwd": "address", "a\x00b": "null byte",
    }  # fmt: skip


def test_no_path_leads_out_of_the_folder(inbox: Inbox) -> None:
    for path, why in outside(inbox).items():
        report = inbox.read(media=[{"path": path}], subjects=[ITEM])
        assert (only(report).sha256, only(report).path) == ("", ""), path
        assert why in report.problems[-1], (path, report.problems)
    inside = inbox.inbox / "inside.png"
    inside.symlink_to(inbox.inbox / "plain.jpg")
    assert only(inbox.read(media=["inside.png"], subjects=[ITEM])).sha256, "the control: a link that stays inside"


def test_a_file_over_the_limit_is_named_and_not_read(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    with (inbox.inbox / "film.mp4").open("wb") as film:
        film.truncate(media_rows.LARGEST + 1)
    report = inbox.read(media=["film.mp4"], subjects=[ITEM])
    assert (only(report).name, only(report).sha256) == ("film.mp4", "")
    assert "256" in report.problems[-1]


def test_a_hash_that_is_only_claimed_names_nothing_here(inbox: Inbox) -> None:
    """Else whoever knows the hash of a file of another case could have it shown on theirs."""
    (face,) = inbox.taken(inbox.jsonl({"media": [{"name": "x.png", "sha256": SUM}], "subjects": [ITEM]}))
    assert (face.sha256, face.kept) == ("", False)


def test_another_file_than_its_hash_says_is_told(inbox: Inbox) -> None:
    report = inbox.read(media=[{"path": "plain.jpg", "sha256": SUM}], subjects=[ITEM])
    assert only(report).sha256 == hashlib.sha256(HARMLESS).hexdigest()
    assert "not the one" in report.problems[-1]


def test_a_file_that_changes_before_it_is_kept_is_not_kept(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from escaltui.workbench import screening

    again = screening.opened_again

    def swapped(found: FoundAttachment) -> Any:
        inbox.picture("plain.jpg", CANARY)
        return again(found)

    monkeypatch.setattr(screening, "opened_again", swapped)
    (face,) = inbox.taken(inbox.jsonl({"media": ["plain.jpg"], "subjects": [ITEM]}))
    assert (face.kept, face.sha256, inbox.traces()) == (False, "", [])
    assert "changed while it was read" in " ".join(inbox.problems)


@pytest.mark.parametrize(
    "row",
    [
        {"label": "CSAM", "media": ["canary.png"], "subjects": [ITEM]},
        {"label": ["spam", "child sexual-abuse"], "media": ["canary.png"]},
        {"media": [{"path": "canary.png", "label": "ncmec"}, "plain.jpg"], "subjects": [ITEM]},
        {"subjects": [{**ITEM, "media": [{"path": "canary.png", "label": "csae"}]}]},
        {"text": "Remove https://a.example/1", "path": "n.md", "label": "csam", "media": ["canary.png"]},
    ],
    ids=["row", "list", "file", "nested", "notice"],
)
def test_what_is_labelled_is_sealed_and_never_kept(inbox: Inbox, row: dict[str, Any]) -> None:
    faces = inbox.taken(inbox.jsonl(row))
    sealed = [each for each in faces if each.sealed]
    assert len(sealed) == 1
    assert (sealed[0].basis, sealed[0].name.value, sealed[0].sha256) == ("intake", "", "")
    assert inbox.traces() == []
    assert inbox.case is not None
    assert "minor_involved" in inbox.case.flags
    assert inbox.case.open_work == {"consult": 1}
    assert b"canary.png" not in b"".join(each.read_bytes() for each in (inbox.place / "store").iterdir()
                                         if each.is_file())  # fmt: skip


def test_the_control_the_same_without_a_label_is_kept(inbox: Inbox) -> None:
    (face,) = inbox.taken(inbox.jsonl({"label": "spam", "media": ["canary.png"], "subjects": [ITEM]}))
    assert (face.sealed, face.kept, inbox.traces()) == (False, True, [SUM])


def test_a_label_without_a_file_seals_what_the_row_is_about(inbox: Inbox) -> None:
    (face,) = inbox.taken(inbox.jsonl({"label": "csam", "subjects": [ITEM]}))
    assert face.sealed
    assert face.subject


@pytest.mark.parametrize("how", ["bytes", "claimed"])
def test_what_is_on_the_operators_list_is_sealed_and_never_kept(inbox: Inbox, how: str) -> None:
    inbox.listed(SUM)
    media = ["canary.png"] if how == "bytes" else [{"name": "canary.png", "sha256": SUM.upper()}]
    (face,) = inbox.taken(inbox.jsonl({"media": media, "subjects": [ITEM]}))
    assert (face.sealed, face.basis, inbox.traces()) == (True, "intake", [])
    with inbox.open() as bench:
        assert bench.store.all_sealed() == {SUM}, "the hash as received"


def test_what_was_sealed_here_is_sealed_when_it_comes_again(inbox: Inbox) -> None:
    (face,) = inbox.taken(inbox.jsonl({"media": ["canary.png"], "subjects": [ITEM]}))
    with inbox.open() as bench:
        bench.seal(face)
        assert bench.import_path(inbox.jsonl({"id": "later", "media": ["canary.png"]})).opened == 1
        (line,) = [each for each in bench.page("is:open") if each.id != face.case_id]
        (again,) = bench.media(line.id)
    assert (again.sealed, again.basis, inbox.traces()) == (True, "intake", [])


def letter(*, label: str = "", part_label: str = "", forwarded: bool = False) -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"], message["Message-ID"] = "a@b.example", "Look", "<one@b.example>"
    if label:
        message["X-Content-Label"] = label
    message.set_content("Please look at this.")
    message.add_attachment(CANARY, maintype="image", subtype="png", filename="canary.png")
    if part_label:
        next(iter(message.iter_attachments()))["X-Content-Label"] = part_label
    if not forwarded:
        return message.as_bytes()
    outer = EmailMessage()
    outer["From"], outer["Subject"], outer["Message-ID"] = "c@d.example", "Fwd: Look", "<two@d.example>"
    outer.set_content("See below.")
    outer.add_attachment(message)
    return outer.as_bytes()


@pytest.mark.parametrize(
    ("content", "by_list"),
    [
        (letter(label="CSAM"), False),
        (letter(part_label="spam; csam"), False),
        (letter(part_label="csam", forwarded=True), False),
        (letter(), True),
        (letter(forwarded=True), True),
    ],
    ids=["mail", "part", "part of a forwarded mail", "listed", "listed in a forwarded mail"],
)
def test_a_labelled_or_listed_part_of_a_mail_is_never_kept(inbox: Inbox, content: bytes, by_list: bool) -> None:
    if by_list:
        inbox.listed(SUM)
    path = inbox.inbox / "m.eml"
    path.write_bytes(content)
    faces = inbox.taken(path)
    assert faces
    assert all(each.sealed for each in faces), [each.name.value for each in faces]
    assert list((inbox.place / "store" / "media").iterdir()) == []


def test_the_control_a_mail_without_a_label_is_kept(inbox: Inbox) -> None:
    path = inbox.inbox / "m.eml"
    path.write_bytes(letter(forwarded=True))
    faces = inbox.taken(path)
    assert [each.kept for each in faces] == [True, True]
    assert len(list((inbox.place / "store" / "media").iterdir())) == 2


def test_odd_media_say_what_is_wrong_and_lose_no_report(inbox: Inbox) -> None:
    for odd in (5, {"path": 7}, [3, None, ["x"]], "[broken", [{"rating": "mild"}], [{"size": -1, "name": "\x1b[2J"}]):
        report = inbox.read(media=odd, subjects=[ITEM])
        assert report.body == "Look at it."
    assert "rating 'mild'" in inbox.read(media=[{"rating": "mild"}]).problems[-1]


def test_a_large_import_reads_files_in_the_other_process_too(inbox: Inbox) -> None:
    rows = [{"title": f"Case {n}", "body": "word " * 300} for n in range(800)]
    path = inbox.jsonl(*rows, {"media": ["plain.jpg"]}, {"label": "csam", "media": ["canary.png"]})
    assert path.stat().st_size > 1 << 20
    with inbox.open() as bench:
        assert bench.import_path(path).opened == 802
        assert len(list((inbox.place / "store" / "media").iterdir())) == 1
        assert len(bench.page("flag:minor_involved")) == 1
    assert inbox.traces() == []
