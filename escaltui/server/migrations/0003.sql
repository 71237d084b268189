DO $$ BEGIN CREATE ROLE escaltui_auditor NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$

CREATE VIEW audit_line WITH (security_barrier) AS SELECT stream, seq, at, made_at, actor, device, op_id, verb, entity, entity_id, case_id, action, rev, rules_hash, digest, hash, salt, body FROM change WHERE stream = 'org:audit'

CREATE VIEW audit_head WITH (security_barrier) AS SELECT stream, seq, hash FROM head WHERE stream = 'org:audit'

GRANT SELECT ON audit_line, audit_head TO escaltui_auditor
