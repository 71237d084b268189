CREATE TABLE pending (
	n INTEGER NOT NULL, 
	op_id VARCHAR NOT NULL, 
	at INTEGER NOT NULL, 
	actor VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	verb VARCHAR NOT NULL, 
	entity VARCHAR NOT NULL, 
	entity_id VARCHAR NOT NULL, 
	case_id VARCHAR NOT NULL, 
	action VARCHAR NOT NULL, 
	stream VARCHAR NOT NULL, 
	rev INTEGER NOT NULL, 
	fits INTEGER NOT NULL, 
	body TEXT NOT NULL, 
	PRIMARY KEY (n)
)

CREATE INDEX ix_pending_case_id ON pending (case_id)

CREATE INDEX ix_pending_op_id ON pending (op_id)

CREATE TABLE pending_unit (
	unit VARCHAR NOT NULL, 
	op_id VARCHAR NOT NULL, 
	PRIMARY KEY (unit, op_id)
)
 WITHOUT ROWID

CREATE INDEX ix_pending_unit_op_id ON pending_unit (op_id)

CREATE TABLE shadow (
	entity VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	body TEXT, 
	PRIMARY KEY (entity, id)
)
 WITHOUT ROWID
