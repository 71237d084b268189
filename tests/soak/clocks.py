"""Clocks that are wrong and that jump: of the devices by a day and more, of the backend by hours, while people work.

`clocks.py [SECONDS [SEED]]`. The backend is a program of its own, whose clock is shifted by what a file says; devices
have clocks of their own. People write, claim and release the same cases. Exit 1 where something is missing or twice,
where two had a claim at once by the backend's clock, where the log's fences do not rise one by one, or where somebody
was not told once that their clock is wrong.
"""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)] if str(HERE) not in sys.path else []

from postgres_pair import Place, until  # noqa: E402  isort: skip
from crew import DESK, RULES, Hand, Tally, answers, free_port, grant, now, reckon, serve, settled  # noqa: E402

from escaltui.domain import ids  # noqa: E402
from escaltui.domain.operations import Claim, OpenCase, Release  # noqa: E402
from escaltui.domain.rules.guards import LEASE_MS  # noqa: E402
from escaltui.server import schema  # noqa: E402
from escaltui.store import Done  # noqa: E402
from escaltui.store import folder as store_folder  # noqa: E402

DAY = 86_400_000
SHIFTS = {"ada": 0, "bo": DAY, "cy": -DAY, "di": 0}
"""By how much each device's clock is wrong at first; di's jumps as they work."""
CASES = 6


class Shifted:
    """A clock that is wrong by what can be changed."""

    def __init__(self, by: int) -> None:
        self.by = by

    def __call__(self) -> int:
        return now() + self.by


class Claimer(Hand):
    """Somebody who also claims, asks for the same cases as the others, and gives them back."""

    def type(self) -> str:
        if self.random.random() < 0.6:
            return super().type()
        case_id = self.random.choice(self.fought)
        op = Release(case=case_id) if self.random.random() < 0.35 else Claim(case=case_id)
        done = self.store.do(op, self.remote.who, self.clock(), RULES)
        self.tries[type(op).__name__, isinstance(done, Done)] += 1
        self.engine.poke()
        return ""

    fought: list[str]
    tries: Counter[tuple[str, bool]]


