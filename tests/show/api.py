"""Every address of the backend under machine-made requests, good and bad: none may answer 5xx or with another shape
than its description says.

`python tests/show/api.py [--examples N]`: starts a backend of its own on a private PostgreSQL and lets Schemathesis
read /v1/openapi.json. Needs `pip install schemathesis`, in an environment of its own where its versions differ
from ours: name its program by ESCALTUI_SCHEMATHESIS.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "server")]

from served import Served  # noqa: E402

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200, help="for each address")
    args = parser.parse_args()
    program = os.environ.get("ESCALTUI_SCHEMATHESIS") or shutil.which("schemathesis")
    if not program:
        print("This needs Schemathesis: pip install schemathesis, or name its program by ESCALTUI_SCHEMATHESIS.")
        return 2
    folder = Path(tempfile.mkdtemp(prefix="escaltui-show-"))
    folder.chmod(0o755)
    try:
        with Served("--folder", folder / "server") as backend:
            code = subprocess.run(
                [program, "run", f"{backend.url}/v1/openapi.json", "-H", f"Authorization: Bearer {backend.token}",
                 "--checks", CHECKS, "--max-examples", str(args.examples), "--exclude-path", "/v1/events",
                 "--rate-limit", "40/s"],
            ).returncode  # fmt: skip
        lines = backend.log()
        defects = [line for line in lines if "defect" in line]
        print(json.dumps({"requests": len(lines), "5xx": sum(line["status"] >= 500 for line in lines)}))
        print("\n".join(map(json.dumps, defects)))
        return code or bool(defects)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
