"""Everything under "What must be shown" of the page on store, sync and backend, row by row, and the issue's own lines.

`make show-sync`, or `python tests/show/sync.py [--quick] [--only ROW ...]`. Each row prints what it measured and
whether the bar holds. A row whose program is missing, or finds a violation, has failed. A speed that misses its bar is
said and counted apart: exit 0 where all is shown, 1 where a row failed, 2 where only bars of speed were missed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parent
TESTS = HERE.parent
sys.path[:0] = [str(HERE), str(TESTS)]

import first_light  # noqa: E402
from conftest import real_data_folder  # noqa: E402
from desks import Desk  # noqa: E402
from first_light import Show  # noqa: E402
from sync_rows import MISSED, Bar, Part, median, program, run, suites, worst  # noqa: E402

SOAK, BENCH = "tests/soak", "tests/perf/sync_bench.py"
ALONE = "each_rung_is_reached_once or without_a_limit or settles_what_time or approval or approve"
THOROUGH = {"ESCALTUI_THOROUGH": "1"}
WORDS = "test_no_word_of_a_case_is_in_an_alert"
PARTS: dict[str, Part] = {
    "1": program(
        "Operations lost or doubled, all nemeses mixed, ≥ 1,000,000 acknowledged: 0; 95 % bound 3/N.",
        run(f"{SOAK}/nemeses.py", "3600", "11", quick=("60", "11"),
            bars=[Bar("acknowledged operations", r"of ([\d,]+) acknowledged", least=1_000_000)]),
        run(f"{SOAK}/nemeses.py", "60", "11", "no ledger", fails=True),
        run(f"{SOAK}/clocks.py", quick=("30", "1")),
    ),
    "2": program(
        "The model on a real PostgreSQL, 2,000 programs of 50 steps: 0 violations; each seeded defect dies.",
        run(f"{SOAK}/model.py", quick=("50", "30")),
        suites(["tests/server/test_sync_mutants.py"], ["test_a_seeded_defect_is_caught"], **THOROUGH),
    ),
    "3": program(
        "Kills at every commit, send and sync point, power cuts with 20 random subsets each: 0 lost, 0 corrupt.",
        run(f"{SOAK}/failpoints.py", quick=("client",)),
        run(f"{SOAK}/power_cut.py", quick=("2", "1")),
        suites(["tests/store/test_store_kill.py"]),
    ),
    "4": program(
        "16 writers, 60 s: rows missed 0, a serial column misses some; 32 workers, 4,000 cases: 0 double claims.",
        run(f"{SOAK}/writers.py", quick=("5", "400"),
            bars=[Bar("claim p99 (ms)", r"claim p99 ([\d.]+) ms", most=250)]),
    ),
    "5": program(
        "A standby promoted without its tail, an old backup restored: 0 authored operations missing after the heal.",
        run(f"{SOAK}/standby.py", quick=("1", "1")),
        run(f"{SOAK}/standby.py", "2", "1", "control", quick=("1", "1", "control")),
    ),
    "6": program(
        "Forbidden bytes: canaries in clients' files, logs, alerts, backups; SQL as each person: 0.",
        run(f"{SOAK}/revoking.py", quick=("3", "1")),
        suites(["tests/server/test_walls.py", "tests/server/test_stays_home.py"],
              ["test_the_second_wall_stands_where_the_first_has_a_hole"]),
        suites(["tests/server/test_notify.py"], [WORDS, "test_control_a_clock_called_by_its_own_words_is_found"],
              "word or few_may_see"),
    ),
    "7": program(
        "Push, batches of 50, by 1, 8 and 64 clients; sign-in, row-level security and chain on.",
        run(BENCH, "--only", "push", quick=("--quick", "--only", "push"),
            bars=[Bar("8 clients, operations a second", median(r"push.*, 8 clients: operations a second"), least=3000),
                  Bar("8 clients, a push, p50 (ms)", median(r"push.*, 8 clients: a push"), most=80)]),
    ),
    "8": program(
        "Pull, records a second; fill of 10,000, 100,000 and 1,000,000 cases with one resume.",
        run(BENCH, "--only", "pull", quick=("--quick", "--only", "pull"),
            bars=[Bar("records a second into a store", median("pull into a store: records a second"), least=30_000)]),
        run(BENCH, "--only", "fill", quick=("--quick", "--only", "fill"),
            bars=[Bar("fill of 100,000 (s)", median(r"fill of 100,000 cases"), most=15),
                  Bar("fill of 100,000 (MB)", median(r"fill of 100,000 cases: on the wire"), most=13),
                  Bar("fill of 100,000, more memory (MiB)", median(r"fill of 100,000 cases: client, more memory"),
                      most=80)]),
    ),
    "9": program(
        "Commit to another screen with 1, 200 and 1,000 event streams in processes of their own.",
        run(BENCH, "--only", "screens", quick=("--quick", "--only", "screens"),
            bars=[Bar("200 streams, p50 (ms)", median("200 event streams: commit to event heard"), most=150),
                  Bar("200 streams, p99 (ms)", median("200 event streams: commit to event heard: p99; longest"),
                      most=1000)]),
    ),
    "10": program(
        "The loop while 20 pages apply; an operation saved meanwhile; both kinds of store.",
        run(BENCH, "--only", "stall", quick=("--quick", "--only", "stall"),
            bars=[Bar("loop, p99 (ms)", median(r".*changes come: the loop is late: p99; longest"), most=10),
                  Bar("loop, longest (ms)", worst(r".*changes come: the loop is late: p99; longest"), most=50),
                  Bar("a note saved meanwhile, p99 (ms)", median(r".*: a note saved meanwhile: p99; longest"),
                      most=50)]),
    ),
    "11": program(
        "10,000 operations of an offline week on reconnect; time until all tables are equal after the heal.",
        run(BENCH, "--only", "backlog", quick=("--quick", "--only", "backlog"),
            bars=[Bar("all back as changes (s)", median(r".*: all back as changes"), most=15)]),
        run(f"{SOAK}/clocks.py", "60", "7", quick=("20", "7"),
            bars=[Bar("all alike after the last word (s)", r"all alike ([\d.]+) s after", most=5)]),
    ),
    "12": program(
        "Encryption: extra × keyring × setting × store, canaries in every file: 0 plain bytes, 0 silent fallbacks.",
        suites(["tests/store/test_encryption.py", "tests/store/test_encryption_converting.py"],
              ["test_the_control_a_key_that_is_ignored_is_seen", "test_the_control_a_plain_store_holds_them_all"],
              **THOROUGH),
    ),
    "13": program(
        "Released stores climb to the newest, killed at each step; connect of 10,000 local operations, 3 kills: equal.",
        run(f"{SOAK}/ladder.py"),
        run(f"{SOAK}/ladder_connect.py", quick=("500", "1")),
        suites(["tests/sync/test_connect.py"], ["test_killed_anywhere_it_is_finished_by_the_next"]),
    ),
    "14": program(
        "Beside Kinto 26.5 on the same PostgreSQL, in pairs, failures included: as found.",
        run("tests/perf/kinto_bench.py", quick=("--quick",)),
    ),
    "15": program(
        "A soak of 30 min with 50 clients and faults: no slope of memory; branches of store, sync, server ≥ 95 %.",
        run("tests/show/sync_coverage.py", bars=[Bar("branches (%)", r"^all: .*branches ([\d.]+) %", least=95)]),
        suites(["tests/sync/test_error_table.py", "tests/sync/test_strange_days.py"]),
        run(f"{SOAK}/crowd.py", quick=("60",)),
    ),
    "16": program(
        "Letters, questions, alerts cut before, in and after the body: sent twice 0, words of a case 0.",
        suites(["tests/outbound/test_posting.py", "tests/outbound/test_mail.py", "tests/outbound/test_ways_out.py",
               "tests/server/test_notify.py", "tests/server/test_notify_people.py"],
              ["test_control_a_telling_that_is_tried_again_when_unknown_arrives_twice",
               "test_control_a_mark_that_is_taken_back_sends_twice",
               "test_control_a_clock_called_by_its_own_words_is_found", WORDS]),
    ),
    "17": program(
        "`serve` with no argument, as user and as root, with and without a system PostgreSQL, a kill in initdb.",
        suites(["tests/server/test_serve.py", "tests/server/test_private.py", "tests/server/test_private_accounts.py"],
              ["test_with_no_argument_it_makes_everything_tells_one_token_and_leaves_nothing_running",
               "test_an_owner_killed_during_initdb_leaves_nothing_that_is_taken_for_data"]),
    ),
    "18": program(
        "Alone: three days off, then a look: holds, leases, rungs each once; approval by another person.",
        suites(["tests/domain/test_rules_due.py", "tests/store/test_store_due.py", "tests/commands/test_cli_decide.py",
                "tests/commands/test_cli_access.py"],
              ["test_each_rung_is_reached_once_after_three_days_off"], ALONE),
    ),
    "api": program(
        "Schemathesis on the OpenAPI description, by a team, strangers, another purpose, nobody: no 5xx, no inside.",
        run("tests/show/api.py", quick=("--examples", "20")),
        suites(["tests/server/test_openapi.py"]),
    ),
    "bad input": program(
        "Each bad input of the issue is answered as the table says: nothing lost, nothing leaked, no stack trace.",
        suites(["tests/server/test_bad_requests.py", "tests/sync/test_error_table.py",
               "tests/sync/test_strange_days.py"],
              ["test_control_a_route_that_breaks_or_chatters_is_caught"], **THOROUGH),
    ),
    "disk": program(
        "A real disk gets full, at the backend and at a workbench: said, nothing half kept, and on again.",
        run(f"{SOAK}/full_disk.py", quick=("1", "1")),
        suites(["tests/store/test_store_disk.py"]),
    ),
    "team": program(
        "Both workbenches in tmux: claim race, offline note, conflict resolved, lease taken over.",
        lambda show: first_light.suite("tests/e2e/test_team.py", "--run-e2e", "-p", "no:xdist")(show),
    ),
}  # fmt: skip


class Listening:
    """A part that remembers whether a bar was missed."""

    def __init__(self, part: Part) -> None:
        self._part, self.missed, self.__doc__ = part, False, part.__doc__

    def __call__(self, show: Show) -> Iterator[str]:
        for line in self._part(show):
            self.missed |= line.startswith(MISSED)
            yield line


def main() -> int:
    """Run the rows; see above for the exit code."""
    ask = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    ask.add_argument("--quick", action="store_true", help="short runs, small sizes: whether it works at all")
    ask.add_argument("--only", nargs="*", choices=tuple(PARTS), default=tuple(PARTS), metavar="ROW")
    args = ask.parse_args()
    with tempfile.TemporaryDirectory(prefix="show-") as folder:
        show = Show(real_data_folder(), Desk(Path(folder) / "desk", Path(folder) / "config"), args.quick)
        verdicts = {}
        for name in args.only:
            part = Listening(PARTS[name])
            good = first_light.run(name, part, show)
            verdicts[name] = "FAILED" if not good else "bar missed" if part.missed else "passed"
    print("\n== summary" + (" (quick: sizes and times are not those of the bars)" if args.quick else ""))
    for name, verdict in verdicts.items():
        print(f"   {verdict:10} {name}")
    if "FAILED" in verdicts.values():
        print("Sync does NOT show all it must.")
        return 1
    missed = [name for name, verdict in verdicts.items() if verdict != "passed"]
    print(f"Sync shows what it must, but misses bars: {', '.join(missed)}." if missed else "Sync shows it all.")
    return 2 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
