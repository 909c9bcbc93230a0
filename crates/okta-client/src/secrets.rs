//! Secrets stop here. Okta's answers hold client secrets, hook credentials, provisioning tokens, one-time URLs; none
//! of them is needed to say who can get in, so none is passed on. Each is replaced by `{"$dropped":"secret"}`.
//!
//! Only text is dropped. Objects and lists are walked, so `settings.password` of a password policy stays, and so do
//! numbers, booleans, nulls, empty text and timestamps: `tokenLifetimeMinutes`, `revealPassword`, `passwordChanged`.
//! Three rules, in this order:
//!
//! 1. a path that is known to hold a secret (`PATHS`);
//! 2. the private members of a JSON Web Key;
//! 3. a key that looks like a secret's and is not known to be harmless (`HARMLESS`), or below such a key the one that
//!    holds what it is (`HOLDS`): `"apiToken": {"value": …}`. New fields of Okta, and an org's own profile attributes,
//!    thus err on the safe side.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

/// Something that was dropped from a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DroppedSecret {
    /// Where it was, such as `$[3].credentials.oauthClient.client_secret`.
    pub path: String,
    /// Which rule dropped it: `path`, `jwk`, `key` or `header`.
    pub rule: &'static str,
}

/// What a dropped secret is replaced by.
#[must_use]
pub fn marker() -> Value {
    json!({"$dropped": "secret"})
}

/// Paths known to hold a secret: the route's beginning, and the last keys (`*` is any key, list indexes are not
/// counted).
const PATHS: &[(&str, &[&str])] = &[
    // Event and inline hooks: what Okta sends to authenticate itself [spec]; responses were seen without it [rec].
    ("", &["authScheme", "value"]),
    // A user's password, set, imported or hashed [spec].
    ("", &["password", "value"]),
    ("", &["password", "hash", "*"]),
    // Answers to security questions [spec].
    ("", &["recovery_question", "answer"]),
    ("", &["profile", "answer"]),
    // The picture of an enrolment's shared secret [spec].
    ("", &["qrcode", "href"]),
    // Links that log someone in or set a password [spec][rec].
    ("", &["activationUrl"]),
    ("", &["resetPasswordUrl"]),
    // A session's id is the value of its cookie [docs].
    ("/api/v1/sessions", &["$", "id"]),
    // One-time codes on their way to a telephony hook, and of hardware tokens [spec].
    ("", &["otpCode"]),
    ("", &["nextPassCode"]),
];

/// Parts of a key, lower case without `_` and `-`, that make it look like a secret's.
const SUSPECT: &[&str] = &[
    "secret",
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "private",
    "token",
    "apikey",
    "accesskey",
    "authkey",
    "sharedkey",
    "encryptionkey",
];

/// Keys that look like a secret's and are not, in the same form. The first group was seen with text in recorded
/// answers, the second is from the spec.
const HARMLESS: &[&str] = &[
    // Labels, selectors and addresses of sign-in forms.
    "passwordfield",
    "passwordselector",
    "passwordlabel",
    "passwordinfotip",
    "forgotpasswordlabel",
    "forgotpasswordurl",
    // Enumerations and durations.
    "tokenwindow",
    "tokentype",
    "tokenendpointauthmethod",
    "tokenendpointauthmethodssupported",
    "backchanneltokendeliverymode",
    "passwordprotectionwarningtrigger",
    "identitychainingrequestedtokentypessupported",
    // Addresses of token endpoints.
    "tokenendpoint",
    "tokenurl",
    // From the spec.
    "backchanneltokendeliverymodessupported",
    "tokenendpointauthsigningalg",
    "idtokensigningalgvaluessupported",
    "idtokenencryptedresponsealg",
    "accesstokenencryptedresponsealgorithm",
    "issuedtokentype",
    "tokenauthscheme",
    "secretversionid",
    "requestapitokenid",
    "globaltokenrevocation",
];

/// Endings of keys that name a secret rather than hold it.
const NAMES: &[&str] =
    &["tokenid", "secretid", "keyid", "tokenname", "tokentype", "passwordtype", "policyid"];

/// Keys that say nothing themselves and hold what the key above them names, in the same form.
const HOLDS: &[&str] = &[
    "value",
    "values",
    "current",
    "previous",
    "text",
    "plaintext",
    "cleartext",
    "raw",
    "data",
    "content",
    "hash",
    "salt",
    "encoded",
    "encrypted",
    "ciphertext",
    "base64",
    "pem",
    "bytes",
];

