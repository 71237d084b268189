"""Made-up cases and queries, and the index of the store in memory: what the query tests are made of."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from random import Random

from hypothesis import strategies as st

from escaltui.domain.clock import At, Clock
from escaltui.domain.entities import Case, Lease, Pin, Waiting
from escaltui.domain.ids import case_ref
from escaltui.domain.query import Facts, Query, columns, facts_of, parse, sets, where
from escaltui.domain.query.fields import IS, VERIFIED
from escaltui.domain.transitions import STATUSES

NOW = 1_750_000_000_000
HOUR = 3_600_000
GROUPS = {"eu": frozenset({"DE", "FR", "IE"}), "nowhere": frozenset({"AQ"})}
TYPES = ("legal_removal", "legal_rights", "court_order", "data_request", "press", "ads", "account_access", "")
FLAGS = ("ncii", "terrorism", "minor_involved", "media_interest", "violence")
TAGS = ("wait", "fake", "fake-page", "a'b", "100%", "none", "any", "été", "x_y", "\U0010ffff")
PEOPLE = ("", "ada", "akim", "kosei", "me")
ITEMS = ("post", "page", "ad", "ad_account", "group")
WORDS = (
    "fake",
    "Page",
    "pages",
    "Élysée",
    "order",
    "AND",
    "NOT",
    "裁判所の命令",
    "판결문",
    "ราชการ",
    "E-7K2QX",
    "don't",
    "हिन्दी",
)
COUNTRIES = ("DE", "FR", "IE", "TR", "US", "BR")


def _some(rng: Random, pool: tuple[str, ...], most: int = 3) -> tuple[str, ...]:
    return tuple(sorted(rng.sample(pool, rng.randint(0, most))))


def _clock(rng: Random) -> Clock:
    return Clock(
        kind=rng.choice(("sla", "statutory", "asked")),
        metric=rng.choice(("ack", "decision", "eu-terror")),
        started_at=NOW - HOUR,
        due=At(NOW + rng.randint(-5, 5) * HOUR),
        state=rng.choice(("running", "paused", "stopped", "cancelled")),
    )


def made_facts(rng: Random, number: int) -> Facts:
    """One case with what lies around it; times lie on and beside whole hours from NOW, where comparisons turn."""
    case_id = f"{number:026d}"
    near = (None, *(NOW + hours * HOUR + edge for hours in (-48, -4, 0, 1, 4, 24) for edge in (-1, 0, 1)))
    case = Case(
        id=case_id,
        ref=case_ref(case_id),
        title=" ".join(rng.choices(WORDS, k=rng.randint(0, 5))),
        type=rng.choice(TYPES),
        desk=rng.choice(("global", "eu")),
        product=rng.choice(("", "Pages", "pages", "École", "Ads")),
        countries=_some(rng, COUNTRIES),
        languages=_some(rng, ("de", "en", "fr")),
        severity=rng.randint(0, 4),
        harm=rng.choice(("", "illegal_speech", "scams")),
        flags=_some(rng, FLAGS),
        tags=_some(rng, TAGS),
        status=rng.choice(STATUSES),
        owner=rng.choice(PEOPLE),
        lease=rng.choice((None, Lease(rng.choice(PEOPLE[1:]), "d", NOW + rng.choice((-1, 0, 1, HOUR)), 1))),
        waiting=rng.choice((None, Waiting(), Waiting(on=rng.choice(("legal", "requester"))))),
        subjects=dict.fromkeys(_some(rng, ("s1", "s2"), 2), "primary"),
        pins={section: Pin("1", "0") for section in _some(rng, ("ads.2", "ads.20", "doi.3"))},
        watchers=_some(rng, PEOPLE[1:]),
        clocks={str(n): _clock(rng) for n in range(rng.randint(0, 2))},
        received_at=rng.choice(near[1:]) or 0,
        root_cause=rng.choice(("", "policy_gap", "none")),
        requester=rng.choice(("", "r1", "r2")),
        requester_name=rng.choice(("", "Daily Courier", "daily courier", "ÉTÉ")),
        requester_kind=rng.choice(("user", "press", "law_enforcement")),
        verified=rng.choice(("unverified", "verified", "failed")),
        reach=rng.choice((0, 1, 100, 10_000)),
        report_count=rng.randint(0, 3),
        hidden=rng.random() < 0.2,
        next_due=rng.choice(near),
        rung=rng.choice((0, 50, 75, 100)),
        legal_rung=rng.choice((0, 75)),
        legal_total=rng.choice((None, 60, 180, 240, 1440)),
        lane=rng.randint(0, 3),
        near=rng.randint(0, 1),
        start_by=rng.randint(0, 5),
    )
    return facts_of(
        case,
        bodies=[" ".join(rng.choices(WORDS, k=rng.randint(0, 4)))],
        item_types=_some(rng, ITEMS),
        accounts=_some(rng, ("x:1", "x:2"), 2),
        has=_some(rng, ("notes", "links", "attachment")),
        updated_at=rng.choice(near[1:]) or 0,
    )


def made_cases(count: int, seed: int = 7) -> list[Facts]:
    rng = Random(seed)
    return [made_facts(rng, number) for number in range(count)]


def index(cases: Iterable[Facts]) -> sqlite3.Connection:
    """The store's index of these cases, in memory."""
    connection = sqlite3.connect(":memory:")
    rows = [(number, known, columns(known)) for number, known in enumerate(cases, 1)]
    names = list(rows[0][2])
    declared = ", ".join(f"{name} {'TEXT' if isinstance(rows[0][2][name], str) else 'INTEGER'}" for name in names)
    connection.executescript(
        f"CREATE TABLE cases ({declared}, PRIMARY KEY (id));"
        "CREATE TABLE case_set (field TEXT, value TEXT, case_id TEXT, PRIMARY KEY (field, value, case_id))"
        " WITHOUT ROWID;"
        "CREATE VIRTUAL TABLE case_fts USING fts5(words, tokenize = 'unicode61 remove_diacritics 0');"
    )
    marks = ", ".join("?" * (len(names) + 1))
    for number, known, row in rows:
        connection.execute(f"INSERT INTO cases (rowid, {', '.join(names)}) VALUES ({marks})", (number, *row.values()))
        connection.execute("INSERT INTO case_fts (rowid, words) VALUES (?, ?)", (number, known.words))
        found = [(field, value, known.case.id) for field, value in sets(known)]
        connection.executemany("INSERT INTO case_set VALUES (?, ?, ?)", found)
    return connection


