"""Threads that read rows for the first time at the same moment do not end the program."""

from __future__ import annotations

import subprocess
import sys

FIRST_LOOK = """
import sys, threading
from escaltui.domain import fold
from escaltui.domain.entities import Case
from escaltui.store.rows import decoder
sys.setswitchinterval(1e-6)
row = '{"id": "x", "ref": "E-1", "lease": {"person": "a", "device": "b", "expires_at": 1, "fence": 1}}'
together = threading.Barrier(4)
def look(n):
    together.wait()
    decoder(Case)(row) if n % 2 else fold.build("case", {"id": "x", "ref": "E-1"})
threads = [threading.Thread(target=look, args=(n,)) for n in range(4)]
for each in threads: each.start()
for each in threads: each.join()
"""


def test_the_first_look_of_several_threads_at_once() -> None:
    for _ in range(10):
        done = subprocess.run([sys.executable, "-c", FIRST_LOOK], capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
