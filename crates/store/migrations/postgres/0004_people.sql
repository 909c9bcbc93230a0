-- People, how they sign in, and what owners set. Of the installation, so that their keys do not start with org.
-- Secrets (of sessions, links, tokens) are kept as SHA-256; they are random, so nothing slower is needed.
INSERT INTO counter(name, value) VALUES
  ('account', 0), ('api_token', 0), ('access_request', 0), ('draft', 0);
CREATE TABLE account(
  id BIGINT NOT NULL PRIMARY KEY,
  login TEXT NOT NULL,        -- an e-mail address
  login_key TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password TEXT,              -- argon2id, as a PHC string; NULL: none is set
  role TEXT NOT NULL,
  reach JSONB NOT NULL,        -- for which orgs the role holds
  issuer TEXT,                -- who the person is at an OpenID provider: never the e-mail
  subject TEXT,
  created BIGINT NOT NULL,
  disabled_at BIGINT
);
CREATE UNIQUE INDEX account_subject ON account(issuer, subject) WHERE subject IS NOT NULL;
CREATE TABLE session(
  token BYTEA NOT NULL PRIMARY KEY,
  account BIGINT NOT NULL,
  csrf TEXT NOT NULL,
  created BIGINT NOT NULL,
  seen BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX session_account ON session(account);
CREATE INDEX session_expires ON session(expires);
CREATE TABLE owner_link(
  token BYTEA NOT NULL PRIMARY KEY,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  used_at BIGINT
);
CREATE TABLE api_token(
  id BIGINT NOT NULL PRIMARY KEY,
  token BYTEA NOT NULL UNIQUE,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  reach JSONB NOT NULL,
  account BIGINT NOT NULL,   -- who made it
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  used_at BIGINT,
  revoked_at BIGINT
);
-- Attempts to sign in, by what they are counted for: a login, an address.
CREATE TABLE sign_in_attempt(
  subject TEXT NOT NULL PRIMARY KEY,
  attempts BIGINT NOT NULL,
  since BIGINT NOT NULL
);
CREATE TABLE access_request(
  id BIGINT NOT NULL PRIMARY KEY,
  integration TEXT NOT NULL,
  account BIGINT NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,
  created BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT
);
CREATE INDEX access_request_account ON access_request(account, integration);
CREATE TABLE setting(name TEXT NOT NULL PRIMARY KEY, value JSONB NOT NULL);
-- A connection that somebody began to describe. It holds no key: that is asked for again.
CREATE TABLE draft(
  id BIGINT NOT NULL PRIMARY KEY,
  integration TEXT NOT NULL,
  account BIGINT NOT NULL,
  fields JSONB NOT NULL,
  created BIGINT NOT NULL
);
