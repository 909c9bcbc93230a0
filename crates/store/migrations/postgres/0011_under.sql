-- What is known of a data set under one object that was read by itself.
CREATE TABLE coverage_under(
  org BIGINT NOT NULL,
  parent BIGINT NOT NULL,       -- the object
  dataset TEXT COLLATE "C" NOT NULL,
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  assumed JSONB NOT NULL,
  at BIGINT,
  PRIMARY KEY(org, parent, dataset)
);
