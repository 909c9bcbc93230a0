//! What a fetched page turns into before it is stored.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Kind, KindCode, Projected, RelCode};

/// The dense number of an entity within its org: what edges use. 0 stands for "no parent" and is never given out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct EntityId(pub i64);

impl EntityId {
    /// The parent of top-level kinds.
    pub const ROOT: Self = Self(0);
}

/// Who an object is within its org: kind, parent, Okta's id. Okta's ids repeat below a parent (role assignments,
/// keys, scopes), so the parent belongs to the identity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// The kind.
    pub kind: KindCode,
    /// The parent's dense id; [`EntityId::ROOT`] for top-level kinds.
    pub parent: EntityId,
    /// Okta's id.
    pub okta_id: String,
}

impl Key {
    /// A top-level key.
    pub fn root(kind: &Kind, okta_id: impl Into<String>) -> Self {
        Self { kind: kind.code, parent: EntityId::ROOT, okta_id: okta_id.into() }
    }
}

/// A document in the form in which it is stored: text, and what tells whether it changed. Much smaller than the tree
/// it was made from, which can go as soon as this is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Doc {
    text: Box<str>,
    hash: [u8; 16],
}

impl Doc {
    /// The document of an edge. `version` is raised when unchanged documents are to be written again.
    pub fn new(version: u16, value: &Value) -> Self {
        Self::without(version, &[], value)
    }

    /// The document of an object of `kind`: its volatile paths do not count as change.
    pub fn of(kind: &Kind, value: &Value) -> Self {
        Self::without(kind.version, kind.volatile, value)
    }

    fn without(version: u16, volatile: &[&str], value: &Value) -> Self {
        let text = text_of(value);
        let hash = doc_hash(version, volatile, value, &text);
        Self { text: text.into_boxed_str(), hash }
    }

    /// As JSON. It holds no NUL, which PostgreSQL can't store in text: there it says U+FFFD.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The change hash, two halves: over the version and the document without its volatile paths, and over the whole.
    /// Equal hashes mean "nothing to write"; an equal first half ([`is_same`]) that only what Okta recounts at every
    /// read moved.
    pub fn hash(&self) -> &[u8; 16] {
        &self.hash
    }

    /// As a tree again.
    pub fn value(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }
}

/// An object as read: its identity, its document (secrets already dropped), and the edges its document states.
#[derive(Debug, Clone)]
pub struct Object {
    /// Who it is.
    pub key: Key,
    /// Okta's document.
    pub doc: Doc,
    /// What is read from the document into the generic columns.
    pub projected: Projected,
    /// All edges this document states. Relations in [`Object::owns`] that are absent here are removed.
    pub out: Vec<Out>,
    /// The relations whose out-edges of this object are stated by its document alone.
    pub owns: &'static [RelCode],
}

impl Object {
    /// The object of `kind` called `okta_id` under `parent`, without edges.
    pub fn new(kind: &Kind, parent: EntityId, okta_id: String, doc: &Value) -> Self {
        let key = Key { kind: kind.code, parent, okta_id };
        Self { key, doc: Doc::of(kind, doc), projected: kind.project(doc), out: Vec::new(), owns: &[] }
    }
}

/// An edge out of the object at hand.
#[derive(Debug, Clone)]
pub struct Out {
    /// The relation.
    pub rel: RelCode,
    /// The other end; a stub is made where it is not known yet.
    pub dst: Key,
    /// The small number on the edge.
    pub attr: i32,
}

/// An edge read from a listing of its own (members of a group, users of an app).
#[derive(Debug, Clone)]
pub struct Link {
    /// The relation.
    pub rel: RelCode,
    /// The source; a stub is made where it is not known yet.
    pub src: Key,
    /// The destination; likewise.
    pub dst: Key,
    /// The small number on the edge.
    pub attr: i32,
    /// The edge's own document, for relations that have one.
    pub doc: Option<LinkDoc>,
}

/// The document of an edge on its way into the store. There are many of them and they wait to be stored together, so
/// the store may pack them before ([`Self::Packed`] is its own form).
#[derive(Debug, Clone)]
pub enum LinkDoc {
    /// As it was read.
    Plain(Doc),
    /// Packed by the store.
    Packed {
        /// As [`Doc::hash`].
        hash: [u8; 16],
        /// What it was packed with.
        codec: i16,
        /// The packed document.
        bytes: Box<[u8]>,
    },
}

impl LinkDoc {
    /// As [`Doc::hash`].
    pub fn hash(&self) -> &[u8; 16] {
        match self {
            Self::Plain(doc) => doc.hash(),
            Self::Packed { hash, .. } => hash,
        }
    }

    /// The bytes that it takes in memory now.
    pub fn size(&self) -> usize {
        match self {
            Self::Plain(doc) => doc.text().len(),
            Self::Packed { bytes, .. } => bytes.len(),
        }
    }
}

