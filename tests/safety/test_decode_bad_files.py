"""Files made to break a reader: bombs, broken and mutated ones, two kinds in one, playlists, locked ones.

Each gives a picture or a calm refusal, in time; the program sees no other exception, ever.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pictures
import pytest
from PIL import Image
from reading import Desk, refusal

from escaltui.safety.decode import NotShown, Reader, Want

MUTATIONS = 10_000 if os.environ.get("ESCALTUI_THOROUGH") else 300
IN_TIME = 0.05
"""Seconds in which a bomb is refused, once the reader is awake."""


def ask_all(desk: Desk) -> list[Callable[[], object]]:
    """Every request there is."""
    sha256, want = desk.shield.item, desk.want("clear", 40, 20)
    return [
        desk.view, lambda: desk.view("clear"), lambda: desk.reader.sheet(want, desk.shield, None),
        lambda: desk.reader.text(sha256), lambda: desk.reader.hashes(sha256),
        lambda: desk.reader.facts(sha256, exif=True), lambda: desk.reader.export(sha256, 0, desk.shield, None),
    ]  # fmt: skip


def memory(reader: Reader, what: str = "VmHWM") -> int:
    """MiB of the worker: the most there was, or what is now."""
    rows = Path(f"/proc/{reader.pid}/status").read_text().splitlines()
    return next(int(row.split()[1]) // 1024 for row in rows if row.startswith(what))


BOMBS = [pictures.png_bomb, pictures.jpeg_bomb, pictures.gif_bomb, pictures.webp_bomb]


@pytest.mark.parametrize("make", [*BOMBS, lambda: pictures.png_bomb(6400, 6400)])
def test_bombs_are_refused_in_time_and_take_no_memory(desk: Desk, make: Callable[[], bytes]) -> None:
    desk.put(pictures.encoded(pictures.photo(64, 48), "PNG"))
    assert desk.view().width
    desk.reader.text(desk.shield.item)
    before = memory(desk.reader)
    data = make()
    facts = desk.put(data)
    assert facts.width * facts.height > 40_000_000
    for ask in (desk.view, lambda: desk.view("clear"), ask_all(desk)[2], ask_all(desk)[4]):
        spent = []
        for _ in range(3):
            begun = time.perf_counter()
            assert refusal(ask) == "too_big"
            spent.append(time.perf_counter() - begun)
        assert min(spent) < IN_TIME
    assert memory(desk.reader) - before < 10
    with pytest.raises(NotShown, match=r"^Not shown: \d+ MP is over the 40 MP limit\.$"):
        desk.view()


def test_a_picture_at_the_limit_is_shown(desk: Desk) -> None:
    """The control of the bombs: 40 MP is read, and 40 MP and a little is not."""
    desk.put(pictures.encoded(Image.new("L", (8000, 5000), 99), "JPEG"))
    assert desk.view("clear").width
    desk.put(pictures.encoded(Image.new("L", (8000, 5001), 99), "JPEG"))
    assert refusal(desk.view) == "too_big"


def test_a_gif_that_grows_in_its_second_frame_is_refused_there(desk: Desk) -> None:
    desk.put(pictures.gif_that_grows())
    assert desk.view("clear").width
    assert refusal(lambda: desk.view("clear", frame=1)) in ("bad_file", "too_big")


def test_a_page_larger_than_a_country_is_drawn_small(desk: Desk) -> None:
    desk.put(pictures.pdf("x", size=(1e7, 1e7)))
    assert desk.view("clear", 40, 20).width == 40


def test_a_gif_of_10_000_frames_is_told_and_its_first_200_are_shown(desk: Desk) -> None:
    one = pictures.moving(pictures.greys(2, 4, 4), "GIF")
    begin = one.index(b"\x21\xf9")
    second = one.index(b"\x21\xf9", begin + 2)
    many = one[:begin] + (one[begin:second] + one[second:-1]) * 5000 + b"\x3b"
    facts = desk.put(many)
    assert facts.frames == 10_000
    begun = time.monotonic()
    tiles = desk.reader.sheet(Want(facts.sha256, "clear", False, 40, 20), desk.shield, None)
    assert [tile.frame for tile in tiles][-1] < 200
    assert desk.view(frame=9_999).width
    assert time.monotonic() - begun < 5


def test_a_file_of_4_gib_is_refused_before_a_byte_is_read(desk: Desk) -> None:
    desk.put(b"x")
    path = desk.folder / "large"
    with path.open("wb") as file:
        file.write(b"\x00\x00\x00\x18ftypmp42")
        file.truncate(4 << 30)

    def read() -> int:
        return int(Path("/proc/self/io").read_text().split()[1])

    cost = -read() + read()  # of reading the count itself
    before, begun = read(), time.perf_counter()
    with pytest.raises(NotShown) as caught:
        desk.reader.open(path, "0" * 64, "video/mp4")
    assert time.perf_counter() - begun < IN_TIME
    assert read() - before <= 2 * cost + 256, "the reply of the worker, and nothing of the file"
    assert (caught.value.code, str(caught.value)) == ("too_big", "Not shown: 4096 MB is over the 256 MB limit.")


def test_pictures_may_be_64_mib_and_films_256(desk: Desk) -> None:
    for first, code in ((b"\xff\xd8\xff", "too_big"), (b"\0\0\0\x18ftypmp42", "damaged_original")):
        path = desk.folder / "large"
        with path.open("wb") as file:
            file.write(first)
            file.truncate((64 << 20) + 1)
        assert refusal(lambda path=path: desk.reader.open(path, "0" * 64, "")) == code  # type: ignore[misc]


def test_a_file_that_is_not_the_one_that_came_in_is_not_read(desk: Desk) -> None:
    path, sha256 = pictures.kept(desk.folder, pictures.encoded(pictures.photo(), "PNG"))
    path.write_bytes(pictures.encoded(pictures.photo(seed=2), "PNG"))
    assert refusal(lambda: desk.reader.open(path, sha256, "")) == "damaged_original"
    path.unlink()
    assert refusal(lambda: desk.reader.open(path, sha256, "")) == "damaged_original"
    os.mkfifo(path)
    assert refusal(lambda: desk.reader.open(path, sha256, "")) == "damaged_original"
    assert refusal(lambda: desk.reader.open(desk.folder, sha256, "")) == "damaged_original"


@pytest.mark.parametrize("part", [0.3, 0.6, 0.95])
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_truncated_picture_is_refused(desk: Desk, form: str, part: float) -> None:
    data = pictures.encoded(pictures.photo(200, 150), form)
    desk.put(data[: int(len(data) * part)])
    assert refusal(lambda: desk.view("clear")) == "bad_file"
    desk.put(data)
    assert desk.view("clear").width  # the control


def test_a_locked_pdf_says_so(desk: Desk) -> None:
    facts = desk.put(pictures.pdf("secret", password=True))
    assert (facts.kind, facts.pages) == ("document", 0)
    assert {refusal(ask) for ask in (desk.view, ask_all(desk)[2], ask_all(desk)[3])} == {"password"}


@pytest.mark.parametrize("words", ["ffconcat version 1.0\nfile '{}'\n", "#EXTM3U\n#EXTINF:1,\n{}\n", "file:{}"])
def test_a_playlist_leads_nowhere(desk: Desk, words: str) -> None:
    film, _sha256 = pictures.kept(desk.folder, pictures.film(pictures.greys(5)))
    facts = desk.put(words.format(film).encode())
    assert facts.kind == "text"
    assert refusal(lambda: desk.view("clear")) == "no_reader"
    desk.put(film.read_bytes())
    assert desk.view("clear").width  # the control: the film itself can be read


@pytest.mark.parametrize("film_head", [b"\0\0\0\x18ftypmp42", b"\x1a\x45\xdf\xa3", b"RIFF\0\0\0\0AVI "])
def test_a_playlist_behind_the_first_bytes_of_a_film_is_no_playlist(desk: Desk, film_head: bytes) -> None:
    film, _sha256 = pictures.kept(desk.folder, pictures.film(pictures.greys(5)))
    desk.put(film_head + f"\nffconcat version 1.0\nfile '{film}'\n".encode())
    assert refusal(lambda: desk.view("clear")) in ("bad_file", "no_reader")


def test_two_kinds_in_one_file_are_read_as_the_first_alone(desk: Desk) -> None:
    jpeg = pictures.encoded(Image.new("L", (40, 40), 200), "JPEG")
    page = pictures.pdf("words")
    assert desk.put(jpeg + b"PK\x03\x04" + page).kind == "picture"
    assert abs(desk.view("clear").data[0] - 200) <= 2
    assert desk.reader.text(desk.shield.item) == ""
    assert desk.put(page + jpeg).kind == "document"
    assert desk.put(b"<html>" + jpeg).kind == "other"
    script = b"GIF89a/*" + bytes(20) + b"*/=alert(1)"
    assert desk.put(script).kind == "picture"
    assert refusal(desk.view) in ("bad_file", "too_big")
    inside = jpeg[:2] + b"\xff\xe0" + (len(page) + 2).to_bytes(2, "big") + page + jpeg[2:]
    assert desk.put(inside).kind == "picture"
    assert desk.view("clear").width


def test_a_reader_is_never_chosen_by_trying(desk: Desk) -> None:
    """A PNG that is named a JPEG by its first bytes is not found out by luck."""
    png = pictures.encoded(pictures.photo(), "PNG")
    desk.put(b"\xff\xd8\xff" + png[3:])
    assert refusal(desk.view) == "bad_file"


def materials() -> dict[str, bytes]:
    """A small file of each format that is read."""
    photo = pictures.photo(48, 36)
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "Camera"
    return {
        "jpeg": pictures.encoded(photo, "JPEG", exif=exif, progressive=True),
        "png": pictures.encoded(photo.convert("P"), "PNG"),
        "webp": pictures.moving([photo, pictures.photo(48, 36, 2)], "WEBP"),
        "gif": pictures.moving([photo.convert("P"), pictures.photo(48, 36, 2).convert("P")], "GIF"),
        "mp4": pictures.film(pictures.greys(12, 48, 36), audio=True),
        "matroska": pictures.film(pictures.greys(12, 48, 36), "matroska"),
        "avi": pictures.film(pictures.greys(12, 48, 36), "avi"),
        "mpegts": pictures.film(pictures.greys(12, 48, 36), "mpegts"),
        "pdf": pictures.pdf("Words", "More words"),
    }


@pytest.mark.parametrize("form", sorted(materials()))
def test_mutated_files_give_a_picture_or_a_refusal(desk: Desk, form: str) -> None:
    """Seeded: the same files each time. More of each with ESCALTUI_THOROUGH=1."""
    data, chance = materials()[form], random.Random(form)
    shown, refused, slowest = 0, {}, 0.0
    for turn in range(MUTATIONS):
        changed = pictures.mutated(data, chance)
        begun = time.monotonic()
        try:
            desk.put(changed)
            asks = ask_all(desk)
            for ask in (asks[0], asks[1 + turn % (len(asks) - 1)]):
                ask()
            shown += 1
        except NotShown as error:
            refused[error.code] = refused.get(error.code, 0) + 1
        slowest = max(slowest, time.monotonic() - begun)
        (desk.folder / desk.shield.item).unlink()
        desk.reader.forget(desk.shield.item)
    print(form, "shown", shown, "refused", refused, f"slowest {slowest:.2f} s")
    assert shown + sum(refused.values()) == MUTATIONS
    assert shown
    assert refused
    assert refused.get("died", 0) + refused.get("timeout", 0) <= MUTATIONS // 100
    assert desk.put(data).kind != "other"
    assert desk.view().width, "the reader is well afterwards"
