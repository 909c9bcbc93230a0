//! What an object is: its identity, its columns, and how they are read from Okta's document.

use jiff::Timestamp;
use serde_json::Value;

use crate::Millis;

/// The number a kind is stored under. Declared once, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KindCode(pub i16);

/// The declaration of an entity kind. Docs, SQL views, facets and search are made from it.
///
/// Paths are JSON Pointers (RFC 6901) into the document as Okta sent it.
#[derive(Debug)]
pub struct Kind {
    /// The stored number; unique and stable.
    pub code: KindCode,
    /// The name people type and exports carry, snake_case and singular: `group_rule`.
    pub name: &'static str,
    /// What people read: `Group rule`.
    pub title: &'static str,
    /// One sentence: what this is, in Okta's terms.
    pub what: &'static str,
    /// Names of the kinds this one lives under. Empty for top-level kinds; identity then is the id alone.
    pub parents: &'static [&'static str],
    /// Where the id stands (unique within the parent).
    pub id: &'static str,
    /// Where the display name stands: the first path that holds a non-empty text.
    pub name_at: &'static [&'static str],
    /// Where a login stands, for kinds that sign in.
    pub login_at: Option<&'static str>,
    /// Where the status stands.
    pub status_at: Option<&'static str>,
    /// Where the creation time stands.
    pub created_at: Option<&'static str>,
    /// Where the time of the last change stands.
    pub updated_at: Option<&'static str>,
    /// Further columns of the SQL view; some are facets, some are searched.
    pub columns: &'static [Column],
    /// Paths left out of the change hash, with what then is empty: Okta recounts them at every read (statistics, for one),
    /// or shows them in some answers and not in others.
    pub volatile: &'static [&'static str],
    /// Paths that decide what else is read, or where the object leads, with what stands there where something does. A record
    /// that has something else on the way is set aside ([`Kind::unlike`]): it would pass for one that has none of it.
    pub decides: &'static [(&'static str, Shape)],
    /// Raise when the projection or the edges of unchanged documents change: the next sync rewrites them.
    pub version: u16,
}

/// A column of a kind's (or relation's) SQL view.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// The column's name in the view, snake_case.
    pub name: &'static str,
    /// JSON Pointer into the document.
    pub path: &'static str,
    /// How the value is shown in SQL.
    pub ty: ColumnType,
    /// One sentence for the reference.
    pub doc: &'static str,
    /// Whether its values become facets (filters with counts); of a list each item, or what stands at its `type`. Only for columns with few distinct values.
    pub facet: bool,
    /// Whether its text is found by prefix search.
    pub search: bool,
}

/// SQL types that both databases share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnType {
    /// Text; numbers and booleans are shown as text, objects and arrays as JSON.
    Text,
    /// A whole number.
    Integer,
    /// true or false.
    Boolean,
    /// An RFC 3339 time, shown as Okta wrote it.
    Time,
    /// A JSON fragment.
    Json,
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A text.
    Text,
    /// An array of texts.
    Texts,
    /// An array of objects, each with a text or nothing at this path.
    List(&'static str),
    /// What conditions name: an array of texts at `include`, and one at `exclude`.
    Sides,
}

impl Shape {
    /// Whether the document has this at the path, or nothing.
    fn fits(self, doc: &Value, path: &str) -> bool {
        let mut at = doc;
        for name in path.split('/').skip(1) {
            match at {
                Value::Null => return true,
                Value::Object(fields) => at = fields.get(name).unwrap_or(&Value::Null),
                _ => return false,
            }
        }
        match (self, at) {
            (_, Value::Null) | (Self::Text, Value::String(_)) => true,
            (Self::Texts, Value::Array(items)) => items.iter().all(Value::is_string),
            (Self::List(path), Value::Array(items)) => {
                items.iter().all(|item| item.is_object() && Self::Text.fits(item, path))
            }
            (Self::Sides, Value::Object(_)) => {
                ["/include", "/exclude"].iter().all(|side| Self::Texts.fits(at, side))
            }
            _ => false,
        }
    }
}

impl Column {
    /// A text column.
    pub const fn text(name: &'static str, path: &'static str, doc: &'static str) -> Self {
        Self { name, path, ty: ColumnType::Text, doc, facet: false, search: false }
    }

