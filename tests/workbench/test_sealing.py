"""Sealed: the bytes, the looks and the words are gone from this device, and nothing leads back to them."""

from __future__ import annotations

import hashlib
import sqlite3
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from escaltui.domain.changes import Refused
from escaltui.domain.media import SEALED_NAME, Attachment
from escaltui.domain.operations import DescribeMedia, NewSubject, RateMedia, ReceiveReport, SealMedia
from escaltui.intake.mail import parse_mail
from escaltui.store import purge
from escaltui.store.errors import SealedContent
from escaltui.workbench import screening, sealing

CANARY = b"\x89PNG\r\n\x1a\n" + b"canary-of-the-picture-bytes-7f3a" * 40
WORDS = "a-canary-of-words-that-tell-what-it-shows"
NAME = "canary-of-a-name.png"
LOOK = "5a" * 32


def found_in(folder: Path, *canaries: bytes) -> list[str]:
    """The files under a folder, the log of the database too, that hold any of some bytes."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path.name for path in files if any(canary in path.read_bytes() for canary in canaries))


class Photo:
    """A case with a kept picture that was rated, described, hashed and backed up; `again`: one more with the same."""

    def __init__(self, hands: Any, name: str = NAME) -> None:
        self.hands, self.bench = hands, hands.bench
        self.sha256 = self.bench.store.keep_original(CANARY)
        self.case = self.opened("One")

    def opened(self, title: str) -> str:
        held = (Attachment(NAME, "image/png", len(CANARY), self.sha256),)
        return str(self.hands.case(title, subjects=(NewSubject(item_id=title, media=held),)))

    def said(self) -> None:
        self.hands.done(RateMedia(**self.place, rating="graphic"))
        self.hands.done(DescribeMedia(**self.place, text=WORDS))
        self.bench.keep_looks(self.sha256, LOOK, LOOK, 90)
        self.bench.store.backup()

    @property
    def face(self) -> Any:
        return self.bench.media(self.case)[0]

    @property
    def place(self) -> dict[str, Any]:
        return {"case": self.case, "holder": self.face.holder, "at": self.face.at}


@pytest.fixture
def photo(hands: Any) -> Photo:
    made = Photo(hands)
    made.said()
    return made


def sealed(photo: Photo) -> None:
    done = photo.bench.seal(photo.face)
    assert not isinstance(done, Refused), done


def test_every_trace_of_the_picture_leaves_the_folder(photo: Photo) -> None:
    folder = photo.hands.folder / "store"
    before = found_in(folder, CANARY[:40], WORDS.encode(), LOOK.encode())
    assert photo.sha256 in before, "the control: the search finds the picture"
    assert "store.db" in before or "store.db-wal" in before, "and the words"
    assert any(name.startswith("store-") for name in before), "and the backup"
    sealed(photo)
    assert found_in(folder, CANARY[:40], WORDS.encode(), LOOK.encode()) == []
    assert list((folder / "media").iterdir()) == []
    assert len(list((folder / "backups").glob("store-*.db"))) == 1, "made anew"
    assert photo.bench.store.verify().sound


@pytest.mark.parametrize("fault", ["bytes", "words", "copies", "log"])
def test_the_search_catches_each_part_of_the_purge_left_out(
    photo: Photo, fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test above: with a part of the purge taken out, its search must find something."""
    from escaltui.store import originals

    if fault == "bytes":
        monkeypatch.setattr(originals, "remove", lambda folder, hashes: 0)
    elif fault == "words":
        monkeypatch.setattr(purge, "_WORDS", "SELECT 1")
    elif fault == "log":
        monkeypatch.setattr(purge, "_SAID", "SELECT 1, 1 WHERE 0")
    else:
        monkeypatch.setattr(purge, "drop_copies", lambda folder: None)
    sealed(photo)
    assert found_in(photo.hands.folder / "store", CANARY[:40], WORDS.encode(), LOOK.encode())


def test_what_was_said_stays_in_the_log_as_who_and_when(photo: Photo) -> None:
    sealed(photo)
    said = [each for each in photo.bench.store.changes(case_id=photo.case) if each.verb == "DescribeMedia"]
    assert [(each.actor, each.fields) for each in said] == [("ada", {})]
    kept = [each for each in photo.bench.store.changes(case_id=photo.case) if each.verb == "SealMedia"]
    row = next(each for each in kept if each.entity == "media")
    assert row.fields["basis"][1] == "reviewer"
    assert WORDS not in str(kept)
    body = photo.bench.store.outbox(limit=1000)
    assert WORDS not in str(body)


