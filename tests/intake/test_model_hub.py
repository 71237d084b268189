"""A model by its name, from a hub on loopback: what is fetched, what is refused, and what is said where none is."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import tiny_model

from escaltui.intake import model_hub
from escaltui.policy.model_files import ModelError

pytest.importorskip("huggingface_hub")
SHA = "a" * 40


class Hub(ThreadingHTTPServer):
    """Files of one model called `team/tiny`, as a hub gives them."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.credentials: list[str] = []
        self.cut: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    server: Hub

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        self.server.asked.append(f"{self.command} {path}")
        self.server.credentials.append(self.headers.get("authorization", ""))
        if path.startswith("/api/models/team/tiny"):
            siblings = [{"rfilename": name, "size": len(found)} for name, found in self.server.files.items()]
            self._answer(json.dumps({"id": "team/tiny", "modelId": "team/tiny", "sha": SHA, "siblings": siblings,
                                     "tags": [], "downloads": 0, "likes": 0, "private": False}).encode())  # fmt: skip
        elif (name := path.removeprefix(f"/team/tiny/resolve/{SHA}/")) in self.server.files:
            self._answer(self.server.files[name], cut=name == self.server.cut)
        else:
            self.send_response(404)
            self.send_header("X-Error-Code", "RepoNotFound")
            self.send_header("Content-Length", "0")
            self.end_headers()

    def _answer(self, content: bytes, cut: bool = False) -> None:
        self.send_response(200)
        self.send_header("X-Repo-Commit", SHA)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content[: len(content) // 2] if cut else content)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    server = Hub()
    for path in tiny_model.make(tmp_path / "made").iterdir():
        server.files[f"onnx/{path.name}" if path.suffix == ".onnx" else path.name] = path.read_bytes()
    server.files |= {"pytorch_model.bin": b"never", "evil.py": b"never"}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "cache"))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_only_what_makes_up_an_encoder_is_fetched_and_by_nobody_signed_in(hub: Hub, tmp_path: Path) -> None:
    place = model_hub.fetch("team/tiny", tmp_path / "models")
    found = {str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()}
    assert found == {"onnx/model.onnx", "tokenizer.json", "config.json"}
    assert (place / "onnx" / "model.onnx").read_bytes() == hub.files["onnx/model.onnx"]
    assert not any(hub.credentials)
    assert all(path.split(" ")[1].startswith(("/api/models/team/tiny", "/team/tiny/")) for path in hub.asked)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.onnx": b"a", "b.onnx": b"b", "tokenizer.json": b"{}"}, "several models: a.onnx, b.onnx"),
        ({"tokenizer.json": b"{}"}, "no .onnx file"),
        ({"model.onnx": b"a"}, "no tokenizer.json"),
        ({"model.onnx": b"a", "model.onnx_data": b"b", "tokenizer.json": b"{}"}, "second file"),
    ],
)
def test_what_is_no_encoder_for_us_is_refused_before_anything_large_is_fetched(
    hub: Hub, tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    hub.files = files
    with pytest.raises(ModelError, match=said):
        model_hub.fetch("team/tiny", tmp_path / "models")
    assert not any("resolve" in path for path in hub.asked)


def test_a_model_that_is_not_there(hub: Hub, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="The hub has no model team/other"):
        model_hub.fetch("team/other", tmp_path / "models")


def test_a_line_that_is_cut_leaves_no_model_and_the_next_time_it_is_whole(hub: Hub, tmp_path: Path) -> None:
    hub.cut = "onnx/model.onnx"
    with pytest.raises(ModelError, match="policy model use PATH"):
        model_hub.fetch("team/tiny", tmp_path / "models")
    assert not list((tmp_path / "models").rglob("*.onnx"))
    hub.cut = ""
    assert (model_hub.fetch("team/tiny", tmp_path / "models") / "onnx" / "model.onnx").is_file()


def test_no_hub_no_library_and_what_is_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(ModelError, match=r"could not be fetched from http://127\.0\.0\.1:9"):
        model_hub.fetch("team/tiny", tmp_path / "models")
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(ModelError, match=r"escaltui\[semantic\]"):
        model_hub.fetch("team/tiny", tmp_path / "models")
    monkeypatch.chdir(tmp_path)
    assert model_hub.is_name("team/tiny")
    (tmp_path / "team" / "tiny").mkdir(parents=True)
    assert not model_hub.is_name("team/tiny")
    assert not any(map(model_hub.is_name, ("tiny", "/a/b", "./a/b", "a/b/c", "../x", "a/..", "~/m", "")))


def test_the_command_fetches_chooses_and_forgets(hub: Hub, tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, list[dict[str, object]], str]:
        command = [sys.executable, "-m", "escaltui", "--store", str(tmp_path / "store"), "policy", "model", *words]
        done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr

    code, rows, said = run("use", "team/tiny", "--later")
    assert (code, rows[0]["dimensions"]) == (0, tiny_model.WIDTH), said
    fetched = Path(str(rows[0]["model"]))
    assert fetched.is_dir()
    assert tmp_path / "store" in fetched.parents
    code, rows, said = run("use", "team/other", "--later")
    assert (code, "has no model team/other" in said) == (1, True)
    assert run("status")[1][0]["model"] == str(fetched), "the one before stays"
    assert run("off")[0] == 0
    assert not fetched.exists()
