-- What the documents of a relation's edges have in common, for packing and unpacking them: edge_doc.codec and
-- edge_change.codec name it. Trained on the org's own documents, so it goes with the org.
CREATE TABLE dictionary(
  org INTEGER NOT NULL,
  codec INTEGER NOT NULL,
  rel INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY(org, codec)
) STRICT;
