-- Byte order ("C") wherever we compare or page through text, as SQLite does.
-- Times are milliseconds since the Unix epoch. Every key starts with org.
CREATE TABLE meta(key TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL);
-- Numbers given out once and never again.
CREATE TABLE counter(name TEXT NOT NULL PRIMARY KEY, value BIGINT NOT NULL);
INSERT INTO counter(name, value) VALUES ('org', 0), ('run', 0);
-- What the codes in entity and edge mean, for people who read the database themselves.
CREATE TABLE kind(code SMALLINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, title TEXT NOT NULL);
CREATE TABLE relation(code SMALLINT NOT NULL PRIMARY KEY, name TEXT NOT NULL, what TEXT NOT NULL);

CREATE TABLE org(
  id BIGINT NOT NULL PRIMARY KEY,
  label TEXT NOT NULL,
  label_key TEXT COLLATE "C" NOT NULL UNIQUE,
  origin TEXT NOT NULL,
  okta_id TEXT COLLATE "C",
  simulator BOOLEAN NOT NULL,
  state TEXT NOT NULL,
  state_reason TEXT NOT NULL,
  state_at BIGINT NOT NULL,
  settings JSONB NOT NULL,
  created BIGINT NOT NULL,
  next_id BIGINT NOT NULL
);
CREATE TABLE org_lease(
  org BIGINT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  fence BIGINT NOT NULL,
  until BIGINT NOT NULL
);
CREATE TABLE credential(
  org BIGINT NOT NULL,
  purpose TEXT NOT NULL,
  kind TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped BYTEA NOT NULL,
  sealed BYTEA NOT NULL,
  meta JSONB NOT NULL,
  created BIGINT NOT NULL,
  PRIMARY KEY(org, purpose)
);
CREATE TABLE coverage(
  org BIGINT NOT NULL,
  dataset TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  assumed JSONB NOT NULL,
  objects BIGINT NOT NULL,
  at BIGINT,
  sweep_refused BOOLEAN NOT NULL,
  PRIMARY KEY(org, dataset)
);

CREATE TABLE run(
  org BIGINT NOT NULL,
  id BIGINT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  started BIGINT NOT NULL,
  finished BIGINT,
  outcome TEXT,
  plan JSONB NOT NULL,
  progress JSONB NOT NULL,
  summary JSONB NOT NULL,
  PRIMARY KEY(org, id)
);
CREATE TABLE run_dataset(
  org BIGINT NOT NULL,
  run BIGINT NOT NULL,
  dataset TEXT COLLATE "C" NOT NULL,
  parts SMALLINT NOT NULL,   -- listings that make up one parent
  finished BIGINT,
  PRIMARY KEY(org, run, dataset)
);
CREATE TABLE checkpoint(
  org BIGINT NOT NULL,
  run BIGINT NOT NULL,
  dataset TEXT COLLATE "C" NOT NULL,
  parent BIGINT NOT NULL,
  part SMALLINT NOT NULL,    -- -1: the whole parent was given up, see why
  page INTEGER NOT NULL,    -- the next page
  cursor TEXT,
  state SMALLINT NOT NULL,   -- 0 going on, 1 complete, 2 failed
  why TEXT,
  PRIMARY KEY(org, run, dataset, parent, part)
);
CREATE TABLE seen(
  org BIGINT NOT NULL,
  run BIGINT NOT NULL,
  dataset TEXT COLLATE "C" NOT NULL,
  parent BIGINT NOT NULL,
  part SMALLINT NOT NULL,    -- -1: confirmed one by one
  page INTEGER NOT NULL,
  ids BYTEA NOT NULL,        -- ascending ids, deltas as LEB128
  PRIMARY KEY(org, run, dataset, parent, part, page)
);
CREATE TABLE quarantine(
  org BIGINT NOT NULL,
  dataset TEXT COLLATE "C" NOT NULL,
  run BIGINT NOT NULL,
  parent BIGINT NOT NULL,
  part SMALLINT NOT NULL,
  page INTEGER NOT NULL,
  n INTEGER NOT NULL,
  at BIGINT NOT NULL,
  why TEXT NOT NULL,
  doc JSONB NOT NULL,
  PRIMARY KEY(org, dataset, run, parent, part, page, n)
);

