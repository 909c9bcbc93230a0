-- What members answered to Did this answer your question?: at most one answer of an account about a page.
INSERT INTO counter(name, value) VALUES ('feedback', 0);
CREATE TABLE feedback(
  id INTEGER NOT NULL PRIMARY KEY,
  account INTEGER NOT NULL,
  page TEXT NOT NULL,
  helpful INTEGER NOT NULL,
  comment TEXT NOT NULL,
  at INTEGER NOT NULL,
  UNIQUE(account, page)
) STRICT;