class Ground:
    """A backend whose clock jumps, and people whose clocks do."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.random, self.jump = random.Random(seed), folder / "jump"
        self.jump.write_text("0")
        self.place = Place(folder / "pg")
        self.place.make()
        self.place.start()
        schema.upgrade(self.place.dsn)
        url = self._serving()
        held = grant(self.place.dsn, tuple(SHIFTS))
        self.hands = [
            Claimer(folder / each, url, each, held[each], seed + n, 12.0, Shifted(by))
            for n, (each, by) in enumerate(SHIFTS.items())
        ]
        self.fought = [self._open() for _ in range(CASES)]
        for hand in self.hands:
            hand.fought, hand.tries = self.fought, Counter()
            hand.engine.start()
        until(lambda: all(self._has_all(hand) for hand in self.hands), "the cases")

    def _serving(self, port: int = 0) -> str:
        port = port or free_port()
        command = [sys.executable, __file__, "serve", self.place.dsn, str(port), str(self.jump)]
        self.server = subprocess.Popen(command)
        url = f"http://127.0.0.1:{port}"
        until(lambda: self.server.poll() is not None or answers(url), "the backend")
        return url if self.server.poll() is None else self._serving()

    def _open(self) -> str:
        hand = self.hands[0]
        op_id = ids.operation_id(now(), self.random.randbytes(10))
        op = OpenCase(opens=op_id, title="Fought for")
        assert isinstance(hand.store.do(op, hand.remote.who, now(), RULES, op_id=op_id), Done)
        return op_id

    def _has_all(self, hand: Claimer) -> bool:
        return all(hand.store.case(case_id) is not None for case_id in self.fought)

    def run(self, seconds: float) -> int:
        """Work, while clocks jump; how often they did."""
        jumps = 0
        for hand in self.hands:
            hand.resume()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            time.sleep(self.random.uniform(0.5, 2.0))
            if self.random.random() < 0.15:  # whoever comes back looks at the clock anew
                self.server.kill()
                self.server.wait()
                self._serving(int(self.hands[0].remote.connected.url.rpartition(":")[2]))
            if self.random.random() < 0.5:
                self.hands[3].clock.by = self.random.randint(-2 * DAY, 2 * DAY)
            else:  # forward over claims' ends, and back
                self.jump.write_text(
                    str(self.random.choice((0, LEASE_MS + 60_000, 3 * LEASE_MS, 7_200_000, -1_800_000)))
                )
            jumps += 1
            for hand in self.hands:
                if hand.broke:
                    raise hand.broke[0]
        for hand in self.hands:
            hand.pause()
        return jumps

    def close(self) -> None:
        for hand in self.hands:
            hand.close()
        self.server.kill()
        self.place.end()


def claims(place: Place) -> tuple[Counter[str], list[str]]:
    """What the backend's log says of each case's claims, in the order of commits: how many there were, how they ended,
    and what does not hold."""
    sql = "SELECT seq, at, actor, entity_id, body FROM change WHERE entity = 'case' AND stream = %s ORDER BY seq"
    seen: Counter[str] = Counter()
    wrong: list[str] = []
    holds: dict[str, dict[str, Any]] = {}
    fences: Counter[str] = Counter()
    for seq, at, actor, case_id, body in place.rows(sql, DESK):
        fields = msgspec.json.decode(body)["fields"]
        if "lease" not in fields:
            continue
        before, after = fields["lease"]
        held = holds.get(case_id)
        if before != held:
            wrong.append(f"{seq}: {case_id} is held by {held}, the change says by {before}")
        if after is not None and (held is None or after["fence"] != held["fence"]):
            seen["claims"] += 1
            if held is not None and held["person"] != after["person"] and held["expires_at"] > at:
                wrong.append(
                    f"{seq}: {after['person']} claims what {held['person']} holds until {held['expires_at']}, at {at}"
                )
            if after["fence"] <= fences[case_id]:
                wrong.append(f"{seq}: fence {after['fence']} after {fences[case_id]}")
            fences[case_id] = after["fence"]
        elif after is None:
            seen["ended by time" if actor == "system" else "released"] += 1
        else:
            seen["renewed"] += 1
        if after is not None and not 0 < after["expires_at"] - at <= LEASE_MS:
            wrong.append(f"{seq}: until {after['expires_at']} at {at}: not by the authority's clock")
        holds[case_id] = after
    return seen, wrong


def wrong_words(hands: list[Claimer]) -> list[str]:
    """Who was not told once that their clock is wrong, or was told for nothing."""
    found = []
    for hand in hands[:3]:
        said = [each for each in hand.said if "clock is" in each]
        if abs(SHIFTS[hand.person]) > 30_000 and not said:
            found.append(f"{hand.person} was not told of the clock")
        by = [int(each.split()[3]) * (1 if "ahead" in each else -1) for each in said]
        if any(abs(one - other) <= 30 for one, other in itertools.pairwise(by)):
            found.append(f"{hand.person} was told the same twice: {said}")
    return found


def report(ground: Ground, tally: Tally) -> list[str]:
    seen, wrong = claims(ground.place)
    tries = sum((hand.tries for hand in ground.hands), Counter[tuple[str, bool]]())
    told = {hand.person: [each.split(".")[0] for each in hand.said if "clock is" in each] for hand in ground.hands}
    aside = sum(hand.aside() for hand in ground.hands)
    print(f"authored {tally.authored}; missing {len(tally.missing)}, doubled {len(tally.doubled)}, changed "
          f"{len(tally.changed)}; asked here {dict(tries)}; by the log {dict(seen)}; set aside {aside}; "
          f"double claims or wrong clocks {len(wrong)}; told {told}")  # fmt: skip
    found = [f"{name} {ids[:3]}" for name, ids in tally._asdict().items() if isinstance(ids, list) and ids]
    found += wrong[:5] + wrong_words(ground.hands)
    found += [f"{tally.apart} copies differ from the server's log"] if tally.apart else []
    return found + ([] if seen["claims"] else ["nobody claimed: nothing was shown"])


def main() -> int:
    given = [int(each) for each in sys.argv[1:3]]
    seconds, seed = (*given, *(40, random.randrange(10**6))[len(given) :])
    print(f"seed {seed}")
    store_folder.RESERVE_SMALLEST = 64 << 10
    with tempfile.TemporaryDirectory(prefix="esc-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        ground = Ground(Path(folder), seed)
        try:
            jumps = ground.run(seconds)
            print(f"{seconds} s, {jumps} jumps; all alike {settled(ground.hands):.1f} s after the last word")
            found = report(ground, reckon(ground.place.dsn, ground.hands))
        finally:
            ground.close()
    print("\n".join(found) or "holds")
    return bool(found)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        place = Path(sys.argv[4])
        serve(sys.argv[2], int(sys.argv[3]), lambda: now() + int(place.read_text() or 0))
    else:
        raise SystemExit(main())