impl From<Doc> for LinkDoc {
    fn from(doc: Doc) -> Self {
        Self::Plain(doc)
    }
}

/// A record that could not be read as what it should be: kept aside whole, counted, never dropped.
#[derive(Debug, Clone)]
pub struct Odd {
    /// What was wrong, and where in the record.
    pub why: String,
    /// The record as Okta sent it (secrets dropped).
    pub doc: Value,
}

/// One fetched page, ready to be stored in one transaction with its checkpoint.
#[derive(Debug, Clone, Default)]
pub struct PageRecord {
    /// Objects read.
    pub objects: Vec<Object>,
    /// Edges read.
    pub links: Vec<Link>,
    /// Records set aside.
    pub odd: Vec<Odd>,
}

impl PageRecord {
    /// Adds what another page holds.
    pub fn append(&mut self, mut other: Self) {
        self.objects.append(&mut other.objects);
        self.links.append(&mut other.links);
        self.odd.append(&mut other.odd);
    }
}

/// The document's JSON, free of NUL.
fn text_of(value: &Value) -> String {
    let text = written(value);
    // An escaped backslash before a u is rare enough to look twice.
    if !text.contains("\\u0000") {
        return text;
    }
    let mut value = value.clone();
    replace_nul(&mut value);
    written(&value)
}

/// As `to_string()`, which writes a character at a time through the formatter and takes several times as long.
fn written(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Replaces NUL in every text of a document, keys too: PostgreSQL can't hold it in text, and both databases are to say
/// the same.
pub fn replace_nul(value: &mut Value) {
    let plain = |text: &str| text.replace('\0', "\u{fffd}");
    match value {
        Value::String(text) if text.contains('\0') => *text = plain(text),
        Value::Array(items) => items.iter_mut().for_each(replace_nul),
        Value::Object(map) => {
            if map.keys().any(|k| k.contains('\0')) {
                *map = std::mem::take(map).into_iter().map(|(k, v)| (plain(&k), v)).collect();
            }
            map.values_mut().for_each(replace_nul);
        }
        _ => {}
    }
}

fn doc_hash(version: u16, volatile: &[&str], value: &Value, text: &str) -> [u8; 16] {
    let digest = |text: &str| Sha256::new().chain_update(version.to_be_bytes()).chain_update(text).finalize();
    let whole = digest(text);
    let mut hash = [0; 16];
    hash[..8].copy_from_slice(&whole[..8]);
    hash[8..].copy_from_slice(&whole[8..16]);
    if volatile.iter().any(|path| value.pointer(path).is_some()) {
        let mut kept = value.clone();
        volatile.iter().for_each(|path| leave_out(&mut kept, path));
        hash[..8].copy_from_slice(&digest(&text_of(&kept))[..8]);
    }
    hash
}

/// Takes away what is at `path`, and what then holds nothing more: a document that says so much less is the same.
fn leave_out(value: &mut Value, path: &str) {
    let Some((parent, name)) = path.rsplit_once('/') else { return };
    let Some(Value::Object(members)) = value.pointer_mut(parent) else { return };
    if members.remove(name).is_some() && members.is_empty() {
        leave_out(value, parent);
    }
}

/// Whether two hashes of [`Doc::hash`] are of the same document but for its volatile paths.
pub fn is_same(a: &[u8; 16], b: &[u8; 16]) -> bool {
    a[..8] == b[..8]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn volatile_paths_do_not_count_as_change_and_versions_do() {
        let a = json!({"id": 1, "_embedded": {"stats": {"usersCount": 5}}});
        let b = json!({"id": 1, "_embedded": {"stats": {"usersCount": 6}}});
        let recounted = |doc| Doc::without(1, &["/_embedded/stats"], doc).hash;
        assert!(is_same(&recounted(&a), &recounted(&b)));
        assert_ne!(recounted(&a), recounted(&b), "but it has to be written");
        let without = json!({"id": 1});
        assert!(is_same(&recounted(&a), &recounted(&without)), "not counted is no change either");
        let other = json!({"id": 1, "_embedded": {"app": {}, "stats": {"usersCount": 5}}});
        assert!(!is_same(&recounted(&a), &recounted(&other)), "only what is left empty goes along");
        assert!(!is_same(Doc::new(1, &a).hash(), Doc::new(1, &b).hash()));
        assert_ne!(Doc::new(1, &a).hash(), Doc::new(2, &a).hash());
    }

    #[test]
    fn a_document_holds_no_nul_and_keeps_everything_else() {
        let doc = Doc::new(1, &json!({"a\u{0}": ["b\u{0}", "\\u0000"], "n": 1.5}));
        assert_eq!(doc.value(), json!({"a\u{fffd}": ["b\u{fffd}", "\\u0000"], "n": 1.5}));
    }
}
