-- What a complete listing left out and was kept all the same, because it was too much to believe at once: it goes when the
-- next complete listing leaves it out, too.
CREATE TABLE missed(
  org BIGINT NOT NULL,
  run BIGINT NOT NULL,
  dataset TEXT COLLATE "C" NOT NULL,
  parent BIGINT NOT NULL,
  ids BYTEA NOT NULL,           -- as in seen
  PRIMARY KEY(org, run, dataset, parent)
);
-- Nothing was ever written to it.
ALTER TABLE run DROP COLUMN progress;
