"""Every tampering with a real bundle is found, by the check that is meant to; an untouched one holds. And each check
is needed: with one taken away something gets through."""

from __future__ import annotations

import io
import random
import shutil
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

import bundle_forge as forge
import pytest

from escaltui.bundling import check, container, signing
from escaltui.bundling.faults import BundleFault
from escaltui.config import Config, Me
from escaltui.workbench import Workbench, bundle_key, bundles
from escaltui.workbench.bundles import Asked, Bundle

SEED = bytes(range(32))


class Made(NamedTuple):
    raw: bytes
    other: bytes
    key: str


@pytest.fixture(scope="module")
def made(demo_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two bundles of a demo desk: of a decided case with a file and pinned words, and of another case."""
    where = tmp_path_factory.mktemp("bundles")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(bundle_key.VARIABLE, SEED.hex())
        config = Config(where / "settings", me=Me(name="rmarin"), exists=True)
        with Workbench.open(Path(shutil.copytree(demo_made, where / "store")), config=config) as bench:
            both = []
            cases = bench.matching("has:attachment outcome:violation_action")
            for n, case in enumerate([each for each in cases if any(face.kept for face in bench.media(each))][:2]):
                asked = Asked("authority", "court asks", files=None)
                found = bundles.make(bench, case, where / f"{n}.zip", asked)
                assert isinstance(found, Bundle), found
                both.append(found.path.read_bytes())
    return Made(*both, signing.fingerprint(signing.public(SEED)))


def verdict(tmp_path: Path, raw: bytes, key: str = "") -> str:
    """The check that said no; "" where the bundle holds."""
    path = tmp_path / "bundle.zip"
    path.write_bytes(raw)
    try:
        check.verify(path, key)
    except BundleFault as fault:
        return fault.code if str(fault).endswith(".") else str(fault)
    return ""


def test_an_untouched_bundle_holds(made: Made, tmp_path: Path) -> None:
    assert made.raw != made.other
    for raw in (made.raw, made.other):
        assert verdict(tmp_path, raw, made.key) == verdict(tmp_path, raw) == ""
        assert forge.packed(forge.files(raw)) == forge.written(forge.files(raw)) == raw


@pytest.mark.parametrize("tampering", forge.TAMPERINGS, ids=lambda each: each.__name__)
def test_a_tampering_is_found_by_its_check(made: Made, tmp_path: Path, tampering: forge.Callable) -> None:
    raw = tampering(made.raw, made.other)
    assert raw != made.raw
    assert verdict(tmp_path, raw, made.key) == forge.TAMPERINGS[tampering]


def test_there_are_enough_of_them() -> None:
    assert len(forge.TAMPERINGS) >= 20


def test_who_signs_anew_is_told_by_the_fingerprint_alone(made: Made, tmp_path: Path) -> None:
    """Control of what a signature cannot say: without a key to compare, a stranger's own bundle holds."""
    forged = forge.signed_by_another_key(made.raw, made.other)
    assert verdict(tmp_path, forged) == ""
    assert check.verify(tmp_path / "bundle.zip").says.key != made.key
    assert verdict(tmp_path, forged, made.key) == "another key"


def named_ones_are_whole(found: check.Found) -> None:
    """A check as one might write it: by name, whatever else is there."""
    by_name = {each.name: each for each in found.entries}
    for held in found.says.files:
        if held.name in by_name and by_name[held.name].sha256 != held.sha256:
            raise BundleFault("changed", "Changed.")


def but(*names: str) -> tuple[Any, ...]:
    return tuple(each for each in check.CHECKS if each.__name__ not in names)


DEFECTS: dict[str, tuple[tuple[Any, ...], set[str]]] = {
    "signature unread": (but("signature_holds"), {"another_reason_in_the_manifest", "one_digit_of_the_signature"}),
    "hashes unread": (but("files_are_whole"), {"a_pinned_policy_in_other_words", "one_bit_of_an_attachment"}),
    "only named files read": ((*but("files_are_named", "files_are_whole"), named_ones_are_whole),
                              {"a_file_put_in", "a_file_taken_out", "another_order"}),
    "check sums unread": (but("sums_are_right"), {"a_wrong_check_sum"}),
    "key unread, and whose": (but("own_key"), {"signed_by_another_key_that_claims_the_name"}),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFECTS)
def test_a_seeded_defect_is_caught(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """With each defect some tampering is found no longer, so that the table above fails."""
    checks, through = DEFECTS[name]
    monkeypatch.setattr(check, "CHECKS", checks)
    key = "" if "whose" in name else made.key
    missed = {each.__name__ for each in forge.TAMPERINGS if not verdict(tmp_path, each(made.raw, made.other), key)}
    assert through <= missed


def test_a_reader_that_trusts_the_list_is_caught(made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container, "_behind", lambda *_: None)
    assert verdict(tmp_path, forge.something_behind(made.raw, made.other), made.key) == ""
    assert verdict(tmp_path, forge.another_name_in_the_list(made.raw, made.other), made.key) == ""


def test_no_byte_may_differ(made: Made, tmp_path: Path) -> None:
    """Any byte changed to any other, taken out or put in: all of a bundle is held against something."""
    by = random.Random(20261123)
    raw = made.raw
    places = {*range(200), *range(len(raw) - 1500, len(raw)), *(by.randrange(len(raw)) for _ in range(400))}
    for at in sorted(places):
        other = bytes([raw[at] ^ by.randrange(1, 256)])
        assert verdict(tmp_path, raw[:at] + other + raw[at + 1 :], made.key), at
    for at in by.sample(range(len(raw)), 100):
        assert verdict(tmp_path, raw[:at] + raw[at + 1 :], made.key), at
        assert verdict(tmp_path, raw[:at] + b"\0" + raw[at:], made.key), at


def test_other_programs_read_it(made: Made) -> None:
    with zipfile.ZipFile(io.BytesIO(made.raw)) as archive:
        assert archive.testzip() is None
        assert [each.filename for each in archive.infolist()] == [name for name, _body in forge.files(made.raw)]
        assert archive.read("manifest.json") == dict(forge.files(made.raw))["manifest.json"]


def test_a_bomb_is_not_unpacked(made: Made, tmp_path: Path) -> None:
    import tracemalloc

    raw = forge.a_bomb(made.raw, made.other)
    tracemalloc.start()
    assert verdict(tmp_path, raw, made.key) == "packed"
    assert tracemalloc.get_traced_memory()[1] < 3_000_000
    tracemalloc.stop()
