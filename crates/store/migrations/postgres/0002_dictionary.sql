-- What the documents of a relation's edges have in common, for packing and unpacking them: edge_doc.codec and
-- edge_change.codec name it. Trained on the org's own documents, so it goes with the org.
CREATE TABLE dictionary(
  org BIGINT NOT NULL,
  codec SMALLINT NOT NULL,
  rel SMALLINT NOT NULL,
  bytes BYTEA NOT NULL,
  PRIMARY KEY(org, codec)
);
