//! How much of a data set is known. Unknown is not pass, and empty is not zero.

use serde::{Deserialize, Serialize};

use crate::Millis;

/// The state of a data set's knowledge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoverageState {
    /// Listed to the end with a right that shows all of it.
    Complete,
    /// Known in part: the reason says which part is missing and why.
    Partial,
    /// Okta answered 200 with only what this credential's owner may see; derived from the owner's roles.
    PartialByRight,
    /// The credential lacks the permission named in the reason.
    NotPermitted,
    /// The org's licence does not include the feature.
    NotLicensed,
    /// Never read.
    NeverCollected,
}

impl CoverageState {
    /// The word people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::Complete => "Complete",
            Self::Partial => "Partial",
            Self::PartialByRight => "Partial by right",
            Self::NotPermitted => "Not permitted",
            Self::NotLicensed => "Not licensed",
            Self::NeverCollected => "Never collected",
        }
    }

    /// The word stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::Partial => "partial",
            Self::PartialByRight => "partial_by_right",
            Self::NotPermitted => "not_permitted",
            Self::NotLicensed => "not_licensed",
            Self::NeverCollected => "never_collected",
        }
    }

    /// The state stored as `text`; an unknown word reads as [`Self::NeverCollected`], the safe side.
    pub fn parse(text: &str) -> Self {
        [Self::Complete, Self::Partial, Self::PartialByRight, Self::NotPermitted, Self::NotLicensed]
            .into_iter()
            .find(|s| s.as_str() == text)
            .unwrap_or(Self::NeverCollected)
    }
}

/// How sure we are of the fact behind a statement, as in the project's fact sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Seen in a recorded real response.
    Recorded,
    /// Okta's documentation or specification says so.
    Documented,
    /// A working third-party collector relies on it.
    Practice,
    /// Inferred, not verified: shown as *assumed*.
    Assumed,
}

/// What is known of one data set of one org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The data set's name.
    pub dataset: String,
    /// The state.
    pub state: CoverageState,
    /// Why the state is not complete, and what to do: one or two sentences. Empty when complete.
    pub reason: String,
    /// Facts the state rests on that are inferred only, one sentence each.
    pub assumed: Vec<String>,
    /// Objects or edges held.
    pub objects: u64,
    /// When it was last read, in milliseconds since the Unix epoch.
    pub at: Option<Millis>,
    /// Set when the last sweep was refused because too much was missing; a second complete listing may go on.
    pub sweep_refused: bool,
}
