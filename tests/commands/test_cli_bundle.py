"""`bundle` as a person types it: what is in it and what never is, who signed it, where it is kept that it was made."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest

from escaltui import cli
from escaltui.bundling import signing
from escaltui.bundling.fields import FIELDS
from escaltui.domain.hashing import hexdigest
from escaltui.domain.operations import SetUserNotice
from escaltui.workbench import Workbench, bundle_key, bundle_rows, bundles
from escaltui.workbench.bundle_files import Files

REPOSITORY = Path(__file__).parents[2]
SEED = bytes(range(32))
KEY = signing.fingerprint(signing.public(SEED))
PICTURE = b"\x89PNG\r\n\x1a\n" + b"canary-pixels" * 50
SEALED = b"\x89PNG\r\n\x1a\n" + b"canary-sealed" * 50
BODY = (
    "R. Marin writes: call me on +33 6 12 34 56 78 or r.marin@mail.example. "
    "The poster is @quokkahandle, see https://x.com/quokkahandle and https://a.example/praise/1."
)
PERSONAL = {
    "contacts": ("+33 6 12 34 56 78", "r.marin@mail.example"), "requester": ("R. Marin",),
    "accounts": ("quokkahandle", "https://a.example/praise/1"), "colleagues": ("Ada Lovelace", "kimlogin"),
    "internal": ("Zebrafinch note", "Numbat question"),
}  # fmt: skip
PRAISE = "We remove content that presents an attack as admirable, whoever posts it and wherever it is shown. "
NEVER = ("Okapi privileged", "Wombat unsent", "sealed-name.png", hexdigest(SEALED), "canary-sealed")


@pytest.fixture(autouse=True)
def a_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(bundle_key.VARIABLE, SEED.hex())


def texts(path: Path) -> str:
    """All that a bundle says, with the escapes of JSON read."""
    with zipfile.ZipFile(path) as archive:
        raw = "\n".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return raw.replace("\\\\", "").replace("\\", "")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store whose one case is decided and has everything on it: files, one of them sealed; notes, questions, letters
    sent and unsent."""
    where = tmp_path_factory.mktemp("filled")
    (where / "texts" / "orders").mkdir(parents=True)
    (where / "texts" / "orders" / "2026-01-29.md").write_text(f"# Orders\n\n## Praise {{#praise}}\n\n{PRAISE * 5}\n")
    for name, raw in (("plain.png", PICTURE), ("sealed-name.png", SEALED)):
        (where / name).write_bytes(raw)
    media = [{"path": "plain.png", "rating": "none"}, {"path": "sealed-name.png"}]
    row = {"id": "T-1", "title": "Praise of an attack", "body": BODY, "media": media, "requester": "R. Marin",
           "subjects": [{"item_id": "p1", "url": "https://a.example/praise/1", "author": "quokkahandle"}]}  # fmt: skip
    (where / "rows.jsonl").write_text(json.dumps(row) + "\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ESCALTUI_STORE", str(where / "store"))
        patch.setenv("ESCALTUI_CONFIG", str(where / "settings"))
        patch.setenv("USER", "ada")
        _do(("people", "add", "kimlogin", "--name", "Ada Lovelace"), ("policy", "import", where / "texts"),
            ("import", where / "rows.jsonl"))  # fmt: skip
        with Workbench.open(where / "store") as bench:
            (case,) = bench.matching("is:open")
            (section,) = [each.section for each in bench.policy_search("praise attack", limit=1)]
        _do(*_everything(case, section, where))
    return where / "store"


def _do(*commands: tuple[object, ...]) -> None:
    for words in commands:
        assert cli.main([str(each) for each in words]) == 0, words


