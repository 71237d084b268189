"""A bundle on a store that follows a real backend: files that lie there alone, the pinned words, what is not confirmed,
what one may not see, and what the backend keeps of it."""

from __future__ import annotations

import json
import random
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from links import joined, token
from shelf import ONE, write
from team import DESK, Team

from escaltui.bundling import check, signing
from escaltui.bundling.faults import BundleFault
from escaltui.config import Config, Me
from escaltui.config_remote import Remote as Settings
from escaltui.domain.changes import Refused
from escaltui.domain.hashing import hexdigest
from escaltui.domain.media import Attachment
from escaltui.domain.operations import AddNote, NewSubject, OpenCase, RecordExport, SetSensitivity
from escaltui.policy.library import PolicyError
from escaltui.store import Done
from escaltui.sync.blobs import Blobs
from escaltui.sync.net import Offline
from escaltui.workbench import Workbench, bundle_files, bundle_key, bundle_rows, bundle_there, bundles
from escaltui.workbench.bundles import Asked

SEED = bytes(range(32))
KEY = signing.fingerprint(signing.public(SEED))
Opening = Callable[..., Workbench]
AUTHORITY = Asked("authority", "order 12/2026", frozenset(), None)


class Read(NamedTuple):
    """What a bundle says."""

    files: dict[str, bytes]

    def json(self, name: str) -> Any:
        return json.loads(self.files[name])

    @property
    def timeline(self) -> list[str]:
        lines = [json.loads(each) for each in self.files["timeline.jsonl"].splitlines()]
        return [f"{each.get('verb')} {each.get('entity')}" for each in lines]

    @property
    def left_out(self) -> dict[str, int]:
        return {each["rule"]: each["places"] for each in self.json("manifest.json")["left_out"]}


@pytest.fixture(autouse=True)
def a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bundle_key.VARIABLE, SEED.hex())


@pytest.fixture
def opening(team: Team, url: str, tmp_path: Path) -> Iterator[Opening]:
    """Workbenches of people who are connected, by login."""
    made: list[Workbench] = []

    def open_(person: str, roles: tuple[str, ...] = ("specialist", "lead")) -> Workbench:
        config = Config(tmp_path / "settings", me=Me(name=person), remote=Settings(token="memory"), exists=True)
        bench = Workbench.open(tmp_path / person, config=config, clock=team.clock)
        made.append(bench)
        return joined(bench, team, url, person, roles)

    yield open_
    for bench in made:
        bench.close()


def done(bench: Workbench, op: Any, op_id: str = "") -> None:
    bench.now.step()  # type: ignore[attr-defined]
    assert isinstance(bench.do(op, op_id=op_id), Done)


def content(seed: int) -> bytes:
    return random.Random(seed).randbytes(5000)


def case_there(bench: Workbench, tmp_path: Path, *files: bytes, policy: bool = True) -> str:
    """A case that the server knows: files, a section that is cited, a note."""
    held = tuple(Attachment(f"file {n}", "image/png", len(data), hexdigest(data)) for n, data in enumerate(files))
    case_id = bench.operation_id()
    items = (NewSubject(platform="example", item_id="1", media=held),)
    done(bench, OpenCase(opens=case_id, title="Praise", subjects=items), case_id)
    for data in files:
        bench.store.keep_original(data)
    if policy:
        bench.import_policies(write(tmp_path / "policies", hate_2025_01_01=ONE))
        assert isinstance(bench.cite(case_id, "hs.1"), Done)
    done(bench, AddNote(case=case_id, body="Zebrafinch note"))
    bench.link.round()
    bench.link.bring(lambda: False)
    return case_id


def made(bench: Workbench, case_id: str, out: Path, asked: Asked = AUTHORITY) -> Read:
    found = bundles.make(bench, case_id, out, asked)
    assert isinstance(found, bundles.Bundle), found
    check.verify(out, KEY)
    with zipfile.ZipFile(out) as archive:
        return Read({name: archive.read(name) for name in archive.namelist()})


