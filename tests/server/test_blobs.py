"""Files on their way: cut anywhere and gone on with, hashed before they count, told to nobody who may not see them."""

from __future__ import annotations

import hashlib
import os
import random
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import psycopg
import pytest
from live import Network, Wire, serving
from team import DESK, Team

from escaltui import rules_loader
from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, SealMedia
from escaltui.domain.ruleset import RuleSet
from escaltui.domain.wire import BLOB_MOST, BlobWanted
from escaltui.server import blob_keepers, people
from escaltui.server import blobs as there
from escaltui.server.blob_keepers import Folder
from escaltui.sync import blobs
from escaltui.sync.blobs import Blobs, SealedFile, Stopped, WrongFile
from escaltui.sync.net import NetError, Refusing

OTHER = "desk:other"


@pytest.fixture(scope="module")
def rules() -> RuleSet:
    """Ours with a second desk."""
    found = rules_loader.load()
    return msgspec.structs.replace(found, desks={**found.desks, "other": found.desks["global"]})


@pytest.fixture
def url(team: Team, database: str) -> Iterator[str]:
    with serving(team, database) as found:
        yield found


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "BLOB_PART", 1000)


def wired(team: Team, url: str, name: str, stream: str = DESK) -> Wire:
    return Wire(team.member(name, stream=stream), url, Network(random.Random(name)))


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def content(seed: int, size: int = 4500) -> bytes:
    return random.Random(seed).randbytes(size)


def case_with(each: Wire, *files: bytes, keep: bool = True, item: str = "1", desk: str = "") -> str:
    """A case about an item with some files, kept here and accepted there."""
    held = tuple(Attachment(f"file {n}", "image/png", len(data), sha(data)) for n, data in enumerate(files))
    items = (NewSubject(platform="example", item_id=item, media=held),)
    case_id = each.member.open("With files", subjects=items, desk=desk)
    for data in files if keep else ():
        each.member.store.keep_original(data)
    each.round()
    return case_id


def client(each: Wire, **more: Any) -> Blobs:
    return Blobs(each.member.store, each.server, **more)


def lies(team: Team, data: bytes) -> list[Path]:
    """The files of the backend that hold some bytes."""
    return [file for file in (team.folder / "media").rglob("*") if file.is_file() and data in file.read_bytes()]


def answer(ask: Any) -> str:
    with pytest.raises(NetError) as told:
        ask()
    return f"{type(told.value).__name__} {getattr(told.value, 'status', '')} {told.value}"


def test_a_file_is_brought_and_fetched(team: Team, url: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    data = content(1)
    case_with(ada, data)
    assert client(ada).bring() == 1
    assert client(ada).bring() == 0
    bo.round()
    told: list[int] = []
    found = client(bo).fetch(sha(data), told=told.append)
    assert found.read_bytes() == data
    assert told[-1] == len(data)
    with found.open("rb", 0) as file:
        assert file.read(10) == data[:10]
    (path,) = lies(team, data)
    assert path == team.folder / "media" / sha(data)[:2] / sha(data)[2:4] / sha(data)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path.parent, path.parent.parent)} == {0o700}
    assert not any(data[:200] in file.read_bytes() for file in bo.member.store.folder.rglob("*") if file.is_file())


