-- New edges of large listings on their way into `edge`: what pages brought in the order of the listings waits here until
-- it is put there in the order of the table.
CREATE TABLE edge_late(
  org BIGINT NOT NULL,
  n BIGINT NOT NULL,            -- in the order in which they came, and never given again
  first_seen BIGINT NOT NULL,
  edges BYTEA NOT NULL,         -- packed: relation, source, destination, number
  PRIMARY KEY(org, n)
);
-- With the number, what a page shows is compared with this index alone, whose order is that of the page. The step is long
-- for a large database, and done once.
DROP INDEX edge_rev;
CREATE INDEX edge_rev ON edge(org, rel, dst, src, attr);
