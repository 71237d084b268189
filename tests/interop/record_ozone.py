"""Record the conversation of tests/intake/ozone_story.py with a real Ozone that was just started, sanitised.

`python tests/interop/record_ozone.py READY`: READY is the line of JSON that tools/ozone/up prints last.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent.parent)]

from intake import ozone_story  # noqa: E402

PDS, OZONE = "http://127.0.0.1:2583", "http://127.0.0.1:2587"
SHOWN = re.compile(r"did:plc:[a-z2-7]{24}")
MOCK = re.compile(r'("text": ?)"((?:[^"\\]|\\.)*)"')
OURS = re.compile(r"\(\d+\)$")


def main(ready: str) -> None:
    """Tell the story to the real one and keep it."""
    found = json.loads(ready)
    recorder = ozone_story.Recorder()
    connect = ozone_story.connecting(recorder, found["service_did"], PDS, OZONE)
    ozone_story.tell(connect, labeler=found["service_did"])
    kept = json.dumps({"labeler": found["service_did"], "talk": recorder.talk}, ensure_ascii=True)
    names = {did: f"did:plc:{_name(n)}" for n, did in enumerate(dict.fromkeys(SHOWN.findall(kept)))}
    for did, name in names.items():
        kept = kept.replace(did, name)
    kept = kept.replace("localhost", "127.0.0.1")
    kept = MOCK.sub(lambda hit: hit[0] if OURS.search(hit[2]) else f'{hit[1]}"A post of the test network"', kept)
    ozone_story.TALK.write_text(json.dumps(json.loads(kept), separators=(",", ":")).replace('{"asked"', '\n{"asked"'))
    print(f"{len(recorder.talk)} requests, {ozone_story.TALK.stat().st_size:,} bytes")


def _name(n: int) -> str:
    return ("person" + "abcdefghijklmnopqrstuvwxyz"[n % 26]).ljust(24, "2")


if __name__ == "__main__":
    main(sys.argv[1])
