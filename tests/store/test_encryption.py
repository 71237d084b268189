"""An encrypted store: nothing plain in any file, never plain in silence, and its key where it is said to be."""

from __future__ import annotations

import ast
import getpass
import io
import itertools
import json
import os
import shutil
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
import stand_in
from keyring.backends import fail, null

from escaltui import cli
from escaltui.safety.decode import Reader
from escaltui.safety.exposure import Look
from escaltui.store import Store, backup, driver, key, ring
from escaltui.store.encrypted_originals import CHUNK
from escaltui.store.errors import KeyMissing, StoreError, StorePlain
from escaltui.store.originals import ChangedContent

PACKAGE = Path(cli.__file__).parent
WORDS = "four words in a row"
SAID = "This store is encrypted and its key is not available: "
CANARY = "c4n4ry-w0rds"


@pytest.fixture(autouse=True)
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[stand_in.Ring]:
    """A keyring of this test's own, and a derivation that takes no time."""
    before, own = keyring.get_keyring(), stand_in.Ring()
    monkeypatch.delenv(stand_in.FILE, raising=False)
    monkeypatch.delenv(key.VARIABLE, raising=False)
    monkeypatch.setattr(key, "ROUNDS", 1000)
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)
    driver._ciphered.cache_clear()


@pytest.fixture
def hidden(tmp_path: Path) -> Iterator[Store]:
    """An encrypted store."""
    store = Store.open(tmp_path / "hidden", encrypt="keyring")
    yield store
    store.close()


def without_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    driver._ciphered.cache_clear()
    for name in ("sqlcipher3", "sqlcipher3.dbapi2"):
        monkeypatch.setitem(sys.modules, name, None)


def tree(place: Path) -> dict[str, bytes]:
    """Every file of a folder but the lock, which opening may make in a store that is there."""
    found = (path for path in place.rglob("*") if path.is_file() and path.name not in ("lock", "reserve"))
    return {str(path.relative_to(place)): path.read_bytes() for path in found}


# --- extra x keyring x config x store


