"""[store] of config.toml: a store is never plain by mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

from escaltui import config


@pytest.mark.parametrize(
    ("text", "encrypt", "problem"),
    [
        ("", "off", ""),
        ('[store]\nfolder = "/x"', "off", ""),
        ('# encrypt = "keyring"\n[store]', "off", ""),
        ('[store]\nencrypt = "off"', "off", ""),
        ('[store]\nencrypt = "keyring"', "keyring", ""),
        ('store.encrypt = "passphrase"', "passphrase", ""),
        ('[store]\nencrypt = "Keyring"', "unknown", "Until then no store is made."),
        ("[store]\nencrypt = true", "unknown", "Until then no store is made."),
        ("[store]\nencypt = true", "unknown", "encypt: no such setting. Known: folder, encrypt."),
        ('encrypt = "keyring"', "unknown", "no section [encrypt]"),
        ('[ui]\nencrypt = "keyring"', "unknown", "Until then no store is made."),
        ('[store]\nencrypt = "keyring', "unknown", "is not TOML"),
        ("[store", "off", "is not TOML"),
        ('[store]\nencrypt = "keyring"\nfolder = 3', "keyring", "[store] folder must be text in quotes"),
    ],
)
def test_how_a_store_is_encrypted(tmp_path: Path, text: str, encrypt: str, problem: str) -> None:
    (tmp_path / "config.toml").write_text(text, "utf-8")
    found = config.load(tmp_path)
    assert found.encrypt == encrypt
    assert problem in " ".join(found.problems)
    assert bool(found.problems) == bool(problem)


def test_settings_that_cannot_be_read_make_no_plain_store(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    assert config.load(tmp_path).encrypt == "unknown"
