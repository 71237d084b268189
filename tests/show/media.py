"""Everything under "What must be shown" of the safety page that a program can show, row by row, each with its control.

`make show-media`, or `python tests/show/media.py [--quick] [--only ROW ...] [--rounds N] [--write]`. Each row prints
what it measured beside its bar, and what its control found; the end says which rows passed, and the exit code is 0 only
when all did. `--write` puts the canary table into the README.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(each) for each in (TESTS, HERE, *(TESTS / name for name in ("safety", "real_program", "perf")))]

import canary  # noqa: E402
import first_light  # noqa: E402
import media_levels  # noqa: E402
import media_replies  # noqa: E402
import media_sessions  # noqa: E402
from conftest import real_data_folder  # noqa: E402
from desks import Desk  # noqa: E402
from first_light import Show, need  # noqa: E402
from media_suites import covered, row  # noqa: E402
from terminal import REPOSITORY  # noqa: E402

PHOTOS = ("crowd", "faktura", "figure", "harbour", "road")
MEDIA = REPOSITORY / "escaltui" / "demo" / "data" / "media"
README, BEGIN, END = REPOSITORY / "README.md", "<!-- canary: begin -->", "<!-- canary: end -->"
VIEWER = "tests/screens/test_viewer.py"
HOME = "tests/server/test_stays_home.py"
Part = Callable[[Show], Iterator[str]]


def _folder(show: Show, name: str) -> Path:
    folder = show.desk.store.parent / name
    folder.mkdir(exist_ok=True)
    return folder


def levels(show: Show, write: bool = False) -> Iterator[str]:
    """The shield hides: canaries of one random bit a sample, attacked in three ways."""
    if show.quick:
        canary.FRESH, canary.TRAINING = 2, 8
    with media_levels.Eye() as eye:
        table, bad = media_levels.canaries(eye)
        yield from table
        if write:
            yield written(table)
        yield from media_levels.same_on_the_terminal(eye, _folder(show, "levels"))
        yield from media_levels.larger_and_averaged(eye)
    yield "control: the attacks at clear leave 0.000 (above)"
    need(not bad, "; ".join(bad))


def written(table: list[str]) -> str:
    """Put the table into the README's marked block."""
    text = README.read_text("utf-8")
    before, _begin, rest = text.partition(BEGIN)
    _old, _end, after = rest.partition(END)
    need(bool(_begin and _end), f"the README has no {BEGIN} … {END}")
    README.write_text("\n".join([before + BEGIN, *table, END + after]), "utf-8")
    return "written into the README"


def photos(show: Show) -> Iterator[str]:
    """The same, 5 photos: fine detail of the heavy frame beside that of its source."""
    with media_levels.Eye() as eye:
        yield from media_levels.photos(eye, [MEDIA / f"{name}.jpg" for name in PHOTOS])


def reshield(show: Show, rounds: int = 1) -> Iterator[str]:
    """Re-shield: each trigger from clear colour, over a pty; bit errors again ≥ 0.45 and ≤ 300 ms to the last byte."""
    yield f"{rounds} rounds of each trigger; bar 300 ms to the last byte, bit errors ≥ 0.45"
    with patch.dict(os.environ, ESCALTUI_ROUNDS=str(rounds)):
        yield from covered(show, ["tests/real_program/test_viewer_pty.py"],
                           ["test_a_picture_rests_heavily_blurred_and_a_key_shows_it_for_a_while"],
                           together=2)  # fmt: skip
    yield from covered(show, [VIEWER], ["test_the_check_finds_a_shield_that_does_not_come_back"], chosen=(
        "brings_the_shield_back or check_finds or late_reply or going_back_to_rest"
    ))  # fmt: skip


def replies(show: Show) -> Iterator[str]:
    """No light or clear sample without a live permit or rating none."""
    yield from media_replies.replies(show.quick)
    yield from covered(show, ["tests/safety/test_shield.py"], ["test_every_seeded_fault_is_caught"])


