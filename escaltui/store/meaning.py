"""What look-up by meaning compares with: the sections that count and the decided cases that all may see, by their keys.

Every function takes an open connection of the store; vectors themselves are `vectors`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from escaltui.policy.pieces import case_key, pieces_of, section_key, text_of_key
from escaltui.store.driver import Connection
from escaltui.store.policy_search import PATH_SEPARATOR

_SECTIONS = """SELECT DISTINCT s.text_sha256, s.path FROM policy_fts f JOIN policy_section s ON s.id = f.rowid"""
_TEXT = """SELECT s.path, t.text FROM policy_section s JOIN policy_text t ON t.text_sha256 = s.text_sha256
WHERE s.text_sha256 = ?"""
_CASES = """SELECT c.id, json_extract(c.body, '$.title'), coalesce(json_extract(c.body, '$.summary'), '')
FROM cases c WHERE c.sensitivity = 'normal'
AND EXISTS (SELECT 1 FROM decision d JOIN decision_cite e ON e.n = d.n WHERE d.case_id = c.id)"""
"""Those that are precedents: `precedents` keeps `decision_cite` to decisions in force on cases that all may see."""
_STAMP = """SELECT (SELECT coalesce(max(id), 0) FROM policy_section),
(SELECT count(*) FROM policy_version WHERE kind = 'substantive'),
(SELECT count(*) FROM decision WHERE state = 'effective')"""


def stamp(connection: Connection, day: date) -> str:
    """What changes when there may be something to encode: cheap, and not exact about cases' words."""
    return " ".join(map(str, (*connection.execute(_STAMP).fetchone(), day)))


def count(connection: Connection) -> int:
    """How many texts there are to encode, about."""
    decided = connection.execute(f"SELECT count(*) FROM ({_CASES})").fetchone()[0]
    return int(decided) + len(sections(connection))


def sections(connection: Connection) -> list[str]:
    """The keys of the sections that look-up searches."""
    rows = connection.execute(_SECTIONS)
    return list(dict.fromkeys(section_key(sha256, path.split(PATH_SEPARATOR)) for sha256, path in rows))


def section_pieces(connection: Connection, keys: Sequence[str]) -> dict[str, list[str]]:
    """The pieces of some sections, each headed by its path; one whose text is gone is left out."""
    found: dict[str, list[str]] = {}
    for key in keys:
        sha256 = text_of_key(key)
        for stored, text in connection.execute(_TEXT, (sha256,)):
            path = stored.split(PATH_SEPARATOR)
            if section_key(sha256, path) == key:
                found[key] = pieces_of(text, " / ".join(path))
                break
    return found


def cases(connection: Connection) -> Iterator[tuple[str, str]]:
    """Decided cases that the whole desk may see: key and words, which are the title and the summary."""
    for case_id, title, summary in connection.execute(_CASES):
        if text := f"{title or ''}\n{summary}".strip():
            yield case_key(text, case_id), text
