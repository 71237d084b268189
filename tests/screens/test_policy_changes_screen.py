"""What changed, by keyboard: the list, the words side by side and under each other, acknowledging, what rests on it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from casebench import app_on, burst, open_case, press, settle, shown, workbench
from payloads import PAYLOADS, raw_in

from escaltui.domain.changes import Refused
from escaltui.policy import diff
from escaltui.reading_faces import WordsFace
from escaltui.safety.text import block
from escaltui.screens import policy_diff_rows
from escaltui.screens.case import CaseScreen
from escaltui.screens.policy import PolicyScreen
from escaltui.screens.policy_changes import ChangesScreen
from escaltui.screens.policy_diff import DiffScreen
from escaltui.screens.policy_diff_rows import beside, pairs, under
from escaltui.screens.queue import QueueScreen
from escaltui.widgets.passage import Passage
from escaltui.widgets.say import pair, plain
from escaltui.workbench import Workbench

OLD = """# Orders

## Court orders {#court}

We follow a court order at once. A court order names the items and the law.

It is kept for a year.

## Praise of attacks {#praise}

We remove content that presents an attack as admirable.
"""
NEW = "+++\nmust_ack = true\nack_by = 2026-05-01\n+++\n" + OLD.replace("at once", "once it has been checked")
SIZES = [(80, 24), (120, 36), (160, 40)]


def take_in(bench: Workbench, folder: Path, document: str = "orders", **versions: str) -> None:
    (folder / document).mkdir(parents=True, exist_ok=True)
    for name, text in versions.items():
        (folder / document / f"{name[1:].replace('_', '-')}.md").write_text(text)
    bench.import_policies(folder)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Workbench]:
    with workbench(tmp_path) as bench:
        take_in(bench, tmp_path / "texts", v2024_01_10=OLD)
        bench.policy_changes()
        take_in(bench, tmp_path / "texts", v2026_01_29=NEW)
        yield bench


@pytest.mark.parametrize("size", SIZES)
async def test_from_the_list_to_the_words_and_acknowledged(bench: Workbench, size: tuple[int, int]) -> None:
    async with app_on(bench, size) as pilot:
        await press(pilot, "p", "tab", "D")
        assert isinstance(pilot.app.screen, ChangesScreen)
        assert "1 section unread" in shown(pilot)
        first = next(row for row in shown(pilot).splitlines() if "2026-01-29" in row)
        assert "N 2026-01-29" in first
        assert "over since 2026-05-01" in shown(pilot)
        assert "1 has not acknowledged: kosei" in shown(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, DiffScreen)
        assert "changed" in shown(pilot)
        await press(pilot, "enter")
        words = shown(pilot)
        if size[0] >= 150:
            row = next(row for row in words.splitlines() if "at once" in row)
            assert "once it has been checked" in row, "side by side"
        else:
            assert "at once" in words
            assert "once it has been" in words
        assert "0 open and 0 decided cases rest" in words
        assert bench.policy_unread() == 0, "to have it before one is to read it"
        await press(pilot, "A")
        assert "Acknowledged: orders 2026-01-29." in shown(pilot)
        while isinstance(pilot.app.screen, DiffScreen):
            await press(pilot, "escape")
        assert "all read" in shown(pilot)
        assert "acknowledged" in shown(pilot)
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, PolicyScreen)


async def test_versions_are_walked(bench: Workbench) -> None:
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "p", "tab", "D", "enter", "[")
        assert "nothing to 2024-01-10" in shown(pilot)
        assert "added" in shown(pilot)
        await press(pilot, "]")
        assert "2024-01-10 to 2026-01-29" in shown(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_any_two_versions_are_compared(bench: Workbench, tmp_path: Path, size: tuple[int, int]) -> None:
    take_in(bench, tmp_path / "texts", v2026_04_01=NEW.replace("for a year", "for two years"))
    async with app_on(bench, size) as pilot:
        await press(pilot, "p", "tab", "D", "enter")
        assert "2026-01-29 to 2026-04-01" in shown(pilot)
        await press(pilot, "D", "1")
        assert "2024-01-10 to 2026-04-01" in shown(pilot)
        await press(pilot, "enter")
        words = shown(pilot)
        assert "at once" in words
        assert "two years" in words
        await press(pilot, "[")
        assert "2024-01-10 to 2026-01-29" in shown(pilot)
        await press(pilot, "D", "1")
        assert "2026-01-29 to 2026-04-01" in shown(pilot), "the older one first"


async def test_the_cases_that_rest_on_it_are_marked_and_get_a_task(bench: Workbench) -> None:
    old, new = open_case(bench, "Old words"), open_case(bench, "New words")
    for case, version in ((old, "2024-01-10"), (new, "2026-01-29")):
        assert not isinstance(bench.cite(case, "court", version), Refused)
    ref = bench.case(old).line.ref  # type: ignore[union-attr]
    async with app_on(bench, (120, 36)) as pilot:
        await press(pilot, "p", "tab", "D", "enter", "enter")
        assert "1 open and 0 decided cases rest" in shown(pilot)
        await press(pilot, "=")
        assert ref in shown(pilot)
        assert bench.case(new).line.ref not in shown(pilot)  # type: ignore[union-attr]
        await press(pilot, "down", "enter")
        assert "1 task added, 0 refused." in shown(pilot)
        assert [task.title.value for task in bench.my_tasks(None)] == ["Check again: court reads differently now"]
        await press(pilot, "=", "enter")
        assert isinstance(pilot.app.screen, QueueScreen)
        assert pilot.app.screen.listing.marks == {old}
        await press(pilot, "p", "tab", "D", "enter", "enter", "=", "down", "down", "enter")
        assert isinstance(pilot.app.screen, CaseScreen)


async def test_look_up_for_a_case_leaves_the_changes(bench: Workbench) -> None:
    open_case(bench)
    async with app_on(bench) as pilot:
        await press(pilot, "p", "tab", "D", "g", "q", "n", "p")
        assert isinstance(pilot.app.screen, PolicyScreen)


async def test_keys_in_one_burst_act_in_order(bench: Workbench) -> None:
    async with app_on(bench) as pilot:
        await press(pilot, "p", "tab")
        await burst(pilot, "D", "A")
        assert bench.policy_changes()[-1].acked or bench.policy_changes()[0].acked


async def test_words_that_were_opened_are_collected_and_written_down(bench: Workbench) -> None:
    written: list[Any] = []
    kept = bench.read_sections
    bench.read_sections = lambda sections: written.append(dict(sections)) or kept(sections)  # type: ignore[method-assign,func-returns-value]
    async with app_on(bench) as pilot:
        await press(pilot, "p", *"court order", "enter", "[", "]", "escape")
        screen = pilot.app.get_screen_stack("policy")[0] if hasattr(pilot.app, "get_screen_stack") else None
        found = screen if screen is not None else pilot.app.screen
        assert isinstance(found, PolicyScreen)
        found._write_down()
        await settle(pilot)
    assert [each.keys() for each in written if each] == [{"court"}], "once, and not the older words"
    assert bench.policy_unread() == 0


async def test_an_empty_library_says_so(tmp_path: Path) -> None:
    with workbench(tmp_path) as bench:
        async with app_on(bench) as pilot:
            await press(pilot, "p", "tab", "D")
            assert "Nothing changed yet." in shown(pilot)
            assert isinstance(pilot.app.screen, ChangesScreen)


@pytest.mark.parametrize("payload", PAYLOADS, ids=range(len(PAYLOADS)))
def test_hostile_words_stay_safe_in_both_views(payload: str) -> None:
    text = f"We remove {payload} here."
    faces = [WordsFace(each.mark, block(each.old), block(each.new)) for each in diff.words("We keep it here.", text)]
    for blocks in (under(pairs(faces)), beside(pairs(faces), 100)):
        for each in blocks:
            for part in each.parts:
                assert not raw_in(plain(pair(part)[0])), payload


def test_both_views_say_all_words() -> None:
    before, after = OLD * 3, NEW.replace("admirable", "a feat") * 3
    faces = [WordsFace(each.mark, block(each.old), block(each.new)) for each in diff.words(before, after)]
    found = pairs(faces)
    for side, text in ((0, before), (1, after)):
        said = " ".join(plain(pair(part)[0]) for row in found for part in row[side])
        assert "".join(said.split()) == "".join(text.split())
    told = "".join(plain(pair(part)[0]) for each in under(found) for part in each.parts)
    assert "".join(after.split())[:60] in "".join(told.split())
    assert all(sum(len(plain(pair(part)[0])) for part in each.parts) <= 100 for each in beside(found, 100))


def test_the_control_words_of_one_side_only() -> None:
    faces = [WordsFace("out", block("Gone."), block(""))]
    (row,) = pairs(faces)
    assert not row.same
    assert [plain(each.label) for each in under([row])] == ["- "]


async def test_nothing_is_compared_or_laid_out_by_the_screens_own_thread(
    bench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: dict[str, set[int]] = {}

    def watched(module: Any, name: str) -> None:
        kept = getattr(module, name)

        def told(*args: Any, **more: Any) -> Any:
            threads.setdefault(name, set()).add(threading.get_ident())
            return kept(*args, **more)

        monkeypatch.setattr(module, name, told)

    for module, name in ((diff, "words"), (diff, "sections"), (policy_diff_rows, "pairs"),
                         (policy_diff_rows, "beside"), (policy_diff_rows, "under")):  # fmt: skip
        watched(module, name)
    for size in ((80, 24), (160, 40)):
        async with app_on(bench, size) as pilot:
            await press(pilot, "p", "tab", "D", "enter", "enter")
    assert threads.keys() == {"words", "sections", "pairs", "beside", "under"}
    assert all(threading.get_ident() not in each for each in threads.values())


async def test_a_long_section_scrolls_to_its_end(bench: Workbench, tmp_path: Path) -> None:
    many = "\n\n".join(f"Rule {n} of many." for n in range(90))
    take_in(bench, tmp_path / "more", "long", v2026_02_01=f"# Long\n\n## Rules {{#long.1}}\n\n{many}\n\nThe end.\n")
    take_in(bench, tmp_path / "more", "long", v2026_03_01=f"# Long\n\n## Rules {{#long.1}}\n\n{many}\n\nTHE END\n")
    async with app_on(bench) as pilot:
        await press(pilot, "p", "tab", "D")
        screen = pilot.app.screen
        assert isinstance(screen, ChangesScreen)
        screen.query_one(Passage).go_to("long@2026-03-01")
        await press(pilot, "enter", "enter")
        assert "THE END" not in shown(pilot)
        await press(pilot, "end")
        assert "THE END" in shown(pilot)
        await press(pilot, "home", "down", "down")
        assert "THE END" not in shown(pilot)
