//! All kinds and relations of the build, found by code or name.

use thiserror::Error;

use crate::{Kind, KindCode, RelCode, Relation};

/// Every kind and relation the engine declares.
#[derive(Debug)]
pub struct Catalogue {
    /// All kinds, in the order of the reference.
    pub kinds: Vec<&'static Kind>,
    /// All relations, in the order of the reference.
    pub relations: Vec<&'static Relation>,
}

/// A mistake in the declarations; found by a test and at start-up.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum CatalogueError {
    /// Two declarations share a code or a name.
    #[error("{what} {value} is declared twice")]
    Twice {
        /// `kind code`, `kind name`, `relation code` or `relation name`.
        what: &'static str,
        /// The value declared twice.
        value: String,
    },
    /// A declaration names a kind that does not exist.
    #[error("{by} names the kind {kind}, which is not declared")]
    UnknownKind {
        /// The declaration.
        by: &'static str,
        /// The missing kind.
        kind: &'static str,
    },
}

impl Catalogue {
    /// Checks that codes and names are unique and that every kind named by another declaration exists.
    ///
    /// # Errors
    /// The first mistake found.
    pub fn new(kinds: Vec<&'static Kind>, relations: Vec<&'static Relation>) -> Result<Self, CatalogueError> {
        unique("kind code", kinds.iter().map(|k| k.code.0.to_string()))?;
        unique("kind name", kinds.iter().map(|k| k.name.to_string()))?;
        unique("relation code", relations.iter().map(|r| r.code.0.to_string()))?;
        unique("relation name", relations.iter().map(|r| r.name.to_string()))?;
        let known = |by: &'static str, names: &[&'static str]| match names
            .iter()
            .find(|name| !kinds.iter().any(|k| k.name == **name))
        {
            Some(kind) => Err(CatalogueError::UnknownKind { by, kind }),
            None => Ok(()),
        };
        for kind in &kinds {
            known(kind.name, kind.parents)?;
        }
        for relation in &relations {
            known(relation.name, relation.from)?;
            known(relation.name, relation.to)?;
        }
        Ok(Self { kinds, relations })
    }

    /// The kind stored under `code`.
    pub fn kind(&self, code: KindCode) -> Option<&'static Kind> {
        self.kinds.iter().find(|k| k.code == code).copied()
    }

    /// The kind called `name`.
    pub fn kind_named(&self, name: &str) -> Option<&'static Kind> {
        self.kinds.iter().find(|k| k.name == name).copied()
    }

    /// The relation stored under `code`.
    pub fn relation(&self, code: RelCode) -> Option<&'static Relation> {
        self.relations.iter().find(|r| r.code == code).copied()
    }

    /// The relation called `name`.
    pub fn relation_named(&self, name: &str) -> Option<&'static Relation> {
        self.relations.iter().find(|r| r.name == name).copied()
    }
}

fn unique(what: &'static str, values: impl Iterator<Item = String>) -> Result<(), CatalogueError> {
    let mut seen = std::collections::HashSet::new();
    for value in values {
        if !seen.insert(value.clone()) {
            return Err(CatalogueError::Twice { what, value });
        }
    }
    Ok(())
}
