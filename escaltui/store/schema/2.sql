CREATE TABLE action (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX ix_action_case_id ON action (case_id)

CREATE INDEX ix_action_key ON action ("key")

CREATE INDEX ix_action_state ON action (state)

CREATE TABLE consult (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX ix_consult_case_id ON consult (case_id)

CREATE INDEX ix_consult_key ON consult ("key")

CREATE INDEX ix_consult_state ON consult (state)

CREATE TABLE decision (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX decision_state ON decision (state, n)

CREATE INDEX ix_decision_case_id ON decision (case_id)

CREATE TABLE message (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX ix_message_case_id ON message (case_id)

CREATE INDEX ix_message_key ON message ("key")

CREATE INDEX ix_message_state ON message (state)

CREATE TABLE statement (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX ix_statement_case_id ON statement (case_id)

CREATE INDEX ix_statement_key ON statement ("key")

CREATE INDEX ix_statement_state ON statement (state)

CREATE TABLE task (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX ix_task_case_id ON task (case_id)

CREATE INDEX ix_task_key ON task ("key")

CREATE INDEX ix_task_state ON task (state)

CREATE TABLE updates (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	who VARCHAR NOT NULL, 
	"key" VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body VARCHAR NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX ix_updates_case_id ON updates (case_id)

CREATE INDEX ix_updates_key ON updates ("key")

CREATE INDEX ix_updates_state ON updates (state)
