//! One file per kind of object or relation: what it is, how it is listed, what it needs, what it becomes.

use std::sync::{Arc, LazyLock};

use serde_json::Value;
use transom_core::{Catalogue, Doc, Key, Kind, Link, Object, Odd, Out, PageRecord, RelCode, Relation};

use crate::dataset::{Dataset, Scope};

/// What a file of this folder declares.
#[derive(Debug)]
pub struct Declares {
    /// Kinds of objects.
    pub kinds: &'static [&'static Kind],
    /// Relations between them.
    pub relations: &'static [&'static Relation],
    /// The listings that fill both.
    pub datasets: &'static [&'static Dataset],
}

/// Turns a list of names into modules and one slice, so that a new thing is one new file and one word here.
macro_rules! catalogue {
    ($($name:ident),* $(,)?) => {
        $(pub mod $name;)*
        /// Every declaration, in the order in which data sets are read when nothing else decides.
        static DECLARED: &[&Declares] = &[$(&$name::DECLARES),*];
    };
}

// Order by usefulness: who is admin, who are the users, what are the policies; the long fan-outs last.
catalogue! {
    org, role, admin, role_assignment, user, group, policy, policy_rule, app, group_rule, resource_set,
    binding_member, authorization_server, auth_policy, auth_policy_rule, auth_scope, auth_claim, idp, idp_key,
    authenticator, authenticator_method, threat_insight, lockout_settings, authenticator_settings, behavior,
    trusted_origin, security_events_provider, captcha, api_token, network_zone, device_assurance,
    user_type, realm, linked_object, inline_hook, event_hook,
    log_stream, org_setting, domain, email_domain, brand, agent_pool, feature, rate_limit_setting,
    app_group, group_member, app_user, device, factor, api_service, app_grant, app_token, app_key, app_secret,
    app_feature, group_push, profile_mapping, principal_rate_limit, auth_server_client, auth_server_trust,
    auth_key, policy_mapping, group_owner, user_grant, linked_user,
}

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
    let kinds = DECLARED.iter().flat_map(|d| d.kinds).copied().collect();
    let relations = DECLARED.iter().flat_map(|d| d.relations).copied().collect();
    Arc::new(Catalogue::new(kinds, relations).expect("a test checks the declarations"))
});

/// All kinds and relations of this build.
pub fn catalogue() -> Arc<Catalogue> {
    Arc::clone(&CATALOGUE)
}

/// All data sets, in reading order.
pub fn datasets() -> impl Iterator<Item = &'static Dataset> {
    DECLARED.iter().flat_map(|d| d.datasets).copied()
}

/// The data set called `name`.
pub fn dataset(name: &str) -> Option<&'static Dataset> {
    datasets().find(|d| d.name == name)
}

/// Reads `item` as an object of `kind` under the listing's parent; without an id, or with something else than documented
/// where it [decides](Kind::decides), it is set aside.
/// Returns the object, already in the page, for its edges to be added.
fn object<'p>(
    kind: &'static Kind,
    owns: &'static [RelCode],
    item: &Value,
    scope: &Scope<'_>,
    page: &'p mut PageRecord,
) -> Option<&'p mut Object> {
    let Some(okta_id) = kind.id_of(item) else {
        page.odd.push(Odd { why: format!("{}: no id at {}", kind.title, kind.id), doc: item.clone() });
        return None;
    };
    sound(kind, item, page).then(|| object_as(kind, okta_id, owns, item, scope, page))
}

/// Whether `item` has what is documented where it [decides](Kind::decides); set aside where not.
fn sound(kind: &Kind, item: &Value, page: &mut PageRecord) -> bool {
    let unlike = kind.unlike(item);
    if let Some(path) = unlike {
        page.odd.push(Odd { why: format!("{}: not as documented at {path}", kind.title), doc: item.clone() });
    }
    unlike.is_none()
}

/// Reads `item` as the object of `kind` called `okta_id`, for documents that carry no id of their own: settings of the
/// org, and what is known by a name in a link.
fn object_as<'p>(
    kind: &'static Kind,
    okta_id: String,
    owns: &'static [RelCode],
    item: &Value,
    scope: &Scope<'_>,
    page: &'p mut PageRecord,
) -> &'p mut Object {
    let parent = if kind.parents.is_empty() { transom_core::EntityId::ROOT } else { scope.id };
    let at = page.objects.len();
    page.objects.push(Object { owns, ..Object::new(kind, parent, okta_id, item) });
    &mut page.objects[at]
}

/// Reads `item` as the one document of `kind` that an org has, called `name`: settings carry no id. What is no document, or
/// an empty one, is set aside.
fn only<'p>(
    kind: &'static Kind,
    name: &'static str,
    owns: &'static [RelCode],
    item: &Value,
    scope: &Scope<'_>,
    page: &'p mut PageRecord,
) -> Option<&'p mut Object> {
    if item.as_object().is_none_or(serde_json::Map::is_empty) {
        page.odd
            .push(Odd { why: format!("{}: no id at /, and nothing else", kind.title), doc: item.clone() });
        return None;
    }
    sound(kind, item, page).then(|| object_as(kind, name.to_string(), owns, item, scope, page))
}

