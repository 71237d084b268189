CREATE TABLE pick (
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

CREATE INDEX ix_pick_case_id ON pick (case_id)

CREATE INDEX ix_pick_key ON pick ("key")

CREATE INDEX ix_pick_state ON pick (state)
