CREATE TABLE case_set (
	field VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	case_id VARCHAR NOT NULL, 
	PRIMARY KEY (field, value, case_id)
)
 WITHOUT ROWID

CREATE TABLE cases (
	n INTEGER NOT NULL, 
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	ref VARCHAR NOT NULL, 
	title VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	severity INTEGER NOT NULL, 
	type VARCHAR NOT NULL, 
	desk VARCHAR NOT NULL, 
	product VARCHAR NOT NULL, 
	harm VARCHAR NOT NULL, 
	owner VARCHAR NOT NULL, 
	requester VARCHAR NOT NULL, 
	requester_name VARCHAR NOT NULL, 
	requester_kind VARCHAR NOT NULL, 
	verified VARCHAR NOT NULL, 
	merged_into VARCHAR NOT NULL, 
	received_at INTEGER NOT NULL, 
	reach INTEGER NOT NULL, 
	report_count INTEGER NOT NULL, 
	reopened INTEGER NOT NULL, 
	rung INTEGER NOT NULL, 
	legal_rung INTEGER NOT NULL, 
	legal_total INTEGER, 
	lane INTEGER NOT NULL, 
	near INTEGER NOT NULL, 
	start_by INTEGER NOT NULL, 
	next_due INTEGER, 
	next_clock VARCHAR NOT NULL, 
	next_event INTEGER, 
	root_cause VARCHAR NOT NULL, 
	sensitivity VARCHAR NOT NULL, 
	hidden INTEGER NOT NULL, 
	is_open INTEGER NOT NULL, 
	paused INTEGER NOT NULL, 
	lease_person VARCHAR NOT NULL, 
	lease_until INTEGER, 
	waiting_on VARCHAR NOT NULL, 
	waiting_until INTEGER, 
	next_kind VARCHAR NOT NULL, 
	next_state VARCHAR NOT NULL, 
	flags VARCHAR NOT NULL, 
	tags VARCHAR NOT NULL, 
	langs VARCHAR NOT NULL, 
	updated_at INTEGER NOT NULL, 
	sets TEXT NOT NULL, 
	field_rev TEXT NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (id)
)

CREATE INDEX cases_event ON cases (next_event, id) WHERE next_event IS NOT NULL

CREATE INDEX cases_merged ON cases (merged_into) WHERE merged_into != ''

CREATE INDEX cases_owner ON cases (owner, is_open)

CREATE INDEX cases_ref ON cases (ref, id)

CREATE INDEX cases_requester ON cases (requester, received_at DESC, id)

CREATE INDEX cases_requester_name ON cases (lower(requester_name))

CREATE INDEX cases_status ON cases (is_open, status)

CREATE INDEX cases_type ON cases (is_open, type)

CREATE TABLE change (
	n INTEGER NOT NULL, 
	stream VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	made_at INTEGER NOT NULL, 
	actor VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	op_id VARCHAR NOT NULL, 
	verb VARCHAR NOT NULL, 
	entity VARCHAR NOT NULL, 
	entity_id VARCHAR NOT NULL, 
	case_id VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	rules_hash VARCHAR NOT NULL, 
	digest VARCHAR NOT NULL, 
	hash VARCHAR NOT NULL, 
	salt VARCHAR, 
	body TEXT, 
	PRIMARY KEY (n)
)

CREATE INDEX change_case ON change (case_id)

CREATE UNIQUE INDEX change_stream ON change (stream, seq)

CREATE INDEX ix_change_op_id ON change (op_id)

CREATE TABLE draft (
	"key" VARCHAR NOT NULL, 
	case_id VARCHAR NOT NULL, 
	at INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY ("key")
)

CREATE TABLE link (
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	source VARCHAR NOT NULL, 
	target VARCHAR NOT NULL, 
	withdrawn INTEGER NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
)

CREATE INDEX ix_link_source ON link (source)

CREATE INDEX ix_link_target ON link (target)

CREATE TABLE meta (
	"key" VARCHAR NOT NULL, 
	value VARCHAR NOT NULL, 
	PRIMARY KEY ("key")
)

CREATE TABLE note (
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	case_id VARCHAR NOT NULL, 
	withdrawn INTEGER NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
)

CREATE INDEX ix_note_case_id ON note (case_id)

CREATE TABLE outbox (
	n INTEGER NOT NULL, 
	op_id VARCHAR NOT NULL, 
	actor VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	case_id VARCHAR NOT NULL, 
	type VARCHAR NOT NULL, 
	needs VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	next_try_at INTEGER, 
	sent_at INTEGER, 
	result VARCHAR NOT NULL, 
	closed_at INTEGER, 
	body TEXT NOT NULL, 
	PRIMARY KEY (n), 
	UNIQUE (op_id)
)

CREATE INDEX outbox_actor ON outbox (actor, n)

CREATE TABLE person (
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	login VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
)

CREATE INDEX ix_person_login ON person (login)

CREATE TABLE read_mark (
	case_id VARCHAR NOT NULL, 
	person VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (case_id, person)
)
 WITHOUT ROWID

CREATE TABLE report (
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	dedupe_key VARCHAR, 
	case_id VARCHAR NOT NULL, 
	requester VARCHAR NOT NULL, 
	received_at INTEGER NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (dedupe_key)
)

CREATE INDEX ix_report_case_id ON report (case_id)

CREATE INDEX ix_report_requester ON report (requester)

CREATE TABLE requester (
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	name VARCHAR NOT NULL, 
	fold VARCHAR NOT NULL, 
	kind VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
)

CREATE INDEX ix_requester_fold ON requester (fold)

CREATE TABLE stand (
	stream VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	hash VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	PRIMARY KEY (stream)
)

CREATE TABLE subject (
	id VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	platform VARCHAR NOT NULL, 
	item_type VARCHAR NOT NULL, 
	item_id VARCHAR NOT NULL, 
	author VARCHAR NOT NULL, 
	field_rev VARCHAR NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (id)
)

CREATE INDEX subject_author ON subject (platform, author)

CREATE INDEX subject_item ON subject (platform, item_id)
