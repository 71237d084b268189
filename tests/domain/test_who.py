"""Who is on call: by team, country and instant; and the rota file with its faults."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from desk import DAY, HOUR, PACKAGED
from hypothesis import given
from hypothesis import strategies as st

from escaltui import demo, rota
from escaltui.demo.people import people
from escaltui.domain import who
from escaltui.domain.who import Shift

PARIS = ZoneInfo("Europe/Paris")
ROTA = """
zone = "Europe/Paris"
[[shift]]
team = "legal"
person = "K. Osei"
login = "kosei"
call = "+33 1 00 00 00 00"
region = "eu"
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "08:00-22:00"
[[shift]]
team = "legal"
person = "N. Night"
region = "eu"
days = ["mon", "tue", "wed", "thu", "fri"]
hours = "22:00-08:00"
[[shift]]
team = "legal"
person = "D. Baum"
region = "DE"
days = ["mon"]
hours = "09:00-17:00"
zone = "Europe/Berlin"
[[shift]]
team = "legal"
person = "W. World"
zone = "UTC"
hours = "00:00-24:00"
[[shift]]
team = "legal"
person = "S. Swap"
region = "eu"
from = "2026-06-03 12:00"
until = "2026-06-03 14:00"
"""


def at(text: str, zone: ZoneInfo = PARIS) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()) * 1000


def written(folder: Path, text: str) -> tuple[Shift, ...]:
    (folder / rota.FILE).write_text(text, "utf-8")
    return rota.load(folder, PACKAGED)


@pytest.fixture
def shifts(tmp_path: Path) -> tuple[Shift, ...]:
    return written(tmp_path, ROTA)


def person(shifts: tuple[Shift, ...], team: str, country: str, moment: int) -> str:
    found = who.on_call(team, country, moment, PACKAGED, shifts)
    return found.person if found else ""


@pytest.mark.parametrize(
    ("moment", "country", "wanted"),
    [
        ("2026-06-01 08:00", "FR", "K. Osei"),  # a Monday
        ("2026-06-01 07:59", "FR", "W. World"),  # the night shift of Sunday does not exist
        ("2026-06-01 22:00", "FR", "N. Night"),
        ("2026-06-02 07:59", "FR", "N. Night"),  # past midnight
        ("2026-06-06 07:59", "FR", "N. Night"),  # Friday's night ends on Saturday
        ("2026-06-06 08:00", "FR", "W. World"),
        ("2026-06-01 10:00", "DE", "D. Baum"),  # the country before its group
        ("2026-06-01 17:00", "DE", "K. Osei"),
        ("2026-06-01 10:00", "de", "D. Baum"),
        ("2026-06-01 10:00", "US", "W. World"),  # everywhere
        ("2026-06-01 10:00", "", "W. World"),
        ("2026-06-03 12:00", "FR", "S. Swap"),  # the dated one stands for the weekly one
        ("2026-06-03 11:59", "FR", "K. Osei"),
        ("2026-06-03 14:00", "FR", "K. Osei"),
    ],
)
def test_on_call(shifts: tuple[Shift, ...], moment: str, country: str, wanted: str) -> None:
    assert person(shifts, "legal", country, at(moment)) == wanted


def test_all_that_is_told_of_somebody_on_call(shifts: tuple[Shift, ...]) -> None:
    found = who.on_call("legal", "FR", at("2026-06-01 15:00"), PACKAGED, shifts)
    assert found == who.OnCall(
        "legal", "K. Osei", "kosei", "+33 1 00 00 00 00", "eu", at("2026-06-01 08:00"), at("2026-06-01 22:00")
    )
    swapped = who.on_call("legal", "FR", at("2026-06-03 10:00"), PACKAGED, shifts)
    assert swapped is not None
    assert swapped.until == at("2026-06-03 12:00")  # where the dated shift begins


def test_nobody_on_call_and_who_comes_next(shifts: tuple[Shift, ...]) -> None:
    alone = tuple(shift for shift in shifts if shift.person == "K. Osei")
    saturday = at("2026-06-06 12:00")
    assert who.on_call("legal", "FR", saturday, PACKAGED, alone) is None
    following = who.next_on_call("legal", "FR", saturday, PACKAGED, alone)
    assert following is not None
    assert (following.person, following.since) == ("K. Osei", at("2026-06-08 08:00"))
    assert who.on_call("comms", "FR", saturday, PACKAGED, shifts) is None
    assert who.next_on_call("legal", "US", saturday, PACKAGED, alone) is None


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-28", 9), ("2026-10-24", 11), ("2026-05-30", 10)],
)
def test_a_night_over_a_change_of_the_clocks_is_as_long_as_it_is(tmp_path: Path, day: str, hours: int) -> None:
    shifts = written(tmp_path, ROTA.replace('["mon", "tue", "wed", "thu", "fri"]', '["sat"]'))
    found = who.on_call("legal", "FR", at(f"{day} 23:00"), PACKAGED, shifts)
    assert found is not None
    assert (found.person, found.until - found.since) == ("N. Night", hours * HOUR)


@given(st.integers(at("2026-01-01 00:00"), at("2027-12-31 00:00")), st.integers(0, 23), st.integers(0, 23))
def test_two_shifts_that_share_a_day_leave_no_gap_and_never_meet(moment: int, opens: int, closes: int) -> None:
    days = who.DAYS
    one = Shift(team="t", person="a", zone="Europe/Paris", days=days, opens=opens * 60, closes=closes * 60)
    two = Shift(team="t", person="b", zone="Europe/Paris", days=days, opens=closes * 60, closes=opens * 60)
    inside = [s.person for s in (one, two) for a, b in who.stretches(s, moment - DAY, moment + DAY) if a <= moment < b]
    assert inside == (["a", "b"] if opens == closes else inside[:1])
    assert len(inside) >= 1


def test_no_file_is_no_rota(tmp_path: Path) -> None:
    assert rota.load(tmp_path, PACKAGED) == ()
    assert rota.load_or_none(PACKAGED, tmp_path) == ((), ())


WEEKLY = '[[shift]]\nteam = "legal"\nperson = "K"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (WEEKLY.replace("legal", "legla") + 'hours = "08:00-22:00"\n', 'rota.toml:1: no team "legla"; did you mean'),
        (WEEKLY + 'hours = "8-22"\n', "hours must be times of day"),
        (WEEKLY + 'hours = "08:00-25:00"\n', "hours must be times of day"),
        (WEEKLY + 'hours = "08:00-22:00"\ndays = ["monday"]\n', "days must be out of mon tue"),
        (WEEKLY + 'hours = "08:00-22:00"\nzone = "Mars/Base"\n', 'zone "Mars/Base" is not known'),
        (WEEKLY + 'hours = "08:00-22:00"\nregion = "euu"\n', 'region "euu" is neither'),
        (WEEKLY + 'hours = "08:00-22:00"\nphone = "1"\n', 'no field "phone"'),
        (WEEKLY + "hours = 8\n", "hours must be a text in quotes"),
        (WEEKLY, "a shift needs days and hours, or from and until"),
        (WEEKLY + 'from = "2026-06-01 08:00"\n', "a shift needs days and hours, or from and until"),
        (WEEKLY + 'from = "2026-06-01"\nuntil = "2026-06-02 08:00"\n', "from must be a date and time"),
        (WEEKLY + 'from = "2026-02-30 08:00"\nuntil = "2026-03-02 08:00"\n', "from must be a date and time"),
        (WEEKLY + 'from = "2026-06-02 08:00"\nuntil = "2026-06-01 08:00"\n', "until must be after from"),
        (
            WEEKLY + 'zone = "Europe/Paris"\nfrom = "2026-03-29 02:30"\nuntil = "2026-03-30 08:00"\n',
            "does not exist in Europe/Paris, where the clocks go forward",
        ),
        (WEEKLY + 'hours = "08:00-22:00"\nfrom = "2026-06-02 08:00"\n', "not both"),
        ('[[shift]]\nteam = "legal"\nhours = "08:00-22:00"\n', "person is missing"),
        ("[[shifts]]\nteam = 1\n", 'no table "shifts" here; did you mean "shift"?'),
        ("zone = [", "is no TOML here"),
        (WEEKLY + 'hours = "08:00-22:00"\n' + WEEKLY + 'hours = "21:00-02:00"\n', "rota.toml:5: this shift of legal"),
        (
            WEEKLY + 'hours = "22:00-08:00"\ndays = ["sun"]\n' + WEEKLY + 'hours = "07:00-09:00"\ndays = ["mon"]\n',
            "overlaps the one of line 1",
        ),
        (
            WEEKLY + 'from = "2026-06-01 08:00"\nuntil = "2026-06-02 08:00"\n'
            + WEEKLY + 'from = "2026-06-02 07:00"\nuntil = "2026-06-03 08:00"\n',
            "overlaps the one of line 1",
        ),
    ],
)  # fmt: skip
def test_each_fault_is_told_with_its_line_and_mend(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(rota.RotaFault) as fault:
        written(tmp_path, text)
    assert any(said in sentence for sentence in fault.value.faults), fault.value.faults
    shifts, faults = rota.load_or_none(PACKAGED, tmp_path)
    assert (shifts, len(faults)) == ((), len(fault.value.faults))


def test_all_faults_are_told_at_once_and_shifts_that_touch_are_none(tmp_path: Path) -> None:
    text = WEEKLY + 'hours = "8"\n' + WEEKLY + 'hours = "9"\n'
    with pytest.raises(rota.RotaFault) as fault:
        written(tmp_path, text)
    assert [sentence.partition(": ")[0] for sentence in fault.value.faults] == ["rota.toml:1", "rota.toml:5"]
    assert len(written(tmp_path, WEEKLY + 'hours = "08:00-20:00"\n' + WEEKLY + 'hours = "20:00-08:00"\n')) == 2


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / rota.FILE).write_bytes(b"\xff\xfe")
    assert "save it as UTF-8" in rota.load_or_none(PACKAGED, tmp_path)[1][0]


def test_the_first_folder_with_a_rota_is_read(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
    (there / rota.FILE).write_text(WEEKLY + 'hours = "08:00-20:00"\n', "utf-8")
    assert rota.load_or_none(PACKAGED, here, there) == (rota.load(there, PACKAGED), ())
    (here / rota.FILE).write_text("", "utf-8")
    assert rota.load_or_none(PACKAGED, here, there) == ((), ())


def test_the_demo_desks_rota_is_sound_and_always_has_counsel_for_europe() -> None:
    shifts = rota.load(Path(demo.__file__).parent / "data", PACKAGED)
    logins = {each.name for each in people()}
    assert {shift.login for shift in shifts} - {""} <= logins
    assert all(who.on_call("legal", "DE", at("2026-06-01 00:30") + n * HOUR, PACKAGED, shifts) for n in range(24 * 7))
