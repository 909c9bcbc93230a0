-- What is known of a data set under one object that was read by itself.
CREATE TABLE coverage_under(
  org INTEGER NOT NULL,
  parent INTEGER NOT NULL,      -- the object
  dataset TEXT NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  assumed TEXT NOT NULL,
  at INTEGER,
  PRIMARY KEY(org, parent, dataset)
) STRICT;
