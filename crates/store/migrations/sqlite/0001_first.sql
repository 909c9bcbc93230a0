-- Times are milliseconds since the Unix epoch. Every key starts with org.
CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
-- Numbers given out once and never again.
CREATE TABLE counter(name TEXT NOT NULL PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counter(name, value) VALUES ('org', 0), ('run', 0);
-- What the codes in entity and edge mean, for people who read the database themselves.
CREATE TABLE kind(code INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL) STRICT;
CREATE TABLE relation(code INTEGER NOT NULL PRIMARY KEY, name TEXT NOT NULL, what TEXT NOT NULL) STRICT;

CREATE TABLE org(
  id INTEGER NOT NULL PRIMARY KEY,
  label TEXT NOT NULL,
  label_key TEXT NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  okta_id TEXT,
  simulator INTEGER NOT NULL,
  state TEXT NOT NULL,
  state_reason TEXT NOT NULL,
  state_at INTEGER NOT NULL,
  settings TEXT NOT NULL,
  created INTEGER NOT NULL,
  next_id INTEGER NOT NULL
) STRICT;
CREATE TABLE org_lease(
  org INTEGER NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  fence INTEGER NOT NULL,
  until INTEGER NOT NULL
) STRICT;
CREATE TABLE credential(
  org INTEGER NOT NULL,
  purpose TEXT NOT NULL,
  kind TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  sealed BLOB NOT NULL,
  meta TEXT NOT NULL,
  created INTEGER NOT NULL,
  PRIMARY KEY(org, purpose)
) STRICT;
CREATE TABLE coverage(
  org INTEGER NOT NULL,
  dataset TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  assumed TEXT NOT NULL,
  objects INTEGER NOT NULL,
  at INTEGER,
  sweep_refused INTEGER NOT NULL,
  PRIMARY KEY(org, dataset)
) STRICT;

CREATE TABLE run(
  org INTEGER NOT NULL,
  id INTEGER NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  outcome TEXT,
  plan TEXT NOT NULL,
  progress TEXT NOT NULL,
  summary TEXT NOT NULL,
  PRIMARY KEY(org, id)
) STRICT;
CREATE TABLE run_dataset(
  org INTEGER NOT NULL,
  run INTEGER NOT NULL,
  dataset TEXT NOT NULL,
  parts INTEGER NOT NULL,   -- listings that make up one parent
  finished INTEGER,
  PRIMARY KEY(org, run, dataset)
) STRICT;
CREATE TABLE checkpoint(
  org INTEGER NOT NULL,
  run INTEGER NOT NULL,
  dataset TEXT NOT NULL,
  parent INTEGER NOT NULL,
  part INTEGER NOT NULL,    -- -1: the whole parent was given up, see why
  page INTEGER NOT NULL,    -- the next page
  cursor TEXT,
  state INTEGER NOT NULL,   -- 0 going on, 1 complete, 2 failed
  why TEXT,
  PRIMARY KEY(org, run, dataset, parent, part)
) WITHOUT ROWID, STRICT;
CREATE TABLE seen(
  org INTEGER NOT NULL,
  run INTEGER NOT NULL,
  dataset TEXT NOT NULL,
  parent INTEGER NOT NULL,
  part INTEGER NOT NULL,    -- -1: confirmed one by one
  page INTEGER NOT NULL,
  ids BLOB NOT NULL,        -- ascending ids, deltas as LEB128
  PRIMARY KEY(org, run, dataset, parent, part, page)
) WITHOUT ROWID, STRICT;
CREATE TABLE quarantine(
  org INTEGER NOT NULL,
  dataset TEXT NOT NULL,
  run INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  part INTEGER NOT NULL,
  page INTEGER NOT NULL,
  n INTEGER NOT NULL,
  at INTEGER NOT NULL,
  why TEXT NOT NULL,
  doc TEXT NOT NULL,
  PRIMARY KEY(org, dataset, run, parent, part, page, n)
) STRICT;

CREATE TABLE entity(
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  parent INTEGER NOT NULL,
  okta_id TEXT NOT NULL,
  name TEXT,
  name_key TEXT NOT NULL,   -- lower-cased name, or the id where there is none
  login TEXT,
  login_key TEXT,
  status TEXT,
  created INTEGER,
  updated INTEGER,
  version INTEGER NOT NULL, -- of the document; 0 for a stub
  first_seen INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  removed_at INTEGER,
  doc_hash BLOB,            -- NULL: a stub, referenced but not read
  doc TEXT,
  PRIMARY KEY(org, id)
) STRICT;
CREATE UNIQUE INDEX entity_identity ON entity(org, kind, parent, okta_id);
CREATE INDEX entity_live ON entity(org, kind, id) WHERE removed_at IS NULL AND doc_hash IS NOT NULL;
CREATE INDEX entity_stub ON entity(org, id) WHERE removed_at IS NULL AND doc_hash IS NULL;
CREATE INDEX entity_name ON entity(org, kind, name_key, id) WHERE removed_at IS NULL AND doc_hash IS NOT NULL;
CREATE INDEX entity_status ON entity(org, kind, status, name_key, id) WHERE removed_at IS NULL AND doc_hash IS NOT NULL;
CREATE INDEX entity_login ON entity(org, kind, login_key) WHERE login_key IS NOT NULL;
CREATE TABLE entity_version(
  org INTEGER NOT NULL,
  id INTEGER NOT NULL,
  version INTEGER NOT NULL,
  at INTEGER NOT NULL,      -- first recorded
  until INTEGER NOT NULL,   -- replaced or removed
  codec INTEGER NOT NULL,
  doc BLOB NOT NULL,
  PRIMARY KEY(org, id, version)
) WITHOUT ROWID, STRICT;

CREATE TABLE edge(
  org INTEGER NOT NULL,
  rel INTEGER NOT NULL,
  src INTEGER NOT NULL,
  dst INTEGER NOT NULL,
  attr INTEGER NOT NULL,
  first_seen INTEGER NOT NULL,
  PRIMARY KEY(org, rel, src, dst)
) WITHOUT ROWID, STRICT;
CREATE INDEX edge_rev ON edge(org, rel, dst, src);
CREATE TABLE edge_doc(
  org INTEGER NOT NULL,
  rel INTEGER NOT NULL,
  src INTEGER NOT NULL,
  dst INTEGER NOT NULL,
  hash BLOB NOT NULL,
  codec INTEGER NOT NULL,
  doc BLOB NOT NULL,
  PRIMARY KEY(org, rel, src, dst)
) WITHOUT ROWID, STRICT;
-- The past of edges: what they were from `since` until `at`. Their beginning is edge.first_seen.
CREATE TABLE edge_change(
  org INTEGER NOT NULL,
  at INTEGER NOT NULL,
  rel INTEGER NOT NULL,
  src INTEGER NOT NULL,
  dst INTEGER NOT NULL,
  what INTEGER NOT NULL,    -- 2 changed, 3 removed
  attr INTEGER NOT NULL,
  since INTEGER NOT NULL,
  codec INTEGER,
  doc BLOB,
  PRIMARY KEY(org, at, rel, src, dst, what)
) WITHOUT ROWID, STRICT;

CREATE TABLE facet(
  org INTEGER NOT NULL,
  kind INTEGER NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY(org, kind, name, value, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX facet_id ON facet(org, id);
CREATE TABLE term(
  org INTEGER NOT NULL,
  text TEXT NOT NULL,
  kind INTEGER NOT NULL,
  id INTEGER NOT NULL,
  PRIMARY KEY(org, text, kind, id)
) WITHOUT ROWID, STRICT;
CREATE INDEX term_id ON term(org, id);

-- detail is text on both databases: the MAC covers it byte by byte.
CREATE TABLE audit(
  org INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  mac BLOB NOT NULL,
  PRIMARY KEY(org, seq)
) STRICT;
