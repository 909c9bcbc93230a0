//! A connected org.

use serde::{Deserialize, Serialize};

/// The number of an org in this database. Every primary key starts with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct OrgId(pub i64);

/// The state of a connection, in the words people read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Saved, never verified, or disconnected with its data kept.
    NotConnected,
    /// Verification is running.
    Verifying,
    /// Everything that the product reads can be read.
    Connected,
    /// Works; some data sets are out of reach and coverage says which.
    ConnectedLimited,
    /// The last verification or call failed; the reason is kept beside it.
    Failed,
    /// A person paused it.
    Paused,
}

impl ConnectionState {
    /// The words people read.
    pub fn label(self) -> &'static str {
        match self {
            Self::NotConnected => "Not connected",
            Self::Verifying => "Verifying",
            Self::Connected => "Connected",
            Self::ConnectedLimited => "Connected, limited",
            Self::Failed => "Failed",
            Self::Paused => "Paused",
        }
    }

    /// The word stored and exported.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotConnected => "not_connected",
            Self::Verifying => "verifying",
            Self::Connected => "connected",
            Self::ConnectedLimited => "connected_limited",
            Self::Failed => "failed",
            Self::Paused => "paused",
        }
    }

    /// The state stored as `text`; an unknown word reads as [`Self::NotConnected`].
    pub fn parse(text: &str) -> Self {
        [Self::Verifying, Self::Connected, Self::ConnectedLimited, Self::Failed, Self::Paused]
            .into_iter()
            .find(|s| s.as_str() == text)
            .unwrap_or(Self::NotConnected)
    }
}