def test_the_face_of_a_sealed_file_tells_nothing_of_it(photo: Photo) -> None:
    sealed(photo)
    face = photo.face
    assert (face.sealed, face.sealed_by, face.basis) == (True, "ada", "reviewer")
    assert (face.name.value, face.sha256, face.description.value, face.size) == ("", "", "", 0)
    assert photo.bench.original(face) is None
    assert photo.bench.seen_before(face) == ()


def test_the_same_file_on_another_case_is_sealed_there_too(photo: Photo) -> None:
    other = photo.opened("Two")
    assert photo.bench.media(other)[0].name.value == NAME, "the control"
    sealed(photo)
    face = photo.bench.media(other)[0]
    assert (face.sealed, face.name.value, face.sha256, face.basis) == (True, "", "", "seal elsewhere")
    assert photo.bench.original(face) is None
    for outcome in (photo.bench.rate(face, "none"), photo.bench.describe(face, "a road")):
        assert isinstance(outcome, Refused)
        assert outcome.code == "blocked"
    seen = photo.bench.case(other)
    assert seen is not None
    assert NAME not in repr(seen)


def test_no_row_that_leaves_the_store_names_it(photo: Photo) -> None:
    other = photo.opened("Two")

    def told() -> str:
        rows = [photo.bench.store.bundle(each) for each in (photo.case, other)]
        return str(msgspec.to_builtins([each._asdict() for each in rows if each]))

    assert all(each in told() for each in (NAME, photo.sha256, WORDS)), "the control"
    sealed(photo)
    assert not any(each in told() for each in (NAME, photo.sha256, WORDS, "image/png"))
    assert told().count(SEALED_NAME) == 2


def test_nobody_keeps_it_again(photo: Photo) -> None:
    sealed(photo)
    with pytest.raises(SealedContent) as told:
        photo.bench.store.keep_original(CANARY)
    assert photo.sha256 not in str(told.value)
    photo.bench.keep_looks(photo.sha256, LOOK, LOOK, 90)
    assert found_in(photo.hands.folder / "store", CANARY[:40], LOOK.encode()) == []


