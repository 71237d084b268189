"""Tables of the policy library, as the store's migrations create them."""

from __future__ import annotations

SCHEMA: tuple[str, ...] = (
    """CREATE TABLE policy_document (
        key TEXT PRIMARY KEY, title TEXT NOT NULL, families TEXT NOT NULL, lang TEXT NOT NULL,
        source TEXT NOT NULL, licence TEXT NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE policy_version (
        document TEXT NOT NULL REFERENCES policy_document(key), version TEXT NOT NULL,
        observed_on TEXT NOT NULL, effective_from TEXT, kind TEXT NOT NULL, fingerprint TEXT NOT NULL,
        source_ref TEXT NOT NULL, source_sha256 TEXT NOT NULL, same_as TEXT NOT NULL, must_ack INTEGER NOT NULL,
        ack_by TEXT, note TEXT NOT NULL, PRIMARY KEY (document, version)) WITHOUT ROWID""",
    "CREATE TABLE policy_text (text_sha256 TEXT PRIMARY KEY, text TEXT NOT NULL)",
    """CREATE TABLE policy_section (
        id INTEGER PRIMARY KEY, document TEXT NOT NULL, version TEXT NOT NULL, stable_id TEXT NOT NULL,
        position INTEGER NOT NULL, heading TEXT NOT NULL, path TEXT NOT NULL,
        text_sha256 TEXT NOT NULL REFERENCES policy_text(text_sha256), origin TEXT NOT NULL, level INTEGER NOT NULL,
        page TEXT NOT NULL, page_url TEXT NOT NULL, exception TEXT NOT NULL, moved_from TEXT NOT NULL,
        indexed INTEGER NOT NULL, FOREIGN KEY (document, version) REFERENCES policy_version(document, version),
        UNIQUE (document, version, stable_id))""",
    "CREATE INDEX policy_section_stable_id ON policy_section(stable_id)",
    "CREATE INDEX policy_section_text ON policy_section(text_sha256)",
    """CREATE VIRTUAL TABLE policy_fts USING fts5(
        title, path, body, tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3 5')""",
    "CREATE VIRTUAL TABLE policy_terms USING fts5vocab('policy_fts', 'row')",
    "CREATE VIRTUAL TABLE policy_ids USING fts5(stable_id, title, numbers, tokenize = 'trigram')",
)
