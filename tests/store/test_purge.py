"""What the store removes: bytes by hash, what was said of sealed files, backups; and what retention lets go."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any

import pytest

from escaltui.domain.media import Attachment
from escaltui.domain.operations import DescribeMedia, NewSubject, SealMedia
from escaltui.store import Store, backup, originals, purge
from escaltui.store.errors import SealedContent
from escaltui.store.originals import ChangedContent

BYTES = b"picture" * 100
DAY = 86_400_000


def kept(desk: Any, content: bytes = BYTES) -> tuple[str, str]:
    """A case with an item whose picture is kept; its id and the hash."""
    sha256 = desk.store.keep_original(content)
    held = (Attachment("p.png", "image/png", len(content), sha256),)
    return desk.open(subjects=(NewSubject(item_id=sha256[:6], media=held),)), sha256


def held_by(desk: Any, case: str) -> dict[str, Any]:
    (item,) = desk.store.bundle(case).subjects
    return {"case": case, "holder": f"subject:{item.id}", "at": 0}


def test_an_original_is_kept_once_for_its_owner_only(desk: Any) -> None:
    sha256 = desk.store.keep_original(BYTES)
    path = desk.store.original(sha256)
    assert (sha256, path.read_bytes()) == (hashlib.sha256(BYTES).hexdigest(), BYTES)
    assert path.stat().st_mode & 0o777 == 0o600
    inode = path.stat().st_ino
    assert desk.store.keep_original(BYTES) == sha256
    assert path.stat().st_ino == inode


def test_what_is_listed_is_not_kept_and_leaves_nothing(desk: Any) -> None:
    sha256 = hashlib.sha256(BYTES).hexdigest()
    with pytest.raises(SealedContent):
        desk.store.keep_original(BYTES, {sha256})
    assert list((desk.store.folder / "media").iterdir()) == []


def test_another_content_than_was_looked_at_is_not_kept(desk: Any) -> None:
    with pytest.raises(ChangedContent, match="import it again"):
        desk.store.keep_file(io.BytesIO(b"another"), hashlib.sha256(BYTES).hexdigest())
    assert list((desk.store.folder / "media").iterdir()) == []


def test_removing_takes_what_a_killed_program_left_too(desk: Any) -> None:
    one, other = desk.store.keep_original(BYTES), desk.store.keep_original(b"other")
    (desk.store.folder / "media" / f"{one}.4711.part").write_bytes(BYTES[:9])
    assert originals.remove(desk.store.folder, (one,)) == 1
    assert [each.name for each in (desk.store.folder / "media").iterdir()] == [other]
    assert originals.remove(desk.store.folder, (one,)) == 0
    assert originals.remove(desk.store.folder / "nowhere", (one,)) == 0


def test_how_far_the_purge_came_is_known(desk: Any) -> None:
    store: Store = desk.store
    assert not store.unpurged()
    assert not store.copies_outlive()
    case, _sha256 = kept(desk)
    desk.do(SealMedia(**held_by(desk, case)))
    assert store.unpurged()
    assert store.copies_outlive()
    store.renew_copies()
    assert store.copies_outlive(), "what is not purged is in the new copy too"
    store.forget_sealed(store.remove_sealed())
    store.renew_copies()
    assert (store.unpurged(), store.copies_outlive()) == (False, False)


def test_one_sealed_while_the_bytes_go_is_still_due(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (one, _), (two, _) = kept(desk), kept(desk, b"other")
    remove = originals.remove
    desk.do(SealMedia(**held_by(desk, one)))
    later = SealMedia(**held_by(desk, two))
    monkeypatch.setattr(originals, "remove", lambda *given: (desk.do(later), remove(*given))[1])
    sealed = desk.store.remove_sealed()
    monkeypatch.undo()
    desk.store.forget_sealed(sealed)
    assert desk.store.unpurged()
    desk.store.forget_sealed(desk.store.remove_sealed())
    assert not desk.store.unpurged()
    assert list((desk.store.folder / "media").iterdir()) == []


def test_only_the_words_about_sealed_files_go(desk: Any) -> None:
    (one, _), (two, _) = kept(desk), kept(desk, b"other")
    for case in (one, two):
        desk.do(DescribeMedia(**held_by(desk, case), text=f"words on {case}"))
    desk.store.save_draft(f"ada/describe {desk.store.bundle(one).media[0].id}", one, "more words", desk.now)
    desk.store.save_draft("ada/note", one, "a note", desk.now)
    desk.do(SealMedia(**held_by(desk, one)))
    desk.store.forget_sealed(desk.store.remove_sealed())
    log = str(desk.store.changes(limit=1000)) + str(desk.store.outbox(limit=1000))
    assert f"words on {one}" not in log
    assert f"words on {two}" in log, "the control"
    assert desk.store.bundle(two).media[0].description == f"words on {two}"
    assert [each.body for each in desk.store.drafts()] == ["a note"]
    assert desk.store.verify().sound


def test_backups_are_made_anew_and_one_in_the_making_is_given_up(desk: Any) -> None:
    place: Path = desk.store.folder / "backups"
    for _round in range(3):
        desk.store.backup()
    (place / "store-20260101-000000-000000.77.part").write_bytes(b"half")
    before = {each.name for each in place.iterdir()}
    desk.store.renew_copies()
    (now,) = place.iterdir()
    assert now.name not in before
    assert backup.newest(desk.store.folder) == now


def retired(desk: Any, before: int) -> set[str]:
    return set(desk.store.read(lambda connection: purge.retired(connection, before, desk.now)))


def set_row(desk: Any, case: str, **fields: Any) -> None:
    """Set a case as if it had long been so."""

    def job(connection: Any) -> None:
        for name, value in fields.items():
            if name in ("status", "updated_at"):
                connection.execute(f"UPDATE cases SET {name} = ? WHERE id = ?", (value, case))
            else:
                sql = f"UPDATE cases SET body = json_set(body, '$.{name}', ?) WHERE id = ?"
                connection.execute(sql, (value, case))

    desk.store.write(job)


def test_retention_lets_go_of_what_only_closed_cases_hold(desk: Any) -> None:
    case, sha256 = kept(desk)
    before = desk.now + DAY
    assert retired(desk, before) == set(), "open"
    set_row(desk, case, status="resolved")
    assert retired(desk, before) == set(), "not closed"
    set_row(desk, case, status="closed")
    assert retired(desk, before) == {sha256}
    assert retired(desk, desk.now - DAY) == set(), "closed later"
    set_row(desk, case, keep_until=desk.now + 1)
    assert retired(desk, before) == set(), "a duty to keep it"
    set_row(desk, case, keep_until=desk.now)
    assert retired(desk, before) == {sha256}, "that has ended"
    kept(desk)
    assert retired(desk, before) == set(), "an open case holds it too"
