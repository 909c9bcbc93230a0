-- Sign-in by OpenID Connect: the provider with its sealed client secret, and who is on the way there and back.
CREATE TABLE provider(
  id BIGINT NOT NULL PRIMARY KEY,   -- 1: there is one
  settings JSONB NOT NULL,
  key_id TEXT NOT NULL,
  wrapped BYTEA NOT NULL,
  sealed BYTEA NOT NULL
);
-- Secrets are kept as SHA-256: of the state that the provider sends back, and of what the browser is known by.
CREATE TABLE oidc_state(
  state BYTEA NOT NULL PRIMARY KEY,
  visit BYTEA NOT NULL,
  purpose TEXT NOT NULL,
  issuer TEXT NOT NULL,
  next TEXT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX oidc_state_expires ON oidc_state(expires);
-- Whether a group at the provider made the account: its role is then read anew with every sign-in.
ALTER TABLE account ADD COLUMN mapped BOOLEAN NOT NULL DEFAULT FALSE;
