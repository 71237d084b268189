"""How a vector is compared with many: with all of them, or with those of the likest signs where there are many.

Neither hands its work to the linear algebra library's own threads: on a machine with other work these wait for each
other for longer than one thread takes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CHUNK = 1 << 12
"""Rows that are read at once: a look-up over a million needs no gigabyte."""
EXACT = 1 << 15
"""Up to so many rows all are compared, widened and held: 50 MB at 384 dimensions."""
SHORTLIST = 1 << 12
"""Of more rows so many are compared."""
LEVELS = 6
"""In how many steps a number of the query weighs, by its size and how much its dimension tells rows apart."""
TOP = 0.98
_WORD = 64


class All:
    """Rows that are all compared, held widened: widening costs several times what comparing does."""

    def __init__(self, rows: NDArray[np.float16]) -> None:
        import numpy as np

        self._rows = rows.astype(np.float32)

    def scores(self, query: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows by number, and the cosine of each with a query; all have length 1."""
        import numpy as np

        return np.arange(len(self._rows)), np.einsum("ij,j->i", self._rows, query)


class Signs:
    """Rows of which only the nearest by sign are compared: one bit a number is held, 48 bytes a row at 384 dimensions.

    The bit says whether a number is above the mean of its dimension: an encoder's are seldom around 0. With query q,
    q * (x - mean) is then estimated by the sum of the dimensions whose bit has the other sign than q has, weighed.
    """

    def __init__(self, rows: NDArray[np.float16]) -> None:
        import numpy as np

        self._rows = rows
        parts = range(0, len(rows), CHUNK)
        sums = [rows[at : at + CHUNK].sum(axis=0, dtype=np.float32) for at in parts]
        self._mean = np.sum(sums, axis=0) / np.float32(len(rows))
        squares = [np.square(rows[at : at + CHUNK] - self._mean).sum(axis=0) for at in parts]
        self._spread = np.sqrt(np.sum(squares, axis=0) / np.float32(len(rows)))
        bits = [_packed(rows[at : at + CHUNK] > self._mean) for at in parts]
        self._bits = np.ascontiguousarray(np.concatenate(bits).T)

    def scores(self, query: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows of the shortlist by number, and the cosine of each with a query."""
        import numpy as np

        weights = np.abs(query) * self._spread
        steps = (np.arange(LEVELS) + 0.5) / LEVELS * np.quantile(weights, TOP)
        masks = _packed(weights >= steps[:, None])
        differing = np.zeros(len(self._rows), np.uint16)
        for word, own in enumerate(_packed(query[None] > 0)[0]):
            other = self._bits[word] ^ own
            for mask in masks[:, word]:
                differing += np.bitwise_count(other & mask)
        short = np.argpartition(differing, SHORTLIST - 1)[:SHORTLIST]
        short.sort()  # read in the order they lie in
        return short, np.einsum("ij,j->i", self._rows[short].astype(np.float32), query)


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint64]:
    """Rows of bits as rows of words, filled up with 0."""
    import numpy as np

    packed = np.packbits(bits, axis=1)
    return np.pad(packed, ((0, 0), (0, -packed.shape[1] % (_WORD // 8)))).view(np.uint64)
