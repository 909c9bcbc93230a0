-- Invitations: a link by which one person makes an account of a role that an owner chose. At most one for a login.
INSERT INTO counter(name, value) VALUES ('invitation', 0);
CREATE TABLE invitation(
  id INTEGER NOT NULL PRIMARY KEY,
  token BLOB NOT NULL UNIQUE,
  login TEXT NOT NULL,
  login_key TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  reach TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT;
