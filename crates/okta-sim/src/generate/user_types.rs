//! User types, and the profile schemas of users and groups.

use serde_json::{Map, Value, json};

use super::people::DAY;

/// A user type.
#[derive(Debug, Clone)]
pub struct UserType {
    /// Number, for the id and its schema's.
    pub n: u64,
    /// Name in the API.
    pub name: &'static str,
    /// What people see.
    pub display_name: &'static str,
    /// Description.
    pub description: &'static str,
    /// When created.
    pub created: i64,
}

/// The type of those who have no other.
pub const DEFAULT: u64 = 0;
/// The type of contractors.
pub const CONTRACTOR: u64 = 1;
/// The type of machines' accounts.
pub const SERVICE: u64 = 2;

/// The user types at the beginning.
pub fn user_types(as_of: i64) -> Vec<UserType> {
    let user_type = |n, name, display_name, description, days: i64| UserType {
        n,
        name,
        display_name,
        description,
        created: as_of - days * DAY,
    };
    vec![
        user_type(
            DEFAULT,
            "user",
            "User",
            "Okta user profile template with default permission settings",
            2_920,
        ),
        user_type(CONTRACTOR, "contractor", "Contractor", "People of agencies, with an end date", 1_400),
        user_type(SERVICE, "service", "Service account", "Accounts of machines", 900),
    ]
}

/// Attributes that Okta gives every user: name, title, format, who may do what with their own [rec].
const BASE: &[(&str, &str, &str, &str)] = &[
    ("login", "Username", "", "READ_WRITE"),
    ("firstName", "First name", "", "READ_WRITE"),
    ("lastName", "Last name", "", "READ_WRITE"),
    ("middleName", "Middle name", "", "READ_ONLY"),
    ("honorificPrefix", "Honorific prefix", "", "READ_ONLY"),
    ("honorificSuffix", "Honorific suffix", "", "READ_ONLY"),
    ("email", "Primary email", "email", "READ_WRITE"),
    ("title", "Title", "", "READ_ONLY"),
    ("displayName", "Display name", "", "READ_ONLY"),
    ("nickName", "Nickname", "", "READ_ONLY"),
    ("profileUrl", "Profile Url", "uri", "READ_ONLY"),
    ("secondEmail", "Secondary email", "email", "READ_WRITE"),
    ("mobilePhone", "Mobile phone", "", "READ_WRITE"),
    ("primaryPhone", "Primary phone", "", "HIDE"),
    ("streetAddress", "Street address", "", "HIDE"),
    ("city", "City", "", "HIDE"),
    ("state", "State", "", "HIDE"),
    ("zipCode", "Zip code", "", "HIDE"),
    ("countryCode", "Country code", "country-code", "HIDE"),
    ("postalAddress", "Postal Address", "", "HIDE"),
    ("preferredLanguage", "Preferred language", "language-code", "READ_ONLY"),
    ("locale", "Locale", "locale", "READ_ONLY"),
    ("timezone", "Time zone", "timezone", "READ_ONLY"),
    ("userType", "User type", "", "READ_ONLY"),
    ("employeeNumber", "Employee number", "", "READ_ONLY"),
    ("costCenter", "Cost center", "", "READ_ONLY"),
    ("organization", "Organization", "", "READ_ONLY"),
    ("division", "Division", "", "READ_ONLY"),
    ("department", "Department", "", "READ_ONLY"),
    ("managerId", "ManagerId", "", "READ_ONLY"),
    ("manager", "Manager", "", "READ_ONLY"),
];

/// An attribute as schemas show it.
fn attribute(title: &str, kind: &str, format: &str, own: &str) -> Value {
    let mut attribute = json!({
        "title": title, "type": kind, "mutability": "READ_WRITE", "scope": "NONE",
        "permissions": [{"principal": "SELF", "action": own}], "master": {"type": "PROFILE_MASTER"},
    });
    if !format.is_empty() {
        attribute["format"] = format.into();
    }
    attribute
}

/// Lengths that Okta gives some attributes [rec].
const LENGTHS: &[(&str, u32, u32)] = &[
    ("login", 5, 100),
    ("firstName", 1, 50),
    ("lastName", 1, 50),
    ("mobilePhone", 0, 100),
    ("primaryPhone", 0, 100),
];

/// The attributes of a user type: Okta's own, those that must be there, and the org's own.
pub fn user_attributes(user_type: u64) -> (Value, Value, Value) {
    let mut base = Map::new();
    for (name, title, format, own) in BASE {
        let mut value = attribute(title, "string", format, own);
        if let Some((_, least, most)) = LENGTHS.iter().find(|(known, ..)| known == name) {
            if *least > 0 {
                value["minLength"] = (*least).into();
            }
            value["maxLength"] = (*most).into();
        }
        if REQUIRED.contains(name) {
            value["required"] = true.into();
        }
        base.insert((*name).to_owned(), value);
    }
    let mut custom = Map::new();
    // Attributes the org added itself: a number, a truth value, a date, a list. A badge number that its owner may
    // change is worth a look: doors open to it.
    custom.insert("badgeNumber".into(), attribute("Badge number", "integer", "", "READ_WRITE"));
    custom.insert("remote".into(), attribute("Works remotely", "boolean", "", "READ_WRITE"));
    if user_type == CONTRACTOR {
        custom.insert("contractEnd".into(), attribute("End of contract", "string", "", "READ_ONLY"));
        let mut codes = attribute("Agency codes", "array", "", "HIDE");
        codes["items"] = json!({"type": "string"});
        custom.insert("agencyCodes".into(), codes);
    }
    (base.into(), json!(REQUIRED), custom.into())
}

/// Attributes that every user has.
const REQUIRED: &[&str] = &["login", "firstName", "lastName", "email"];

/// The attributes of groups: Okta's own and the org's.
pub fn group_attributes() -> (Value, Value, Value) {
    let mut name = attribute("Name", "string", "", "READ_WRITE");
    (name["description"], name["required"], name["maxLength"]) = ("Name".into(), true.into(), 255.into());
    let mut description = attribute("Description", "string", "", "READ_WRITE");
    (description["description"], description["maxLength"]) = ("Description".into(), 1024.into());
    let owner = attribute("Business owner", "string", "", "READ_WRITE");
    (json!({"name": name, "description": description}), json!(["name"]), json!({"businessOwner": owner}))
}