    /// The same column with another type.
    pub const fn typed(mut self, ty: ColumnType) -> Self {
        self.ty = ty;
        self
    }

    /// The same column, its values kept as facets.
    pub const fn faceted(mut self) -> Self {
        self.facet = true;
        self
    }

    /// The same column, found by prefix search.
    pub const fn searched(mut self) -> Self {
        self.search = true;
        self
    }
}

/// What is read from a document into the generic columns.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Projected {
    /// Display name.
    pub name: Option<String>,
    /// Login, for kinds that sign in.
    pub login: Option<String>,
    /// Status, verbatim.
    pub status: Option<String>,
    /// Creation time.
    pub created: Option<Millis>,
    /// Time of the last change.
    pub updated: Option<Millis>,
    /// `(column, value)` pairs for filters.
    pub facets: Vec<(&'static str, String)>,
    /// Lower-cased texts found by prefix search; distinct.
    pub terms: Vec<String>,
}

/// Terms longer than this are cut: nobody types more, and index pages stay small.
const TERM_CHARS: usize = 80;

impl Kind {
    /// What most of Okta's objects share; a declaration fills in the rest with `..Kind::USUAL`.
    pub const USUAL: Self = Self {
        code: KindCode(0),
        name: "",
        title: "",
        what: "",
        parents: &[],
        id: "/id",
        name_at: &["/name"],
        login_at: None,
        status_at: Some("/status"),
        created_at: Some("/created"),
        updated_at: Some("/lastUpdated"),
        columns: &[],
        volatile: &[],
        decides: &[],
        version: 1,
    };

    /// The first of the paths that [decide](Self::decides) at which, or on the way to which, the document has something of
    /// another type than documented. What is absent or null is not there, and of no wrong type.
    pub fn unlike(&self, doc: &Value) -> Option<&'static str> {
        self.decides.iter().find(|(path, shape)| !shape.fits(doc, path)).map(|(path, _)| *path)
    }

    /// The SQL view's name: `okta_` and the kind's name.
    pub fn view(&self) -> String {
        format!("okta_{}", self.name)
    }

    /// The id of `doc`, or `None` where there is none (the record is then quarantined, not lost).
    pub fn id_of(&self, doc: &Value) -> Option<String> {
        let id = doc.pointer(self.id).filter(|id| id.is_string() || id.is_number())?;
        text(id).filter(|id| !id.is_empty())
    }

    /// Reads the generic columns, facets and search terms. Tolerant: what is absent or of another type is left out.
    pub fn project(&self, doc: &Value) -> Projected {
        let at = |path: &str| doc.pointer(path).and_then(text).filter(|t| !t.is_empty());
        let time = |path: Option<&'static str>| path.and_then(at).and_then(|t| millis(&t));
        let name = self.name_at.iter().find_map(|path| at(path));
        let login = self.login_at.and_then(at);
        let status = self.status_at.and_then(at);
        let mut terms: Vec<String> = Vec::new();
        let mut term = |t: &str| {
            let cut: String = t.to_lowercase().chars().take(TERM_CHARS).collect();
            if !cut.is_empty() && !terms.contains(&cut) {
                terms.push(cut);
            }
        };
        for t in [&name, &login].into_iter().flatten() {
            term(t);
        }
        let mut facets = Vec::new();
        if let Some(status) = &status {
            facets.push(("status", status.clone()));
        }
        for column in self.columns {
            let Some(found) = doc.pointer(column.path) else { continue };
            if column.search
                && let Some(t) = text(found)
            {
                term(&t);
            }
            if column.facet {
                match found {
                    Value::Array(items) => {
                        // Some lists hold their words as `{"type": "CORS"}`.
                        let word = |item: &Value| text(item).or_else(|| item.get("type").and_then(text));
                        facets.extend(items.iter().filter_map(word).map(|value| (column.name, value)));
                    }
                    one => facets.extend(text(one).map(|value| (column.name, value))),
                }
            }
        }
        facets.sort();
        facets.dedup();
        Projected {
            name,
            login,
            status,
            created: time(self.created_at),
            updated: time(self.updated_at),
            facets,
            terms,
        }
    }
}

/// A scalar as text; `None` for null, objects and arrays.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(s) => Some(s.clone()),
        Value::Bool(b) => Some(b.to_string()),
        Value::Number(n) => Some(n.to_string()),
        _ => None,
    }
}

