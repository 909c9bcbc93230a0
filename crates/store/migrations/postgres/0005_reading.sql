-- What pages sort by, search and count.
CREATE INDEX entity_created ON entity(org, kind, created, id)
  WHERE removed_at IS NULL AND doc_hash IS NOT NULL AND parent = 0;
CREATE INDEX entity_updated ON entity(org, kind, updated, id)
  WHERE removed_at IS NULL AND doc_hash IS NOT NULL AND parent = 0;
DROP INDEX entity_login;
CREATE INDEX entity_login ON entity(org, kind, login_key, id)
  WHERE removed_at IS NULL AND doc_hash IS NOT NULL AND parent = 0;
-- Top-level objects are found by id through entity_identity, kind by kind.
CREATE INDEX entity_nested ON entity(org, okta_id)
  WHERE removed_at IS NULL AND doc_hash IS NOT NULL AND parent <> 0;

-- Terms by kind: a list is of one kind, and a search that asks each kind is not lost in two million factors of one name.
ALTER TABLE term DROP CONSTRAINT term_pkey, ADD PRIMARY KEY(org, kind, text, id);

-- How many live objects of a kind have a facet's value; with an empty name and value, how many there are of the kind.
CREATE TABLE facet_count(
  org BIGINT NOT NULL,
  kind SMALLINT NOT NULL,
  name TEXT COLLATE "C" NOT NULL,
  value TEXT COLLATE "C" NOT NULL,
  n BIGINT NOT NULL,
  PRIMARY KEY(org, kind, name, value)
);
INSERT INTO facet_count(org, kind, name, value, n)
  SELECT org, kind, name, value, count(*) FROM facet GROUP BY org, kind, name, value;
INSERT INTO facet_count(org, kind, name, value, n)
  SELECT org, kind, '', '', count(*) FROM entity WHERE removed_at IS NULL AND doc_hash IS NOT NULL GROUP BY org, kind;

-- The audit of all chains by time.
CREATE INDEX audit_at ON audit(at, org, seq);
