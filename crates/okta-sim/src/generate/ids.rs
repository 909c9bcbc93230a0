//! Ids as Okta's: a prefix that tells the kind, then base62, 20 characters in all, the last three the same for the
//! whole cell ([rec]: every id of a recorded org ends alike). id ↔ (kind, number) needs no table.

use super::permutation::{Scramble, hash};

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// The part that all ids of the simulated org share.
const CELL: &str = "5d7";

macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {
        /// The kinds of object that have an id, with Okta's prefixes ([rec], [spec]).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum IdKind { $($(#[$doc])* $name,)* }

        impl IdKind {
            /// Every kind.
            pub const ALL: &[IdKind] = &[$(IdKind::$name),*];
            /// The prefix of the kind's ids.
            pub fn prefix(self) -> &'static str {
                match self { $(IdKind::$name => $prefix,)* }
            }
        }
    };
}

kinds! {
    /// The org itself.
    Org = "00o";
    /// A person.
    User = "00u";
    /// A group.
    Group = "00g";
    /// An app instance.
    App = "0oa";
    /// A group rule.
    GroupRule = "0pr";
    /// A policy of the classic kinds (sign-on, password, enrolment, routing).
    Policy = "00p";
    /// A policy of the newer kinds (access, profile enrolment, session).
    RichPolicy = "rst";
    /// A rule of a classic policy: the same prefix as group rules [rec].
    PolicyRule = "0pr";
    /// A rule of a newer policy.
    RichPolicyRule = "rul";
    /// A network zone.
    Zone = "nzo";
    /// A custom authorization server.
    AuthServer = "aus";
    /// An API token (not its value).
    Token = "00T";
    /// A custom admin role.
    CustomRole = "cr0";
    /// A resource set.
    ResourceSet = "iam";
    /// A resource of a resource set.
    Resource = "ire";
    /// A custom role's assignment.
    Binding = "irb";
    /// A super admin's assignment.
    SuperAssignment = "ra1";
    /// A group's standard role assignment with targets.
    GroupAssignment = "gra";
    /// A realm.
    Realm = "guo";
    /// A user type.
    UserType = "oty";
    /// An app link on a dashboard.
    AppLink = "aln";
    /// An app assignment of a user.
    AppAssignment = "0ua";
    /// Okta Verify push.
    FactorPush = "opf";
    /// Okta Verify or other one-time code.
    FactorTotp = "ost";
    /// Google Authenticator.
    FactorGoogle = "uft";
    /// A passkey or security key.
    FactorWebauthn = "fwf";
    /// A phone that gets text messages.
    FactorSms = "sms";
    /// A phone that is called.
    FactorCall = "clf";
    /// E-mail.
    FactorEmail = "emf";
    /// A security question.
    FactorQuestion = "ufs";
    /// Okta FastPass.
    FactorFastpass = "pfd";
    /// A session.
    Session = "102";
    /// A scope granted to an app.
    AppGrant = "oag";
    /// A refresh token (not its value).
    RefreshToken = "oar";
    /// A client secret (not its value).
    ClientSecret = "ocs";
    /// A key that an OAuth client registered.
    ClientKey = "pks";
    /// A group push mapping.
    GroupPush = "gPm";
    /// A profile mapping.
    Mapping = "prm";
    /// An API service integration.
    ApiService = "0oa";
    /// A principal's share of the rate limits.
    PrincipalRateLimit = "prl";
    /// An event hook.
    EventHook = "who";
    /// An inline hook.
    InlineHook = "cal";
    /// A log stream: the same prefix as apps [rec].
    LogStream = "0oa";
    /// An agent [inf].
    Agent = "a53";
    /// A custom domain.
    Domain = "OcD";
    /// An e-mail domain.
    EmailDomain = "OeD";
    /// A brand.
    Brand = "bnd";
    /// A feature.
    Feature = "ftr";
    /// A scope of an authorization server.
    AuthScope = "scp";
    /// A claim of an authorization server.
    AuthClaim = "ocl";
    /// An access policy of an authorization server: the same prefix as classic policies [rec].
    AuthPolicy = "00p";
    /// A rule of such a policy: the same prefix as theirs [rec].
    AuthPolicyRule = "0pr";
    /// A policy mapping [inf].
    PolicyMapping = "map";
    /// An authenticator.
    Authenticator = "aut";
    /// A push provider.
    PushProvider = "ppc";
    /// An identity provider: the same prefix as apps [rec].
    IdentityProvider = "0oa";
    /// A behavior.
    Behavior = "bhv";
    /// A trusted origin.
    TrustedOrigin = "tos";
    /// A security events provider.
    SecurityEventsProvider = "sse";
    /// A CAPTCHA.
    Captcha = "cap";
    /// A scope granted by a user.
    UserGrant = "oag";
    /// A device.
    Device = "guo";
    /// A device assurance policy.
    DeviceAssurance = "dae";
    /// A realm assignment.
    RealmAssignment = "rul";
}

