//! API tokens: their values, owners and lifetimes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::ids::opaque;
use super::people::{DAY, People, cast};
use super::permutation::hash;

/// How long a token lives after its last use [docs create-an-api-token].
pub const TOKEN_WINDOW: i64 = 30 * DAY;

/// An API token.
#[derive(Clone)]
pub struct Token {
    /// Number, for the id.
    pub n: u64,
    /// Name.
    pub name: String,
    /// Whose rights it has.
    pub owner: u32,
    /// When created.
    pub created: i64,
    /// When last used: an atomic, so that using a token needs no write lock.
    pub used: Arc<AtomicI64>,
    /// Taken back.
    pub revoked: bool,
    /// The network zones it works from, by id; `None`: anywhere.
    pub zones: Option<Vec<String>>,
    /// The secret.
    pub value: String,
}

impl Token {
    /// When last used.
    pub fn last_updated(&self) -> i64 {
        self.used.load(Ordering::Relaxed)
    }

    /// When it ends unless used before.
    pub fn expires_at(&self) -> i64 {
        self.last_updated() + TOKEN_WINDOW
    }
}

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Token").field("n", &self.n).field("name", &self.name).finish_non_exhaustive()
    }
}

macro_rules! tokens {
    ($($(#[$doc:meta])* $field:ident: $owner:expr, $name:literal;)*) => {
        /// The values of the tokens that the org has from the beginning, by what their owners may do. 42 characters,
        /// `00` first ([inf] Okta's form); the same for the same seed.
        #[derive(Clone, serde::Serialize)]
        pub struct Tokens { $($(#[$doc])* pub $field: String,)* }

        impl Tokens {
            /// The tokens that `seed` stands for.
            pub fn new(seed: u64) -> Self {
                let mut n = 0;
                Self { $($field: { n += 1; value(seed, n) },)* }
            }
        }

        const OWNERS: &[(&str, u32, &str)] = &[$((stringify!($field), $owner, $name)),*];
    };
}

tokens! {
    /// Everything.
    super_admin: cast::SUPER_ADMIN, "Terraform";
    /// READ_ONLY_ADMIN and the custom role "Transom Read": what the set-up guide asks for.
    read_only_custom: cast::SVC_TRANSOM, "Transom";
    /// READ_ONLY_ADMIN alone: role assignments stay hidden.
    read_only: cast::SVC_REPORTS, "Reporting";
    /// No admin role: empty lists.
    no_role: cast::NO_ROLE, "My first token";
    /// A group administrator limited to two groups: partial lists.
    group_admin: cast::GROUP_ADMIN, "Onboarding script";
    /// ORG_ADMIN.
    org_admin: cast::ORG_ADMIN, "Org automation";
    /// A custom role on one department only.
    custom_small: cast::SVC_SMALL, "Scanner";
    /// HELP_DESK_ADMIN.
    help_desk: cast::HELP_DESK, "Password resets";
    /// APP_ADMIN.
    app_admin: cast::APP_ADMIN, "App inventory";
    /// Not used for more than 30 days: 401.
    expired: cast::SUPER_ADMIN, "Old laptop";
    /// Taken back: 401.
    revoked: cast::SUPER_ADMIN, "Leaked";
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens { .. }")
    }
}

/// The value of the `n`th token.
pub fn value(seed: u64, n: u64) -> String {
    format!("00{}", opaque(hash(seed, n, 0x70c3), n, 40))
}

/// The tokens at the beginning, those in [`Tokens`] first, last used shortly before `now`.
pub fn tokens(seed: u64, now: i64, people: &People) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (i, (field, owner, name)) in OWNERS.iter().enumerate() {
        let n = i as u64 + 1;
        let used = if *field == "expired" { now - 45 * DAY } else { now - (i as i64) * 3_600_000 };
        tokens.push(Token {
            n,
            name: (*name).to_owned(),
            owner: *owner,
            created: (now - 60 * DAY).max(people.head(*owner).created).min(used),
            used: Arc::new(AtomicI64::new(used)),
            revoked: *field == "revoked",
            zones: None,
            value: value(seed, n),
        });
    }
    tokens
}
