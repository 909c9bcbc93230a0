//! Packing of documents: zstd, and for the documents of edges, which are many, small and alike, with a dictionary
//! trained on the first of them.

use std::sync::{Arc, PoisonError};

use serde_json::Value;
use transom_core::{LinkDoc, OrgId, PageRecord, RelCode};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use crate::{Error, Result, Store, db::Tx, query::sql};

/// zstd without a dictionary; every greater number is a dictionary of the org.
pub(crate) const PLAIN: i16 = 1;
const LEVEL: i32 = 3;
/// No document is larger: guards against a damaged header.
const MAX_DOC: usize = 64 << 20;
/// Bytes of a dictionary. Larger ones gain little on documents of a kilobyte.
const DICTIONARY: usize = 16 << 10;
/// Documents that it takes to train one, and the most that are looked at.
const SAMPLES: std::ops::RangeInclusive<usize> = 200..=600;
/// Edges of a page from which on it is worth a compressor of its own.
const WORTH: usize = 20;

/// A trained dictionary.
pub(crate) struct Dictionary {
    codec: i16,
    encoder: EncoderDictionary<'static>,
    decoder: DecoderDictionary<'static>,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dictionary").field("codec", &self.codec).finish_non_exhaustive()
    }
}

impl Dictionary {
    fn new(codec: i16, bytes: &[u8]) -> Arc<Self> {
        let (encoder, decoder) = (EncoderDictionary::copy(bytes, LEVEL), DecoderDictionary::copy(bytes));
        Arc::new(Self { codec, encoder, decoder })
    }
}

/// What is known of an org's dictionaries, by codec, and which one a relation is packed with.
#[derive(Debug, Default)]
pub(crate) struct Dictionaries {
    by_codec: std::collections::HashMap<(OrgId, i16), Arc<Dictionary>>,
    of_relation: std::collections::HashMap<(OrgId, RelCode), Arc<Dictionary>>,
}

/// Packs documents, one after the other with the same buffers.
pub(crate) struct Packer<'d> {
    codec: i16,
    compressor: zstd::bulk::Compressor<'d>,
}

impl<'d> Packer<'d> {
    /// Packs without a dictionary.
    pub fn plain() -> Result<Self> {
        let compressor = zstd::bulk::Compressor::new(LEVEL).map_err(failed)?;
        Ok(Self { codec: PLAIN, compressor })
    }

    pub fn with(dictionary: Option<&'d Dictionary>) -> Result<Self> {
        let Some(d) = dictionary else { return Self::plain() };
        let compressor = zstd::bulk::Compressor::with_prepared_dictionary(&d.encoder).map_err(failed)?;
        Ok(Self { codec: d.codec, compressor })
    }

    /// What the documents packed by this have as their codec.
    pub fn codec(&self) -> i64 {
        self.codec.into()
    }

    pub fn pack(&mut self, doc: &str) -> Result<Vec<u8>> {
        self.compressor.compress(doc.as_bytes()).map_err(failed)
    }
}

fn failed(error: std::io::Error) -> Error {
    Error::Other(format!("zstd: {error}"))
}

/// Unpacks a document.
fn unpack(dictionary: Option<&Dictionary>, bytes: &[u8]) -> Result<Value> {
    let damaged = |e: &dyn std::fmt::Display| Error::Other(format!("a packed document is damaged: {e}"));
    let size = zstd::zstd_safe::get_frame_content_size(bytes).ok().flatten().unwrap_or(0);
    let size = usize::try_from(size).unwrap_or(usize::MAX).min(MAX_DOC);
    let text = match dictionary {
        None => zstd::bulk::decompress(bytes, size),
        Some(d) => zstd::bulk::Decompressor::with_prepared_dictionary(&d.decoder)
            .and_then(|mut decompressor| decompressor.decompress(bytes, size)),
    };
    serde_json::from_slice(&text.map_err(|e| damaged(&e))?).map_err(|e| damaged(&e))
}

