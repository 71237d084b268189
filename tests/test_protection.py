"""Settings fail closed (SAFETY.md row 21): never looser than the person, the operator or, in doubt, the strictest."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from escaltui import config, config_protection, protection
from escaltui.config_protection import CLOSED
from escaltui.domain.safety_rows import BoundRow
from escaltui.protection import (
    RESTING,
    STRICTEST,
    STRICTEST_BUDGET,
    STRICTEST_MASKS,
    Exposing,
    Masking,
    Resting,
    Shielding,
    effective,
    won,
)
from escaltui.workbench import Workbench
from escaltui.workbench.protecting import bounded

DEFAULTS: dict[str, Any] = {"shield": Shielding(), "masking": Masking(), "exposure": Exposing()}
STRICT: dict[str, Any] = {"shield": STRICTEST, "masking": STRICTEST_MASKS, "exposure": STRICTEST_BUDGET}
SETTINGS = [(section, name) for section, default in DEFAULTS.items() for name in default.__struct_fields__]
GOOD: dict[str, list[tuple[str, Any]]] = {
    "level": [('"curtain"', "curtain"), ('"heavy"', "heavy"), ('"light"', "light")],
    "grey": [("true", True), ("false", False)],
    "peek": [("0", 0.0), ("1", 1.0), ("0.5", 0.5), ("5", 5.0)],
    "peek_repeat": [("0.25", 0.25), ("2", 2.0)],
    "reveal": [("3", 3.0), ("120", 120.0), ("7.5", 7.5)],
    "external_open": [('"ask"', "ask"), ('"never"', "never")],
    "on": [("true", True), ("false", False)],
    "from_severity": [("1", 1), ("3", 3)],
    "languages": [('["de", "fr"]', ("de", "fr")), ("[]", ())],
    "lexicons": [('["~/ours.toml"]', ("~/ours.toml",))],
    "ledger": [('"off"', "off"), ('"local"', "local")],
    "clear_minutes": [("1", 1), ("480", 480)],
    "graphic_looks": [("1", 1), ("1000", 1000)],
    "break_after_minutes": [("480", 480)],
    "interleave": [('"auto"', "auto"), ('"off"', "off")],
}
"""What each setting may be: as it is written, and as it is read."""
WRONG_ANYWHERE = [
    "-1",
    "1e9",
    "nan",
    "-inf",
    '"clear"',
    '"CURTAIN "',
    "2026-01-01",
    "{ a = 1 }",
    "[1]",
    '[["en"]]',
    '""',
]
WRONG = {
    **{name: ["true", '"no"', "[]"] for name in ("peek", "peek_repeat", "reveal", "from_severity", "clear_minutes")},
    "level": ['"clear"', "1", "true", '["heavy"]', '"none"'],
    "grey": ["1", "0", '"false"'],
    "external_open": ["false", '"yes"'],
    "on": ["0", '"off"'],
    "from_severity": ["0", "4", "1.5", "true"],
    "languages": ['"en"', '["English"]', '["en-GB"]', '["en", 1]', "true"],
    "lexicons": ['"a.toml"', "[1]", '[""]'],
    "graphic_looks": ["0", "true", "1001", "2.5"],
    "clear_minutes": ["0", "481", '"15"'],
    "ledger": ["false", '"server"'],
}
STRICTER_FIRST: dict[str, Callable[[Any], Any]] = {
    "level": RESTING.index, "grey": lambda grey: not grey, "peek": float, "peek_repeat": float, "reveal": float,
    "external_open": ["never", "ask"].index, "on": lambda on: not on, "from_severity": int,
}  # fmt: skip
"""How loose a value is, told here without the code under test. Lists are sets: a superset is stricter."""


def looser(one: Any, other: Any) -> list[str]:
    """The settings for which `one` shields less than `other`, which may leave some unset."""
    found = []
    for name in one.__struct_fields__:
        mine, theirs = getattr(one, name), getattr(other, name, None)
        if theirs is None:
            continue
        if name in ("languages", "lexicons"):
            found += [name] if not set(mine) >= set(theirs) else []
        elif name in STRICTER_FIRST:
            found += [name] if STRICTER_FIRST[name](mine) > STRICTER_FIRST[name](theirs) else []
    return found


def load(folder: Path, text: str) -> config.Config:
    folder.mkdir(exist_ok=True)
    (folder / config.FILE).write_text(text, "utf-8")
    return config.load(folder)


def section_of(found: config.Config, section: str) -> Any:
    return getattr(found, section)


# --- the stricter of two

SECONDS = st.floats(0, 120, allow_nan=False)
SHIELDS = st.builds(
    Shielding, level=st.sampled_from(RESTING), grey=st.booleans(), peek=SECONDS, peek_repeat=SECONDS, reveal=SECONDS,
    external_open=st.sampled_from(["ask", "never"]),
)  # fmt: skip
LANGUAGES = st.lists(st.sampled_from(["en", "fr", "de", "es"]), unique=True, max_size=4).map(tuple)
MASKS = st.builds(
    Masking, on=st.booleans(), from_severity=st.integers(1, 3), languages=LANGUAGES,
    lexicons=st.lists(st.sampled_from(["a.toml", "b.toml"]), unique=True).map(tuple),
)  # fmt: skip
BOUNDS = st.builds(
    BoundRow, id=st.sampled_from(["shield", "masking", "sheild"]), level=st.none() | st.sampled_from(RESTING),
    grey=st.none() | st.booleans(), peek=st.none() | SECONDS, peek_repeat=st.none() | SECONDS,
    reveal=st.none() | SECONDS, external_open=st.none() | st.sampled_from(["ask", "never"]),
    on=st.none() | st.booleans(), from_severity=st.none() | st.integers(1, 3), languages=st.none() | LANGUAGES,
)  # fmt: skip


def test_resting_levels_are_all_that_may_be_set_and_clear_is_none() -> None:
    assert set(RESTING) == set(get_args(Resting))
    assert "clear" not in RESTING


@given(SHIELDS | MASKS, BOUNDS)
def test_what_holds_is_never_looser_than_either_side_and_no_stricter_than_both(own: Any, bound: BoundRow) -> None:
    held = effective(own, bound)
    assert looser(held, own) == []
    assert looser(held, bound) == []
    for name in own.__struct_fields__:
        if name not in ("languages", "lexicons"):
            assert getattr(held, name) in (getattr(own, name), getattr(bound, name, None))
    assert effective(held, bound) == held
    assert won(own, held) == {name for name in own.__struct_fields__ if getattr(held, name) != getattr(own, name)}


@given(SHIELDS, MASKS, st.lists(BOUNDS, max_size=3))
def test_every_row_of_a_floor_binds_whatever_it_is_called(
    shield: Shielding, masking: Masking, bounds: list[BoundRow]
) -> None:
    held = bounded(shield, masking, bounds)
    for own, found in zip((shield, masking), held, strict=True):
        assert all(looser(found, each) == [] for each in (own, *bounds))


@pytest.mark.parametrize("name", list(STRICTER_FIRST))
def test_control_a_direction_turned_round_is_caught(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = protection._STRICTER[name]

    def turned(own: Any, bound: Any) -> Any:
        return bound if right(own, bound) == own else own

    monkeypatch.setitem(protection._STRICTER, name, turned)
    own, bound = (Masking(), Masking(on=False, from_severity=3)) if name in ("on", "from_severity") else (
        Shielding(), Shielding("light", False, 3, 3, 60, "never"))  # fmt: skip
    held = effective(own, bound)
    assert looser(held, own) + looser(held, bound) == [name]


# --- one setting at a time


def check_closed(folder: Path, section: str, name: str) -> None:
    """Missing, right, wrong and out of range: what is read is what is meant, or the strictest."""
    default, strict = DEFAULTS[section], STRICT[section]
    assert section_of(load(folder, f"[{section}]\n"), section) == default
    for written, meant in GOOD[name]:
        found = load(folder, f"[{section}]\n{name} = {written}\n")
        assert found.problems == ()
        assert section_of(found, section) == msgspec.structs.replace(default, **{name: meant})
    accepted = [written for written, _ in GOOD[name]]
    for written in {*WRONG_ANYWHERE, *WRONG.get(name, ())} - {*accepted}:
        found = load(folder, f"# settings\n\n[{section}]\n\n{name} = {written}  # so\n")
        assert section_of(found, section) == msgspec.structs.replace(default, **{name: getattr(strict, name)}), written
        (problem,) = found.problems
        assert problem.startswith(f"config.toml:5: {name} must be "), problem
        assert problem.endswith("default in use" if section == "exposure" else "strictest in use")


@pytest.mark.parametrize(("section", "name"), SETTINGS)
def test_each_setting_fails_closed(tmp_path: Path, section: str, name: str) -> None:
    check_closed(tmp_path, section, name)


@pytest.mark.parametrize(("section", "name"), [each for each in SETTINGS if each[0] == "shield"])
def test_control_falling_back_to_looser_values_is_caught(
    tmp_path: Path, section: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    loose = Shielding("light", False, 5, 2, 120, "ask")
    monkeypatch.setitem(config_protection._STRICTEST, "shield", loose)
    with pytest.raises(AssertionError):
        check_closed(tmp_path, section, name)


def test_the_sentence_names_file_line_and_mend(tmp_path: Path) -> None:
    found = load(tmp_path, '[me]\nname = "Ada"\n[ui]\ntheme = "dark"\n\n[shield]\nlevel = "clear"\ngrey = true\n')
    assert found.problems == ("config.toml:7: level must be curtain, heavy or light; strictest in use",)
    assert found.shield.level == "curtain"
    assert (found.shield.grey, found.shield.reveal, found.me.name) == (True, 20.0, "Ada")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('shield = { grey = true, level = "clear" }', 1),
        ('shield.grey = true\nshield.level = "clear"', 2),
        ('[store]\nfolder = """\n[shield]\nlevel = 1\n"""\n[shield]\nlevel = 2', 7),
        ('[masking]\nlanguages = [\n  "en",\n  # level = 1\n]\n[shield]\n"level" = 2', 7),
        ("[shield]\r\ngrey = true\r\nlevel = 2\r\n", 3),
        ("[ shield ]\ngrey = true  \n\n   level   =   2", 4),
        ("[keys]\nnote = '[shield]'\n[shield]\nlevel = [\n 1,\n]\n", 4),
    ],
)
def test_the_line_is_right_however_it_is_written(tmp_path: Path, text: str, line: int) -> None:
    found = load(tmp_path, text)
    assert [each for each in found.problems if f"config.toml:{line}: level must be " in each], found.problems
    assert found.shield == msgspec.structs.replace(Shielding(), level="curtain")


# --- whole sections and the whole file


@pytest.mark.parametrize(
    ("text", "section", "words"),
    [
        (
            '[shield]\nlvel = "light"\ngrey = false',
            "shield",
            "config.toml:2: no setting lvel in [shield]; known: level",
        ),
        ("[masking]\nseverity = 3\non = false", "masking", "config.toml:2: no setting severity in [masking]"),
        ("[exposure]\nbudget = 3\nledger = 'off'", "exposure", "config.toml:2: no setting budget in [exposure]"),
        ("shield = 3", "shield", "config.toml:1: shield must be a section: write [shield]"),
        ('shield = "light"', "shield", "config.toml:1: shield must be a section"),
        ("[[shield]]\ngrey = false", "shield", "config.toml:1: shield must be a section"),
        ("[ui]\n[sheild]\ngrey = false", "shield", "config.toml:2: no section [sheild]; did you mean [shield]?"),
        ("[Shield]\ngrey = false", "shield", "config.toml:1: no section [Shield]; did you mean [shield]?"),
        ("[mask]\non = false", "masking", "no section [mask]"),
    ],
)
def test_what_nobody_can_read_gives_the_strictest_of_its_section(
    tmp_path: Path, text: str, section: str, words: str
) -> None:
    found = load(tmp_path, text)
    assert section_of(found, section) == STRICT[section]
    assert any(words in problem for problem in found.problems), found.problems
    others = [each for each in DEFAULTS if each != section]
    assert [section_of(found, each) for each in others] == [DEFAULTS[each] for each in others]


def closed(found: config.Config) -> bool:
    return (found.shield, found.masking, found.exposure) == CLOSED[:3] and bool(found.problems)


@pytest.mark.parametrize(
    "content",
    [b"[shield", b'\xff\xfe[shield]\nlevel = "light"', b"[shield]\ngrey = false\n[shield]\n", b"a = " + b"[" * 100_000,
     b"[shield]\nreveal = " + b"9" * 5000, b"\0"],
)  # fmt: skip
def test_a_file_that_is_no_toml_gives_the_strictest(tmp_path: Path, content: bytes) -> None:
    (tmp_path / config.FILE).write_bytes(content)
    found = config.load(tmp_path)
    assert closed(found)
    assert found.exists


def test_a_file_that_cannot_be_read_gives_the_strictest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / config.FILE).mkdir()
    assert closed(config.load(tmp_path))
    assert "strictest" in config.load(tmp_path).problems[0]
    (tmp_path / "file").touch()
    assert closed(config.load(tmp_path / "file"))

    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refused)
    assert closed(config.load(tmp_path))


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    found = config.load(tmp_path)
    assert (found.shield, found.masking, found.exposure, found.problems) == (*DEFAULTS.values(), ())


TOML = st.recursive(
    st.sampled_from(["1", "0", "-3", "0.5", "nan", "true", "false", '"clear"', '"heavy"', '"never"', "'en'", "[]",
                     "07:32:00", '["en"]', '"""x"""']),
    lambda inner: st.lists(inner, max_size=2).map(lambda each: f"[{', '.join(each)}]"), max_leaves=4,
)  # fmt: skip


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.dictionaries(st.sampled_from([*GOOD, "shown"]), TOML, max_size=4), st.sampled_from(list(DEFAULTS)))
def test_whatever_is_written_is_meant_or_the_strictest(tmp_path: Path, written: dict[str, str], section: str) -> None:
    found = load(tmp_path, f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in written.items()))
    held, strict = section_of(found, section), STRICT[section]
    if set(written) - set(held.__struct_fields__):
        assert held == strict
        return
    for name in held.__struct_fields__:
        meant = [value for text, value in GOOD[name] if text == written.get(name)]
        got = getattr(held, name)
        if name not in written:
            assert got == getattr(DEFAULTS[section], name)
        elif not meant and got != getattr(strict, name):
            assert msgspec.json.decode(written[name].replace("'", '"')) == (list(got) if type(got) is tuple else got)


# --- own and operator's, from their files

FLOOR = (
    '[floor]\nshield = { level = "curtain", reveal = 5, external_open = "never" }\nmasking = { languages = ["de"] }\n'
)


def desk(folder: Path, own: str = "", **rules: str) -> Workbench:
    (folder / "settings" / "rules").mkdir(parents=True, exist_ok=True)
    for name, text in rules.items():
        (folder / "settings" / "rules" / f"{name}.toml").write_text(text, "utf-8")
    return Workbench.open(folder / "store", config=load(folder / "settings", own))


def test_without_a_floor_ones_own_settings_hold(tmp_path: Path) -> None:
    with desk(tmp_path, '[shield]\nlevel = "light"\nreveal = 60\n[masking]\non = false\n') as bench:
        assert (bench.shielding.level, bench.shielding.reveal, bench.masks.on) == ("light", 60.0, False)
        assert bench.protection.operator == frozenset()
        assert bench.protection is bench.protection


def test_the_operators_floor_binds_and_it_is_told_which_won(tmp_path: Path) -> None:
    with desk(
        tmp_path, '[shield]\nlevel = "light"\nreveal = 3\n[masking]\nlanguages = ["fr"]\n', safety=FLOOR
    ) as bench:
        held = bench.protection
        assert (held.shield.level, held.shield.reveal, held.shield.external_open) == ("curtain", 3.0, "never")
        assert held.masking.languages == ("fr", "de")
        assert held.operator == {"level", "external_open", "languages"}
        assert held.told()["set_by_operator"] == ["external_open", "languages", "level"]
        assert held.told()["shield"]["level"] == "curtain"


@pytest.mark.parametrize(
    "safety",
    [
        '[floor]\nshield = { level = "clear" }\n',
        '[floor]\nshield = { lvl = "curtain" }\n',
        "[flor]\nshield = { grey = true }\n",
        "[seal.suspected]\nhashes = ['x']\n",
        "not toml",
    ],
)
def test_a_faulty_safety_file_of_the_team_means_the_strictest(tmp_path: Path, safety: str) -> None:
    with desk(tmp_path, '[shield]\nlevel = "light"\n[masking]\nlanguages = ["de"]\n', safety=safety) as bench:
        assert bench.shielding == STRICTEST
        assert looser(bench.masks, STRICTEST_MASKS) == []
        assert "de" in bench.masks.languages
        assert "strictest" in bench.protection.problems[0]
        assert any("safety.toml" in problem for problem in bench.problems)


def test_a_fault_elsewhere_takes_no_floor_away(tmp_path: Path) -> None:
    with desk(tmp_path, '[shield]\nlevel = "light"\n', safety=FLOOR, sla="[row]\nx = 3\n") as bench:
        assert (bench.shielding.level, bench.shielding.external_open) == ("curtain", "never")
        assert bench.rules.bounds == {}  # the packaged rules are in use
    with desk(tmp_path / "none", '[shield]\nlevel = "light"\n', sla="[row]\nx = 3\n") as bench:
        assert bench.shielding.level == "light"


def test_a_misspelt_row_of_the_floor_binds(tmp_path: Path) -> None:
    with desk(tmp_path, '[shield]\nlevel = "light"\n', safety='[floor]\nsheild = { level = "heavy" }\n') as bench:
        assert bench.shielding.level == "heavy"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read anywhere")
def test_a_closed_rules_folder_means_the_strictest(tmp_path: Path) -> None:
    made = desk(tmp_path, safety=FLOOR)
    rules = tmp_path / "settings" / "rules"
    rules.chmod(0)
    try:
        with made as bench:
            assert bench.shielding == STRICTEST
    finally:
        rules.chmod(0o700)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    st.dictionaries(st.sampled_from(list(DEFAULTS["shield"].__struct_fields__)), TOML, max_size=3),
    st.dictionaries(st.sampled_from([*DEFAULTS["shield"].__struct_fields__, "lvl"]), TOML, max_size=2),
)
def test_files_of_both_are_never_looser_than_either(
    tmp_path_factory: pytest.TempPathFactory, own: dict[str, str], floor: dict[str, str]
) -> None:
    folder = tmp_path_factory.mktemp("both")
    mine = "[shield]\n" + "".join(f"{name} = {value}\n" for name, value in own.items())
    theirs = "[floor.shield]\n" + "".join(f"{name} = {value}\n" for name, value in floor.items())
    with desk(folder, mine, safety=theirs) as bench:
        assert looser(bench.shielding, bench.config.shield) == []
        faulty = any("safety.toml" in problem for problem in bench.problems)
        bound = STRICTEST if faulty else bench.rules.bounds.get("shield", BoundRow(id="shield"))
        assert looser(bench.shielding, bound) == []