def test_who_seals_while_another_keeps_it_wins(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is sealed and purged between the look at the seals and the keeping: what was kept goes again."""
    from escaltui.store import originals

    keep, face, store = originals.keep, photo.face, photo.bench.store
    store.original(photo.sha256).unlink()

    def late(*arguments: Any) -> None:
        photo.bench.seal(face)
        keep(*arguments)
        assert store.original(photo.sha256).exists(), "the control: it was there for a moment"

    monkeypatch.setattr(originals, "keep", late)
    with pytest.raises(SealedContent):
        store.keep_original(CANARY)
    assert not store.original(photo.sha256).exists()


def test_all_who_hold_copies_are_told_even_where_one_of_them_fails(photo: Photo) -> None:
    told: list[frozenset[str]] = []

    def broken(_hashes: frozenset[str]) -> None:
        raise ValueError("the reader would not stop")

    photo.bench.on_seal.extend([told.append, broken, told.append])
    with pytest.raises(ValueError, match="would not stop"):
        photo.bench.seal(photo.face)
    assert told == [frozenset({photo.sha256})] * 2
    assert found_in(photo.hands.folder / "store", CANARY[:40]) == [], "and the bytes went"
    assert photo.bench.store.unpurged(), "the next tick tries again"
    photo.bench.on_seal.remove(broken)
    photo.bench.tick()
    assert found_in(photo.hands.folder / "store", WORDS.encode()) == []


def test_the_private_ledger_forgets_which_file_it_was(photo: Photo) -> None:
    look = photo.bench.exposure.began(photo.face, "clear", False, 1.0)
    photo.bench.exposure.ended(look, 3.0)
    folder = photo.hands.folder / "store"
    assert "wellbeing.db" in found_in(folder, photo.sha256.encode()), "the control"
    sealed(photo)
    assert "wellbeing.db" not in found_in(folder, photo.sha256.encode())


def left_by_a_killed_program(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A seal whose purge never came."""
    folder: Path = photo.hands.folder / "store"
    op = SealMedia(**photo.place)
    with monkeypatch.context() as patch:
        patch.setattr(sealing.Sealing, "purge", lambda *arguments: None)
        patch.setattr(sealing.Sealing, "renew_copies", lambda *arguments: None)
        photo.hands.done(op)
        photo.bench.close()
    assert found_in(folder, CANARY[:40], WORDS.encode()), "the control"
    return folder


def test_the_next_opening_purges_what_a_killed_program_left(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = left_by_a_killed_program(photo, monkeypatch)
    bench = photo.hands.open()
    assert found_in(folder / "media", CANARY[:40]) == []
    bench.tick()
    assert found_in(folder, CANARY[:40], WORDS.encode(), LOOK.encode()) == []
    assert bench.store.verify().sound
    assert not bench.store.unpurged()
    assert not bench.store.copies_outlive()


def test_what_another_program_seals_goes_at_the_next_tick(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    other = photo.hands.open()
    with monkeypatch.context() as patch:
        patch.setattr(sealing.Sealing, "purge", lambda *arguments: None)
        photo.hands.done(SealMedia(**photo.place), other)
    assert found_in(photo.hands.folder / "store" / "media", CANARY[:40])
    photo.bench.tick()
    assert found_in(photo.hands.folder / "store", CANARY[:40], WORDS.encode()) == []


def test_a_store_without_seals_is_not_swept(hands: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    Photo(hands)
    swept: list[int] = []
    monkeypatch.setattr(sealing.Sealing, "purge", lambda *arguments: swept.append(1))
    monkeypatch.setattr(sealing.Sealing, "renew_copies", lambda *arguments: swept.append(1))
    hands.open().tick()
    assert swept == []


def mail(content: bytes) -> bytes:
    from email.message import EmailMessage

    inner = EmailMessage()
    inner["From"], inner["Subject"] = "a@b.example", "Look"
    inner.set_content("See the picture.")
    inner.add_attachment(content, maintype="image", subtype="png", filename=NAME)
    return inner.as_bytes()


def test_a_kept_mail_that_holds_it_goes_too(hands: Any) -> None:
    photo, bench = Photo(hands), hands.bench
    kept, other = bench.store.keep_original(mail(CANARY)), bench.store.keep_original(mail(b"another"))
    held = tuple(Attachment(f"{each[:3]}.eml", "message/rfc822", 1, each) for each in (kept, other))
    done = hands.done(ReceiveReport(attachments=held))
    hands.case("Three", report=done.changes[0].entity_id)
    report = hands.done(ReceiveReport(attachments=(Attachment(NAME, "image/png", 9, photo.sha256), *held)))
    photo.case = hands.case("Four", report=report.changes[0].entity_id)
    sealed(photo)
    assert not bench.store.original(kept).exists(), "it holds the picture"
    assert bench.store.original(other).exists(), "the control: another mail stays"


def test_sealing_is_done_offline_and_by_the_log_alone(photo: Photo) -> None:
    """`SealMedia` needs no connection: it is a free operation."""
    assert SealMedia.MODE == "free"


def test_a_full_disk_does_not_stop_a_seal(photo: Photo, monkeypatch: pytest.MonkeyPatch) -> None:
    from escaltui.store import backup

    def full(*_arguments: Any, **_named: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "make", full)
    sealed(photo)
    assert found_in(photo.hands.folder / "store", CANARY[:40], WORDS.encode()) == [], "the old copies went"


def test_nothing_sealed_can_be_read_from_the_file_itself(photo: Photo) -> None:
    sealed(photo)
    connection = sqlite3.connect(photo.hands.folder / "store" / "store.db")
    assert connection.execute("SELECT count(*) FROM picture_hash").fetchone() == (0,)
    (body,) = connection.execute("SELECT body FROM media WHERE state = 'sealed'").fetchone()
    connection.close()
    assert WORDS not in body
    assert photo.sha256 in body, "its hash as received stays"


@pytest.mark.parametrize("by", ["seal", "list", "label"])
def test_a_mail_of_a_thread_that_brings_it_is_not_kept(hands: Any, by: str, monkeypatch: pytest.MonkeyPatch) -> None:
    photo, bench, content = Photo(hands), hands.bench, mail(CANARY)
    assert screening.keep_mail(bench, content, parse_mail(content))[1] == (NAME,), "the control"
    hands.bench.store.original(hashlib.sha256(content).hexdigest()).unlink()
    if by == "seal":
        sealed(photo)
    elif by == "label":
        content = content.replace(b"Subject:", b"X-Content-Label: csam\nSubject:", 1)
    else:
        seals = {"suspected": replace(bench.rules.seals["suspected"], hashes=(photo.sha256,))}
        monkeypatch.setitem(bench.__dict__, "rules", replace(bench.rules, seals=seals))
    assert screening.keep_mail(bench, content, parse_mail(content)) == ("", (SEALED_NAME,))
    assert not bench.store.original(hashlib.sha256(content).hexdigest()).exists()