impl Store {
    /// Unpacks a document of an org.
    pub(crate) async fn unpack(&self, org: OrgId, codec: i16, bytes: &[u8]) -> Result<Value> {
        if codec == PLAIN {
            return unpack(None, bytes);
        }
        if let Some(known) = self.known(|d| d.by_codec.get(&(org, codec)).cloned()) {
            return unpack(Some(&known), bytes);
        }
        let row: Option<(Vec<u8>,)> = sql("SELECT bytes FROM dictionary WHERE org = $1 AND codec = $2")
            .int(org.0)
            .int(i64::from(codec))
            .optional(&self.reader)
            .await?;
        let Some((trained,)) = row else {
            let problem =
                format!("a document is packed with dictionary {codec}, which the database doesn't hold");
            return Err(Error::Other(problem));
        };
        let dictionary = Dictionary::new(codec, &trained);
        self.known(|d| d.by_codec.insert((org, codec), Arc::clone(&dictionary)));
        unpack(Some(&dictionary), bytes)
    }

    /// The dictionary for a relation's documents. Where there is none yet, it is trained on `docs` if they are enough.
    pub(crate) async fn dictionary(
        &self,
        tx: &mut Tx,
        org: OrgId,
        rel: RelCode,
        docs: &[&str],
    ) -> Result<Option<Arc<Dictionary>>> {
        if let Some(known) = self.known(|d| d.of_relation.get(&(org, rel)).cloned()) {
            return Ok(Some(known));
        }
        let row: Option<(i16, Vec<u8>)> = sql(
            "SELECT codec, bytes FROM dictionary WHERE org = $1 AND rel = $2 ORDER BY codec DESC LIMIT 1",
        )
        .int(org.0)
        .int(i64::from(rel.0))
        .optional(&mut *tx)
        .await?;
        if let Some((codec, bytes)) = row {
            let dictionary = Dictionary::new(codec, &bytes);
            self.known(|d| d.of_relation.insert((org, rel), Arc::clone(&dictionary)));
            return Ok(Some(dictionary));
        }
        if docs.len() < *SAMPLES.start() {
            return Ok(None);
        }
        let samples: Vec<&str> = docs.iter().take(*SAMPLES.end()).copied().collect();
        // Documents that have nothing in common can't train one: they are packed one by one.
        let Ok(bytes) = zstd::dict::from_samples(&samples, DICTIONARY) else { return Ok(None) };
        let (codec,): (i16,) = sql(
            "INSERT INTO dictionary(org, codec, rel, bytes) SELECT $1, coalesce(max(codec), 1) + 1, $2, $3 \
                 FROM dictionary WHERE org = $1 RETURNING codec",
        )
        .int(org.0)
        .int(i64::from(rel.0))
        .blob(&bytes)
        .one(tx)
        .await?;
        // Remembered only once it is read back: this transaction may yet fail.
        Ok(Some(Dictionary::new(codec, &bytes)))
    }

    /// Packs the documents of a page's edges before it waits to be stored: it takes a quarter of the memory then, and
    /// the writing transaction is spared the work. Those of relations whose dictionary isn't known yet stay as they are.
    ///
    /// # Errors
    /// Where zstd has no memory.
    pub fn pack_links(&self, org: OrgId, record: &mut PageRecord) -> Result<()> {
        let Some(rel) = record.links.first().map(|link| link.rel).filter(|_| record.links.len() >= WORTH)
        else {
            return Ok(());
        };
        let Some(dictionary) = self.known(|d| d.of_relation.get(&(org, rel)).cloned()) else { return Ok(()) };
        let mut packer = Packer::with(Some(&dictionary))?;
        for link in record.links.iter_mut().filter(|link| link.rel == rel) {
            if let Some(LinkDoc::Plain(doc)) = &link.doc {
                let bytes = packer.pack(doc.text())?.into_boxed_slice();
                link.doc = Some(LinkDoc::Packed { hash: *doc.hash(), codec: dictionary.codec, bytes });
            }
        }
        Ok(())
    }

    fn known<T>(&self, look: impl FnOnce(&mut Dictionaries) -> T) -> T {
        look(&mut self.dictionaries.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
