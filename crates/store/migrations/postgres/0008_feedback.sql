-- What members answered to Did this answer your question?: at most one answer of an account about a page.
INSERT INTO counter(name, value) VALUES ('feedback', 0);
CREATE TABLE feedback(
  id BIGINT NOT NULL PRIMARY KEY,
  account BIGINT NOT NULL,
  page TEXT NOT NULL,
  helpful BOOLEAN NOT NULL,
  comment TEXT NOT NULL,
  at BIGINT NOT NULL,
  UNIQUE(account, page)
);
