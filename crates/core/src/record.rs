//! What a fetched page turns into before it is stored.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{Kind, KindCode, RelCode};

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

/// An object as read: its identity, its document (secrets already dropped), and the edges its document states.
#[derive(Debug, Clone)]
pub struct Object {
    /// Who it is.
    pub key: Key,
    /// Okta's document.
    pub doc: Value,
    /// All edges this document states. Relations in [`Object::owns`] that are absent here are removed.
    pub out: Vec<Out>,
    /// The relations whose out-edges of this object are stated by its document alone.
    pub owns: &'static [RelCode],
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
    pub doc: Option<Value>,
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

/// The change hash of a document, two halves of SHA-256: over the kind's version and the document without its
/// volatile paths, and over the whole document. Equal hashes mean "nothing to write"; an equal first half
/// ([`is_same`]) means that only what Okta recounts at every read moved.
pub fn doc_hash(version: u16, volatile: &[&str], doc: &Value) -> [u8; 16] {
    let digest = |doc: &Value| {
        Sha256::new().chain_update(version.to_be_bytes()).chain_update(doc.to_string()).finalize()
    };
    let whole = digest(doc);
    let mut hash = [0; 16];
    hash[..8].copy_from_slice(&whole[..8]);
    hash[8..].copy_from_slice(&whole[8..16]);
    if volatile.iter().any(|path| doc.pointer(path).is_some()) {
        let mut kept = doc.clone();
        for value in volatile {
            if let Some(value) = kept.pointer_mut(value) {
                *value = Value::Null;
            }
        }
        hash[..8].copy_from_slice(&digest(&kept)[..8]);
    }
    hash
}

/// Whether two hashes of [`doc_hash`] are of the same document but for its volatile paths.
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
        let recounted = |doc| doc_hash(1, &["/_embedded/stats"], doc);
        assert!(is_same(&recounted(&a), &recounted(&b)));
        assert_ne!(recounted(&a), recounted(&b), "but it has to be written");
        assert!(!is_same(&doc_hash(1, &[], &a), &doc_hash(1, &[], &b)));
        assert_ne!(doc_hash(1, &[], &a), doc_hash(2, &[], &a));
    }
}
