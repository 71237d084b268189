"""Write the DDL of a step of the backend's schema into its file: `python -m tools.freeze_schema 0002`.

It holds what `server.tables` declares and no other step's file has. Once it is released a file is never changed: what
comes after goes into the next step, and what changes a table is written there by hand.
"""

from __future__ import annotations

import sys

from escaltui.server.migrations import ddl


def main() -> int:
    """Write the file of the step that is named; a step without anything of its own is none."""
    if len(sys.argv) != 2 or not sys.argv[1].isdigit():
        print("Name the step: python -m tools.freeze_schema 0002")
        return 2
    path = ddl.FOLDER / f"{sys.argv[1]}.sql"
    path.unlink(missing_ok=True)
    found = ddl.lacking()
    if not found:
        print("Nothing is lacking.")
        return 1
    path.write_text("\n\n".join(found) + "\n", encoding="utf-8")
    print(f"{path}: {len(found)} statements")
    return 0


if __name__ == "__main__":
    sys.exit(main())