def sanitiser(show: Show) -> Iterator[str]:
    """The sanitiser: all 1,114,112 code points, and 200,000 random mixes."""
    import test_text

    from escaltui.safety import text as safety_text

    count, chance = 2_000 if show.quick else 200_000, random.Random(10)
    for _ in range(count):
        test_text.assert_harmless(test_text.block_of, mix(chance, test_text.HOSTILE))
    yield f"{count:,} random mixes: 0 failures (bar 0)"
    clean, safety_text.clean = safety_text.clean, lambda s: s
    try:
        caught = sum(not harmless(test_text, mix(chance, test_text.HOSTILE)) for _ in range(500))
    finally:
        safety_text.clean = clean
    yield f"control, the sanitiser off: {caught} of 500 mixes caught (must be most)"
    need(caught > 400, "the control fails")
    yield from covered(show, ["tests/safety/test_text.py"],
                     ["test_the_same_assertions_fail_without_the_sanitiser"])  # fmt: skip


def mix(chance: random.Random, hostile: list[str]) -> str:
    """Hostile pieces and any characters at all."""
    pieces = (chance.choice(hostile) if chance.random() < 0.6 else chr(chance.randrange(0x110000))
              for _ in range(chance.randrange(1, 40)))  # fmt: skip
    return "".join(pieces)


def harmless(test_text: Any, original: str) -> bool:
    """Whether the three promises hold."""
    try:
        test_text.assert_harmless(test_text.block_of, original)
    except AssertionError:
        return False
    return True


def speed(show: Show) -> Iterator[str]:
    """Its speed: median of CPU; the control cleans letter by letter."""
    from payloads import PAYLOADS, raw_in

    from escaltui.safety.text import block, line, storable

    title = ("Removal order for twelve posts of one account, asked by a court in France. " * 2)[:80]
    french = ("À l'été, l'élève reçut où naître; ça gêne l'œuvre déjà citée, hélas — « très » tôt. " * 200)[:10_000]
    hostile = (" ".join(storable(text) for _name, text in PAYLOADS) * 40)[:10_000]
    rows: list[tuple[str, Callable[[], object], float]] = [
        ("80-character ASCII title", lambda: line(title), 2e-6), ("10 KB of French", lambda: block(french), 3e-3),
        ("10 KB hostile", lambda: block(hostile), 10e-3),
    ]  # fmt: skip
    slow = []
    for name, call, bar in rows:
        took = cpu_of(call, bar)
        yield f"{name}: {took * 1e6:,.1f} µs (bar {bar * 1e6:,.0f} µs)"
        slow += [name] if took > bar else []
    control = cpu_of(lambda: [raw_in(line(letter).value + letter) for letter in hostile], 10e-3)
    yield f"control, looked at letter by letter: {control * 1e6:,.0f} µs (must be over 10,000)"
    need(not slow, f"too slow: {', '.join(slow)}")
    need(control > 10e-3, "the control fails")


def cpu_of(call: Callable[[], object], bar: float) -> float:
    """Seconds of CPU of a call: the median of nine rounds."""
    times = max(1, int(0.01 / bar))
    rounds = []
    for _round in range(9):
        begun = time.process_time()
        for _time in range(times):
            call()
        rounds.append((time.process_time() - begun) / times)
    return sorted(rounds)[4]


def worker(show: Show) -> Iterator[str]:
    """The worker holds: bombs, 10,000 mutated files a format, hangs; and the app never stands still."""
    yield from media_sessions.stall(_folder(show, "stall"))
    yield from covered(show, ["tests/safety/test_worker.py", "tests/safety/test_worker_lies.py"],
                     ["test_a_reply_that_cannot_be_true_ends_the_worker",
                      "test_the_scripted_worker_is_believed_where_it_may_be_true"])  # fmt: skip
    yield from covered(show, ["tests/safety/test_decode_bad_files.py"],
                     ["test_a_picture_at_the_limit_is_shown"], together=2)  # fmt: skip


