"""What leaves the worker at each level, and what it tells of pictures, films, pages and words."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import av.logging
import numpy as np
import pdqhash
import pictures
import pytest
from PIL import Image
from reading import COLS, ROWS, Desk, grid, refusal

from escaltui.safety.decode import Reader, Want
from escaltui.safety.shield import Level
from escaltui.safety.worker_readers import Film, Item

# --- the levels


def test_a_fine_checkerboard_has_no_contrast_under_blur_and_all_of_it_at_clear(desk: Desk) -> None:
    board = np.indices((68, 120)).sum(axis=0) % 2 * 200 + 20
    image = Image.fromarray(board.astype(np.uint8)).resize((960, 544), Image.Resampling.NEAREST)
    desk.put(pictures.encoded(image, "PNG"))
    assert set(desk.view("heavy").data) == {119}  # one of 16 tones of middle grey
    assert set(desk.view("light").data) == {119}
    assert grid(desk.view("clear")).std() > 40  # the control


@pytest.mark.parametrize("seed", range(5))
def test_fine_detail_is_not_in_the_heavy_frame_but_is_in_the_clear_one(desk: Desk, seed: int) -> None:
    image = pictures.photo(1140, 640, seed)
    desk.put(pictures.encoded(image, "JPEG", quality=90))
    detail = pictures.fine_detail(image, (114, 64))
    heavy, clear = (grid(desk.view(level, 114, 32)) for level in ("heavy", "clear"))
    assert heavy.shape == clear.shape == detail.shape
    assert abs(pictures.correlation(heavy, detail)) <= 0.1
    assert pictures.correlation(clear, detail) > 0.15  # the control


def test_random_bits_cannot_be_read_back_from_the_heavy_frame(desk: Desk) -> None:
    """Two of the attackers of the safety page, section 10: local threshold, and Wiener with its noise swept."""
    errors: dict[str, list[float]] = {"heavy": [], "light": [], "clear": []}
    for seed in range(3):
        bits, image = pictures.canary(120, 68, seed)
        desk.put(pictures.encoded(image, "PNG"))
        for level, sigma in (("heavy", 6.0), ("light", 2.5), ("clear", 0.0)):
            frame = grid(desk.view(level, 120, 34))  # type: ignore[arg-type]
            errors[level].append(min(bit_errors(bits, guess) for guess in guesses(frame, sigma)))
    assert np.mean(errors["heavy"]) >= 0.45
    assert np.mean(errors["light"]) >= 0.39
    assert np.mean(errors["clear"]) == 0  # the control: the attack works where nothing is blurred


def guesses(frame: pictures.Grid, sigma: float) -> Iterator[pictures.Grid]:
    around = Image.fromarray(frame.astype(np.uint8)).resize(
        (frame.shape[1] // 8, frame.shape[0] // 8), Image.Resampling.BOX
    )
    local = np.asarray(around.resize(frame.shape[::-1], Image.Resampling.BICUBIC), dtype=float)
    yield frame > local
    spectrum = np.fft.fft2(frame - frame.mean())
    fy, fx = np.meshgrid(np.fft.fftfreq(frame.shape[0]), np.fft.fftfreq(frame.shape[1]), indexing="ij")
    blur = np.exp(-2 * np.pi**2 * sigma**2 * (fx**2 + fy**2))
    for noise in 10.0 ** np.arange(-9, 0):
        yield np.real(np.fft.ifft2(spectrum * blur / (blur**2 + noise))) > 0


def bit_errors(bits: pictures.Grid, guess: pictures.Grid) -> float:
    wrong = float(np.mean(bits != guess))
    return min(wrong, 1 - wrong)


def test_zoom_and_a_bigger_widget_do_not_sharpen_a_blurred_level(desk: Desk) -> None:
    desk.put(pictures.encoded(pictures.photo(1920, 1088), "JPEG"))
    whole = grid(desk.view("heavy", 120, 34))
    for zoom in (2, 4, 8):
        zoomed = grid(desk.view("heavy", 120, 34, region=(0.25, 0.25, 1 / zoom, 1 / zoom)))
        at = [int(0.25 * side + (step + 0.5) / zoom) for side in (68,) for step in range(68)]
        across = [int(0.25 * 120 + (step + 0.5) / zoom) for step in range(120)]
        assert np.array_equal(zoomed, whole[np.ix_(at, across)])
    big = grid(desk.view("heavy", 400, 120))
    assert big.shape == (227, 400)
    assert len(np.unique(big, axis=0)) <= 68
    assert len(np.unique(big, axis=1).T) <= 120
    clear = grid(desk.view("clear", 120, 34, region=(0.25, 0.25, 1 / 8, 1 / 8)))
    assert len(np.unique(clear, axis=1).T) > 100  # the control: at clear, zoom shows more


@pytest.mark.parametrize("level", ["heavy", "light"])
def test_blurred_levels_are_grey_in_16_tones(desk: Desk, level: Level) -> None:
    desk.put(pictures.encoded(pictures.photo(), "PNG"), grey=False)
    picture = desk.view(level, 300, 100, colour=True)
    assert picture.mode == "L"
    assert set(picture.data) <= set(range(0, 256, 17))
    assert len(set(desk.view("clear").data)) > 16  # the control


def test_clear_is_grey_or_colour_as_asked(desk: Desk) -> None:
    desk.put(pictures.encoded(Image.new("RGB", (60, 40), (200, 30, 30)), "PNG"), grey=False)
    assert (desk.view("clear").mode, set(desk.view("clear").data)) == ("L", {81})
    coloured = desk.view("clear", colour=True)
    assert (coloured.mode, coloured.data[:3]) == ("RGB", bytes((200, 30, 30)))
    assert len(coloured.data) == coloured.width * coloured.height * 3


@pytest.mark.parametrize(
    ("size", "widget", "fitted"),
    [
        ((1920, 1080), (120, 40), (120, 68)),
        ((1080, 1920), (120, 40), (45, 80)),
        ((10, 10), (120, 40), (80, 80)),
        ((5000, 2), (120, 40), (120, 1)),
        ((800, 600), (1000, 500), (320, 240)),
        ((800, 600), (1, 1), (1, 1)),
    ],
)
def test_a_view_keeps_the_shape_and_fits_the_widget(
    desk: Desk, size: tuple[int, int], widget: tuple[int, int], fitted: tuple[int, int]
) -> None:
    desk.put(pictures.encoded(Image.new("L", size, 100), "PNG"))
    for level in ("heavy", "clear"):
        picture = desk.view(level, *widget)  # type: ignore[arg-type]
        assert (picture.width, picture.height) == fitted


def test_at_clear_the_region_is_cut_out_first_and_then_scaled(desk: Desk) -> None:
    image = Image.new("L", (1600, 1600), 0)
    image.paste(Image.fromarray((np.indices((100, 100)).sum(axis=0) % 2 * 255).astype(np.uint8)), (800, 800))
    desk.put(pictures.encoded(image, "PNG"))
    near = grid(desk.view("clear", 100, 50, region=(0.5, 0.5, 1 / 16, 1 / 16)))
    assert near.shape == (100, 100)
    assert near.std() > 120
    assert grid(desk.view("clear", 100, 50)).max() < 200  # the control: seen whole, the board is a grey spot


# --- what a file is


def test_exif_turns_the_picture_and_is_told_only_when_asked_for(desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera\x1b[31m"
    exif.get_ifd(0x8825)[1] = "N"
    image = Image.new("L", (200, 100), 0)
    image.paste(255, (0, 0, 100, 100))
    facts = desk.put(pictures.encoded(image, "JPEG", exif=exif), "image/jpeg")
    assert (facts.width, facts.height, facts.gps, facts.exif) == (100, 200, True, ())
    shown = grid(desk.view("clear"))
    assert shown.shape == (80, 40)
    assert shown[:30].mean() > 200
    assert shown[50:].mean() < 50
    told = dict(desk.reader.facts(facts.sha256, exif=True).exif)
    assert told["Make"] == "Camera␛[31m"
    assert not desk.put(pictures.encoded(image, "JPEG")).gps  # the control


@pytest.mark.parametrize(
    ("image", "tone"),
    [
        (Image.fromarray(np.full((40, 40), 0x8000, np.uint16)), 128),
        (Image.new("RGBA", (40, 40), (255, 255, 255, 0)), 128),
        (Image.new("LA", (40, 40), (255, 255)), 255),
        (Image.new("P", (40, 40), 0), 0),
        (Image.new("1", (40, 40), 1), 255),
    ],
)
def test_odd_kinds_of_pixels_become_plain_ones(desk: Desk, image: Image.Image, tone: int) -> None:
    desk.put(pictures.encoded(image, "PNG"), grey=False)
    assert set(desk.view("clear").data) == {tone}
    assert set(desk.view("clear", colour=True).data) == {tone}


@pytest.mark.parametrize(
    ("data", "declared", "kind", "says", "is_", "mismatch"),
    [
        (pictures.encoded(Image.new("L", (8, 8)), "JPEG"), "image/jpeg", "picture", "JPEG", "JPEG", False),
        (pictures.encoded(Image.new("L", (8, 8)), "WEBP"), "image/jpeg", "picture", "JPEG", "WebP", True),
        (b"GIF89a", "image/gif", "picture", "GIF", "GIF", False),
        (b"<svg onload='x'>", "image/svg+xml", "text", "SVG", "text", False),
        (b"<html>", "image/png", "text", "PNG", "text", True),
        ("été".encode(), "text/plain; charset=utf-8", "text", "text", "text", False),
        (b"\0\0\0\x1cftypheic", "image/heic", "other", "HEIC", "HEIC", False),
        (b"\0\0\0\x1cftypavif", "image/jpeg", "other", "JPEG", "AVIF", True),
        (b"PK\x03\x04\0\0", "application/vnd.ms-word", "other", "application/vnd.ms-word", "ZIP", False),
        (b"\xd0\xcf\x11\xe0", "image/png", "other", "PNG", "Office", True),
        (b"\x00\x01\x02", "application/octet-stream", "other", "", "", False),
        (b"\x00\x01\x02", "image/png", "other", "PNG", "", True),
        (b"\x00\x01\x02", "\x1b]0,x", "other", "␛]0,x", "", False),
        (b"ffconcat version 1.0\nfile a.mp4\n", "video/mp4", "text", "MP4", "text", True),
    ],
)
def test_bytes_tell_the_type_and_the_declared_one_is_a_claim(
    desk: Desk, data: bytes, declared: str, kind: str, says: str, is_: str, mismatch: bool
) -> None:
    facts = desk.put(data, declared)
    assert (facts.kind, facts.says, facts.is_, facts.mismatch, facts.size) == (kind, says, is_, mismatch, len(data))


def test_facts_of_a_picture_do_not_decode_it(desk: Desk, reader: Reader) -> None:
    image = pictures.encoded(Image.new("RGB", (6000, 6000)), "PNG")  # 36 MP: decoded, it takes over 100 MB
    desk.put(b"x")
    before = peak(reader)
    assert desk.put(image).width == 6000
    assert peak(reader) - before < 30
    desk.view("clear", colour=False)
    assert peak(reader) - before > 30  # the control


def peak(reader: Reader) -> int:
    """The most MiB that the worker ever held."""
    rows = Path(f"/proc/{reader.pid}/status").read_text().splitlines()
    return next(int(row.split()[1]) // 1024 for row in rows if row.startswith("VmHWM"))


# --- films, pages, moving pictures


@pytest.mark.parametrize(("form", "rate"), [("mp4", 10), ("matroska", 10), ("mpegts", 10), ("avi", 10)])
def test_a_film_s_sheet_is_of_key_frames_near_the_middles_of_12_spans(desk: Desk, form: str, rate: int) -> None:
    facts = desk.put(pictures.film(pictures.greys(300), form, rate))
    assert (facts.kind, round(facts.seconds), facts.width, facts.audio) == ("video", 30, 64, False)
    tiles = desk.reader.sheet(Want(facts.sha256, "clear", False, COLS, ROWS), desk.shield, None)
    assert len(tiles) == 12
    for number, tile in enumerate(tiles):
        assert abs(tile.at - (number + 0.5) * 30 / 12) <= 1.0  # a key frame each second
        assert abs(tile.picture.data[0] - (20 + 200 * tile.at / 30)) <= 4  # and it is the frame of that time
        assert tile.picture.width <= COLS // 4 - 1
        assert tile.picture.height <= 2 * (ROWS // 3 - 1)
        again = desk.view("clear", frame=tile.frame)
        assert abs(again.data[0] - tile.picture.data[0]) <= 2


def test_a_short_film_is_looked_through_frame_by_frame(desk: Desk) -> None:
    desk.put(pictures.film(pictures.greys(60), gop=60))
    tiles = desk.reader.sheet(Want(desk.shield.item, "clear", False, COLS, ROWS), desk.shield, None)
    assert [round(tile.at, 1) for tile in tiles] == [0.2 + number / 2 for number in range(12)]


def test_a_film_s_audio_is_told_and_never_opened(desk: Desk) -> None:
    """libav opens decoders of every stream to look at it, unless told which it may; an AAC decoder says "mdct"."""
    data = pictures.film(pictures.greys(20), audio=True)
    assert desk.put(data).audio

    def said(opened: Callable[[], object]) -> str:
        av.logging.set_level(av.logging.DEBUG)
        with av.logging.Capture() as lines:
            opened()
        av.logging.set_level(None)
        return "".join(words for _level, _name, words in lines)

    ours = said(lambda: Film(Item(data, "video", "MP4", "mov")).still(0, (9, 9), False))
    assert "Codec (aac) not on whitelist" in ours
    assert "mdct" not in ours
    assert "mdct" in said(lambda: av.open(io.BytesIO(data), format="mov").close())  # the control


def test_pages_of_a_pdf_and_their_words(desk: Desk) -> None:
    facts = desk.put(pictures.pdf("First words", "Second page", "Third"), "application/pdf")
    assert (facts.kind, facts.pages, facts.width, facts.height) == ("document", 3, 300, 200)
    assert desk.reader.text(facts.sha256) == "First words\n\nSecond page\n\nThird"
    tiles = desk.reader.sheet(Want(facts.sha256, "clear", False, COLS, ROWS), desk.shield, None)
    assert [(tile.at, tile.frame) for tile in tiles] == [(0, 0), (1, 1), (2, 2)]
    dark = [grid(desk.view("clear", frame=page)).mean() for page in range(3)]
    assert dark[0] > dark[1] > dark[2]  # each page has a wider box


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_frames_of_moving_pictures(desk: Desk, form: str) -> None:
    facts = desk.put(pictures.moving(pictures.greys(30), form))
    assert facts.frames == 30
    tiles = desk.reader.sheet(Want(facts.sha256, "clear", False, COLS, ROWS), desk.shield, None)
    assert [tile.frame for tile in tiles] == [int((at + 0.5) * 2.5) for at in range(12)]
    for tile in tiles:
        assert abs(tile.picture.data[0] - (20 + 200 * tile.frame // 29)) <= 2
        assert abs(desk.view("clear", frame=tile.frame).data[0] - tile.picture.data[0]) <= 1


def test_tiles_are_blurred_in_their_own_samples(desk: Desk) -> None:
    board = (np.indices((48, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    desk.put(pictures.moving([Image.fromarray(board), Image.fromarray(255 - board)], "GIF"))
    want = Want(desk.shield.item, "heavy", False, COLS, ROWS)
    tiles = desk.reader.sheet(want, desk.shield, None)
    assert all(set(tile.picture.data) <= set(range(0, 256, 17)) for tile in tiles)
    assert all(grid(tile.picture).std() < 3 for tile in tiles)


# --- words, hashes, export


def test_text_is_the_first_256_kib_as_they_came(desk: Desk) -> None:
    facts = desk.put("é\x1b[31m".encode() + b"a" * 300_000, "text/plain")
    words = desk.reader.text(facts.sha256)
    assert words.startswith("é\x1b[31maaa")
    assert len(words.encode()) == 256 * 1024
    assert refusal(lambda: desk.view("heavy")) == "no_reader"
    assert desk.reader.text(desk.put(pictures.encoded(pictures.photo(), "PNG")).sha256) == ""


def test_hashes_are_those_of_the_reference_and_of_the_mirror(desk: Desk) -> None:
    image = pictures.photo(400, 300)
    facts = desk.put(pictures.encoded(image, "PNG"))
    found = desk.reader.hashes(facts.sha256)
    assert found is not None
    expected = [pdqhash.compute(np.asarray(each)) for each in (image, image.transpose(Image.Transpose(0)))]
    assert found == (*(np.packbits(bits).tobytes().hex() for bits, _quality in expected), expected[0][1])
    mirrored = desk.put(pictures.encoded(image.transpose(Image.Transpose(0)), "PNG"))
    of_mirrored = desk.reader.hashes(mirrored.sha256)
    assert of_mirrored is not None
    assert of_mirrored[:2] == (found[1], found[0])
    assert desk.reader.hashes(desk.put(b"words").sha256) is None


def test_an_export_is_the_whole_picture_without_metadata(desk: Desk) -> None:
    exif = Image.Exif()
    exif[0x010F] = "CANARY"
    image = pictures.photo(700, 500)
    desk.put(pictures.encoded(image, "JPEG", exif=exif, quality=95, icc_profile=b"CANARY", comment=b"CANARY"))
    written = desk.reader.export(desk.shield.item, 0, desk.shield, None)
    opened = Image.open(io.BytesIO(written))
    assert (opened.format, opened.mode, opened.size) == ("PNG", "RGB", (700, 500))
    assert b"CANARY" not in written
    assert {written[at - 4 : at] for at in range(12, 20)} >= {b"IHDR"}
    assert not opened.info
