"""Write the key table into README.md, between its two marks. `make pictures` runs it; a test holds the two equal."""

from __future__ import annotations

import sys
from pathlib import Path

from escaltui import keys

README = Path(__file__).resolve().parent.parent / "README.md"
BEGIN, END = "<!-- keys: begin -->", "<!-- keys: end -->"
ARROWS = frozenset({"arrow.down", "arrow.up"})


def table() -> str:
    """The keys of a shift as a Markdown table."""
    lines = ["| key | does |", "|---|---|"]
    for row in keys.table():
        if row["shift"] and row["id"] not in ARROWS:
            shown = " ".join(f"`{key}`" for key in str(row["keys"]).split())
            lines.append(f"| {shown} | {row['help']} |".replace("`|`", "`\\|`"))
    return "\n".join(lines)


def written(text: str) -> str:
    """The README with the table of today."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{README.name}: {table().count(chr(10)) - 1} keys\n")
