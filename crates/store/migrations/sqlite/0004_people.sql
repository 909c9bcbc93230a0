-- People, how they sign in, and what owners set. Of the installation, so that their keys do not start with org.
-- Secrets (of sessions, links, tokens) are kept as SHA-256; they are random, so nothing slower is needed.
INSERT INTO counter(name, value) VALUES
  ('account', 0), ('api_token', 0), ('access_request', 0), ('draft', 0);
CREATE TABLE account(
  id INTEGER NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,        -- an e-mail address
  login_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT,              -- argon2id, as a PHC string; NULL: none is set
  role TEXT NOT NULL,
  reach TEXT NOT NULL,        -- for which orgs the role holds
  issuer TEXT,                -- who the person is at an OpenID provider: never the e-mail
  subject TEXT,
  created INTEGER NOT NULL,
  disabled_at INTEGER
) STRICT;
CREATE UNIQUE INDEX account_subject ON account(issuer, subject) WHERE subject IS NOT NULL;
CREATE TABLE session(
  token BLOB NOT NULL PRIMARY KEY,
  account INTEGER NOT NULL,
  csrf TEXT NOT NULL,
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX session_account ON session(account);
CREATE INDEX session_expires ON session(expires);
CREATE TABLE owner_link(
  token BLOB NOT NULL PRIMARY KEY,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used_at INTEGER
) STRICT;
CREATE TABLE api_token(
  id INTEGER NOT NULL PRIMARY KEY,
  token BLOB NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  reach TEXT NOT NULL,
  account INTEGER NOT NULL,   -- who made it
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  used_at INTEGER,
  revoked_at INTEGER
) STRICT;
-- Attempts to sign in, by what they are counted for: a login, an address.
CREATE TABLE sign_in_attempt(
  subject TEXT NOT NULL PRIMARY KEY,
  attempts INTEGER NOT NULL,
  since INTEGER NOT NULL
) STRICT;
CREATE TABLE access_request(
  id INTEGER NOT NULL PRIMARY KEY,
  integration TEXT NOT NULL,
  account INTEGER NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  created INTEGER NOT NULL,
  decided_by INTEGER,
  decided_at INTEGER
) STRICT;
CREATE INDEX access_request_account ON access_request(account, integration);
CREATE TABLE setting(name TEXT NOT NULL PRIMARY KEY, value TEXT NOT NULL) STRICT;
-- A connection that somebody began to describe. It holds no key: that is asked for again.
CREATE TABLE draft(
  id INTEGER NOT NULL PRIMARY KEY,
  integration TEXT NOT NULL,
  account INTEGER NOT NULL,
  fields TEXT NOT NULL,
  created INTEGER NOT NULL
) STRICT;
