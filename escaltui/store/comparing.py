"""How a vector is compared with many: with all of them, or with those of the most like signs where there are many.

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

    A number counts as positive where it is above the mean of its dimension: an encoder's are seldom around 0.
    """

    def __init__(self, rows: NDArray[np.float16]) -> None:
        import numpy as np

        self._rows = rows
        parts = range(0, len(rows), CHUNK)
        sums = [rows[at : at + CHUNK].sum(axis=0, dtype=np.float32) for at in parts]
        self._mean = np.sum(sums, axis=0) / np.float32(len(rows))
        self._bits = np.ascontiguousarray(np.concatenate([self._signs(rows[at : at + CHUNK]) for at in parts]).T)

    def scores(self, query: NDArray[np.float32]) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The rows of the shortlist by number, and the cosine of each with a query."""
        import numpy as np

        differing = np.zeros(len(self._rows), np.uint16)
        for bits, own in zip(self._bits, self._signs(query[None])[0], strict=True):
            differing += np.bitwise_count(bits ^ own)
        short = np.argpartition(differing, SHORTLIST - 1)[:SHORTLIST]
        short.sort()  # read in the order they lie in
        return short, np.einsum("ij,j->i", self._rows[short].astype(np.float32), query)

    def _signs(self, rows: NDArray[np.float16] | NDArray[np.float32]) -> NDArray[np.uint64]:
        import numpy as np

        bits = np.packbits(rows > self._mean, axis=1)
        return np.pad(bits, ((0, 0), (0, -bits.shape[1] % (_WORD // 8)))).view(np.uint64)
