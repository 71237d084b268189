"""A sentence encoder of a few kilobytes, written as the bytes of an ONNX file: each word has a vector, a text has the
mean of its words'. Words of one line of `ALIKE` have nearly the same one, which is how a test knows what is meant."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

WIDTH = 16
ALIKE = (
    ("tortoise", "reptile", "wildlife", "alligator"), ("advert", "sponsored", "campaign"),
    ("judge", "court", "tribunal"), ("gun", "weapon", "rifle"), ("forged", "counterfeit", "fake"),
)  # fmt: skip
WORDS = (
    "[UNK]",
    "[PAD]",
    *(word for line in ALIKE for word in line),
    *["the", "a", "of", "is", "not", "sold", "here", "kept", "order"],
)


def make(folder: Path, *, width: int = WIDTH, salt: str = "") -> Path:
    """A model in a folder. `width`: its dimensions; `salt`: another one's vectors."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(_model(width, salt))
    (folder / "tokenizer.json").write_text(json.dumps(_tokenizer()))
    (folder / "config.json").write_text(json.dumps({"hidden_size": width, "vocab_size": len(WORDS)}))
    return folder


def _tokenizer() -> dict[str, object]:
    vocabulary = {word: n for n, word in enumerate(WORDS)}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "post_processor": None,
        "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"}, "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": "[UNK]"},
    }  # fmt: skip


def _row(word: str, width: int, salt: str) -> bytes:
    """Numbers in -1..1 by the word's line, a little moved by the word itself; nearly none for an unknown word."""
    line = next((each[0] for each in ALIKE if word in each), word)
    weight = 0.01 if word in ("[UNK]", "[PAD]") else 0.1 if line == word and len(word) < 5 else 1.0
    base, own = (hashlib.shake_256(f"{salt}{name}".encode()).digest(width) for name in (line, word))
    numbers = [weight * ((a - 127.5) + 0.05 * (b - 127.5)) / 127.5 for a, b in zip(base, own, strict=True)]
    return struct.pack(f"<{width}f", *numbers)


# --- protobuf, as far as one graph of one node needs it


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes | str) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _varint(value: int) -> bytes:
    made = bytearray()
    while value > 0x7F:
        made.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*made, value])


def _value(name: str, kind: int, *shape: str | int) -> bytes:
    dims = b"".join(_part(1, _part(2, each) if isinstance(each, str) else _int(1, each)) for each in shape)
    return _part(1, name) + _part(2, _part(1, _int(1, kind) + _part(2, dims)))


def _model(width: int, salt: str) -> bytes:
    table = b"".join(_row(word, width, salt) for word in WORDS)
    weights = _int(1, len(WORDS)) + _int(1, width) + _int(2, 1) + _part(8, "words") + _part(9, table)
    node = _part(1, "words") + _part(1, "input_ids") + _part(2, "last_hidden_state") + _part(4, "Gather")
    graph = (
        _part(1, node) + _part(2, "tiny") + _part(5, weights)
        + _part(11, _value("input_ids", 7, "n", "t")) + _part(11, _value("attention_mask", 7, "n", "t"))
        + _part(12, _value("last_hidden_state", 1, "n", "t", width))
    )  # fmt: skip
    return _int(1, 8) + _part(7, graph) + _part(8, _part(1, "") + _int(2, 13))
