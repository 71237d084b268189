"""Look-up by meaning at the desk: the chosen encoder, the vectors it made, and what lies near a query.

Nothing here is loaded before a model is chosen or asked about; without one, full text answers alone, as ever.
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from escaltui.i18n import _
from escaltui.policy.fusion import Near
from escaltui.policy.model_files import ModelError, read_model
from escaltui.policy.pieces import case_of
from escaltui.policy.query import as_meant, parse_query
from escaltui.store import chosen_model, meaning
from escaltui.store.chosen_model import Chosen
from escaltui.store.vectors import FOLDER, VectorReader, remove_others
from escaltui.workbench.library import today

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from escaltui.policy.encoder import Encoder
    from escaltui.workbench.door import Workbench

SECTIONS, CASES = "", "-cases"
"""What a model's vectors of each kind are named, after its id."""
UPTO = "upto"
FETCHED = "models"
MENTIONED = "meaning.mentioned"
NEAREST, EVERY = 150, 1 << 20
LIKE_CASES = 30


class Standing(NamedTuple):
    """How look-up by meaning stands. `why`: what is in its way, "" for nothing."""

    model: str
    id: str
    dimensions: int
    sections: int
    sections_ready: int
    cases: int
    cases_ready: int
    why: str


class Meaning:
    """The chosen model at work for one workbench. Calls block, from any thread; ModelError, StoreError say the mend."""

    def __init__(self, bench: Workbench) -> None:
        self._bench, self._lock = bench, threading.Lock()
        self._encoder: Encoder | None = None
        self._failed: tuple[Chosen, str] | None = None
        self._readers: dict[str, VectorReader] = {}

    def chosen(self) -> Chosen | None:
        """The model that is chosen for this store on this machine; none in an encrypted one."""
        return None if self._bench.store.encrypted else chosen_model.read(self._bench.store.folder)

    def near(
        self, query: str, *, synonyms: bool = True, every: bool = False, stopped: Callable[[], bool] | None = None
    ) -> Near | None:
        """What lies near a query: with its `synonyms`, halfway between it and it with the words they add.

        None where no model is chosen. `every`: all sections, for a look-up that a filter narrows.
        """
        chosen = self.chosen()
        if chosen is None:
            return None
        narrowed = parse_query(query)
        every = every or bool(narrowed.documents or narrowed.families or narrowed.languages)
        plain = as_meant(query)
        if not plain:
            return Near()
        with self._lock:
            if stopped is not None and stopped():
                return Near()
            encoder = self.encoder(chosen)
            vector = self._vector(encoder, plain, as_meant(query, self._bench.synonyms) if synonyms else plain)
        sections = self.reader(chosen, SECTIONS).nearest(vector, EVERY if every else NEAREST)
        cases = self.reader(chosen, CASES).nearest(vector, LIKE_CASES)
        return Near(tuple(sections), tuple((case_of(key), score) for key, score in cases))

    def _vector(self, encoder: Encoder, plain: str, added: str) -> NDArray[np.float32]:
        import numpy as np

        rows = encoder.encode(list(dict.fromkeys((plain, added))), query=True)
        found = rows.sum(axis=0)
        made: NDArray[np.float32] = found / max(float(np.linalg.norm(found)), 1e-9)
        return made

    def encoder(self, chosen: Chosen) -> Encoder:
        """The encoder, loaded at first use. Raises ModelError, at once where it failed before."""
        from escaltui.policy.encoder import Encoder

        if self._encoder is not None and self._encoder.id == chosen.id:
            return self._encoder
        if self._failed is not None and self._failed[0] == chosen:
            raise ModelError(self._failed[1])
        try:
            files = read_model(Path(chosen.path))
            if files.id != chosen.id:
                said = _("The model in {path} is another than the one chosen. escaltui policy model use PATH takes it; "
                         "until then full text alone answers.")  # fmt: skip
                raise ModelError(said.format(path=chosen.path))
            self._encoder = Encoder(files)
        except ModelError as error:
            self._failed = (chosen, str(error))
            raise
        return self._encoder

    def reader(self, chosen: Chosen, kind: str) -> VectorReader:
        """The vectors of a kind as they are now."""
        name = chosen.id + kind
        if name not in self._readers:
            self._readers[name] = VectorReader(self._bench.store.folder, name, chosen.width)
        return self._readers[name]

    # --- choosing

    def mentioned(self) -> bool:
        """Whether it is time to mention that there could be a model: once in a store's life, and not where one is."""
        store = self._bench.store
        if store.encrypted or store.read_only or self.chosen() is not None or store.meta(MENTIONED):
            return False
        store.set_meta(MENTIONED, "said")
        return True

    def use(self, path: Path) -> Chosen:
        """Choose the model of a folder, once it was checked whole; the vectors of another one go."""
        from escaltui.policy.encoder import Encoder

        if self._bench.store.encrypted:
            raise ModelError(_("This store is encrypted, and vectors would lie beside it in clear: meaning stays off."))
        encoder = Encoder(read_model(path.expanduser()))
        chosen = Chosen(str(path.expanduser().absolute()), encoder.id, encoder.width)
        remove_others(self._bench.store.folder, chosen.id)
        chosen_model.write(self._bench.store.folder, chosen)
        self._encoder, self._failed = encoder, None
        return chosen

    def fetch(self, name: str) -> Path:
        """A model by its name on a hub, in a folder beside the vectors. Raises ModelError."""
        from escaltui.intake import model_hub

        return model_hub.fetch(name, self._bench.store.folder / FOLDER / FETCHED)

    def off(self) -> bool:
        """Choose no model, and remove the vectors and what was fetched; whether there was one."""
        was = self.chosen() is not None
        chosen_model.write(self._bench.store.folder, None)
        self.close()
        self._encoder = None
        remove_others(self._bench.store.folder)
        shutil.rmtree(self._bench.store.folder / FOLDER / FETCHED, ignore_errors=True)
        return was

    def standing(self) -> Standing | None:
        """How far the vectors are; None where no model is chosen. Loads the model to say what is in its way."""
        chosen = self.chosen()
        if chosen is None:
            return None
        why = ""
        try:
            with self._lock:
                self.encoder(chosen)
        except ModelError as error:
            why = str(error)
        store = self._bench.store
        sections, cases = store.read(meaning.sections), store.read(lambda c: sum(1 for _case in meaning.cases(c)))
        ready, told = self.reader(chosen, SECTIONS).count()[0], self.reader(chosen, CASES).count()[0]
        return Standing(chosen.path, chosen.id, chosen.width, len(sections), ready, cases, told, why)

    def share(self) -> int:
        """How many in a hundred of the texts have vectors: 1 to 99, since it is asked while they are made."""
        chosen = self.chosen()
        if chosen is None:
            return 1
        ready = sum(self.reader(chosen, kind).count()[0] for kind in (SECTIONS, CASES))
        return max(1, min(99, 100 * ready // max(1, self._bench.store.read(meaning.count))))

    def is_due(self) -> bool:
        """Whether there may be something to encode: a model is chosen, and the library or decisions moved on."""
        chosen = self.chosen()
        if chosen is None:
            return False
        stamp = self._bench.store.read(lambda connection: meaning.stamp(connection, today(self._bench)))
        return self.reader(chosen, SECTIONS).fact(UPTO) != stamp

    def close(self) -> None:
        """Let go of the vectors' files."""
        readers, self._readers = self._readers, {}
        for each in readers.values():
            each.close()
