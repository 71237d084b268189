CREATE TABLE media (
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

CREATE INDEX ix_media_case_id ON media (case_id)

CREATE INDEX ix_media_key ON media ("key")

CREATE INDEX ix_media_state ON media (state)

CREATE TABLE picture_hash (
	sha256 VARCHAR NOT NULL, 
	pdq VARCHAR NOT NULL, 
	mirrored VARCHAR NOT NULL, 
	quality INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (sha256)
)
 WITHOUT ROWID
