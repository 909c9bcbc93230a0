//! What an edge means.

use crate::Column;

/// The number a relation is stored under. Declared once, never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RelCode(pub i16);

/// The declaration of a relation between two kinds.
#[derive(Debug)]
pub struct Relation {
    /// The stored number; unique and stable.
    pub code: RelCode,
    /// The name people type: `group_member`.
    pub name: &'static str,
    /// One sentence, from source to destination: `the user is a member of the group`.
    pub what: &'static str,
    /// Kinds that can stand at the source, by name.
    pub from: &'static [&'static str],
    /// Kinds that can stand at the destination, by name.
    pub to: &'static [&'static str],
    /// What the small number on the edge means, for the reference; `None` where it is always 0.
    pub attr: Option<&'static str>,
    /// Whether listings of its own show the edges. Those of other relations are stated by the document at their source, and
    /// stand as long as it does, whatever becomes of the other end.
    pub listed: bool,
    /// Whether edges carry a document of their own (an app assignment does).
    pub has_doc: bool,
    /// Whether the relation has a SQL view of its own, `okta_` and its name, with `src_id` and `dst_id` columns
    /// named after the kinds at its ends.
    pub view: bool,
    /// Columns of that view read from the edge's document. Documents of edges are compressed, so only what is
    /// promoted into `attr` can be shown: these serve exports and the reference.
    pub columns: &'static [Column],
}

impl Relation {
    /// What most relations share; a declaration fills in the rest with `..Relation::USUAL`.
    pub const USUAL: Self = Self {
        code: RelCode(0),
        name: "",
        what: "",
        from: &[],
        to: &[],
        attr: None,
        listed: false,
        has_doc: false,
        view: false,
        columns: &[],
    };
}