def quickness(show: Show) -> Iterator[str]:
    """Speed at 120×40: a level step to its last byte 100 ms, a heavy frame 50 KB, a sheet of 60 s of 720p 150 ms."""
    import media_bench
    from measure import table

    times = 4 if show.quick else 20
    folder = _folder(show, "bench")
    found = [*media_bench.levels(folder, times), *media_bench.sheets(folder, times),
             *media_bench.reading(folder, times)]  # fmt: skip
    yield from table(found).splitlines()
    over = [each.what for each in found if each.verdict == "OVER"]
    judged = [each for each in found if each.budget]
    need(len(judged) >= 3, "the bench does not measure what this row asks for")
    need(not over, f"over the bar: {', '.join(over)}")


def masks(show: Show) -> Iterator[str]:
    """Masks: 100 evasions, 500 plain words and names, by lists that somebody else wrote."""
    import test_masking

    from escaltui.safety.text import block

    need(all((TESTS / "safety" / name).is_file() for name in LISTS), "the lists to score by are not there")
    hit, found = {}, {}
    for name in LISTS:
        rows = test_masking.rows(name)
        if "evasions" in name:  # turned letter by letter, to spare readers; brackets tell which word is meant
            masked = [test_masking.masked_within(test_masking.turned(each)) for each in rows]
        else:
            masked = [bool(test_masking.MASKER.spans(block(each).value)) for each in rows]
        hit[name], found[name] = sum(masked), rows
        yield f"{name}: {sum(masked)} of {len(rows)} masked"
    evaded = [name for name in LISTS if "evasions" in name]
    caught, of = sum(hit[name] for name in evaded), sum(len(found[name]) for name in evaded)
    false = sum(hit.values()) - caught
    plain = sum(map(len, found.values())) - of
    yield f"evasions masked: {caught} of {of} (bar ≥ 90 of 100); plain masked: {false} of {plain} (bar 0)"
    need(of >= 100 and plain >= 500, "the lists are too short")
    need(caught * 10 >= of * 9 and not false, "the masks miss the bar")
    yield from covered(show, ["tests/safety/test_masking.py"],
                     ["test_the_control_a_masker_that_does_not_fold_finds_few_of_them"])  # fmt: skip


LISTS = ("masking_evasions_en.txt", "masking_evasions_fr.txt", "masking_plain_en.txt", "masking_plain_fr.txt")


def seen(show: Show) -> Iterator[str]:
    """Seen before: 1,000,000 hashes, p99 ≤ 10 ms; 10,000 look-ups against brute force, identical."""
    import media_bench

    size, asked = (50_000, 300) if show.quick else (1_000_000, 10_000)
    yield from media_bench.against_brute_force(size, asked)
    yield from covered(_quickly(show), ["tests/safety/test_seen.py"],
                     ["test_the_check_above_notices_an_index_that_probes_too_little"])  # fmt: skip


def _quickly(show: Show) -> Show:
    """The same claim at full size is shown in this row already: the suite's own sizes do for the rest."""
    return show._replace(quick=True)


