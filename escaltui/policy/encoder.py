"""A sentence encoder at work: texts in, vectors of length 1 out. Needs the extra `semantic`; imported only when used.

The graph runs on the CPU by onnxruntime, the words are cut by tokenizers; both get bytes that were read and hashed
before, so what runs is what the id names. Nothing of a model's folder is executed, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from escaltui.i18n import _
from escaltui.policy.model_files import ModelError, ModelFiles, too_little_memory

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

T = TypeVar("T")
BATCH = 16
LONGEST_TEXT = 10_000
"""Characters of one text: more than a model's tokens ever hold."""
WIDEST = 4096
_INPUTS = frozenset({"input_ids", "attention_mask", "token_type_ids"})
_OUTPUTS = ("sentence_embedding", "last_hidden_state", "token_embeddings")
_KINDS = {"tensor(int64)": "int64", "tensor(int32)": "int32"}
_TRIED = ("A court order names one post.", "Zwei Hunde laufen durch den Schnee.")


class Encoder:
    """An encoder that was checked whole: its graph and tokenizer load, fit together and give what they promise.

    Raises ModelError with the mend. `width`: dimensions of a vector. Calls block; one at a time.
    """

    def __init__(self, files: ModelFiles, threads: int = 2) -> None:
        self.files, self.id = files, files.id
        self._tokenizer = self._load_tokenizer()
        self._session = self._load_graph(threads)
        self._kinds = self._inputs()
        outputs = [each.name for each in self._session.get_outputs()]
        self._output = next((name for name in _OUTPUTS if name in outputs), outputs[0])
        self.width = 0
        self.width = self._checked()

    def encode(self, texts: Sequence[str], *, query: bool = False) -> NDArray[np.float32]:
        """One row a text, each of length 1 (0 for a text of which nothing is left). Raises ModelError."""
        import numpy as np

        prompt = self.files.query_prompt if query else self.files.passage_prompt
        given = [prompt + text[:LONGEST_TEXT] for text in texts]
        order = sorted(range(len(given)), key=lambda n: len(given[n]))  # texts of like length share a batch
        found = np.zeros((len(given), self.width), np.float32)
        for at in range(0, len(order), BATCH):
            part = order[at : at + BATCH]
            found[part] = self._run([given[n] for n in part])
        return found

    def _run(self, texts: Sequence[str]) -> NDArray[np.float32]:
        import numpy as np

        encoded = self._guarded(lambda: self._tokenizer.encode_batch(list(texts)))
        ids, mask = ([getattr(each, name) for each in encoded] for name in ("ids", "attention_mask"))
        return self._pooled(np.array(ids, np.int64), np.array(mask, np.int64))

    def _pooled(self, ids: NDArray[np.int64], mask: NDArray[np.int64]) -> NDArray[np.float32]:
        import numpy as np

        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        feed = {name: given[name].astype(kind) for name, kind in self._kinds.items()}
        out = np.asarray(self._guarded(lambda: self._session.run([self._output], feed))[0])
        if out.ndim == 3 and out.shape[:2] == ids.shape:
            weight = mask[..., None].astype(np.float32)
            out = out[:, 0] if self.files.first_token else (out * weight).sum(1) / np.maximum(weight.sum(1), 1)
        if out.ndim != 2 or len(out) != len(ids) or not np.isfinite(out).all():
            raise ModelError(self._no_encoder())
        found = out.astype(np.float32)
        made: NDArray[np.float32] = found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
        return made

    # --- checking

    def _load_tokenizer(self) -> Any:
        tokenizers = _library("tokenizers")
        damaged = _("The tokenizer.json beside {path} is damaged or of another kind. Copy the model again, whole.")
        found = _tried(
            lambda: tokenizers.Tokenizer.from_str(self.files.tokenizer), damaged.format(path=self.files.graph_path)
        )
        found.enable_truncation(self.files.tokens)
        found.enable_padding(pad_id=self.files.pad_id)
        return found

    def _load_graph(self, threads: int) -> Any:
        onnxruntime = _library("onnxruntime")
        onnxruntime.set_default_logger_severity(4)  # it would write to the terminal
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.log_severity_level = threads, 4
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # idle threads keep no core busy
        damaged = _("{path} is damaged, cut short, or no model that can be used here. Copy it again, whole.")
        try:
            return _tried(
                lambda: onnxruntime.InferenceSession(self.files.graph, options, providers=["CPUExecutionProvider"]),
                damaged.format(path=self.files.graph_path),
            )
        except MemoryError:
            raise ModelError(too_little_memory(self.files.graph_path)) from None

    def _inputs(self) -> dict[str, str]:
        found = {each.name: _KINDS.get(each.type, "") for each in self._session.get_inputs()}
        if "input_ids" not in found or not found.keys() <= _INPUTS or not all(found.values()):
            raise ModelError(self._no_encoder())
        return found

    def _checked(self) -> int:
        """Try the model out; gives its dimensions."""
        import numpy as np

        self._fits_tokenizer()
        tried = self._run(_TRIED)
        width = tried.shape[1]
        if not 2 <= width <= WIDEST or np.abs(tried[0] - tried[1]).max() < 1e-4:
            raise ModelError(self._no_encoder())
        if self.files.width not in (0, width):
            said = _("{path} gives {width} dimensions, its configuration says {promised}. Its files are of two models.")
            path, promised = self.files.graph_path, self.files.width
            raise ModelError(said.format(path=path, width=width, promised=promised))
        return int(width)

    def _fits_tokenizer(self) -> None:
        """The graph must know the tokenizer's last word; and the tokenizer must know about all of the graph's."""
        import numpy as np

        said = _("The tokenizer.json beside {path} is another model's. Copy both from the same place.")
        other = said.format(path=self.files.graph_path)
        size = self._tokenizer.get_vocab_size()
        if not size or size < 0.9 * self.files.vocabulary:
            raise ModelError(other)
        last = np.full((1, 2), size - 1, np.int64)
        given = {"input_ids": last, "attention_mask": np.ones_like(last), "token_type_ids": np.zeros_like(last)}
        feed = {name: given[name].astype(kind) for name, kind in self._kinds.items()}
        _tried(lambda: self._session.run([self._output], feed), other)

    def _no_encoder(self) -> str:
        said = _("{path} is no sentence encoder: text in, one vector out. Name one such as a MiniLM or E5 export.")
        return said.format(path=self.files.graph_path)

    def _guarded(self, call: Callable[[], T]) -> T:
        try:
            return _tried(call, self._no_encoder())
        except MemoryError:
            raise ModelError(too_little_memory(self.files.graph_path)) from None


def _library(name: str) -> Any:
    """A library of the extra. Raises ModelError where it is not installed."""
    from importlib import import_module

    try:
        import_module("numpy")
        return import_module(name)
    except ImportError:
        said = _("Look-up by meaning needs more packages: python -m pip install 'escaltui[semantic]'.")
        raise ModelError(said) from None


def _tried(call: Callable[[], T], sentence: str) -> T:
    """A call into a library that reads what others wrote: whatever it raises becomes one sentence.

    A defect in the tokenizer's own language arrives as an exception that is no Exception.
    """
    try:
        return call()
    except (MemoryError, KeyboardInterrupt, SystemExit, ModelError):
        raise
    except BaseException as error:
        if "alloc" in str(error).lower():
            raise MemoryError from None
        raise ModelError(sentence) from None
