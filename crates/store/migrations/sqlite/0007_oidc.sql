-- Sign-in by OpenID Connect: the provider with its sealed client secret, and who is on the way there and back.
CREATE TABLE provider(
  id INTEGER NOT NULL PRIMARY KEY,   -- 1: there is one
  settings TEXT NOT NULL,
  key_id TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  sealed BLOB NOT NULL
) STRICT;
-- Secrets are kept as SHA-256: of the state that the provider sends back, and of what the browser is known by.
CREATE TABLE oidc_state(
  state BLOB NOT NULL PRIMARY KEY,
  visit BLOB NOT NULL,
  purpose TEXT NOT NULL,
  issuer TEXT NOT NULL,
  next TEXT NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
CREATE INDEX oidc_state_expires ON oidc_state(expires);
-- Whether a group at the provider made the account: its role is then read anew with every sign-in.
ALTER TABLE account ADD COLUMN mapped INTEGER NOT NULL DEFAULT 0;
