"""`[ui] ascii = true`: every screen in ASCII and accented letters, each sign as wide as the one it stands for."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len

from escaltui import config
from escaltui.app import EscaltuiApp
from escaltui.config import Config, Me, Ui
from escaltui.widgets.ascii import SIGNS, in_ascii

from .conftest import text_of
from .gallery import opened, walk
from .test_overflow import sheets


def drawing(text: str) -> set[str]:
    """Signs beyond ASCII, letters of any script aside."""
    return {sign for sign in text if not sign.isascii() and not unicodedata.category(sign).startswith(("L", "M"))}


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_every_screen_is_drawn_in_ascii(noon_desk: Path, tmp_path: Path, language: str) -> None:
    bench, app = opened(noon_desk, tmp_path, language=language)
    plain = EscaltuiApp(bench, msgspec.structs.replace(app.settings, ui=Ui(language=language, ascii=True)))
    found = {}
    async for stop in walk(plain, sheets()):
        rows = text_of(plain)
        assert [cell_len(row) for row in rows] == [80] * 24
        if beyond := drawing("".join(rows)):
            found[stop] = beyond
    bench.close()
    assert found == {}


async def test_lines_are_drawn_as_lines_without_it(noon_desk: Path, tmp_path: Path) -> None:
    bench, app = opened(noon_desk, tmp_path)
    async for _stop in walk(app, [("case", ("n",))]):
        assert {"─", "│"} <= drawing("".join(text_of(app)))
    bench.close()


def test_each_sign_is_as_wide_as_what_it_stands_for() -> None:
    for code, plain in SIGNS.items():
        assert (plain.isascii(), cell_len(plain)) == (True, cell_len(chr(code))), chr(code)
    assert in_ascii("§ 0:47 │ é 東 …") == "S 0:47 | é 東 >"


@pytest.mark.parametrize(("encoding", "ascii_alone"), [("UTF-8", False), ("utf8", False), ("ISO-8859-15", True)])
def test_a_locale_without_utf_8_is_drawn_in_ascii(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, ascii_alone: bool
) -> None:
    monkeypatch.setattr("locale.getencoding", lambda: encoding)
    (tmp_path / "config.toml").write_text('[me]\nname = "rmarin"\n')
    assert config.load(tmp_path) == Config(tmp_path, me=Me("rmarin"), ui=Ui(ascii=ascii_alone), exists=True)
