//! From Okta's keys to dense ids, with a memory so that unchanged pages need few look-ups.

use std::collections::HashMap;

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

/// The recorders' memory of one org, good for one lease.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub fence: i64,
    known: HashMap<Key, Known>,
}

/// About 30 MB at most.
const CACHE_KEYS: usize = 200_000;

impl Cache {
    pub fn new(fence: i64) -> Self {
        Self { fence, known: HashMap::new() }
    }

    pub fn put(&mut self, key: &Key, known: Known) {
        // What lives under something is read once and hardly ever the end of an edge.
        if key.parent != EntityId::ROOT {
            return;
        }
        if let Some(entry) = self.known.get_mut(key) {
            *entry = known;
        } else {
            if self.known.len() >= CACHE_KEYS {
                self.known.clear();
            }
            self.known.insert(key.clone(), known);
        }
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
            self.known[slot] = cache.known.get(*key).copied();
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
