"""A file is read by whoever may see what names it: as its case goes to another stream, so does the right to it."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from team import DESK, Member, Team

from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, SetSensitivity
from escaltui.domain.wire import BlobWanted
from escaltui.server import blob_names
from escaltui.server.blob_keepers import Folder
from escaltui.server.blobs import Blobs
from escaltui.server.desk import NotAllowed

DATA = b"a picture of what happened"
SHA = hashlib.sha256(DATA).hexdigest()


def reads(blobs: Blobs, member: Member) -> bool:
    try:
        file = blobs.open(member.caller, SHA)
    except NotAllowed:
        return False
    return b"".join(file.pieces(0, file.size - 1)) == DATA


def moved(team: Team, folder: Path) -> tuple[list[bool], list[bool]]:
    """Who reads the file, before and after its case is restricted: its owner, then a colleague who leads nobody."""
    ada, bo = team.member("ada"), team.member("bo", ("specialist",))
    blobs = Blobs(Folder(folder / "media"), team.desk)
    held = (Attachment("file", "image/png", len(DATA), SHA),)
    case_id = ada.open("A case", subjects=(NewSubject(platform="example", item_id="1", media=held),))
    ada.push()
    at = blobs.begin(ada.caller, BlobWanted(SHA, len(DATA), DESK))
    blobs.append(ada.caller, at.upload, 0, DATA)
    before = [reads(blobs, each) for each in (ada, bo)]
    ada.do(SetSensitivity(case=case_id, sensitivity="restricted", reason="Why it is."))
    ada.push()
    return before, [reads(blobs, each) for each in (ada, bo)]


def test_a_file_follows_its_case_and_only_who_sees_that_reads_it(team: Team, tmp_path: Path) -> None:
    assert moved(team, tmp_path) == ([True, True], [True, False])


def test_control_left_behind_nobody_reads_it(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_names, "_ALONG", "SELECT %s::text, %s::text, %s::text")
    assert moved(team, tmp_path) == ([True, True], [False, False])