PARTS: dict[str, Part] = {
    "1": levels,
    "2": photos,
    "3": reshield,
    "4": replies,
    "5": row("Nothing clear stays: a walk over all objects 300 ms after the shield came back.",
             ["tests/screens/test_nothing_clear_stays.py"],
             ["test_control_frames_that_are_kept_are_found", "test_control_samples_that_are_kept_are_found"]),
    "6": row("Documents read; rated none rests clear; a reporter's none changes nothing; O asks nothing when none.",
             [VIEWER], ["test_a_reporters_none_changes_nothing"],
             chosen="document or rated_none or reporters_none or rating_of_none or opening_outside or as_words"),
    "7": lambda show: media_sessions.modules(_folder(show, "modules")),
    "8": lambda show: media_sessions.grammar(_folder(show, "grammar")),
    "9": row("25 payloads in every widget that shows outside text, the command line, pastes, file names: 0 raw.",
             ["tests/real_program/test_pty_hostile.py", "tests/screens/test_sheets.py",
              "tests/screens/test_policy_screen.py", "tests/screens/test_case_screen.py",
              "tests/widgets/test_passage.py", "tests/widgets/test_case_parts.py",
              "tests/widgets/test_markup_rules.py", "tests/commands/test_cli_reading.py",
              "tests/commands/test_cli_bad_input.py", HOME, VIEWER],
             ["test_with_the_sanitiser_off_the_same_tour_is_found_out",
              "test_plain_commands_with_the_sanitiser_off_are_found_out", "test_control_a_broken_rule_is_found"],
             chosen="hostile or payload or paste or raw or sanitiser or rule or grammar or harmless or servers_words"),
    "10": sanitiser,
    "11": speed,
    "12": worker,
    "13": quickness,
    "14": masks,
    "15": seen,
    "16": row("Sealed: after a seal no key shows it, and its bytes are in no file, backup, export or new import.",
              ["tests/workbench/test_sealing.py", "tests/crash/test_crash_seal.py",
               "tests/intake/test_media_intake.py", "tests/store/test_purge.py", "tests/commands/test_cli_media.py",
               "tests/domain/test_media_faults.py", "tests/server/test_blobs.py"],
              ["test_the_search_catches_each_part_of_the_purge_left_out",
               "test_the_control_the_same_without_a_label_is_kept", "test_the_control_a_mail_without_a_label_is_kept",
               "test_what_is_sealed_neither_leaves_nor_arrives"]),
    "17": row("The ledger stays home: canary looks in no operation, output, backup, export or log; 0600.",
              ["tests/workbench/test_workbench_exposure.py", "tests/store/test_wellbeing.py",
               "tests/commands/test_cli_exposure.py", HOME],
              ["test_deleting_alone_would_leave_traces", "test_no_output_backup_export_or_log_holds_a_look",
               "test_a_look_is_on_no_server_and_no_other_disk"]),
    "18": row("A bad day: a screenshot while clear, defects anywhere, signals: no canary in what is left.",
              ["tests/test_leaks.py"], ["test_control_without_our_hooks_it_leaks",
                                        "test_control_a_kill_leaves_the_screen_as_it_was"]),
    "19": row("Ways out: mail, hook, letter hold nothing from outside; under a forbidden notice a letter is refused.",
              ["tests/outbound/test_ways_out.py"], ["test_a_question_to_a_team_leaves_without_what_came_from_outside"]),
    "20": row("CSV: 1,000 hostile cells written and read back; 0 triggers, equal less the quote.",
              ["tests/safety/test_export.py"], ["test_control_without_the_guard_cells_run"]),
    "21": row("Fails closed: each setting missing, wrong, out of range, its file unreadable; floor against personal.",
              ["tests/test_protection.py"], ["test_control_a_direction_turned_round_is_caught",
                                             "test_control_falling_back_to_looser_values_is_caught"]),
}  # fmt: skip
PARTS["7"].__doc__ = "The process that draws cannot decode: `sys.modules` after a session with reveal, film, document."
PARTS["8"].__doc__ = "Our grammar only: each sequence of a session over a pty."


def main() -> int:
    """Run the rows; 0 where all passed."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--quick", action="store_true", help="few rounds, small sizes")
    ask.add_argument("--only", nargs="*", choices=tuple(PARTS), default=tuple(PARTS), metavar="ROW")
    ask.add_argument("--rounds", type=int, default=0, help="of each trigger in row 3 (50; quick 1)")
    ask.add_argument("--write", action="store_true", help="put the canary table into the README")
    args = ask.parse_args()
    parts = PARTS | {
        "1": partial(levels, write=args.write), "3": partial(reshield, rounds=args.rounds or (1 if args.quick else 50))
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="show-") as folder:
        desk = Desk(Path(folder) / "desk", Path(folder) / "config")
        show = Show(real_data_folder(), desk, args.quick)
        passed = {}
        for name in args.only:
            part = parts[name]
            part.__doc__ = PARTS[name].__doc__
            passed[name] = first_light.run(name, part, show)
    print("\n== summary")
    for name, good in passed.items():
        print(f"   {'passed' if good else 'FAILED'}  {name}")
    print("Media shows all it must." if all(passed.values()) else "Media does NOT show all it must.")
    return 0 if all(passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