/// Turns numbers into ids and back, for one seed.
#[derive(Debug, Clone)]
pub struct Ids {
    scrambles: Vec<Scramble>,
    seed: u64,
}

impl Ids {
    /// The ids that `seed` stands for.
    pub fn new(seed: u64) -> Self {
        let scrambles =
            IdKind::ALL.iter().map(|kind| Scramble::new(hash(seed, *kind as u64, 0x1d5))).collect();
        Self { scrambles, seed }
    }

    /// The id of object `n` of a kind.
    pub fn encode(&self, kind: IdKind, n: u64) -> String {
        let mut id = String::with_capacity(20);
        id.push_str(kind.prefix());
        let number = self.scrambles[kind as usize].apply(n);
        push_base62(&mut id, number, 11);
        push_base62(&mut id, self.check(kind, number), 3);
        id.push_str(CELL);
        id
    }

    /// The number behind an id of a kind; `None` when no object of this org could have this id.
    pub fn decode(&self, kind: IdKind, id: &str) -> Option<u64> {
        if id.len() != 20 || !id.is_ascii() || !id.ends_with(CELL) {
            return None;
        }
        let number = parse_base62(&id.as_bytes()[3..14])?;
        let n = self.scrambles[kind as usize].invert(number);
        (self.encode(kind, n) == id).then_some(n)
    }

    /// Three more digits, so that a made-up id is not taken for a real one.
    fn check(&self, kind: IdKind, number: u64) -> u64 {
        hash(self.seed, number, kind as u64 + 0xc4ec) % (62 * 62 * 62)
    }
}

/// `width` base62 digits of `number`.
pub fn push_base62(out: &mut String, mut number: u64, width: usize) {
    let mut digits = [b'0'; 16];
    for place in digits[..width].iter_mut().rev() {
        *place = DIGITS[(number % 62) as usize];
        number /= 62;
    }
    out.extend(digits[..width].iter().map(|d| char::from(*d)));
}

fn parse_base62(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0u64, |number, digit| {
        let value = match digit {
            b'0'..=b'9' => digit - b'0',
            b'A'..=b'Z' => digit - b'A' + 10,
            b'a'..=b'z' => digit - b'a' + 36,
            _ => return None,
        };
        number.checked_mul(62)?.checked_add(u64::from(value))
    })
}

/// Lower-case hex digits of chance: request ids, key ids.
pub fn hex(seed: u64, n: u64, digits: usize) -> String {
    let mut text = String::with_capacity(digits);
    for block in 0..digits.div_ceil(16) {
        text.push_str(&format!("{:016x}", hash(seed, n, block as u64 + 0x4e8)));
    }
    text.truncate(digits);
    text
}

/// Characters of `[A-Za-z0-9_-]` as chance has it: token values, client secrets, error ids.
pub fn opaque(seed: u64, n: u64, length: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    (0..length)
        .map(|i| char::from(ALPHABET[(hash(seed, n, i as u64 + 0x0bac) >> 20) as usize % 64]))
        .collect()
}

/// A UUID (version 4 in form) as chance has it.
pub fn uuid(seed: u64, n: u64) -> String {
    let h = hex(seed, n, 32);
    format!("{}-{}-4{}-a{}-{}", &h[..8], &h[8..12], &h[13..16], &h[17..20], &h[20..32])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_can_be_read_back(seed: u64, n: u64, kind in 0..IdKind::ALL.len()) {
            let (ids, kind) = (Ids::new(seed), IdKind::ALL[kind]);
            let id = ids.encode(kind, n);
            prop_assert_eq!(id.len(), 20);
            prop_assert_eq!(ids.decode(kind, &id), Some(n));
            prop_assert_eq!(Ids::new(seed ^ 1).decode(kind, &id), None);
        }

        #[test]
        fn nonsense_is_no_id(text in ".{0,24}") {
            prop_assert_eq!(Ids::new(1).decode(IdKind::User, &text), None);
        }
    }
}