def test_nothing_is_brought_before_its_operation_was_accepted(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    data = content(2)
    held = (Attachment("file", "image/png", len(data), sha(data)),)
    ada.member.open("Not sent", subjects=(NewSubject(platform="example", item_id="1", media=held),))
    ada.member.store.keep_original(data)
    assert client(ada).bring() == 0
    ada.round()
    assert client(ada).bring() == 1


@pytest.mark.parametrize("seed", range(8))
def test_an_upload_that_is_cut_anywhere_goes_on_from_there(team: Team, url: str, seed: int) -> None:
    """The body is cut on its way, or the answer is lost, at random; by another process each second time."""
    roll = random.Random(seed)
    ada = wired(team, url, "ada")
    data = content(seed, roll.randrange(1, 9000))
    case_with(ada, data)
    inner, cuts = ada.network.handle_request, [0]

    def cut(request: httpx.Request) -> httpx.Response:
        kind = roll.random()
        if request.method != "PATCH" or kind > 0.6:
            return inner(request)
        cuts[0] += 1
        if kind > 0.3:
            inner(request).read()
            raise httpx.ReadTimeout("lost", request=request)
        body = request.read()
        half = httpx.Request("PATCH", request.url, headers=_without(request), content=body[: roll.randrange(len(body))])
        inner(half).read()
        raise httpx.ReadTimeout("lost", request=request)

    ada.network.handle_request = cut  # type: ignore[method-assign]
    for _ in range(50):
        try:
            if client(ada).bring():
                break
        except NetError:
            continue
    assert cuts[0] or len(data) < 4000
    (path,) = lies(team, data)
    assert path.name == sha(data)
    assert list((team.folder / "media" / "parts").iterdir()) == []


def _without(request: httpx.Request) -> dict[str, str]:
    return {name: value for name, value in request.headers.items() if name != "content-length"}


def test_what_is_not_what_was_announced_does_not_count(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    data, wrong = content(3), content(4)
    case_with(ada, data)
    at = ada.server.begin_blob(BlobWanted(sha(data), len(data), DESK))
    with pytest.raises(Refusing, match="not the file that was announced"):
        ada.server.append_blob(at.upload, 0, wrong)
    assert lies(team, wrong) == []
    assert lies(team, data) == []
    assert "not yours to see" in answer(lambda: client(ada).fetch(sha(data)))
    assert client(ada).bring() == 1
    assert lies(team, data)


def test_offsets_and_limits(team: Team, url: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    data = content(5)
    case_with(ada, data)
    at = ada.server.begin_blob(BlobWanted(sha(data), len(data), DESK))
    assert ada.server.append_blob(at.upload, 0, data[:100]) == 100
    for offset in (0, 99, 101):
        with pytest.raises(Refusing) as told:
            ada.server.append_blob(at.upload, offset, b"x")
        assert told.value.status == 409
    with pytest.raises(Refusing) as told:
        ada.server.append_blob(at.upload, 100, data)  # more than was announced
    assert told.value.status == 413
    again = ada.server.begin_blob(BlobWanted(sha(data), len(data), DESK))
    assert (again.upload, again.offset) == (at.upload, 100)
    head = httpx.head(f"{url}/v1/uploads/{at.upload}", headers=ada.server._client.headers)
    assert head.headers["upload-offset"] == "100"
    with pytest.raises(Refusing, match="not yours"):
        bo.server.append_blob(at.upload, 100, b"x")  # an address that was overheard
    for wanted in (BlobWanted(sha(data), BLOB_MOST + 1, DESK), BlobWanted("../../etc", 5, DESK)):
        with pytest.raises(Refusing):
            ada.server.begin_blob(wanted)
    with pytest.raises(Refusing, match="not yours"):
        ada.server.begin_blob(BlobWanted(sha(data), 5, "desk:elsewhere"))


def test_a_range_is_given_and_a_cut_download_goes_on(team: Team, url: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    data = content(6, 900_000)
    ada.member.store.keep_original(data)
    case_with(ada, data)
    blobs.BLOB_PART = 1 << 20  # the fixture puts it back
    assert client(ada).bring() == 1
    bo.round()
    headers = {**bo.server._client.headers, "range": "bytes=5-14"}
    got = httpx.get(f"{url}/v1/blobs/{sha(data)}", headers=headers)
    assert (got.status_code, got.content) == (206, data[5:15])
    assert got.headers["content-range"] == f"bytes 5-14/{len(data)}"
    headers["range"] = f"bytes={len(data)}-"
    assert httpx.get(f"{url}/v1/blobs/{sha(data)}", headers=headers).status_code == 416
    inner, asked = bo.network.handle_request, []

    def cut(request: httpx.Request) -> httpx.Response:
        response = inner(request)
        asked.append(request.headers.get("range", ""))
        if len(asked) > 3:
            return response
        body = response.read()[:200_000]
        headers = {"content-type": "application/octet-stream"}
        return httpx.Response(response.status_code, headers=headers, stream=Broken(body))

    bo.network.handle_request = cut  # type: ignore[method-assign]
    assert client(bo).fetch(sha(data)).read_bytes() == data
    assert asked[:2] == ["", "bytes=200000-"]


class Broken(httpx.SyncByteStream):
    def __init__(self, body: bytes) -> None:
        self.body = body

    def __iter__(self) -> Iterator[bytes]:
        yield self.body
        raise httpx.ReadError("cut")


def test_other_bytes_than_asked_for_are_not_kept(team: Team, url: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    data = content(7)
    case_with(ada, data)
    client(ada).bring()
    bo.round()
    (path,) = lies(team, data)
    path.write_bytes(content(8))
    with pytest.raises(WrongFile):
        client(bo).fetch(sha(data))
    path.write_bytes(data * 3)
    with pytest.raises(WrongFile):
        client(bo).fetch(sha(data), size=len(data))
    with pytest.raises(Stopped):
        client(bo, stop=lambda: True).fetch(sha(data))


def test_who_may_not_see_a_file_learns_nothing(team: Team, url: str) -> None:
    ada, eve = wired(team, url, "ada"), wired(team, url, "eve", OTHER)
    data, unknown = content(9), content(10)
    case_with(ada, data)
    client(ada).bring()
    assert answer(lambda: client(eve).fetch(sha(data))) == answer(lambda: client(eve).fetch(sha(unknown)))
    known, fresh = (eve.server.begin_blob(BlobWanted(sha(each), len(each), OTHER)) for each in (data, unknown))
    assert (known.exists, known.offset, bool(known.upload)) == (fresh.exists, fresh.offset, bool(fresh.upload))
    assert ada.server.begin_blob(BlobWanted(sha(data), len(data), DESK)).exists  # the control
    # a hash that was overheard, named on a case of one's own
    case_with(eve, data, keep=False, item="9", desk="other")
    assert team.rows("SELECT 1 FROM blob_name WHERE stream = %s", OTHER)
    assert answer(lambda: client(eve).fetch(sha(data))) == answer(lambda: client(eve).fetch(sha(unknown)))
    assert not eve.server.begin_blob(BlobWanted(sha(data), len(data), OTHER)).exists
    eve.member.store.keep_original(data)  # who has the bytes may bring them, and then has them there
    assert client(eve).bring() == 1
    assert client(eve).fetch(sha(data)).read_bytes() == data
    with team.pool.connection() as connection:
        people.revoke(connection, "ada", DESK)
    assert answer(lambda: client(ada).fetch(sha(data))) == answer(lambda: client(ada).fetch(sha(unknown)))


def seal(each: Wire, case_id: str) -> None:
    (subject,) = each.member.store.bundle(case_id).subjects  # type: ignore[union-attr]
    each.member.do(SealMedia(case=case_id, holder=f"subject:{subject.id}", at=0, basis="reviewer"))
    while each.member.remote.streams():
        each.cycle.push()


def test_what_is_sealed_neither_leaves_nor_arrives(team: Team, url: str, database: str) -> None:
    ada, bo = wired(team, url, "ada"), wired(team, url, "bo")
    data, whole, never = content(11), content(12), content(13)
    cases = [case_with(ada, each, item=str(n)) for n, each in enumerate((data, whole, never))]
    at = ada.server.begin_blob(BlobWanted(sha(data), len(data), DESK))
    ada.server.append_blob(at.upload, 0, data[:2000])
    ada.server.append_blob(ada.server.begin_blob(BlobWanted(sha(whole), len(whole), DESK)).upload, 0, whole)
    bo.round()
    assert lies(team, data[:2000])
    assert lies(team, whole)
    assert client(bo).fetch(sha(whole)).read_bytes() == whole
    open_file = there.Blobs(Folder(team.folder / "media"), team.desk).open(bo.member.caller, sha(whole))
    for case_id in cases:
        seal(ada, case_id)
    for each in (data[:500], whole[:500]):
        assert lies(team, each) == []
    assert list(open_file.pieces(0, len(whole) - 1)) == []  # one that was under way ends
    for each in (data, whole, never):
        with pytest.raises(Refusing) as told:
            ada.server.begin_blob(BlobWanted(sha(each), len(each), DESK))
        assert told.value.failure.code == "not_kept"
        assert sha(each) not in str(told.value)
        with pytest.raises(Refusing, match="not yours"):
            list(bo.server.blob(sha(each)))
    with pytest.raises(Refusing):
        ada.server.append_blob(at.upload, 2000, data[2000:])
    assert client(ada).bring() == 0
    bo.round()
    asked = len(bo.network.seen)
    for each in (data, whole, never):
        with pytest.raises(SealedFile):
            client(bo).fetch(sha(each))
    assert len(bo.network.seen) == asked
    rows = psycopg.connect(database).execute("SELECT sha256 FROM upload UNION SELECT sha256 FROM blob").fetchall()
    assert rows == []
    for place in (team.folder / "media", bo.member.store.folder):
        for file in place.rglob("*"):
            if file.is_file():
                held = file.read_bytes()
                assert not any(each[:300] in held for each in (data, whole, never)), file


def test_a_seal_that_was_killed_before_its_files_went_is_made_up_for(team: Team, url: str) -> None:
    ada = wired(team, url, "ada")
    data = content(14)
    case_id = case_with(ada, data)
    client(ada).bring()
    team.desk.sealed = lambda hashes: None  # killed right after the commit
    seal(ada, case_id)
    assert lies(team, data)
    there.Blobs(Folder(team.folder / "media"), team.desk).sweep()  # as at every start
    assert lies(team, data) == []


def test_a_full_disk_keeps_what_came_and_goes_on_later(team: Team, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ada = wired(team, url, "ada")
    data = content(15)
    case_with(ada, data)
    monkeypatch.setattr(blob_keepers, "SPARE", 1 << 60)
    with pytest.raises(Refusing, match="disk is full"):
        client(ada).bring()
    monkeypatch.setattr(blob_keepers, "SPARE", 0)
    at = ada.server.begin_blob(BlobWanted(sha(data), len(data), DESK))
    ada.server.append_blob(at.upload, 0, data[:1500])
    real = os.fsync

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(blob_keepers.os, "fsync", full)
    with pytest.raises(Refusing, match="disk is full"):
        ada.server.append_blob(at.upload, 1500, data[1500:2500])
    monkeypatch.setattr(blob_keepers.os, "fsync", real)
    assert ada.server.begin_blob(BlobWanted(sha(data), len(data), DESK)).offset == 1500
    assert client(ada).bring() == 1
    assert lies(team, data)


def test_nothing_of_a_file_is_in_the_log(team: Team, database: str) -> None:
    """Its hash may name what is sealed: the log tells the address without it."""
    told: list[dict[str, Any]] = []
    with serving(team, database, log=told.append) as url:
        ada = wired(team, url, "ada")
        data = content(16)
        case_id = case_with(ada, data)
        client(ada).bring()
        client(ada).fetch(sha(data))
        seal(ada, case_id)
        answer(lambda: list(ada.server.blob(sha(data))))
    assert {"/v1/blobs", "/v1/blobs/{sha}", "/v1/uploads/{upload}"} <= {each["route"] for each in told}
    assert sha(data) not in msgspec.json.encode(told).decode()
