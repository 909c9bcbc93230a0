//! The factors of the people: which ones, since when, and their JSON.

use super::ids::{IdKind, Ids, opaque};
use super::people::{CAST, Head, Status, User};
use super::permutation::hash;
use crate::config::{Config, Spread};
use crate::json::Out;

/// A sort of factor: id prefix, `factorType`, `provider`, `vendorName`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sort {
    id: IdKind,
    /// `factorType`
    pub kind: &'static str,
    provider: &'static str,
    vendor: &'static str,
}

const SORTS: [Sort; 8] = [
    Sort { id: IdKind::FactorPush, kind: "push", provider: "OKTA", vendor: "OKTA" },
    Sort { id: IdKind::FactorTotp, kind: "token:software:totp", provider: "OKTA", vendor: "OKTA" },
    Sort { id: IdKind::FactorWebauthn, kind: "webauthn", provider: "FIDO", vendor: "FIDO" },
    Sort { id: IdKind::FactorFastpass, kind: "signed_nonce", provider: "OKTA", vendor: "OKTA" },
    Sort { id: IdKind::FactorSms, kind: "sms", provider: "OKTA", vendor: "OKTA" },
    Sort { id: IdKind::FactorEmail, kind: "email", provider: "OKTA", vendor: "OKTA" },
    Sort { id: IdKind::FactorQuestion, kind: "question", provider: "OKTA", vendor: "OKTA" },
    Sort { id: IdKind::FactorGoogle, kind: "token:software:totp", provider: "GOOGLE", vendor: "GOOGLE" },
];

/// At most this many factors a user.
pub const SLOTS: u32 = 8;

/// A user's factor.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Factor {
    /// Which of the user's factors: `0..SLOTS`.
    pub slot: u32,
    /// Its sort.
    pub sort: Sort,
    created: i64,
    pending: bool,
}

impl Factor {
    /// The factor's id.
    pub fn id(&self, user: u32, ids: &Ids) -> String {
        ids.encode(self.sort.id, u64::from(user) * u64::from(SLOTS) + u64::from(self.slot))
    }

    /// Writes the factor as Okta sends it in `GET /users/{id}/factors`.
    pub fn write(&self, out: &mut Out, number: u32, user: &User, user_id: &str, ids: &Ids, origin: &str) {
        let id = self.id(number, ids);
        let Sort { kind, provider, vendor, .. } = self.sort;
        let login = user.login();
        out.object(|o| {
            o.text("id", &id);
            o.text("factorType", kind);
            o.text("provider", provider);
            o.text("vendorName", vendor);
            o.text("status", if self.pending { "PENDING_ACTIVATION" } else { "ACTIVE" });
            o.time("created", self.created);
            o.time("lastUpdated", self.created);
            if !self.pending {
                o.maybe_time("lastVerified", user.head.last_login.filter(|t| *t > self.created));
            }
            o.object_at("profile", |o| match kind {
                "push" => {
                    o.text("credentialId", login);
                    o.text("deviceType", "SmartPhone_IPhone");
                    o.text("keys", "");
                    o.text("name", "iPhone");
                    o.text("platform", "IOS");
                    o.text("version", "18.5");
                }
                "webauthn" => {
                    o.text("credentialId", &opaque(u64::from(number), u64::from(self.slot), 43));
                    o.text(
                        "authenticatorName",
                        if number.is_multiple_of(2) { "MacBook Touch ID" } else { "YubiKey 5" },
                    );
                }
                "sms" => o.plain("phoneNumber", format_args!("+1555{:07}", number % 10_000_000)),
                "email" => o.text("email", user.get("email").unwrap_or(login)),
                "question" => {
                    o.text("question", "disliked_food");
                    o.text("questionText", "What is the food you least liked as a child?");
                }
                _ => o.text("credentialId", login),
            });
            o.object_at("_links", |o| {
                let allow = |o: &mut Out, methods: &[&str]| {
                    o.object_at("hints", |o| {
                        o.array_at("allow", |o| methods.iter().for_each(|m| o.text_value(m)))
                    });
                };
                if kind == "question" {
                    o.object_at("questions", |o| {
                        o.plain("href", format_args!("{origin}/api/v1/users/{user_id}/factors/questions"));
                        allow(o, &["GET"]);
                    });
                }
                if self.pending {
                    o.object_at("activate", |o| {
                        o.plain(
                            "href",
                            format_args!("{origin}/api/v1/users/{user_id}/factors/{id}/lifecycle/activate"),
                        );
                        allow(o, &["POST"]);
                    });
                }
                o.object_at("self", |o| {
                    o.plain("href", format_args!("{origin}/api/v1/users/{user_id}/factors/{id}"));
                    allow(o, if self.pending { &["GET"] } else { &["GET", "DELETE"] });
                });
                o.object_at("user", |o| {
                    o.plain("href", format_args!("{origin}/api/v1/users/{user_id}"));
                    allow(o, &["GET"]);
                });
            });
        });
    }
}

/// The factors a user had at the beginning.
pub fn factors(config: &Config, user: u32, head: &Head) -> Vec<Factor> {
    let may = matches!(
        head.status,
        Status::Active | Status::LockedOut | Status::PasswordExpired | Status::Recovery | Status::Suspended
    );
    let service = CAST.get(user as usize).is_some_and(|m| m.service);
    if !may || service {
        return Vec::new();
    }
    let chance = hash(config.seed, u64::from(user), 0xfac7);
    let mean = config.shape.factors_per_user as u32;
    let count = match config.shape.spread {
        Spread::Uniform => mean,
        Spread::Natural if user < CAST.len() as u32 => mean,
        Spread::Natural => match chance % 16 {
            0 => 0,
            1..=4 => mean.saturating_sub(1),
            5..=12 => mean,
            _ => mean + 1,
        },
    }
    .min(SLOTS);
    let since = head.activated.unwrap_or(head.created);
    let first = (chance >> 8) as usize % SORTS.len();
    (0..count)
        .map(|slot| Factor {
            slot,
            // A stride of 3 through 8 sorts: no sort twice.
            sort: SORTS[(first + slot as usize * 3) % SORTS.len()],
            created: since + i64::from(slot) * 3_600_000 + (chance >> 16) as i64 % 3_000 * 1000,
            pending: config.shape.spread == Spread::Natural && slot + 1 == count && chance >> 32 & 31 == 0,
        })
        .collect()
}
