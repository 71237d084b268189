"""The README tells the truth: its key table, its pictures, its commands."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

from escaltui.commands import parser

REPOSITORY = Path(__file__).resolve().parent.parent
README = (REPOSITORY / "README.md").read_text("utf-8")


def test_the_key_table_is_that_of_today():
    tool = runpy.run_path(str(REPOSITORY / "tools" / "readme.py"))
    assert tool["written"](README) == README, "run: make pictures"
    assert README.count("| `n` |") == 1


def test_every_picture_is_there_and_fetches_nothing():
    named = re.findall(r"!\[[^]]*\]\((docs/[^)]+)\)", README)
    assert len(named) >= 5
    for name in named:
        picture = (REPOSITORY / name).read_text("utf-8")
        assert picture.startswith("<svg")
        assert "@font-face" not in picture


def test_every_command_it_names_is_one():
    known = set(parser.build("").format_help().split())
    named = set(re.findall(r"escaltui ([a-z]{2,})", README))
    assert named - known - {"and", "gives"} == set()
