CREATE TABLE connector (
	name VARCHAR NOT NULL, 
	cursor VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	began_at INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	opened INTEGER NOT NULL, 
	known INTEGER NOT NULL, 
	unmapped INTEGER NOT NULL, 
	total INTEGER NOT NULL, 
	wait_until INTEGER, 
	says VARCHAR NOT NULL, 
	PRIMARY KEY (name)
)
 WITHOUT ROWID

CREATE TABLE connector_problem (
	n INTEGER NOT NULL, 
	connector VARCHAR NOT NULL, 
	at INTEGER NOT NULL, 
	says VARCHAR NOT NULL, 
	PRIMARY KEY (n)
)

CREATE INDEX ix_connector_problem_connector ON connector_problem (connector)
