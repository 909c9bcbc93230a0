//! What apps and OAuth clients are trusted by: signing keys, registered keys, secrets, granted scopes, refresh tokens.
//! All of it is computed from the app's number.

use super::apps::App;
use super::catalogue::Mode;
use super::ids::opaque;
use super::people::DAY;

/// A signing key.
#[derive(Debug, Clone)]
pub struct Key {
    /// Key id.
    pub kid: String,
    /// When it was made.
    pub created: i64,
    /// When its certificate ends.
    pub expires: i64,
}

/// The key id that an app signs with: of its own, or the org's first one, which older apps share.
pub fn signing_key(seed: u64, app: u32) -> String {
    if app.is_multiple_of(3) { opaque(seed, 77, 43) } else { opaque(seed, u64::from(app) + 100_000, 43) }
}

/// Whether an app signs what it says.
pub fn signs(mode: Mode) -> bool {
    mode.is_oauth() || matches!(mode, Mode::Saml | Mode::CustomSaml | Mode::WsFed)
}

/// The signing keys of an app: the one in use, which ends soon for some; one that has ended, for some.
pub fn keys(seed: u64, as_of: i64, app: u32, of: &App) -> Vec<Key> {
    if !signs(of.entry.mode) {
        return Vec::new();
    }
    let expires = if app % 7 == 4 { as_of + 20 * DAY } else { of.created + 3_650 * DAY };
    let mut keys = vec![Key { kid: signing_key(seed, app), created: of.created, expires }];
    if app % 5 == 3 {
        let expires = (of.created + 730 * DAY).min(as_of - DAY);
        keys.push(Key { kid: opaque(seed, u64::from(app) + 200_000, 43), created: of.created, expires });
    }
    keys
}

/// A key that an OAuth client registered.
#[derive(Debug, Clone, Copy)]
pub struct Jwk {
    /// Number below the app.
    pub n: u32,
    /// Whether it works.
    pub active: bool,
    /// Elliptic curve, else RSA.
    pub curve: bool,
    /// When it was registered.
    pub created: i64,
}

/// The keys of a service app of the beginning: those with a secret forgot one that they no longer use.
pub fn jwks(app: u32, of: &App) -> Vec<Jwk> {
    if of.entry.mode != Mode::Service || of.registered.is_some() {
        return Vec::new();
    }
    let by_key = proves_by_key(app, of);
    let mut jwks = vec![Jwk { n: 0, active: by_key, curve: false, created: of.created }];
    if by_key {
        jwks.push(Jwk { n: 1, active: false, curve: true, created: of.created });
    }
    jwks
}

/// Whether a client proves itself by a key rather than a secret.
pub fn proves_by_key(app: u32, of: &App) -> bool {
    match &of.registered {
        Some(registered) => registered.method == "private_key_jwt",
        None => of.entry.mode == Mode::Service && app.is_multiple_of(2),
    }
}

/// Whether a client is confidential and has a secret.
pub fn has_secret(app: u32, of: &App) -> bool {
    let mode = of.entry.mode;
    mode.is_oauth() && !matches!(mode, Mode::OidcBrowser | Mode::OidcNative) && !proves_by_key(app, of)
}

/// A client secret.
#[derive(Clone)]
pub struct Secret {
    /// Number below the app.
    pub n: u32,
    /// Whether it works.
    pub active: bool,
    /// When it was made.
    pub created: i64,
    /// The secret.
    pub value: String,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("n", &self.n).field("active", &self.active).finish_non_exhaustive()
    }
}

/// The `n`th secret of an app.
pub fn secret(seed: u64, app: u32, n: u32) -> String {
    opaque(seed, u64::from(app) + 5_000 + u64::from(n) * 10_000_000, 64)
}

/// The secrets of a client: as old as the client, and for some an older one that is switched off.
pub fn secrets(seed: u64, app: u32, of: &App) -> Vec<Secret> {
    if !has_secret(app, of) {
        return Vec::new();
    }
    if let Some(registered) = &of.registered {
        let secret = registered.secret.iter();
        return secret
            .map(|s| Secret { n: 0, active: true, created: of.created, value: s.clone() })
            .collect();
    }
    let one = |n, active| Secret { n, active, created: of.created, value: secret(seed, app, n) };
    let mut secrets = vec![one(0, true)];
    if app.is_multiple_of(3) {
        secrets.push(one(1, false));
    }
    secrets
}

/// The Okta scopes that administrators granted to a client: the sync worker has more than it should.
pub fn granted(of: &App) -> &'static [&'static str] {
    match (of.entry.mode, of.entry.label) {
        _ if of.registered.is_some() => &[],
        (Mode::Service, "Identity Sync Worker") => {
            &["okta.users.manage", "okta.groups.manage", "okta.apps.manage", "okta.roles.read"]
        }
        (Mode::Service, "Partner API") => &[],
        (Mode::Service, _) => &["okta.users.read", "okta.logs.read"],
        _ => &[],
    }
}

/// The Okta scope that a user consented to for a client.
pub fn consented(of: &App) -> Option<&'static str> {
    (of.entry.mode == Mode::OidcWeb && of.entry.name == "oidc_client").then_some("okta.users.read.self")
}

/// Whether users keep refresh tokens of the client.
pub fn keeps_tokens(mode: Mode) -> bool {
    matches!(mode, Mode::OidcWeb | Mode::OidcNative)
}
