"""How much of a picture a shielded frame still tells: canaries of random bits, and the best of three attacks on them.

A canary has one random bit a displayed sample. An attack gets the frame as the terminal shows it, knows the blur and
the size, and guesses every bit: 0.5 of them wrong says that it learnt nothing, 0.0 that it sees everything
(the design's safety page, section 10, row 1). Needs numpy; used by `make show-media`, never by the program.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grid = NDArray[np.float64]
WIDTH, HEIGHT = 120, 68
FRESH, TRAINING = 6, 12
WINDOW = 25
SWEPT = [10.0**power for power in range(-9, 0)]
BARS = {"heavy": 0.45, "light": 0.39, "clear": 0.0}


def bits(seed: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.bool_]:
    """A canary: one random bit a sample."""
    return np.random.default_rng(seed).integers(0, 2, (height, width)).astype(bool)


def picture(canary: NDArray[np.bool_], scale: int = 1) -> bytes:
    """A canary as a PNG, black and white, `scale` pixels a sample."""
    pixels = np.kron(canary.astype(np.uint8) * 255, np.ones((scale, scale), np.uint8))
    target = io.BytesIO()
    Image.fromarray(pixels).save(target, "PNG")
    return target.getvalue()


def wrong(guess: Grid, canary: NDArray[np.bool_]) -> float:
    """The share of bits guessed wrong, 0.5 at most: an attack that is wrong more often is turned round."""
    share = float(np.mean((guess > 0.5) != canary))
    return min(share, 1 - share)


def local_threshold(frame: Grid) -> Grid:
    """Lighter or darker than its surroundings."""
    around = blurred(frame, 4.0)
    return (frame > around).astype(np.float64)


def wiener(frame: Grid, sigma: float, noise: float) -> Grid:
    """Blur taken back in the frequencies, with a regularisation."""
    rows, columns = (np.fft.fftfreq(n)[:, None] if n == frame.shape[0] else np.fft.fftfreq(n) for n in frame.shape)
    passed = np.exp(-2 * (np.pi * sigma) ** 2 * (rows**2 + columns**2))
    spectrum = np.fft.fft2(frame - frame.mean()) * passed / (passed**2 + noise)
    restored = np.fft.ifft2(spectrum).real
    return (restored > np.median(restored)).astype(np.float64)


def blurred(frame: Grid, sigma: float) -> Grid:
    """Gaussian blur, the edges repeated."""
    reach = int(4 * sigma)
    kernel = np.exp(-(np.arange(-reach, reach + 1) ** 2) / (2 * sigma**2))
    kernel /= kernel.sum()
    for axis in (0, 1):
        pad = [(reach, reach) if each == axis else (0, 0) for each in (0, 1)]
        frame = np.apply_along_axis(np.convolve, axis, np.pad(frame, pad, mode="edge"), kernel, "valid")
    return frame


class Ridge:
    """A linear guess from the window around a sample, learnt from other canaries under the same shield."""

    def __init__(self, frames: Sequence[Grid], canaries: Sequence[NDArray[np.bool_]], strength: float) -> None:
        windows = np.concatenate([self._windows(frame) for frame in frames])
        wanted = np.concatenate([canary.ravel() for canary in canaries]).astype(np.float64) - 0.5
        square = windows.T @ windows
        square[np.diag_indices_from(square)] += strength * np.trace(square) / len(square)
        self._weights = np.linalg.solve(square, windows.T @ wanted)

    @staticmethod
    def _windows(frame: Grid) -> Grid:
        half = WINDOW // 2
        padded = np.pad(frame - frame.mean(), half, mode="reflect")
        views = np.lib.stride_tricks.sliding_window_view(padded, (WINDOW, WINDOW))
        return views.reshape(-1, WINDOW * WINDOW)

    def __call__(self, frame: Grid) -> Grid:
        """Guesses of the bits of a frame."""
        return (self._windows(frame) @ self._weights).reshape(frame.shape) + 0.5


def attacked(shown: Callable[[bytes], Grid], sigma: float, width: int = WIDTH, height: int = HEIGHT,
             scale: int = 1) -> dict[str, float]:  # fmt: skip
    """Bit errors left to each attack, mean over fresh canaries. `shown` gives the frame that a picture becomes, one
    value a sample in 0-1."""
    fresh = [bits(seed, width, height) for seed in range(FRESH)]
    frames = [shown(picture(each, scale)) for each in fresh]
    trained = [bits(1000 + seed, width, height) for seed in range(TRAINING)]
    learnt = [shown(picture(each, scale)) for each in trained]
    pairs = list(zip(frames, fresh, strict=True))

    def mean(guess: Callable[[Grid], Grid]) -> float:
        return float(np.mean([wrong(guess(frame), canary) for frame, canary in pairs]))

    return {
        "local threshold": mean(local_threshold),
        "Wiener": min(mean(lambda frame, n=noise: wiener(frame, max(sigma, 0.3), n)) for noise in SWEPT),
        "ridge": min(mean(Ridge(learnt, trained, strength)) for strength in (1e-9, 1e-6, 1e-3)),
    }
