"""Settings: what is bad keeps its default and says how to mend it; nothing crashes; [me] is written safely."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escaltui import config


def load(folder: Path, text: str) -> config.Config:
    (folder / config.FILE).write_text(text, "utf-8")
    return config.load(folder)


def test_no_file_is_no_problem(tmp_path: Path) -> None:
    found = config.load(tmp_path)
    assert found == config.Config(tmp_path)
    assert not found.exists


def test_good_mail_settings_are_taken(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        '[mail]\nhost = "mail.example.org"\nport = 465\nsecurity = "tls"\nsender = "desk@example.org"\n'
        'username = "desk"\npassword_variable = "OURS"\ntimeout = 5\n[webhook]\nurl = "https://hooks.example.org"\n',
    )
    assert found.problems == ()
    assert found.mail == config.Mail("mail.example.org", 465, "desk@example.org", "tls", "desk", "OURS", 5)
    assert found.webhook == config.Webhook("https://hooks.example.org")


def test_good_settings_are_taken(tmp_path: Path) -> None:
    found = load(
        tmp_path,
        '[me]\nname = "R. Marin"\nlanguages = ["en", "fr"]\n[ui]\ntheme = "light"\nlanguage = "fr"\nmouse = true\n'
        '[store]\nfolder = "/somewhere"\n[keys]\nnote = "F"\n',
    )
    assert (found.me.name, found.me.languages) == ("R. Marin", ("en", "fr"))
    assert (found.ui.theme, found.ui.language, found.ui.mouse) == ("light", "fr", True)
    assert found.store == "/somewhere"
    assert found.keys == {"note": "F"}
    assert found.problems == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[ui]\ntheme = "pink"', '[ui] theme must be one of "dark", "light", "mono". Using "dark".'),
        ("[ui]\nmouse = 1", "[ui] mouse must be true or false. Using false."),
        ("[me]\nname = 3", "[me] name must be text in quotes"),
        ('[me]\nlanguages = "en"', '[me] languages must be a list of texts, such as ["en", "fr"]'),
        ("[me]\nlanguages = [1]", "[me] languages must be a list of texts"),
        ("[ui]\ncolour = 1", "no such setting. Known: theme, language, mouse, ascii."),
        ("ui = 3", "ui must be a section: write [ui]"),
        (
            "[uii]",
            "no section [uii]. Known: me, ui, store, keys, mail, webhook, remote, policy, connector, shield, masking,",
        ),
        ("[mail]\nport = 0", "[mail] port must be from 1 to 65535. Using 587."),
        ('[mail]\nport = "25"', "[mail] port must be a whole number. Using 587."),
        ("[mail]\nport = true", "[mail] port must be a whole number. Using 587."),
        ('[mail]\nsecurity = "ssl"', '[mail] security must be one of "none", "starttls", "tls". Using "starttls".'),
        ('[mail]\npassword = "x"', "[mail] password: no such setting."),
        ("[webhook]\ntimeout = 9000", "[webhook] timeout must be from 1 to 60. Using 10."),
        ("[store]\nfolder = 3", "[store] folder must be text in quotes"),
        ('[keys]\nnote = "n"', "n is already next. Kept c."),
        ("[ui", "is not TOML"),
    ],
)
def test_a_bad_value_keeps_its_default_and_names_file_key_and_mend(tmp_path: Path, text: str, words: str) -> None:
    found = load(tmp_path, text)
    assert (found.me, found.ui, found.keys) == (config.Me(), config.Ui(), {})
    assert (found.mail, found.webhook) == (config.Mail(), config.Webhook())
    assert words in found.problems[0]
    assert str(tmp_path) in found.problems[0]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=80))
def test_no_file_content_raises(tmp_path: Path, content: bytes) -> None:
    (tmp_path / config.FILE).write_bytes(content)
    assert config.load(tmp_path).folder == tmp_path


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], max_codepoint=0xFFFF), min_size=1, max_size=40))
def test_any_name_comes_back_as_it_was_written(tmp_path: Path, name: str) -> None:
    assert config.write_me(name, ("en",), tmp_path).me == config.Me(name, ("en",))


def test_writing_me_keeps_the_other_sections(tmp_path: Path) -> None:
    load(tmp_path, '[ui]\ntheme = "light"\n[me]\nname = "old"\n[keys]\nnote = "F"\n')
    found = config.write_me('R. "M" Marin', (), tmp_path)
    assert found.me.name == 'R. "M" Marin'
    assert found.ui.theme == "light"
    assert found.keys == {"note": "F"}
    assert found.problems == ()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write anywhere")
def test_a_closed_folder_gives_a_sentence(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(config.ConfigError, match="Make the folder writable"):
        config.write_me("R. Marin", (), tmp_path)


def test_a_file_in_place_of_the_folder_gives_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(config.ConfigError, match="Your name could not be kept"):
        config.write_me("R. Marin", (), tmp_path / "file")


def test_the_folder_comes_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.FOLDER_VARIABLE, str(tmp_path))
    assert config.default_folder() == tmp_path


def test_the_variable_may_name_the_file_in_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(config.FOLDER_VARIABLE, str(tmp_path / config.FILE))
    assert config.default_folder() == tmp_path


def test_no_color_asks_for_mono(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert config.Config(tmp_path).theme == "dark"
    monkeypatch.setenv("NO_COLOR", "1")
    assert config.Config(tmp_path).theme == "mono"