/// The id at the end of a link such as `https://acme.okta.com/api/v1/policies/rst1`.
fn last_segment(href: Option<&Value>) -> Option<&str> {
    let path = href?.as_str()?.split(['?', '#']).next()?;
    path.rsplit('/').next().filter(|id| !id.is_empty())
}

/// The text at `path`; none where there is something else, or nothing in it.
pub(crate) fn text<'v>(doc: &'v Value, path: &str) -> Option<&'v str> {
    doc.pointer(path).and_then(Value::as_str).filter(|text| !text.is_empty())
}

/// The texts of a JSON array; anything else is empty.
fn texts(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).filter(|text| !text.is_empty())
}

/// The ids of a JSON array; words that stand among them, such as `EVERYONE`, `ALL_ZONES` or `ALL_CLIENTS` [rec], are left
/// out.
fn ids(value: Option<&Value>) -> impl Iterator<Item = &str> {
    let is_word = |text: &str| text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
    texts(value).filter(move |text| !is_word(text))
}

/// An edge out of an object to a top-level object.
fn out(rel: &Relation, kind: &Kind, okta_id: &str) -> Out {
    Out { rel: rel.code, dst: Key::root(kind, okta_id), attr: 0 }
}

/// Raise to have the unchanged documents of edges written again.
const EDGE_DOC: u16 = 1;

/// An edge of a listing between two top-level objects; without an id the item is set aside.
fn link(
    rel: &Relation,
    ends: Option<(Key, Key)>,
    attr: i32,
    doc: Option<&Value>,
    item: &Value,
    page: &mut PageRecord,
) {
    link_at("/id", rel, ends, attr, doc, item, page);
}

/// The same for items whose id stands at `path`.
fn link_at(
    path: &str,
    rel: &Relation,
    ends: Option<(Key, Key)>,
    attr: i32,
    doc: Option<&Value>,
    item: &Value,
    page: &mut PageRecord,
) {
    match ends {
        Some((src, dst)) => {
            let doc = doc.map(|doc| Doc::new(EDGE_DOC, doc).into());
            page.links.push(Link { rel: rel.code, src, dst, attr, doc });
        }
        None => page.odd.push(Odd { why: format!("{}: no id at {path}", rel.name), doc: item.clone() }),
    }
}

/// The id of a listed item.
fn id(item: &Value) -> Option<&str> {
    text(item, "/id")
}

#[cfg(test)]
mod tests {
    use transom_store::Selector;

    use super::*;
    use crate::dataset::Over;

    #[test]
    fn declarations_agree_with_each_other() {
        let catalogue = catalogue();
        let mut names = std::collections::HashSet::new();
        for d in datasets() {
            assert!(names.insert(d.name), "{} is declared twice", d.name);
            for dep in d.after {
                assert!(dataset(dep).is_some(), "{} waits for {dep}, which does not exist", d.name);
            }
            if let Some(per) = d.per {
                let kind = dataset(per).and_then(Dataset::lists).and_then(|code| catalogue.kind(code));
                assert!(
                    kind.is_some_and(|kind| kind.parents.is_empty()),
                    "{}: {per} lists no such kind",
                    d.name
                );
                assert!(d.after.contains(&per), "{} does not wait for {per}", d.name);
                for status in [None, Some("ACTIVE"), Some("DEPROVISIONED")] {
                    for per in [&[][..], &["a"], &["a", "b", "c"]] {
                        let listings = (d.parts)(&Scope { status, per, ..Scope::any() });
                        assert_eq!(listings.len(), per.len(), "{}: one listing for each", d.name);
                    }
                }
            }
            if let Over::Each(Selector::Facet { kind, name, or_unknown: false, .. }) = d.over {
                let kind = catalogue.kind(kind).expect("declared");
                let column = kind.columns.iter().find(|column| column.name == name).expect("a column");
                assert!(
                    kind.decides.iter().any(|(path, _)| *path == column.path),
                    "{}: which {} it is listed over is decided by {name}, which a record may have in any type",
                    d.name,
                    kind.name
                );
            }
            for text in [d.title, d.used_for, d.without, d.right.console, d.right.scope] {
                assert!(!text.is_empty(), "{} leaves a text empty", d.name);
            }
            assert!(!d.right.area().title().is_empty(), "{}: `Area` does not know its scope", d.name);
        }
        for kind in &catalogue.kinds {
            assert!(
                kind.code.0 > 0 && !kind.name.is_empty() && !kind.title.is_empty(),
                "{}: incomplete",
                kind.name
            );
            assert!(
                !kind.what.is_empty() && kind.what.ends_with('.'),
                "{}: say what it is in a sentence",
                kind.name
            );
        }
    }
}
