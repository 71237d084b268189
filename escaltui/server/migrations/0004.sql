CREATE TABLE webhook (name TEXT PRIMARY KEY, stream TEXT NOT NULL, secret TEXT NOT NULL, earlier TEXT NOT NULL,
    earlier_until BIGINT, made_at BIGINT NOT NULL, rotated_at BIGINT, revoked_at BIGINT)

CREATE TABLE webhook_taken (webhook TEXT NOT NULL, id TEXT NOT NULL, sha256 TEXT NOT NULL, key TEXT NOT NULL,
    at BIGINT NOT NULL, PRIMARY KEY (webhook, id))

CREATE INDEX webhook_taken_key ON webhook_taken (webhook, key)

CREATE INDEX report_key ON report USING hash (dedupe_key)
