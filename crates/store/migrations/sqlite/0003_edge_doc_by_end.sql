-- Documents of edges are kept by the end they are listed under: what comes on one page (the users of an app) then lies
-- together, and a page is written to a few places rather than to one for each row. The step is long for a large
-- database, and done once.
CREATE TABLE edge_doc_by_end(
  org INTEGER NOT NULL,
  rel INTEGER NOT NULL,
  src INTEGER NOT NULL,
  dst INTEGER NOT NULL,
  hash BLOB NOT NULL,
  codec INTEGER NOT NULL,
  doc BLOB NOT NULL,
  PRIMARY KEY(org, rel, dst, src)
) WITHOUT ROWID, STRICT;
INSERT INTO edge_doc_by_end(org, rel, src, dst, hash, codec, doc)
  SELECT org, rel, src, dst, hash, codec, doc FROM edge_doc ORDER BY org, rel, dst, src;
DROP TABLE edge_doc;
ALTER TABLE edge_doc_by_end RENAME TO edge_doc;