def _everything(case: str, section: str, where: Path) -> Iterator[tuple[object, ...]]:
    yield ("note", case, "-m", "Zebrafinch note by Ada Lovelace for kimlogin")
    yield ("consult", case, "--to", "content_policy", "--ask", "Numbat question")
    yield ("consult", case, "--to", "legal", "--ask", "Okapi privileged", "--sensitivity", "privileged")
    yield ("reply", case, "--to", "press", "--subject", "s", "-m", "Wombat unsent", "--address", "p@press.example")
    yield ("reply", case, "--to", "requester", "--subject", "About it", "-m", "Dear R. Marin, we look into it.",
           "--address", "r.marin@mail.example", "--export", where / "out")  # fmt: skip
    yield ("claim", case)
    yield ("triage", case, "--type", "user_escalation", "--severity", "S3")
    yield ("decide", case, "--outcome", "violation_action", "--section", section, "--action", "remove",
           "--why", "It praises the attack of @quokkahandle.", "--facts", "One post.")  # fmt: skip
    yield ("assign", case, "--to", "kimlogin")
    yield ("media", "seal", case, 2, "--yes")


@pytest.fixture
def ref(filled: Path, run: Callable[..., Any], tmp_path: Path) -> str:
    """That case, in this test's own store."""
    shutil.copytree(filled, tmp_path / "store")
    return str(run("ls", "outcome:any", "--json").row["ref"])


def make(run: Callable[..., Any], ref: str, out: Path, *more: object, code: int = 0) -> Any:
    words = ("--for", "authority", "--why", "court asks", *more)
    said = run("bundle", "make", ref, "--out", out, "--json", *words)
    assert said.code == code, said.err
    return said


