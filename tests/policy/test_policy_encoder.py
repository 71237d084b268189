"""A sentence encoder from a folder: what is taken, what is refused and in which words."""

from __future__ import annotations

import json
import socket

import numpy as np
import pytest
import tiny_model

from escaltui.policy.encoder import Encoder
from escaltui.policy.model_files import ModelError, read_model
from escaltui.policy.pieces import MOST_PIECES, WORDS, case_key, case_of, pieces_of, section_key, text_of_key


@pytest.fixture
def folder(tmp_path):
    return tiny_model.make(tmp_path / "model")


def refused(path):
    with pytest.raises(ModelError) as found:
        Encoder(read_model(path))
    return str(found.value)


def test_like_words_have_like_vectors_of_length_one(folder, monkeypatch):
    def never(*_args, **_named):
        raise AssertionError("a model fetches nothing")

    monkeypatch.setattr(socket, "socket", never)
    encoder = Encoder(read_model(folder))
    tortoise, reptile, court = encoder.encode(["tortoise", "the reptile", "court"], query=True)
    assert encoder.width == tiny_model.WIDTH
    assert np.allclose(np.linalg.norm([tortoise, reptile, court], axis=1), 1)
    assert tortoise @ reptile > 0.9 > 0.6 > tortoise @ court


def test_a_batch_gives_what_each_text_gives_alone(folder):
    encoder = Encoder(read_model(folder))
    texts = ["court " * n + "order" for n in range(40)]
    together = encoder.encode(texts)
    assert np.allclose(together, np.concatenate([encoder.encode([text]) for text in texts]), atol=1e-6)


@pytest.mark.parametrize("text", ["", "\U0001f422", "word " * 10_000, "\x00\ud7ff￿", "ٱ" * 50_000])
def test_any_text_has_a_finite_vector(folder, text):
    assert np.isfinite(Encoder(read_model(folder)).encode([text], query=True)).all()


def test_the_id_is_of_the_bytes_not_of_the_place(folder, tmp_path):
    again = tiny_model.make(tmp_path / "elsewhere")
    assert read_model(folder).id == read_model(again).id == read_model(folder / "model.onnx").id
    assert read_model(tiny_model.make(tmp_path / "other", salt="x")).id != read_model(folder).id
    (again / "config.json").write_text(json.dumps({"hidden_size": tiny_model.WIDTH}))
    assert read_model(again).id != read_model(folder).id


def test_an_export_with_a_folder_of_its_own_for_the_graph_is_found(folder):
    (folder / "onnx").mkdir()
    (folder / "model.onnx").rename(folder / "onnx" / "model_quantized.onnx")
    assert Encoder(read_model(folder)).width == tiny_model.WIDTH


def test_what_is_missing_is_named(folder, tmp_path):
    assert "is not there" in refused(tmp_path / "gone")
    (tmp_path / "empty").mkdir()
    assert "holds no .onnx file" in refused(tmp_path / "empty")
    (folder / "tokenizer.json").unlink()
    assert "has no tokenizer.json" in refused(folder)


def test_several_graphs_are_not_guessed_among(folder):
    (folder / "model.onnx").rename(folder / "a.onnx")
    (folder / "b.onnx").write_bytes((folder / "a.onnx").read_bytes())
    assert "several models: a.onnx, b.onnx" in refused(folder)
    assert Encoder(read_model(folder / "a.onnx")).width == tiny_model.WIDTH


def test_weights_in_a_second_file_are_not_taken(folder):
    (folder / "model.onnx_data").write_bytes(b"x")
    assert "second file" in refused(folder)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "config.json"])
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.99])
def test_a_file_cut_short_is_refused(folder, name, share):
    whole = (folder / name).read_bytes()
    (folder / name).write_bytes(whole[: int(len(whole) * share)])
    said = refused(folder)
    assert "Copy" in said or "no sentence encoder" in said


def test_a_tokenizer_of_another_model_is_refused(folder):
    found = json.loads((folder / "tokenizer.json").read_text())
    few, many = dict(found), dict(found)
    few["model"] = found["model"] | {"vocab": {"[UNK]": 0, "[PAD]": 1, "court": 2}}
    (folder / "tokenizer.json").write_text(json.dumps(few))
    assert "another model's" in refused(folder)
    more = found["model"]["vocab"] | {f"word{n}": len(tiny_model.WORDS) + n for n in range(50)}
    many["model"] = found["model"] | {"vocab": more}
    (folder / "tokenizer.json").write_text(json.dumps(many))
    assert "another model's" in refused(folder)


def test_other_dimensions_than_promised_are_refused(folder):
    (folder / "config.json").write_text(json.dumps({"hidden_size": 384}))
    assert "gives 16 dimensions, its configuration says 384" in refused(folder)


@pytest.mark.parametrize("fault", [MemoryError(), RuntimeError("std::bad_alloc"), RuntimeError("Failed to allocate")])
def test_too_little_memory_is_said_when_loading_and_when_encoding(folder, monkeypatch, fault):
    onnxruntime = pytest.importorskip("onnxruntime")

    def full(*_args, **_named):
        raise fault

    encoder = Encoder(read_model(folder))
    monkeypatch.setattr(encoder, "_session", type("Full", (), {"run": full})())
    with pytest.raises(ModelError, match="too little memory"):
        encoder.encode(["court"])
    monkeypatch.setattr(onnxruntime, "InferenceSession", full)
    assert "too little memory" in refused(folder)


def test_too_little_memory_to_read_the_file_is_said(folder, monkeypatch):
    def full(_path):
        raise MemoryError

    monkeypatch.setattr(type(folder), "read_bytes", full)
    assert "too little memory" in refused(folder)


def test_without_the_extra_it_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)
    assert "escaltui[semantic]" in refused(folder)


def test_prompts_and_pooling_are_read(folder):
    (folder / "config_sentence_transformers.json").write_text(
        json.dumps({"prompts": {"query": "court ", "passage": ""}})
    )
    (folder / "1_Pooling").mkdir()
    settings = {"word_embedding_dimension": tiny_model.WIDTH, "pooling_mode_cls_token": True}
    (folder / "1_Pooling" / "config.json").write_text(json.dumps(settings))
    encoder = Encoder(read_model(folder))
    asked, told = encoder.encode(["tortoise"], query=True)[0], encoder.encode(["court tortoise"])[0]
    assert np.allclose(asked, told)
    assert np.allclose(asked, encoder.encode(["court"])[0])  # the first token speaks for all


def test_pieces_hold_every_word_under_their_head():
    words = [f"w{n}" for n in range(3 * WORDS + 7)]
    pieces = pieces_of(" ".join(words), "Ads / Targeting")
    assert len(pieces) == 4
    assert [word for piece in pieces for word in piece.split("\n")[1].split()] == words
    assert pieces_of("") == [""]
    assert len(pieces_of("w " * WORDS * 100)) == MOST_PIECES


def test_keys_tell_texts_paths_and_cases_apart():
    assert section_key("ab", ["A", "B"]) != section_key("ab", ["A"])
    assert text_of_key(section_key("ab", ["A"])) == "ab"
    assert case_of(section_key("ab", ["A"])) == ""
    assert case_of(case_key("words", "case-1")) == "case-1"
