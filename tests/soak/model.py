"""The model at length: 2,000 programs of 50 steps, and what was in them. `model.py [PROGRAMS [STEPS [FIRST SEED]]]`."""

from __future__ import annotations

import sys
import time
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "server")]

import model  # noqa: E402
from ground import World  # noqa: E402
from pg import Servers  # noqa: E402


def told(world: World, broke: dict[int, str], rounds: list[int], seconds: float) -> None:
    made = world.made
    say = "{} programs of {} steps in {:.0f} s; faults by kind: {}"
    kinds = ", ".join(f"{kind} {n}" for kind, n in sorted(world.seen.items()))
    print(say.format(made["programs"] + len(broke), made["steps"] // max(made["programs"], 1), seconds, kinds))
    count = lambda *names: sum(model.promise(each) in names for each in broke.values())  # noqa: E731
    print(f"notes lost, doubled or changed: {count('I1')} of {made['notes']}")
    print(f"decisions and edits that replaced one unseen: {count('I2')} of {made['did EditCase'] + made['decided']}")
    print(f"double claims: {count('I3')} of {made['did Claim']}")
    print(f"rows missed: {count('I4', 'I5')} of {made['changes']}")
    print(f"forbidden words found: {count('I6')} of {made['canaries']} words")
    print(f"operations saved {made['saved']}, settled {made['settled']}, set aside {made['parked']}; "
          f"backups restored {made['restored']}")  # fmt: skip
    rounds.sort()
    at = lambda share: rounds[min(int(len(rounds) * share), len(rounds) - 1)] if rounds else 0  # noqa: E731
    print(f"rounds of everybody until all is alike: p50 {at(0.5)}, p99 {at(0.99)}")
    for seed, found in broke.items():
        print(f"  program {seed}: {found[:300]}")


def main() -> int:
    programs, steps, first = _asked()
    servers, broke, rounds = Servers(), dict[int, str](), list[int]()
    servers.start()
    try:
        with servers.database() as dsn:
            world, began = World(dsn), time.monotonic()
            for seed in range(first, first + programs):
                before = world.made["rounds"]
                if found := model.broken(world, model.steps(seed, steps)):
                    broke[seed] = found
                else:
                    rounds.append(world.made["rounds"] - before)
            told(world, broke, rounds, time.monotonic() - began)
            world.close()
    finally:
        servers.stop()
    return bool(broke)


def _asked() -> tuple[int, int, int]:
    given = [int(each) for each in sys.argv[1:4]]
    programs, steps, first = (*given, *(2000, 50, 10_000)[len(given) :])
    return programs, steps, first


if __name__ == "__main__":
    raise SystemExit(main())