CREATE TABLE entity(
  org BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  parent BIGINT NOT NULL,
  okta_id TEXT COLLATE "C" NOT NULL,
  name TEXT COLLATE "C",
  name_key TEXT COLLATE "C" NOT NULL,   -- lower-cased name, or the id where there is none
  login TEXT,
  login_key TEXT COLLATE "C",
  status TEXT COLLATE "C",
  created BIGINT,
  updated BIGINT,
  version INTEGER NOT NULL, -- of the document; 0 for a stub
  first_seen BIGINT NOT NULL,
  changed_at BIGINT NOT NULL,
  removed_at BIGINT,
  doc_hash BYTEA,            -- NULL: a stub, referenced but not read
  doc JSONB,
  PRIMARY KEY(org, id)
);
CREATE UNIQUE INDEX entity_identity ON entity(org, kind, parent, okta_id);
CREATE INDEX entity_live ON entity(org, kind, id) WHERE removed_at IS NULL AND doc_hash IS NOT NULL;
CREATE INDEX entity_stub ON entity(org, id) WHERE removed_at IS NULL AND doc_hash IS NULL;
CREATE INDEX entity_name ON entity(org, kind, name_key, id) WHERE removed_at IS NULL AND doc_hash IS NOT NULL;
CREATE INDEX entity_status ON entity(org, kind, status, name_key, id) WHERE removed_at IS NULL AND doc_hash IS NOT NULL;
CREATE INDEX entity_login ON entity(org, kind, login_key) WHERE login_key IS NOT NULL;
CREATE TABLE entity_version(
  org BIGINT NOT NULL,
  id BIGINT NOT NULL,
  version INTEGER NOT NULL,
  at BIGINT NOT NULL,      -- first recorded
  until BIGINT NOT NULL,   -- replaced or removed
  codec SMALLINT NOT NULL,
  doc BYTEA NOT NULL,
  PRIMARY KEY(org, id, version)
);

CREATE TABLE edge(
  org BIGINT NOT NULL,
  rel SMALLINT NOT NULL,
  src BIGINT NOT NULL,
  dst BIGINT NOT NULL,
  attr INTEGER NOT NULL,
  first_seen BIGINT NOT NULL,
  PRIMARY KEY(org, rel, src, dst)
);
CREATE INDEX edge_rev ON edge(org, rel, dst, src);
CREATE TABLE edge_doc(
  org BIGINT NOT NULL,
  rel SMALLINT NOT NULL,
  src BIGINT NOT NULL,
  dst BIGINT NOT NULL,
  hash BYTEA NOT NULL,
  codec SMALLINT NOT NULL,
  doc BYTEA NOT NULL,
  PRIMARY KEY(org, rel, src, dst)
);
-- The past of edges: what they were from `since` until `at`. Their beginning is edge.first_seen.
CREATE TABLE edge_change(
  org BIGINT NOT NULL,
  at BIGINT NOT NULL,
  rel SMALLINT NOT NULL,
  src BIGINT NOT NULL,
  dst BIGINT NOT NULL,
  what SMALLINT NOT NULL,    -- 2 changed, 3 removed
  attr INTEGER NOT NULL,
  since BIGINT NOT NULL,
  codec SMALLINT,
  doc BYTEA,
  PRIMARY KEY(org, at, rel, src, dst, what)
);

CREATE TABLE facet(
  org BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  id BIGINT NOT NULL,
  PRIMARY KEY(org, kind, name, value, id)
);
CREATE INDEX facet_id ON facet(org, id);
CREATE TABLE term(
  org BIGINT NOT NULL,
  text TEXT COLLATE "C" NOT NULL,
  kind SMALLINT NOT NULL,
  id BIGINT NOT NULL,
  PRIMARY KEY(org, text, kind, id)
);
CREATE INDEX term_id ON term(org, id);

-- detail is text on both databases: the MAC covers it byte by byte.
CREATE TABLE audit(
  org BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  action TEXT NOT NULL,
  detail TEXT NOT NULL,
  mac BYTEA NOT NULL,
  PRIMARY KEY(org, seq)
);
