//! From Okta's keys to dense ids, with a memory so that unchanged pages need few look-ups.

use std::collections::HashMap;

use sha2::{Digest as _, Sha256};
use transom_core::{EntityId, Key, Millis, OrgId};

use crate::{
    Result,
    db::Tx,
    query::{Rows, sql},
};

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Known {
    pub id: i64,
    /// `None` for a stub.
    pub hash: Option<[u8; 16]>,
    pub removed_at: Option<Millis>,
}

/// The recorders' memory of one org, good for one lease: of what is there, not of what was removed.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub fence: i64,
    known: HashMap<Digest, There>,
}

/// A key in 16 bytes: the beginning of its SHA-256.
type Digest = [u8; 16];
/// An id and its document's hash.
type There = (i64, Option<[u8; 16]>);

/// Of 48 bytes each, in a table with room for 229,376: 13 MB at most.
const CACHE_KEYS: usize = 200_000;

fn digest(key: &Key) -> Digest {
    let whole = Sha256::new().chain_update(key.kind.0.to_le_bytes()).chain_update(&key.okta_id).finalize();
    let mut digest = Digest::default();
    digest.copy_from_slice(&whole[..16]);
    digest
}

impl Cache {
    pub fn new(fence: i64) -> Self {
        Self { fence, known: HashMap::new() }
    }

    pub fn put(&mut self, key: &Key, known: Known) {
        // What lives under something is read once and hardly ever the end of an edge.
        if key.parent != EntityId::ROOT {
            return;
        }
        let digest = digest(key);
        if known.removed_at.is_some() {
            self.known.remove(&digest);
            return;
        }
        if self.known.len() >= CACHE_KEYS && !self.known.contains_key(&digest) {
            self.known.clear();
        }
        self.known.insert(digest, (known.id, known.hash));
    }

    fn get(&self, key: &Key) -> Option<Known> {
        let at_root = key.parent == EntityId::ROOT;
        let (id, hash) = *self.known.get(&digest(key)).filter(|_| at_root)?;
        Some(Known { id, hash, removed_at: None })
    }

    pub fn forget(&mut self) {
        self.known.clear();
    }
}

/// Place in the batch, id, hash, time of removal.
type Found = (i64, i64, Option<Vec<u8>>, Option<Millis>);

/// The keys of a batch, each once, with what is known of it.
#[derive(Debug, Default)]
pub(crate) struct Ends<'a> {
    pub keys: Vec<&'a Key>,
    pub known: Vec<Option<Known>>,
    slots: HashMap<&'a Key, usize>,
}

impl<'a> Ends<'a> {
    /// The key's place in this batch.
    pub fn slot(&mut self, key: &'a Key) -> usize {
        let next = self.keys.len();
        let slot = *self.slots.entry(key).or_insert(next);
        if slot == next {
            self.keys.push(key);
            self.known.push(None);
        }
        slot
    }

    /// The dense id at a place, after everything has been resolved and created.
    pub fn id(&self, slot: usize) -> i64 {
        self.known[slot].map_or(EntityId::ROOT.0, |k| k.id)
    }

    /// The dense id of a key of this batch.
    pub fn id_of(&self, key: &Key) -> i64 {
        self.slots.get(key).map_or(EntityId::ROOT.0, |slot| self.id(*slot))
    }

    /// Looks all keys up, first in the memory, then in the database at one go.
    pub async fn resolve(&mut self, tx: &mut Tx, cache: &mut Cache, org: OrgId) -> Result<()> {
        let mut missing = Vec::new();
        for (slot, key) in self.keys.iter().enumerate() {
            self.known[slot] = cache.get(key);
            if self.known[slot].is_none() {
                missing.push(slot);
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let rows = Rows::new()
            .int("n", missing.iter().map(|s| *s as i64))
            .int("kind", missing.iter().map(|s| i64::from(self.keys[*s].kind.0)))
            .int("parent", missing.iter().map(|s| self.keys[*s].parent.0))
            .text("okta_id", missing.iter().map(|s| self.keys[*s].okta_id.clone()));
        let found: Vec<Found> =
            sql("SELECT v.n, e.id, e.doc_hash, e.removed_at FROM {rows} CROSS JOIN entity e \
             WHERE e.org = $1 AND e.kind = v.kind AND e.parent = v.parent AND e.okta_id = v.okta_id")
            .int(org.0)
            .rows(&rows)
            .all(tx)
            .await?;
        for (n, id, hash, removed_at) in found {
            let slot = n as usize;
            let hash = hash.map(|h| h.try_into().unwrap_or([0; 16]));
            let known = Known { id, hash, removed_at };
            self.known[slot] = Some(known);
            cache.put(self.keys[slot], known);
        }
        Ok(())
    }
}