def exports(team: Team, case_id: str) -> list[str]:
    """What the backend keeps of exports of a case."""
    rows = team.rows("SELECT body FROM change WHERE case_id = %s AND action = 'exported' ORDER BY seq", case_id)
    return [str(row[0]) for row in rows]


def test_a_colleagues_device_makes_the_same_bundle(opening: Opening, team: Team, tmp_path: Path) -> None:
    """What lies there alone is fetched for it, the cited words came by sync, and the whole timeline is in it."""
    ada, files = opening("ada"), [content(1), content(2)]
    case_id = case_there(ada, tmp_path, *files)
    bo = opening("bo", ("specialist",))
    bo.link.round()
    assert [bo.original(each) for each in bo.media(case_id)] == [None, None], "control: they lie there alone"
    first, second = made(ada, case_id, tmp_path / "ada.zip"), made(bo, case_id, tmp_path / "bo.zip")
    for data in files:
        assert second.files[f"media/{hexdigest(data)}"] == data
        assert not any(data in file.read_bytes() for file in bo.store.folder.rglob("*") if file.is_file())
    assert [name for name in second.files if name.startswith("policy/")] == ["policy/001.md"]
    assert b"Remove slurs that attack a group for its religion." in second.files["policy/001.md"]
    assert second.timeline == [*first.timeline, "exported case"]
    assert second.json("case.json") == first.json("case.json")
    assert second.left_out == first.left_out == {}
    assert len(exports(team, case_id)) == 2
    log = second.json("manifest.json")["log"]
    (seq,) = team.rows("SELECT max(seq) FROM change WHERE stream = %s AND case_id = %s", DESK, case_id)[0]
    assert (log["stream"], log["seq"]) == (DESK, seq - 1), "the server's own numbers: all but that it was made"


def test_more_than_is_held_is_fetched_twice(opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle_files, "FETCHED_MOST", 6000)
    ada, files = opening("ada"), [content(1), content(2), content(3)]
    case_id = case_there(ada, tmp_path, *files, policy=False)
    bo, asked, fetch = opening("bo"), list[str](), Blobs.fetch

    def counted(self: Blobs, sha256: str, *more: Any) -> Any:
        asked.append(sha256)
        return fetch(self, sha256, *more)

    monkeypatch.setattr(Blobs, "fetch", counted)
    found = made(bo, case_id, tmp_path / "b.zip")
    assert all(found.files[f"media/{hexdigest(each)}"] == each for each in files)
    assert 4 <= len(asked) <= 5