/// Private members of a JSON Web Key (RFC 7518 §6).
const JWK_PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "k", "oth"];

/// Drops every secret from a body. `route` is the call's path or its template.
pub fn scrub(route: &str, body: &mut Value) -> Vec<DroppedSecret> {
    let mut scrubber = Scrubber::new(route);
    scrubber.0.value(body);
    scrubber.into_dropped()
}

/// Drops the secrets of a page's items one after the other.
pub(crate) struct Scrubber(Walk);

impl Scrubber {
    pub fn new(route: &str) -> Self {
        let paths = PATHS.iter().filter(|(of, _)| route.starts_with(of)).map(|(_, keys)| *keys).collect();
        let path = "$".to_owned();
        Self(Walk { paths, path, keys: vec![(0, 1)], judged: HashMap::new(), dropped: Vec::new() })
    }

    /// Drops the secrets of the item at `index`.
    pub fn item(&mut self, index: usize, item: &mut Value) {
        self.0.path.push_str(&format!("[{index}]"));
        self.0.value(item);
        self.0.path.truncate(1);
    }

    pub fn into_dropped(self) -> Vec<DroppedSecret> {
        self.0.dropped
    }
}

struct Walk {
    /// Those of [`PATHS`] that are the route's.
    paths: Vec<&'static [&'static str]>,
    path: String,
    /// Where in `path` the keys from the root to here are, list indexes left out.
    keys: Vec<(usize, usize)>,
    /// Keys looked at before: a page has the same few in every item.
    judged: HashMap<String, Verdict>,
    dropped: Vec<DroppedSecret>,
}

