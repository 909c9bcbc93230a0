//! What an object's own document says of what is below it: where there is nothing, no request is needed. Written anew from
//! what Okta documents, and not taken from the program's declarations: the bound is worked out apart from them.

use serde_json::Value;

/// What an object's own document says of what is below it.
enum Says {
    /// Nothing unless something stands there.
    Something,
    /// Nothing unless this stands there, alone or among others.
    Is(&'static str),
    /// Nothing if this stands there, and nothing else.
    Not(&'static str),
    /// Nothing if it counts none, or denies it.
    Counted,
}

/// Data set · the kind it is listed over · where the document of one says so · what. Where nothing stands, only
/// [`Says::Something`] and [`Says::Is`] take that for an answer.
const TOLD: &[(&str, &str, &str, Says)] = &[
    // A deactivated user holds no factors, is in no group and has no app.
    ("factor", "user", "/status", Says::Not("DEPROVISIONED")),
    ("group_member", "user", "/status", Says::Not("DEPROVISIONED")),
    ("app_user", "user", "/status", Says::Not("DEPROVISIONED")),
    ("group_member", "group", "/_embedded/stats/usersCount", Says::Counted),
    ("app_group", "group", "/_embedded/stats/appsCount", Says::Counted),
    ("group_role", "group", "/_embedded/stats/hasAdminPrivilege", Says::Counted),
    ("group_owner", "group", "/type", Says::Is("OKTA_GROUP")),
    ("client_role", "app", "/settings/oauthClient/application_type", Says::Is("service")),
    ("app_jwk", "app", OAUTH, Says::Something),
    ("app_token", "app", OAUTH, Says::Something),
    ("app_token", "app", "/settings/oauthClient/grant_types", Says::Not("client_credentials")),
    ("app_key", "app", "/credentials/signing/kid", Says::Something),
    ("app_feature", "app", "/features", Says::Something),
    ("group_push", "app", "/features", Says::Is("GROUP_PUSH")),
    ("policy_mapping", "policy", "/_links/mappings", Says::Something),
];
/// Only OAuth clients have it.
const OAUTH: &str = "/credentials/oauthClient/token_endpoint_auth_method";

impl Says {
    fn may_be(&self, there: Option<&Value>) -> bool {
        let words = |value: &Value| match value {
            Value::Array(all) => all.iter().filter_map(Value::as_str).map(str::to_string).collect(),
            other => other.as_str().map(str::to_string).into_iter().collect::<Vec<_>>(),
        };
        let there = there.filter(|value| !value.is_null());
        match (self, there) {
            (Says::Something, value) => value.is_some_and(|v| v.as_array().is_none_or(|all| !all.is_empty())),
            (Says::Is(word), value) => value.is_some_and(|v| words(v).iter().any(|w| w == word)),
            (Says::Not(word), Some(value)) => words(value) != [*word],
            (Says::Counted, Some(value)) => value.as_u64() != Some(0) && value.as_bool() != Some(false),
            (Says::Not(_) | Says::Counted, None) => true,
        }
    }
}

/// Whether there is a row for a data set over a kind.
pub fn knows(dataset: &str, kind: &str) -> bool {
    rows(dataset, kind).next().is_some()
}

/// Whether a parent can have something of a data set below it.
pub fn may_have(dataset: &str, kind: &str, parent: &Value) -> bool {
    rows(dataset, kind).all(|(_, _, at, says)| says.may_be(parent.pointer(at)))
}

fn rows<'a>(
    dataset: &'a str,
    kind: &'a str,
) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str, Says)> {
    TOLD.iter().filter(move |(name, of, ..)| *name == dataset && *of == kind)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_parent_says_of_what_is_below_it() {
        let may = |says: Says, value: Value| says.may_be(Some(&value));
        assert!(may(Says::Something, json!(["x"])) && !may(Says::Something, json!([])));
        assert!(!Says::Something.may_be(None) && Says::Counted.may_be(None), "not counted is not none");
        assert!(may(Says::Is("b"), json!(["a", "b"])) && !may(Says::Is("b"), json!("a")));
        assert!(may(Says::Not("a"), json!(["a", "b"])) && !may(Says::Not("a"), json!("a")));
        assert!(
            may(Says::Counted, json!(1))
                && !may(Says::Counted, json!(0))
                && !may(Says::Counted, json!(false))
        );
    }

    #[test]
    fn every_row_of_a_data_set_counts() {
        let client = |grants: Value| {
            json!({ "credentials": { "oauthClient": { "token_endpoint_auth_method": "none" } },
                    "settings": { "oauthClient": { "grant_types": grants } } })
        };
        assert!(may_have("app_token", "app", &client(json!(["authorization_code", "client_credentials"]))));
        assert!(!may_have("app_token", "app", &client(json!(["client_credentials"]))));
        assert!(!may_have("app_token", "app", &json!({})), "no OAuth client");
        assert!(may_have("app_user", "app", &json!({})), "nobody says that there is none");
        assert!(knows("app_user", "user") && !knows("app_user", "app"));
    }
}