/// An RFC 3339 time in milliseconds, or `None` where it is none.
fn millis(text: &str) -> Option<Millis> {
    text.parse::<Timestamp>().ok().map(|t| t.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const USER: Kind = Kind {
        code: KindCode(1),
        name: "user",
        title: "User",
        what: "A person.",
        parents: &[],
        id: "/id",
        name_at: &["/profile/displayName", "/profile/login"],
        login_at: Some("/profile/login"),
        status_at: Some("/status"),
        created_at: Some("/created"),
        updated_at: Some("/lastUpdated"),
        columns: &[
            Column::text("email", "/profile/email", "E-mail.").searched(),
            Column::text("department", "/profile/department", "Department.").faceted(),
            Column::text("scopes", "/scopes", "Words.").typed(ColumnType::Json).faceted(),
        ],
        volatile: &[],
        decides: &[("/scopes", Shape::Texts), ("/_links/type/href", Shape::Text)],
        version: 1,
    };

    #[test]
    fn projects_what_is_there_and_leaves_out_what_is_not() {
        let doc = json!({"id": "00u1", "status": "ACTIVE", "created": "2026-01-02T03:04:05.000Z", "lastUpdated": null,
            "profile": {"login": "Ada@Example.com", "email": "ada@example.com", "department": "IT", "displayName": ""}});
        let p = USER.project(&doc);
        assert_eq!(p.name.as_deref(), Some("Ada@Example.com"), "an empty name is no name");
        assert_eq!(p.created, Some(1_767_323_045_000));
        assert_eq!(p.updated, None);
        assert_eq!(p.terms, ["ada@example.com"], "same text once, lower-cased");
        assert_eq!(p.facets, [("department", "IT".into()), ("status", "ACTIVE".into())]);
        let lists = json!({"scopes": [{"type": "CORS"}, "REDIRECT", {"type": {}}, null]});
        assert_eq!(USER.project(&lists).facets, [("scopes", "CORS".into()), ("scopes", "REDIRECT".into())]);
        assert_eq!(USER.id_of(&doc).as_deref(), Some("00u1"));
        assert_eq!(USER.id_of(&json!({"id": null})), None);
        assert_eq!(USER.id_of(&json!([])), None);
        assert_eq!(USER.id_of(&json!({"id": true})), None);
    }

    #[test]
    fn what_decides_is_as_documented_or_absent() {
        let sound = [
            json!({}),
            json!({"scopes": null, "_links": {}}),
            json!({"scopes": [], "_links": null}),
            json!({"scopes": ["a"], "_links": {"type": {"href": "x"}}}),
        ];
        for doc in &sound {
            assert_eq!(USER.unlike(doc), None, "{doc}");
        }
        for scopes in [json!("a"), json!({}), json!(["a", 1]), json!(true)] {
            assert_eq!(USER.unlike(&json!({ "scopes": scopes })), Some("/scopes"), "{scopes}");
        }
        let list = |list| Shape::List("/user/id").fits(&json!({ "list": list }), "/list");
        for sound in [json!(null), json!([]), json!([{}, {"user": null}, {"user": {"id": "a"}}])] {
            assert!(list(sound.clone()), "{sound}");
        }
        for odd in
            [json!("a"), json!(["a"]), json!([null]), json!([{"user": "a"}]), json!([{"user": {"id": 1}}])]
        {
            assert!(!list(odd.clone()), "{odd}");
        }
        let sides = |people| Shape::Sides.fits(&json!({ "people": people }), "/people");
        for sound in [json!({"exclude": null}), json!({"include": ["EVERYONE"], "exclude": ["a", "b"]})] {
            assert!(sides(sound.clone()), "{sound}");
        }
        for odd in [
            json!([]),
            json!({"include": {}}),
            json!({"exclude": ["a", 1]}),
            json!({"include": [{"id": "a"}]}),
        ] {
            assert!(!sides(odd.clone()), "{odd}");
        }
        for links in [json!([]), json!("x"), json!({"type": "x"}), json!({"type": {"href": ["x"]}})] {
            assert_eq!(USER.unlike(&json!({ "_links": links })), Some("/_links/type/href"), "{links}");
        }
    }
}