def test_it_verifies_on_a_machine_without_a_store(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    made = make(run, ref, tmp_path / "b.zip").row
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    bundle = (tmp_path / "b.zip").rename(elsewhere / "b.zip")
    program = [sys.executable, "-m", "escaltui", "bundle"]
    environment = {"PATH": os.environ["PATH"], "HOME": str(elsewhere), "LC_ALL": "C.UTF-8"}
    for words, code in ((("verify", "--key", KEY), 0), (("verify",), 0), (("verify", "--key", "0" * 40), 1),
                        (("show", "--part", "case.md"), 0)):  # fmt: skip
        action, *more = words
        done = subprocess.run([*program, action, str(bundle), "--json", *more], env=environment, capture_output=True,
                              text=True, timeout=60, cwd=REPOSITORY)  # fmt: skip
        assert done.returncode == code, done.stderr
    assert sorted(path.name for path in elsewhere.rglob("*")) == ["b.zip"]
    said = run("bundle", "verify", bundle, "--json")
    assert (said.row["key"], said.row["case"], said.row["for"]) == (KEY, ref, "authority")
    assert "compare the fingerprint" in said.err
    assert made["key"] == KEY


def test_that_it_was_made_is_in_the_log_before_it_is_there(
    run: Callable[..., Any], ref: str, tmp_path: Path, bench_of: Callable[[], Any]
) -> None:
    made = make(run, ref, tmp_path / "b.zip").row
    with bench_of() as bench:
        case = bench.store.case(ref)
        last = bench.store.changes(case_id=case.id, before_seq=1 << 62, limit=1)[-1]
    assert (last.verb, last.action, last.actor) == ("exported", "exported", "ada")
    assert last.reason == f"bundle for authority: court asks (manifest sha256 {made['manifest_sha256']})"
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert hexdigest(archive.read("manifest.json")) == made["manifest_sha256"]
    assert (tmp_path / "b.zip").stat().st_mode & 0o777 == 0o600


def test_all_rules_hold_unless_some_are_named(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    make(run, ref, tmp_path / "all.zip")
    every = texts(tmp_path / "all.zip")
    make(run, ref, tmp_path / "none.zip", "--redact", "none")
    bare = texts(tmp_path / "none.zip")
    for rule, words in PERSONAL.items():
        for word in words:
            assert word not in every, (rule, word)
            assert word in bare, (rule, word)  # the control: what the rules keep back was there
        if rule not in ("colleagues", "internal"):
            assert f"[redacted: {rule}]" in every
    for name, words in PERSONAL.items():
        make(run, ref, tmp_path / f"{name}.zip", "--redact", name)
        one = texts(tmp_path / f"{name}.zip")
        assert not [word for word in words if word in one], name
        assert [word for other in PERSONAL.values() for word in other if word in one], name


def test_what_is_seen_by_fewer_unsent_or_sealed_never_goes(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    made = make(run, ref, tmp_path / "b.zip", "--redact", "none", "--with", "all").row
    said = texts(tmp_path / "b.zip")
    assert not [word for word in NEVER if word in said]
    assert "canary-pixels" in said
    assert "Dear R. Marin" in said
    assert made["left_out"]["sealed"] == 1
    assert made["left_out"]["unsent"] == 1
    assert made["left_out"]["fewer"] >= 1
    refused = make(run, ref, tmp_path / "c.zip", "--with", "2", code=1)
    assert "File 2 is sealed" in refused.err
    assert not (tmp_path / "c.zip").exists()


def test_privileged_advice_leaves_with_no_case(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    assert run("restrict", ref, "--privileged", "--reason", "counsel asks").code == 0
    make(run, ref, tmp_path / "b.zip", "--redact", "none")
    said = texts(tmp_path / "b.zip")
    assert "Numbat question" in said
    assert "Okapi privileged" not in said


def test_of_the_same_case_at_the_same_time_it_is_the_same_to_the_byte(
    ref: str, bench_of: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench_of() as bench:
        now = bench.now()
        monkeypatch.setattr(bench, "now", lambda: now)
        case, asked = bench.store.case(ref).id, bundles.Asked("press", "why")
        both = []
        for _n in range(2):
            papers = bundle_rows.gather(bench, case)
            sources, _says, _raw = bundles._put_together(bench, papers, Files(bench, case, frozenset()), asked, SEED)
            both.append([(each.name, each.opened().read()) for each in sources])
    assert both[0] == both[1]


GATES: dict[str, tuple[dict[str, Any], str]] = {
    "levels unread": ({"escaltui.workbench.bundle_rows.Documents._kept_back": lambda self: frozenset(),
                       "escaltui.domain.streams.level": lambda stream: 0}, "Okapi privileged"),
    "drafts told": ({"escaltui.workbench.bundle_rows.Documents._unsent": lambda self: set()}, "Wombat unsent"),
    "no veil": ({"escaltui.store.evidence.veiled": lambda connection, rows: rows,
                 "escaltui.bundling.fields.FIELDS": FIELDS | {"report": ("attachments",), "subject": ("media",)}},
                hexdigest(SEALED)),
}  # fmt: skip


@pytest.mark.parametrize("name", GATES)
def test_the_controls_a_gate_left_open_is_caught(
    run: Callable[..., Any], ref: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    defects, word = GATES[name]
    for where, defect in defects.items():
        monkeypatch.setattr(where, defect)
    make(run, ref, tmp_path / "b.zip", "--redact", "none")
    assert word in texts(tmp_path / "b.zip")


def test_files_go_along_by_choice_alone(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    make(run, ref, tmp_path / "b.zip")
    assert "canary-pixels" not in texts(tmp_path / "b.zip")
    assert hexdigest(PICTURE) in texts(tmp_path / "b.zip")
    said = make(run, ref, tmp_path / "c.zip", "--with", "1")
    assert "nothing in them is redacted" in said.err
    with zipfile.ZipFile(tmp_path / "c.zip") as archive:
        assert archive.read(f"media/{hexdigest(PICTURE)}") == PICTURE
    assert "no file 7" in make(run, ref, tmp_path / "d.zip", "--with", "7", code=1).err
    assert make(run, ref, tmp_path / "d.zip", "--with", "x", code=2).err


def test_the_pinned_words_are_the_ones_that_were_read(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    make(run, ref, tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        (pinned,) = json.loads(archive.read("policy.json"))
        assert "presents an attack as admirable" in archive.read(pinned["file"]).decode()
        (decision,) = json.loads(archive.read("decisions.json"))
    assert decision["lines"][0]["cites"][0]["text_sha256"] == pinned["text_sha256"]


def test_of_a_case_that_fewer_may_see_not_even_the_reference(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    secret, plain = (run("new", "--title", title, "--json").row["ref"] for title in ("Quokka secret", "Plain other"))
    assert run("link", ref, plain).code == 0
    assert run("link", ref, secret).code == 0
    make(run, ref, tmp_path / "a.zip", "--redact", "none")
    assert secret in texts(tmp_path / "a.zip")
    assert run("restrict", secret, "--reason", "threat").code == 0
    make(run, ref, tmp_path / "b.zip", "--redact", "none")
    said = texts(tmp_path / "b.zip")
    assert plain in said
    assert not [word for word in (secret, "Quokka secret") if word in said]


def test_nothing_is_made_for_a_user_who_may_not_be_told(
    run: Callable[..., Any], ref: str, tmp_path: Path, bench_of: Callable[[], Any]
) -> None:
    with bench_of() as bench:
        case = bench.store.case(ref)
        bench.do(SetUserNotice(case=case.id, rule="forbidden", source="Order 12"))
        before = bench.store.last_seq(case.id)
    said = run("bundle", "make", ref, "--out", tmp_path / "b.zip", "--for", "affected_user", "--why", "asked")
    assert said.code == 1
    assert "may not be told (Order 12)" in said.err
    assert not list(tmp_path.glob("*b.zip*"))
    with bench_of() as bench:
        assert bench.store.last_seq(case.id) == before
    make(run, ref, tmp_path / "b.zip")


def test_bad_input_is_said_and_nothing_is_made(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    (tmp_path / "there.zip").write_text("mine")
    for words, told in (
        ((ref, "--out", tmp_path / "there.zip", "--why", "w"), "is there already"),
        ((ref, "--out", tmp_path / "no" / "b.zip", "--why", "w"), "cannot be written"),
        ((ref, "--out", tmp_path / "b.zip"), "Say why"),
        (("E-NOPE", "--out", tmp_path / "b.zip", "--why", "w"), "No case"),
        ((ref, "--out", tmp_path / "b.zip", "--why", "w", "--redact", "names"), "There is no rule 'names'"),
    ):  # fmt: skip
        said = run("bundle", "make", *words, "--for", "press")
        assert said.code == 1
        assert told in said.err
    assert (tmp_path / "there.zip").read_text() == "mine"
    assert not list(tmp_path.glob(".*part"))
    for content in (b"", b"PK", b"not a bundle", os.urandom(3000)):
        (tmp_path / "x.zip").write_bytes(content)
        said = run("bundle", "verify", tmp_path / "x.zip", "--json")
        assert (said.code, said.row["sound"]) == (1, False)
    assert run("bundle", "verify", tmp_path / "absent.zip").code == 1
    assert run("bundle", "verify", tmp_path, "--json").code == 1
    assert "hexadecimal" in run("bundle", "verify", tmp_path / "x.zip", "--key", "abcd").err


# --- the key


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Any:
    sys.path.insert(0, str(Path(__file__).parents[1] / "store"))
    import stand_in

    before, own = keyring.get_keyring(), stand_in.Ring()
    monkeypatch.delenv(bundle_key.VARIABLE)
    monkeypatch.delenv(stand_in.FILE, raising=False)
    keyring.set_keyring(own)
    yield own
    keyring.set_keyring(before)


def test_the_key_is_made_once_and_kept_in_the_keyring(
    run: Callable[..., Any], case: str, tmp_path: Path, ring: Any
) -> None:
    assert run("doctor", "--json").row["bundle_key"] == ""
    first = run("bundle", "key", "--json").row["key"]
    assert make(run, case, tmp_path / "b.zip").row["key"] == first == run("doctor", "--json").row["bundle_key"]
    secret = next(iter(ring.kept.values()))
    for path in (tmp_path / "store").rglob("*"):
        assert not path.is_file() or secret.encode() not in path.read_bytes()
    assert run("bundle", "key", "--new", "--json").row["key"] != first
    assert run("bundle", "verify", tmp_path / "b.zip", "--key", first).code == 0


def test_a_key_that_is_gone_is_never_replaced_unsaid(
    run: Callable[..., Any], case: str, tmp_path: Path, ring: Any
) -> None:
    assert run("bundle", "key").code == 0
    ring.kept = {}
    said = make(run, case, tmp_path / "b.zip", code=1)
    assert "bundle key --new" in said.err
    assert not (tmp_path / "b.zip").exists()


def test_without_a_keyring_it_says_what_to_do(
    run: Callable[..., Any], case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from keyring.backends import fail

    monkeypatch.delenv(bundle_key.VARIABLE)
    monkeypatch.setattr(keyring, "get_keyring", fail.Keyring)
    said = make(run, case, tmp_path / "b.zip", code=1)
    assert "Start a keyring" in said.err
    assert not list(tmp_path.glob("*b.zip*"))
    monkeypatch.setenv(bundle_key.VARIABLE, "abc")
    assert "64 hexadecimal digits" in make(run, case, tmp_path / "b.zip", code=1).err


# --- a kill at any instant


@pytest.mark.skipif("ESCALTUI_ROUNDS" not in os.environ, reason="set ESCALTUI_ROUNDS, or make show-bundle")
def test_a_kill_leaves_no_half_bundle_under_its_name(run: Callable[..., Any], ref: str, tmp_path: Path) -> None:
    """Killed at many instants, from before it begins to after it ends: what is there under the name holds."""
    words = [sys.executable, "-m", "escaltui", "--store", str(tmp_path / "store"), "bundle", "make", ref, "--why", "w",
             "--for", "press", "--with", "1", "--out"]  # fmt: skip
    began = time.monotonic()
    subprocess.run([*words, str(tmp_path / "whole.zip")], check=True, capture_output=True, cwd=REPOSITORY)
    whole = time.monotonic() - began
    rounds = int(os.environ["ESCALTUI_ROUNDS"])
    for n in range(rounds):
        out = tmp_path / f"k{n}.zip"
        child = subprocess.Popen([*words, str(out)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                 cwd=REPOSITORY)  # fmt: skip
        try:
            child.wait(whole * (0.55 + 0.5 * n / rounds))
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
        if out.exists():
            assert run("bundle", "verify", out, "--key", KEY).code == 0
    assert run("audit", "verify").code == 0


@pytest.mark.parametrize("at", ["os.fsync", "os.link", "written", "recorded"])
def test_a_kill_at_each_step_leaves_no_half_bundle(run: Callable[..., Any], case: str, tmp_path: Path, at: str) -> None:
    """Killed by itself at a step of writing; the next one sweeps what it left, and is whole."""
    kill = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"
    patch = {
        "os.fsync": "import os\nos.fsync = dies", "os.link": "import os\nos.link = dies",
        "written": "from escaltui.bundling import container\ncontainer.listing = dies",
        "recorded": "from escaltui.workbench.door import Workbench\ndo = Workbench.do\n"
                    "Workbench.do = lambda self, op, **more: (do(self, op, **more), dies())",
    }[at]  # fmt: skip
    out = tmp_path / "b.zip"
    job = (f"def dies(*_, **__):\n    {kill}\n{patch}\nfrom escaltui.cli import main\n"
           f"main(['bundle', 'make', {case!r}, '--out', {str(out)!r}, '--for', 'press', '--why', 'w'])")  # fmt: skip
    done = subprocess.run([sys.executable, "-c", job], capture_output=True, cwd=REPOSITORY, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not out.exists()
    make(run, case, out)
    assert run("bundle", "verify", out, "--key", KEY).code == 0
    assert not list(tmp_path.glob(".b.zip*"))
