"""A sentence encoder in a folder: which files make it up, whether they are all there, and the name their bytes give it.

The layout is that of the usual exports: an ONNX graph (`model.onnx`, or the only `*.onnx`, also in `onnx/`), the
`tokenizer.json` beside it or one folder above, and, where they exist, `config.json`, `sentence_bert_config.json`,
`1_Pooling/config.json` and `config_sentence_transformers.json`. Files are read, never run, and nothing is fetched.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from escaltui.i18n import _
from escaltui.policy.library import PolicyError

LARGEST = (2 << 30) - 1
"""Bytes of a graph: a protobuf message may not be longer."""
LARGEST_TOKENIZER = 64 << 20
LARGEST_CONFIG = 1 << 20
MOST_TOKENS = 256
"""Of one text: what encoders of this size were trained on; the pieces are cut to fit."""
_CONFIGS = ("config.json", "sentence_bert_config.json", "1_Pooling/config.json", "config_sentence_transformers.json")
_SECOND_FILES = ("*.onnx_data", "*.onnx.data", "*.onnx_data_*")


class ModelError(PolicyError):
    """A model cannot be used; str() says why, and how to mend it. Full text goes on without it."""


class ModelFiles(msgspec.Struct, frozen=True):
    """The files of a model as they were read at once. `id`: 32 hexadecimal digits of the hash over all of them."""

    graph_path: Path
    graph: bytes
    tokenizer: str
    id: str
    width: int = 0
    """Dimensions that the configuration promises; 0 where it says nothing."""
    vocabulary: int = 0
    pad_id: int = 0
    tokens: int = MOST_TOKENS
    first_token: bool = False
    """The first token stands for the text, instead of the mean of all."""
    query_prompt: str = ""
    passage_prompt: str = ""


def read_model(path: Path) -> ModelFiles:
    """Read a model from its folder or its .onnx file. Raises ModelError with the mend."""
    graph = _graph(path)
    places = (graph.parent, graph.parent.parent) if graph.parent.name == "onnx" else (graph.parent,)
    tokenizer = _beside(places, "tokenizer.json")
    if tokenizer is None:
        said = _("{folder} has no tokenizer.json. Export the model with its tokenizer, then name the folder again.")
        raise ModelError(said.format(folder=graph.parent))
    beside = {name: found for name in _CONFIGS if (found := _beside(places, name))}
    configs = [(name, _bytes(found, LARGEST_CONFIG)) for name, found in beside.items()]
    graph_bytes, tokenizer_bytes = _bytes(graph, LARGEST), _bytes(tokenizer, LARGEST_TOKENIZER)
    settings: dict[str, Mapping[str, Any]] = {name: _json(beside[name], content) for name, content in configs}
    try:
        text = tokenizer_bytes.decode()
    except UnicodeDecodeError:
        raise ModelError(_damaged(tokenizer)) from None
    parts = [("graph", graph_bytes), ("tokenizer", tokenizer_bytes), *configs]
    return _with(ModelFiles(graph, graph_bytes, text, _hash(parts)), settings)


def _graph(path: Path) -> Path:
    if path.is_file():
        found = [path]
    elif path.is_dir():
        found = [each for each in (path / "model.onnx", path / "onnx" / "model.onnx") if each.is_file()][:1]
        found = found or sorted(each for each in (*path.glob("*.onnx"), *path.glob("onnx/*.onnx")) if each.is_file())
    else:
        said = _("{path} is not there. Name the folder of a sentence encoder: its .onnx file and its tokenizer.json.")
        raise ModelError(said.format(path=path))
    if not found:
        said = _("{path} holds no .onnx file. Name the folder of a sentence encoder: model.onnx and tokenizer.json.")
        raise ModelError(said.format(path=path))
    if len(found) > 1:
        said = _("{path} holds several models: {names}. Name one of these files.")
        raise ModelError(said.format(path=path, names=", ".join(str(each.relative_to(path)) for each in found)))
    if any(second for pattern in _SECOND_FILES for second in found[0].parent.glob(pattern)):
        said = _("{path} keeps its weights in a second file. Export it as one file of less than 2 GiB.")
        raise ModelError(said.format(path=found[0]))
    return found[0]


def _beside(places: tuple[Path, ...], name: str) -> Path | None:
    return next((place / name for place in places if (place / name).is_file()), None)


def _bytes(path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            said = _("{path} is larger than {mib} MiB. Choose a smaller model, or one quantised to int8.")
            raise ModelError(said.format(path=path, mib=most >> 20))
        content = path.read_bytes()
    except OSError as error:
        said = _("{path} cannot be read ({why}). Make it readable for you, then name the folder again.")
        raise ModelError(said.format(path=path, why=error.strerror or error)) from None
    except MemoryError:
        raise ModelError(too_little_memory(path)) from None
    if not content:
        raise ModelError(_damaged(path))
    return content


def _json(path: Path, content: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ModelError(_damaged(path))
    return found


def _damaged(path: Path) -> str:
    return _("{path} is damaged or cut short. Copy the model again, then name its folder.").format(path=path)


def too_little_memory(path: Path) -> str:
    """The sentence for a model that does not fit."""
    said = _("There is too little memory for {path}. Close other programs, or choose a smaller model.")
    return said.format(path=path)


def _hash(parts: list[tuple[str, bytes]]) -> str:
    made = hashlib.sha256()
    for name, content in parts:
        made.update(f"{name} {len(content)}\n".encode())
        made.update(content)
    return made.hexdigest()[:32]


def _with(files: ModelFiles, settings: Mapping[str, Mapping[str, Any]]) -> ModelFiles:
    """What the configuration says that matters here; what it does not say keeps its usual value."""
    main, bert, pooling, prompts = (settings.get(name, {}) for name in _CONFIGS)
    said = prompts.get("prompts")
    told: Mapping[str, Any] = said if isinstance(said, dict) else {}
    return msgspec.structs.replace(
        files, width=_count(main, "hidden_size") if not pooling else _count(pooling, "word_embedding_dimension"),
        vocabulary=_count(main, "vocab_size"), pad_id=_count(main, "pad_token_id"),
        tokens=min(_count(bert, "max_seq_length") or MOST_TOKENS, MOST_TOKENS),
        first_token=pooling.get("pooling_mode_cls_token") is True,
        query_prompt=_text(told, "query"), passage_prompt=_text(told, "passage") or _text(told, "document"),
    )  # fmt: skip


def _count(settings: Mapping[str, Any], name: str) -> int:
    value = settings.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 1 << 24 else 0


def _text(settings: Mapping[str, Any], name: str) -> str:
    value = settings.get(name)
    return value[:200] if isinstance(value, str) else ""