impl Walk {
    fn value(&mut self, value: &mut Value) {
        match value {
            Value::Object(object) => self.object(object),
            Value::Array(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    let length = self.path.len();
                    self.path.push_str(&format!("[{index}]"));
                    // Text in a list is judged by the list's key.
                    if item.is_string() {
                        self.text(item, None);
                    } else {
                        self.value(item);
                    }
                    self.path.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, object: &mut Map<String, Value>) {
        let jwk = object.contains_key("kty");
        let credential_header =
            self.key() == "headers" && header_name(object).is_some_and(is_credential_header);
        for (key, value) in object.iter_mut() {
            let length = self.path.len();
            self.path.push('.');
            self.path.push_str(key);
            self.keys.push((length + 1, self.path.len()));
            if value.is_string() {
                let special = match key.as_str() {
                    key if jwk && JWK_PRIVATE.contains(&key) => Some("jwk"),
                    "value" if credential_header => Some("header"),
                    _ => None,
                };
                self.text(value, special);
            } else {
                self.value(value);
            }
            self.keys.pop();
            self.path.truncate(length);
        }
    }

    fn text(&mut self, value: &mut Value, special: Option<&'static str>) {
        let text = value.as_str().unwrap_or_default();
        if text.is_empty() {
            return;
        }
        let rule = special
            .or_else(|| self.is_known_path().then_some("path"))
            .or_else(|| (self.has_suspect_key() && !is_timestamp(text)).then_some("key"));
        if let Some(rule) = rule {
            self.dropped.push(DroppedSecret { path: self.path.clone(), rule });
            *value = marker();
        }
    }

    /// The key nearest to here.
    fn key(&self) -> &str {
        self.keys.last().map_or("", |(from, to)| &self.path[*from..*to])
    }

    fn is_known_path(&self) -> bool {
        self.paths.iter().any(|keys| {
            // The last first: nearly always it is another already.
            self.keys.len() >= keys.len()
                && (keys.iter().rev().zip(self.keys.iter().rev()))
                    .all(|(want, (from, to))| *want == "*" || self.path[*from..*to] == **want)
        })
    }

    /// Whether the nearest key is suspect, or holds what a suspect one above it names.
    fn has_suspect_key(&mut self) -> bool {
        for (from, to) in self.keys.iter().rev() {
            let key = &self.path[*from..*to];
            let verdict = match self.judged.get(key) {
                Some(known) => *known,
                None => {
                    let verdict = judge(key);
                    self.judged.insert(key.to_owned(), verdict);
                    verdict
                }
            };
            match verdict {
                Verdict::Suspect => return true,
                Verdict::Harmless => return false,
                Verdict::Holds => {}
            }
        }
        false
    }
}

/// What a key says about the text below it.
#[derive(Clone, Copy)]
enum Verdict {
    /// It looks like a secret's.
    Suspect,
    /// It says what the key above it says.
    Holds,
    /// It is not a secret's.
    Harmless,
}

fn judge(key: &str) -> Verdict {
    let plain: String =
        key.chars().filter(|c| !matches!(c, '_' | '-')).flat_map(char::to_lowercase).collect();
    let plain = plain.as_str();
    if HOLDS.contains(&plain) {
        return Verdict::Holds;
    }
    let suspect = SUSPECT.iter().any(|part| plain.contains(part))
        && !HARMLESS.contains(&plain)
        && !NAMES.iter().any(|end| plain.ends_with(end));
    if suspect { Verdict::Suspect } else { Verdict::Harmless }
}

/// `passwordChanged`, `lastPasswordVerification`, `otpExpires` and whatever else says when, not what.
fn is_timestamp(text: &str) -> bool {
    text.len() >= 20 && text.parse::<jiff::Timestamp>().is_ok()
}

/// The name of a custom header of a hook, `{"key": name, "value": …}` in a list called `headers`.
fn header_name(object: &Map<String, Value>) -> Option<&str> {
    object.get("key").or_else(|| object.get("name")).and_then(Value::as_str)
}

/// Custom headers of hooks mostly carry credentials, and their names tell.
fn is_credential_header(name: &str) -> bool {
    let name = name.to_lowercase();
    ["auth", "key", "token", "secret", "password", "cookie", "signature", "credential"]
        .iter()
        .any(|part| name.contains(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dropped(route: &str, mut body: Value) -> (Vec<String>, Value) {
        let dropped = scrub(route, &mut body);
        (dropped.into_iter().map(|d| format!("{} ({})", d.path, d.rule)).collect(), body)
    }

    #[test]
    fn what_holds_a_secret_goes() {
        let (paths, body) = dropped(
            "/api/v1/apps",
            json!([{
                "credentials": {"oauthClient": {"client_id": "0oa1", "client_secret": "x"}},
                "settings": {"app": {"accessKey": "x", "passwordField": "txtbox-password", "tokenNames": ["x"]}},
                "jwks": {"keys": [{"kty": "RSA", "n": "n", "e": "AQAB", "d": "x", "p": "x"}]},
                "channel": {"config": {
                    "authScheme": {"type": "HEADER", "key": "Authorization", "value": "x"},
                    "headers": [{"key": "X-Api-Key", "value": "x"}, {"key": "X-Any", "value": "kept"}],
                }},
            }]),
        );
        assert_eq!(
            paths,
            [
                "$[0].channel.config.authScheme.value (path)",
                "$[0].channel.config.headers[0].value (header)",
                "$[0].credentials.oauthClient.client_secret (key)",
                "$[0].jwks.keys[0].d (jwk)",
                "$[0].jwks.keys[0].p (jwk)",
                "$[0].settings.app.accessKey (key)",
                "$[0].settings.app.tokenNames[0] (key)",
            ]
        );
        assert_eq!(body.pointer("/0/credentials/oauthClient/client_secret"), Some(&marker()));
        assert_eq!(body.pointer("/0/settings/app/passwordField"), Some(&json!("txtbox-password")));
    }

    #[test]
    fn hooks_and_streams_keep_their_addresses_only() {
        let hook = json!({
            "name": "h", "events": {"items": ["system.api_token.create"]},
            "channel": {"type": "OAUTH", "config": {
                "uri": "https://hook.example.com", "authScheme": {"type": "HEADER", "key": "Authorization", "value": "x"},
                "clientId": "0oa1", "clientSecret": "x", "tokenUrl": "https://hook.example.com/token",
                "authType": "client_secret_post", "hookKeyId": "HKY1",
            }},
        });
        let (paths, body) = dropped("/api/v1/inlineHooks", hook);
        assert_eq!(
            paths,
            ["$.channel.config.authScheme.value (path)", "$.channel.config.clientSecret (key)"]
        );
        assert_eq!(body.pointer("/events/items/0"), Some(&json!("system.api_token.create")));
        assert_eq!(body.pointer("/channel/config/tokenUrl"), Some(&json!("https://hook.example.com/token")));
        let stream = json!({"type": "splunk_cloud_logstreaming", "settings": {"host": "a.splunkcloud.com", "token": "x"}});
        assert_eq!(dropped("/api/v1/logStreams", stream).0, ["$.settings.token (key)"]);
    }

    #[test]
    fn a_users_credentials_go_and_its_dates_stay() {
        let user = json!({
            "id": "00u1",
            "passwordChanged": "2025-06-27T06:09:35.000Z",
            "profile": {"login": "a@example.com", "vaultToken": "x"},
            "credentials": {
                "password": {"value": "x", "hash": {"algorithm": "BCRYPT", "salt": "x", "value": "x"}},
                "recovery_question": {"question": "Colour?", "answer": "x"},
                "provider": {"type": "OKTA", "name": "OKTA"},
            },
            "_links": {"resetPassword": {"href": "https://acme.okta.com/api/v1/users/00u1/lifecycle/reset_password"}},
        });
        let (paths, body) = dropped("/api/v1/users/{id}", user);
        assert_eq!(paths.len(), 6, "{paths:?}");
        assert_eq!(body.pointer("/passwordChanged"), Some(&json!("2025-06-27T06:09:35.000Z")));
        assert!(body.pointer("/_links/resetPassword/href").is_some_and(Value::is_string));
    }

    #[test]
    fn settings_about_passwords_and_tokens_stay() {
        let policy = json!({
            "type": "PASSWORD",
            "settings": {
                "password": {"complexity": {"minLength": 8, "excludeAttributes": ["firstName"]}},
                "recovery": {"factors": {"okta_email": {"properties": {"recoveryToken": {"tokenLifetimeMinutes": 60}}}}},
            },
            "credentials": {"password": {}, "revealPassword": false, "token_endpoint_auth_method": "private_key_jwt"},
            "refresh_token": {"rotation_type": "STATIC"},
            "protocol": {"endpoints": {"token": {"url": "https://idp.example.com/token", "binding": "HTTP-POST"}}},
            "transaction": {"detail": {"requestApiTokenId": "00T1"}},
            "client_secret": null,
            "clientSecret": "",
        });
        let (paths, body) = dropped("/api/v1/policies", policy.clone());
        assert_eq!(paths, Vec::<String>::new());
        assert_eq!(body, policy);
    }

    #[test]
    fn what_stands_below_a_secrets_key_goes_with_it() {
        let app = json!({
            "apiToken": {"value": "x", "type": "SSWS", "createdBy": "00u1"},
            "settings": {"app": {"privateKeys": [{"pem": "x", "status": "ACTIVE"}], "accessKey": {"current": {"value": "x", "note": "kept"}}}},
            "properties": {"shared_secret": {"name": "shared_secret", "value": "x"}, "baseUrl": {"name": "baseUrl", "value": "kept"}},
        });
        let (paths, body) = dropped("/api/v1/apps", app);
        assert_eq!(
            paths,
            [
                "$.apiToken.value (key)",
                "$.properties.shared_secret.value (key)",
                "$.settings.app.accessKey.current.value (key)",
                "$.settings.app.privateKeys[0].pem (key)"
            ]
        );
        assert_eq!(body.pointer("/properties/baseUrl/value"), Some(&json!("kept")));
        let harmless = json!({
            "password": {"complexity": {"minLength": 8}, "status": "ENABLED", "seed": "OKTA"},
            "tokenType": {"value": "urn:ietf:params:oauth:token-type:jwt"},
            "passwordChanged": {"value": "2025-06-27T06:09:35.000Z"},
            "tokenLifetime": {"value": 60, "data": null},
            "zone": {"value": "203.0.113.0/24"},
        });
        assert_eq!(dropped("/api/v1/apps", harmless.clone()), (Vec::new(), harmless));
    }

    #[test]
    fn a_sessions_id_is_a_secret_and_no_other_id_is() {
        let session = json!({"id": "102…", "userId": "00u1"});
        assert_eq!(dropped("/api/v1/sessions/me", session.clone()).0, ["$.id (path)"]);
        assert_eq!(dropped("/api/v1/users/{id}", session).0, Vec::<String>::new());
    }
}
