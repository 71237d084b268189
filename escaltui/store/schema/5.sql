CREATE TABLE acknowledgement (
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

CREATE INDEX ix_acknowledgement_case_id ON acknowledgement (case_id)

CREATE INDEX ix_acknowledgement_key ON acknowledgement ("key")

CREATE INDEX ix_acknowledgement_state ON acknowledgement (state)

CREATE TABLE change_note (
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

CREATE INDEX ix_change_note_case_id ON change_note (case_id)

CREATE INDEX ix_change_note_key ON change_note ("key")

CREATE INDEX ix_change_note_state ON change_note (state)

CREATE TABLE goal (
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

CREATE INDEX ix_goal_case_id ON goal (case_id)

CREATE INDEX ix_goal_key ON goal ("key")

CREATE INDEX ix_goal_state ON goal (state)

CREATE TABLE handover (
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

CREATE INDEX ix_handover_case_id ON handover (case_id)

CREATE INDEX ix_handover_key ON handover ("key")

CREATE INDEX ix_handover_state ON handover (state)

CREATE TABLE incident (
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

CREATE INDEX ix_incident_case_id ON incident (case_id)

CREATE INDEX ix_incident_key ON incident ("key")

CREATE INDEX ix_incident_state ON incident (state)

CREATE TABLE insight (
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

CREATE INDEX ix_insight_case_id ON insight (case_id)

CREATE INDEX ix_insight_key ON insight ("key")

CREATE INDEX ix_insight_state ON insight (state)

CREATE TABLE library_entry (
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

CREATE INDEX ix_library_entry_case_id ON library_entry (case_id)

CREATE INDEX ix_library_entry_key ON library_entry ("key")

CREATE INDEX ix_library_entry_state ON library_entry (state)

CREATE TABLE network (
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

CREATE INDEX ix_network_case_id ON network (case_id)

CREATE INDEX ix_network_key ON network ("key")

CREATE INDEX ix_network_state ON network (state)

CREATE TABLE receipt (
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

CREATE INDEX ix_receipt_case_id ON receipt (case_id)

CREATE INDEX ix_receipt_key ON receipt ("key")

CREATE INDEX ix_receipt_state ON receipt (state)

CREATE TABLE recommendation (
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

CREATE INDEX ix_recommendation_case_id ON recommendation (case_id)

CREATE INDEX ix_recommendation_key ON recommendation ("key")

CREATE INDEX ix_recommendation_state ON recommendation (state)

CREATE TABLE risk (
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

CREATE INDEX ix_risk_case_id ON risk (case_id)

CREATE INDEX ix_risk_key ON risk ("key")

CREATE INDEX ix_risk_state ON risk (state)

CREATE TABLE ruling (
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

CREATE INDEX ix_ruling_case_id ON ruling (case_id)

CREATE INDEX ix_ruling_key ON ruling ("key")

CREATE INDEX ix_ruling_state ON ruling (state)

CREATE TABLE watch (
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

CREATE INDEX ix_watch_case_id ON watch (case_id)

CREATE INDEX ix_watch_key ON watch ("key")

CREATE INDEX ix_watch_state ON watch (state)
