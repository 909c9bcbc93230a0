//! The org as it is before anything changes, computed on demand from the seed: nothing here grows with the number of
//! users, so that an org of a million starts at once.

pub mod agents;
pub mod api_access;
pub mod apps;
pub mod brands;
pub mod catalogue;
pub mod clients;
pub mod device_assurances;
pub mod devices;
pub mod document;
pub mod factors;
pub mod features;
pub mod groups;
pub mod hooks;
pub mod iam;
pub mod ids;
pub mod integrations;
pub mod layout;
pub mod linked_objects;
pub mod names;
pub mod owners;
pub mod people;
pub mod permutation;
pub mod policies;
pub mod provisioning;
pub mod realms;
pub mod rules;
pub mod servers;
pub mod settings;
pub mod tokens;
pub mod trust;
pub mod user_types;
pub mod zones;

use crate::config::Config;
use ids::{IdKind, Ids};
use layout::Layout;
use people::{CAST, People};

/// What never changes: the arithmetic of the beginning.
#[derive(Debug)]
pub struct Base {
    /// What was asked for.
    pub config: Config,
    /// Where the made-up past ends.
    pub as_of: i64,
    /// Ids.
    pub ids: Ids,
    /// The people.
    pub people: People,
    /// Who is in which group and has which app.
    pub layout: Layout,
    /// The number of the Active Directory app.
    pub directory: u32,
    /// The org's id.
    pub org_id: String,
}

impl Base {
    /// The beginning of `config`'s org with the past ending at `as_of`.
    pub fn new(config: Config, as_of: i64) -> Self {
        let ids = Ids::new(config.seed);
        let people = People::new(&config, as_of);
        let cast = CAST.len() as u32;
        let layout = Layout::new(&config, cast, people.live() - cast);
        let (directory, org_id) = (apps::directory(&config), ids.encode(IdKind::Org, 0));
        Self { config, as_of, ids, people, layout, directory, org_id }
    }
}
