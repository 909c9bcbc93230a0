//! Values that many answers hold.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use transom_core::{ConnectionState, CoverageState, Millis, OrgId, Reach, Role};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{ArrayBuilder, KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// A moment: RFC 3339, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Time(jiff::Timestamp);

impl From<Millis> for Time {
    /// Moments that no calendar holds are told as its beginning.
    fn from(at: Millis) -> Self {
        Self(jiff::Timestamp::from_millisecond(at).unwrap_or_default())
    }
}

impl Time {
    /// In milliseconds since 1970.
    pub fn millis(self) -> Millis {
        self.0.as_millisecond()
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        let time = ObjectBuilder::new().schema_type(Type::String);
        time.format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime))).into()
    }
}

impl ToSchema for Time {}

/// What an account or a token may do. Each may do what those before it may: `viewer` reads, `responder` approves and
/// applies actions, `admin` looks after connections, `owner` decides about members and settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "said above, as the document shows it")]
pub enum RoleName {
    Viewer,
    Responder,
    Admin,
    Owner,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Viewer => Self::Viewer,
            Role::Responder => Self::Responder,
            Role::Admin => Self::Admin,
            Role::Owner => Self::Owner,
        }
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Responder => Self::Responder,
            RoleName::Admin => Self::Admin,
            RoleName::Owner => Self::Owner,
        }
    }
}

/// For which orgs a role holds: their numbers, or null for all of them, also those connected later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orgs(pub Option<BTreeSet<i64>>);

impl PartialSchema for Orgs {
    fn schema() -> RefOr<Schema> {
        let number = ObjectBuilder::new().schema_type(Type::Integer);
        let number = number.format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
        let list = ArrayBuilder::new().schema_type(SchemaType::from_iter([Type::Array, Type::Null]));
        let what = "The orgs' numbers, or null for all of them, also those connected later.";
        list.items(number).min_items(Some(1)).description(Some(what)).into()
    }
}

impl ToSchema for Orgs {}

impl From<&Reach> for Orgs {
    fn from(reach: &Reach) -> Self {
        match reach {
            Reach::All => Self(None),
            Reach::Orgs(orgs) => Self(Some(orgs.iter().map(|org| org.0).collect())),
        }
    }
}

impl From<Orgs> for Reach {
    fn from(orgs: Orgs) -> Self {
        orgs.0.map_or(Self::All, |orgs| Self::Orgs(orgs.into_iter().map(OrgId).collect()))
    }
}

/// The schema of a connection's state.
pub(super) fn connection_state() -> RefOr<Schema> {
    use ConnectionState::{Connected, ConnectedLimited, Failed, NotConnected, Paused, Verifying};
    let all = [NotConnected, Verifying, Connected, ConnectedLimited, Failed, Paused];
    one_of(all.map(ConnectionState::as_str))
}

/// The schema of a data set's state.
pub(super) fn coverage_state() -> RefOr<Schema> {
    one_of(COVERAGE.map(CoverageState::as_str))
}

/// The same of what a new credential reads, where it may be unknown. What stands at a field of such a schema is not in the
/// document, so it is said here.
pub(super) fn becomes() -> RefOr<Schema> {
    let words = COVERAGE.map(|state| Value::from(state.as_str())).into_iter().chain([Value::Null]);
    let may_be_null = SchemaType::from_iter([Type::String, Type::Null]);
    let says = "Its state by the verification of the new one; null where that is not known: Okta did not answer, or both \
                credentials see only what their owners administer, and how much that is Okta does not tell. `reason` says \
                which.";
    ObjectBuilder::new().schema_type(may_be_null).enum_values(Some(words)).description(Some(says)).into()
}

/// Every state of a data set.
const COVERAGE: [CoverageState; 6] = {
    use CoverageState::{Complete, NeverCollected, NotLicensed, NotPermitted, Partial, PartialByRight};
    [Complete, Partial, PartialByRight, NotPermitted, NotLicensed, NeverCollected]
};

fn one_of<const N: usize>(words: [&'static str; N]) -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).into()
}