RINGS: dict[str, type[Any]] = {
    "good": stand_in.Ring, "fail": fail.Keyring, "null": null.Keyring, "forgetful": stand_in.Forgetful,
    "locked": stand_in.Locked, "plaintext": stand_in.PlaintextKeyring,
}  # fmt: skip
CONFIGS = {
    "off": 'encrypt = "off"', "keyring": 'encrypt = "keyring"', "passphrase": 'encrypt = "passphrase"',
    "unsaid": 'encrypt = "passphrase"', "misspelt": 'encrypt = "keyrng"', "misnamed": "encripted = true",
}  # fmt: skip
STATES = ("new", "plain", "by keyring", "by passphrase")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A store of each state, and what the keyring holds for them."""
    place, before, own = tmp_path_factory.mktemp("made"), keyring.get_keyring(), stand_in.Ring()
    keyring.set_keyring(own)
    rounds, key.ROUNDS = key.ROUNDS, 1000
    for state, how in (("plain", "off"), ("by keyring", "keyring"), ("by passphrase", "passphrase")):
        os.environ[key.VARIABLE] = WORDS
        Store.open(place / state, encrypt=how).close()
    os.environ.pop(key.VARIABLE, None)
    key.ROUNDS = rounds
    keyring.set_keyring(before)
    return place, own.kept


def expected(extra: bool, rings: str, config: str, state: str) -> tuple[int, str]:
    """The exit code and what lies in the folder afterwards."""
    asked = {"unsaid": "passphrase", "misspelt": "unknown", "misnamed": "unknown"}.get(config, config)
    able = {"keyring": extra and rings == "good", "passphrase": extra and config != "unsaid"}
    if state == "new":
        opens = asked == "off" or able.get(asked, False)
        return (0, "plain" if asked == "off" else "encrypted") if opens else (3, "none")
    if state == "plain":
        return (0 if asked in ("off", "unknown") else 3), "plain"
    how = state.removeprefix("by ")
    return (0 if asked in (how, "unknown") and able[how] else 3), "encrypted"


@pytest.mark.parametrize("extra", [True, False], ids=["extra", "no extra"])
@pytest.mark.parametrize("rings", RINGS)
def test_never_plain_in_silence(tmp_path, monkeypatch, capsys, made, extra, rings):
    """Each combination does as it must, or says the sentence with exit code 3 and makes and changes nothing."""
    place, entries = made
    if not extra:
        without_extra(monkeypatch)
    for number, (config, state) in enumerate(itertools.product(CONFIGS, STATES)):
        store, settings = tmp_path / str(number) / "store", tmp_path / str(number) / "settings"
        settings.mkdir(parents=True)
        (settings / "config.toml").write_text(f"[store]\n{CONFIGS[config]}\n")
        if state != "new":
            shutil.copytree(place / state, store)
        used = RINGS[rings]()
        used.kept = dict(entries)
        keyring.set_keyring(used)
        monkeypatch.setenv("ESCALTUI_CONFIG", str(settings))
        monkeypatch.setattr(getpass, "getpass", lambda prompt: (_ for _ in ()).throw(EOFError))
        if config in ("passphrase", "misspelt", "misnamed"):
            monkeypatch.setenv(key.VARIABLE, WORDS)
        else:
            monkeypatch.delenv(key.VARIABLE, raising=False)
        before = tree(store)
        code = cli.main(["ls", "--json", "--store", str(store)])
        said, what = capsys.readouterr().err, key.kind(store)
        assert (code, what) == expected(extra, rings, config, state), (config, state, said)
        if code:
            assert tree(store) == before, (config, state)
            assert SAID in said or "is plain, and your settings ask" in said, said
            assert state != "new" or not store.exists(), (config, state)


def test_the_control_a_key_that_is_ignored_is_seen(tmp_path, monkeypatch):
    """A library that takes the key and writes plain files is what must never pass."""
    import sqlite3

    driver._ciphered.cache_clear()
    monkeypatch.setitem(sys.modules, "sqlcipher3.dbapi2", sqlite3)
    with pytest.raises(KeyMissing, match="extra that encrypts is not installed"):
        Store.open(tmp_path / "s", encrypt="keyring")
    assert not (tmp_path / "s").exists()


# --- keyrings


def test_only_back_ends_that_keep_and_hide_are_used(monkeypatch):
    class Chain:
        __module__ = "keyring.backends.chainer"

        def __init__(self, *backends: object) -> None:
            self.backends = backends

    Chain.__module__ = "keyring.backends.chainer"
    good, bad = stand_in.Ring(), [null.Keyring(), fail.Keyring(), stand_in.PlaintextKeyring()]
    alternative = type("EncryptedKeyring", (stand_in.Ring,), {"__module__": "keyrings.alt.file"})()
    assert [ring.refused(each) for each in (*bad, alternative, good)] == [True, True, True, True, False]
    monkeypatch.setattr(keyring, "get_keyring", lambda: Chain(*bad, alternative, good))
    assert ring.usable() == [good]
    monkeypatch.setattr(keyring, "get_keyring", lambda: Chain(*bad, alternative))
    with pytest.raises(ring.RingError, match="no keyring of this system"):
        ring.usable()
    monkeypatch.setattr(keyring, "get_keyring", lambda: Chain(stand_in.Forgetful(), good))
    ring.keep("service", "entry", "secret")
    assert good.kept == {"service\nentry": "secret"}, "the probe is gone, and the forgetful one was passed over"


def test_a_moved_folder_finds_its_key_and_a_lost_or_other_key_is_said(tmp_path, kept):
    Store.open(tmp_path / "a", encrypt="keyring").close()
    (tmp_path / "a").rename(tmp_path / "b")
    Store.open(tmp_path / "b", encrypt="keyring").close()
    (entry,) = kept.kept
    before = tree(tmp_path / "b")
    right, kept.kept[entry] = kept.kept[entry], "ab" * 32
    with pytest.raises(KeyMissing, match="key in the keyring is not the one of this store"):
        Store.open(tmp_path / "b", encrypt="keyring")
    kept.kept[entry] = "no key"
    with pytest.raises(KeyMissing, match="keyring has no key"):
        Store.open(tmp_path / "b", encrypt="keyring")
    del kept.kept[entry]
    with pytest.raises(KeyMissing, match="keyring has no key"):
        Store.open(tmp_path / "b", encrypt="keyring")
    (tmp_path / "b" / key.FILE).rename(tmp_path / "id")
    with pytest.raises(KeyMissing, match=r"key\.id is not there"):
        Store.open(tmp_path / "b", encrypt="keyring")
    (tmp_path / "id").rename(tmp_path / "b" / key.FILE)
    kept.kept[entry] = right
    assert tree(tmp_path / "b") == before
    Store.open(tmp_path / "b", encrypt="keyring").close()


def test_a_store_that_went_away_is_not_made_plain_in_its_place(hidden):
    hidden.close()
    (hidden.folder / "store.db").unlink()
    with pytest.raises(KeyMissing, match=r'config\.toml says encrypt = "off"'):
        Store.open(hidden.folder)
    assert not (hidden.folder / "store.db").exists()


# --- passphrases


def test_a_passphrase_is_sqlcipher_s_own_derivation_and_a_wrong_one_is_said(tmp_path, monkeypatch):
    import sqlcipher3

    monkeypatch.setattr(key, "ROUNDS", 256_000)
    monkeypatch.setenv(key.VARIABLE, "cafe\u0301 at the station")  # as some keyboards send it
    store = Store.open(tmp_path / "s", encrypt="passphrase")
    assert key.VARIABLE not in os.environ, "no child inherits it"
    copy = store.backup()
    store.close()
    for file in (tmp_path / "s" / "store.db", copy):
        connection = sqlcipher3.connect(str(file))
        connection.execute("PRAGMA key = 'caf\u00e9 at the station'")
        assert connection.execute("SELECT count(*) FROM meta").fetchone()[0]
        connection.close()
    monkeypatch.setenv(key.VARIABLE, "cafe at the station")
    with pytest.raises(KeyMissing, match="passphrase is not the one of this store"):
        Store.open(tmp_path / "s", encrypt="passphrase")


def test_a_passphrase_is_typed_without_echo_and_twice_when_it_is_new(tmp_path, monkeypatch):
    typed: list[str] = []
    monkeypatch.setattr(getpass, "getpass", lambda prompt: typed.pop(0))
    typed[:] = [WORDS, WORDS + "!"]
    with pytest.raises(KeyMissing, match="not the same"):
        Store.open(tmp_path / "s", encrypt="passphrase")
    typed[:] = ["short", "short"]
    with pytest.raises(KeyMissing, match="12 characters"):
        Store.open(tmp_path / "s", encrypt="passphrase")
    assert not (tmp_path / "s").exists()
    typed[:] = [WORDS, WORDS]
    Store.open(tmp_path / "s", encrypt="passphrase").close()
    typed[:] = [WORDS]
    Store.open(tmp_path / "s", encrypt="passphrase").close()
    assert typed == []

    def echoing(prompt: str) -> str:
        warnings.warn("Can not control echo on the terminal.", getpass.GetPassWarning, stacklevel=2)
        return WORDS

    monkeypatch.setattr(getpass, "getpass", echoing)
    with pytest.raises(KeyMissing, match="no terminal"):
        Store.open(tmp_path / "s", encrypt="passphrase")


def test_a_key_is_never_printed(hidden, kept):
    (secret,) = kept.kept.values()
    assert secret not in f"{hidden._engine.key} {hidden._engine.key!r} {vars(hidden._engine)}"


# --- nothing plain in any file


def fill(store: Store, desk_of: Any) -> None:
    """The canary in every place that a store keeps words or bytes in."""
    desk = desk_of(store)
    case_id = desk.open(f"{CANARY}-title")
    desk.note(case_id, f"{CANARY}-note " * 400)
    desk.report(f"{CANARY}-report")
    store.save_draft("note x", case_id, f"{CANARY}-draft", desk.now)
    store.set_meta("x", f"{CANARY}-meta")
    store.keep_original(f"{CANARY}-original".encode() * 100_000)
    store.ledger().begin(Look(desk.now, f"{CANARY}-look", "", "picture", "none", case_id, "clear"))
    store.backup()
    desk.note(case_id, f"{CANARY}-log")


PLACES = ("title", "note", "report", "draft", "meta", "original", "look", "log")


def plain_bytes(*places: Path) -> dict[str, set[str]]:
    """Which canaries lie in which files. Words of the full text, of any case, count too."""
    found: dict[str, set[str]] = {}
    for path in (path for place in places for path in place.rglob("*") if path.is_file()):
        content = path.read_bytes()
        for name in PLACES:
            if f"{CANARY}-{name}".encode() in content:
                found.setdefault(path.name.partition("-2")[0], set()).add(name)
    return found


def test_no_plain_byte_in_any_file(tmp_path, monkeypatch, desk_of, hidden):
    (tmp_path / "tmp").mkdir()
    for variable in ("TMPDIR", "SQLITE_TMPDIR"):
        monkeypatch.setenv(variable, str(tmp_path / "tmp"))
    fill(hidden, desk_of)
    assert {path.name for path in hidden.folder.iterdir()} >= {"store.db-wal", "originals.db", "wellbeing.db"}
    assert plain_bytes(hidden.folder, tmp_path / "tmp") == {}
    hidden.close()
    assert plain_bytes(hidden.folder, tmp_path / "tmp") == {}
    assert list((hidden.folder / "media").iterdir()) == []
    heads = {path.read_bytes()[:16] for path in hidden.folder.rglob("*.db")}
    assert len(heads) == 4, "each has a salt of its own"
    assert key.PLAIN_HEAD not in heads


def test_the_control_a_plain_store_holds_them_all(store, desk_of):
    fill(store, desk_of)
    found = plain_bytes(store.folder)
    assert set().union(*found.values()) == set(PLACES)
    assert {"store.db-wal", "wellbeing.db", "store"} <= found.keys(), "log, ledger and backup"


def test_an_encrypted_store_works_like_a_plain_one(hidden, desk_of, rules):
    fill(hidden, desk_of)
    where = hidden.folder
    assert hidden.encrypted
    assert (hidden.verify().sound, hidden.count(None)) == (True, 1)
    writing = hidden._engine._writer_connection()
    assert writing.execute("PRAGMA cache_size").fetchone()[0] == -64 * 1024
    copy = hidden.backup()
    hidden.close()
    shutil.copy(copy, where / "store.db")  # the backup is a whole store, under the same key
    with_copy = Store.open(where, encrypt="keyring")
    assert (with_copy.verify().sound, with_copy.count(None), with_copy.draft("note x")) == (True, 1, f"{CANARY}-draft")
    assert [look.sha256 for look in with_copy.ledger().looks()] == [f"{CANARY}-look"]
    with_copy.close()


def test_damage_is_told_from_a_wrong_key_only_where_it_can_be(hidden, desk_of):
    fill(hidden, desk_of)
    hidden.close()
    path = hidden.folder / "store.db"
    with path.open("r+b") as file:
        for page in range(5, path.stat().st_size // 4096, 3):
            file.seek(page * 4096)
            file.write(b"\xff" * 64)
    path.with_name("store.db-wal").write_bytes(b"left behind by a crash")
    with pytest.raises(StoreError, match="is damaged"):
        Store.open(hidden.folder, encrypt="keyring")


def test_a_copy_is_given_up_when_asked(hidden, desk_of):
    fill(hidden, desk_of)
    stop, before = driver.Stop(), sorted((hidden.folder / "backups").iterdir())
    stop.set()
    with pytest.raises((backup.Stopped, driver.DriverError)):
        backup.make(hidden.folder, 1, stop, hidden._engine.key)
    assert sorted((hidden.folder / "backups").iterdir()) == before


# --- originals


def test_originals_are_kept_in_pieces_and_go_with_their_room(hidden):
    content = os.urandom(3 * CHUNK + 5)
    name = hidden.keep_original(content)
    assert hidden.keep_original(content) == name
    with hidden.original(name).open("rb", 0) as file:
        assert file.seek(0, os.SEEK_END) == len(content)
        for at in (CHUNK - 3, 0, 3 * CHUNK, len(content) - 1):
            file.seek(at)
            found = (file.read(4) or b"") + (file.read(4) or b"")
            assert found == content[at : at + len(found)] != b""
            assert file.tell() == at + len(found) >= min(at + 5, len(content))
    assert hidden.original(name).read_bytes() == content
    assert (hidden.original_size(name), hidden.original_size("0" * 64)) == (len(content), None)
    assert not hidden.original("0" * 64).exists()
    with pytest.raises(FileNotFoundError):
        hidden.original("0" * 64).read_bytes()
    with pytest.raises(ChangedContent):
        hidden.keep_file(io.BytesIO(b"another"), "0" * 64)
    large = (hidden.folder / "originals.db").stat().st_size
    assert hidden.remove_originals([name, "0" * 64]) == 1
    assert not hidden.original(name).exists()
    assert (hidden.folder / "originals.db").stat().st_size < large - 2 * CHUNK


def test_the_decode_worker_reads_them(hidden):
    from PIL import Image

    made = io.BytesIO()
    Image.effect_noise((900, 900), 60).save(made, "PNG")
    name, reader = hidden.keep_original(made.getvalue()), Reader()
    try:
        facts = reader.open(hidden.original(name), name, "image/png")
    finally:
        reader.close()
    assert (facts.kind, facts.width, facts.size) == ("picture", 900, len(made.getvalue()))


def test_a_sealed_original_leaves_no_trace(hidden):
    name = hidden.keep_original(CANARY.encode())
    hidden.remove_originals([name])
    connection = driver.plain(hidden.folder / "originals.db", hidden._engine.key)
    assert connection.execute("SELECT count(*) FROM piece").fetchone()[0] == 0
    connection.close()


# --- words and imports


def test_no_editor_and_no_plain_draft(tmp_path, monkeypatch, hidden, desk_of, capsys):
    from escaltui.commands.drafts import Drafts
    from escaltui.commands.output import Output
    from escaltui.drafting import EditorError

    class Bench:
        store = hidden

        def draft(self, name: str) -> str | None:
            return hidden.draft(name)

        def save_draft(self, *_given: object) -> None:
            raise StoreError("full")

    drafts = Drafts(Bench(), Output("plain"), "x")  # type: ignore[arg-type]
    with pytest.raises(EditorError, match="Your editor writes plain files"):
        drafts.edited()
    drafts.keep("the words")
    assert "the words" in capsys.readouterr().err
    assert not (hidden.folder / "drafts").exists()


def test_doctor_and_store_tell(tmp_path, monkeypatch, capsys):
    (tmp_path / "settings").mkdir()
    monkeypatch.setenv("ESCALTUI_CONFIG", str(tmp_path / "settings"))
    for how in ("off", "keyring"):
        (tmp_path / "settings" / "config.toml").write_text(f'[me]\nname = "Ada"\n[store]\nencrypt = "{how}"\n')
        for command in ("doctor", "store"):
            cli.main([command, "--json", "--store", str(tmp_path / how)])
            told = json.loads(capsys.readouterr().out)
            wanted = (True, "keyring") if how == "keyring" else (False, "")
            assert (told["encrypted"], told["key"]) == wanted, command
            assert told["cipher"].startswith("SQLCipher 4") == (how == "keyring")
    with pytest.raises(StorePlain, match="escaltui store encrypt"):
        Store.open(tmp_path / "off", encrypt="keyring")


def test_only_the_driver_imports_a_database_driver():
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "import_module":
                names = [each.value for each in node.args if isinstance(each, ast.Constant)]
            if any(name.partition(".")[0] in ("sqlite3", "sqlcipher3") for name in names):
                found.add(str(path.relative_to(PACKAGE)))
    assert found == {"store/driver.py"}
