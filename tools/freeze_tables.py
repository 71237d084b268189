"""Write the DDL of the store's schema into its files, one for each step: `python -m tools.freeze_tables`.

It is what `store.tables` declares. Once a step is released its file never changes: what comes after is a new step.
"""

from __future__ import annotations

import sys

from escaltui.store import ddl, migrate, tables


def main() -> int:
    """Write the files of all steps."""
    ddl.FOLDER.mkdir(exist_ok=True)
    for step in range(1, migrate.VERSION + 1):
        path = ddl.FOLDER / f"{step}.sql"
        found = [each.strip() for each in tables.statements(step)]
        path.write_text("\n\n".join(found) + "\n", encoding="utf-8")
        print(f"{path}: {len(found)} statements")
    return 0


if __name__ == "__main__":
    sys.exit(main())