def found_by_sql(connection: sqlite3.Connection, query: Query, *, typing: bool = False) -> set[str]:
    condition = where(query, typing=typing)
    rows = connection.execute(f"SELECT c.id FROM cases c WHERE {condition.sql}", condition.parameters)
    return {row[0] for row in rows}


def read(text: str) -> Query:
    return parse(text, now=NOW, me="ada", groups=GROUPS)


# --- queries, as text


def _listed(values: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=3).map(",".join)


def _names(field: str, *pool: str, empty: bool = True) -> st.SearchStrategy[str]:
    plain = [value for value in pool if value and not set(value) & set('," ')]
    quoted = [f'"{value}"' for value in pool if value]
    starred = [f"*{value[-2:]}" for value in plain] + [f"{value[:3]}*" for value in plain]
    values = st.sampled_from([*plain, *quoted, *starred, *(["none", "any"] if empty else [])])
    return st.tuples(st.sampled_from([":", "="]), _listed(values)).map(lambda found: field + "".join(found))


def _compared(field: str, values: tuple[str, ...], empty: bool = True) -> st.SearchStrategy[str]:
    sign = st.sampled_from(["<", "<=", ">", ">=", ":", "=", ":<", ":>="])
    one = st.tuples(sign, st.sampled_from(values)).map(lambda found: field + "".join(found))
    several = _listed(st.sampled_from([*values, *(["none", "any"] if empty else [])])).map(f"{field}:".__add__)
    return one | several


NUMBERS = ("0", "1", "2", "50", "100", "10000")
TIMES = ("0h", "1h", "4h", "1d", "2d", "3h60m", "2025-06-15", "2025-06-15T15:06", "2025-06-13")
FIELD_TERMS = st.one_of(
    _compared("sev", ("0", "1", "2", "S3", "4")),
    _names("status", *STATUSES, empty=False),
    _names("type", *TYPES, "legal", "a"),
    _names("harm", "illegal_speech", "scams", "s"),
    _names("flag", *FLAGS, "m"),
    _names("tag", *TAGS),
    _names("owner", *PEOPLE, "'; DROP TABLE cases; --"),
    _names("lease", *PEOPLE),
    _names("watcher", *PEOPLE),
    _names("desk", "global", "eu"),
    _names("product", "pages", "PAGES", "École", "p"),
    _names("country", *COUNTRIES, "eu", "de", "nowhere"),
    _names("lang", "de", "EN"),
    _names("requester", "r1", "r2", "DAILY COURIER", "ÉTÉ"),
    _names("from", "user", "press", "law"),
    _names("wait", "legal", "req"),
    _names("subject", "s1", "s2"),
    _names("item", *ITEMS),
    _names("account", "x:1", "x:2"),
    _names("policy", "ads.2", "doi"),
    _names("root", "policy_gap", "none"),
    _names("ref", "E-00001", "oo007", "00012"),
    _names("clock", "ack", "asked", "eu"),
    _names("has", "hidden", "notes", "pin", "links", "asked", "attachment"),
    *(_compared(field, NUMBERS) for field in ("reach", "reports", "rung", "legal_rung")),
    _compared("legal_total", ("1h", "3h", "4h", "1d")),
    _compared("due", TIMES),
    _compared("age", TIMES[:6]),
    _compared("updated", TIMES),
    _listed(st.sampled_from(sorted(IS))).map("is:".__add__),
    _listed(st.sampled_from(sorted(VERIFIED))).map("verified:".__add__),
)
WORD_TERMS = st.one_of(
    st.sampled_from([*WORDS, "pag", "裁判", "の命", "판", "หิน", "elysee", "fake-page", "courier"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda found: f'"{" ".join(found)}"'),
)
TERMS = st.tuples(st.sampled_from(["", "", "-"]), FIELD_TERMS | WORD_TERMS).map("".join)
QUERIES = st.lists(TERMS, max_size=4).map(" ".join)
