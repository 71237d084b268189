"""A person's own views: the file `views.toml` beside their settings, read and added to."""

from __future__ import annotations

import re
from pathlib import Path

from escaltui import wording
from escaltui.config import ConfigError
from escaltui.domain.query.views import View, ViewsError, parse_views
from escaltui.i18n import _
from escaltui.safety.text import line

FILE = "views.toml"
LONGEST_NAME = 40
_TABLE = re.compile(r"(?m)^(?=[ \t]*\[\[[ \t]*view[ \t]*\]\])")


def own_views(file: Path) -> tuple[tuple[View, ...], tuple[str, ...]]:
    """A person's own views, and the sentence about a file that cannot be used."""
    try:
        return (parse_views(file.read_text("utf-8"), str(file)) if file.is_file() else ()), ()
    except (ViewsError, UnicodeDecodeError, OSError) as fault:
        return (), (_("{fault}. The packaged views are in use.").format(fault=wording.fault(fault)),)


def named(name: str, query: str, sort: str) -> View:
    """A view under a name, its id made from that. Raises ConfigError where nothing is left of the name."""
    title = line(name).value.strip()[:LONGEST_NAME].strip()
    made = "-".join(re.findall(r"\w+", title.lower()))
    if not made:
        raise ConfigError(_("Write a name for the view, such as :view save press in French."))
    return View(made, {"en": title}, query, sort or "queue")


def save(file: Path, view: View) -> tuple[View, ...]:
    """Add a view at the end of a file, or put it in the place of its older self; all of the file's views then.

    Nothing else in the file changes. Raises ViewsError where the file or the view is wrong, ConfigError where it
    cannot be written; the file is then as it was.
    """
    try:
        text = file.read_text("utf-8") if file.exists() else ""
        had = parse_views(text, str(file))
        head, *tables = _TABLE.split(text)
        kept = [table for table in tables if not _is(table, view.id)]
        found = parse_views(new := _joined([head, *kept, _table(view, had)]), str(file))
        if {each.id for each in found} != {each.id for each in had} | {view.id}:
            raise ConfigError(
                _("{file} is laid out in a way of its own. Add the view there by hand.").format(file=file)
            )
        _write(file, new)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or _("it is not UTF-8")
        raise ConfigError(
            _("The view could not be kept in {file}: {reason}. Make the folder writable.").format(
                file=file, reason=reason
            )
        ) from error
    return found


def _is(table: str, view_id: str) -> bool:
    return any(view.id == view_id for view in parse_views(table, FILE))


def _table(view: View, had: tuple[View, ...]) -> str:
    """A view as a TOML table; one that was there already keeps its key."""
    key = next((each.key for each in had if each.id == view.id), "")
    fields = {"key": key, "id": view.id, "title": view.title["en"], "query": view.query, "sort": view.sort}
    import json  # only here: the workbench opens without it

    lines = [f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items() if value]
    return "\n".join(["[[view]]", *lines]) + "\n"


def _joined(parts: list[str]) -> str:
    return "\n\n".join(part.strip("\n") for part in parts if part.strip()) + "\n"


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = file.with_suffix(".new")
    new.touch(mode=0o600)
    new.write_text(text, "utf-8")
    new.replace(file)