def test_a_file_that_does_not_come_is_said_and_nothing_is_made(
    opening: Opening, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, data = opening("ada"), content(1)
    case_id = case_there(ada, tmp_path, data, policy=False)
    bo = opening("bo")

    def away(*_given: object) -> None:
        raise Offline("The server was not reached.")

    monkeypatch.setattr(Blobs, "fetch", away)
    for asked in (AUTHORITY, AUTHORITY._replace(files=frozenset({1}))):
        with pytest.raises(BundleFault, match=r"lie on the server and did not come\. The server was not reached"):
            bundles.make(bo, case_id, tmp_path / "b.zip", asked)
    assert not (tmp_path / "b.zip").exists()
    assert exports(team, case_id) == []
    made(bo, case_id, tmp_path / "b.zip", AUTHORITY._replace(files=frozenset()))


def test_what_is_not_confirmed_is_in_no_bundle(opening: Opening, team: Team, tmp_path: Path) -> None:
    """What waits leaves first; where the server is away, nothing unconfirmed is told as a fact."""
    ada = opening("ada")
    case_id = case_there(ada, tmp_path, policy=False)
    done(ada, AddNote(case=case_id, body="Waits"))
    assert "Waits" in str(made(ada, case_id, tmp_path / "one.zip").json("internal.json"))
    token_of = ada.link.tokens
    done(ada, AddNote(case=case_id, body="Waits longer"))
    ada.link.close()
    token_of.forget()
    with pytest.raises(BundleFault, match="waits to be confirmed by the server, so no bundle is made yet"):
        bundles.make(ada, case_id, tmp_path / "two.zip", AUTHORITY)
    assert not (tmp_path / "two.zip").exists()
    assert len(exports(team, case_id)) == 1


def test_away_from_the_server_it_tells_what_was_confirmed_and_that_it_was_made_leaves_later(
    opening: Opening, team: Team, tmp_path: Path
) -> None:
    ada = opening("ada")
    case_id = case_there(ada, tmp_path, policy=False)
    ada.link.close()
    ada.link.tokens.forget()
    made(ada, case_id, tmp_path / "one.zip")
    assert exports(team, case_id) == []
    ada.link.tokens.hold(token(team, "ada"))
    ada.link.round()
    assert len(exports(team, case_id)) == 1


def test_who_may_not_see_a_case_makes_none(opening: Opening, team: Team, tmp_path: Path) -> None:
    """Neither of one that was restricted before, nor of one whose right ends as the bundle is asked for."""
    ada, bo = opening("ada"), opening("bo", ("specialist",))
    first, second = (case_there(ada, tmp_path, content(n), policy=False) for n in (1, 2))
    done(ada, SetSensitivity(case=first, sensitivity="restricted", reason="Why it is."))
    ada.link.round()
    bo.link.round()
    assert bo.case(first) is None
    assert bo.case(second) is not None
    done(ada, SetSensitivity(case=second, sensitivity="restricted", reason="Why it is."))
    ada.link.round()
    for case_id in (first, second):  # bo's device does not know yet that the second is gone
        found = bundles.make(bo, case_id, tmp_path / "b.zip", AUTHORITY)
        assert isinstance(found, Refused), found
        assert not (tmp_path / "b.zip").exists()
    bo.link.round()
    assert exports(team, second) == []
    ada.link.round()  # its new stream comes
    found = bundles.make(ada, second, tmp_path / "a.zip", AUTHORITY)
    assert isinstance(found, bundles.Bundle)


@pytest.mark.parametrize("asked", [True, pytest.param(False, id="control: the server is not asked")])
def test_what_the_server_refuses_to_record_is_not_made(
    opening: Opening, team: Team, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: bool
) -> None:
    """The right ends between the look and the record."""
    ada, bo = opening("ada"), opening("bo", ("specialist",))
    case_id = case_there(ada, tmp_path, policy=False)
    bo.link.round()
    look = bundle_there.up_to_date

    def then_gone(bench: Workbench, of: str) -> None:
        look(bench, of)
        done(ada, SetSensitivity(case=case_id, sensitivity="restricted", reason="Why it is."))
        ada.link.round()

    monkeypatch.setattr(bundle_there, "up_to_date", then_gone)
    if not asked:
        monkeypatch.setattr(bundle_there, "refusal", lambda bench, op_id: None)
    found = bundles.make(bo, case_id, tmp_path / "b.zip", AUTHORITY)
    assert isinstance(found, Refused) == asked, found
    assert (tmp_path / "b.zip").exists() != asked
    assert exports(team, case_id) == []


def test_words_that_this_device_does_not_have_are_counted(
    opening: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_given: object, **_more: object) -> None:
        raise PolicyError("The library has no such version.")

    ada = opening("ada")
    case_id = case_there(ada, tmp_path)
    monkeypatch.setattr(bundle_rows.policies, "section", gone)
    assert made(ada, case_id, tmp_path / "one.zip").left_out == {"words": 1}


def test_that_it_was_made_is_the_record_that_the_log_has(opening: Opening, team: Team, tmp_path: Path) -> None:
    ada = opening("ada")
    case_id = case_there(ada, tmp_path, policy=False)
    found = made(ada, case_id, tmp_path / "one.zip")
    (kept,) = exports(team, case_id)
    assert hexdigest(found.files["manifest.json"]) in kept
    assert RecordExport.MODE == "free"
