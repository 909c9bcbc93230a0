-- Invitations: a link by which one person makes an account of a role that an owner chose. At most one for a login.
INSERT INTO counter(name, value) VALUES ('invitation', 0);
CREATE TABLE invitation(
  id BIGINT NOT NULL PRIMARY KEY,
  token BYTEA NOT NULL UNIQUE,
  login TEXT NOT NULL,
  login_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  reach JSONB NOT NULL,
  created BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
