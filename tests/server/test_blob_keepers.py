"""What keeps files keeps them alike, in a folder and in a bucket: cut, wrong, sealed, full, away, by several processes.

The bucket is moto's on loopback. It is installed with the tests' other needs: without it these fail.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from buckets import BUCKET, Ground, of_bucket, of_folder, refusing
from live import serving
from team import DESK, Member, Team

from escaltui.domain.media import Attachment
from escaltui.domain.operations import NewSubject, SealMedia
from escaltui.domain.wire import BLOB_MOST, BlobWanted
from escaltui.server import blob_keepers, blob_s3, tokens
from escaltui.server.blob_keepers import BlobError, Folder, Keeper
from escaltui.server.blob_s3 import S3
from escaltui.server.blobs import Blobs
from escaltui.server.desk import NotAllowed
from escaltui.server.faults import ServeError
from escaltui.server.serve import Options, keeper

PART = 1000


@pytest.fixture(scope="module")
def store() -> Iterator[str]:
    """The address of a server that speaks S3, with a bucket."""
    from boto3.session import Session
    from moto.server import ThreadedMotoServer

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "of-tests")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "of-tests")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        read_once = Session()  # what a client is made of is read from the disk once, not for each "process" anew
        patch.setattr("boto3.session.Session", lambda: read_once)
        patch.setattr("moto.s3.models.S3_UPLOAD_PART_MIN_SIZE", 500)  # the parts of these tests are small, too
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        S3(BUCKET, "", f"http://{host}:{port}")._client.create_bucket(Bucket=BUCKET)
        yield f"http://{host}:{port}"
        server.stop()


@pytest.fixture(params=["folder", "bucket"])
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    if request.param == "folder":
        return of_folder(tmp_path / "media")
    return of_bucket(request.getfixturevalue("store"), f"at/{tmp_path.name}")


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blob_s3, "BLOB_PART", PART)
    monkeypatch.setattr(blob_s3, "PIECE", 700)
    monkeypatch.setattr(blob_s3, "TRIES", 1)


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def content(seed: int, size: int = 4500) -> bytes:
    return random.Random(seed).randbytes(size)


def case_with(member: Member, data: bytes, item: str = "1") -> str:
    held = (Attachment("file", "image/png", len(data), sha(data)),)
    case_id = member.open("With a file", subjects=(NewSubject(platform="example", item_id=item, media=held),))
    member.push()
    return case_id


def seal(member: Member, case_id: str) -> None:
    (subject,) = member.store.bundle(case_id).subjects  # type: ignore[union-attr]
    member.do(SealMedia(case=case_id, holder=f"subject:{subject.id}", at=0, basis="reviewer"))
    member.push()


def bring(blobs: Blobs, member: Member, data: bytes) -> None:
    at = blobs.begin(member.caller, BlobWanted(sha(data), len(data), DESK))
    offset = at.offset
    while not at.exists:
        offset = blobs.append(member.caller, at.upload, offset, data[offset : offset + PART])
        if offset == len(data):
            return


def read(blobs: Blobs, member: Member, data: bytes) -> bytes:
    file = blobs.open(member.caller, sha(data))
    return b"".join(file.pieces(0, file.size - 1))


def killed(part: Any, size: int) -> None:
    """A process that dies after it hashed a file: it ends nothing."""
    with part.whole(size) as whole:
        if hasattr(whole, "end"):
            whole.end = lambda: None
        raise KeyboardInterrupt


class TestKeeping:
    """The same for each keeper."""

    def test_a_file_of_any_size_is_kept_and_read(self, team: Team, ground: Ground) -> None:
        ada = team.member("ada")
        blobs = Blobs(ground.make(), team.desk)
        for size in (0, 1, 999, 1000, 1001, 2000, 4500):
            data = content(size, size)
            case_with(ada, data, str(size))
            bring(blobs, ada, data)
            assert read(blobs, ada, data) == data
            if size > 100:
                (name,) = ground.lies(data)
                assert name.endswith(sha(data))
            assert blobs.begin(ada.caller, BlobWanted(sha(data), len(data), DESK)).exists
        assert ground.make().uploads() == frozenset()

    def test_cut_anywhere_it_goes_on_at_another_process(self, team: Team, ground: Ground) -> None:
        """Each part is cut at random, its answer may be lost, and the next goes to another process."""
        roll, ada = random.Random(7), team.member("ada")
        both = [Blobs(ground.make(), team.desk) for _ in range(2)]
        for seed in range(2):
            data = content(100 + seed, roll.randrange(1, 6000))
            case_with(ada, data, str(seed))
            at, cuts = BlobWanted(sha(data), len(data), DESK), 0
            while True:
                found = both[cuts % 2].begin(ada.caller, at)
                if found.exists:
                    break
                cuts += 1
                assert cuts < 200
                piece = data[found.offset : found.offset + roll.randrange(1, PART + 1)]
                both[cuts % 2].append(ada.caller, found.upload, found.offset, piece)
            assert read(both[0], ada, data) == data
            assert ground.make().uploads() == frozenset()

    def test_many_small_cuts_do_not_make_many_objects(self, team: Team, store: str, tmp_path: Path) -> None:
        kept = S3(BUCKET, f"small/{tmp_path.name}", store)
        with kept.part("one", sha(b"")) as part:
            for at in range(0, 300, 10):
                part.append(at, b"0123456789")
        assert [each.size for each in kept.pieces("one")] == [300]

    def test_other_bytes_or_more_of_them_do_not_count(self, team: Team, ground: Ground) -> None:
        ada, data, wrong = team.member("ada"), content(3), content(4)
        blobs = Blobs(ground.make(), team.desk)
        case_with(ada, data)
        wanted = BlobWanted(sha(data), len(data), DESK)
        at = blobs.begin(ada.caller, wanted)
        with pytest.raises(BlobError, match="announced") as told:
            blobs.append(ada.caller, at.upload, 0, data + b"x")
        assert told.value.status == 413
        with pytest.raises(BlobError) as told:
            blobs.begin(ada.caller, BlobWanted(sha(data), BLOB_MOST + 1, DESK))
        assert told.value.status == 413
        blobs.append(ada.caller, at.upload, 0, wrong[:PART])
        with pytest.raises(BlobError) as told:
            blobs.append(ada.caller, at.upload, 5, b"x")
        assert (told.value.status, told.value.offset) == (409, PART)
        with pytest.raises(BlobError, match="not the file") as told:
            blobs.append(ada.caller, at.upload, PART, wrong[PART:])
        assert told.value.status == 422
        assert ground.lies(wrong[:500]) == []
        assert ground.lies(b"being made") == []
        bring(blobs, ada, data)
        assert read(blobs, ada, data) == data  # the control: the right bytes count

    def test_two_bring_the_same_file(self, team: Team, ground: Ground) -> None:
        ada, bo, data = team.member("ada"), team.member("bo"), content(5)
        one, other = Blobs(ground.make(), team.desk), Blobs(ground.make(), team.desk)
        case_with(ada, data)
        wanted = BlobWanted(sha(data), len(data), DESK)
        first, second = one.begin(ada.caller, wanted), other.begin(bo.caller, wanted)
        assert first.upload != second.upload
        one.append(ada.caller, first.upload, 0, data[:PART])
        other.append(bo.caller, second.upload, 0, data)
        one.append(ada.caller, first.upload, PART, data[PART:])
        assert read(one, bo, data) == data
        assert len(ground.lies(data)) == 1
        assert ground.make().uploads() == frozenset()

    def test_who_may_not_read_gets_the_answer_of_an_unknown_one(self, team: Team, ground: Ground) -> None:
        ada, eve, data = team.member("ada"), team.member("eve", stream="desk:other"), content(6)
        blobs = Blobs(ground.make(), team.desk)
        case_with(ada, data)
        bring(blobs, ada, data)
        assert read(blobs, ada, data) == data  # the control
        for name in (sha(data), sha(b"nobody's"), f"../{sha(data)}", sha(data).upper()):
            with pytest.raises(NotAllowed):
                blobs.open(eve.caller, name)
        at = blobs.begin(ada.caller, BlobWanted(sha(b"next"), 4, DESK))
        with pytest.raises(NotAllowed):  # an upload's id that was overheard
            blobs.append(eve.caller, at.upload, 0, b"next")
        asked = [blobs.begin(eve.caller, BlobWanted(each, 4, "desk:other")) for each in (sha(data), sha(b"more"))]
        assert [(each.exists, each.offset) for each in asked] == [(False, 0), (False, 0)]

    def test_a_seal_removes_what_is_whole_on_its_way_and_being_read(self, team: Team, ground: Ground) -> None:
        ada, whole, part = team.member("ada"), content(8), content(9)
        blobs = Blobs(ground.make(), team.desk)
        cases = [case_with(ada, whole), case_with(ada, part, "2")]
        bring(blobs, ada, whole)
        at = blobs.begin(ada.caller, BlobWanted(sha(part), len(part), DESK))
        blobs.append(ada.caller, at.upload, 0, part[:PART])
        reading = blobs.open(ada.caller, sha(whole)).pieces(0, len(whole) - 1)
        assert ground.lies(whole)
        assert ground.lies(part[:500])  # the control
        for case_id in cases:
            seal(ada, case_id)
        assert ground.lies(whole[:500]) == ground.lies(part[:500]) == []
        assert b"".join(reading) == b""
        for data in (whole, part):
            with pytest.raises(NotAllowed):
                blobs.open(ada.caller, sha(data))
            with pytest.raises(BlobError) as told:
                blobs.begin(ada.caller, BlobWanted(sha(data), len(data), DESK))
            assert told.value.code == "not_kept"
        with pytest.raises(NotAllowed):
            blobs.append(ada.caller, at.upload, PART, part[PART:])

    def test_a_seal_that_comes_between_hash_and_name_wins(self, team: Team, ground: Ground) -> None:
        """The file was hashed by one process; before it has its name, another one seals it."""
        ada, data = team.member("ada"), content(10)
        blobs = Blobs(ground.make(), team.desk)
        case_id = case_with(ada, data)
        real = team.desk.transaction

        def late(work: Any) -> Any:
            if work.__qualname__.startswith("Blobs._finish"):
                team.desk.transaction = real  # type: ignore[method-assign]
                seal(ada, case_id)
            return real(work)

        at = blobs.begin(ada.caller, BlobWanted(sha(data), len(data), DESK))
        team.desk.transaction = late  # type: ignore[method-assign]
        with pytest.raises(BlobError) as told:
            blobs.append(ada.caller, at.upload, 0, data)
        assert told.value.code == "not_kept"
        assert ground.lies(data[:500]) == []
        assert ground.lies(b"being made") == []

    def test_what_a_killed_process_left_is_swept_and_what_is_on_its_way_stays(self, team: Team, ground: Ground) -> None:
        ada, left, alive = team.member("ada"), content(11), content(12)
        blobs = Blobs(ground.make(), team.desk)
        case_with(ada, alive)
        at = blobs.begin(ada.caller, BlobWanted(sha(alive), len(alive), DESK))
        blobs.append(ada.caller, at.upload, 0, alive[:PART])
        with ground.make().part("0" * 32, sha(left)) as part:
            part.append(0, left)
            with pytest.raises(KeyboardInterrupt):
                killed(part, len(left))
        assert len(ground.make().uploads()) >= 2
        blobs.sweep()
        assert ground.make().uploads() == {at.upload}
        assert ground.lies(left[:500]) == ground.lies(b"being made") == []
        team.clock.step(90_000_000)
        blobs.sweep()  # a day later nobody went on with it
        assert ground.make().uploads() == frozenset()

    def test_ranges_over_http(self, team: Team, ground: Ground, database: str) -> None:
        ada, data = team.member("ada"), content(13)
        with team.pool.connection() as connection:
            token = tokens.make(connection, "ada", frozenset({"push", "pull"}), team.clock.now)
        case_with(ada, data)
        bring(Blobs(ground.make(), team.desk), ada, data)
        with serving(team, database, media=ground.make()) as url:
            headers = {"authorization": f"Bearer {token}", "escaltui-device": ada.store.device}
            for first, last in ((0, 0), (5, 1700), (4499, 9999)):
                ranged = {**headers, "range": f"bytes={first}-{last}"}
                found = httpx.get(f"{url}/v1/blobs/{sha(data)}", headers=ranged)
                assert (found.status_code, found.content) == (206, data[first : last + 1])
            assert httpx.get(f"{url}/v1/blobs/{sha(data)}", headers=headers).content == data
            beyond = {**headers, "range": "bytes=4500-"}
            assert httpx.get(f"{url}/v1/blobs/{sha(data)}", headers=beyond).status_code == 416


# --- full, and away

AWAY = "http://127.0.0.1:9"


REFUSED = (("QuotaExceeded", 403, 507), ("AccessDenied", 403, 503), ("", 0, 503))


def test_a_full_or_absent_bucket_says_so_and_what_came_stays(team: Team, store: str, tmp_path: Path) -> None:
    prefix, ada, data = f"full/{tmp_path.name}", team.member("ada"), content(14)
    case_with(ada, data)
    good = Blobs(S3(BUCKET, prefix, store), team.desk)
    at = good.begin(ada.caller, BlobWanted(sha(data), len(data), DESK))
    good.append(ada.caller, at.upload, 0, data[:PART])
    for code, status, told in REFUSED:
        with refusing(store, code, status) as url:
            bad = Blobs(S3(BUCKET, prefix, url if code else AWAY), team.desk)
            with pytest.raises(BlobError) as found:
                bad.append(ada.caller, at.upload, PART, data[PART:])
            assert found.value.status == told
            assert ("full" if told == 507 else "not reached") in str(found.value)
    assert good.standing(ada.caller, at.upload) == PART
    good.append(ada.caller, at.upload, PART, data[PART:])
    assert read(good, ada, data) == data


def test_a_seal_while_the_bucket_is_away_is_accepted_and_made_up_for(
    team: Team, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    timers: list[Any] = []
    monkeypatch.setattr("escaltui.server.blobs.threading.Timer", lambda *given: timers.append(given) or Never())
    ada, data = team.member("ada"), content(15)
    ground = of_bucket(store, f"away/{tmp_path.name}")
    case_id = case_with(ada, data)
    good = Blobs(ground.make(), team.desk)
    bring(good, ada, data)
    Blobs(S3(BUCKET, f"away/{tmp_path.name}", AWAY), team.desk)
    seal(ada, case_id)
    assert ground.lies(data)  # the control: nobody reads it, and yet it lies there
    with pytest.raises(NotAllowed):
        good.open(ada.caller, sha(data))
    assert [each[2] for each in timers] == [(frozenset({sha(data)}),)]
    good.remove({sha(data)})  # as the timer does
    assert ground.lies(data) == []


class Never:
    daemon = False

    def start(self) -> None:
        """The test moves time."""


def test_what_is_asked_for_is_checked_before_anything_is_served(store: str, tmp_path: Path) -> None:
    asked = Options(tmp_path, blobs=f"s3://{BUCKET}/some/where", s3_endpoint=store)
    found = keeper(asked)
    assert isinstance(found, S3)
    assert found.key("ab" * 32).startswith("some/where/ab/ab/")
    assert keeper(Options(tmp_path)) == tmp_path / "media"
    assert keeper(Options(tmp_path, blobs=str(tmp_path / "shared"))) == tmp_path / "shared"
    for blobs, endpoint, said in (
        ("s3://X", store, "is no bucket"),
        (f"s3://{BUCKET}", "http://10.0.0.1:9000", "by https only"),
        ("s3://no-such-bucket-here", store, "not reached .NoSuchBucket"),
        (f"s3://{BUCKET}", AWAY, "not reached"),
        ("", store, "goes with --blobs"),
    ):
        with pytest.raises(ServeError, match=said):
            keeper(Options(tmp_path, blobs=blobs, s3_endpoint=endpoint))


def test_a_bucket_that_keeps_old_versions_is_refused(store: str, tmp_path: Path) -> None:
    client = S3(BUCKET, "", store)._client
    client.create_bucket(Bucket="with-versions")
    asked = Options(tmp_path, blobs="s3://with-versions", s3_endpoint=store)
    assert isinstance(keeper(asked), S3)  # the control
    client.put_bucket_versioning(Bucket="with-versions", VersioningConfiguration={"Status": "Enabled"})
    with pytest.raises(ServeError, match="keeps old versions"):
        keeper(asked)


def test_a_full_disk_is_told_before_a_part_is_sent(team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blobs: Keeper = Folder(tmp_path / "media")
    monkeypatch.setattr(blob_keepers, "SPARE", 1 << 60)
    with pytest.raises(BlobError) as told:
        blobs.room(1)
    assert told.value.status == 507
